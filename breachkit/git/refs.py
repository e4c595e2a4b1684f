"""Lists every ref and what it leads to; damaged refs are listed too."""

import contextlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Literal, Self

from breachkit.git.process import PIPE_BYTES, run_git
from breachkit.git.questions import About, Questions, asking
from breachkit.git.repository import Repository
from breachkit.model.ids import ObjectId, RefName
from breachkit.model.records import dataclass


ObjectType = Literal["commit", "tree", "blob", "tag"]

_TYPES: dict[bytes, ObjectType] = {
    b"commit": "commit",
    b"tree": "tree",
    b"blob": "blob",
    b"tag": "tag",
}

_NAMESPACES = {
    b"heads": "heads",
    b"tags": "tags",
    b"remotes": "remotes",
    b"notes": "notes",
    b"stash": "stash",
    b"pull": "pull",
    b"pull-requests": "pull-requests",
    b"merge-requests": "merge-requests",
    b"changes": "changes",
    b"replace": "replace",
    b"bisect": "bisect",
    b"original": "original",
}

PULL_NAMESPACES = frozenset({"pull", "pull-requests", "merge-requests", "changes"})
"""What GitHub, Bitbucket, GitLab and Gerrit call the refs of proposed changes."""

_TAG_TARGET = re.compile(rb"object ([0-9a-f]{40,64})\ntype (commit|tree|blob|tag)\n")
_HEAD = 200
"""Bytes of a tag in which that is."""
_DEEPEST_TAG = 100
"""Of tags about tags: with more, what the last of them leads to counts as lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ref:
    """A ref, or a HEAD that stands on no branch, and what it leads to."""

    name: RefName
    """`HEAD` and `worktrees/x/HEAD` stand for detached HEADs."""
    target: ObjectId | None
    """What it holds; None where the ref itself is damaged."""
    target_type: ObjectType | None
    """None where that object is missing or damaged."""
    peeled: ObjectId | None
    """The object behind all annotated tags; the same as `target` where that is no tag."""
    peeled_type: ObjectType | None
    tags: tuple[ObjectId, ...] = ()
    """Every annotated tag on the way, the outermost first."""
    lost: tuple[ObjectId, ObjectType] | None = None
    """The object at which the way ends because it is missing or damaged, and its type by what
    names it: an annotated tag says so, and outside `refs/tags/` refs are taken to hold commits."""

    @property
    def is_damaged(self) -> bool:
        """Whether what it should lead to cannot be reached."""
        return self.peeled_type is None

    @property
    def namespace(self) -> str:
        """What kind of ref it is; see `namespace`."""
        return namespace(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where HEAD stands."""

    branch: RefName | None
    """The branch it is on, which may not exist yet; None where it is detached."""
    commit: ObjectId | None
    """None where nothing has been committed on the branch, or HEAD is damaged."""


def namespace(name: bytes) -> str:
    """Say what kind of ref a name is: `heads`, `tags`, `pull`, ...; `detached` or `other`."""
    parts = name.split(b"/")
    if parts[-1] == b"HEAD" and parts[0] in {b"HEAD", b"worktrees", b"main-worktree"}:
        return "detached"
    if len(parts) < 2 or parts[0] != b"refs":
        return "other"
    return _NAMESPACES.get(parts[1], "other")


def list_refs(repository: Repository) -> tuple[Ref, ...]:
    """List every ref and every detached HEAD of the repository's work trees, sorted by name.

    A ref that is damaged, or leads to an object that is missing, is listed as such. A symbolic ref
    to a branch that does not exist leads nowhere and is left out.

    Raises:
        GitCommandError: the refs as a whole cannot be read.
    """
    held = _held(repository)
    shared, private = _names_left_out(repository.git_dir, {name for name, _ in held})
    found = _resolve(repository, private)
    held |= {(name, target) for name, target in found.items() if target}
    damaged = [*shared, *(name for name, target in found.items() if target is None)]
    with _Patient(repository.git_dir) as ask:
        chains = _Chains(ask, (target for _, target in held))
    refs = [chains.ref(name, target.decode()) for name, target in held]
    refs += [_damaged(name) for name in damaged]
    return tuple(sorted(refs, key=lambda ref: (ref.name, ref.target or "")))


