"""Which blobs are compared with which, before any of them is read.

Rules over history that compare tables (HIS-01, HIS-02, SUP-03) are about pairs of blobs. Blobs that
are connected by such pairs are judged together, and apart from all others: as long as nothing in such a
group changes, nor what is said of it.
"""

from collections.abc import Iterable, Iterator, Sequence

from breachkit.detect.rule import Transition
from breachkit.detect.rules.his_01 import versions
from breachkit.detect.rules.sup_03 import related_pairs
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.records import dataclass, field


COMPARING = frozenset({"HIS-01", "HIS-02", "SUP-03"})
"""The rules whose findings follow from the sketches of tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Blobs that are compared with one another, and with no others."""

    blobs: tuple[ObjectId, ...]
    """Sorted."""
    pairs: tuple[tuple[ObjectId, ObjectId, str], ...] = field(repr=False)
    """What is compared, in the order in which it is, and what makes it so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """All groups of a history."""

    groups: tuple[Group, ...]
    is_cut: bool
    """There are more pairs than are looked at, so that what is left out depends on all of them."""

    @classmethod
    def of(cls, transitions: Sequence[Transition]) -> "Groups":
        """Find the groups.

        Args:
            transitions: Every change of a path, oldest first.
        """
        left_out: list[ObjectId] = []
        pairs = [
            *_versions(transitions),
            *_of_one_path(transitions),
            *_relatives(transitions, left_out),
        ]
        return cls(groups=tuple(_connected(pairs)), is_cut=bool(left_out))


_Pair = tuple[ObjectId, ObjectId, str]


def _versions(transitions: Iterable[Transition]) -> Iterator[_Pair]:
    for older, newer in dict.fromkeys(versions(transitions)):
        if older != newer:
            yield older, newer, "version"


def _of_one_path(transitions: Iterable[Transition]) -> Iterator[_Pair]:
    """Tie all that a path ever held: what is told of it is limited for the path as a whole."""
    last: dict[GitPath, ObjectId] = {}
    for change in transitions:
        for blob in (change.old, change.new):
            before = last.get(change.path)
            if blob is not None and blob != before:
                last[change.path] = blob
                if before is not None:
                    yield before, blob, "path"


def _relatives(transitions: Iterable[Transition], left_out: list[ObjectId]) -> Iterator[_Pair]:
    for whole, part, together in related_pairs(transitions, left_out):
        yield whole, part, "part, together" if together else "part"


def _connected(pairs: Sequence[_Pair]) -> Iterator[Group]:
    root: dict[ObjectId, ObjectId] = {}

    def find(blob: ObjectId) -> ObjectId:
        root.setdefault(blob, blob)
        while root[blob] != blob:
            root[blob] = root[root[blob]]
            blob = root[blob]
        return blob

    for one, other, _ in pairs:
        root[find(one)] = find(other)
    members: dict[ObjectId, set[ObjectId]] = {}
    told: dict[ObjectId, list[_Pair]] = {}
    for pair in pairs:
        first = find(pair[0])
        members.setdefault(first, set()).update(pair[:2])
        told.setdefault(first, []).append(pair)
    for first, blobs in members.items():
        yield Group(blobs=tuple(sorted(blobs)), pairs=tuple(told[first]))
