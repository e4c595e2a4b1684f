"""What lies beside the sheets and the pages of an office file: comments, caches, links, metadata."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.cells import Cells, written_number
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.xml_events import END, START, TEXT, Event, attribute, words
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait
from breachkit.model.records import dataclass, field


Handler = Callable[[Package, Entry], Iterator[Document]]


def comments(package: Package, entry: Entry) -> Iterator[Document]:
    """Give the comments of a sheet, a document or a slide, and who wrote them."""
    number, authors = 0, set[str]()
    pieces: list[str] = []
    where = ""
    for kind, what, attributes in package.events(entry):
        if kind == START:
            where = what
            number += what in _COMMENTS
            authors.update(filter(None, [attribute(attributes, "author")]))
        elif kind == END:
            where = ""
            if what in _ENDS_LINE:
                pieces.append("\n")
        elif where in {"author", "t", "text"}:
            (authors.add if where == "author" else pieces.append)(what)
    if number:
        yield Embedded(Trait.COMMENTS, package.part, number)
    if authors:
        yield Embedded(Trait.AUTHOR, package.part, len(authors))
    yield from hidden_text("".join(pieces), package.part)


_COMMENTS = frozenset({"comment", "threadedComment", "cm"})
_ENDS_LINE = _COMMENTS | {"p"}


def hidden_text(text: str, part: str | None) -> Iterator[Document]:
    """Give text that a person does not see at once; nothing where it is blank."""
    if text.strip():
        yield Text(text.strip(), part, TextKind.HIDDEN)


def people(package: Package, entry: Entry) -> Iterator[Document]:
    """Say how many people a list of those who commented names."""
    found = package.events(entry)
    number = sum(
        kind == START and what in {"person", "cmAuthor", "author"} for kind, what, _ in found
    )
    if number:
        yield Embedded(Trait.AUTHOR, package.part, number)


def core_properties(package: Package, entry: Entry) -> Iterator[Document]:
    """Give the title and the description, and say how many authors are named."""
    told = _by_element(package.events(entry))
    authors = {text for name in ("creator", "lastModifiedBy") for text in told.get(name, ())}
    if authors:
        yield Embedded(Trait.AUTHOR, package.part, len(authors))
    about = [text for name in _ABOUT for text in told.get(name, ())]
    if about:
        yield Embedded(Trait.METADATA_TEXT, package.part, len(about))
        yield Text("\n".join(about), package.part, TextKind.HIDDEN)


_ABOUT = ("title", "subject", "description", "keywords", "category", "contentStatus")


def properties(package: Package, entry: Entry) -> Iterator[Document]:
    """Give the names of parts and what somebody added as properties of their own."""
    told = _by_element(package.events(entry))
    yield from hidden_text(
        "\n".join(text for name in _OWN for text in told.get(name, ())), package.part
    )


_OWN = ("Company", "Manager", "lpwstr", "lpstr")


def _by_element(told: Iterable[Event]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    where = ""
    for kind, what, _ in told:
        if kind == TEXT and where and what.strip():
            texts.setdefault(where, []).append(what.strip())
        where = what if kind == START else where if kind == TEXT else ""
    return texts


def revisions(package: Package, entry: Entry) -> Iterator[Document]:
    """Give what cells held before they were changed, in a workbook that keeps a log of changes."""
    yield Embedded(Trait.TRACKED_CHANGES, package.part)
    yield from other(package, entry)


def other(package: Package, entry: Entry) -> Iterator[Document]:
    """Give the text of a part that nothing else is known of."""
    yield from hidden_text(words(package.events(entry)), package.part)


@dataclass(slots=True)
class _Cache:
    """The columns of a pivot table's source, and the values that they share."""

    names: list[str] = field(default_factory=list)
    shared: list[list[str]] = field(default_factory=list)

    def value(self, what: str, attributes: Mapping[str, str], column: int) -> str:
        """Give the value that an element of the cache stands for."""
        value = attribute(attributes, "v") or ""
        match what:
            case "x":
                items = self.shared[column] if column < len(self.shared) else []
                return items[int(value)] if value.isdecimal() and int(value) < len(items) else ""
            case "n":
                return written_number(value)
            case "d":
                return value.removesuffix("T00:00:00").replace("T", " ")
            case _:
                return value


_VALUES = frozenset({"x", "n", "s", "d", "b", "e", "m"})


def pivot_caches(package: Package) -> Iterator[Document]:
    """Give the source data that pivot tables keep, as tables that nobody sees."""
    records = {entry.name: entry for entry in package.parts("pivotCacheRecords")}
    for number, entry in enumerate(package.parts("pivotCacheDefinition"), start=1):
        part = inside(package.part, f"pivot cache {number}")
        yield Embedded(Trait.PIVOT_CACHE, part)
        cache = _cache(package.events(entry))
        named = [name for name in package.targets(entry.name).values() if name in records]
        found = records.pop(named[0]) if named else None
        yield from _records(package, found, cache, part)
    for number, entry in enumerate(records.values(), start=1):
        part = inside(package.part, f"forgotten pivot cache {number}")
        yield from _records(package, entry, _Cache(), part)


def _cache(told: Iterable[Event]) -> _Cache:
    cache = _Cache()
    in_items = False
    for kind, what, attributes in told:
        if kind == START and what == "cacheField":
            cache.names.append(attribute(attributes, "name") or "")
            cache.shared.append([])
        elif what == "sharedItems":
            in_items = kind == START
        elif kind == START and in_items and what in _VALUES and cache.shared:
            cache.shared[-1].append(cache.value(what, attributes, 0))
    return cache


def _records(package: Package, entry: Entry | None, cache: _Cache, part: str) -> Iterator[Document]:
    rows = [tuple(cache.names)]
    if entry is None:
        rows += itertools.zip_longest(*cache.shared, fillvalue="")
    else:
        row: list[str] = []
        for kind, what, attributes in package.events(entry):
            if kind == START and what in _VALUES:
                row.append(cache.value(what, attributes, len(row)).strip())
            elif kind == END and what == "r":
                package.budget.take_cells(len(row))
                rows.append(tuple(row))
                row = []
    named = bool(cache.names)
    yield from tables_of(rows, part, origin=Origin.DATASET, hidden=True, named=named)


def external_links(package: Package) -> Iterator[Document]:
    """Give the cells of other workbooks that a workbook keeps a copy of."""
    for number, entry in enumerate(package.parts("externalLink"), start=1):
        part = inside(package.part, f"external link {number}")
        yield Embedded(Trait.EXTERNAL_LINK, part)
        cells, row, place, value = Cells(package.budget), 0, "", ""
        for kind, what, attributes in package.events(entry):
            if kind == START:
                row = _row(attributes) if what == "row" else row
                place = (attribute(attributes, "r") or "") if what == "cell" else place
            elif kind == TEXT:
                value += what
            elif what in {"cell", "value"}:
                cells.put(row, _column(place), written_number(value.strip()))
                value = ""
            elif what == "sheetData":
                yield from tables_of(cells.rows(), part, origin=Origin.SHEET, hidden=True)
                cells = Cells(package.budget)


def _row(attributes: Mapping[str, str]) -> int:
    number = attribute(attributes, "r") or ""
    return int(number) if number.isdecimal() else 0


def _column(reference: str) -> int:
    number = 0
    for sign in itertools.takewhile(str.isalpha, reference[:3]):
        number = number * 26 + ord(sign.upper()) % 64
    return max(number - 1, 0)
