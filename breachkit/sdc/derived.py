"""Which printed statistics are made of which counts.

A percentage or a rate tells its numerator to whoever knows of what it is one. Of what it is one is
found by trying the other counts of its row, the totals of its column, and the sums of a breakdown
whose total is not printed; wherever all rows agree, it is taken for that.

Source: OpenSAFELY documentation 03b2b26 (2020-12-15): "any statistic describing 5 or fewer
patients, directly or indirectly".
"""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Place, Released, Sum, origins
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import HEADER, Grid
from breachkit.sdc.count_names import normal
from breachkit.sdc.intervals import Interval
from breachkit.sdc.left_beside import is_descriptive, left_beside
from breachkit.sdc.margin_labels import total_lines
from breachkit.sdc.measures import measures_of
from breachkit.sdc.ratio_columns import ratio_columns
from breachkit.sdc.search import Search
from breachkit.sdc.shares import is_share_name
from breachkit.sdc.stated import Stated, decimals_of, share_behind, stated


@dataclass(frozen=True, slots=True)
class Ratio:
    """A printed share or rate: `part` by `whole`, times `scale`."""

    place: Place
    """Where it is printed; the place of `part` itself where it stands behind its number."""
    part: Place
    whole: tuple[Place, ...]
    """One cell, or the parts of a total that is not printed."""
    scale: int
    """What it is printed per: 1, 100, 1000, ..."""


SCALES = (100, 1, 1_000, 10_000, 100_000, 1_000_000)
_MOST_TRIED = 100_000
"""Readings of the ratios of a table that are tried; one that is wrong shows in its first row."""

_Printed = Mapping[int, str]
"""By row of the table, from 0: what is printed of a ratio."""


@dataclass(frozen=True, slots=True)
class _Column:
    """Cells that may print a ratio of the counts of one column."""

    at: int
    """Where they stand, from 0: the column of the counts itself, where they stand behind them."""
    part: int
    cells: _Printed = field(repr=False)
    scales: tuple[int, ...]
    is_named: bool = True
    """Whether its name, or its form, says that it is some ratio: then it may be one of the numbers that
    rounding has changed since."""

    def read(self, scale: int) -> dict[int, Stated]:
        """Give the ratios at one scale, by row."""
        if self.at == self.part:
            found = ((row, share_behind(cell)) for row, cell in self.cells.items())
        else:
            decimals = decimals_of(self.cells.values())
            found = (
                (row, stated(cell, of=scale, decimals=decimals)) for row, cell in self.cells.items()
            )
        return {row: share for row, share in found if share is not None}


def ratios_of(table: Table, grid: Grid, sums: Sequence[Sum], search: Search) -> tuple[Ratio, ...]:
    """Give the printed ratios of a table's counts; of each the one reading that fits best.

    Args:
        table: The table.
        grid: Its counts.
        sums: How they add up.
        search: Is told if there are too many readings to try all.
    """
    found: dict[Place, Ratio] = {ratio.place: ratio for ratio in _of_measures(table)}
    finder = _Finder(grid, sums, search)
    for printed in _columns(table, grid):
        if not all((row, printed.at) in found for row in printed.cells):
            for ratio in finder.read(printed):
                found.setdefault(ratio.place, ratio)
    return tuple(found[place] for place in sorted(found))


def _of_measures(table: Table) -> Iterator[Ratio]:
    """Give the ratios of a measures file, of which its header says what they are."""
    measures = measures_of(table)
    names = [name.lower() for name in table.header]
    for name in ("ratio", "value") if measures else ():
        if measures and name in names:
            at = names.index(name)
            for row, cell in enumerate(column(table, at)):
                if stated(cell, of=1) is not None:
                    whole = ((row, measures.denominator),)
                    yield Ratio((row, at), (row, measures.numerator), whole, 1)


def _columns(table: Table, grid: Grid) -> Iterator[_Column]:
    rows = [row for row in grid.rows if row != HEADER]
    for part in grid.columns:
        cells = column(table, part)
        behind = {row: cells[row] for row in rows if share_behind(cells[row]) is not None}
        if behind:
            yield _Column(part, part, behind, (100,))
    ratios = set(ratio_columns(table))
    for at, name in enumerate(table.header):
        is_named = at in ratios or is_share_name(name)
        if at in grid.columns or not (is_named or is_descriptive(name)):
            continue
        cells = column(table, at)
        printed = {row: cells[row] for row in rows if stated(cells[row], of=1) is not None}
        for part in _nearest(grid.columns, at) if printed else ():
            yield _Column(at, part, printed, SCALES, is_named)


