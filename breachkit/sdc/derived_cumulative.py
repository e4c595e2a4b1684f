"""Columns that add up the counts of another, row by row: each of their cells tells about two rows.

Source: `tabulate` of Stata prints Freq., Percent and Cum.; tables of survival have cumulative events.
"""

import itertools
from collections.abc import Iterator, Sequence

from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass
from breachkit.sdc.cells import Place, Released, Sum
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import HEADER, Grid
from breachkit.sdc.count_names import normal
from breachkit.sdc.margin_labels import total_lines
from breachkit.sdc.stated import decimals_of, stated


@dataclass(frozen=True, slots=True)
class Cumulative:
    """A column of sums of the counts so far, or of their share in all of them."""

    at: int
    """Its index, from 0."""
    of: int
    """That of the counts."""
    rows: tuple[int, ...]
    """The rows that are added up, in order."""
    scale: int | None
    """What shares are printed per; None where it holds no shares of all that is counted there."""
    has_counts: bool = False
    """Whether it holds sums of counts."""

    def sums(self) -> Iterator[Sum]:
        """Give what each cell is the sum of, where it holds counts."""
        for number, row in enumerate(self.rows):
            so_far = tuple((before, self.at) for before in self.rows[max(number - 1, 0) : number])
            yield Sum((*so_far, (row, self.of)), ((row, self.at),), proven=True)

    def cells(self) -> tuple[Place, ...]:
        """Give its cells."""
        return tuple((row, self.at) for row in self.rows)


_NAME = regex(r"(?:^|_)cum(?:ul|ulative)?(?:_|$)")
_SHARE = regex(
    r"^cum(?:ul|ulative)?$|(?:^|_)(?:pct|perc|percent|percentage|prop|proportion|share|freq|frequency)(?:_|$)|%"
)
_SCALES = (100, 1)


def cumulative_columns(table: Table, grid: Grid) -> tuple[Cumulative, ...]:
    """Give the columns that are called cumulative, each with the counts that it adds up."""
    totals = {grid.rows[line] for line in total_lines(grid)}
    rows = tuple(row for row in grid.rows if row != HEADER and row not in totals)
    named = [at for at, name in enumerate(table.header) if _NAME.search(normal(name))]
    return tuple(found for at in named if (found := _found(table, grid, at, rows)) is not None)


def _found(table: Table, grid: Grid, at: int, rows: tuple[int, ...]) -> Cumulative | None:
    others = sorted((of for of in grid.columns if of != at), key=lambda of: (of > at, abs(at - of)))
    for of in others:
        if at in grid.columns:
            if _adds_up(grid, at, of, rows):
                return Cumulative(at, of, rows, None, has_counts=True)
        else:
            scale = _scale(grid, column(table, at), of, rows)
            if scale is not None:
                return Cumulative(at, of, rows, scale)
    if at in grid.columns or not others or not _SHARE.search(normal(table.header[at])):
        return None
    return Cumulative(at, others[0], rows, None)


def _counts(grid: Grid, index: int, rows: Sequence[int]) -> list[int | None]:
    cells = [grid.cells[row, index] for row in rows]
    return [cell.count if isinstance(cell, Released) else None for cell in cells]


_TELLING = 2


def _adds_up(grid: Grid, at: int, of: int, rows: Sequence[int]) -> bool:
    sums, counts = _counts(grid, at, rows), _counts(grid, of, rows)
    steps = [
        (after - before, count)
        for (before, after), count in zip(itertools.pairwise([0, *sums]), counts, strict=True)
        if before is not None and after is not None and count is not None
    ]
    return len({step for step in steps if step[1]}) >= _TELLING and all(
        one == other for one, other in steps
    )


def _scale(grid: Grid, cells: Sequence[str], of: int, rows: Sequence[int]) -> int | None:
    counts = _counts(grid, of, rows)
    known = [count for count in counts if count is not None]
    total = sum(known)
    if not total or len(known) < len(counts):
        return None
    decimals = decimals_of(cells[row] for row in rows)
    for scale in _SCALES:
        shares = [stated(cells[row], of=scale, decimals=decimals) for row in rows]
        if all(
            share is not None and share.numerators(total).holds(so_far)
            for share, so_far in zip(shares, itertools.accumulate(known), strict=True)
        ):
            return scale
    return None
