"""The counts of a table as a grid of cells: what is printed, what was taken out, what labels say.

Source: the marks and the headers of 1,802 released tables of 24 study repositories.
"""

import dataclasses
import re
from collections.abc import Collection, Iterator, Sequence

from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc.asking import of_table
from breachkit.sdc.cells import Cell, Place, Released, Suppressed, Unprinted
from breachkit.sdc.count_cells import column, count_of, whole_counts
from breachkit.sdc.count_names import (
    header_count,
    is_midpoint_name,
    is_rounded_name,
    is_statistic,
)
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.rounding import REGIMES, Regime, infer
from breachkit.sdc.sketching import is_number
from breachkit.sdc.suppressed import (
    MAX_COLUMNS,
    flagged_rows,
    has_marks,
    marked_columns,
    prior_of,
    suppression_of,
    without_share_behind_mark,
)


MAX_ROWS = 2_000
"""Where nothing was visibly taken out, longer tables have no grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The columns of a table that count people."""

    rows: tuple[int, ...]
    """The rows of the table (from 0) that hold some count or mark, in order: the lines of the grid.
    The first may be `HEADER`."""
    heads: frozenset[int]
    """Lines (from 0) directly above which a row without counts stands: `Sex`, above `Female`."""
    columns: tuple[int, ...]
    """Their indices in the table, counted from 0."""
    names: tuple[str, ...] = field(repr=False)
    """Their headers."""
    cells: dict[Place, Cell] = field(repr=False)
    """By row and column of the table. Every cell has an entry: what is no count is `Suppressed`."""
    strong: frozenset[Place]
    """Cells whose mark only suppression leaves."""
    weak: frozenset[Place]
    """Cells without a count that may have been suppressed, or may never have held one."""
    labels: tuple[tuple[str, ...], ...] = field(repr=False)
    """The columns that name rows: one cell per line, as `plain_label` writes it."""
    is_cut: bool = False
    """There are more columns that count people than these, or more that name rows in groups."""


@of_table
def grid_of(table: Table) -> Grid | None:
    """Lay out the counts of a table; None where none of them is missing, or too many are."""
    known = count_columns(table)
    if not has_marks(table) and (len(table.rows) > MAX_ROWS or not _few_are_missing(table, known)):
        return None
    headings = _headings(table)
    marked = [
        index for index in marked_columns(table) if _counts_beside_marks(table, index, headings)
    ]
    indices = {*marked, *(found.index for found in known)}
    if not indices:
        return None
    if marked:
        indices.update(_further(table, min(indices), headings))
    every = tuple(sorted(indices))
    grid = _grid(table, every[:MAX_COLUMNS], headings)
    return dataclasses.replace(grid, is_cut=grid.is_cut or len(every) > MAX_COLUMNS)


def gaps_left_out(table: Table) -> bool:
    """Say whether counts are missing for which `grid_of` does not look, as the table is too long."""
    if len(table.rows) <= MAX_ROWS or has_marks(table):
        return False
    return _few_are_missing(table, count_columns(table))


_MOST_MISSING = 0.2


def _few_are_missing(table: Table, known: Sequence[CountColumn]) -> bool:
    """Say whether counts are missing, and few enough that they may have been taken out.

    Where more are, a column holds counts in some of its rows only. Rows without any are headings.
    """
    if not any(None in found.counts for found in known):
        return False
    rows = zip(*(found.counts for found in known), strict=True)
    blank = sum(1 for row in rows if row.count(None) == len(row))
    missing = sum(1 for found in known for count in found.counts if count is None)
    missing -= blank * len(known)
    return 0 < missing <= max(2, _MOST_MISSING * len(known) * (len(table.rows) - blank))


def grid_over(table: Table, columns: Collection[int]) -> Grid:
    """Lay out given columns of counts (from 0), whether or not something is missing among them."""
    return _grid(table, tuple(sorted(columns)), _headings(table))


def _headings(table: Table) -> int:
    for number, row in enumerate(table.rows[:4]):
        if any(count_of(cell) is not None or suppression_of(cell) for cell in row):
            return number
    return 0


def _counts_beside_marks(table: Table, index: int, headings: int) -> bool:
    """Say whether the numbers of a column with marks are counts: whole, and not called a statistic."""
    if is_statistic(table.header[index]):
        return False
    cells = list(map(without_share_behind_mark, column(table, index)))
    return whole_counts(cells, headings, words_allowed=0.2) is not None


def _further(table: Table, first: int, headings: int) -> list[int]:
    """Find whole numbers to the right of a column of counts: beside marks, they may be their margins."""
    return [
        index
        for index in range(first + 1, len(table.header))
        if not is_statistic(table.header[index])
        and whole_counts(column(table, index), headings) is not None
    ]


