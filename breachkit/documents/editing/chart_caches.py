"""The numbers that a chart of a workbook keeps of the cells that it draws.

A chart holds a copy of every cell that it was drawn from, so that it can be shown without them. What
changes in a cell changes there, too: a number that is taken out loses its point.

Source: ECMA-376 part 1, 21.2.2.76 (f), 21.2.2.123 (numRef), 21.2.2.150 (pt), 21.2.2.201 (strRef).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.editing.sheet_cells import NUMBER
from breachkit.documents.editing.sheet_formulas import Area, references
from breachkit.documents.editing.xml_bytes import Passing, Piece, element_end, passing, written
from breachkit.documents.formats.cells import written_number
from breachkit.documents.formats.xml_events import END, START, attribute


Cell = tuple[int, int, int]
"""A sheet, a row and a column, counted from 0."""
_OF_NUMBERS = "numCache"
_OF_NO_CELLS = frozenset({"numLit", "strLit", "numDim", "strDim", "multiLvlStrCache"})
"""Values that are no copies, or copies in an order of their own."""


class Point(NamedTuple):
    """A value that a chart keeps."""

    cell: Cell | None
    """Of which it is a copy; None where that is not known."""
    text: str
    start: int
    """Where its element begins, in bytes of the part counted from 0; `end` is behind it."""
    end: int
    value: tuple[int, int]
    """Where its text begins and ends."""
    is_number: bool


class ChartCache:
    """The points of one chart.

    Attributes:
        points: In the order of the part.
        is_followed: Whether all that it keeps of numbers is known to be copies of cells as they are.
    """

    def __init__(self, content: bytes, titles: Sequence[str], cells: Mapping[Cell, str]) -> None:
        """Read the part of a chart.

        Args:
            content: The part.
            titles: What the sheets are called.
            cells: What is read in the cells.

        Raises:
            CannotEditError: It cannot be read.
        """
        self.content = content
        self.points: list[Point] = []
        self._titles = {title.lower(): number for number, title in enumerate(titles)}
        self._open: list[Passing] = []
        self._area: Area | None = None
        self._owner = 0
        """How many elements are open within the one that tells what it is a copy of."""
        self._text = ""
        self._value = "", 0, 0
        self._has_own = False
        for one in passing(content):
            self._take(one)
        self.is_followed = not self._has_own and all(
            point.cell is not None and cells.get(point.cell) == point.text for point in self.points
        )

    def _take(self, one: Passing) -> None:
        if one.kind == START:
            self._open.append(one)
            self._text = ""
            self._has_own = self._has_own or one.what in _OF_NO_CELLS
        elif one.kind == END:
            self._close(self._open.pop(), one.at)
            self._text = ""
        else:
            self._text += one.what

    def _close(self, one: Passing, at: int) -> None:
        if one.what == "f":
            found = list(references(self._text, -1, self._titles, ()))
            self._area = found[0] if len(found) == 1 else None
            self._owner = len(self._open)
        elif one.what == "v":
            self._value = self._text.strip(), self.content.index(b">", one.at) + 1, at
            in_point = bool(self._open) and self._open[-1].what == "pt"
            self._has_own = self._has_own or (not in_point and _tells(self._text))
        elif one.what == "t":
            self._has_own = self._has_own or _tells(self._text)
        elif one.what == "pt":
            self.points.append(self._point(one, element_end(self.content, one.at, at)))
        if len(self._open) < self._owner:
            self._area, self._owner = None, 0

    def _point(self, one: Passing, end: int) -> Point:
        text, *value = self._value
        index = attribute(one.attributes, "idx") or ""
        cell = None
        if self._area is not None and index.isdecimal():
            cell = _cell(self._area, int(index))
        is_number = any(element.what == _OF_NUMBERS for element in self._open)
        text = written_number(text) if is_number else text
        return Point(cell, text, one.at, end, (value[0], value[1]), is_number)

    def pieces(self, changed: Mapping[Cell, str]) -> Iterator[Piece]:
        """Give the changes of the part that let it keep what is in the cells now."""
        for point in self.points:
            new = None if point.cell is None else changed.get(point.cell)
            if new is None:
                continue
            if point.is_number and not NUMBER.fullmatch(new):
                yield Piece(point.start, point.end, b"")
            else:
                yield Piece(*point.value, written(new))

    def kept(self, changed: Mapping[Cell, str]) -> list[tuple[Cell | None, str]]:
        """Give what it keeps once some cells have changed."""
        told = ((point, changed.get(point.cell) if point.cell else None) for point in self.points)
        return [
            (point.cell, point.text if new is None else new)
            for point, new in told
            if new is None or not point.is_number or NUMBER.fullmatch(new)
        ]


def _cell(area: Area, index: int) -> Cell | None:
    """Give one of the cells of a row or a column; None of any other area."""
    if area.top == area.bottom and area.left + index <= area.right:
        return area.sheet, area.top, area.left + index
    if area.left == area.right and area.top + index <= area.bottom:
        return area.sheet, area.top + index, area.left
    return None


def _tells(text: str) -> bool:
    return any(map(str.isdecimal, text))
