"""PNG, JPEG, GIF, TIFF and WebP taken apart into chunks and segments, without looking at pixels.

Source: PNG (ISO/IEC 15948), JPEG (ITU-T T.81, JFIF, Exif 2.32), GIF89a, TIFF 6.0, WebP (RFC 9649).
"""

import enum
import re
import struct
import zlib
from collections.abc import Iterator

from breachkit.documents.reader import Budget, NotReadError
from breachkit.model.records import dataclass, field


_MOST_TEXT = 1024 * 1024
"""Bytes that one compressed text may grow to."""
_XML_TEXT = re.compile(rb">([^<>]{1,10000})<|(?<=[\w:]=\")([^\"<>]{1,10000})(?=\")")
_USUAL_IN_XMP = re.compile(
    rb"\s*|https?://\S+|[\w.+-]+:[\w:.+-]+|\d{4}-\d\d-\d\dT?[\d:.+Z-]*|[\d./-]+|image/\w+|(?:Adobe|XMP|Matplotlib|ImageMagick|GIMP|Inkscape)[^\n]{0,80}"
    rb"|True|False|[A-Z]{3,5}|W5M0MpCehiHzreSzNTczkc9d|begin|sRGB[^\n]{0,40}|saved|created|converted|derived|/|\xef\xbb\xbf",
    re.IGNORECASE,
)
_PROGRAM_KEYS = frozenset({b"software", b"date:create", b"date:modify", b"date:timestamp", b"creation time", b"create-date", b"modify-date"})  # fmt: skip
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")
_PADDING = b"\0 \t\r\n\xff"
_BEGINS_AS_JPEG = b"\xff\xd8\xff"


class Role(enum.Enum):
    """What a piece of a picture is."""

    TEXT = enum.auto()
    """In UTF-8."""
    EXIF = enum.auto()
    THUMBNAIL = enum.auto()
    BEHIND = enum.auto()
    """What follows the end of the picture."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a picture."""

    role: Role
    content: bytes = field(repr=False)


def of_png(content: bytes, budget: Budget) -> Iterator[Piece]:
    """Take a PNG apart."""
    position = 8
    while position + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, position)
        end = position + 12 + size
        if kind == b"IEND":
            yield from _behind(content, end)
            return
        if kind in {b"tEXt", b"zTXt", b"iTXt"}:
            yield from _png_text(kind, content[position + 8 : end - 4], budget)
        elif kind == b"eXIf":
            yield Piece(Role.EXIF, content[position + 8 : end - 4])
        position = end
    raise NotReadError("cut off before its end")


def _png_text(kind: bytes, data: bytes, budget: Budget) -> Iterator[Piece]:
    key, _, rest = data.partition(b"\0")
    if key.lower() in _PROGRAM_KEYS:
        return
    if kind == b"tEXt":
        text = rest.decode("latin-1").encode()
    elif kind == b"zTXt":
        text = _inflated(rest[1:], budget).decode("latin-1").encode()
    else:
        is_compressed, rest = rest[:1] == b"\1", rest[2:]
        rest = rest.partition(b"\0")[2].partition(b"\0")[2]
        text = _inflated(rest, budget) if is_compressed else rest
    if key.lower().startswith(b"xml:") or text.lstrip().startswith((b"<?xpacket", b"<x:xmpmeta")):
        yield from _xmp(text)
    elif key.lower().startswith(b"raw profile type"):
        yield from _raw_profile(text)
    elif text.strip():
        yield Piece(Role.TEXT, key.decode("latin-1").encode() + b": " + text)


def _raw_profile(text: bytes) -> Iterator[Piece]:
    """Read EXIF and the like as ImageMagick writes them: in hexadecimal behind a name and a length."""
    digits = b"".join(text.split()[2:])
    try:
        content = bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        yield Piece(Role.TEXT, text)
        return
    if content.startswith(b"Exif\0\0"):
        yield Piece(Role.EXIF, content)
    elif content.lstrip().startswith(b"<"):
        yield from _xmp(content)


def _inflated(data: bytes, budget: Budget) -> bytes:
    text = zlib.decompressobj().decompress(data, _MOST_TEXT + 1)
    budget.take_bytes(len(text))
    if len(text) > _MOST_TEXT:
        raise NotReadError("a text that grows too much when decompressed")
    return text


def _xmp(packet: bytes) -> Iterator[Piece]:
    told = words_of_xmp(packet)
    if told:
        yield Piece(Role.TEXT, b"\n".join(told))


def words_of_xmp(packet: bytes) -> list[bytes]:
    """Give the words of XMP in UTF-8, but for dates, addresses and names of programs."""
    words = (before or inside for before, inside in _XML_TEXT.findall(packet))
    return [word.strip() for word in words if not _USUAL_IN_XMP.fullmatch(word.strip())]


