"""Commits made again: the bytes of the old one with another tree, other parents, and new ids."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from pathlib import Path

from breachkit.actions.edits import Edits, Entry
from breachkit.git.mentions import Mentions, Waiting, tell_apart
from breachkit.git.rawobjects import (
    Kind,
    Parsed,
    RawObject,
    object_id,
    parse,
    read_objects,
    write_objects,
)
from breachkit.git.rewording import is_lost, retell, told_in
from breachkit.git.treemaker import TreeMaker, list_files
from breachkit.model.doing import counted, doing
from breachkit.model.ids import GitPath, ObjectId


_TREE = slice(len(b"tree "), len(b"tree ") + 40)
"""Where the id of the tree stands in a commit that git wrote."""

NewIds = Mapping[ObjectId, ObjectId]
"""New id by old id, of every commit that was made again."""


class CommitMaker:
    """Makes commits again, in a repository that has all the old ones and the new trees.

    Args:
        git_dir: The repository.
        edits: Which words go.
        bad: The blobs that go; a message that names one gets zeros.
        notes: The commits whose trees are notes: their files are named after commits.
        told: Whether any of the commits names another, or a blob that goes.
    """

    def __init__(
        self,
        git_dir: Path,
        edits: Edits,
        bad: Iterable[ObjectId],
        notes: frozenset[ObjectId] = frozenset(),
        *,
        told: bool = True,
    ) -> None:
        self._git_dir = git_dir
        self._edits = edits
        self._bad = frozenset(bad)
        self._notes = notes
        self._told = told

    def make(self, filtered: Mapping[ObjectId, ObjectId]) -> dict[ObjectId, ObjectId]:
        """Make each commit again from its own bytes and its filtered tree, and write them.

        Args:
            filtered: For each old commit, parents first, the one whose tree it gets: a filtered
                one, or itself where its files stay.

        Returns:
            The new id of each.
        """
        mentions = Mentions([*filtered, *self._bad])
        order, told = self._order(filtered, mentions)
        new_ids: dict[ObjectId, ObjectId] = {}
        trees: list[bytes] = []
        made: list[tuple[Kind, bytes]] = []
        made_from = [new for old, new in filtered.items() if new != old]
        read = read_objects(self._git_dir, [*made_from, *order])
        new_trees = {one.id: _tree_of(one) for one in islice(read, len(made_from))}
        with doing("Making commits again") as step:
            for old in counted(read, step, len(order)):
                filtered_tree = new_trees.get(filtered[old.id]) or _tree_of(old)
                tree = self._tree(old.id, filtered_tree, new_ids, trees)
                rebuilt = rebuild_commit(parse(old.data), tree, new_ids, self._edits, mentions)
                known = {one: new_ids[one] for one in told.get(old.id, ())}
                data = retell(rebuilt, self._edits, mentions, known).join()
                new_ids[old.id] = object_id("commit", data)
                made.append(("commit", data))
        new: list[tuple[Kind, bytes]] = [*(("tree", data) for data in trees), *made]
        write_objects(self._git_dir, new, lasting=False)
        return new_ids

    def _order(
        self, commits: Mapping[ObjectId, ObjectId], mentions: Mentions
    ) -> tuple[Sequence[ObjectId], Waiting]:
        if not self._told:
            return tuple(commits), {}
        return what_is_told(self._git_dir, commits, mentions, self._notes)

    def _tree(self, old: ObjectId, tree: ObjectId, new_ids: NewIds, trees: list[bytes]) -> ObjectId:
        if old not in self._notes:
            return tree
        listed = list_files(self._git_dir, tree)
        renamed = rename_notes(listed[1], new_ids, self._bad)
        return TreeMaker(self._git_dir, trees).make(tree, renamed.__getitem__, listed)


def _tree_of(commit: RawObject) -> ObjectId:
    return ObjectId(commit.data[_TREE].decode())


def what_is_told(
    git_dir: Path,
    commits: Collection[ObjectId],
    mentions: Mentions,
    notes: Collection[ObjectId] = (),
) -> tuple[Sequence[ObjectId], Waiting]:
    """Give commits so that each comes after those it names, and which of these can be known to it.

    Args:
        git_dir: A repository that has them.
        commits: The commits that are made again, parents first.
        mentions: Finds the ids that will be gone.
        notes: Those of them whose files are named after commits.
    """
    parents: dict[ObjectId, tuple[ObjectId, ...]] = {}
    told: dict[ObjectId, AbstractSet[ObjectId]] = {}
    every = commits if isinstance(commits, Mapping) else frozenset(commits)
    for old in read_objects(git_dir, commits):
        parsed = parse(old.data)
        above = (ObjectId(parent.decode()) for parent in parsed.values(b"parent"))
        parents[old.id] = tuple(one for one in above if one in every)
        named = told_in(parsed, mentions)
        if old.id in notes:
            named |= _named_by_files(git_dir, parsed)
        if named := frozenset(one for one in named if one in every):
            told[old.id] = named
    if not told:
        return tuple(commits), {}
    return tell_apart(parents, told)


def _named_by_files(git_dir: Path, notes: Parsed) -> frozenset[ObjectId]:
    (tree,) = notes.values(b"tree")
    _, files = list_files(git_dir, tree.decode())
    return frozenset(note_about(each.path) for each in files)


def rebuild_commit(
    old: Parsed, tree: ObjectId, new_ids: NewIds, edits: Edits, mentions: Mentions
) -> Parsed:
    """Give a commit with another tree and other parents, without what is no longer true.

    Args:
        old: The old commit.
        tree: Its new tree.
        new_ids: Of every rewritten commit before this one. Parents that are not in it stay.
        edits: Which words go.
        mentions: Which ids will be gone.
    """
    kept: list[tuple[bytes, bytes]] = []
    for name, line in old.headers:
        if name == b"tree":
            kept.append((name, b"tree " + tree.encode()))
        elif name == b"parent":
            parent = ObjectId(line.removeprefix(b"parent ").decode())
            kept.append((name, b"parent " + new_ids.get(parent, parent).encode()))
        elif not is_lost((name, line), mentions, edits):
            kept.append((name, line))
    return Parsed(tuple(kept), old.rest)


def note_about(path: bytes) -> ObjectId:
    """Give what the name of a note says it is about; no object's id where it is no note."""
    return ObjectId(path.replace(b"/", b"").decode("ascii", errors="replace"))


