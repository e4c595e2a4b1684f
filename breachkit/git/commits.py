"""Commits made again: the bytes of the old one with another tree, other parents, and new ids."""

import graphlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from breachkit.actions.edits import Edits, Entry
from breachkit.git.mentions import Mentions
from breachkit.git.rawobjects import (
    Kind,
    Parsed,
    object_id,
    parse,
    read_objects,
    write_objects,
)
from breachkit.git.rewording import is_lost, reword
from breachkit.git.treemaker import TreeMaker
from breachkit.model.ids import GitPath, ObjectId


NewIds = Mapping[ObjectId, ObjectId]
"""New id by old id, of every commit that was made again."""


class CommitMaker:
    """Makes commits again, in a repository that has all the old ones and the new trees.

    Args:
        git_dir: The repository.
        edits: Which words go.
        bad: The blobs that go; a message that names one gets zeros.
        notes: The commits whose trees are notes: their files are named after commits.
    """

    def __init__(
        self,
        git_dir: Path,
        edits: Edits,
        bad: Iterable[ObjectId],
        notes: frozenset[ObjectId] = frozenset(),
    ) -> None:
        self._git_dir = git_dir
        self._edits = edits
        self._bad = tuple(bad)
        self._notes = notes

    def make(self, filtered: Mapping[ObjectId, ObjectId]) -> dict[ObjectId, ObjectId]:
        """Make each commit again from its own bytes and its filtered tree, and write them.

        Args:
            filtered: For each old commit, parents first, the filtered one whose tree it gets.

        Returns:
            The new id of each.
        """
        mentions = Mentions([*filtered, *self._bad])
        order = self._in_order(filtered, mentions)
        new_ids: dict[ObjectId, ObjectId] = {}
        trees: list[bytes] = []
        made: list[tuple[Kind, bytes]] = []
        olds = read_objects(self._git_dir, order)
        news = read_objects(self._git_dir, [filtered[one] for one in order])
        for old, new in zip(olds, news, strict=True):
            tree = self._tree(old.id, parse(new.data), new_ids, trees)
            parsed = rebuild_commit(parse(old.data), tree, new_ids, self._edits)
            message = mentions.translate(parsed.rest, new_ids)
            data = Parsed(parsed.headers, message).join()
            new_ids[old.id] = object_id("commit", data)
            made.append(("commit", data))
        write_objects(self._git_dir, [*(("tree", data) for data in trees), *made])
        return new_ids

    def _tree(
        self, old: ObjectId, filtered: Parsed, new_ids: NewIds, trees: list[bytes]
    ) -> ObjectId:
        (tree,) = (ObjectId(value.decode()) for value in filtered.values(b"tree"))
        if old not in self._notes:
            return tree
        return TreeMaker(self._git_dir, trees).make(tree, lambda each: rekey(each, new_ids))

    def _in_order(
        self, commits: Mapping[ObjectId, ObjectId], mentions: Mentions
    ) -> Sequence[ObjectId]:
        """Sort commits so that each comes after those that its message or its notes name."""
        before: dict[ObjectId, set[ObjectId]] = {}
        named = False
        for old in read_objects(self._git_dir, commits):
            parsed = parse(old.data)
            parents = {ObjectId(parent.decode()) for parent in parsed.values(b"parent")}
            told = set(mentions.find(parsed.rest)) - {old.id}
            named = named or bool(told)
            before[old.id] = {one for one in parents | told if one in commits}
        if not (named or self._notes):
            return tuple(commits)
        for one in self._notes & before.keys():  # their files name whatever commit there is
            before[one] |= before.keys() - self._notes
        try:
            return tuple(graphlib.TopologicalSorter(before).static_order())
        except graphlib.CycleError:  # something that only looks like the start of an id
            return tuple(sorted(commits, key=lambda one: one in self._notes))


def rebuild_commit(old: Parsed, tree: ObjectId, new_ids: NewIds, edits: Edits) -> Parsed:
    """Give a commit with another tree and other parents, without words that go, all else as it was.

    Args:
        old: The old commit.
        tree: Its new tree.
        new_ids: Of every rewritten commit before this one. Parents that are not in it stay.
        edits: Which words go.
    """
    kept: list[tuple[bytes, bytes]] = []
    reworded = reword(old, edits)
    for (name, line), header in zip(old.headers, reworded.headers, strict=True):
        if name == b"tree":
            kept.append((name, b"tree " + tree.encode()))
        elif name == b"parent":
            parent = ObjectId(line.removeprefix(b"parent ").decode())
            kept.append((name, b"parent " + new_ids.get(parent, parent).encode()))
        elif not is_lost((name, line), new_ids, edits):
            kept.append(header)
    return Parsed(tuple(kept), reworded.rest)


def rekey(note: Entry, new_ids: NewIds) -> Entry:
    """Give a note the name of the commit that its own was made into, as deep in folders as it was."""
    parts = [len(part) for part in note.path.split(b"/")]
    new = new_ids.get(ObjectId(note.path.replace(b"/", b"").decode("ascii", errors="replace")))
    if new is None:
        return note
    starts = [sum(parts[:number]) for number in range(len(parts))]
    pieces = (new[start : start + size] for start, size in zip(starts, parts, strict=True))
    return note._replace(path=GitPath("/".join(pieces).encode("ascii")))
