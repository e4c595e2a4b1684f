"""Trees made again with some files gone, changed or renamed, and every other byte as it was."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from breachkit.actions.edits import Entry
from breachkit.git.process import run_git
from breachkit.git.rawobjects import (
    TreeEntry,
    join_tree,
    object_id,
    parse_tree,
    read_objects,
)
from breachkit.model.errors import RefusedError
from breachkit.model.ids import GitPath, ObjectId


EMPTY_TREE = object_id("tree", b"")

Mapped = Callable[[Entry], Entry | None]
"""Gives what a file becomes; None: it goes."""

Listed = tuple[dict[bytes, ObjectId], list[Entry]]
"""The directories below a tree by path, without the tree itself, and the files."""


def list_files(git_dir: Path, tree: str) -> Listed:
    """Give the directories below a tree, and the files.

    Raises:
        RefusedError: a directory names something twice, so that nobody can say what it holds.
    """
    listed = run_git(["ls-tree", "-r", "-t", "-z", "--full-tree", tree], git_dir=git_dir)
    folders: dict[bytes, ObjectId] = {}
    files: list[Entry] = []
    count = 0
    for line in listed.stdout.split(b"\0"):
        if line:
            about, _, path = line.partition(b"\t")
            mode, kind, one = about.split(b" ")
            if kind == b"tree":
                folders[path] = ObjectId(one.decode())
            else:
                files.append(Entry(GitPath(path), mode, ObjectId(one.decode())))
            count += 1
    if len({*folders, *(each.path for each in files)}) < count:
        raise RefusedError(
            "a directory that a ref or a note leads to names something twice: `git fsck --full` in "
            "the mirror names it; take that ref off the server"
        )
    return folders, files


@dataclass(frozen=True, slots=True)
class _Changes:
    """What becomes of the files of one directory, by their names."""

    gone: dict[bytes, ObjectId] = field(default_factory=dict)
    put: dict[bytes, tuple[bytes, ObjectId]] = field(default_factory=dict)
    """Mode and id."""


class TreeMaker:
    """Makes trees again and keeps them until they are written all at once.

    Args:
        git_dir: A repository with all the old trees.
        made: Where to keep the new ones.
    """

    def __init__(self, git_dir: Path, made: list[bytes]) -> None:
        self._git_dir = git_dir
        self._made = made

    def make(self, tree: ObjectId, become: Mapped, listed: Listed | None = None) -> ObjectId:
        """Make a tree again; directories left empty go.

        Args:
            tree: The old one.
            become: What becomes of each file.
            listed: What `list_files` gave for it, where it is known.

        Returns:
            The id of the new tree, the same where nothing changes.
        """
        folders, files = listed or list_files(self._git_dir, tree)
        changes = _changes(files, become)
        if not changes:
            return tree
        touched = _children(changes)
        wanted = {path: one for path, one in {**folders, b"": tree}.items() if path in touched}
        read = read_objects(self._git_dir, wanted.values())
        old = {path: parse_tree(raw.data) for path, raw in zip(wanted, read, strict=True)}
        return self._make(b"", old, changes, touched)

    def _make(
        self,
        path: bytes,
        old: Mapping[bytes, tuple[TreeEntry, ...]],
        changes: Mapping[bytes, _Changes],
        touched: Mapping[bytes, Mapping[bytes, bytes]],
    ) -> ObjectId:
        here = changes.get(path, _Changes())
        below = dict(touched[path])
        entries: list[TreeEntry] = []
        put = dict(here.put)
        for entry in old.get(path, ()):
            child = below.pop(entry.name, None) if entry.is_tree else None
            if child is not None:
                new = self._make(child, old, changes, touched)
                if new != EMPTY_TREE:
                    entries.append(replace(entry, id=new))
            elif here.gone.get(entry.name) != entry.id:
                entries.append(entry)
            elif entry.name in put:
                entries.append(replace(entry, id=put.pop(entry.name)[1]))
        added = [TreeEntry(mode, name, one) for name, (mode, one) in put.items()]
        for name, child in below.items():
            if (new := self._make(child, old, changes, touched)) != EMPTY_TREE:
                added.append(TreeEntry(b"40000", name, new))
        if added:  # otherwise they stay in their order, also where an old tool got it wrong
            entries = sorted([*entries, *added], key=_order)
        return self._keep(join_tree(entries))

    def _keep(self, data: bytes) -> ObjectId:
        self._made.append(data)
        return object_id("tree", data)


def _changes(files: Iterable[Entry], become: Mapped) -> dict[bytes, _Changes]:
    changes: dict[bytes, _Changes] = defaultdict(_Changes)
    for old in files:
        new = become(old)
        if new == old:
            continue
        folder, _, name = old.path.rpartition(b"/")
        changes[folder].gone[name] = old.id
        if new is not None:
            folder, _, name = new.path.rpartition(b"/")
            changes[folder].put[name] = new.mode, new.id
    return changes


def _children(folders: Iterable[bytes]) -> dict[bytes, dict[bytes, bytes]]:
    """Give, for each of some directories and all above them, those of them right below it."""
    children: dict[bytes, dict[bytes, bytes]] = {b"": {}}
    for folder in folders:
        below = folder
        while below:
            children.setdefault(below, {})
            above, _, name = below.rpartition(b"/")
            children.setdefault(above, {})[name] = below
            below = above
    return children


def _order(entry: TreeEntry) -> bytes:
    """Sort as git does: a directory as if its name ended in a slash."""
    return entry.name + b"/" if entry.is_tree else entry.name
