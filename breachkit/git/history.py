"""Reads every (path, blob) that any commit's tree ever had, with the commit that brought it.

`git log -c --raw` lists, for a merge, the paths that differ from *all* parents. What equals one
parent was brought by that parent's history, so by induction nothing is missed, and merges of long
branches cost far less than with `-m`. Renames are not looked for: a rename is an end here and a
beginning there. Without them no blob is read, so that missing blobs do no harm.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import BinaryIO, Literal, NamedTuple

from breachkit.git.nul import split_at_nul
from breachkit.git.objects import ObjectList
from breachkit.git.process import GitCommandError, stream_git
from breachkit.git.refs import Ref
from breachkit.git.repository import Repository
from breachkit.git.trees import files_without_commit
from breachkit.git.walk import ParsedCommit, Walked, parse_commit, walk
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.records import dataclass, field


logger = logging.getLogger(__name__)

MOST_CHANGES = 5_000_000
"""A history with more is cut: trees that hold themselves many times over can have any number."""

MOST_WALKED_CHANGES = 1_000_000
"""The same, where we walk ourselves."""

LOG_MEMORY_BYTES = 3 << 30
"""git collects all changes of a commit before it writes the first: it must not take all memory."""

LOG_SECONDS = 1800
"""Of the processor's time: folders that hold each other many times over may hold no file at all. Then we
walk, which ends."""

Status = Literal["A", "M", "D"]

_SUBMODULE = b"160000"
_DIRECTORY = b"040000"


class CommitInfo(NamedTuple):
    """What is known of a commit. A tuple for speed, as is `Change`: there can be millions."""

    parents: tuple[ObjectId, ...]
    when: int
    """Seconds since 1970, by the committer's clock; whatever the commit says."""
    subject: bytes
    """First line of the message."""
    tree: ObjectId
    is_release: bool = False
    """Whether the message carries the trailer of OpenSAFELY's release tool."""


