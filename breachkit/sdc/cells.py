"""A table of counts as plain data: what is printed, what was taken out, and how the cells add up.

Who makes one by hand (to check a redaction, in a test) needs this module and `sdc.audit` only.
"""

from collections.abc import Mapping

from breachkit.model.records import dataclass, field
from breachkit.sdc.intervals import ANY, Interval
from breachkit.sdc.rounding import Regime


Place = tuple[int, int]
"""Row and column of a cell, counted from 0. A number that stands nowhere has a negative row."""


@dataclass(frozen=True, slots=True)
class Released:
    """A count that is printed."""

    count: int = field(repr=False)
    regime: Regime | None = None
    """How it was rounded; None: not at all."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A count that was taken out."""

    prior: Interval = ANY
    """What its mark says by itself: `<=5` says 0 to 5, `[REDACTED]` any number."""


@dataclass(frozen=True, slots=True)
class Unprinted:
    """A count that is neither printed nor taken out, such as the number of all people of a block."""


Cell = Released | Suppressed | Unprinted
"""Empty cells have no entry in a table."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Cells that add up to a total, or to as much as other cells."""

    parts: tuple[Place, ...]
    whole: tuple[Place, ...]
    """One cell: the total. Several: the parts of another breakdown of the same people."""
    proven: bool = False
    """Other cells of the table add up in the same way, so that this is no guess from names."""


@dataclass(frozen=True, slots=True)
class Share:
    """A printed share: `part` divided by `whole` lies from `low` to `high`, over `scale`."""

    part: Place
    whole: Place
    low: int = field(repr=False)
    high: int = field(repr=False)
    scale: int
    proven: bool = False


Relation = Sum | Share


@dataclass(frozen=True, slots=True, kw_only=True)
class CountTable:
    """Cells that count people, and what is known about how they add up."""

    cells: Mapping[Place, Cell] = field(repr=False)
    relations: tuple[Relation, ...] = ()
    is_cut: bool = False
    """Not all that may add up was tried, so that there may be more relations."""


def origins(count: int, regime: Regime | None) -> Interval:
    """Give the numbers that a printed count may stand for.

    Multiples of b stand for b / 2 less to b / 2 more (a half may have gone either way); midpoints
    of 6 for 2 less to 3 more, and 0 for itself. A count that rounding could not have given is
    taken as it stands.

    Source: OpenSAFELY documentation, docs/outputs/sdc.md, "Rounding counts" and "Midpoint 6
    rounding": 0, 1-6, 7-12, 13-18 become 0, 3, 9, 15.
    """
    if regime is None or not regime.holds(count):
        return Interval(count, count)
    high = regime.largest_origin(count)
    if not regime.midpoint:
        return Interval(max(0, count - regime.base // 2), high)
    return Interval(high - regime.base + 1, high) if count else Interval(0, 0)


def is_recomputed(relation: Sum, cells: Mapping[Place, Cell]) -> bool:
    """Say whether a total leaves out what was suppressed.

    It does if it is the sum of those parts that are still printed: then it was computed after
    redaction, as it should be, and tells nothing about the rest.
    """
    parts = [cells.get(place) for place in relation.parts]
    whole = [cells.get(place) for place in relation.whole]
    if not any(isinstance(cell, Suppressed) for cell in (*parts, *whole)):
        return False
    return _printed(parts) == _printed(whole)


def _printed(cells: list[Cell | None]) -> int:
    return sum(cell.count for cell in cells if isinstance(cell, Released))