def rename_note(note: Entry, new_ids: NewIds, bad: Collection[ObjectId]) -> Entry | None:
    """Give a note the name of what its object was made into, as deep in folders as it was.

    Args:
        note: A file of a tree of notes.
        new_ids: Of the rewritten commits.
        bad: Blobs that go, and with them the notes on them: their names are the ids.
    """
    about = note_about(note.path)
    if about in bad:
        return None
    new = new_ids.get(about)
    if new is None:
        return note
    return note._replace(path=_in_folders(new, [len(part) for part in note.path.split(b"/")]))


def rename_notes(
    notes: Iterable[Entry], new_ids: NewIds, bad: Collection[ObjectId]
) -> dict[Entry, Entry | None]:
    """Give what each note of a tree becomes; two whose commits became one are both kept.

    The second goes into another depth of folders, where git finds it and shows both.
    """
    become = {note: rename_note(note, new_ids, bad) for note in notes}
    taken = {note.path for note, new in become.items() if new == note}
    for note, new in become.items():
        if new is None or new == note:
            continue
        free = _elsewhere(new, taken)
        become[note] = new._replace(path=free)
        taken.add(free)
    return become


def _elsewhere(note: Entry, taken: Collection[GitPath]) -> GitPath:
    """Give a free name for a note. Source: git's notes.c reads names in folders of any depth."""
    if note.path not in taken:
        return note.path
    about = note_about(note.path)
    depths = ([2] * depth + [40 - 2 * depth] for depth in range(20))
    return next(each for sizes in depths if (each := _in_folders(about, sizes)) not in taken)


def _in_folders(one: ObjectId, sizes: Sequence[int]) -> GitPath:
    starts = [sum(sizes[:number]) for number in range(len(sizes))]
    pieces = (one[start : start + size] for start, size in zip(starts, sizes, strict=True))
    return GitPath("/".join(pieces).encode("ascii"))
