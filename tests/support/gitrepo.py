"""Builds git repositories with `git fast-import`: any shape of history in a few milliseconds.

    history = History()
    first = history.commit({b"out/a.csv": b"n\\n3\\n"})
    history.commit({b"out/a.csv": None}, ref=b"refs/heads/side", parents=[first])
    history.tag("v1", first, "first release")
    repository = history.build(tmp_path / "r.git")

Marks are the numbers that `commit` and `blob` return. Where a target is wanted (`tag`, `ref`) a
mark will do, or an expression in which `{1}` stands for the id of mark 1: `"{1}^{tree}"` is the
tree of that commit, `"{1}:out/a.csv"` its blob.
"""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


START = 1_600_000_000
"""2020-09-13T12:26:40Z, the time of the first commit; each next one is a minute later."""

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_AUTHOR_DATE": f"{START} +0000",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_COMMITTER_DATE": f"{START} +0000",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "TZ": "UTC",
}
FAST = ("-c", "core.fsync=none", "-c", "gc.auto=0", "-c", "protocol.file.allow=always")


@dataclass(frozen=True)
class Symlink:
    """A symbolic link to `target`."""

    target: bytes


@dataclass(frozen=True)
class Gitlink:
    """A submodule at a commit, which is in no repository."""

    commit: str = "1" * 40


@dataclass(frozen=True)
class Executable:
    """A file with the executable bit."""

    content: bytes = field(repr=False)


@dataclass(frozen=True)
class Move:
    """The path it stands at is renamed to `to`."""

    to: bytes


Change = bytes | Symlink | Gitlink | Executable | Move | None
"""What happens to a path in a commit; None deletes it (a directory with all in it)."""

Target = int | str


def git(
    path: Path, *args: str | bytes, stdin: bytes | None = None, env: Mapping[str, str] | None = None
) -> bytes:
    """Run git in a repository (a work tree or a bare one) and give its output."""
    answer = subprocess.run(
        ["git", *FAST, "-C", path, *args],
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        check=False,
        env={**ENVIRONMENT, **(env or {})},
    )
    if answer.returncode:
        raise AssertionError(f"git {args!r} failed: {answer.stderr.decode(errors='replace')}")
    return answer.stdout


def oid(path: Path, revision: str = "HEAD") -> str:
    """Give the full id of what a revision expression names."""
    return git(path, "rev-parse", "--verify", "--end-of-options", revision).decode().strip()


def head_commit(path: Path) -> str:
    """Give the id of the commit HEAD stands at."""
    return oid(path, "HEAD^{commit}")


def blob_oid(path: Path, content: bytes) -> str:
    """Give the id a content has in this repository, without writing it."""
    return git(path, "hash-object", "--stdin", stdin=content).decode().strip()


def write_blob(path: Path, content: bytes) -> str:
    """Write a loose blob that nothing refers to, and give its id."""
    return git(path, "hash-object", "-w", "--stdin", stdin=content).decode().strip()


