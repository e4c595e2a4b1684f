"""The cells of a sheet, read as the reader does, and where each of them stands in its XML."""

import re
from collections.abc import Iterator

from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.editing.placed import Placed
from breachkit.documents.editing.xml_bytes import (
    Passing,
    Piece,
    element_end,
    name_of,
    passing,
    tag_end,
    written,
)
from breachkit.documents.formats.cells import Cells, written_number
from breachkit.documents.formats.sheet_looks import Look
from breachkit.documents.formats.spreadsheet import BESIDE, CHOICES, Sheet
from breachkit.documents.formats.xml_events import END, START
from breachkit.documents.reader import Budget
from breachkit.model.records import dataclass, field


MOST_CELLS = 400_000
"""Of one sheet, at some 300 bytes for each."""
_SHOWN = frozenset({"v", "t"})
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
"""Texts that can be a number in a file as they are."""
_ATTRIBUTE = re.compile(rb"\s+([\w:.-]+)\s*=\s*(?:\"[^\"]*\"|'[^']*')")
_OF_TYPE = frozenset({b"t", b"cm", b"vm"})
"""Attributes of a cell that say what its value is: its type, and what a formula or a rich value makes of it."""


@dataclass(slots=True)
class Formula:
    """A formula of a cell."""

    start: int
    end: int
    kind: str
    """Empty, or `shared`, `array`, `dataTable`."""
    group: str
    """Of shared ones: which."""
    reach: str
    """The cells that it fills, where they are several: `B2:B9`."""
    text: str = field(repr=False, default="")
    """Empty in all cells but one of those that share it."""


@dataclass(slots=True)
class SheetCell:
    """A cell as it stands in the XML of a sheet."""

    row: int
    """Counted from 0, as is the column."""
    column: int
    start: int
    """In bytes of the part, counted from 0."""
    end: int
    kind: str
    style: str
    value: str = field(repr=False, default="")
    """As it is written: for shared strings their number."""
    text: str = field(repr=False, default="")
    """As it is read."""
    formula: Formula | None = None


class SheetCells:
    """All cells of a sheet.

    Attributes:
        content: The part of the package that holds it.
        cells: Its cells, in the order of the part, but for those that hold nothing.
    """

    def __init__(self, content: bytes, look: Look, budget: Budget) -> None:
        """Read the XML of a sheet.

        Raises:
            CannotEditError: It cannot be read whole.
        """
        self.content = content
        self.cells: list[SheetCell] = []
        self._room = budget
        self._look = look
        self._sheet = Sheet(Cells(budget), look)
        self._where = ""
        self._cell: SheetCell | None = None
        self._in_reading = False
        for one in passing(content):
            self._take(one)

    def _take(self, one: Passing) -> None:
        if one.kind == START:
            self._where = one.what
            self._sheet.start(one.what, one.attributes)
            self._begin(one)
        elif one.kind == END:
            self._where = ""
            self._close(one)
        elif self._cell is not None:
            self._read(one.what, self._cell)
        elif self._where in BESIDE and (one.what[0] == '"' or self._where not in CHOICES):
            self._sheet.other.append(one.what)

    def _begin(self, one: Passing) -> None:
        if one.what == "c":
            place = max(self._sheet.row, 0), max(self._sheet.column, 0)
            self._cell = SheetCell(*place, one.at, 0, self._sheet.kind, self._sheet.style)
        elif one.what == "f" and self._cell is not None:
            told = one.attributes.get
            self._cell.formula = Formula(one.at, 0, told("t", ""), told("si", ""), told("ref", ""))
        elif one.what == "rPh":
            self._in_reading = True

    def _read(self, text: str, cell: SheetCell) -> None:
        if self._where in _SHOWN and not self._in_reading:
            cell.value += text
        elif self._where == "f" and cell.formula is not None:
            cell.formula.text += text

    def _close(self, one: Passing) -> None:
        cell = self._cell
        if one.what == "rPh":
            self._in_reading = False
        elif one.what == "f" and cell is not None and cell.formula is not None:
            cell.formula.end = element_end(self.content, cell.formula.start, one.at)
        elif one.what == "c" and cell is not None:
            if cell.value:
                cell.text = self._look.text(cell.kind, cell.style, cell.value).strip()
            cell.end = element_end(self.content, cell.start, one.at)
            if cell.value or cell.formula is not None:
                self.cells.append(cell)
                if len(self.cells) > MOST_CELLS:
                    raise CannotEditError(f"a sheet of more than {MOST_CELLS} cells")
            self._cell = None

    @property
    def beside(self) -> list[str]:
        """What is written beside the cells: headers of pages, lists that may be chosen from."""
        return self._sheet.other

    def rows(self, first: int) -> list[tuple[str, ...]]:
        """Give the rows as the reader lays them out, of cells that know their numbers.

        Args:
            first: The number of the first cell of this sheet; the others follow it.
        """
        laid = Cells(self._room)
        for number, cell in enumerate(self.cells, start=first):
            if cell.text:
                laid.put_row(cell.row, {cell.column: Placed.at(number, cell.text)})
        laid.spread(self._sheet.merged)
        return laid.rows()


def other_text(content: bytes, cell: SheetCell, text: str, look: Look) -> Piece:
    """Give the change that puts another text into a cell, which keeps its style.

    A number stays a number, so that it is shown as the others are, where the new text is one and the
    style shows no date. It is written as the others are, too: which of them changed nobody can tell.
    Whatever the cell was computed by is gone.
    """
    name = name_of(content, cell.start)
    prefix = name[: name.rfind(b":") + 1]
    tag = content[cell.start : tag_end(content, cell.start)]
    is_number = _stays_number(cell, text, look)
    lost = _OF_TYPE - {b"t"} if is_number else _OF_TYPE
    kept = b"".join(found[0] for found in _ATTRIBUTE.finditer(tag) if found[1] not in lost)
    if is_number:
        inner = b"><%sv>%s</%sv>" % (prefix, text.encode(), prefix)
    else:
        inner = b' t="inlineStr"><%sis><%st>%s</%st></%sis>' % (
            prefix, prefix, written(text), prefix, prefix,
        )  # fmt: skip
    return Piece(cell.start, cell.end, b"<%s%s%s</%s>" % (name, kept, inner, name))


def _stays_number(cell: SheetCell, text: str, look: Look) -> bool:
    return (
        cell.kind in {"", "n"}
        and not look.is_date(cell.style)
        and NUMBER.fullmatch(text) is not None
        and written_number(text) == text
    )


def without_formula(content: bytes, cell: SheetCell) -> Iterator[Piece]:
    """Give the changes that leave of a formula what it came to."""
    if cell.formula is None:
        return
    yield Piece(cell.formula.start, cell.formula.end, b"")
    tag = content[cell.start : tag_end(content, cell.start)]
    for found in _ATTRIBUTE.finditer(tag):
        if found[1] == b"cm":
            yield Piece(cell.start + found.start(), cell.start + found.end(), b"")
