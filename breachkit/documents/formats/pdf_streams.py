"""The streams of a PDF as bytes: whether they can be inflated, and to how much.

PDFium inflates whatever it is told to, up to a thousand million bytes, and says nothing where it
cannot. So every stream that it may need is inflated here before.
"""

import base64
import binascii
import re
import zlib
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple

from breachkit.documents.formats.pdf_drawings import TooMuchError, only_lines, without_lines
from breachkit.documents.reader import OverBudgetError


_MOST_STREAM = 1 << 25
"""Bytes that one stream may grow to."""
_MOST_DRAWN = 1 << 23
"""Bytes of one that look like what is drawn on a page, beyond which its lines are left out (`pdf_drawings`):
PDFium makes fifty times as much of it."""
_MOST_WORK = 4 * _MOST_STREAM
"""Bytes that all streams may grow to."""
_TOO_MUCH = (
    f"unpacks to more than is read, which is {_MOST_STREAM >> 20} MB for data and {_MOST_WORK >> 20} MB "
    "for drawings: look at it yourself"
)
_PACKED_TWICE = f"holds data in a rare form that may unpack to more than {_MOST_STREAM >> 20} MB: look at it yourself"
_NO_SURE_DRAWING = f"holds more than {_MOST_DRAWN >> 20} MB of what may be a drawing and may be data: look at it yourself"
_CHUNK = 1 << 20
_NO_WORDS = bytes(set(range(256)) - set(range(32, 127)) - set(b"\t\r\n"))
_BLANKS = b" \t\r\n"
_BINARY = 8
_WORDS = 40
"""One byte in so many is binary, or is a blank."""
_PART = 4
"""A part in so many of a chunk of a picture is binary enough to tell that it is no drawing."""
_DICTIONARY = 4096
"""Bytes in front of a stream in which its dictionary is looked for."""
_STREAM = re.compile(rb">>\s*stream(?:\r\n|\n|\r)?")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
IMAGE = re.compile(rb"/Image(?![\w+.-])")
"""The name, which others begin with, such as the `/ImageB` that stands in most files."""
_FILTERED = re.compile(rb"/F(?:ilter)?\b")
_FILTERS = re.compile(
    rb"/(FlateDecode|Fl|LZWDecode|LZW|RunLengthDecode|RL|ASCII85Decode|A85|ASCIIHexDecode|AHx)\b"
)
_IN_HEXADECIMAL = frozenset({b"ASCIIHexDecode", b"AHx"})
_ARMOURS = _IN_HEXADECIMAL | {b"ASCII85Decode", b"A85"}
_MOST_GROWTH = {
    **dict.fromkeys((b"FlateDecode", b"Fl"), 1032),
    **dict.fromkeys((b"LZWDecode", b"LZW"), 1300),
    **dict.fromkeys((b"RunLengthDecode", b"RL"), 64),
    **dict.fromkeys(_ARMOURS, 1),
}
"""How many times its size something grows at most."""
_ESCAPED_NAME = re.compile(rb"/[A-Za-z]{0,4}#[0-9A-Fa-f]{2}")
_INLINE = re.compile(rb"ID(?=\s)")
"""Before the bytes of a picture within a page; a blank is before it too."""
_START = re.Match[bytes].start
_OVERLAP = 3
_INFO = re.compile(rb"/Info\s+(\d{1,10})\s+(\d{1,5})\s+R")
_NAME = re.compile(rb"/([^\s/<>\[\](){}%]{1,200})")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_PACKING = b"/ObjStm"
_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_FIRST = re.compile(rb"/First\s+(\d{1,10})")
_INFO_BYTES = 1 << 16


class Streams(NamedTuple):
    """What the streams of a file are like."""

    damaged: int
    """How many cannot be inflated to their ends, those of pictures left out."""
    may_name_pictures: bool
    """False only if no object of the file is a picture."""
    may_hold_pictures: bool
    """False only if there is no picture within what is drawn on a page."""
    content: bytes
    """The file, in which no drawing is too large for PDFium: of those that were, the lines are left out."""
    unread_drawings: int
    """How many were so large even then that nothing of them is left."""


class _Inflated(NamedTuple):
    size: int
    is_whole: bool
    may_show_picture: bool
    drawn: int = 0
    """How many of its bytes look like what is drawn on a page."""


def look_at_streams(content: bytes) -> Streams:
    """Inflate the streams, whatever they are said to be, and make drawings small enough.

    Raises:
        OverBudgetError: One of them, or all together, grow too much.
    """
    work = damaged = 0
    within = _may_hold_inline(content) or _ESCAPED_NAME.search(content) is not None
    drawings: list[_Drawing] = []
    for about, start, end in _streams(content):
        if not _FILTERED.search(about):
            is_large = end - start > _MOST_DRAWN and _is_drawn(content, about, start)
            drawings += [_Drawing(start, end, is_packed=False)] if is_large else []
            continue
        filters = tuple(_FILTERS.findall(about))
        is_picture = _PICTURE.search(about) is not None  # which `may_name_pictures` tells of
        found = _known(content[start:end], filters, is_picture=is_picture)
        work += found.size
        damaged += not found.is_whole and not is_picture
        within = within or (found.may_show_picture and not is_picture)
        if work > _MOST_WORK:
            raise OverBudgetError(_TOO_MUCH)
        if found.drawn > _MOST_DRAWN:
            drawings.append(_Drawing(start, end, is_packed=True))
            if not found.is_whole or filters not in _PLAIN or not _is_drawn(content, about, start):
                raise OverBudgetError(_NO_SURE_DRAWING)
    thinned, unread = _thinned(content, drawings)
    return Streams(damaged, IMAGE.search(content) is not None, within, thinned, unread)


