"""Workbooks of Excel: every sheet, whether a menu shows it or not, and what lies beside the sheets.

The cells are read here and not by a library, because those at hand lay out the whole rectangle that a
sheet uses: two cells in opposite corners abort the process.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import compress

from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.cells import Cells
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.sheet_looks import Look, Strings
from breachkit.documents.formats.sheet_tokens import PlainSheet, plain_sheet, plain_strings
from breachkit.documents.formats.xml_events import END, START, TEXT, Event, attribute
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.model.records import dataclass, field


SHEETS = ("worksheet", "macrosheet", "dialogsheet")
PARTS = frozenset({"workbook", "sst", "styleSheet", "chartsheet", *SHEETS})
"""Outermost elements of what is read here."""

_BUILT_IN_NAME = "_xlnm."
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Built-in formats of numbers that show dates or times (ECMA-376 part 1, 18.8.30)."""


@dataclass(slots=True)
class Book:
    """What the workbook says of its sheets."""

    states: list[tuple[str, str]] = field(default_factory=list)
    """Of each sheet, in order: the identifier of the reference to it, and its visibility."""
    titles: list[str] = field(default_factory=list)
    """What the sheets are called, in the same order."""
    names: list[str] = field(default_factory=list)
    since_1904: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """A workbook whose sheets are not yet read."""

    book: Book
    look: Look
    sheets: list[tuple[Entry | None, str]]
    """In the order of menus, each with its visibility; None where there is no such part."""


def opened(package: Package) -> Opened:
    """Read what the sheets of a workbook are, and what their cells refer to."""
    book, targets = Book(), dict[str, str]()
    for entry in package.parts("workbook"):
        book = _book(package.events(entry))
        targets = package.targets(entry.name)
    strings = Strings()
    for entry in package.parts("sst"):
        content = package.xml(entry)
        plain = plain_strings(content)
        strings.texts += _shared(package.events_of(content, entry)) if plain is None else plain
    dates = [
        style for entry in package.parts("styleSheet") for style in _dates(package.events(entry))
    ]
    look = Look(strings, dates, book.since_1904)
    return Opened(book, look, list(_sheets(package, book, targets)))


def read_workbook(package: Package) -> Iterator[Document]:
    """Give every sheet as tables, and names, hidden rows and columns, and strings no cell shows."""
    found = opened(package)
    for number, (entry, state) in enumerate(found.sheets, start=1):
        if entry is not None:
            part = inside(package.part, f"sheet {number}")
            yield from _sheet(package, entry, part, found.look, state)
    yield from _beside(found.book, found.look.strings, package.part)


def _beside(book: Book, strings: Strings, part: str | None) -> Iterator[Document]:
    """Give the names of cells, and the strings that are left of cells that are gone."""
    if book.names:
        yield Embedded(Trait.DEFINED_NAMES, part, len(book.names))
        yield Text("\n".join(book.names), part, TextKind.HIDDEN)
    unused = [text for at, text in enumerate(strings.texts) if at not in strings.used and text]
    if unused:
        yield Embedded(Trait.HIDDEN_TEXT, part, len(unused))
        yield Text("\n".join(unused), part, TextKind.HIDDEN)


def _sheets(
    package: Package, book: Book, targets: Mapping[str, str]
) -> Iterator[tuple[Entry | None, str]]:
    """Give the sheets as the workbook orders them, then those that it does not know of."""
    left = {entry.name: entry for entry in package.parts(*SHEETS)}
    for reference, state in book.states:
        yield left.pop(targets.get(reference, ""), None), state
    for entry in left.values():
        yield entry, "forgotten"


def _book(told: Iterable[Event]) -> Book:
    book = Book()
    name: str | None = None
    for kind, what, attributes in told:
        if kind == START and what == "sheet":
            state = attribute(attributes, "state") or "visible"
            book.states.append((attribute(attributes, "id") or "", state))
            book.titles.append(attribute(attributes, "name") or "")
        elif kind == START and what == "workbookPr":
            book.since_1904 = attribute(attributes, "date1904") in {"1", "true", "on"}
        elif kind == START and what == "definedName":
            name = attribute(attributes, "name") or ""
        elif kind == END and what == "definedName":
            name = None
        elif kind == TEXT and name is not None and not name.startswith(_BUILT_IN_NAME):
            book.names.append(f"{name} = {what}")
    return book


