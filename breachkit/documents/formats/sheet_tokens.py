"""Sheets and shared strings as Excel and most programs write them, read without an event for each element.

Nine cells of ten may be empty ones that have a colour, and a sheet has many thousand. Where all of a part is
written in the plainest way, which is proven by its pieces lying end to end, its cells are cut out by
one expression. Anything else - a comment, a processing instruction, text in several styles, an unknown
element - leaves the part to the parser of XML.

Source: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.73 (row) and 18.4.8 (si); XML 1.0, 2.2 and 2.11.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple


_ATTRIBUTES = r'(?:\s+[\w:.-]+="[^"<&]*")*+'
_TOKEN = re.compile(
    r'(?:<c r="[A-Z]{1,3}[0-9]++"(?: s="[0-9]*+")?/>)++'  # empty cells
    rf"|(?:</row>\s*+)?<row({_ATTRIBUTES})\s*+/?>|</row>"
    r'|<c r="([A-Z]{1,3})[0-9]++"(?: s="([0-9]*+)")?(?: t="([a-zA-Z]*+)")?>'
    rf"(?:<f{_ATTRIBUTES}\s*+(?:/>|>[^<]*+</f>))?"
    r'(?:<v>([^<]*+)</v>|<v\s*+/>|<is><t(?: xml:space="preserve")?>([^<]*+)</t></is>)?</c>'
    r"|\s++"
)
_STRING = re.compile(r'(<si><t(?: xml:space="preserve")?(?:\s*+/>|>([^<]*+)</t>)</si>\s*+)')
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding=[\"']([\w.-]{1,40})")
_UNUSUAL = (b"]]>", b"&#", b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""The end of literal text, numbered characters, and two that XML must not hold."""
_CONTROL = bytes(set(range(32)) - set(b"\t\r\n"))
"""What XML must not hold either."""
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_MOST = 400_000
"""Cells with something in them, and rows, of which those of a larger sheet are read as they pass by."""
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")


class Row(NamedTuple):
    """A row of a sheet as it is written."""

    number: str
    """Counted from 1; empty where it is not said."""
    is_hidden: bool
    cells: "list[tuple[str, str, str, str]]"
    """Of each cell that holds something: the letters of its column, style, type and value."""


class PlainSheet(NamedTuple):
    """A sheet whose rows were cut out."""

    rows: Sequence[Row]
    rest: bytes
    """The part without them."""


def plain_sheet(content: bytes) -> PlainSheet | None:
    """Give the rows of a sheet; None where it is left to the parser of XML.

    Args:
        content: The part of the package that holds it.
    """
    start, end = content.find(_BEGIN), content.find(_END)
    text = _text(content, start + len(_BEGIN), end) if 0 <= start < end else None
    if text is None or text.count("</c>") + text.count("<row") > _MOST:
        return None
    rows = _rows(text)
    return None if rows is None else PlainSheet(rows, content[:start] + content[end + len(_END) :])


def _text(content: bytes, start: int, end: int) -> str | None:
    """Give a piece of XML as text, where it stands there as it is meant."""
    encoding = _ENCODING.match(content[:300])
    if b"<!" in content or (encoding and encoding[1].lower() not in {b"utf-8", b"us-ascii"}):
        return None
    piece = content[start:end]
    if any(sign in piece for sign in _UNUSUAL) or len(piece.translate(None, _CONTROL)) < len(piece):
        return None
    try:
        text = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode()
    except UnicodeDecodeError:
        return None
    return text if "&" not in text or not _ENTITY.search(text) else None


def _rows(text: str) -> Sequence[Row] | None:
    """Cut out the rows; None where something else stands between them."""
    rows: list[Row] = []
    at = 0
    for found in _TOKEN.finditer(text):
        start, end = found.span()
        if start != at:
            return None
        at = end
        attributes, column, style, kind, value, words = found.groups()
        value = value or words
        if value:
            if not rows:
                return None
            rows[-1].cells.append((column, style or "", kind or "", plain_text(value)))
        elif attributes is not None:
            rows.append(_row(attributes))
    return rows if at == len(text) else None


_OF_ROW = re.compile(r'\s(r|hidden)="([^"]*)"')


def _row(attributes: str) -> Row:
    told = dict(_OF_ROW.findall(attributes))
    return Row(told.get("r", ""), told.get("hidden") in {"1", "true"}, [])


def plain_text(text: str) -> str:
    """Give what is meant by text with the five names for signs that XML knows."""
    if "&" not in text:
        return text
    for name, sign in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", sign)
    return text


def plain_strings(content: bytes) -> Iterator[str] | None:
    """Give the shared strings of a workbook; None where they are left to the parser of XML."""
    start, end = content.find(b"<si>"), content.find(b"</sst>")
    text = _text(content, start, end) if 0 <= start < end else None
    if text is None:
        return None
    found = _STRING.findall(text)
    if sum(len(whole) for whole, _ in found) < len(text):
        return None
    return (plain_text(string) for _, string in found)
