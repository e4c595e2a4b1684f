"""Pictures and files in rich text: hexadecimal digits, or bytes as they are, to files of their own.

Source: Microsoft, Rich Text Format Specification 1.9.1: pictures, objects; [MS-OLEDS] 2.2.5 (embedded objects).
"""

import enum
import struct
from collections.abc import Iterator

from breachkit.documents.formats.printable import printable_in
from breachkit.documents.formats.rich_text_tokens import from_hexadecimal
from breachkit.documents.reader import Budget, Member
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable
from breachkit.model.records import dataclass, field


_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_EMBEDDED = 2
"""The format of an object that holds a file."""


class Holds(enum.Enum):
    """What data are."""

    PICTURE = "picture"
    OBJECT = "embedded file"
    STORE = "data store"
    """Where Word keeps data of its own: lists of sources, targets of links, drawings."""
    BYTES = "binary data"
    """Elsewhere than where such are kept."""


@dataclass(slots=True)
class Data:
    """Digits, and bytes as they are, while they pass by."""

    holds: Holds
    path: bytes = b""
    """What the file would be called, as far as that is known."""
    pieces: list[bytes] = field(default_factory=list, repr=False)
    binary: list[bytes] = field(default_factory=list, repr=False)

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.holds.value


def files_in(data: Data, part: str, budget: Budget) -> Iterator[Document | Member]:
    """Give the files that data are, and say what of them is not read."""
    digits = from_hexadecimal(b"".join(data.pieces))
    if digits is None:
        yield Unreadable(f"rich text: a {data.name} that is damaged was not read", part)
        digits = b""
    content = digits + b"".join(data.binary)
    if not content.strip(b"\0"):
        return
    budget.take_bytes(len(content))
    match data.holds:
        case Holds.PICTURE:
            yield Embedded(Trait.EMBEDDED_IMAGE, part)
            yield Member(content=content, path=data.path, part=part)
        case Holds.OBJECT:
            yield Embedded(Trait.EMBEDDED_FILE, part)
            yield from _object(content, part)
        case Holds.STORE:
            at = content.find(_ZIP)
            yield from _words(content if at < 0 else content[:at], part)
            if at >= 0:
                yield Member(content=content[at:], path=b"", part=part)
        case Holds.BYTES:
            yield Member(content=content, path=b"", part=part)


def _object(content: bytes, part: str) -> Iterator[Document | Member]:
    native = _native(content)
    for begin in (_COMPOUND, _ZIP):
        at = native.find(begin)
        if at >= 0:
            yield Member(content=native[at:], path=b"", part=part)
            return
    yield from _words(content, part)
    yield Unreadable("rich text: an embedded file of an unknown kind was read only in part", part)


def _native(content: bytes) -> bytes:
    """Give the file itself, without what says of which program it is; all where that is not told."""
    try:
        (kind,) = struct.unpack_from("<I", content, 4)
        at = 8
        for _ in range(3):
            (size,) = struct.unpack_from("<I", content, at)
            at += 4 + size
        (size,) = struct.unpack_from("<I", content, at)
    except struct.error:
        return content
    is_whole = kind == _EMBEDDED and 0 < size <= len(content) - at - 4
    return content[at + 4 : at + 4 + size] if is_whole else content


def _words(content: bytes, part: str) -> Iterator[Document]:
    words = "\n".join(printable_in(content)).strip()
    if words:
        yield Text(words, part, TextKind.HIDDEN)