def _held(repository: Repository) -> set[tuple[bytes, bytes]]:
    """Pair names and ids; a `packed-refs` out of order makes git give a name more than once."""
    args = ["for-each-ref", "--format=%(objectname) %(refname)"]
    lines = run_git(args, git_dir=repository.git_dir).stdout.splitlines()
    pairs = (line.partition(b" ") for line in lines)
    return {(name, target) for target, _, name in pairs}


def read_head(repository: Repository) -> Head:
    """Say where HEAD (of the work tree that was opened) stands."""
    answer = run_git(
        ["symbolic-ref", "-q", repository.head], git_dir=repository.git_dir, check=False
    )
    name = answer.stdout.rstrip(b"\n")
    commit = _resolve(repository, [repository.head + b"^{commit}"]).popitem()[1]
    return Head(
        branch=RefName(name) if name and not answer.code else None,
        commit=ObjectId(commit.decode()) if commit else None,
    )


def _damaged(name: bytes) -> Ref:
    return Ref(name=RefName(name), target=None, target_type=None, peeled=None, peeled_type=None)


def _names_left_out(git_dir: Path, listed: Collection[bytes]) -> tuple[list[bytes], list[bytes]]:
    """Find the refs that git left out of its listing.

    Returns:
        Files among the shared refs, which are damaged; and names that belong to one work tree.
    """
    shared = [name for name in _ref_files(git_dir, "refs") if name not in listed]
    private = [b"HEAD"]
    for tree in _subdirectories(git_dir / "worktrees"):
        private += [b"worktrees/%s/HEAD" % os.fsencode(tree)]
        private += _ref_files(git_dir, f"worktrees/{tree}/refs")
    return (
        [name for name in shared if not _is_symbolic(git_dir, name)],
        [name for name in private if not _is_symbolic(git_dir, name)],
    )


def _ref_files(git_dir: Path, directory: str) -> list[bytes]:
    """Name the files that git would take for refs: neither hidden nor locks."""
    return [
        os.fsencode(os.path.relpath(Path(parent, name), git_dir))
        for parent, _, names in os.walk(git_dir / directory)
        for name in names
        if not name.startswith(".") and not name.endswith(".lock")
    ]


def _is_symbolic(git_dir: Path, name: bytes) -> bool:
    try:
        with (git_dir / os.fsdecode(name)).open("rb") as opened:
            return opened.read(4) == b"ref:"
    except OSError:
        return False


def _subdirectories(directory: Path) -> list[str]:
    if not directory.is_dir():
        return []
    return sorted(child.name for child in directory.iterdir() if child.is_dir())


def _resolve(repository: Repository, names: Sequence[bytes]) -> dict[bytes, bytes | None]:
    """Give the id each name stands for; None where it stands for none."""
    if not names:
        return {}
    asked = [name for name in names if b"\n" not in name]
    lines = _batch_check(repository, asked, "%(objectname)")
    found = (
        line if re.fullmatch(rb"[0-9a-f]{40}([0-9a-f]{24})?", line) else None for line in lines
    )
    return dict.fromkeys(names) | dict(zip(asked, found, strict=True))


def _batch_check(repository: Repository, names: Iterable[bytes], form: str) -> list[bytes]:
    """Ask git about each name; an object that is damaged ends git, and has an empty answer."""
    asked = list(names)
    lines: list[bytes] = []
    buffer = ["--buffer"]
    while len(lines) < len(asked):
        feed = b"".join(name + b"\n" for name in asked[len(lines) :])
        args = ["cat-file", f"--batch-check={form}", *buffer]
        answer = run_git(args, git_dir=repository.git_dir, stdin=feed, check=False)
        if answer.code and buffer:  # what came before the damage may have been in the buffer
            buffer = []
            continue
        lines += answer.stdout.split(b"\n")[:-1]  # a name may hold every other line end
        if answer.code:
            lines.append(b"")
    return lines[: len(asked)]


