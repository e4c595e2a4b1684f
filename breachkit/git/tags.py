"""Annotated tags and bare trees made again around what they point at; git-filter-repo leaves them.

A ref or tag can point straight at a blob or at a tree. git-filter-repo passes those by, so a bad
blob would stay behind one; see the traps in its issue tracker (newren/git-filter-repo#22).
"""

from collections.abc import Collection, Mapping
from pathlib import Path

from breachkit.actions.edits import Edits
from breachkit.git.mentions import Mentions
from breachkit.git.rawobjects import (
    Kind,
    RawObject,
    object_id,
    parse,
    rebuild_tag,
)
from breachkit.git.rewording import retell
from breachkit.git.treemaker import TreeMaker
from breachkit.model.ids import ObjectId


class Rebuilder:
    """Makes tags and trees again and keeps them until they are written all at once.

    Args:
        git_dir: A repository with all the old objects.
        tags: The old tags.
        bad: Ids of the blobs that go.
        edits: What is put in the place of something.
        new_ids: New id by old id, of every rewritten commit.
    """

    def __init__(
        self,
        git_dir: Path,
        tags: Mapping[ObjectId, RawObject],
        bad: Collection[ObjectId],
        edits: Edits,
        new_ids: Mapping[ObjectId, ObjectId],
    ) -> None:
        self._tags: list[bytes] = []
        self._trees: list[bytes] = []
        self._old = tags
        self._bad = bad
        self._edits = edits
        self._new_ids = new_ids
        self._mentions = Mentions([*new_ids, *bad])
        self._trees_of = TreeMaker(git_dir, self._trees)

    @property
    def made(self) -> list[tuple[Kind, bytes]]:
        """The new objects."""
        trees: list[tuple[Kind, bytes]] = [("tree", data) for data in self._trees]
        return [*trees, *(("tag", data) for data in self._tags)]

    def tag(self, chain: tuple[ObjectId, ...], target: ObjectId) -> ObjectId:
        """Make nested tags again, innermost first, around a target.

        Args:
            chain: The old tags, outermost first.
            target: What the innermost one is to point at.

        Returns:
            The id of the new outermost tag; the target's where there is no tag.
        """
        for old in reversed(chain):
            parsed = parse(rebuild_tag(self._old[old].data, target))
            data = retell(parsed, self._edits, self._mentions, self._new_ids).join()
            self._tags.append(data)
            target = object_id("tag", data)
        return target

    def commit(self, old: ObjectId) -> ObjectId:
        """Give the id a commit has now."""
        return self._new_ids.get(old, old)

    def tree(self, old: ObjectId) -> ObjectId:
        """Make a tree again as planned; directories left empty go too."""
        return self._trees_of.make(old, lambda entry: self._edits.entry(entry, self._bad))
