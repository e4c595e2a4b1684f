"""Cells that span rows and columns to a table: what HTML, word processors and LaTeX lay out.

A cell of the header that spans columns names each of them; one of the body that spans columns is
a heading within the table, and stands in the first of them alone. A cell that spans rows is
repeated in each, since it says something of each.
"""

from collections.abc import Sequence

from breachkit.documents.reader import Budget
from breachkit.documents.table import Origin, Table
from breachkit.model.records import dataclass, field


MAX_COLUMNS = 1_000
"""That a cell can span: as in the HTML standard."""
_LONGEST_JOINED = 80
"""Characters of a name joined of several rows; of a longer one only the last row is kept."""
_MOST_TURNED = 12
"""Columns of a table with names on its left that is turned to have them on top."""


@dataclass(
    slots=True
)  # a page has a million of them, and a frozen one takes thrice as long to make
class Cell:
    """One cell as it is written, with what it spans."""

    text: str = field(repr=False)
    columns: int = 1
    rows: int = 1
    """0: to the end of the table."""
    is_header: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is written."""

    cells: Sequence[Cell] = field(repr=False)
    in_head: bool = False
    """Whether the source says that it belongs to the header."""


def table_of(
    rows: Sequence[Row],
    part: str | None,
    budget: Budget,
    *,
    origin: Origin = Origin.MARKUP,
    hidden: bool = False,
) -> Table | None:
    """Lay out rows; None where no cell holds anything.

    Args:
        rows: All rows, those of the header first.
        part: What reports call the table.
        budget: Asked for each row, before it is laid out.
        origin: What the table was in its file.
        hidden: Whether a person does not see it.
    """
    rows = [row for row in rows if row.cells]
    if not any(cell.text for row in rows for cell in row.cells):
        return None
    heads = _header_rows(rows)
    grid = _laid_out(rows, heads, budget)
    if not heads and _names_on_the_left(rows):
        header, *body = [tuple(column) for column in zip(*_even(grid), strict=True)]
        return Table(header, body, part, origin=origin, hidden=hidden)
    if not heads:
        width = max(map(len, grid))
        return Table(("",) * width, grid, part, origin=origin, hidden=hidden)
    return Table(_joined(grid[:heads]), grid[heads:], part, origin=origin, hidden=hidden)


def plain_table(
    heads: Sequence[Sequence[str]], body: Sequence[list[str]], part: str | None, budget: Budget
) -> Table | None:
    """Make what `table_of` makes of a header and a body in which no cell spans others.

    Args:
        heads: The cells of each row of the header; none is empty, and there is one at least.
        body: The same of each other row.
        part: What reports call the table.
        budget: Asked for each row.
    """
    if not any(map(any, (*heads, *body))):
        return None
    for row in (*heads, *body):
        budget.take_cells(len(row))
    return Table(_joined(heads), body, part, origin=Origin.MARKUP)


def header_levels(rows: Sequence[Row], budget: Budget) -> Sequence[Sequence[str]]:
    """Give the rows of which `table_of` joins the names of columns; none where it joins no names."""
    rows = [row for row in rows if row.cells]
    heads = _header_rows(rows)
    return _levels(_laid_out(rows, heads, budget)[:heads]) if heads else ()


def _header_rows(rows: Sequence[Row]) -> int:
    """Count the rows of the header: those said to be, those of header cells alone, or the first.

    None is, where every row begins with a header cell and goes on with others.
    """
    said = _leading([row.in_head for row in rows])
    if not said:
        said = _leading([all(cell.is_header for cell in row.cells) for row in rows])
    if 0 < said < len(rows):
        return said
    if said:  # nothing but header
        return 1
    if all(row.cells[0].is_header and len(row.cells) > 1 for row in rows):
        return 0
    if not any(len(row.cells) > 1 for row in rows):
        return 1
    return _leading([len(row.cells) == 1 for row in rows[:-1]]) + 1  # under titles over everything


def _leading(flags: Sequence[bool]) -> int:
    return next((number for number, flag in enumerate(flags) if not flag), len(flags))


def _names_on_the_left(rows: Sequence[Row]) -> bool:
    return len(rows) > 1 and all(
        len(row.cells) <= _MOST_TURNED
        and row.cells[0].is_header
        and not any(cell.is_header for cell in row.cells[1:])
        for row in rows
    )


def _even(grid: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    width = max(map(len, grid))
    return [[*row, *[""] * (width - len(row))] for row in grid]


def _laid_out(rows: Sequence[Row], heads: int, budget: Budget) -> list[list[str]]:
    grid: list[list[str]] = []
    above: dict[int, tuple[int, str]] = {}  # column: rows still to fill, and with what
    for number, row in enumerate(rows):
        left = heads - number if number < heads else len(rows) - number
        line = _line(row, above, left, in_head=number < heads)
        budget.take_cells(len(line))
        grid.append(line)
    return grid


def _line(row: Row, above: dict[int, tuple[int, str]], left: int, *, in_head: bool) -> list[str]:
    """Lay out one row, and note in `above` what it leaves to the rows below."""
    if not above and all(cell.columns == 1 and cell.rows == 1 for cell in row.cells):
        return [cell.text for cell in row.cells]
    line: list[str] = []
    for cell in row.cells:
        _fill(line, above)
        width = max(1, min(cell.columns, MAX_COLUMNS))
        rows = min(cell.rows or left, left)
        for offset in range(width):
            text = cell.text if in_head or not offset else ""
            if rows > 1:
                above[len(line)] = (rows - 1, text)
            line.append(text)
    _fill(line, above)
    return line


def _fill(line: list[str], above: dict[int, tuple[int, str]]) -> None:
    """Put in what the rows above left for the next columns."""
    while len(line) in above:
        rows, text = above.pop(len(line))
        if rows > 1:
            above[len(line)] = (rows - 1, text)
            line.append(text)
            continue
        line.append(text)


def _joined(heads: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Join the rows of a header, column by column, without titles and without saying a word twice."""
    width = max(map(len, heads))
    levels = _levels(heads)
    return tuple(_name([row[at] if at < len(row) else "" for row in levels]) for at in range(width))


def _levels(heads: Sequence[Sequence[str]]) -> Sequence[Sequence[str]]:
    width = max(map(len, heads))
    named = [row for row in heads if width == 1 or _names_columns(row, width)]
    return named or heads[-1:]


def _names_columns(row: Sequence[str], width: int) -> bool:
    """Say whether a row has several names, or one over some columns; a title is over all, or in the first."""
    names = {cell for cell in row if cell}
    return len(names) > 1 or any(1 < row.count(name) < width for name in names)


def _name(levels: Sequence[str]) -> str:
    words = [word for word in dict.fromkeys(levels) if word]
    joined = " ".join(words)
    return joined if len(joined) <= _LONGEST_JOINED or not words else words[-1]