class _Patient:
    """Asks one git process about many objects, and another only where a damaged one ended it."""

    def __init__(self, git_dir: Path) -> None:
        self._git_dir = git_dir
        self._stack = contextlib.ExitStack()
        self._open: Questions | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def _end(self) -> None:
        self._open = None
        self._stack.close()

    def __call__(
        self, about: About, ids: Sequence[str], read: Callable[[BinaryIO], bytes | None]
    ) -> Iterator[tuple[str, bytes | None]]:
        """Give each id with what `read` makes of its answer: None where git came to its end."""
        done = 0
        while done < len(ids):
            self._open = self._open or self._stack.enter_context(asking(self._git_dir, check=False))
            for one in self._open.put(about, ids[done:]):
                answer = read(self._open.answers)
                done += 1
                yield one, answer
                if answer is None:
                    self._end()
                    break


def _line(answers: BinaryIO) -> bytes | None:
    return answers.readline() or None


def _head(answers: BinaryIO) -> bytes | None:
    """Read the beginning of what an object says, and pass over the rest; empty where it is missing."""
    header = answers.readline()
    if not header.endswith(b"\n"):
        return None
    if header.endswith(b" missing\n"):
        return b""
    left = int(header.split()[2]) + 1
    head = answers.read(min(left, _HEAD))
    left -= len(head)
    while left and (passed := answers.read(min(left, PIPE_BYTES))):
        left -= len(passed)
    return None if left else head


class _Chains:
    """Follows annotated tags, all at once, one level of tags at a time."""

    def __init__(self, ask: _Patient, targets: Iterable[bytes]) -> None:
        self._ask = ask
        self._types: dict[str, ObjectType | None] = {}
        self._next: dict[str, str] = {}
        self._said: dict[str, ObjectType] = {}
        waiting = {target.decode() for target in targets}
        for _ in range(_DEEPEST_TAG):
            if not waiting:
                return
            self._learn_types(waiting)
            tags = sorted(oid for oid in waiting if self._types[oid] == "tag")
            self._read_tags(tags)
            waiting = {self._next[tag] for tag in tags if tag in self._next} - self._types.keys()

    def ref(self, name: bytes, target: str) -> Ref:
        """Describe a ref that holds `target`."""
        tags: list[ObjectId] = []
        end: str | None = target
        while end is not None and self._types[end] == "tag":
            tags.append(ObjectId(end))
            end = self._next.get(end) if len(tags) < _DEEPEST_TAG else None
        peeled_type = None if end is None else self._types[end]
        return Ref(
            name=RefName(name),
            target=ObjectId(target),
            target_type=self._types[target],
            peeled=None if end is None else ObjectId(end),
            peeled_type=peeled_type,
            tags=tuple(tags),
            lost=None if peeled_type else self._lost(name, target, tags, end),
        )

    def _lost(
        self, name: bytes, target: str, tags: Sequence[ObjectId], end: str | None
    ) -> tuple[ObjectId, ObjectType]:
        if end is None:  # the last tag itself cannot be read
            return tags[-1], "tag"
        if tags:
            return ObjectId(end), self._said[tags[-1]]
        return ObjectId(target), "tag" if name.startswith(b"refs/tags/") else "commit"

    def _learn_types(self, oids: Iterable[str]) -> None:
        for oid, line in self._ask("info", sorted(oids), _line):
            kind = line.split()[1] if line else b""
            self._types[oid] = _TYPES.get(kind)

    def _read_tags(self, tags: Sequence[str]) -> None:
        for tag, head in self._ask("contents", tags, _head):
            if found := _TAG_TARGET.match(head or b""):
                self._next[tag] = found[1].decode()
                self._said[tag] = _TYPES[found[2]]
