"""Files of Excel, Word and PowerPoint: every part of the package goes to whatever reads such parts."""

import re
from collections.abc import Iterator, Mapping

from breachkit.documents.formats import beside, spreadsheet, word
from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.chart import read_charts
from breachkit.documents.formats.package import Package
from breachkit.documents.reader import Member, inside
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_READ_TOGETHER = (
    spreadsheet.PARTS
    | word.PARTS.keys()
    | {"pivotCacheDefinition", "pivotCacheRecords", "externalLink", "chartSpace"}
)
_HANDLERS: Mapping[str, beside.Handler] = {
    "comments": beside.comments,
    "ThreadedComments": beside.comments,
    "cmLst": beside.comments,
    "personList": beside.people,
    "cmAuthorLst": beside.people,
    "authorLst": beside.people,
    "people": beside.people,
    "coreProperties": beside.core_properties,
    "Properties": beside.properties,
    "revisions": beside.revisions,
}
_WITHOUT_RESULTS = frozenset(
    {
        "Types", "Relationships", "theme", "themeOverride", "styles", "settings", "webSettings", "fonts",
        "numbering", "calcChain", "table", "tblStyleLst", "presentation", "presentationPr", "viewPr",
        "notesMaster", "handoutMaster", "datastoreItem", "pivotTableDefinition", "colorStyle",
        "chartStyle", "clrMap", "users", "headers",
    }
)  # fmt: skip
"""Outermost elements of parts that say how things look and hang together."""
KNOWN = frozenset({*_READ_TOGETHER, *_HANDLERS, *_WITHOUT_RESULTS})
"""Outermost elements of parts of which it is known what they hold."""

UNREAD_MACROS = "macros are not read"
_PRINTER_SETTINGS = re.compile(r"(?:^|/)printerSettings\d*\.bin$")
_MOST_SETTINGS = 1 << 16
_MACROS = re.compile(r"(?:^|/)vba[^/]*\.bin$", re.IGNORECASE)
_IMAGE = re.compile(r"\.(?:png|jpe?g|gif|tiff?|bmp|emf|wmf|svg|wdp)$", re.IGNORECASE)


def read_office(package: Package) -> Iterator[Document | Member]:
    """Give everything that a package holds, and what of it is not read."""
    yield from package.archive.oddities(package.part)
    if package.parts(*spreadsheet.PARTS):
        yield from spreadsheet.read_workbook(package)
    yield from word.read_words(package)
    yield from beside.pivot_caches(package)
    yield from beside.external_links(package)
    yield from read_charts(package)
    yield from _others(package)
    for entry in package.others:
        yield from _file(package, entry)
    yield from package.troubles


def _others(package: Package) -> Iterator[Document]:
    for root, entries in package.by_root.items():
        if root not in _READ_TOGETHER and root not in _WITHOUT_RESULTS:
            for entry in entries:
                yield from _HANDLERS.get(root, beside.other)(package, entry)


def _file(package: Package, entry: Entry) -> Iterator[Document | Member]:
    """Give a part that is no XML: a picture, a file put into the document, a program."""
    part = inside(package.part, f"member {entry.number}")
    if _PRINTER_SETTINGS.search(entry.name) and entry.size <= _MOST_SETTINGS:
        return
    if _MACROS.search(entry.name):
        yield Embedded(Trait.MACROS, part)
        yield Unreadable(UNREAD_MACROS, part)
        return
    if "thumbnail" in entry.name.lower():
        yield Embedded(Trait.THUMBNAIL, part)
    elif _IMAGE.search(entry.name):
        yield Embedded(Trait.EMBEDDED_IMAGE, part)
    else:
        yield Embedded(Trait.EMBEDDED_FILE, part)
    yield from package.member(entry)
