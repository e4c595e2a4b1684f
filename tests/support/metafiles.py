"""Builds metafiles of Windows, record by record; see `documents.formats.metafile` for the sources."""

import struct
from collections.abc import Sequence


def emf(*records: bytes, said: str = "") -> bytes:
    """Give an enhanced metafile of some records, with a description in its header."""
    words = said.encode("utf-16-le")
    words += b"\0" * (-len(words) % 4)
    end = struct.pack("<IIIII", 14, 20, 0, 0, 20)
    size = 108 + len(words) + sum(map(len, records)) + 20
    header = struct.pack("<II8i", 1, 108 + len(words), *(0, 0, 600, 400), *(0, 0, 9000, 6000))
    header += b" EMF" + struct.pack(
        "<IIIHHII", 0x10000, size, len(records) + 2, 1, 0, len(said), 108
    )
    header += struct.pack("<I2i2i", 0, 1024, 768, 320, 240) + b"\0" * 12
    header += b"\0" * (108 - len(header))
    return header + words + b"".join(records) + end


def text(
    words: str, x: int, y: int, *, each: int = 0, options: int = 0, narrow: bool = False
) -> bytes:
    """Give a record that writes words at a place, each letter so wide."""
    written = words.encode("cp1252" if narrow else "utf-16-le")
    spaces = struct.pack(f"<{len(words)}i", *[each] * len(words)) if each else b""
    written += b"\0" * (-len(written) % 4)
    start = 76
    about = struct.pack("<4iIff", *(0,) * 4, 1, 1.0, 1.0)
    about += struct.pack("<iiIII4i", x, y, len(words), start, options, *(0,) * 4)
    about += struct.pack("<I", start + len(written) if each else 0)
    return record(83 if narrow else 84, about + written + spaces)


def texts(*lines: tuple[str, int, int]) -> bytes:
    """Give one record that writes several texts."""
    start = 40 + 40 * len(lines)
    about = struct.pack("<4iIffI", *(0,) * 4, 1, 1.0, 1.0, len(lines))
    written = b""
    for words, x, y in lines:
        about += struct.pack("<iiIII4iI", x, y, len(words), start + len(written), 0, *(0,) * 5)
        written += words.encode("utf-16-le")
    return record(97, about + written + b"\0" * (-len(written) % 4))


def small_text(words: str, x: int, y: int, *, narrow: bool, bounded: bool = False) -> bytes:
    """Give the short record that writes words at a place."""
    written = words.encode("cp1252" if narrow else "utf-16-le")
    options = (0x200 if narrow else 0) | (0 if bounded else 0x100)
    about = struct.pack("<iiIIIff", x, y, len(words), options, 1, 1.0, 1.0)
    return record(108, about + (b"\0" * 16 if bounded else b"") + written + b"\0" * (-len(written) % 4))  # fmt: skip


def transform(*numbers: float, mode: int | None = None) -> bytes:
    """Give a record that moves all that is written after it."""
    if mode is None:
        return record(35, struct.pack("<6f", *numbers))
    return record(36, struct.pack("<6fI", *numbers, mode))


def save() -> bytes:
    """Give a record that remembers how things are moved."""
    return record(33, b"")


def restore(which: int = -1) -> bytes:
    """Give a record that goes back to what was remembered."""
    return record(34, struct.pack("<i", which))


def forms(*contents: bytes) -> bytes:
    """Give a comment that holds the same picture in other forms."""
    about = struct.pack("<4iI", *(0,) * 4, len(contents))
    start = 28 + 16 * len(contents)
    held = b""
    for content in contents:
        about += b" FDP" + struct.pack("<III", 1, len(content), start + len(held))
        held += content
    return comment(b"GDIC" + struct.pack("<I", 0x40000004) + about + held)


def plus(*records: bytes) -> bytes:
    """Give a comment that holds records of EMF+."""
    return comment(b"EMF+" + b"".join(records))


def plus_text(words: str, x: float, y: float) -> bytes:
    """Give a record of EMF+ that writes words at a place."""
    written = words.encode("utf-16-le")
    data = struct.pack("<III4f", 0, 0, len(words), x, y, 90.0, 12.0) + written
    data += b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", 0x401C, 0, 12 + len(data), len(data)) + data


def plus_letters(words: str, x: float, y: float, *, by_glyph: bool = False) -> bytes:
    """Give a record of EMF+ that writes letters, each at a place of its own."""
    written = words.encode("utf-16-le") + (b"\0\0" if len(words) % 2 else b"")
    places = b"".join(struct.pack("<2f", x + 6 * at, y) for at in range(len(words)))
    data = struct.pack("<IIII", 0, 0 if by_glyph else 1, 0, len(words)) + written + places
    return struct.pack("<HHII", 0x4036, 0, 12 + len(data), len(data)) + data


def comment(data: bytes) -> bytes:
    """Give a comment, in which programs keep what is theirs."""
    return record(70, struct.pack("<I", len(data)) + data + b"\0" * (-len(data) % 4))


def record(kind: int, data: bytes) -> bytes:
    """Give one record."""
    return struct.pack("<II", kind, 8 + len(data)) + data


def wmf(*records: bytes, placeable: bool = True) -> bytes:
    """Give an old metafile of some records."""
    key = b""
    if placeable:
        key = b"\xd7\xcd\xc6\x9a" + struct.pack("<H4hHI", 0, 0, 0, 600, 400, 96, 0)
        words: Sequence[int] = struct.unpack("<10H", key)
        total = 0
        for word in words:
            total ^= word
        key += struct.pack("<H", total)
    body = b"".join(records) + struct.pack("<IH", 3, 0)
    return key + struct.pack("<HHHIHIH", 1, 9, 0x300, 9 + len(body) // 2, 0, 50, 0) + body


def old_text(words: str, x: int, y: int, *, extended: bool) -> bytes:
    """Give a record of an old metafile that writes words at a place."""
    written = words.encode("cp1252")
    written += b"\0" * (len(written) % 2)
    if extended:
        data = struct.pack("<hhHH4h", y, x, len(words), 0x4, *(0,) * 4) + written
    else:
        data = struct.pack("<H", len(words)) + written + struct.pack("<hh", y, x)
    return old_record(0x0A32 if extended else 0x0521, data)


def old_record(kind: int, data: bytes) -> bytes:
    """Give one record of an old metafile."""
    return struct.pack("<IH", 3 + len(data) // 2, kind) + data
