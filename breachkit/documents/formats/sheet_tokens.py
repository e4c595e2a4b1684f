"""Sheets and shared strings as Excel and most programs write them, read without an event for each element.

Nine cells of ten may be empty ones that have a colour, and a sheet has many thousand. Where all of a part is
written in the plainest way, which is proven by its pieces lying end to end, its cells are cut out by
one expression. Anything else - a comment, a processing instruction, text in several styles, an unknown
element - leaves the part to the parser of XML.

Source: ECMA-376 part 1, 18.3.1.4 (c), 18.3.1.73 (row) and 18.4.8 (si); XML 1.0, 2.2 and 2.11.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


_ATTRIBUTES = r'(?:\s+[\w:.-]+="[^"<&]*")*+'
_TOKEN = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]++"([^>]*+)>'
    rf"(?:<v>([^<]*+)</v></c>|(?:<f{_ATTRIBUTES}\s*+(?:/>|>[^<]*+</f>))?"
    r'(?:<v>([^<]*+)</v>|<v\s*+/>|<is><t(?: xml:space="preserve")?>([^<]*+)</t></is>)?</c>)'
    rf"|<row({_ATTRIBUTES})\s*+/?>"
    r'|(?:<c r="[A-Z]{1,3}[0-9]++"(?: s="[0-9]*+")?/>|</row>|\s++)++'  # empty cells
    r"|([\s\S]++)"  # where something else stands
)
_OF_CELL = re.compile(r'(?: s="([0-9]*)")?(?: t="([a-zA-Z]*)")?')
_COLUMN, _LOOK, _VALUE, _OTHER, _WORDS, _ROW, _STEP = 1, 2, 3, 4, 5, 6, 8
"""Where the groups of a token stand among the pieces of a text that is cut at its tokens, and how many pieces
there are of each: the first is what stands before it, which is nothing; the last is the rest of the text."""
_STRING = re.compile(
    r'<si><t(?: xml:space="preserve")?(?:\s*+/>|>([^<]*+)</t>)</si>\s*+|([\s\S]++)'
)
_ENCODING = re.compile(rb"<\?xml[^>]{0,200}?encoding=[\"']([\w.-]{1,40})")
_UNUSUAL = ((b"]", b"]]>"), (b"&", b"&#"), (b"\xef", b"\xef\xbf\xbe"), (b"\xef", b"\xef\xbf\xbf"))
"""The end of literal text, numbered characters, and two that XML must not hold; before each the byte of it that
is rarest, which is looked for ten times as fast."""
_CONTROL = bytes(set(range(32)) - set(b"\t\r\n"))
"""What XML must not hold either."""
_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_MOST = 400_000
"""Cells with something in them, and rows, of which those of a larger sheet are read as they pass by."""
_SHORTEST = 4
"""Characters of the end of a cell, and of the begin of a row."""
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)")


class Row(NamedTuple):
    """A row of a sheet as it is written."""

    number: str
    """Counted from 1; empty where it is not said."""
    is_hidden: bool
    cells: slice
    """Where its cells are among those of the sheet."""


class PlainSheet(NamedTuple):
    """A sheet whose rows were cut out, its cells in columns of equal length; None for what is no cell."""

    rows: Sequence[Row]
    columns: Sequence[str | None]
    """The letters of the column of each cell."""
    looks: Sequence[str | None]
    """The style and the type of each as they are written; `look_of` tells them."""
    values: Sequence[str | None]
    """As they are written, for `plain_text`; None or empty where a cell holds nothing."""
    rest: bytes
    """The part without its rows."""


def plain_sheet(content: bytes) -> PlainSheet | None:
    """Give the rows of a sheet; None where it is left to the parser of XML.

    Args:
        content: The part of the package that holds it.
    """
    start, end = content.find(_BEGIN), content.find(_END)
    text = _text(content, start + len(_BEGIN), end) if 0 <= start < end else None
    if text is None or _is_large(text):
        return None
    return _cut(text, content[:start] + content[end + len(_END) :])


def _is_large(text: str) -> bool:
    return len(text) > _MOST * _SHORTEST and text.count("</c>") + text.count("<row") > _MOST


def _text(content: bytes, start: int, end: int) -> str | None:
    """Give a piece of XML as text, where it stands there as it is meant."""
    encoding = _ENCODING.match(content[:300])
    is_declared = b"!" in content and b"<!" in content
    if is_declared or (encoding and encoding[1].lower() not in {b"utf-8", b"us-ascii"}):
        return None
    piece = content[start:end]
    if any(rarest in piece and sign in piece for rarest, sign in _UNUSUAL):
        return None
    if len(piece.translate(None, _CONTROL)) < len(piece):
        return None
    try:
        piece = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in piece else piece
        text = piece.decode()
    except UnicodeDecodeError:
        return None
    return text if "&" not in text or not _ENTITY.search(text) else None


def _cut(text: str, rest: bytes) -> PlainSheet | None:
    """Cut out the rows; None where something else stands between them, or a cell before them."""
    pieces = _TOKEN.split(text)
    if _is_cut_short(pieces):
        return None
    values, others, words, heads = (
        pieces[group::_STEP] for group in (_VALUE, _OTHER, _WORDS, _ROW)
    )
    if any(others) or any(words):
        each = zip(values, others, words, strict=True)
        values = [first or second or third for first, second, third in each]
    starts = [at for at, head in enumerate(heads) if head is not None]
    if any(values[: starts[0] if starts else None]):
        return None
    rows = [_row(heads[start], start + 1, end) for start, end in pairwise([*starts, len(heads)])]
    return PlainSheet(rows, pieces[_COLUMN::_STEP], pieces[_LOOK::_STEP], values, rest)


def _is_cut_short(pieces: Sequence[str | None]) -> bool:
    """Say whether the last token is all that stands behind the others."""
    return len(pieces) > 1 and bool(pieces[-2])


_OF_ROW = re.compile(r'\s(r|hidden)="([^"]*)"')


def _row(attributes: str, start: int, end: int) -> Row:
    told = dict(_OF_ROW.findall(attributes))
    return Row(told.get("r", ""), told.get("hidden") in {"1", "true"}, slice(start, end))


def look_of(written: str | None) -> tuple[str, str]:
    """Give the type and the style of a cell out of what `PlainSheet.looks` tells of it."""
    told = _OF_CELL.fullmatch(written or "")
    style, kind = told.groups("") if told else ("", "")
    return kind, style


def plain_text(text: str) -> str:
    """Give what is meant by text with the five names for signs that XML knows."""
    if "&" not in text:
        return text
    for name, sign in (("lt", "<"), ("gt", ">"), ("quot", '"'), ("apos", "'"), ("amp", "&")):
        text = text.replace(f"&{name};", sign)
    return text


def plain_strings(content: bytes) -> Sequence[str] | None:
    """Give the shared strings of a workbook; None where they are left to the parser of XML."""
    start, end = content.find(b"<si>"), content.find(b"</sst>")
    text = _text(content, start, end) if 0 <= start < end else None
    if text is None:
        return None
    pieces = _STRING.split(text)
    if _is_cut_short(pieces):
        return None
    strings = [string or "" for string in pieces[1::3]]
    return list(map(plain_text, strings)) if "&" in text else strings
