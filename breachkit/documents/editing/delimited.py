"""Delimited text: where each cell of its tables stands, and how other words are written there."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.delimited import shapes, split_lines
from breachkit.documents.editing.cutting import CUTS, SPACE_CUTS, Cut, Piece
from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change
from breachkit.documents.shape import Shape
from breachkit.documents.table import Table


_LINE_ENDS = re.compile("\r\n|\r|\n")
_OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_LONGEST_RECORD = 20
_MOST_TITLES = 60
"""Lines above a header that are looked through for it."""


class _Lines(NamedTuple):
    """The lines that a table is read from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def between(self, first: int, end: int) -> str:
        """Give lines with what parts them, but for what follows the last."""
        return self.text[self.starts[first] : self.ends[end - 1]]


class _Record(NamedTuple):
    """Where a row stands, and how it is cut; `cut` is None where that is not known."""

    first: int
    end: int
    cut: Cut | None
    is_wrapped: bool = False
    """Whether the line was quoted as if it were one cell."""


class DelimitedPlaces:
    """Knows the places of the cells of delimited text; see `text_file.Places`."""

    ways = 1

    def __init__(self, text: str, tables: Sequence[Table]) -> None:
        """Find the records of tables that were read from a text, numbered as they are given.

        Raises:
            CannotEditError: The lines of a table are not to be found.
        """
        self._lines = _lines_of(text)
        self._whole: dict[int, tuple[int, int]] = {}
        self._records: dict[int, Sequence[_Record]] = {}
        self._shapes: dict[int, Shape] = {}
        found = iter(shapes(split_lines(text)))
        whole = -1
        for number, table in enumerate(tables):
            if table.above is None:
                whole = number
                self._shapes[whole] = next(found)
                self._records[whole] = _records_of(self._lines, table, self._shapes[whole])
            self._whole[number] = whole, table.above or 0
        self._heights = [len(table.rows) for table in tables]
        self.known = range(len(tables))

    def lines_above(self) -> Iterator[str]:
        """Give what stands above the header of each table of the whole file."""
        for records in self._records.values():
            if records[0].first:
                yield self._lines.between(0, records[0].first)

    def twins(self, spot: Spot, words: str) -> Iterable[tuple[Spot, str]]:
        """Give the cell of the whole table, and those of the parts of it that show it again."""
        whole, above = self._whole[spot.table]
        row = spot.row + above
        for number, (other, over) in self._whole.items():
            if other == whole and HEADER <= row - over < self._heights[number]:
                yield Spot(number, row - over, spot.column), words

    def changes(self, edits: Mapping[Spot, str], ways: Mapping[int, int]) -> Iterator[Change]:  # noqa: ARG002
        """Give the changes of the text, row by row."""
        rows: dict[tuple[int, int], dict[int, str]] = {}
        for spot, words in edits.items():
            whole, _ = self._whole[spot.table]
            if whole == spot.table:
                rows.setdefault((whole, spot.row), {})[spot.column] = words
        for (whole, row), cells in rows.items():
            yield from self._row(self._records[whole][row + 1], cells, self._shapes[whole])

    def _row(self, record: _Record, cells: Mapping[int, str], shape: Shape) -> Iterator[Change]:
        if record.cut is None:
            raise CannotEditError("a row that cannot be told apart into its cells")
        line = self._lines.between(record.first, record.end)
        start = self._lines.starts[record.first]
        if not record.is_wrapped:
            yield from _cells(line, start, cells, record.cut, shape.delimiter)
            return
        inner = _unwrapped(line) or ""
        parts = list(_cells(inner, 0, cells, record.cut, shape.delimiter))
        for change in sorted(parts, reverse=True):
            inner = inner[: change.start] + change.words + inner[change.end :]
        yield Change(start, start + len(line), line.replace(line.strip(), _in_quotes(inner)))


def _cells(
    line: str, start: int, cells: Mapping[int, str], cut: Cut, delimiter: str
) -> Iterator[Change]:
    """Give the changes of some cells of a line that starts at a place of the text."""
    pieces = cut(line, delimiter)
    for column, words in cells.items():
        piece = pieces[column]
        written = line[piece.start : piece.end]
        new = _written(written, piece.shown, words, delimiter)
        yield Change(start + piece.start, start + piece.end, new)


