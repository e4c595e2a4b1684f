"""How data sets become tables of text: cells as a person would write them, within the budget."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from typing import TypeVar

from breachkit.documents.columns import RowsOfColumns
from breachkit.documents.reader import Budget, inside
from breachkit.documents.table import Document, Origin, Table, Text, TextKind, Unreadable


MOST_CELLS = 30_000
"""Of a data set whose cells are judged one by one. As many as six columns of the 5,000 rows that may be
released: what is larger holds a row for each patient, which its first rows show as well as all."""
SAMPLED_CELLS = 15_000
"""Of a data set of more than `MOST_CELLS`, which is not read whole anyway."""
FEWEST_SAMPLED = 210
"""Rows of such a data set, where `MOST_CELLS` allows: the shape of rows tells from 200 on."""
MOST_IN_ALL = 20 * MOST_CELLS
"""Cells of all the tables of one file that holds many."""
REMEMBERED = 10_000
"""Different values of a column that are written once."""
LONGEST_TEXT = 1 << 20
"""Characters of labels, names and notes of one file that are looked at."""


def number_text(value: float) -> str:
    """Write a number: whole ones without a decimal point, what is no number as nothing."""
    if value != value:  # noqa: PLR0124 - NaN, which is what data sets have for a missing value
        return ""
    if abs(value) < 1e16 and float(value).is_integer():
        return str(int(value))
    return str(value)


def number_texts(values: Sequence[float], missing: float) -> list[str]:
    """Write numbers as `number_text` does, and nothing from `missing` upward.

    Many thousand that hardly repeat are written at half the cost of calling that for each.
    """
    return [
        ""
        if not value < missing
        else str(int(value))
        if -1e16 < value < 1e16 and value.is_integer()
        else repr(value)
        for value in values
    ]


Stored = TypeVar("Stored", float, bytes)


def texts(values: Iterable[float], write: Callable[[float], str] = number_text) -> list[str]:
    """Write the numbers of a column, of which most repeat."""
    return written(values, write)


def written(values: Iterable[Stored], write: Callable[[Stored], str]) -> list[str]:
    """Write the values of a column, of which most repeat."""
    known: dict[Stored, str] = {}
    found = []
    for value in values:
        cell = known.get(value)
        if cell is None:
            cell = write(value)
            if len(known) < REMEMBERED:
                known[value] = cell
        found.append(cell)
    return found


def most_rows(rows: int, columns: int) -> int:
    """Give how many rows of a data set are read: all where their cells are few, else a sample.

    Args:
        rows: How many there are; what a file claims will do.
        columns: How many cells each has.
    """
    columns = max(columns, 1)
    whole = max(MOST_CELLS // columns, 1)
    if rows <= whole:
        return rows
    return min(whole, max(SAMPLED_CELLS // columns, FEWEST_SAMPLED))


def rows_within(
    budget: Budget, rows: int, columns: int, *, before: int = 0, cells: int = MOST_CELLS
) -> int:
    """Give how many of a table's rows may be read, and take account of their cells.

    Args:
        budget: Pays for them.
        rows: How many there are.
        columns: How many cells each has.
        before: How many rows of the same table were read already.
        cells: How many of its cells are read at most, where it shares a file with others.
    """
    most = most_rows(before + rows, columns) - before
    allowed = max(min(rows, most, min(budget.cells, cells) // max(columns, 1)), 0)
    budget.take_cells(allowed * columns)
    return allowed


def data_set(
    header: Sequence[str],
    columns: Sequence[Sequence[str]],
    part: str | None,
    budget: Budget,
    *,
    rows: int | None = None,
    origin: Origin = Origin.DATASET,
    length: int | None = None,
) -> Iterator[Document]:
    """Give a table, and what is left of it where not all its rows were read.

    Args:
        header: Names of the columns.
        columns: Their cells, as many in each.
        part: Where it stands.
        budget: Pays for the characters, so that rows are left out where they are too long; the
            cells were paid for when they were made.
        rows: How many rows there really are, where that is known.
        origin: What it was in its file.
        length: How many characters all cells have, where that is known.
    """
    if not header:
        return
    number = len(columns[0])
    length = _length(columns, number) if length is None else length
    while number and length > budget.bytes:
        number //= 2
        length = _length(columns, number)
    budget.take_bytes(length)
    cells = RowsOfColumns([tuple(column[:number]) for column in columns])
    left = max(rows or 0, len(columns[0])) - number
    names = tuple(name.strip() for name in header)
    yield Table(names, cells, part, origin=origin, more_rows=left)
    if left:
        yield Unreadable("a large data set, of which only the first rows were read", part)


def _length(columns: Sequence[Sequence[str]], rows: int) -> int:
    return sum(sum(map(len, islice(column, rows))) for column in columns)


def hidden_text(lines: Sequence[str], part: str | None) -> Iterator[Text | Unreadable]:
    """Give what a file says beside its data, where it says anything."""
    text = "\n".join(line for line in lines if line.strip())
    if text:
        yield Text(text[:LONGEST_TEXT], part, TextKind.HIDDEN)
    if len(text) > LONGEST_TEXT:
        yield Unreadable("only the first part of its descriptions was read", part)


def numbered(part: str | None, kind: str, number: int, total: int) -> str | None:
    """Name the parts of a file where there are several."""
    return inside(part, f"{kind} {number}") if total > 1 else part


def stripped(cells: Sequence[str | None]) -> list[str]:
    """Give cells without surrounding white space; nothing where there is none."""
    return [cell.strip() if cell else "" for cell in cells]


def empty(rows: int) -> list[str]:
    """Give a column without content."""
    return list(repeat("", rows))
