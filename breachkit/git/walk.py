"""Walks a history that git refuses to walk, because objects of it are missing or damaged.

Everything that can be read is read, and what can't be is named. This holds all commits and trees
in memory at once and is several times slower than git, so it is for damaged repositories only.
"""

import heapq
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from breachkit.git.objects import ObjectList, Reachable, read_objects
from breachkit.git.repository import Repository
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.records import dataclass


_COMMIT = re.compile(
    rb"tree ([0-9a-f]{40,64})\n((?:parent [0-9a-f]{40,64}\n)*)"
    rb"(?:author [^\n]*\n)?(?:committer [^\n]*?(-?\d+)(?: [-+]\d+)?\n)?"
)
_RELEASE = re.compile(
    rb"^(?:opensafely-released-from:|released-with: breachkit )", re.IGNORECASE | re.MULTILINE
)
MOST_FOLDERS = 5_000_000
"""After comparing so many the rest is cut: folders that hold each other many times over never end."""

_DIRECTORY = 0o040000
_SUBMODULE = 0o160000


class ParsedCommit(NamedTuple):
    """What a commit says of itself."""

    tree: ObjectId
    parents: tuple[ObjectId, ...]
    when: int
    """Seconds since 1970, by the committer's clock; 0 where there is no date."""
    subject: bytes
    is_release: bool = False
    """Whether the message carries the trailer of OpenSAFELY's release tool, or of `release`."""


class TreeEntry(NamedTuple):
    """One line of a tree."""

    mode: int
    oid: ObjectId


Tree = Mapping[bytes, TreeEntry]
"""Names and what they stand for."""


class WalkedChange(NamedTuple):
    """A path at which a commit differs from every one of its parents."""

    commit: ObjectId
    path: GitPath
    olds: tuple[ObjectId | None, ...]
    """One for each parent."""
    new: ObjectId | None
    is_submodule: bool = False
    """The path is a commit of another repository now, and `new` is None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """Everything that could be reached."""

    reachable: Reachable
    commits: Mapping[ObjectId, ParsedCommit]
    """Parents before their children."""
    changes: tuple[WalkedChange, ...]
    """In the order of `commits`."""
    missing_history: frozenset[ObjectId]
    """Commits and trees among what is missing; blobs do not matter to the walk."""
    is_cut: bool
    """There are more changes than were asked for, or more folders than `MOST_FOLDERS`."""


def walk(
    repository: Repository,
    tips: Iterable[ObjectId],
    objects: ObjectList,
    *,
    most_changes: int = 0,
) -> Walked:
    """Read all commits and trees there are, and go from `tips` as far as they lead.

    Args:
        repository: Where.
        tips: From where.
        objects: All that is in the store.
        most_changes: Stop listing changes after this many.
    """
    store, tips = _Store(repository, objects), frozenset(tips)
    commits = store.commits_from(tips)
    steps = itertools.count()
    changes = (
        change
        for oid, commit in commits.items()
        for change in _changes(store, oid, commit, commits, steps)
    )
    listed = tuple(itertools.islice(changes, most_changes))
    reachable, missing_history = store.reached(commits, tips)
    return Walked(
        reachable=reachable,
        commits=commits,
        changes=listed,
        missing_history=missing_history,
        is_cut=len(listed) == most_changes or next(steps) > MOST_FOLDERS,
    )


def parse_commit(content: bytes) -> ParsedCommit | None:
    """Read a commit; None where it is none that git could have written."""
    found = _COMMIT.match(content)
    if found is None:
        return None
    message = content.partition(b"\n\n")[2]
    return ParsedCommit(
        tree=ObjectId(found[1].decode()),
        parents=tuple(ObjectId(line.decode()) for line in found[2].split()[1::2]),
        when=int(found[3] or 0),
        subject=_subject(message),
        is_release=_RELEASE.search(message) is not None,
    )


def _subject(message: bytes) -> bytes:
    """Join the lines of the first paragraph, as git's `%s` does."""
    lines = [line.rstrip(b" \t\r") for line in message.partition(b"\0")[0].split(b"\n")]
    paragraph = itertools.takewhile(bool, itertools.dropwhile(lambda line: not line, lines))
    return b" ".join(paragraph)


def parse_tree(content: bytes, id_bytes: int) -> Tree | None:
    """Read a tree; None where it is damaged.

    Args:
        content: Of the tree object.
        id_bytes: Length of an id in it: 20 for SHA-1, 32 for SHA-256.
    """
    entries: dict[bytes, TreeEntry] = {}
    at = 0
    while at < len(content):
        space, end = content.find(b" ", at), content.find(b"\0", at)
        after = end + 1 + id_bytes
        if not at < space < end or after > len(content):
            return None
        oid = content[end + 1 : after].hex()
        try:
            entries[content[space + 1 : end]] = TreeEntry(int(content[at:space], 8), ObjectId(oid))
        except ValueError:
            return None
        at = after
    return entries