def _nearest(columns: Sequence[int], at: int) -> list[int]:
    """Give the columns of counts, those directly before a ratio first."""
    return sorted(columns, key=lambda index: (abs(at - index), index > at))


_Wholes = tuple[Sequence[int], Callable[[int], tuple[Place, ...]]]
"""Rows, and what the ratio of each may be a share of."""


class _Finder:
    """Finds out what the ratios of one table are of."""

    def __init__(self, grid: Grid, sums: Sequence[Sum], search: Search) -> None:
        self._grid, self._sums = grid, sums
        self._lines = total_lines(grid)
        self._rows = list(_blocks(grid, self._lines))
        self._search, self._tried = search, 0

    def read(self, printed: _Column) -> Iterator[Ratio]:
        """Give the ratios of a column by the first scale and the first wholes that all rows agree with."""
        part = printed.part
        for scale in printed.scales:
            shares = printed.read(scale)
            for rows, whole_of in self._wholes(part, shares):
                self._tried += 1
                if not self._search.within(self._tried, _MOST_TRIED):
                    return
                if self._agree(printed, shares, rows, whole_of):
                    for row in rows:
                        yield Ratio((row, printed.at), (row, part), whole_of(row), scale)

    def _wholes(self, part: int, shares: Mapping[int, Stated]) -> Iterator[_Wholes]:
        """Give what the shares of a column may be of: all of them, or those of one block of rows."""
        columns = self._grid.columns
        every = list(shares)
        for other in columns:
            if other != part:
                yield every, lambda row, other=other: ((row, other),)  # type: ignore[misc]
        if len(columns) > 1:
            yield every, lambda row: tuple((row, index) for index in columns)
        totals = self._totals(part)
        for block in itertools.chain(self._rows, self._summed(part)):
            rows = [row for row in block if row in shares]
            for total in totals:
                others = [row for row in rows if (row, part) != total]
                yield others, lambda _, whole=(total,): whole  # type: ignore[misc]
            parts = tuple((row, part) for row in block)
            if len(parts) > 1:
                yield rows, lambda _, whole=parts: whole  # type: ignore[misc]

    def _summed(self, part: int) -> Iterator[Sequence[int]]:
        """Give the rows of each sum within a column."""
        for relation in self._sums:
            if _columns_in(relation) == {part}:
                yield [row for row, _ in relation.parts]

    def _totals(self, part: int) -> list[Place]:
        """Give the cells of a column that may be the whole of others, the likeliest first."""
        grid = self._grid
        in_column = [
            relation.whole[0]
            for relation in self._sums
            if len(relation.whole) == 1 and _columns_in(relation) == {part}
        ]
        named = [(grid.rows[line], part) for line in (*self._lines, 0, len(grid.rows) - 1)]
        header = [(HEADER, part)] if HEADER in grid.rows else []
        return list(dict.fromkeys([*header, *in_column, *named]))

    def _agree(
        self,
        printed: _Column,
        shares: Mapping[int, Stated],
        rows: Iterable[int],
        whole_of: Callable[[int], tuple[Place, ...]],
    ) -> bool:
        """Say whether every share is one of its whole, and some tell that it is no chance."""
        telling: set[tuple[int, int]] = set()
        known = 0
        last, bottom = None, None
        for row in rows:
            places = whole_of(row)
            if places is not last:  # all rows of a block have the same
                last, bottom = places, _box(self._grid, places)
            top = _box(self._grid, ((row, printed.part),))
            if top is None or bottom is None or bottom.high == 0:
                continue
            if not _fits(shares[row], top, bottom):
                return False
            if not (printed.is_named or (top.is_exact and bottom.is_exact)):
                return False
            known += 1
            if 0 < top.low < bottom.low and (top.width or 0) * _SHARP <= top.low:
                telling.add((top.low, bottom.low))
        return len(telling) >= min(_TELLING, max(known, 1))


_SHARP = 5
"""A count that rounding leaves open by more than a part in so many tells nothing."""
_TELLING = 2
"""Different shares that have to agree, where it is not a count of the same row that they are of."""


def _columns_in(relation: Sum) -> set[int]:
    return {place[1] for place in (*relation.parts, *relation.whole)}


