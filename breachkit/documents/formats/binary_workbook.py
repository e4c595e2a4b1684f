"""Workbooks in the binary format of Excel (.xlsb): records in parts of a zip archive.

Source: [MS-XLSB], sections 2.1.4 (records), 2.2.1 (cells) and 2.4 (what each record holds). Parts are
told by their first record.
"""

import struct
from collections.abc import Iterator

from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.cells import Cells, date_text, number_text
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.spreadsheet import BUILT_IN_DATES, shows_date
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import NotReadError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.model.records import dataclass, field


_SHEET, _BOOK, _STRINGS, _STYLES, _COMMENTS = 129, 131, 159, 278, 628
_READ = frozenset({_SHEET, _BOOK, _STRINGS, _STYLES, _COMMENTS})
_ROW, _COLUMNS, _STRING, _FORMAT, _STYLE = 0, 60, 19, 44, 47
_BEGIN_CELL_STYLES, _END_CELL_STYLES = 617, 618
_PROPERTIES, _SHEET_OF_BOOK, _COMMENT_TEXT = 153, 156, 637
_RK, _ERROR, _BOOLEAN, _REAL, _OWN_STRING, _SHARED_STRING, _RICH_STRING = 2, 3, 4, 5, 6, 7, 62
_FORMULAS = {8: _OWN_STRING, 9: _REAL, 10: _BOOLEAN, 11: _ERROR}
_HIDDEN_ROW, _HIDDEN_COLUMN = 0x10, 0x01
_STATES = {1: Trait.HIDDEN_SHEET, 2: Trait.VERY_HIDDEN_SHEET}

_LARGEST = 1 << 24
"""Bytes of records in one part that are read."""

_Record = tuple[int, bytes]


@dataclass(slots=True)
class _Book:
    states: list[tuple[str, int]] = field(default_factory=list)
    """Of each sheet, in order: the identifier of the reference to it, and how hidden it is."""
    name: str = ""
    strings: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    since_1904: bool = False


def read_binary_workbook(package: Package) -> Iterator[Document]:
    """Give every sheet as tables, and comments; takes what it reads from the package's other parts."""
    book = _Book()
    parts: dict[int, list[Entry]] = {}
    for entry in list(package.others):
        kind = next((kind for kind, _ in _records(package.archive.head(entry))), -1)
        if kind in _READ:
            parts.setdefault(kind, []).append(entry)
            package.others.remove(entry)
    for kind in (_BOOK, _STRINGS, _STYLES):
        for entry in parts.get(kind, ()):
            _learn(book, kind, entry, package.content(entry))
    for number, (entry, state) in enumerate(_sheets(package, book, parts.get(_SHEET, [])), start=1):
        part = inside(package.part, f"sheet {number}")
        yield from _sheet(package, entry, part, book, state)
    for entry in parts.get(_COMMENTS, ()):
        told = [
            _text(data, 1)
            for kind, data in _records(package.content(entry))
            if kind == _COMMENT_TEXT
        ]
        yield Embedded(Trait.COMMENTS, package.part, max(len(told), 1))
        yield Text("\n".join(told), package.part, TextKind.HIDDEN)


def _records(content: bytes) -> Iterator[_Record]:
    """Give the records of a part; one that is cut off ends them.

    Raises:
        NotReadError: There are more than are read.
    """
    position = 0
    while position < min(len(content), _LARGEST):
        kind, position = _number(content, position, 2)
        size, position = _number(content, position, 4)
        data = content[position : position + size]
        position += size
        yield kind, data
    if position < len(content):
        raise NotReadError("a part too large to read")


def _number(content: bytes, position: int, most: int) -> tuple[int, int]:
    """Read a number of seven bits a byte, and give where it ends."""
    number = 0
    for place in range(most):
        byte = content[position] if position < len(content) else 0
        position += 1
        number |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            break
    return number, position


def _text(data: bytes, start: int) -> str:
    (length,) = struct.unpack_from("<I", data, start)
    if length == 0xFFFFFFFF:  # no string at all
        return ""
    return data[start + 4 : start + 4 + 2 * length].decode("utf-16-le", "replace")