class Change(NamedTuple):
    """One path changing in one commit, against one parent's blob."""

    commit: ObjectId
    path: GitPath
    old: ObjectId | None
    """None: the path was not there, or was a submodule."""
    new: ObjectId | None
    """None: the path is gone. The same as `old` where only the file's mode changed."""
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Every commit, and every file that any of them ever had."""

    commits: Mapping[ObjectId, CommitInfo] = field(repr=False)
    """Parents before their children, and otherwise the oldest first."""
    changes: Sequence[Change] = field(repr=False)
    """In the order of `commits`."""
    files_of_refs: Mapping[GitPath, frozenset[ObjectId]] = field(repr=False)
    """Files in trees that refs hold without a commit, and in the index; a blob that a ref holds
    directly has no path."""
    tips: frozenset[ObjectId] = field(repr=False)
    """Where the history was read from."""
    incomplete_reason: str | None = None
    """Why some changes or paths may not be listed."""
    missing: frozenset[ObjectId] = frozenset()
    """Commits and trees that history needs and that cannot be read."""
    submodules: frozenset[GitPath] = frozenset()
    """Where a commit of another repository ever stood."""


def read_history(
    repository: Repository,
    refs: Sequence[Ref],
    objects: ObjectList,
    *,
    unreachable: bool = False,
) -> History:
    """Read the history of every ref.

    Where commits or trees are missing, on which git gives up, we walk what there is; the result
    then says that it is not complete.

    Args:
        repository: Where.
        refs: From where, as `list_refs` gives them.
        objects: All that is in the store, as `list_objects` gives it.
        unreachable: Also read the history of every other commit in the store, and the index.
    """
    tips = commit_tips(refs)
    if unreachable:
        tips |= {entry.oid for entry in objects.entries if entry.type == "commit"}
    files = files_without_commit(repository, refs, index=unreachable)
    try:
        parsed = read_log(repository, tips)
    except GitCommandError:
        logger.debug("git log gave up; walking")
        parsed = _from_walk(walk(repository, tips, objects, most_changes=MOST_WALKED_CHANGES))
    reasons = (_missing_reason(parsed.missing), parsed.cut_reason, files.incomplete_reason)
    return History(
        commits=parsed.commits,
        changes=parsed.changes,
        files_of_refs=files.paths,
        tips=frozenset(tips),
        incomplete_reason="; ".join(filter(None, reasons)) or None,
        missing=parsed.missing,
        submodules=parsed.submodules,
    )


def commit_tips(refs: Iterable[Ref]) -> set[ObjectId]:
    """Give the commits that refs lead to."""
    return {ref.peeled for ref in refs if ref.peeled is not None and ref.peeled_type == "commit"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLog:
    """Commits and changes, parents first."""

    commits: Mapping[ObjectId, CommitInfo]
    changes: Sequence[Change]
    missing: frozenset[ObjectId] = frozenset()
    cut_reason: str | None = None
    submodules: frozenset[GitPath] = frozenset()


def read_log(
    repository: Repository, tips: Iterable[ObjectId], *, directories: bool = False
) -> ParsedLog:
    """Read the log of some commits and all before them.

    Args:
        repository: Where.
        tips: From where.
        directories: List the changes of directories in place of those of files.

    Raises:
        GitCommandError: git stopped on the way; nothing of what it said is kept.
    """
    feed = "".join(f"{tip}\n" for tip in sorted(tips)).encode()
    if not feed:  # git would take HEAD
        return ParsedLog(commits={}, changes=[])
    args = [*_LOG, "-t"] if directories else _LOG
    parser = _LogParser(directories=directories)
    with stream_git(
        args,
        git_dir=repository.git_dir,
        stdin=feed,
        memory_bytes=LOG_MEMORY_BYTES,
        cpu_s=LOG_SECONDS,
    ) as stream:
        try:
            parser.read(stream.stdout)
        except ValueError:  # its end is missing, as where somebody killed git
            raise GitCommandError("log", 0, b"what it wrote cannot be read") from None
    return parser.parsed()


_LOG = (
    *("log", "--stdin", "--date-order", "--full-history", "--root", "--no-decorate", "--no-notes"),
    *("--raw", "-c", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv"),
    # Of all formats only `raw` gives messages as they are. Converting one from the encoding its
    # commit claims can yield NUL bytes, which would pass for the end of an entry.
    *("--encoding=none", "--format=raw"),
)


class _LogParser:
    """Reads `git log --raw -z -c`, of any number of parents, newest commit first."""

    def __init__(self, *, directories: bool) -> None:
        self._directories = directories
        self._commits: dict[ObjectId, CommitInfo] = {}
        self._changes: list[list[Change]] = []
        self._count = 0
        self._ids: dict[bytes, ObjectId | None] = {}
        self._paths: dict[bytes, GitPath] = {}
        self._submodules: set[GitPath] = set()

    def read(self, stdout: BinaryIO) -> None:
        """Read until the end or until there are more changes than are kept."""
        tokens = split_at_nul(stdout.read, rest_counts=True)
        commit = ObjectId("")
        for token in tokens:
            line = token.removeprefix(b"\n")
            if line.startswith(b"commit "):
                header, line = _split_header(line)
                commit = self._read_header(header)
            if line:
                self._read_change(commit, line, next(tokens, b""))
                if self._count > MOST_CHANGES:
                    return

    def parsed(self) -> ParsedLog:
        """Give what was read, the oldest first."""
        return ParsedLog(
            commits=dict(reversed(self._commits.items())),
            changes=[change for changes in reversed(self._changes) for change in changes],
            cut_reason=_TOO_MANY if self._count > MOST_CHANGES else None,
            submodules=frozenset(self._submodules),
        )

    def _read_header(self, header: bytes) -> ObjectId:
        name, _, content = header.partition(b"\n")
        about, blank, message = content.partition(b"\n\n")
        parsed = parse_commit(
            about + blank + message.removeprefix(b"    ").replace(b"\n    ", b"\n")
        )
        if parsed is None:
            raise GitCommandError("log", 0, b"a commit is no commit as git writes it")
        oid = ObjectId(name.split(b" ")[1].decode())
        self._commits[oid] = _info(parsed)
        self._changes.append([])
        return oid

    def _read_change(self, commit: ObjectId, line: bytes, path: bytes) -> None:
        """Read `:old_mode new_mode old_id new_id status`, where a merge has one old a parent."""
        colons = len(line) - len(line.lstrip(b":"))
        fields = line[colons:].split(b" ")
        modes, ids = fields[: colons + 1], fields[colons + 1 : -1]
        if modes[-1] == _SUBMODULE:
            self._submodules.add(GitPath(path))
        *olds, new = (self._file(mode, oid) for mode, oid in zip(modes, ids, strict=True))
        if any(olds) or new:
            known = self._paths.setdefault(path, GitPath(path))
            changes = changes_at(commit, known, olds, new)
            self._changes[-1] += changes
            self._count += len(changes)
        else:
            self._count += 1  # of submodules, too, there can be any number

    def _file(self, mode: bytes, oid: bytes) -> ObjectId | None:
        if mode == _SUBMODULE or (mode == _DIRECTORY) != self._directories:
            return None
        if oid not in self._ids:
            self._ids[oid] = ObjectId(oid.decode()) if oid.strip(b"0") else None
        return self._ids[oid]


def _info(commit: ParsedCommit) -> CommitInfo:
    return CommitInfo(commit.parents, commit.when, commit.subject, commit.tree, commit.is_release)


def _split_header(line: bytes) -> tuple[bytes, bytes]:
    """Part a commit from its first change: after a blank line, and not indented as messages are."""
    header, _, change = line.rpartition(b"\n:")
    return (header, b":" + change) if header.endswith(b"\n") else (line, b"")


_TOO_MANY = "the history has more changes of files than breachkit lists"


def changes_at(
    commit: ObjectId,
    path: GitPath,
    olds: Iterable[ObjectId | None],
    new: ObjectId | None,
) -> list[Change]:
    """Describe one path in one commit: one change for each different blob of its parents."""
    before = sorted({old for old in olds if old is not None})
    if not before:
        return [Change(commit, path, None, new, "A")]
    status: Status = "D" if new is None else "M"
    return [Change(commit, path, old, new, status) for old in before]


def _from_walk(walked: Walked) -> ParsedLog:
    return ParsedLog(
        commits={oid: _info(commit) for oid, commit in walked.commits.items()},
        changes=[
            change
            for found in walked.changes
            if any(found.olds) or found.new
            for change in changes_at(found.commit, found.path, found.olds, found.new)
        ],
        missing=walked.missing_history,
        cut_reason=_TOO_MANY if walked.is_cut else None,
        submodules=frozenset(change.path for change in walked.changes if change.is_submodule),
    )


def _missing_reason(missing: frozenset[ObjectId]) -> str | None:
    if not missing:
        return None
    return f"{len(missing)} commits or trees that the history needs are missing or damaged"
