"""Delimited text: where each cell of its tables stands, and how other words are written there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from breachkit.documents.delimited import shapes, split_lines
from breachkit.documents.editing.cutting import SPACE_CUTS, Cut
from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change
from breachkit.documents.editing.layout import padded_as
from breachkit.documents.editing.rows import Record, Records, lines_of, records_of, unwrapped
from breachkit.documents.shape import Shape
from breachkit.documents.table import Table


class DelimitedPlaces:
    """Knows the places of the cells of delimited text; see `text_file.Places`."""

    ways = 1

    def __init__(self, text: str, tables: Sequence[Table], *, is_whole: bool = True) -> None:
        """Find the records of tables that were read from a text, numbered as they are given.

        Args:
            text: What was read.
            tables: All of its tables.
            is_whole: Whether they were read to the last line.

        Raises:
            CannotEditError: The lines of a table are not to be found.
        """
        self._lines = lines_of(text)
        self._whole: dict[int, tuple[int, int]] = {}
        self._records: dict[int, Records] = {}
        self._shapes: dict[int, Shape] = {}
        found = shapes(split_lines(text)) if tables else ()
        if len(found) != sum(table.above is None for table in tables):
            raise CannotEditError("tables that are not delimited text alone")
        whole = -1
        for number, table in enumerate(tables):
            if table.above is None:
                whole, shape = number, found[len(self._shapes)]
                self._shapes[whole] = shape
                self._records[whole] = records_of(self._lines, table, shape, is_whole=is_whole)
            self._whole[number] = whole, table.above or 0
        self._heights = [len(table.rows) for table in tables]
        self.known = range(len(tables))

    def is_spaced(self) -> bool:
        """Say whether white space alone parts the cells of some table."""
        return any(
            records[0].cut in SPACE_CUTS and not records[0].is_wrapped
            for records in self._records.values()
        )

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

    def _row(self, record: Record, cells: Mapping[int, str], shape: Shape) -> Iterator[Change]:
        if record.cut is None:
            raise CannotEditError("a row that cannot be told apart into its cells")
        line = self._lines.between(record.first, record.end)
        start = self._lines.starts[record.first]
        if not record.is_wrapped:
            yield from _cells(line, start, cells, record.cut, shape.delimiter)
            return
        inner = unwrapped(line) or ""
        parts = list(_cells(inner, 0, cells, record.cut, shape.delimiter))
        for change in sorted(parts, reverse=True):
            inner = inner[: change.start] + change.words + inner[change.end :]
        yield Change(start, start + len(line), line.replace(line.strip(), _in_quotes(inner)))


def _cells(
    line: str, start: int, cells: Mapping[int, str], cut: Cut, delimiter: str
) -> Iterator[Change]:
    """Give the changes of some cells of a line that starts at a place of the text."""
    pieces = {at: piece for at, piece in enumerate(cut(line, delimiter)) if at in cells}
    if len(pieces) < len(cells):
        raise CannotEditError("a row that cannot be told apart into its cells")
    for column, piece in pieces.items():
        words = cells[column]
        written = line[piece.start : piece.end]
        is_bare = cut in SPACE_CUTS
        new = words if is_bare else _written(written, piece.shown, words, delimiter)
        yield Change(start + piece.start, start + piece.end, new)


def _written(written: str, shown: str, words: str, delimiter: str) -> str:
    """Write a cell as the one before was written: quoted, and as wide with its blanks."""
    core = written.strip()
    if not core:
        return written + _bare(words, delimiter)
    before, _, behind = written.partition(core)
    if len(core) > 1 and core[0] == core[-1] == '"':
        inner = f'="{words}"' if core.startswith('"=""') else words
        return padded_as(written, _in_quotes(inner))
    if core.startswith('="'):
        return padded_as(written, f'="{words}"')
    if '"' in core and shown and shown in core:  # a stray quote stays where it is
        left, _, right = core.partition(shown)
        return f"{before}{left}{words}{right}{behind}"
    return padded_as(written, _bare(words, delimiter))


def _bare(words: str, delimiter: str) -> str:
    """Write a cell that stands in no quotes, unless it cannot do without."""
    plain = words == words.strip() and not any(
        sign in words for sign in (delimiter, '"', "\n", "\r")
    )
    return words if plain else _in_quotes(words)


def _in_quotes(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'
