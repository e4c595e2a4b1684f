"""PDF: what lies beside its pages: bookmarks, scripts, forms in XML, descriptions, addresses, and metadata in XMP.

Bookmarks, scripts and forms come from PDFium. Descriptions and metadata it keeps to itself, so that these
are looked for in the bytes.

Source: ISO 32000-1, 7.3.4 (strings), 12.3.3 (bookmarks), 12.6.4 (actions), 14.3.2 (metadata), 14.9.3 (descriptions).
"""

import html
import itertools
import re
from collections.abc import Iterator
from typing import Any

from breachkit.documents.encoding import decode
from breachkit.documents.formats import pdf_library as library
from breachkit.documents.formats.image_parts import words_of_xmp
from breachkit.documents.formats.pdf_streams import metadata_streams, plain_objects
from breachkit.documents.reader import Budget, Member, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


_MOST_BOOKMARKS = 10_000
_MOST_STRINGS = 100_000
_IN_INFO = (b"Title", b"Subject", b"Keywords", b"Author", b"Creator", b"Producer")


def beside_pages(
    document: Any, content: bytes, part: str | None, budget: Budget
) -> Iterator[Document | Member]:
    """Give what lies beside the pages of an open document, as hidden text; forms in XML as files.

    Args:
        document: As PDFium opened it.
        content: Its bytes, without encryption.
        part: What the file is called in reports.
        budget: Of the file.
    """
    yield from _bookmarks(document, part)
    scripts = list(library.scripts(document))
    if scripts:
        yield Embedded(Trait.SCRIPT, part, len(scripts))
        yield from _hidden(scripts, inside(part, "scripts"))
    for number, packet in enumerate(library.forms_in_xml(document), start=1):
        place = inside(part, f"form {number}")
        if packet is None:
            yield Unreadable("a form in XML that is damaged", place)
        else:
            budget.take_bytes(len(packet))
            yield Member(content=packet, path=b".xml", part=place)
    yield from _strings(content, part, set(scripts))
    yield from _xmp(document, content, part, budget)


def _hidden(texts: list[str], part: str | None) -> Iterator[Document]:
    told = [text for text in texts if text.strip()]
    if told:
        yield Text("\n".join(told), part, TextKind.HIDDEN)


def _bookmarks(document: Any, part: str | None) -> Iterator[Document]:
    found = library.bookmarks(document)
    yield from _hidden(list(itertools.islice(found, _MOST_BOOKMARKS)), inside(part, "bookmarks"))
    if next(found, None) is not None:
        yield Unreadable(f"only the first {_MOST_BOOKMARKS} bookmarks were read", part)


_NAMES = rb"/(?:Alt|ActualText|URI|JS|UF|F)"
"""Descriptions, addresses, scripts of buttons, and files that are linked."""
_LITERAL = rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\)"
_STRING = re.compile(_NAMES + rb"\s*(?:(" + _LITERAL + rb")|<([0-9A-Fa-f\s]++)>)", re.DOTALL)
_ELSEWHERE = re.compile(rb"/(?:Alt|ActualText|URI|JS)\s+\d{1,10}\s+\d{1,5}\s+R\b")
_ESCAPED = re.compile(rb"\\(\r\n|[0-7]{1,3}|.)", re.DOTALL)
_SIGNS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"", b"\n": b"", b"\r\n": b""}


def _strings(content: bytes, part: str | None, known: set[str]) -> Iterator[Document]:
    """Give what stands directly under a few names, and is not known yet."""
    texts: dict[str, None] = {}
    elsewhere = False
    for objects in plain_objects(content):
        for found in itertools.islice(_STRING.finditer(objects), _MOST_STRINGS):
            texts[_written(found[1], found[2])] = None
        elsewhere = elsewhere or _ELSEWHERE.search(objects) is not None
    yield from _hidden(
        [text for text in texts if text not in known], inside(part, "descriptions and addresses")
    )
    if elsewhere or len(texts) >= _MOST_STRINGS:
        yield Unreadable("descriptions, addresses or scripts that are not read", part)


def _written(literal: bytes | None, digits: bytes | None) -> str:
    if literal is None:
        plain = b"".join((digits or b"").split())
        raw = bytes.fromhex((plain + b"0" * (len(plain) % 2)).decode("ascii"))
    else:
        raw = _ESCAPED.sub(_sign, literal[1:-1])
    if raw.startswith((b"\xfe\xff", b"\xff\xfe")):
        return raw.decode("utf-16", "replace")
    is_utf8 = raw.startswith(b"\xef\xbb\xbf")
    return raw[3:].decode("utf-8", "replace") if is_utf8 else raw.decode("latin-1")


def _sign(found: re.Match[bytes]) -> bytes:
    if found[1][:1].isdigit() and found[1] < b"8":
        return bytes([int(found[1], 8) & 0xFF])
    return _SIGNS.get(found[1], found[1])


def _xmp(document: Any, content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the words of the metadata that the other place for metadata does not tell."""
    known = {library.about(document, key).strip() for key in _IN_INFO}
    told: dict[str, None] = {}
    for packet in metadata_streams(content):
        text = None if packet is None else decode(packet)
        if text is None:
            yield Unreadable("metadata that cannot be read", part)
            continue
        budget.take_bytes(len(text))
        words = (html.unescape(word.decode()) for word in words_of_xmp(text.encode()))
        told |= dict.fromkeys(word for word in words if word not in known)
    if told:
        yield Embedded(Trait.METADATA_TEXT, part, len(told))
        yield from _hidden(list(told), inside(part, "metadata"))