def of_jpeg(content: bytes, _budget: Budget) -> Iterator[Piece]:
    """Take a JPEG apart."""
    position = 2
    while (marker := _MARKER.search(content, position)) is not None:
        code, position = marker[1][0], marker.end()
        if code == 0xD9:
            yield from _behind(content, position)
            return
        if code in {0x01, 0xD8} or position + 2 > len(content):
            continue
        size = struct.unpack_from(">H", content, position)[0]
        yield from _segment(code, content[position + 2 : position + size])
        position += size  # behind the head of a scan, its pixels are searched for the next mark
    raise NotReadError("cut off before its end")


def _segment(code: int, data: bytes) -> Iterator[Piece]:
    if code == 0xFE and data.strip(b"\0 "):
        yield from () if data.startswith((b"CREATOR:", b"Created with", b"LEAD", b"File written")) else _words(data)  # fmt: skip
    elif code == 0xE1 and data.startswith(b"Exif\0\0"):
        yield Piece(Role.EXIF, data)
    elif code == 0xE1 and data.startswith(b"http"):
        yield from _xmp(data.partition(b"\0")[2])
    elif (code == 0xE0 and data.startswith((b"JFXX\0",))) or (
        code == 0xE0 and data.startswith(b"JFIF\0") and len(data) > 14 and data[12] * data[13]
    ):
        yield Piece(Role.THUMBNAIL, b"")
    elif code == 0xED and data.startswith(b"Photoshop 3.0"):
        yield from _iptc(data)


def _iptc(data: bytes) -> Iterator[Piece]:
    """Give the words of the records of IPTC: marked by 1C 02, a number and a length."""
    for found in re.finditer(rb"\x1c\x02(.)(..)", data, re.DOTALL):
        size = struct.unpack(">H", found[2])[0]
        words = data[found.end() : found.end() + size]
        if found[1][0] >= 5 and found[1][0] not in {55, 60, 62, 63, 65, 70} and any(map(str.isalpha, words.decode("latin-1"))):  # fmt: skip
            yield from _words(words)


def _words(data: bytes) -> Iterator[Piece]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if text.strip("\0 \r\n"):
        yield Piece(Role.TEXT, text.replace("\0", " ").encode())


def of_gif(content: bytes, _budget: Budget) -> Iterator[Piece]:
    """Take a GIF apart."""
    position = 13 + _colours(content, 10)
    while position < len(content):
        kind = content[position]
        if kind == 0x3B:
            yield from _behind(content, position + 1)
            return
        if kind == 0x21:
            label = content[position + 1 : position + 2]
            data, position = _blocks(content, position + 2)
            if label in {b"\xfe", b"\x01"}:
                yield from _words(data if label == b"\xfe" else data[12:])
            elif label == b"\xff" and data.startswith(b"XMP DataXMP"):
                yield from _xmp(data)
        elif kind == 0x2C:
            _, position = _blocks(content, position + 11 + _colours(content, position + 9))
        else:
            raise NotReadError("damaged")
    raise NotReadError("cut off before its end")


def _colours(content: bytes, at: int) -> int:
    """Give the bytes of a table of colours, of which the byte at a place tells the size."""
    flags = content[at] if at < len(content) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(content: bytes, position: int) -> tuple[bytes, int]:
    """Join blocks, each behind its length, and say where they end."""
    pieces: list[bytes] = []
    while position < len(content) and content[position]:
        size = content[position]
        pieces.append(content[position + 1 : position + 1 + size])
        position += 1 + size
    return b"".join(pieces), position + 1


def of_tiff(content: bytes, _budget: Budget) -> Iterator[Piece]:
    """Give the directories of a TIFF, which is what EXIF is."""
    yield Piece(Role.EXIF, content)


def of_webp(content: bytes, _budget: Budget) -> Iterator[Piece]:
    """Take a WebP apart."""
    if content[8:12] != b"WEBP":
        raise NotReadError("of an unknown kind")
    end = 8 + struct.unpack_from("<I", content, 4)[0]
    position = 12
    while position + 8 <= min(end, len(content)):
        kind, size = struct.unpack_from("<4sI", content, position)
        data = content[position + 8 : position + 8 + size] if kind in {b"EXIF", b"XMP "} else b""
        if kind == b"EXIF":
            yield Piece(Role.EXIF, data)
        elif kind == b"XMP ":
            yield from _xmp(data)
        position += 8 + size + (size & 1)
    if end > len(content):
        raise NotReadError("cut off before its end")
    yield from _behind(content, end + (end & 1))


def _behind(content: bytes, end: int) -> Iterator[Piece]:
    """Give what follows the end of a picture, but for padding; a second JPEG is a preview of it."""
    rest = content[end:]
    if not rest.strip(_PADDING):
        return
    if content.startswith(_BEGINS_AS_JPEG) and rest.lstrip(_PADDING).startswith(
        _BEGINS_AS_JPEG[1:]
    ):
        yield Piece(Role.THUMBNAIL, b"")
    yield Piece(Role.BEHIND, rest)