def _shared(told: Iterable[Event]) -> Iterator[str]:
    """Give the shared strings, without the readings of characters that East Asian ones carry."""
    pieces: list[str] = []
    in_text = in_reading = False
    for kind, what, _ in told:
        if kind == TEXT:
            if in_text and not in_reading:
                pieces.append(what)
        elif what == "t":
            in_text = kind == START
        elif what == "rPh":
            in_reading = kind == START
        elif what == "si" and kind == END:
            yield "".join(pieces)
            pieces.clear()


def _dates(told: Iterable[Event]) -> Iterator[bool]:
    """Say of each style of cells whether it shows dates."""
    custom: dict[str, bool] = {}
    in_styles = False
    for kind, what, attributes in told:
        if what == "cellXfs":
            in_styles = kind == START
        elif kind == START and what == "numFmt":
            key = attribute(attributes, "numFmtId") or ""
            custom[key] = shows_date(attribute(attributes, "formatCode") or "")
        elif kind == START and what == "xf" and in_styles:
            key = attribute(attributes, "numFmtId") or ""
            yield custom.get(key, key.isdecimal() and int(key) in BUILT_IN_DATES)


def shows_date(code: str) -> bool:
    """Say whether a format of numbers names parts of a date outside quotes and brackets."""
    bare, closing, skip = "", "", False
    for sign in code.lower().partition(";")[0]:
        if skip or closing:
            closing = "" if sign == closing else closing
            skip = False
        elif sign in '"[':
            closing = '"' if sign == '"' else "]"
        elif sign in "\\_*":
            skip = True
        else:
            bare += sign
    return "general" not in bare and any(sign in "dmyhs" for sign in bare)


@dataclass(slots=True)
class Sheet:
    """A sheet while it passes by."""

    cells: Cells
    look: Look
    row: int = -1
    column: int = -1
    kind: str = ""
    style: str = ""
    pieces: list[str] = field(default_factory=list)
    hidden: int = 0
    """Rows and columns that are not shown."""
    other: list[str] = field(default_factory=list)
    """What is written beside the cells: headers of pages, lists that may be chosen from."""
    merged: list[tuple[int, range]] = field(default_factory=list)
    """Rows, and columns of each that are one cell: names over several columns."""

    def start(self, what: str, attributes: Mapping[str, str]) -> None:
        """Take note of an element that begins."""
        match what:
            case "c":
                self.column = _column(attributes.get("r", ""), self.column + 1)
                self.kind, self.style = attributes.get("t", ""), attributes.get("s", "")
            case "row":
                is_hidden = attributes.get("hidden") in {"1", "true"}
                self._start_row(attributes.get("r", ""), is_hidden=is_hidden)
            case "mergeCell" if len(self.merged) < _MOST_MERGED:
                self.merged += _merged(attributes.get("ref", ""))
            case "col" if attributes.get("hidden") in {"1", "true"}:
                self.hidden += _width(attributes)

    def _start_row(self, number: str, *, is_hidden: bool) -> None:
        self.row = int(number) - 1 if number.isdecimal() else self.row + 1
        self.column = -1
        self.hidden += is_hidden

    def take(self, plain: PlainSheet) -> None:
        """Take the rows that were cut out of a sheet."""
        texts = self.look.texts(plain.looks, plain.values)
        places = list(map(_PLACES.__getitem__, plain.columns))
        for row in plain.rows:
            self._start_row(row.number, is_hidden=row.is_hidden)
            shown = texts[row.cells]
            cells = dict(compress(zip(places[row.cells], shown, strict=True), shown))
            self.cells.put_row(max(self.row, 0), cells)

    def end_cell(self) -> None:
        """Put down what the cell held that ends."""
        if self.pieces:
            text = self.look.text(self.kind, self.style, "".join(self.pieces))
            self.cells.put(max(self.row, 0), max(self.column, 0), text)
            self.pieces.clear()