def _lines_of(text: str) -> _Lines:
    """Find the lines that `documents.delimited` reads, with what is left of them empty or not."""
    ends = [found.span() for found in _LINE_ENDS.finditer(text)]
    if not ends:
        ends = [found.span() for found in _OTHER_LINE_ENDS.finditer(text)]
    starts = [0, *(end for _, end in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    filled = [
        number
        for number in range(len(starts))
        if not _is_blank(text, starts[number], stops[number])
    ]
    if not filled:
        return _Lines(text, [], [])
    kept = slice(filled[0], filled[-1] + 1)
    return _Lines(text, starts[kept], stops[kept])


def _is_blank(text: str, start: int, end: int) -> bool:
    return start == end or text[start:end].isspace()


def _records_of(lines: _Lines, table: Table, shape: Shape) -> Sequence[_Record]:
    """Find the lines of the header and of every row; titles may stand above them."""
    for first in range(min(len(lines.starts), _MOST_TITLES)):
        if (head := _record_at(lines, first, table.header, shape)).cut is not None:
            records = [head, *_records_below(lines, head.end, table, shape)]
            if records[-1].end == len(lines.starts) or len(records) <= len(table.rows):
                return records
    raise CannotEditError("rows that cannot be found again in the text")


def _records_below(lines: _Lines, at: int, table: Table, shape: Shape) -> Iterator[_Record]:
    for row in table.rows:
        if at >= len(lines.starts):
            return
        record = _record_at(lines, at, row, shape)
        yield record
        at = record.end


_WRAPPED = re.compile(r'"(?:[^"]|"")*"')


def _unwrapped(line: str) -> str | None:
    """Give what a line that is one quoted cell has within; None for other lines."""
    core = line.strip()
    return core[1:-1].replace('""', '"') if _WRAPPED.fullmatch(core) else None


def _record_at(lines: _Lines, first: int, row: Sequence[str], shape: Shape) -> _Record:
    """Find the record that reads as a row: the line itself, or several where it opens a quote."""
    line = lines.between(first, first + 1)
    inner = _unwrapped(line) if shape.remake else None
    for cut in (*CUTS, *SPACE_CUTS) if shape.remake else CUTS:
        if _reads_as(cut(inner or line, shape.delimiter), row):
            return _Record(first, first + 1, cut, is_wrapped=inner is not None)
    end = _closing(lines, first) if line.count('"') % 2 else None
    if end and _reads_as(CUTS[1](lines.between(first, end), shape.delimiter), row):
        return _Record(first, end, CUTS[1])
    return _Record(first, first + 1, None)


def _closing(lines: _Lines, first: int) -> int | None:
    """Give where a record ends that opens a quote and does not close it in its first line."""
    last = min(first + _LONGEST_RECORD + 1, len(lines.starts))
    for number in range(first + 1, last):
        if lines.between(number, number + 1).count('"') % 2:
            return number + 1
    return None


def _reads_as(pieces: Sequence[Piece], row: Sequence[str]) -> bool:
    if len(pieces) != len(row):
        return not row and len(pieces) == 1 and not pieces[0].shown
    return all(piece.reads_as(cell) for piece, cell in zip(pieces, row, strict=True))


def _written(written: str, shown: str, words: str, delimiter: str) -> str:
    """Write a cell as the one before was written: quoted, between the same blanks."""
    core = written.strip()
    if not core:
        return written + _bare(words, delimiter)
    before, _, behind = written.partition(core)
    if len(core) > 1 and core[0] == core[-1] == '"':
        inner = f'="{words}"' if core.startswith('"=""') else words
        return f"{before}{_in_quotes(inner)}{behind}"
    if core.startswith('="'):
        return f'{before}="{words}"{behind}'
    if '"' in core and shown and shown in core:  # a stray quote stays where it is
        left, _, right = core.partition(shown)
        return f"{before}{left}{words}{right}{behind}"
    return f"{before}{_bare(words, delimiter)}{behind}"


def _bare(words: str, delimiter: str) -> str:
    """Write a cell that stands in no quotes, unless it cannot do without."""
    plain = words == words.strip() and not any(
        sign in words for sign in (delimiter, '"', "\n", "\r")
    )
    return words if plain else _in_quotes(words)


def _in_quotes(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'
