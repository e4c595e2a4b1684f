"""How the cells of a table add up: what its labels say, and what its numbers show.

A family is a way of adding up that a table may have: "the rows called total", "this column is the
sum of those". Its groups are judged together: where printed numbers show that it holds in one
place, it holds in those where something was taken out.

Source: the shapes of released tables (totals by row and column, nested subtotals, long tables of
one breakdown after the other, "table 1").
"""

from collections.abc import Iterable, Iterator, Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import (
    Cell,
    CountTable,
    Place,
    Relation,
    Released,
    Sum,
    is_recomputed,
    origins,
)
from breachkit.sdc.count_grid import Grid
from breachkit.sdc.intervals import Interval
from breachkit.sdc.search import Search


MAX_RELATIONS = 3_000
MAX_WORK = 400_000
"""Cells that are added up in search of relations of one kind: a table of 200 rows takes a tenth."""
_LEAST_TOTAL = 10
"""A total below this may agree with its parts by chance."""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines (rows, or columns) that add up to others; counted from 0 in their `Lines`."""

    parts: tuple[int, ...]
    whole: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """Groups that are right or wrong together."""

    groups: tuple[Group, ...]
    labelled: bool
    """Labels say so; otherwise the numbers have to prove it."""
    candidates: int = 1
    """Among how many possible families numbers have chosen this one."""


class Lines:
    """The rows of a grid, or its columns, as lines of cells of equal length."""

    def __init__(self, places: Sequence[Sequence[Place]], grid: Grid) -> None:
        self.places = places
        cells = [[grid.cells[place] for place in line] for line in places]
        self.counts = [[_count(cell) for cell in line] for line in cells]
        self.boxes = [[_box(cell) for cell in line] for line in cells]
        self.length = len(places[0]) if places else 0

    def __len__(self) -> int:
        return len(self.places)

    @classmethod
    def rows(cls, grid: Grid) -> "Lines":
        """Give the rows; line n is row `grid.rows[n]` of the table."""
        return cls([[(row, index) for index in grid.columns] for row in grid.rows], grid)

    @classmethod
    def columns(cls, grid: Grid) -> "Lines":
        """Give the columns of counts; line n is `grid.columns[n]`."""
        return cls([[(row, index) for row in grid.rows] for index in grid.columns], grid)

    def agrees(self, group: Group, at: int) -> bool | None:
        """Say whether printed numbers add up; None where one is missing or rounding leaves it open.

        Parts that are more than their total without those that are missing do not add up either.
        """
        parts, whole = self._range(group.parts, at), self._range(group.whole, at)
        if parts.high is None or whole.high is None:
            over = whole.high is not None and parts.low > whole.high
            return False if over else None
        if parts.meet(whole).is_empty:
            return False
        total = self._sum(group.whole, at)
        return True if self._sum(group.parts, at) == total >= _LEAST_TOTAL else None

    def _sum(self, lines: Sequence[int], at: int) -> int:
        return sum(self.counts[line][at] or 0 for line in lines)

    def _range(self, lines: Sequence[int], at: int) -> Interval:
        low, high = 0, 0
        for line in lines:
            box = self.boxes[line][at]
            if box is None:
                return Interval(self._least(lines, at))
            low, high = low + box.low, high + (box.high or 0)
        return Interval(low, high)

    def _least(self, lines: Sequence[int], at: int) -> int:
        return sum(box.low for line in lines if (box := self.boxes[line][at]) is not None)

    def relation(self, group: Group, at: int, *, proven: bool) -> Sum:
        """Write a group at one position of its lines as a relation between cells."""
        return Sum(
            tuple(self.places[line][at] for line in group.parts),
            tuple(self.places[line][at] for line in group.whole),
            proven,
        )


def _count(cell: Cell) -> int | None:
    return cell.count if isinstance(cell, Released) else None


def _box(cell: Cell) -> Interval | None:
    return origins(cell.count, cell.regime) if isinstance(cell, Released) else None


@dataclass(slots=True)
class _Weighed:
    family: Family
    agreeing: int = 0
    against: int = 0
    sums: dict[tuple[int, ...], int] = field(default_factory=dict)
    """Different sums that agree: their parts, and their total."""


def relations_of(lines: Lines, families: Iterable[Family], search: Search) -> Iterator[Sum]:
    """Give the relations of the families that numbers do not speak against, without repetition.

    A total that leaves out what was suppressed (`is_recomputed`) is no relation.
    """
    seen: set[tuple[frozenset[Place], frozenset[Place]]] = set()
    work = MAX_WORK
    for family in families:
        work -= lines.length * sum(len(group.parts) + 1 for group in family.groups)
        if not search.within(-work, 0):
            return
        weighed = _weigh(lines, family)
        proven = _is_proven(weighed)
        if not proven and (not family.labelled or weighed.against):
            continue
        for relation in _written(lines, family, proven=proven):
            key = (frozenset(relation.parts), frozenset(relation.whole))
            if key not in seen:
                seen.add(key)
                yield relation


def _weigh(lines: Lines, family: Family) -> _Weighed:
    weighed = _Weighed(family)
    for group in family.groups:
        for at in range(lines.length):
            agrees = lines.agrees(group, at)
            if agrees is None:
                continue
            weighed.agreeing += agrees
            weighed.against += not agrees
            if agrees:
                parts = tuple(lines.counts[line][at] or 0 for line in group.parts)
                weighed.sums[parts] = sum(parts)
    return weighed


_MOST_AGAINST = 0.25
_CHANCE = 1e-2


def _is_proven(weighed: _Weighed) -> bool:
    """Say whether numbers show that a family holds: chance makes a sum agree once in its size."""
    if not weighed.agreeing or weighed.against > _MOST_AGAINST * weighed.agreeing:
        return False
    chance = float(weighed.family.candidates)
    for total in weighed.sums.values():
        chance /= total
    return weighed.family.labelled or chance <= _CHANCE


def _written(lines: Lines, family: Family, *, proven: bool) -> Iterator[Sum]:
    for group in family.groups:
        for at in range(lines.length):
            if lines.agrees(group, at) is False:
                continue
            yield lines.relation(group, at, proven=proven)


def to_audit(grid: Grid, relations: Iterable[Relation], search: Search) -> CountTable:
    """Put together what the audit of a grid needs: the relations that tell something.

    Left out are totals that leave out what was suppressed, and everything beyond
    `MAX_RELATIONS`.
    """
    kept: list[Relation] = []
    for relation in relations:
        if isinstance(relation, Sum) and is_recomputed(relation, grid.cells):
            continue
        if not search.within(len(kept) + 1, MAX_RELATIONS):
            break
        kept.append(relation)
    used = {place for relation in kept for place in places_of(relation)}
    wanted = used | grid.strong | grid.weak
    cells = {place: cell for place, cell in grid.cells.items() if place in wanted}
    return CountTable(cells=cells, relations=tuple(kept), is_cut=search.is_cut)


def places_of(relation: Relation) -> tuple[Place, ...]:
    """Give the cells of a relation."""
    if isinstance(relation, Sum):
        return (*relation.parts, *relation.whole)
    return (relation.part, relation.whole)
