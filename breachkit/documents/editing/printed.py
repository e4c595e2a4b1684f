"""Tables in running text: print-outs, Markdown, what was pasted; where they stand, and what room they have."""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change
from breachkit.documents.editing.layout import Edit, Lines, is_rule, is_title, laid_out
from breachkit.documents.editing.pipes import is_aligned
from breachkit.documents.editing.text_file import has_digit
from breachkit.documents.editing.tracing import Traced, Traces
from breachkit.documents.shape import has_delimiter
from breachkit.documents.table import Origin, Table


_PLAIN = 4
"""The way that lines are written in which nothing is aligned; those before it are tried first."""


class _Piece(NamedTuple):
    """What an edit changes of a text: as little as can be, and the words of the whole cell."""

    start: int
    end: int
    words: str


class TracedPlaces:
    """Knows the places of the cells of tables in running text; see `text_file.Places`."""

    ways = _PLAIN + 1

    def __init__(self, text: str, tables: Sequence[Table], traces: Traces) -> None:
        """Take what was found out of a text in which tables were read."""
        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])]
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        self._lines = Lines(text, starts, lines)
        self._tables = tables
        self._cells = traces.cells
        self._at: dict[int, list[Spot]] = {}
        self._of_table: dict[int, dict[Spot, Traced]] = {}
        self._lines_of: dict[int, Collection[int]] = {}
        for spot, traced in traces.cells.items():
            self._of_table.setdefault(spot.table, {})[spot] = traced
            for place in traced.places.values():
                self._at.setdefault(place, []).append(spot)
        self.known: Collection[int] = [
            number
            for number, table in enumerate(tables)
            if number in self._of_table or not has_digit(table)
        ]

    def is_of_a_cell(self, place: int) -> bool:
        """Say whether a character of the text is one of a cell that can be changed."""
        return place in self._at

    def twins(self, spot: Spot, words: str) -> Iterator[tuple[Spot, str]]:
        """Give every cell that shows what an edit changes, with its new words."""
        piece = self._least(spot, words)
        spots = {one for place in range(piece.start, piece.end) for one in self._at.get(place, ())}
        for twin in spots:
            yield twin, self._spliced(twin, piece)

    def _least(self, spot: Spot, words: str) -> _Piece:
        """Give the least that is to change of the text: one character at least."""
        cell, traced = self._cell(spot), self._cells.get(spot)
        if traced is None:
            raise CannotEditError("a cell that is not to be found again in the text")
        start, end, behind = _difference(cell, words)
        span = traced.span(start, end)
        if span is None:
            raise CannotEditError("a cell that stands in the text in several pieces")
        return _Piece(*span, words[start : len(words) - behind])

    def _cell(self, spot: Spot) -> str:
        table = self._tables[spot.table]
        return (table.header if spot.row == HEADER else table.rows[spot.row])[spot.column]

    def _spliced(self, spot: Spot, piece: _Piece) -> str:
        """Give the words of a cell that shows a piece of the text once that has changed."""
        cell, traced = self._cell(spot), self._cells[spot]
        shown = [at for at, place in traced.places.items() if piece.start <= place < piece.end]
        if traced.span(min(shown), max(shown) + 1) != (piece.start, piece.end):
            raise CannotEditError("a place that is a part of two cells")
        return cell[: min(shown)] + piece.words + cell[max(shown) + 1 :]

    def changes(self, edits: Mapping[Spot, str], ways: Mapping[int, int]) -> Iterator[Change]:
        """Give the changes of the text, table by table."""
        done: set[_Piece] = set()
        for number in sorted({spot.table for spot in edits}):
            own: list[tuple[Spot, _Piece]] = []
            for spot, words in sorted(edits.items()):
                if spot.table == number and (least := self._least(spot, words)) not in done:
                    done.add(least)
                    own.append((spot, self._whole(spot, words) or least))
            yield from self._table(number, own, ways[number])

    def _whole(self, spot: Spot, words: str) -> _Piece | None:
        """Give a cell that stands in the text just as it is read."""
        span = self._cells[spot].span(0, len(self._cell(spot)))
        return span and _Piece(*span, words)

    def _table(
        self, number: int, pieces: Sequence[tuple[Spot, _Piece]], way: int
    ) -> Iterator[Change]:
        edits = [self._edit(piece) for _, piece in pieces]
        if way < _PLAIN - 1 and not self._may_be_aligned(number):
            raise CannotEditError("lines that are not aligned")
        if way >= _PLAIN - 1:
            for edit in edits:
                yield self._alone(edit, is_plain=way == _PLAIN)
            return
        blocks: dict[range, list[Edit]] = {}
        for edit in edits:
            block = next((block for block in blocks if edit.line in block), None)
            block = block or self._block(number, edit.line, is_narrow=way == _PLAIN - 2)
            blocks.setdefault(block, []).append(edit)
        for numbers, those in blocks.items():
            kept = self._without_titles(number, numbers) if way == 1 else numbers
            yield from laid_out(self._lines, kept, those)

    def _without_titles(self, number: int, block: Sequence[int]) -> Sequence[int]:
        """Leave out what stands over several columns, above their names, and stays where it is."""
        names = min(self._filled(number), default=0) - 1
        return [at for at in block if at >= names or not is_title(self._lines.lines[at])]

    def _is_one_line(self, span: tuple[int, int]) -> bool:
        return "\n" not in self._lines.text[span[0] : span[1]]

    def _edit(self, piece: _Piece) -> Edit:
        line = bisect_right(self._lines.starts, piece.start) - 1
        start = self._lines.starts[line]
        if "\n" in piece.words or piece.end > start + len(self._lines.lines[line]):
            raise CannotEditError("a cell that runs over several lines")
        return Edit(line, piece.start - start, piece.end - start, piece.words)

    def _alone(self, edit: Edit, *, is_plain: bool) -> Change:
        """Write words into one line; with the blanks around them, where there are some."""
        start = self._lines.starts[edit.line]
        if is_plain:
            return Change(start + edit.start, start + edit.end, edit.words)
        line = self._lines.lines[edit.line]
        before = line[: edit.start]
        blanks = len(before) - len(before.rstrip(" "))
        first = edit.start - max(min(len(edit.words) - (edit.end - edit.start), blanks - 1), 0)
        return Change(start + first, start + edit.end, edit.words.rjust(edit.end - first))

    def _may_be_aligned(self, number: int) -> bool:
        lines = [self._lines.lines[at] for at in self._filled(number)]
        if not lines or any("\t" in line for line in lines):
            return False
        if self._tables[number].origin is Origin.FILE and any(map(has_delimiter, lines)):
            return False
        return is_aligned(lines) if all("|" in line for line in lines) else self._ends_alike(number)

    def _ends_alike(self, number: int) -> bool:
        """Say whether the cells of some column end at the same place of their lines, or begin there."""
        columns: dict[int, list[Edit]] = {}
        for spot, traced in self._of_table.get(number, {}).items():
            span = traced.span(0, len(self._cell(spot)))
            if spot.row != HEADER and span and self._is_one_line(span):
                columns.setdefault(spot.column, []).append(self._edit(_Piece(*span, "")))
        first = _first_line(self._tables[number])
        lines = {edit.line for edits in columns.values() for edit in edits}
        if len(lines) == 1 and first is not None and first < min(lines):
            return True  # one line under names
        return any(
            min(len({edit.end for edit in edits}), len({edit.start for edit in edits})) * 2
            <= len(edits)
            for edits in columns.values()
        )

    def _filled(self, number: int) -> Collection[int]:
        """Give the lines that hold cells of a table, in their order."""
        if number not in self._lines_of:
            self._lines_of[number] = self._lines_with(number)
        return self._lines_of[number]

    def _lines_with(self, number: int) -> Mapping[int, None]:
        places = (
            next(iter(traced.places.values()))
            for spot, traced in self._of_table.get(number, {}).items()
            if spot.row != HEADER
        )
        return dict.fromkeys(sorted(bisect_right(self._lines.starts, at) - 1 for at in places))

    def _block(self, number: int, line: int, *, is_narrow: bool) -> range:
        """Give the lines around one that are aligned with it: of the same table, with its header."""
        filled = self._filled(number)
        lines = self._lines.lines
        first = _first_line(self._tables[number])
        low = line
        while (
            low
            and lines[low - 1].strip()
            and self._goes_up(low, first, filled, is_narrow=is_narrow)
        ):
            low -= 1
        last = -1 if is_narrow else max(filled, default=-1)
        high = line + 1
        while high < len(lines) and lines[high].strip():
            if not (is_rule(lines[high]) or high in filled or high < last):
                break
            high += 1
        return range(low, high)

    def _goes_up(
        self, low: int, first: int | None, filled: Collection[int], *, is_narrow: bool
    ) -> bool:
        line = self._lines.lines[low - 1]
        if low - 1 in filled:
            return not is_narrow or low in filled or is_rule(self._lines.lines[low])
        return "|" in line if first is None else low - 1 >= first


def _first_line(table: Table) -> int | None:
    """Give the line, counted from 0, on which a print-out begins; None for what was not printed.

    What is a table as a whole begins at once.
    """
    if table.origin is Origin.FILE:
        return 0
    _, is_said, number = (table.part or "").rpartition("line ")
    return int(number) - 1 if is_said and number.isdecimal() else None


def _difference(before: str, after: str) -> tuple[int, int, int]:
    """Give where two texts begin to differ and where the first ends to, and how much follows.

    What differs is one character at least.
    """
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    start = min(start, max(len(before) - 1, 0))
    most = min(len(before) - start - 1, len(after) - start)
    behind = next((at for at in range(most) if before[-1 - at] != after[-1 - at]), max(most, 0))
    return start, len(before) - behind, behind
