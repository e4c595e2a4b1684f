"""What a workbook holds beside its cells that may tell a count, named without content."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.documents.formats import beside
from breachkit.documents.formats.archive import Entry
from breachkit.documents.formats.office import KNOWN
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.spreadsheet import Opened
from breachkit.documents.formats.xml_events import START, words
from breachkit.documents.table import Text


_ALWAYS = {
    "pivotCacheDefinition": "a pivot table, which keeps its source",
    "pivotCacheRecords": "a pivot table, which keeps its source",
    "externalLink": "cells of another workbook",
    "revisions": "tracked changes",
}
_WITH_NUMBERS = {
    "comments": "comments",
    "ThreadedComments": "comments",
    "wsDr": "words in a drawing",
}
_PRINTING = re.compile(r'&(?:"[^"]*"|\d+|[A-Z])')
"""Codes in the headers of pages that say how they look (ECMA-376 part 1, 18.3.1.46)."""
_COUNT = re.compile(r"[=(:]\s*\d")
_FILTER = re.compile(rb"<(?:\w+:)?(?:filter|customFilter)\s[^<>]*\bval=[\"'][^\"'<>]*\d")
_PICTURE = re.compile(r"\.(?:png|jpe?g|gif|tiff?|bmp|emf|wmf|svg|wdp)$", re.IGNORECASE)
_MACROS = re.compile(r"vba[^/]*\.bin$", re.IGNORECASE)
_SETTINGS = re.compile(r"printerSettings\d*\.bin$")


def rest_of(package: Package, book: Opened, sheets: Iterable[bytes]) -> tuple[str, ...]:
    """Name what may tell a count and is no cell of a sheet.

    Args:
        package: The workbook, whose cells were read.
        book: Its sheets and strings.
        sheets: The parts that hold its sheets.
    """
    found = [
        *_of_parts(package),
        *_of_book(book),
        *(_named(entry.name) for entry in package.others if not _SETTINGS.search(entry.name)),
    ]
    if any(_FILTER.search(sheet) for sheet in sheets):
        found.append("values of a filter")
    return tuple(dict.fromkeys(found))


def _of_parts(package: Package) -> Iterator[str]:
    for root, entries in package.by_root.items():
        for entry in entries:
            if root in _ALWAYS:
                yield _ALWAYS[root]
            elif root in _WITH_NUMBERS:
                yield from [_WITH_NUMBERS[root]] * _tells(words(package.events(entry)))
            elif root in {"coreProperties", "Properties"}:
                yield from ["document properties"] * _tells(_properties(package, entry))
            elif root not in KNOWN:
                yield from ["a part of an unknown kind"] * _tells(words(package.events(entry)))
            elif root == "table" and _FILTER.search(package.xml(entry)):
                yield "values of a filter"


def _properties(package: Package, entry: Entry) -> str:
    """Give what somebody wrote about a workbook; programs write its sheets' names and their own version."""
    told = list(package.events(entry))
    if any(kind == START and what == "property" for kind, what, _ in told):
        return words(told)
    found = beside.core_properties(package, entry)
    return "\n".join(one.text for one in found if isinstance(one, Text))


def _of_book(book: Opened) -> Iterator[str]:
    strings = book.look.strings
    unused = (text for at, text in enumerate(strings.texts) if at not in strings.used)
    if any(map(_tells, unused)):
        yield "strings that no cell shows"
    if any("!" not in name and _tells(name.partition(" = ")[2]) for name in book.book.names):
        yield "defined names"
    if any(map(_COUNT.search, book.book.titles)):
        yield "names of sheets"


def beside_cells(others: Sequence[str]) -> Iterator[str]:
    """Name what a sheet says beside its cells: headers of pages, lists that may be chosen from."""
    if any(_tells(_PRINTING.sub("", text)) for text in others):
        yield "headers of pages, or lists to choose from"


def _named(name: str) -> str:
    if _MACROS.search(name):
        return "macros"
    return "a picture" if _PICTURE.search(name) else "a file within the workbook"


def _tells(text: str) -> bool:
    return any(map(str.isdecimal, text))
