"""OpenDocument: spreadsheets, texts, slides and their charts, which are all written alike.

The cells are read here and not by a library, because those at hand lay out whatever a sheet says is
repeated, and a sheet may say so of more cells than there is memory.
"""

from collections.abc import Iterable, Iterator, Mapping

from breachkit.documents.formats import beside
from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.cells import Cells, written_number
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.xml_events import END, START, Event, attribute
from breachkit.documents.grid import tables_of
from breachkit.documents.pasted import pasted_tables
from breachkit.documents.reader import Budget, Member, NotReadError, OverBudgetError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.model.records import dataclass, field


_CONTENT = ("document-content", "document-styles", "document")
_MOST_TABLES = 1_000
_NOT_SHOWN = frozenset({"collapse", "filter"})
_ORIGINS = {
    "spreadsheet": (Origin.SHEET, "sheet"),
    "text": (Origin.MARKUP, "table"),
    "chart": (Origin.FIGURE, "chart"),
}
_ASIDE = frozenset({"annotation", "tracked-changes", "notes"})
"""Elements whose text is not where a person reads."""
_ROWS = frozenset({"table-row", "table-cell", "covered-table-cell", "table-column", "table-source"})


def read_open_document(package: Package) -> Iterator[Document | Member]:
    """Give the tables, the text and what lies beside them, of a document of any kind.

    Raises:
        NotReadError: It is encrypted.
    """
    if any(_is_encrypted(package.events(entry)) for entry in package.parts("manifest")):
        raise NotReadError("encrypted")
    yield from package.archive.oddities(package.part)
    numbers: dict[str, int] = {}
    for entry in package.parts(*_CONTENT):
        yield from _read_content(package, entry, numbers)
    for entry in package.parts("document-meta"):
        yield from _meta(package, entry)
    for entry in package.parts("module"):
        yield Embedded(Trait.MACROS, package.part)
        yield from beside.other(package, entry)
    for entry in package.others:
        yield from _file(package, entry)
    yield from package.troubles


def _is_encrypted(manifest: Iterable[Event]) -> bool:
    return any(kind == START and what == "encryption-data" for kind, what, _ in manifest)


def _file(package: Package, entry: Entry) -> Iterator[Document | Member]:
    folder = entry.name.partition("/")[0]
    if entry.name == "mimetype" or not entry.size:
        return
    if folder == "Thumbnails":
        yield Embedded(Trait.THUMBNAIL, package.part)
    else:
        yield Embedded(
            Trait.EMBEDDED_IMAGE if folder == "Pictures" else Trait.EMBEDDED_FILE, package.part
        )
    yield from package.member(entry)


def _meta(package: Package, entry: Entry) -> Iterator[Document]:
    authors: set[str] = set()
    about: list[str] = []
    where = ""
    for kind, what, _ in package.events(entry):
        if kind == START:
            where = what
        elif kind == END:
            where = ""
        elif where in {"creator", "initial-creator", "printed-by"}:
            authors.add(what)
        elif where in {"title", "subject", "description", "keyword", "user-defined"}:
            about.append(what)
    if authors:
        yield Embedded(Trait.AUTHOR, package.part, len(authors))
    if about:
        yield Embedded(Trait.METADATA_TEXT, package.part, len(about))
        yield Text("\n".join(about), package.part, TextKind.HIDDEN)


@dataclass(slots=True)
class _Grid:
    """A table while it passes by."""

    cells: Cells
    origin: Origin
    word: str
    hidden: bool
    row: int = 0
    rows: int = 1
    """How often the row is there."""
    column: int = 0
    columns: int = 1
    """How often the cell is there."""
    value: str | None = None
    """Where it is not its text."""
    pieces: list[str] = field(default_factory=list)
    in_cell: bool = False
    unseen: int = 0
    """Rows and columns that are not shown."""

    def start(self, what: str, attributes: Mapping[str, str]) -> None:
        if what == "table-row":
            self.rows, self.column = _times(attributes, "number-rows-repeated"), 0
            self.unseen += self.rows * (attribute(attributes, "visibility") in _NOT_SHOWN)
        elif what == "table-column":
            times = _times(attributes, "number-columns-repeated")
            self.unseen += times * (attribute(attributes, "visibility") in _NOT_SHOWN)
        elif what != "table-source":
            self.columns = _times(attributes, "number-columns-repeated")
            self.value = _value(attributes)
            self.in_cell = True

    def end(self, what: str) -> None:
        if what == "table-row":
            self.row += self.rows
        elif what in {"table-cell", "covered-table-cell"}:
            self._put("".join(self.pieces) if self.value is None else self.value)
            self.column += self.columns
            self.pieces.clear()
            self.in_cell = False

    def _put(self, text: str) -> None:
        rows = range(self.row, self.row + self.rows)
        columns = range(self.column, self.column + self.columns)
        self.cells.repeat(rows, columns, " ".join(text.split()))


def _times(attributes: Mapping[str, str], name: str) -> int:
    times = attribute(attributes, name) or ""
    return max(int(times), 1) if times.isdecimal() else 1


def _value(attributes: Mapping[str, str]) -> str | None:
    """Give what a cell holds where its text is only how that is shown."""
    match attribute(attributes, "value-type"):
        case "float" | "percentage" | "currency":
            return written_number(attribute(attributes, "value") or "")
        case "date":
            day = attribute(attributes, "date-value") or ""
            return day.removesuffix("T00:00:00").replace("T", " ")
        case "boolean":
            return (attribute(attributes, "boolean-value") or "").upper()
        case "string":
            return attribute(attributes, "string-value")
        case _:
            return None