def _learn(book: _Book, part: int, entry: Entry, content: bytes) -> None:
    """Take what a part tells of all sheets: their order, the strings they share, how cells look."""
    formats: dict[int, bool] = {}
    in_styles = False
    for kind, data in _records(content):
        if part == _BOOK and kind == _SHEET_OF_BOOK:
            book.name = entry.name
            book.states.append((_text(data, 8), struct.unpack_from("<I", data)[0]))
        elif part == _BOOK and kind == _PROPERTIES:
            book.since_1904 = bool(data[:1] and data[0] & 1)
        elif part == _STRINGS and kind == _STRING:
            book.strings.append(_text(data, 1))
        elif kind == _FORMAT:
            formats[struct.unpack_from("<H", data)[0]] = shows_date(_text(data, 2))
        elif kind in {_BEGIN_CELL_STYLES, _END_CELL_STYLES}:
            in_styles = kind == _BEGIN_CELL_STYLES
        elif kind == _STYLE and in_styles:
            (number,) = struct.unpack_from("<H", data, 2)
            book.dates.append(formats.get(number, number in BUILT_IN_DATES))


def _sheets(package: Package, book: _Book, sheets: list[Entry]) -> Iterator[tuple[Entry, int]]:
    """Give the sheets as the workbook orders them, then those that it does not know of."""
    left = {entry.name: entry for entry in sheets}
    targets = package.targets(book.name)
    for reference, state in book.states:
        found = left.pop(targets.get(reference, ""), None)
        if found is not None:
            yield found, state
    for entry in left.values():
        yield entry, 2


def _sheet(
    package: Package, entry: Entry, part: str, book: _Book, state: int
) -> Iterator[Document]:
    cells, row, unseen = Cells(package.budget), 0, 0
    for written, data in _records(package.content(entry)):
        kind = _FORMULAS.get(written, written)
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", data)
            unseen += bool(len(data) > 11 and data[11] & _HIDDEN_ROW)
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<2I", data)
            unseen += (last - first + 1) * bool(len(data) > 16 and data[16] & _HIDDEN_COLUMN)
        elif _RK <= kind <= _SHARED_STRING or kind == _RICH_STRING:
            (column,) = struct.unpack_from("<I", data)
            cells.put(row, column, _shown(kind, data, book))
    rows = cells.rows()
    if state in _STATES:
        # A sheet that refers to other parts may show a chart.
        is_empty = not (rows or package.targets(entry.name))
        yield Embedded(Trait.EMPTY_SHEET if is_empty else _STATES[state], part)
    yield from tables_of(rows, part, origin=Origin.SHEET, hidden=state != 0)
    if unseen > 0 and rows:
        yield Embedded(Trait.HIDDEN_CELLS, part, unseen)


def _shown(kind: int, data: bytes, book: _Book) -> str:
    """Give what a person sees in a cell: its column and style take the first eight bytes."""
    if kind in {_RK, _REAL}:
        number = _rk(data[8:12]) if kind == _RK else struct.unpack_from("<d", data, 8)[0]
        return _numeral(number, data, book)
    if kind == _SHARED_STRING:
        (place,) = struct.unpack_from("<I", data, 8)
        return book.strings[place] if place < len(book.strings) else ""
    if kind == _BOOLEAN:
        return "TRUE" if data[8] else "FALSE"
    return "#N/A" if kind == _ERROR else _text(data, 8 + (kind == _RICH_STRING))


def _numeral(number: float, data: bytes, book: _Book) -> str:
    style = int.from_bytes(data[4:7], "little")
    if style < len(book.dates) and book.dates[style]:
        return date_text(number, since_1904=book.since_1904)
    return number_text(number)


def _rk(data: bytes) -> float:
    """Unpack a number of 30 bits: a whole one, or the upper half of a floating one."""
    (packed,) = struct.unpack("<I", data)
    if packed & 2:
        number = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))
    return number / 100 if packed & 1 else number
