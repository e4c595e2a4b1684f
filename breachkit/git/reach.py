"""Which refs hold a commit in their history: one pass of bit masks over the commit graph.

Each ref is a bit. A commit's mask is its own refs' bits and those of its children's masks, so
visiting children before their parents needs one `|` for each edge, whatever the number of refs.
Most commits have one child and no ref and share that child's mask.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from breachkit.model.ids import ObjectId, RefName


class HasParents(Protocol):
    """A commit, as far as the graph is concerned."""

    @property
    def parents(self) -> tuple[ObjectId, ...]:
        """The commits before it."""
        ...


class ReachMasks:
    """Answers which refs reach which commit.

    Args:
        commits: All commits, parents before their children.
        tips: Ref names and the commits they lead to.
    """

    def __init__(
        self,
        commits: Mapping[ObjectId, HasParents],
        tips: Iterable[tuple[RefName, ObjectId]],
    ) -> None:
        pairs = list(tips)
        self._names: Sequence[RefName] = [name for name, _ in pairs]
        self._masks: dict[ObjectId, int] = {}
        for bit, (_, commit) in enumerate(pairs):
            self._masks[commit] = self._masks.get(commit, 0) | 1 << bit
        for oid in reversed(list(commits)):
            mask = self._masks.get(oid, 0)
            if mask:
                for parent in commits[oid].parents:
                    known = self._masks.get(parent)
                    self._masks[parent] = mask if known is None else known | mask
        self._known_names: dict[int, tuple[RefName, ...]] = {}

    def mask(self, commits: Iterable[ObjectId]) -> int:
        """Give the bits of every ref whose history holds one of these commits."""
        union = 0
        for commit in commits:
            union |= self._masks.get(commit, 0)
        return union

    def names_in(self, mask: int) -> tuple[RefName, ...]:
        """Give the names of a mask's bits, sorted."""
        if mask not in self._known_names:
            bits = (bit for bit, digit in enumerate(reversed(f"{mask:b}")) if digit == "1")
            self._known_names[mask] = tuple(sorted(self._names[bit] for bit in bits))
        return self._known_names[mask]
