"""XML of any kind: elements that repeat are records, and rows of cells are tables.

No document type is loaded, no entity of another file is followed, and what a file's own entities
grow to is bounded by the parser.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from breachkit.documents.formats.xml_tree import Element, parse
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.records import Finder
from breachkit.documents.spans import Cell, Row, table_of
from breachkit.documents.table import Document, Text, TextKind, Unreadable


MOST_BYTES = 32 * 1024 * 1024
MOST_TAGS = 1_000_000
_DEEPEST = 50
_ROWS = frozenset({"row", "tr"})
_CELLS = frozenset({"cell", "td", "th", "table-cell"})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the tables of an XML file, its words and its comments."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    root, is_whole = parse(
        content, most_tags=MOST_TAGS, otherwise="no XML, though its name says it is"
    )
    if not is_whole:
        yield Unreadable("XML: damaged, and read only in part", part)
    number = 0
    found = root.iter("{*}Row", "{*}row", "{*}tr", "{*}table-row")
    for holder in dict.fromkeys(row.getparent() for row in found):
        if holder is not None:
            number += 1
            made = table_of(_rows(holder), inside(part, f"rows {number}"), budget)
            if made is not None:
                yield made
    finder = Finder(part, budget)
    finder.look({_name(root): _value(root, 0)})
    yield from finder.result()
    comments = [text for one in root.iter(etree.Comment) if (text := (one.text or "").strip())]
    if comments:
        yield Text("\n".join(comments), inside(part, "comments"), TextKind.HIDDEN)


def _name(element: Element) -> str:
    return etree.QName(element).localname


def _rows(holder: Element) -> list[Row]:
    rows = [
        row
        for row in holder.iterchildren(etree.Element)
        if _name(row).lower() in {*_ROWS, "table-row"}
    ]
    return [
        Row(
            [
                _cell(cell)
                for cell in row.iterchildren(etree.Element)
                if _name(cell).lower() in _CELLS
            ]
        )
        for row in rows
    ]


def _cell(cell: Element) -> Cell:
    return Cell(" ".join("".join(map(str, cell.itertext())).split()))


def _value(element: Element, depth: int) -> Any:
    """Give an element as an object: its attributes and what is in it; its text, where it has no more."""
    text = " ".join((element.text or "").split())
    children = list(element.iterchildren(etree.Element))
    if depth > _DEEPEST:
        raise NotReadError("nested too deep")
    if not children and not element.attrib:
        return _number(text)
    found: dict[str, Any] = {
        etree.QName(str(name)).localname: _number(str(value))
        for name, value in element.attrib.items()
    }
    if text:
        found["value" if "value" not in found else "text"] = _number(text)
    named: dict[str, list[Any]] = {}
    for child in children:
        named.setdefault(_name(child), []).append(_value(child, depth + 1))
    for name, values in named.items():
        found[name if name not in found else f"{name}_y"] = values if len(values) > 1 else values[0]
    return found


def _number(text: str) -> str | int:
    """Give a whole number as one, so that what states numbers is known from what states words."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 10 else text
