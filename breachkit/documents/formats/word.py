"""Documents of Word and slides of PowerPoint: tables and text, as they are and as they were.

What was deleted with changes tracked is still in the file; so is the table that it stood in.
"""

from collections.abc import Iterable, Iterator, Mapping

from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.beside import hidden_text
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.xml_events import END, START, attribute
from breachkit.documents.grid import tables_of
from breachkit.documents.pasted import pasted_tables
from breachkit.documents.reader import Budget, OverBudgetError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.documents.woven import woven_tables
from breachkit.model.records import dataclass, field


PARTS: Mapping[str, str] = {
    "document": "",
    "hdr": "header",
    "ftr": "footer",
    "footnotes": "footnotes",
    "endnotes": "endnotes",
    "glossaryDocument": "glossary",
    "sld": "slide",
    "notes": "notes",
    "sldLayout": "layout",
    "sldMaster": "master",
}
"""Outermost elements of what is read here, and what reports call such a part."""

_UNSEEN = frozenset({"notes", "glossaryDocument", "sldLayout", "sldMaster"})
_OFF = frozenset({"0", "false", "off"})
_GONE = frozenset({"del", "moveFrom"})
_NEW = frozenset({"ins", "moveTo"})
_CHANGED = _GONE | _NEW
_PROPERTIES = frozenset({"pPr", "rPr", "trPr", "tcPr", "tblPr", "sectPr"})
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_WORDS = frozenset({"t", "delText"})
_STRUCTURE = frozenset({"tbl", "tr", "tc", "r", "sld", "p"})
_TOLD_BY_PROPERTIES = frozenset({"gridSpan", "vanish", "webHidden"})
_READ = _PROPERTIES | _WORDS | _BREAKS.keys() | _CHANGED | _STRUCTURE | _TOLD_BY_PROPERTIES
"""All elements that make a difference here; most of a document only say how words look."""
_WIDEST_SPAN = 200
_MOST_TABLES = 1_000


@dataclass(slots=True)
class _Words:
    """Pieces of text as it is, and as it was before the changes that are tracked."""

    now: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def add(self, text: str, *, is_gone: bool, is_new: bool) -> None:
        if not is_gone:
            self.now.append(text)
        if not is_new:
            self.before.append(text)


@dataclass(slots=True)
class _Row:
    cells: list[_Words] = field(default_factory=list)
    is_gone: bool = False
    is_new: bool = False


@dataclass(slots=True)
class _Grid:
    rows: list[_Row] = field(default_factory=list)
    cell: _Words = field(default_factory=_Words)
    """The one that text goes to."""

    def now(self) -> list[tuple[str, ...]]:
        return [_stripped(cell.now for cell in row.cells) for row in self.rows if not row.is_gone]

    def before(self) -> list[tuple[str, ...]]:
        return [_stripped(cell.before for cell in row.cells) for row in self.rows if not row.is_new]


def _stripped(cells: Iterable[list[str]]) -> tuple[str, ...]:
    return tuple(" ".join("".join(cell).split()) for cell in cells)