class _Content:
    """A document while it passes by."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._open: list[_Grid] = []
        self._kind = (Origin.MARKUP, "table")
        self._aside: list[str] = []
        self._style = ""
        self._invisible: set[str] = set()
        self._paragraphs = 0
        self._in_author = False
        self.tables: list[_Grid] = []
        self.body: list[str] = []
        self.unseen: list[str] = []
        self.names: list[str] = []
        self.authors: set[str] = set()
        self.found: dict[Trait, int] = {}

    def start(self, what: str, attributes: Mapping[str, str]) -> None:
        if what == "table":
            self._start_table(attributes)
        elif what in _ROWS:
            self._start_row(what, attributes)
        elif what in {"p", "h"}:
            self._paragraphs += 1
        elif what in {"s", "tab", "line-break"}:
            self.characters({"s": " ", "tab": "\t"}.get(what, "\n"))
        elif what in _ASIDE:
            self._aside.append(what)
            self._count(Trait.COMMENTS, what == "annotation")
        else:
            self._start_other(what, attributes)

    def _start_other(self, what: str, attributes: Mapping[str, str]) -> None:
        if what in _ORIGINS and not self._paragraphs:
            self._kind = _ORIGINS[what]
        elif what == "style":
            self._style = attribute(attributes, "name") or ""
        elif what == "table-properties" and attribute(attributes, "display") == "false":
            self._invisible.add(self._style)
        elif what == "changed-region" or what.endswith("content-change"):
            self._count(Trait.TRACKED_CHANGES, 1)
        elif what in {"named-range", "named-expression"}:
            self.names.append(" = ".join(attributes.values()))
        elif what == "creator":
            self._in_author = True
        elif what in {"hidden-text", "hidden-paragraph"}:
            self._count(Trait.HIDDEN_TEXT, 1)
            self.unseen.append((attribute(attributes, "string-value") or "") + "\n")

    def _count(self, trait: Trait, number: int) -> None:
        if number:
            self.found[trait] = self.found.get(trait, 0) + number

    def _start_table(self, attributes: Mapping[str, str]) -> None:
        hidden = bool(self._aside) or attribute(attributes, "style-name") in self._invisible
        if len(self.tables) >= _MOST_TABLES:
            raise OverBudgetError("too many tables")
        origin, word = self._kind
        grid = _Grid(Cells(self._budget), origin, word, hidden or origin is Origin.FIGURE)
        self.tables.append(grid)
        self._open.append(grid)

    def _start_row(self, what: str, attributes: Mapping[str, str]) -> None:
        self._count(Trait.EXTERNAL_LINK, what == "table-source")
        if self._open:
            self._open[-1].start(what, attributes)

    def end(self, what: str) -> None:
        if what == "table" and self._open:
            self._open.pop()
        elif what in _ROWS and self._open:
            self._open[-1].end(what)
        elif what in {"p", "h"}:
            self.characters("\n")
            self._paragraphs -= 1
        elif what == "creator":
            self._in_author = False
        elif self._aside and what == self._aside[-1]:
            self._aside.pop()

    def characters(self, text: str) -> None:
        if self._in_author:
            self.authors.add(text)
        elif not self._paragraphs:
            return
        elif self._open and self._open[-1].in_cell and not self._is_comment:
            self._open[-1].pieces.append(text)
        else:
            (self.unseen if self._aside else self.body).append(text)

    @property
    def _is_comment(self) -> bool:
        return bool(self._aside) and self._aside[-1] == "annotation"


def _read_content(package: Package, entry: Entry, numbers: dict[str, int]) -> Iterator[Document]:
    content = _Content(package.budget)
    for kind, what, attributes in package.events(entry):
        if kind == START:
            content.start(what, attributes)
        elif kind == END:
            content.end(what)
        else:
            content.characters(what)
    for grid in content.tables:
        numbers[grid.word] = numbers.get(grid.word, 0) + 1
        yield from _table(grid, inside(package.part, f"{grid.word} {numbers[grid.word]}"))
    yield from _beside(content, package.part)


def _table(grid: _Grid, part: str) -> Iterator[Document]:
    rows = grid.cells.rows()
    yield from tables_of(rows, part, origin=grid.origin, hidden=grid.hidden)
    if grid.origin is Origin.FIGURE:
        yield Embedded(Trait.PLOTTED_DATA, part)
    elif grid.hidden:
        sheet = grid.origin is Origin.SHEET
        trait = Trait.HIDDEN_SHEET if rows else Trait.EMPTY_SHEET
        yield Embedded(trait if sheet else Trait.HIDDEN_TEXT, part)
    if grid.unseen and rows:
        yield Embedded(Trait.HIDDEN_CELLS, part, grid.unseen)


def _beside(content: _Content, part: str | None) -> Iterator[Document]:
    body = "".join(content.body).strip()
    if body:
        yield Text(body, part)
        yield from pasted_tables(body, part)
    for trait, number in content.found.items():
        yield Embedded(trait, part, number)
    if content.authors:
        yield Embedded(Trait.AUTHOR, part, len(content.authors))
    if content.names:
        yield Embedded(Trait.DEFINED_NAMES, part, len(content.names))
        yield Text("\n".join(content.names), part, TextKind.HIDDEN)
    yield from beside.hidden_text("".join(content.unseen), part)
