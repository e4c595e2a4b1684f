"""Annotated tags and bare trees made again around what they point at; git-filter-repo leaves them.

A ref or tag can point straight at a blob or at a tree. git-filter-repo passes those by, so a bad
blob would stay behind one; see the traps in its issue tracker (newren/git-filter-repo#22).
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from breachkit.git.process import run_git
from breachkit.git.rawobjects import (
    Kind,
    TreeEntry,
    join_tree,
    object_id,
    parse_tree,
    read_objects,
    rebuild_tag,
)
from breachkit.model.ids import ObjectId


EMPTY_TREE = object_id("tree", b"")


class Rebuilder:
    """Makes tags and trees again and keeps them until they are written all at once.

    Attributes:
        made: The new objects, in the order in which they were made.
    """

    def __init__(
        self, git_dir: Path, bad: Collection[ObjectId], new_ids: Mapping[ObjectId, ObjectId]
    ) -> None:
        """Take what is to go and where the rewritten commits went.

        Args:
            git_dir: A repository with all the old objects.
            bad: Ids of the blobs that go.
            new_ids: New id by old id, of every rewritten commit.
        """
        self.made: list[tuple[Kind, bytes]] = []
        self._git_dir = git_dir
        self._bad = bad
        self._new_ids = new_ids

    def tag(self, chain: tuple[ObjectId, ...], target: ObjectId) -> ObjectId:
        """Make nested tags again, innermost first, around a new target.

        Args:
            chain: The old tags, outermost first.
            target: What the innermost one is to point at.

        Returns:
            The id of the new outermost tag.
        """
        for old in reversed(chain):
            (raw,) = read_objects(self._git_dir, [old])
            target = self._keep("tag", rebuild_tag(raw.data, target))
        return target

    def commit(self, old: ObjectId) -> ObjectId:
        """Give the id a commit has now."""
        return self._new_ids.get(old, old)

    def tree(self, old: ObjectId) -> ObjectId:
        """Make a tree again without the bad blobs; directories left empty go too."""
        dirty = self._dirty_directories(old)
        return self._tree(old, b"", dirty) if dirty else old

    def _dirty_directories(self, tree: ObjectId) -> frozenset[bytes]:
        """Give the paths of all directories in a tree that hold a bad blob at any depth."""
        listed = run_git(["ls-tree", "-r", "-z", "--full-tree", tree], git_dir=self._git_dir)
        dirty: set[bytes] = set()
        for line in listed.stdout.split(b"\0"):
            about, _, path = line.partition(b"\t")
            if about and about.split(b" ")[2].decode() in self._bad:
                parts = path.split(b"/")
                dirty.update(b"/".join(parts[:depth]) for depth in range(len(parts)))
        return frozenset(dirty)

    def _tree(self, old: ObjectId, path: bytes, dirty: frozenset[bytes]) -> ObjectId:
        (raw,) = read_objects(self._git_dir, [old])
        entries: list[TreeEntry] = []
        for entry in parse_tree(raw.data):
            child = path + b"/" + entry.name if path else entry.name
            if entry.is_tree and child in dirty:
                new = self._tree(entry.id, child, dirty)
                if new != EMPTY_TREE:
                    entries.append(replace(entry, id=new))
            elif entry.id not in self._bad:
                entries.append(entry)
        return self._keep("tree", join_tree(entries))

    def _keep(self, kind: Kind, data: bytes) -> ObjectId:
        self.made.append((kind, data))
        return object_id(kind, data)