def refs(path: Path) -> dict[bytes, str]:
    """Give every ref and the id it holds."""
    lines = git(path, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    return {name: value.decode() for value, name in (line.split(b" ", 1) for line in lines)}


def loose_object(path: Path, object_id: str) -> Path:
    """Give where a loose object lies; the bare repository's own directory is `path`."""
    base = path / ".git" if (path / ".git").is_dir() else path
    return base / "objects" / object_id[:2] / object_id[2:]


class History:
    """Collects commits, tags and refs, and builds repositories out of them."""

    def __init__(self) -> None:
        self._stream: list[bytes] = []
        self._marks = 0
        self._tips: dict[bytes, int] = {}
        self._refs: list[tuple[bytes, Target]] = []
        self._tags: list[tuple[str, Target, str]] = []
        self._deleted: list[bytes] = []
        self._reflogs: list[tuple[bytes, Sequence[Target]]] = []

    def blob(self, content: bytes) -> int:
        """Add a blob that no tree holds."""
        mark = self._next_mark()
        self._stream += [b"blob\nmark :%d\n" % mark, _data(content)]
        return mark

    def commit(
        self,
        changes: Mapping[bytes, Change] | None = None,
        *,
        ref: bytes = b"refs/heads/main",
        message: str | bytes = "Add outputs",
        author: str | bytes = "Ada <ada@example.org>",
        committer: str | bytes | None = None,
        when: int | None = None,
        parents: Sequence[Target] | None = None,
        merge: Sequence[Target] = (),
    ) -> int:
        """Add a commit.

        Args:
            changes: What happens to which path, against the first parent.
            ref: The branch it goes on.
            message: Of the commit.
            author: `Name <address>`.
            committer: The same; by default the author.
            when: Seconds since 1970, for both.
            parents: By default the ref's tip so far. The first is what `changes` start from; an
                empty list makes a root commit.
            merge: Parents added to the ones above.
        """
        mark = self._next_mark()
        if parents is None:
            parents = [self._tips[ref]] if ref in self._tips else []
        elif not parents and ref in self._tips:
            self._stream.append(b"reset %s\n\n" % ref)
        seconds = START + 60 * mark if when is None else when
        written, signed = _bytes(author), _bytes(committer or author)
        self._stream += [
            b"commit %s\nmark :%d\n" % (ref, mark),
            b"author %s %d +0000\ncommitter %s %d +0000\n" % (written, seconds, signed, seconds),
            _data(_bytes(message)),
        ]
        for number, parent in enumerate([*parents, *merge]):
            name = b":%d" % parent if isinstance(parent, int) else parent.encode()
            self._stream.append((b"merge %s\n" if number else b"from %s\n") % name)
        self._stream += [_change(path, change) for path, change in (changes or {}).items()]
        self._stream.append(b"\n")
        self._tips[ref] = mark
        return mark

    def note(self, mark: int, text: bytes, *, ref: bytes = b"refs/notes/commits") -> int:
        """Add a note to a commit."""
        before = self._tips.get(ref)
        note = self.commit({}, ref=ref, message="Notes", parents=None if before else [])
        self._stream[-1] = b"N inline :%d\n%s\n" % (mark, _data(text))
        return note

    def stash(
        self,
        changes: Mapping[bytes, Change],
        *,
        base: int,
        untracked: Mapping[bytes, Change] | None = None,
    ) -> int:
        """Add a stash on a commit, the way `git stash -u` does: index, untracked, work tree."""
        index = self.commit(
            {}, ref=b"refs/breachkit/stash", parents=[base], message="index on main"
        )
        parents = [base, index]
        if untracked is not None:
            self.commit(untracked, ref=b"refs/breachkit/untracked", parents=[], message="untracked")
            parents.append(self._tips[b"refs/breachkit/untracked"])
            self.forget(b"refs/breachkit/untracked")
        self.forget(b"refs/breachkit/stash")
        return self.commit(changes, ref=b"refs/stash", parents=parents, message="WIP on main")

    def tag(self, name: str, target: Target, message: str = "a tag") -> None:
        """Add an annotated tag of anything: a commit, a tree, a blob or (`refs/tags/x`) a tag."""
        self._tags.append((name, target, message))

    def ref(self, name: bytes, target: Target) -> None:
        """Point a ref of any name at anything."""
        self._refs.append((name, target))

    def forget(self, name: bytes) -> None:
        """Delete a ref at the end, so that what only it reached becomes unreachable."""
        if name not in self._deleted:
            self._deleted.append(name)

    def reflog(self, name: bytes, targets: Sequence[Target]) -> None:
        """Move a ref over these targets with a reflog; it stays at the last."""
        self._reflogs.append((name, targets))

    def build(
        self,
        path: Path,
        *,
        bare: bool = True,
        object_format: str = "sha1",
        head: bytes = b"refs/heads/main",
        packed: bool = False,
    ) -> Path:
        """Write the repository and give its path back.

        Args:
            path: Where to; made if it is not there.
            bare: Without a work tree; otherwise HEAD's files are checked out.
            object_format: `sha1` or `sha256`.
            head: The branch HEAD is on.
            packed: Pack all objects and refs at the end.
        """
        path.mkdir(parents=True, exist_ok=True)
        kind = ["--bare"] if bare else []
        git(path, "init", "-q", "--template=", f"--object-format={object_format}", *kind, ".")
        git(path, "symbolic-ref", "HEAD", os.fsdecode(head))
        marks = path.resolve() / "marks.tmp"
        stream = b"".join(self._stream) + b"done\n"
        git(
            path,
            "fast-import",
            "--quiet",
            "--force",
            "--done",
            f"--export-marks={marks}",
            stdin=stream,
        )
        ids = dict(line[1:].split() for line in marks.read_text().splitlines())
        marks.unlink()
        self._write_refs(path, ids)
        if packed:
            git(path, "repack", "-q", "-a", "-d", "-k")
            git(path, "pack-refs", "--all")
        if not bare and (head in self._tips or head in dict(self._refs)):
            git(path, "reset", "-q", "--hard")
        return path

    def _write_refs(self, path: Path, ids: Mapping[str, str]) -> None:
        for name, target, message in self._tags:
            object_id = _resolve(path, target, ids)
            kind = git(path, "cat-file", "-t", object_id).decode().strip()
            text = f"object {object_id}\ntype {kind}\ntag {name}\ntagger Ada <ada@example.org> {START} +0000\n\n{message}\n"
            made = git(
                path,
                "hash-object",
                "-w",
                "-t",
                "tag",
                "--stdin",
                "--literally",
                stdin=text.encode(),
            )
            git(path, "update-ref", f"refs/tags/{name}", made.decode().strip())
        for ref, target in self._refs:
            git(path, "update-ref", ref, _resolve(path, target, ids))
        for ref, targets in self._reflogs:
            for target in targets:
                git(
                    path,
                    "update-ref",
                    "--create-reflog",
                    "-m",
                    "moved",
                    ref,
                    _resolve(path, target, ids),
                )
        for ref in self._deleted:
            git(path, "update-ref", "-d", ref)

    def _next_mark(self) -> int:
        self._marks += 1
        return self._marks


def quote(path: bytes) -> bytes:
    """Quote a path as fast-import wants it."""
    escaped = path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"'


def _change(path: bytes, change: Change) -> bytes:
    name = quote(path)
    match change:
        case None:
            return b"D %s\n" % name
        case bytes():
            return b"M 100644 inline %s\n%s" % (name, _data(change))
        case Executable(content=content):
            return b"M 100755 inline %s\n%s" % (name, _data(content))
        case Symlink(target=target):
            return b"M 120000 inline %s\n%s" % (name, _data(target))
        case Gitlink(commit=commit):
            return b"M 160000 %s %s\n" % (commit.encode(), name)
        case Move(to=to):
            return b"R %s %s\n" % (name, quote(to))


def _resolve(path: Path, target: Target, ids: Mapping[str, str]) -> str:
    expression = f"{{{target}}}" if isinstance(target, int) else target
    return oid(path, re.sub(r"\{(\d+)\}", lambda found: ids[found[1]], expression))


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text
