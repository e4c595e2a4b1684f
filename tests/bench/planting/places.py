"""Where in a history a file hides, written on top of a real repository in one fast-import stream."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


PLACES = (
    "HEAD",
    "deleted",
    "reverted",
    "renamed",
    "side branch",
    "merge only",
    "tag",
    "pull request",
    "note",
    "stash",
    "unreachable",
)
_START = 1_620_000_000
"""3 May 2021: small counts were those up to five then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A file to hide."""

    path: str
    content: bytes = field(repr=False)
    place: str
    later: bytes | None = field(default=None, repr=False)
    """What the same path holds in a commit after it."""


class Planter:
    """Writes planted files into a bare repository."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._stream: list[bytes] = []
        self._mark = 0
        self._head = _git(repository, "rev-parse", "--verify", "HEAD").decode().strip()
        self._branch = _git(repository, "symbolic-ref", "HEAD").decode().strip()
        self._tip = self._head

    def plant(self, files: Sequence[Planted]) -> None:
        """Hide every file where it is to be hidden, and let HEAD follow."""
        ways: Mapping[str, Callable[[Sequence[Planted]], None]] = {
            "HEAD": self._at_head,
            "deleted": self._deleted,
            "reverted": self._reverted,
            "renamed": self._renamed,
            "side branch": lambda found: self._aside("refs/heads/planted-side", found),
            "merge only": self._merged,
            "tag": self._tagged,
            "pull request": lambda found: self._aside("refs/pull/90001/head", found),
            "note": lambda found: self._aside("refs/notes/planted", found),
            "stash": lambda found: self._aside("refs/stash", found),
            "unreachable": self._unreachable,
        }
        for place, hide in ways.items():
            found = [file for file in files if file.place == place]
            if found:
                hide(found)
        self._run()
        _git(self._repository, "update-ref", self._branch, self._id(self._tip))

    def _at_head(self, files: Sequence[Planted]) -> None:
        self._tip = self._versions(files, self._tip)

    def _deleted(self, files: Sequence[Planted]) -> None:
        self._tip = self._versions(files, self._tip)
        self._tip = self._commit(self._tip, {file.path: None for file in files}, "tidy up")

    def _reverted(self, files: Sequence[Planted]) -> None:
        before = {file.path: b"nothing yet %d\n" % n for n, file in enumerate(files)}
        self._tip = self._commit(self._tip, before, "prepare")
        self._tip = self._versions(files, self._tip)
        self._tip = self._commit(self._tip, before, 'Revert "add results"')

    def _renamed(self, files: Sequence[Planted]) -> None:
        self._tip = self._versions(files, self._tip)
        moved: dict[str, bytes | None] = {file.path: None for file in files}
        moved |= {f"released_outputs/moved/{Path(f.path).name}": f.content for f in files}
        self._tip = self._commit(self._tip, moved, "move results")

    def _aside(self, ref: str, files: Sequence[Planted]) -> None:
        commit = self._versions(files, self._head)
        self._stream.append(f"reset {ref}\nfrom {commit}\n\n".encode())

    def _merged(self, files: Sequence[Planted]) -> None:
        side = self._commit(self._head, {"notes-of-a-side.txt": b"a side\n"}, "side")
        merged = {file.path: file.content for file in files}
        self._tip = self._commit(self._tip, merged, "merge side", second=side)
        if any(file.later is not None for file in files):
            later = {file.path: file.later for file in files if file.later is not None}
            self._tip = self._commit(self._tip, later, "redact")

    def _tagged(self, files: Sequence[Planted]) -> None:
        commit = self._versions(files, self._head)
        self._stream.append(
            f"tag planted\nfrom {commit}\ntagger A <a@example.org> {_START} +0000\ndata 3\ntag\n".encode()
        )

    def _unreachable(self, files: Sequence[Planted]) -> None:
        commit = self._versions(files, self._head)
        self._stream.append(f"reset refs/heads/planted-lost\nfrom {commit}\n\n".encode())

    def _versions(self, files: Sequence[Planted], parent: str) -> str:
        commit = self._commit(parent, {file.path: file.content for file in files}, "add results")
        later = {file.path: file.later for file in files if file.later is not None}
        return self._commit(commit, later, "redact small numbers") if later else commit

    def _commit(
        self, parent: str, changes: Mapping[str, bytes | None], subject: str, *, second: str = ""
    ) -> str:
        self._mark += 1
        when = _START + 3_600 * self._mark
        lines = [
            "commit refs/heads/planted-scaffold",
            f"mark :{self._mark}",
            f"committer A <a@example.org> {when} +0000",
            f"data {len(subject)}",
            subject,
            f"from {parent}",
        ]
        lines += [f"merge {second}"] if second else []
        self._stream.append("\n".join([*lines, ""]).encode())
        for path, content in changes.items():
            if content is None:
                self._stream.append(f"D {path}\n".encode())
            else:
                self._stream.append(f"M 100644 inline {path}\ndata {len(content)}\n".encode())
                self._stream.append(content + b"\n")
        self._stream.append(b"\n")
        return f":{self._mark}"

    def _run(self) -> None:
        marks = self._repository / "planted-marks"
        command = ["fast-import", "--quiet", "--force", f"--export-marks={marks}"]
        _git(self._repository, *command, stdin=b"".join(self._stream))
        self._ids = dict(line.split() for line in marks.read_text("ascii").splitlines())
        for ref in ("refs/heads/planted-scaffold", "refs/heads/planted-lost"):
            _git(self._repository, "update-ref", "-d", ref)

    def _id(self, commit: str) -> str:
        return self._ids.get(commit, commit)


def _git(repository: Path, *args: str, stdin: bytes | None = None) -> bytes:
    command = ["git", "--git-dir", str(repository), *args]
    done = subprocess.run(command, input=stdin, capture_output=True, check=True)
    return done.stdout


def borrowed_clone(source: Path, target: Path) -> Path:
    """Make a bare repository that borrows every object and ref of another, which is left alone."""
    target.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "--bare", str(target)], check=True)
    objects = _git(source, "rev-parse", "--path-format=absolute", "--git-path", "objects")
    (target / "objects" / "info" / "alternates").write_bytes(objects)
    refs = _git(source, "for-each-ref", "--format=create %(refname) %(objectname)")
    _git(target, "update-ref", "--stdin", stdin=refs)
    head = _git(source, "symbolic-ref", "HEAD").decode().strip()
    _git(target, "symbolic-ref", "HEAD", head)
    return target