_MERGED = re.compile(r"([A-Z]{1,3})([1-9]\d?):([A-Z]{1,3})\2")
_MOST_MERGED = 1_000


def _merged(reference: str) -> Iterator[tuple[int, range]]:
    """Give the columns that are one cell of one row; names of columns stand in the first of a sheet."""
    found = _MERGED.fullmatch(reference)
    if found is not None and _number(found[3]) - _number(found[1]) < _MOST_MERGED:
        yield int(found[2]) - 1, range(_number(found[1]) - 1, _number(found[3]))


def _width(attributes: Mapping[str, str]) -> int:
    first, last = attributes.get("min", ""), attributes.get("max", "")
    if not (first.isdecimal() and last.isdecimal()):
        return 1
    return max(int(last) - int(first) + 1, 1)


def _column(reference: str, following: int) -> int:
    """Give the column, counted from 0, of a reference such as `AB12`."""
    number = _number(reference.rstrip("0123456789")[:3])
    return number - 1 if number else following


@lru_cache(maxsize=1 << 12)
def _number(letters: str) -> int:
    """Give the column that letters stand for, counted from 1; 0 where they are none."""
    number = 0
    for sign in letters:
        if not ("A" <= sign <= "Z"):
            break
        number = number * 26 + ord(sign) - 64
    return number


class _Places(dict[str | None, int]):
    """Columns, counted from 0, by their letters; of one to three letters there are some thousand."""

    def __missing__(self, letters: str | None) -> int:
        self[letters] = place = _number(letters or "") - 1
        return place


_PLACES = _Places()
_SHOWN_IN_CELL = frozenset({"v", "t"})
CHOICES = frozenset({"formula1", "formula2"})
"""Values that may be chosen, where they are listed and not looked up."""
BESIDE = CHOICES | {
    f"{which}{where}" for which in ("odd", "even", "first") for where in ("Header", "Footer")
}
"""What a sheet says beside its cells."""


def _sheet(package: Package, entry: Entry, part: str, look: Look, state: str) -> Iterator[Document]:
    sheet = Sheet(Cells(package.budget), look)
    content = package.xml(entry)
    plain = plain_sheet(content)
    if plain is not None:
        sheet.take(plain)
        content = plain.rest
    _pass_by(sheet, package.events_of(content, entry))
    sheet.cells.spread(sheet.merged)
    rows, hidden = sheet.cells.rows(), state != "visible"
    if hidden:
        # A sheet that refers to other parts may show a chart.
        is_empty = not (rows or sheet.other or package.targets(entry.name))
        trait = Trait.HIDDEN_SHEET if state == "hidden" else Trait.VERY_HIDDEN_SHEET
        yield Embedded(Trait.EMPTY_SHEET if is_empty else trait, part)
    yield from tables_of(rows, part, origin=Origin.SHEET, hidden=hidden)
    if sheet.hidden and rows:
        yield Embedded(Trait.HIDDEN_CELLS, part, sheet.hidden)
    if sheet.other:
        yield Text("\n".join(sheet.other), part, TextKind.HIDDEN)


def _pass_by(sheet: Sheet, told: Iterable[Event]) -> None:
    where = ""
    in_cell = in_reading = False
    for kind, what, attributes in told:
        if kind == START:
            where = what
            in_cell = in_cell or what == "c"
            in_reading = in_reading or what == "rPh"
            sheet.start(what, attributes)
        elif kind == END:
            where = ""
            if what == "c":
                in_cell = False
                sheet.end_cell()
            elif what == "rPh":
                in_reading = False
        elif where in _SHOWN_IN_CELL and in_cell and not in_reading:
            sheet.pieces.append(what)
        elif where in BESIDE and (what[0] == '"' or where not in CHOICES):
            sheet.other.append(what)
