"""Rows of cells that are rows already - of a sheet, a word processor, a page - to tables."""

import dataclasses
from collections.abc import Iterator, Sequence
from operator import itemgetter

from breachkit.documents.further import further_tables
from breachkit.documents.table import Document, Origin, Table


_SAMPLE_ROWS = 40
_TITLE_LINES = 20
_MOST_HEADINGS = 5
_LOOKED_AT = 80
"""Characters of a cell that tell whether it holds a digit; the same long one may be in many cells."""
_BEGINNING = itemgetter(slice(_LOOKED_AT))


def header_row(sample: Sequence[Sequence[str]]) -> int:
    """Find the header, counted from 0, under any title lines.

    A title is a line with one cell filled, or none, above a table that usually fills more. A header
    may leave the column without a name that tells what the rows are.
    """
    filled = [_filled(row) for row in sample]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    needed = 2 if usual >= 2 else 1
    for number, cells in enumerate(filled[:_TITLE_LINES]):
        if cells >= needed and cells * 2 >= usual:
            return number
    return 0


def _filled(row: Sequence[str]) -> int:
    cells = len(row) - row.count("")
    return cells + (0 < cells == len(row) - 1 and not row[0])


def tables_of(
    rows: Sequence[Sequence[str]],
    part: str | None,
    *,
    origin: Origin,
    hidden: bool = False,
    named: bool = False,
) -> Iterator[Document]:
    """Give the table that rows are, and those further down in it; nothing where no cell is filled.

    Args:
        rows: Cells stripped of surrounding white space; titles may stand above the header.
        part: What reports call the table.
        origin: What the rows were in their file.
        hidden: Whether a person who opens the file does not see them.
        named: Whether the first row is known to be the header.
    """
    start = next((number for number, row in enumerate(rows) if any(row)), None)
    if start is None:
        return
    rows = rows[start:]
    head = 0 if named else header_row(rows[:_SAMPLE_ROWS])
    head = head if named else _last_heading(rows, head)
    header = _named_above(rows[: head + 1])
    yield Table(header, rows[head + 1 :], part, origin=origin, hidden=hidden)
    if named:
        return
    lines = [" ".join(map(_BEGINNING, row)) for row in rows]
    for document in further_tables(lambda: rows, head, lines, part):
        if isinstance(document, Table):
            yield dataclasses.replace(document, origin=origin, hidden=hidden)
        else:
            yield document


def _last_heading(rows: Sequence[Sequence[str]], head: int) -> int:
    """Give the last row of a header whose first row has names over several columns, as pandas writes it."""
    names = list(filter(None, rows[head]))
    if len(set(names)) == len(names):
        return head
    for number in range(head + 1, min(head + _MOST_HEADINGS, len(rows))):
        if any(cell[:1].isdecimal() for cell in rows[number]):
            return number - 1
    return head


def _named_above(heads: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Give a header in which a column without a name has the names that the rows above give it.

    The first column of all has none: titles stand there.
    """
    header = list(heads[-1])
    width = max(map(len, heads))
    header += [""] * (width - len(header))
    for column in range(1, width):
        if not header[column]:
            above = (row[column] for row in heads[:-1] if column < len(row))
            header[column] = " ".join(dict.fromkeys(filter(None, above)))
    while len(header) > len(heads[-1]) and not header[-1]:
        header.pop()
    return tuple(header)
