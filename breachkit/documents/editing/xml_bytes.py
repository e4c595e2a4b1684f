"""XML as it passes by, each start and end of an element with the place where it stands in the bytes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.formats.xml_events import END, START, TEXT


_STEP = 1 << 16
_DAMAGED = "XML that is damaged"
_TAG = re.compile(rb"<[^\s/>]++(?:\s++[^\s=>/]++\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'))*+\s*+/?>")
_ATTRIBUTE = re.compile(rb"\s+([^\s=>/]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_CONTROL = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Passing(NamedTuple):
    """Something of XML that passes by."""

    kind: str
    """START, END or TEXT, as in `formats.xml_events`."""
    what: str
    """The name without its prefix, or the text."""
    attributes: Mapping[str, str]
    at: int
    """Where it begins, in bytes counted from 0; for the END of an empty element what follows it."""


class Piece(NamedTuple):
    """Other bytes for a piece of XML."""

    start: int
    end: int
    new: bytes


def passing(content: bytes) -> Iterator[Passing]:
    """Give every start and end of an element, and all text, in pieces as they come.

    Raises:
        CannotEditError: It is damaged, declares a document type, or is not in UTF-8.
    """
    found: list[Passing] = []
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        bare = name[name.rfind(":") + 1 :]
        found.append(Passing(START, bare, attributes, parser.CurrentByteIndex))

    def end(name: str) -> None:
        found.append(Passing(END, name[name.rfind(":") + 1 :], {}, parser.CurrentByteIndex))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: found.append(
        Passing(TEXT, text, {}, parser.CurrentByteIndex)
    )
    parser.StartDoctypeDeclHandler = _refuse
    parser.XmlDeclHandler = _check_encoding
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise CannotEditError("XML in an unusual encoding")
    try:
        for at in range(0, len(content), _STEP):
            parser.Parse(content[at : at + _STEP], False)  # noqa: FBT003 - takes no name
            yield from found
            found.clear()
        parser.Parse(b"", True)  # noqa: FBT003
    except expat.ExpatError as error:
        raise CannotEditError(_DAMAGED) from error
    yield from found


def _refuse(*_: object) -> None:
    raise CannotEditError("XML with a document type")


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding is not None and encoding.lower() not in {"utf-8", "us-ascii", "ascii"}:
        raise CannotEditError("XML in an unusual encoding")


def tag_end(content: bytes, start: int) -> int:
    """Give where the tag ends that begins at a place."""
    found = _TAG.match(content, start)
    if found is None:
        raise CannotEditError(_DAMAGED)
    return found.end()


def element_end(content: bytes, start: int, at: int) -> int:
    """Give where an element ends that begins at a place, and whose END passed by at another."""
    end = tag_end(content, start)
    return end if content[end - 2 : end] == b"/>" else content.index(b">", at) + 1


def name_of(content: bytes, start: int) -> bytes:
    """Give the name of the element that begins at a place, with its prefix and the colon behind it."""
    found = re.compile(rb"[^\s/>]+").match(content, start + 1)
    return found[0] if found else b""


def attributes_at(content: bytes, start: int) -> Iterator[tuple[str, int, int]]:
    """Give the names of the attributes of the tag at a place, and where their values stand, quotes included."""
    end = tag_end(content, start)
    for found in _ATTRIBUTE.finditer(content, start, end):
        yield found[1].decode("utf-8", "replace"), *found.span(2)


def written(text: str) -> bytes:
    """Write a text as XML.

    Raises:
        CannotEditError: XML has no such signs.
    """
    if _CONTROL.search(text):
        raise CannotEditError("a text of signs that the file cannot hold")
    return escape(text, {'"': "&quot;"}).encode()


def spliced(content: bytes, pieces: Iterable[Piece]) -> bytes:
    """Give XML with other bytes in some pieces of it, none of which lies within another."""
    kept: list[bytes] = []
    at = 0
    for piece in sorted(pieces):
        if piece.start < at:
            raise CannotEditError("two changes of the same place")
        kept += (content[at : piece.start], piece.new)
        at = piece.end
    return b"".join([*kept, content[at:]])