class _Flow:
    """A document while it passes by."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._open: list[_Grid] = []
        self._properties: list[str] = []
        self._gone = self._new = 0
        self._in_text = self._vanishes = False
        self.tables: list[_Grid] = []
        self.body: list[str] = []
        self.deleted: list[str] = []
        self.vanished: list[str] = []
        self.changes = 0
        self.is_shown = True

    def start(self, what: str, attributes: Mapping[str, str]) -> None:
        if what in _PROPERTIES:
            self._properties.append(what)
        elif self._properties:
            self._property(what, attributes)
        elif what in _WORDS:
            self._in_text = True
        elif what in _BREAKS:
            self.text(_BREAKS[what])
        elif what in _CHANGED:
            self.changes += 1
            self._gone += what in _GONE
            self._new += what in _NEW
        else:
            self._structure(what, attributes)

    def _structure(self, what: str, attributes: Mapping[str, str]) -> None:
        if what == "tbl":
            self._start_table()
        elif what == "tr" and self._open:
            self._open[-1].rows.append(_Row())
        elif what == "tc" and self._row is not None:
            self._pad(1)
            self._open[-1].cell = self._row.cells[-1]
        elif what == "r":
            self._vanishes = False
        elif what == "sld":
            self.is_shown = attribute(attributes, "show") not in _OFF

    def _start_table(self) -> None:
        if len(self.tables) >= _MOST_TABLES:
            raise OverBudgetError("too many tables")
        self._open.append(_Grid())
        self.tables.append(self._open[-1])

    def _property(self, what: str, attributes: Mapping[str, str]) -> None:
        value = attribute(attributes, "val")
        if what in _CHANGED and self._properties[-1] == "trPr" and self._row is not None:
            self.changes += 1
            self._row.is_gone |= what in _GONE
            self._row.is_new |= what in _NEW
        elif what == "gridSpan" and value and value.isdecimal():
            self._pad(min(int(value), _WIDEST_SPAN) - 1)
        elif what in {"vanish", "webHidden"} and value not in _OFF:
            self._vanishes = True

    def _pad(self, number: int) -> None:
        if self._row is not None and number > 0:
            self._budget.take_cells(number)
            self._row.cells += [_Words() for _ in range(number)]

    @property
    def _row(self) -> _Row | None:
        return self._open[-1].rows[-1] if self._open and self._open[-1].rows else None

    def end(self, what: str) -> None:
        if self._properties:
            if what == self._properties[-1]:
                self._properties.pop()
        elif what in _WORDS:
            self._in_text = False
        elif what in _CHANGED:
            self._gone -= what in _GONE
            self._new -= what in _NEW
        elif what == "tbl" and self._open:
            self._open.pop()
        elif what == "p":
            self._end_paragraph()

    def _end_paragraph(self) -> None:
        if self._row is not None:
            self._open[-1].cell.add(" ", is_gone=False, is_new=False)
        else:
            self.body.append("\n")

    def characters(self, text: str) -> None:
        if self._in_text:
            self.text(text)

    def text(self, text: str) -> None:
        is_gone, is_new = self._gone > 0, self._new > 0
        if is_gone:
            self.deleted.append(text)
        if self._vanishes:
            self.vanished.append(text)
        if self._row is not None:
            self._open[-1].cell.add(text, is_gone=is_gone, is_new=is_new)
        elif not is_gone:
            self.body.append(text)


def read_words(package: Package) -> Iterator[Document]:
    """Give the tables and the text of every part that people write in."""
    numbers: dict[str, int] = {}
    for entry in package.parts(*PARTS):
        root = package.roots[entry.name]
        numbers[root] = numbers.get(root, 0) + 1
        name = PARTS[root]
        part = inside(package.part, f"{name} {numbers[root]}") if name else package.part
        flow = _flow(package, entry)
        hidden = root in _UNSEEN or not flow.is_shown
        yield from _tables(flow, part, hidden=hidden)
        yield from _text(flow, part, hidden=hidden)


def _flow(package: Package, entry: Entry) -> _Flow:
    flow = _Flow(package.budget)
    for kind, what, attributes in package.events(entry, _READ):
        if kind == START:
            flow.start(what, attributes)
        elif kind == END:
            flow.end(what)
        else:
            flow.characters(what)
    return flow


def _tables(flow: _Flow, part: str | None, *, hidden: bool) -> Iterator[Document]:
    for number, grid in enumerate(flow.tables, start=1):
        place = inside(part, f"table {number}")
        now = grid.now()
        yield from tables_of(now, place, origin=Origin.MARKUP, hidden=hidden)
        before = grid.before() if flow.changes else now
        if before != now:
            yield from tables_of(before, place, origin=Origin.MARKUP, hidden=True)


def _text(flow: _Flow, part: str | None, *, hidden: bool) -> Iterator[Document]:
    body = "".join(flow.body).strip()
    if body:
        yield Text(body, part, TextKind.HIDDEN if hidden else TextKind.PROSE)
        yield from pasted_tables(body, part)
        yield from woven_tables(body, part, is_fenced=False)
    if flow.changes:
        yield Embedded(Trait.TRACKED_CHANGES, part, flow.changes)
    yield from hidden_text("".join(flow.deleted), part)
    if flow.vanished or not flow.is_shown:
        yield Embedded(Trait.HIDDEN_TEXT, part)
    yield from hidden_text("".join(flow.vanished), part)