def _blocks(grid: Grid, lines: Sequence[int]) -> Iterator[Sequence[int]]:
    """Give rows of the table that may be one breakdown: all, those under a heading, those of a label."""
    rows = [row for row in grid.rows if row != HEADER]
    totals = {grid.rows[line] for line in lines}
    yield rows
    if totals:
        yield [row for row in rows if row not in totals]
    starts = [grid.rows[line] for line in sorted(grid.heads)]
    if starts:
        for start, end in itertools.pairwise([*starts, grid.rows[-1] + 1]):
            yield [row for row in rows if start <= row < end]
    for labels in grid.labels:
        for _, run in itertools.groupby(range(len(grid.rows)), key=labels.__getitem__):
            block = [grid.rows[line] for line in run if grid.rows[line] != HEADER]
            if 1 < len(block) < len(rows):
                yield block


def _box(grid: Grid, places: Iterable[Place]) -> Interval | None:
    """Give what the counts in these cells are together; None where one is missing."""
    low, high = 0, 0
    for place in places:
        cell = grid.cells.get(place)
        if not isinstance(cell, Released):
            return None
        box = origins(cell.count, cell.regime)
        low, high = low + box.low, high + (box.high or 0)
    return Interval(low, high)


def _fits(share: Stated, part: Interval, whole: Interval) -> bool:
    most, least = part.high or 0, part.low
    return (
        share.low * whole.low <= share.scale * most
        and share.scale * least <= share.high * (whole.high or 0)
    )  # fmt: skip


def statistics_of(
    table: Table, grid: Grid, ratios: Iterable[Ratio], gone: Collection[Place]
) -> frozenset[Place]:
    """Give the cells that print a statistic of counts which are taken out.

    Those are the ratios of which such a count is a part or the whole, whatever RAT-03 finds beside
    it, and the intervals printed behind one of these. Of people whose number the header states,
    all that their column says goes with it.

    Args:
        table: The table before anything is taken out.
        grid: Its counts.
        ratios: What `ratios_of` gives for them.
        gone: Counts that are taken out now, or were before.
    """
    rows = frozenset(place for place in gone if place[0] != HEADER)
    beside = left_beside(table, dataclasses.replace(grid, strong=rows))
    made = {ratio.place for ratio in ratios if ratio.part in gone or _is_of(ratio, gone)}
    about = {
        (row, index)
        for head, index in gone
        if head == HEADER
        for row, cell in enumerate(column(table, index))
        if prints_number(cell)
    }
    found = {*beside, *_before(table, grid, rows), *made, *about} - set(gone)
    return frozenset(found | {*_intervals_behind(table, grid, found)})


def _before(table: Table, grid: Grid, gone: Collection[Place]) -> Iterator[Place]:
    """Give the statistics that stand before all counts, and are of the people counted behind them."""
    first = min(grid.columns, default=0)
    last = first
    while last + 1 in grid.columns:
        last += 1
    rows = {row for row, index in gone if first <= index <= last}
    for at, name in enumerate(table.header[:first]):
        if is_descriptive(name):
            cells = column(table, at)
            yield from ((row, at) for row in rows if prints_number(cells[row]))


def _is_of(ratio: Ratio, gone: Collection[Place]) -> bool:
    """Say whether a count that is gone is all that a ratio is divided by."""
    return len(ratio.whole) == 1 and ratio.whole[0] in gone


def prints_number(cell: str) -> bool:
    """Say whether a cell prints a number, whatever stands around it, that is not 0."""
    return any("1" <= character <= "9" for character in cell)


def is_computed(name: str) -> bool:
    """Say whether a column is called a statistic of people, or an estimate, or the limit of one."""
    return is_descriptive(name) or is_interval(name) or is_estimate(name)


def is_interval(name: str) -> bool:
    """Say whether a column is called the limit of an interval, or a standard error."""
    return _INTERVAL.search(normal(name)) is not None


def is_estimate(name: str) -> bool:
    """Say whether a column is called the estimate of a model: a ratio of hazards, a coefficient."""
    return _ESTIMATE.search(normal(name)) is not None


_ESTIMATE = regex(
    r"(?:^|_)(?:hr|or|rr|irr|hazard|odds|ratio|coef|beta|est|estimate|smd|adjusted|adj)(?:_|$)"
)
_INTERVAL = regex(
    r"(?:^|_)(?:ci|lci|uci|lc|uc|lcl|ucl|lb|ub|ll|ul|lower|upper|low|high|se|conf_low|conf_high|l95|u95)(?:_|$)"
)


def _intervals_behind(table: Table, grid: Grid, found: Collection[Place]) -> Iterator[Place]:
    """Give the limits and errors that stand directly behind a statistic, and are its own."""
    limits = {
        at for at, name in enumerate(table.header) if at not in grid.columns and is_interval(name)
    }
    for row, index in found:
        at = index + 1
        while at in limits:
            if prints_number(column(table, at)[row]):
                yield row, at
            at += 1
