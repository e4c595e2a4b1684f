"""What a guard looks at in a repository: what is staged, what commits bring, what can be reached."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from breachkit.git.nul import split_at_nul
from breachkit.git.objects import ObjectEntry
from breachkit.git.process import run_git, stream_git
from breachkit.git.refs import ObjectType
from breachkit.git.repository import Repository
from breachkit.git.treemaker import EMPTY_TREE
from breachkit.model.errors import UsageError
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.records import dataclass


_LINK = b"160000"

_TYPES: dict[str, ObjectType] = {"blob": "blob", "commit": "commit", "tag": "tag"}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewObjects:
    """What is about to come in."""

    entries: tuple[ObjectEntry, ...]
    """Files, and commits and tags for their messages."""
    paths: dict[ObjectId, frozenset[GitPath]]
    """Where the files are to stand."""
    every: frozenset[ObjectId]
    """All that would be there then, whether it is new or not."""
    absent: int = 0
    """Objects that are not in this copy, so that nobody can look at them here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Commits: what the new end reaches and the old one does not."""

    old: ObjectId | None
    """None where it is not known here: then what remote-tracking refs reach is left out."""
    new: ObjectId
    whole: bool = False
    """All that the new end reaches is looked at."""

    @property
    def without(self) -> tuple[str, ...]:
        """What is left out, in the words of `git rev-list`."""
        if self.whole:
            return ()
        return (f"^{self.old}",) if self.old else ("--not", "--remotes")


def staged(repository: Repository, index: Path | None = None) -> NewObjects:
    """Give the files that the next commit changes, and all that it will hold.

    Args:
        repository: Where.
        index: The index of the commit, as git tells its hooks; by default the work tree's own.
    """
    file = index or (repository.source or repository.git_dir) / "index"
    env = {"GIT_INDEX_FILE": str(file)}
    base = _resolve(repository, repository.head.decode()) or EMPTY_TREE
    args = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-ext-diff", base]
    fields = run_git(args, git_dir=repository.git_dir, extra_env=env).stdout.split(b"\0")
    paths: dict[ObjectId, set[GitPath]] = {}
    for line, path in zip(fields[::2], fields[1::2], strict=False):
        _, mode, _, new, _ = line.split(b" ")
        if mode != _LINK and new.strip(b"0"):
            paths.setdefault(ObjectId(new.decode()), set()).add(GitPath(path))
    listed = run_git(["ls-files", "--stage", "-z"], git_dir=repository.git_dir, extra_env=env)
    every = (line.split(b" ", 2)[1] for line in listed.stdout.split(b"\0") if line)
    return _gathered(repository, paths, frozenset(ObjectId(one.decode()) for one in every))


def brought(repository: Repository, ranges: Sequence[Range]) -> NewObjects:
    """Give what the commits of some ranges bring, and all that their new ends reach."""
    paths: dict[ObjectId, set[GitPath]] = {}
    for each in ranges:
        for one, path in _walk(repository, [each.new, *each.without]):
            paths.setdefault(one, set()).update([path] if path else [])
        for one, path in _placed(repository, [each.new, *each.without]):
            if one in paths:
                paths[one].add(path)
    every = frozenset(one for one, _ in _walk(repository, [each.new for each in ranges]))
    return _gathered(repository, paths, every)


def parse_range(repository: Repository, text: str) -> Range:
    """Read `OLD..NEW`, or `NEW` for its whole history.

    OLD may be all zeros or unknown here, as hooks are told it.

    Raises:
        UsageError: the new end is nothing in this repository.
    """
    before, dots, after = text.rpartition("..")
    new = _resolve(repository, after)
    if new is None:
        raise UsageError(
            f"{display(text)} does not end in anything this repository has: give OLD..NEW"
        )
    old = _resolve(repository, before) if dots and before.strip("0") else None
    return Range(old=old, new=new, whole=not dots)


def _resolve(repository: Repository, name: str) -> ObjectId | None:
    args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{object}"]
    answer = run_git(args, git_dir=repository.git_dir, check=False)
    return ObjectId(answer.stdout.decode().strip()) if answer.code == 0 else None


def _walk(repository: Repository, tips: Sequence[str]) -> Iterator[tuple[ObjectId, GitPath]]:
    """Give every object that can be reached, and a path of it; the path is empty for a commit."""
    args = ["rev-list", "--objects", "--missing=print", *tips]
    with stream_git(args, git_dir=repository.git_dir) as stream:
        for line in stream.stdout:
            one, _, path = line.rstrip(b"\n").partition(b" ")
            yield ObjectId(one.removeprefix(b"?").decode()), GitPath(path)


def _placed(repository: Repository, tips: Sequence[str]) -> Iterator[tuple[ObjectId, GitPath]]:
    """Give each path at which a commit puts a file: of those of one content `_walk` tells one alone.

    What commits do not tell, as where a tag is of a file or folders are missing, is left to `_walk`.
    """
    args = ["log", "--format=", "--raw", "-r", "-z", "-m", "--root", "--no-abbrev", "--no-renames"]
    args += ["--no-ext-diff", *tips, "--"]
    with stream_git(args, git_dir=repository.git_dir, check=False) as stream:
        words = split_at_nul(stream.stdout.read)
        for word in words:
            about = word.lstrip(b"\n").split(b" ")
            if about[0].startswith(b":"):
                yield ObjectId(about[3].decode()), GitPath(next(words, b""))


def _gathered(
    repository: Repository, paths: dict[ObjectId, set[GitPath]], every: frozenset[ObjectId]
) -> NewObjects:
    entries, absent = [], 0
    for one, kind, size in _types(repository, paths):
        if kind == "missing":
            absent += 1
        elif kind in _TYPES:
            entries.append(ObjectEntry(one, _TYPES[kind], size))
    return NewObjects(
        entries=tuple(entries),
        paths={one: frozenset(names) for one, names in paths.items()},
        every=every,
        absent=absent,
    )


def _types(repository: Repository, ids: Iterable[ObjectId]) -> Iterator[tuple[ObjectId, str, int]]:
    feed = "".join(f"{one}\n" for one in ids).encode("ascii")
    if not feed:
        return
    args = ["cat-file", "--buffer", "--batch-check=%(objectname) %(objecttype) %(objectsize)"]
    with stream_git(args, git_dir=repository.git_dir, stdin=feed) as stream:
        for line in stream.stdout:
            one, kind, *size = line.decode().split()
            yield ObjectId(one), kind, int(size[0]) if size else 0