class _Store:
    """The commits, trees and tags of a repository, in memory."""

    def __init__(self, repository: Repository, objects: ObjectList) -> None:
        self._id_bytes = 32 if repository.object_format == "sha256" else 20
        self._trees: dict[ObjectId, Tree | None] = {}
        self._contents: dict[ObjectId, bytes] = {}
        self._others = {entry.oid for entry in objects.entries if entry.type in {"blob", "tag"}}
        wanted = [entry for entry in objects.entries if entry.type in {"commit", "tree"}]
        for entry, content in read_objects(repository, wanted):
            if isinstance(content, bytes):
                self._contents[entry.oid] = content

    def tree(self, oid: ObjectId | None) -> Tree | None:
        """Give a tree; None where it is missing or damaged."""
        if oid is None:
            return None
        if oid not in self._trees:
            content = self._contents.get(oid)
            self._trees[oid] = None if content is None else parse_tree(content, self._id_bytes)
        return self._trees[oid]

    def commits_from(self, tips: Iterable[ObjectId]) -> dict[ObjectId, ParsedCommit]:
        """Find every commit that tips lead to, parents before children."""
        found: dict[ObjectId, ParsedCommit] = {}
        waiting = sorted(tips)
        while waiting:
            oid = waiting.pop()
            commit = None if oid in found else parse_commit(self._contents.get(oid, b""))
            if commit is not None:
                found[oid] = commit
                waiting += commit.parents
        return {oid: found[oid] for oid in _parents_first(found)}

    def reached(
        self, commits: Mapping[ObjectId, ParsedCommit], tips: Iterable[ObjectId]
    ) -> tuple[Reachable, frozenset[ObjectId]]:
        """Find everything that these commits, and tips that are no commits, lead to.

        Returns:
            What is there and what is missing; and what of the latter is a commit or a tree.
        """
        needed = {oid for commit in commits.values() for oid in (*commit.parents, commit.tree)}
        seen: set[ObjectId] = set(commits)
        missing: set[ObjectId] = set()
        waiting = [*tips, *needed]
        while waiting:
            oid = waiting.pop()
            if oid in seen or oid in missing:
                continue
            tree = self.tree(oid)
            if tree is None and oid not in self._others:
                missing.add(oid)
                continue
            seen.add(oid)
            children = [e for e in (tree or {}).values() if e.mode != _SUBMODULE]
            needed |= {entry.oid for entry in children if entry.mode == _DIRECTORY}
            waiting += [entry.oid for entry in children]
        reachable = Reachable(oids=frozenset(seen), missing=frozenset(missing))
        return reachable, frozenset(missing & needed | missing & set(tips))


def _parents_first(commits: Mapping[ObjectId, ParsedCommit]) -> list[ObjectId]:
    """Order commits so that each comes after its parents, and otherwise by date."""
    children: dict[ObjectId, list[ObjectId]] = {oid: [] for oid in commits}
    waits_for = dict.fromkeys(commits, 0)
    for oid, commit in commits.items():
        for parent in set(commit.parents) & commits.keys():
            children[parent].append(oid)
            waits_for[oid] += 1
    ready = [(commits[oid].when, oid) for oid, count in waits_for.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, oid = heapq.heappop(ready)
        order.append(oid)
        for child in children[oid]:
            waits_for[child] -= 1
            if not waits_for[child]:
                heapq.heappush(ready, (commits[child].when, child))
    return order


def _changes(
    store: _Store,
    oid: ObjectId,
    commit: ParsedCommit,
    commits: Mapping[ObjectId, ParsedCommit],
    steps: Iterator[int],
) -> Iterator[WalkedChange]:
    """Compare a commit's tree with its parents'; a missing parent counts as empty.

    Each folder that is compared takes one of `steps`.
    """
    parents = [commits[parent].tree if parent in commits else None for parent in commit.parents]
    waiting: list[tuple[bytes, ObjectId | None, tuple[ObjectId | None, ...]]]
    waiting = [(b"", commit.tree, tuple(parents or [None]))]
    while waiting and next(steps) < MOST_FOLDERS:
        prefix, new_tree, old_trees = waiting.pop()
        new = store.tree(new_tree) or {}
        olds = [store.tree(old) or {} for old in old_trees]
        for name in sorted(new.keys() | set().union(*olds)):
            entry, before = new.get(name), [old.get(name) for old in olds]
            if entry in before:
                continue
            path = prefix + name
            if _file(entry) not in map(_file, before):
                olds_there = tuple(map(_blob, before))
                linked = entry is not None and entry.mode == _SUBMODULE
                yield WalkedChange(oid, GitPath(path), olds_there, _blob(entry), linked)
            directories = tuple(map(_directory, (entry, *before)))
            if any(directory is not None for directory in directories):
                waiting.append((path + b"/", directories[0], directories[1:]))


def _file(entry: TreeEntry | None) -> TreeEntry | None:
    """A directory is no file: beside one, the path is free."""
    return None if entry is None or entry.mode == _DIRECTORY else entry


def _blob(entry: TreeEntry | None) -> ObjectId | None:
    return None if entry is None or entry.mode in {_DIRECTORY, _SUBMODULE} else entry.oid


def _directory(entry: TreeEntry | None) -> ObjectId | None:
    return entry.oid if entry is not None and entry.mode == _DIRECTORY else None