def _grid(table: Table, columns: tuple[int, ...], headings: int) -> Grid:
    cells = _cells(table, columns)
    flagged = flagged_rows(table)
    rows = [
        row
        for row in range(headings, len(table.rows))
        if row in flagged or any(_tells(table, cells, (row, index)) for index in columns)
    ]
    lost = [
        (row, index)
        for row in rows
        for index in columns
        if isinstance(cells[row, index], Suppressed)
    ]
    strong = frozenset(
        place for place in lost if place[0] in flagged or suppression_of(_at(table, place))
    )
    lines = _with_header(table, columns, rows, cells)
    labels, more_labels = _labels(table, columns, lines)
    known = {-1, -2, *rows}
    return Grid(
        rows=lines,
        heads=frozenset(line for line, row in enumerate(lines) if row - 1 not in known),
        columns=columns,
        names=tuple(table.header[index] for index in columns),
        cells=cells,
        strong=strong,
        weak=frozenset(lost) - strong,
        labels=labels,
        is_cut=more_labels,
    )


_MAX_LABELS = 8


def _labels(
    table: Table, columns: Sequence[int], lines: Sequence[int]
) -> tuple[tuple[tuple[str, ...], ...], bool]:
    """Give the columns that name rows, and whether there are more of them than these.

    Intervals and the like are words too, and name no row: they would tell each row from all others.
    """
    every = list(label_columns(table, columns, lines))
    telling = list(filter(_says_which, every)) or every
    return tuple(telling[:_MAX_LABELS]), len(telling) > _MAX_LABELS


def _says_which(labels: Sequence[str]) -> bool:
    """Say whether labels name groups, by repeating, or a row by words alone."""
    return len(set(labels)) < len(labels) or not all(map(_DIGIT.search, labels))


_DIGIT = re.compile(r"\d")
HEADER = -1
"""The row of counts that headers state: `Female, N=1,234`."""


def _with_header(
    table: Table, columns: tuple[int, ...], rows: Sequence[int], cells: dict[Place, Cell]
) -> tuple[int, ...]:
    """Put the counts that headers state before the rows, if there are any; give all rows."""
    stated = {index: header_count(table.header[index]) for index in columns}
    if not any(stated.values()):
        return tuple(rows)
    for index, count in stated.items():
        regime = next(
            (cell.regime for row in rows if isinstance(cell := cells[row, index], Released)), None
        )
        cells[HEADER, index] = Unprinted() if count is None else Released(count, regime)
    return (HEADER, *rows)


def _cells(table: Table, columns: tuple[int, ...]) -> dict[Place, Cell]:
    printed = {index: [count_of(cell) for cell in column(table, index)] for index in columns}
    known = [count for counts in printed.values() for count in counts if count]
    fit = infer(known)
    shared = fit.regime if fit else _regime_of_few(known)
    cells: dict[Place, Cell] = {}
    for index, counts in printed.items():
        regime = _stated_regime(table.header[index]) or shared
        for row, (written, count) in enumerate(zip(column(table, index), counts, strict=True)):
            cells[row, index] = (
                Suppressed(prior_of(written)) if count is None else Released(count, regime)
            )
    return cells


def _tells(table: Table, cells: dict[Place, Cell], place: Place) -> bool:
    return isinstance(cells[place], Released) or suppression_of(_at(table, place))


def _at(table: Table, place: Place) -> str:
    row, index = place
    return column(table, index)[row]


_USUAL = (Regime(10), Regime(5))
_FEW_USUAL = 2
_FEW = 3


def _regime_of_few(known: Collection[int]) -> Regime | None:
    """Take few counts for rounded if all may be: that widens what they stand for, and raises nothing."""
    different = set(known)
    regimes = REGIMES if len(different) >= _FEW else _USUAL
    if len(different) < _FEW_USUAL:
        return None
    return next((regime for regime in regimes if all(map(regime.holds, different))), None)


def _stated_regime(name: str) -> Regime | None:
    if is_midpoint_name(name):
        return Regime(6, midpoint=True)
    return Regime(5) if is_rounded_name(name) else None


def label_columns(
    table: Table, columns: Sequence[int], rows: Sequence[int]
) -> Iterator[tuple[str, ...]]:
    """Give the columns that name rows: one cell per row, as `plain_label` writes it.

    Args:
        table: The table.
        columns: Those that hold counts, in order.
        rows: The rows of the table to give; `HEADER` is a total.
    """
    for index in range(len(table.header)):
        if index not in columns:
            words = column(table, index)
            cells = ["total" if row == HEADER else words[row] for row in rows]
            if _names_rows(cells, left=index < columns[0]):
                yield tuple(map(plain_label, cells))


def _names_rows(cells: Sequence[str], *, left: bool) -> bool:
    """Say whether a column names rows: words; or, to the left of the counts, codes that repeat."""
    different = {cell for cell in cells if cell}
    if not different:
        return False
    numbers = sum(map(is_number, different))
    if numbers * 2 < len(different):
        return True
    whole = all(cell.isdecimal() for cell in different)
    return left and whole and len(different) * 2 <= len(cells)


_ORNAMENT = re.compile(r"[^\w%+<>=/&-]+")


def plain_label(cell: str) -> str:
    """Write a label in lower case without ornament: `**Total:**` becomes `total`."""
    return _ORNAMENT.sub(" ", cell[:100].casefold()).strip()