class _Drawing(NamedTuple):
    start: int
    end: int
    is_packed: bool


_PLAIN = ((b"FlateDecode",), (b"Fl",))
_NESTED = re.compile(rb"<<[^<>]*+>>")
_DEEPEST = 10
"""Dictionaries within that of a stream."""
_NO_DRAWING = re.compile(
    rb"/(?:DecodeParms|DP|Crypt|Type\s*/(?!XObject\b)|Subtype\s*/(?!Form\b)|Params|Length1)"
)
_FORM = re.compile(rb"/Subtype\s*/Form\b")
_CONTENTS = re.compile(rb"/Contents\s*(?:\[([^\]]{0,20000})\]|(\d{1,10}\s+\d{1,5}\s+R\b))")
_NUMBER = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+\Z")
_REFERENCE = re.compile(rb"(\d{1,10})\s+\d{1,5}\s+R\b")


def _is_drawn(content: bytes, about: bytes, start: int) -> bool:
    """Say whether a stream is drawn on a page, by what it says and what refers to it, and nothing else."""
    own = about.partition(b"<<")[2]
    for _ in range(_DEEPEST):
        own = _NESTED.sub(b"", own)
    if _NO_DRAWING.search(own):
        return False
    if _FORM.search(own):
        return True
    begun = content.rfind(about, max(start - 2 * _DICTIONARY, 0), start)
    number = _NUMBER.search(content, max(begun - 20, 0), max(begun, 0))
    return number is not None and int(number[1]) in _drawn_on_pages(content)


def _drawn_on_pages(content: bytes) -> set[int]:
    """Give the numbers of what pages say that they show."""
    return {
        int(number)
        for objects in plain_objects(content)
        for several, one in _CONTENTS.findall(objects)
        for number in _REFERENCE.findall(several or one)
    }


def _thinned(content: bytes, drawings: Sequence[_Drawing]) -> tuple[bytes, int]:
    """Put what is left of drawings where they were, so that everything else stays at its place.

    Returns:
        The file, and how many drawings could not be made small enough.
    """
    if not drawings:
        return content, 0
    written, unread = bytearray(content), 0
    for start, end, is_packed in drawings:
        room = end - start
        try:
            left = without_lines(content[start:end], is_packed=is_packed)
        except TooMuchError:
            left = b""
        if not left or len(left) > room:
            left = only_lines(is_packed=is_packed)
            unread += 1
        written[start : start + len(left)] = left
        if not is_packed:
            written[start + len(left) : end] = b"\n" * (room - len(left))
    return bytes(written), unread


