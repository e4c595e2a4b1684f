"""The lines of delimited text that the rows of a table were read from."""

import csv
import re
from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from breachkit.documents.editing.cutting import (
    CUTS,
    SPACE_CUTS,
    Cut,
    Piece,
    quoted_cells,
    tightly_quoted_cells,
)
from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.shape import Shape
from breachkit.documents.table import Table


_LINE_ENDS = re.compile("\r\n|\r|\n")
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_WRAPPED = re.compile(r'"(?:[^"]|"")*"')
_LONGEST_RECORD = 20
_MOST_TITLES = 60
"""Lines above a header that are looked through for it."""


class Lines(NamedTuple):
    """The lines that a table is read from: all but empty ones at either end of the text."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def between(self, first: int, end: int) -> str:
        """Give lines with what parts them, but for what follows the last."""
        return self.text[self.starts[first] : self.ends[end - 1]]


class Record(NamedTuple):
    """Where a row stands, and how it is cut; `cut` is None where that is not known."""

    first: int
    """Line, counted from 0."""
    end: int
    cut: Cut | None
    is_wrapped: bool = False
    """Whether the line was quoted as if it were one cell."""


class Records:
    """The records of a table: its header is the first."""

    def __init__(self) -> None:
        """Start with none."""
        self._firsts = array("q")
        self._odd: dict[int, Record] = {}
        self.end = 0
        """The line behind the last of them."""

    def add(self, record: Record) -> None:
        """Add the next record. Most are one line each, cut as usual, and take little memory."""
        if record.end != record.first + 1 or record.cut is not quoted_cells or record.is_wrapped:
            self._odd[len(self._firsts)] = record
        self._firsts.append(record.first)
        self.end = record.end

    def __getitem__(self, number: int) -> Record:
        """Give a record, counted from 0."""
        first = self._firsts[number]
        return self._odd.get(number) or Record(first, first + 1, quoted_cells)

    def __len__(self) -> int:
        """Count them."""
        return len(self._firsts)


def lines_of(text: str) -> Lines:
    """Find the lines that `documents.delimited` reads."""
    starts, ends = _split(text, _LINE_ENDS)
    if len(starts) == 1:
        starts, ends = _split(text, _OTHER_LINE_ENDS)
    first, end = 0, len(starts)
    while first < end and _is_blank(text, starts[first], ends[first]):
        first += 1
    while first < end and _is_blank(text, starts[end - 1], ends[end - 1]):
        end -= 1
    return Lines(text, starts[first:end], ends[first:end])


def _split(text: str, line_ends: re.Pattern[str]) -> tuple[Sequence[int], Sequence[int]]:
    starts, ends = array("q", [0]), array("q")
    for found in line_ends.finditer(text):
        ends.append(found.start())
        starts.append(found.end())
    ends.append(len(text))
    return starts, ends


def _is_blank(text: str, start: int, end: int) -> bool:
    return start == end or text[start:end].isspace()


def records_of(lines: Lines, table: Table, shape: Shape, *, is_whole: bool) -> Records:
    """Find the lines of the header and of every row; titles may stand above them.

    Args:
        lines: Of the text.
        table: That was read from them.
        shape: How they fall into cells.
        is_whole: Whether all lines were read.

    Raises:
        CannotEditError: The rows are not to be found.
    """
    for first in range(min(len(lines.starts), _MOST_TITLES)):
        head = _record_at(lines, first, table.header, shape)
        if head.cut is None and table.header[:1] == ("",):  # R leaves out the name of rows' names
            head = _record_at(lines, first, table.header[1:], shape)
        if head.cut is None:
            continue
        found = _records_below(lines, head, table, shape)
        if len(found) > len(table.rows) and (found.end == len(lines.starts) or not is_whole):
            return found
    raise CannotEditError("rows that cannot be found again in the text")


def _records_below(lines: Lines, head: Record, table: Table, shape: Shape) -> Records:
    records = Records()
    records.add(head)
    for row in table.rows:
        if records.end >= len(lines.starts):
            break
        records.add(_record_at(lines, records.end, row, shape))
    return records


def unwrapped(line: str) -> str | None:
    """Give what a line that is one quoted cell has within; None for other lines."""
    core = line.strip()
    return core[1:-1].replace('""', '"') if _WRAPPED.fullmatch(core) else None


def _record_at(lines: Lines, first: int, row: Sequence[str], shape: Shape) -> Record:
    """Find the record that reads as a row: the line itself, or several where it opens a quote."""
    line = lines.between(first, first + 1)
    if shape.remake is None and _is_usual(line, shape.delimiter, row):
        return Record(first, first + 1, quoted_cells)
    inner = unwrapped(line) if shape.remake else None
    for cut in (*CUTS, *SPACE_CUTS) if shape.remake else CUTS:
        if _reads_as(cut(line if inner is None else inner, shape.delimiter), row):
            return Record(first, first + 1, cut, is_wrapped=inner is not None)
    end = _closing(lines, first) if line.count('"') % 2 else None
    cut = tightly_quoted_cells
    if end and _reads_as(cut(lines.between(first, end), shape.delimiter), row):
        return Record(first, end, cut)
    return Record(first, first + 1, None)


def _is_usual(line: str, delimiter: str, row: Sequence[str]) -> bool:
    """Say, at little cost, whether a line is a row as the csv module cuts it."""
    if '"' not in line:
        cells = line.split(delimiter)
    elif line.count('"') % 2:
        return False
    else:
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            return False
    return len(cells) == len(row) and list(map(str.strip, cells)) == list(row)


def _closing(lines: Lines, first: int) -> int | None:
    """Give where a record ends that opens a quote and does not close it in its first line."""
    last = min(first + _LONGEST_RECORD + 1, len(lines.starts))
    for number in range(first + 1, last):
        if lines.between(number, number + 1).count('"') % 2:
            return number + 1
    return None


def _reads_as(cut: Iterable[Piece], row: Sequence[str]) -> bool:
    pieces = list(cut)
    if len(pieces) != len(row):
        return not row and len(pieces) == 1 and not pieces[0].shown
    return all(piece.reads_as(cell) for piece, cell in zip(pieces, row, strict=True))
