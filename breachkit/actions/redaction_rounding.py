"""What stands in a table once it is redacted and rounded.

Counts are rounded one by one; a total is what its parts are together that are still printed, so that it
says nothing about those that are not. Percentages and rates are those of the numbers that stand beside
them then. Midpoints are rounded one by one, totals as well: of two midpoints the sum is none.

Source: OpenSAFELY documentation, docs/outputs/sdc.md, "Rounding counts" (b1e5729, 2023-06-13: totals
are sums of rounded cells, the same base everywhere) and "Midpoint 6 rounding" (cc4f1d7).
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping

from breachkit.actions.redaction_table import Judged
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, Place, Released, Sum, Unprinted
from breachkit.sdc.rounding import Regime


def round_count(count: int, regime: Regime) -> int:
    """Round a count: to the nearest multiple, halves upwards; or up to a midpoint, zero staying zero."""
    base = regime.base
    if not regime.midpoint:
        return (2 * count + base) // (2 * base) * base
    return -(-count // base) * base - base // 2 if count else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounded:
    """The counts of a table that are still printed, as they are printed then."""

    values: Mapping[Place, int] = field(repr=False)
    totals: frozenset[Place]
    """Those that were added up again."""
    lost: frozenset[Place]
    """Totals none of whose parts is printed any more, which go with them: 0 would be untrue."""


def rounded(judged: Judged, gone: Collection[Place], regime: Regime) -> Rounded:
    """Round the counts of a table.

    Args:
        judged: The table.
        gone: Cells that are taken out.
        regime: How.
    """
    return _Rounding(judged, gone, regime).result()


def _sums_of(judged: Judged) -> tuple[Sum, ...]:
    """Give the sums of a table, and those that it had before anything was taken out."""
    return tuple(dict.fromkeys((*judged.sums, *judged.known)))


class _Rounding:
    """Rounds the counts of one table, and adds up its totals again."""

    def __init__(self, judged: Judged, gone: Collection[Place], regime: Regime) -> None:
        self._regime = regime
        self._gone = {*gone, *judged.already}
        self._counts = {
            place: cell.count
            for place, cell in judged.counted.cells.items()
            if isinstance(cell, Released) and place not in self._gone
        }
        columns = {found.index for found in judged.small.columns}
        self._plain = {
            place: round_count(count, self._regime) if place[1] in columns else count
            for place, count in self._counts.items()
        }
        self._sums: dict[Place, list[Sum]] = {}
        for relation in () if self._regime.midpoint else _sums_of(judged):
            whole = relation.whole[0]
            if len(relation.whole) == 1 and whole in self._plain and whole[1] in columns:
                self._sums.setdefault(whole, []).append(relation)
        self._known = frozenset(judged.known)
        self._already = judged.already
        self._values: dict[Place, int] = {}
        self._totals: set[Place] = set()
        self._lost = frozenset(self._lose())

    def _lose(self) -> Iterator[Place]:
        """Take out totals without parts; those of such totals, too."""
        found = True
        while found:
            found = False
            for place, sums in self._sums.items():
                parts = {part for relation in sums for part in relation.parts}
                if place in self._plain and parts <= self._gone:
                    found = True
                    self._gone.add(place)
                    del self._plain[place]
                    yield place

    def result(self) -> Rounded:
        for place in sorted(self._plain):
            self._value(place, frozenset())
        return Rounded(values=self._values, totals=frozenset(self._totals), lost=self._lost)

    def _value(self, place: Place, above: frozenset[Place]) -> int:
        if place in self._values:
            return self._values[place]
        if place in above:  # totals of each other
            return self._plain[place]
        changed = [
            relation
            for relation in self._sums.get(place, ())
            if self._has_changed(relation, above | {place})
            and self._is_believed(relation, above | {place})
        ]
        printed = [each for each in changed if self._gone.isdisjoint(each.parts)]
        found = {self._added(relation, above | {place}) for relation in printed or changed}
        if len(found) == 1:
            self._totals.add(place)
        self._values[place] = found.pop() if len(found) == 1 else self._plain[place]
        return self._values[place]

    def _is_believed(self, relation: Sum, above: frozenset[Place]) -> bool:
        """Say whether a total is of these parts: of those taken out before it is, where they still make it up."""
        if relation in self._known or self._already.isdisjoint(relation.parts):
            return True
        return self._added(relation, above) == self._plain[relation.whole[0]]

    def _added(self, relation: Sum, above: frozenset[Place]) -> int:
        return sum(self._value(part, above) for part in relation.parts if part in self._plain)

    def _has_changed(self, relation: Sum, above: frozenset[Place]) -> bool:
        """Say whether a total is no longer what its parts are: one was rounded, or is not printed."""
        if any(part in self._gone for part in relation.parts):
            return True
        whole = relation.whole[0]
        return self._plain[whole] != self._counts[whole] or any(
            self._value(part, above) != self._counts[part]
            for part in relation.parts
            if part in self._plain
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What everybody knows of each count of a table, once it is printed."""

    cells: Mapping[Place, Cell] = field(repr=False)
    totals: frozenset[Place] = frozenset()
    """Those that were added up again, and say no more than their parts."""

    def relations(self, sums: Iterable[Sum], linked: Collection[Place]) -> Iterator[Sum]:
        """Give what sums still say: in place of each such total stand its parts.

        Most sums say nothing then. Totals that stand elsewhere too stay in them.

        Args:
            sums: How the counts add up before redaction.
            linked: Cells that another table tells something about.
        """
        sums = tuple(sums)
        parts_of: dict[Place, tuple[Place, ...]] = {}
        for relation in sums:
            whole = relation.whole[0]
            if len(relation.whole) == 1 and whole in self.totals and whole not in linked:
                parts_of.setdefault(whole, relation.parts)
        for relation in sums:
            written = _without_totals(relation, parts_of)
            if written is not None:
                yield written


def _without_totals(relation: Sum, parts_of: Mapping[Place, tuple[Place, ...]]) -> Sum | None:
    """Write a sum with parts in place of totals; None where it says nothing any more."""
    parts = Counter(_leaves(relation.parts, parts_of))
    whole = Counter(_leaves(relation.whole, parts_of))
    left, right = parts - whole, whole - parts
    if not left and not right:
        return None
    repeats = any(number > 1 for number in (*left.values(), *right.values()))
    if repeats or not (left and right):  # which no sum can say
        return relation
    return Sum(tuple(left), tuple(right), relation.proven)


def _leaves(
    places: Iterable[Place],
    parts_of: Mapping[Place, tuple[Place, ...]],
    above: frozenset[Place] = frozenset(),
) -> Iterator[Place]:
    for place in places:
        if place in parts_of and place not in above:
            yield from _leaves(parts_of[place], parts_of, above | {place})
        else:
            yield place


def published(judged: Judged, result: Rounded, regime: Regime) -> Printed:
    """Give what everybody knows of each count once a table is rounded."""
    known: dict[Place, Cell] = dict(judged.counted.cells)
    known |= dict.fromkeys(result.lost, Unprinted())
    for place, count in result.values.items():
        if place[1] in judged.small.kept:
            continue
        known[place] = _published(known[place], count, place in result.totals, regime)
    return Printed(cells=known, totals=result.totals | result.lost)


def _published(cell: Cell, count: int, is_total: bool, regime: Regime) -> Cell:  # noqa: FBT001
    if is_total:
        return Unprinted()
    if isinstance(cell, Released) and cell.count == count and not regime.holds(count):
        return cell
    return Released(count, cell.regime if isinstance(cell, Released) and cell.regime else regime)