def _streams(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Give the dictionary of every stream, and where its bytes start and end."""
    at = 0
    while found := _STREAM.search(content, at):
        start = found.end()
        end = content.find(b"endstream", start)
        end = len(content) if end < 0 else end
        begun = content.rfind(b"obj", max(found.start() - _DICTIONARY, 0), found.start())
        yield content[max(begun, 0) : found.start()], start, end
        at = max(end, start)


_MOST_MEASURED = 1 << 14
_MEASURED: dict[tuple[bytes, tuple[bytes, ...], bool], _Inflated] = {}


def _known(data: bytes, filters: tuple[bytes, ...], *, is_picture: bool) -> _Inflated:
    """Give what a stream grows to, which versions of a file have in common."""
    key = sha256(data).digest(), filters, is_picture
    if key not in _MEASURED:
        found = _measured(data, filters, is_picture=is_picture)
        if len(_MEASURED) >= _MOST_MEASURED:
            _MEASURED.clear()
        _MEASURED[key] = found
    return _MEASURED[key]


def _measured(data: bytes, filters: Sequence[bytes], *, is_picture: bool) -> _Inflated:
    """Give what a stream grows to; of those that are packed in two ways, or a rare one, the most.

    Nobody asks of a picture whether another one is within it.
    """
    while filters and filters[0] in _ARMOURS:
        try:
            data = _unarmoured(data, filters[0])
        except ValueError:
            return _Inflated(0, is_whole=False, may_show_picture=True)
        filters = filters[1:]
    if filters in ((), (b"FlateDecode",), (b"Fl",)):
        return _inflated(data, is_certain=bool(filters), is_asked=not is_picture)
    growth = 1
    for name in filters:
        growth *= _MOST_GROWTH[name]
    if len(data) * growth > _MOST_STREAM:
        raise OverBudgetError(_PACKED_TWICE)
    return _Inflated(len(data), is_whole=True, may_show_picture=True)


def _unarmoured(data: bytes, name: bytes) -> bytes:
    if name in _IN_HEXADECIMAL:
        return binascii.unhexlify(b"".join(data.partition(b">")[0].split()))
    return base64.a85decode(data.partition(b"~>")[0].removeprefix(b"<~"))


def _inflated(data: bytes, *, is_certain: bool, is_asked: bool) -> _Inflated:
    """Inflate a stream; where its filter is not certain, it may be whole without that.

    Whether it may show a picture is looked for only where that is asked.
    """
    unpacker = zlib.decompressobj()
    size, drawn, picture, last = 0, 0, not (is_certain and is_asked), b""
    try:
        while data and not unpacker.eof:
            chunk = unpacker.decompress(data, _CHUNK)
            data = unpacker.unconsumed_tail
            size += len(chunk)
            drawn += len(chunk) if len(chunk) == _CHUNK and _is_drawing(chunk) else 0
            picture = picture or _may_hold_inline(last + chunk)
            last = chunk[-_OVERLAP:]
            if size - drawn > _MOST_STREAM or size > _MOST_WORK:
                raise OverBudgetError(_TOO_MUCH)
    except zlib.error:
        return _Inflated(size, not is_certain, may_show_picture=True, drawn=drawn)
    return _Inflated(size, unpacker.eof or not is_certain, picture, drawn)


def _may_hold_inline(data: bytes) -> bool:
    return b"ID" in data and any(
        data[max(at - 1, 0) : at].isspace() for at in map(_START, _INLINE.finditer(data))
    )


def _is_drawing(chunk: bytes) -> bool:
    """Say whether bytes may be operators, which are words and numbers between blanks."""
    first = chunk[: len(chunk) // _PART]
    if (len(first) - len(first.translate(None, _NO_WORDS))) * _BINARY >= len(chunk):
        return False  # as it is for all of them, whatever the others are
    words = chunk.translate(None, _NO_WORDS)
    return (
        len(words) * _BINARY > len(chunk) * (_BINARY - 1)
        and len(words) - len(words.translate(None, _BLANKS)) > len(words) // _WORDS
    )


_METADATA = re.compile(rb"/Subtype\s*/XML\b")


def metadata_streams(content: bytes) -> Iterator[bytes | None]:
    """Give every stream of metadata in XML; None for one that is packed in a rare way, or damaged."""
    for about, start, end in _streams(content) if b"/XML" in content else ():
        if _METADATA.search(about):
            yield _unwrapped(content[start:end], tuple(_FILTERS.findall(about)))


def _unwrapped(data: bytes, filters: tuple[bytes, ...]) -> bytes | None:
    if not filters:
        return data
    if filters not in ((b"FlateDecode",), (b"Fl",)):
        return None
    unpacker = zlib.decompressobj()
    try:
        inflated = unpacker.decompress(data, _MOST_STREAM)
    except zlib.error:
        return None
    return inflated if unpacker.eof else None


def plain_objects(content: bytes) -> Iterator[bytes]:
    """Give the bytes of a file, and those of every stream in which objects are packed."""
    yield content
    for about, start, end in _streams(content) if _PACKING in content else ():
        if _PACKED.search(about):
            yield _unwrapped(content[start:end], (b"FlateDecode",)) or b""


def names_in_info(content: bytes) -> list[bytes]:
    """Give the names in the dictionary that tells what the file is about, and maybe some more.

    PDFium gives an entry only to those who know its name.
    """
    names: dict[bytes, None] = {}
    for number, generation in dict.fromkeys(_INFO.findall(content)):
        for text in _objects(content, number, generation):
            names |= dict.fromkeys(map(_unescaped, _NAME.findall(text)))
    return list(names)


def _unescaped(name: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), name)


def _objects(content: bytes, number: bytes, generation: bytes) -> Iterator[bytes]:
    """Give every version of an object, of those within streams too, and some with longer numbers."""
    head = re.compile(rb"%s\s+%s\s+obj" % (number, generation))
    for found in head.finditer(content):
        end = content.find(b"endobj", found.end(), found.end() + _INFO_BYTES)
        yield content[found.end() : end if end >= 0 else found.end() + _INFO_BYTES]
    for about, start, end in _streams(content) if _PACKING in content else ():
        first = _FIRST.search(about)
        if _PACKED.search(about) and first:
            yield from _unpacked(content[start:end], int(first[1]), int(number))


def _unpacked(data: bytes, first: int, number: int) -> Iterator[bytes]:
    """Give an object out of a stream of objects, which starts with their numbers and places."""
    try:
        inflated = zlib.decompressobj().decompress(data, _MOST_STREAM)
    except zlib.error:
        return
    head = inflated[:first].split()
    for one, place in zip(head[::2], head[1::2], strict=False):
        if one.isdigit() and place.isdigit() and int(one[:10]) == number:
            start = first + int(place[:10])
            yield inflated[start : start + _INFO_BYTES].partition(b">>")[0]
