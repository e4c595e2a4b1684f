"""EXIF, which is a TIFF within a picture, and the directories of TIFF itself.

Source: TIFF 6.0 (1992); Exif 2.32 (CIPA DC-008), tables 4 to 8; the names of tags that Windows
writes (XPTitle to XPSubject) are those of its property system.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from breachkit.model.records import dataclass, field


MOST_ENTRIES = 2_000
_MOST_DIRECTORIES = 20
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_ASCII = 2
_TEXT_TAGS = frozenset({269, 270, 285, 315, 316, 337, 33432, 37510, 42032, 42033, 42037, 700, 33723, 50827, 50839, 50838, 34377})  # fmt: skip
_WIDE_TAGS = frozenset(range(40091, 40096))
"""What Windows writes, in UTF-16: title, comment, author, keywords, subject."""
_INNER = frozenset({34665, 34853, 40965})
_GPS, _THUMBNAIL_START, _MAKER_NOTE = 34853, 513, 37500
# What programs write into every picture: its size, resolution, colours, orientation, their own names, dates.
_USUAL = frozenset(
    {
        *range(254, 260), 262, 266, 269, 271, 272, 273, 274, 277, 278, 279, 282, 283, 284, 290, 291, 296, 297, 301,
        305, 306, 317, 318, 319, 320, 322, 323, 324, 325, 338, 339, 513, 514, 529, 530, 531, 532, 34665, 34675,
        36864, 36867, 36868, 36880, 36881, 36882, 37121, 37500, 37520, 37521, 37522, 40960, 40961, 40962, 40963,
        40965, 41486, 41487, 41488, 259, 1, 2, 42016,
    }
)  # fmt: skip
_CODES = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"\0" * 8: "utf-8", b"JIS\0\0\0\0\0": "shift_jis"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exif:
    """What EXIF says."""

    texts: tuple[str, ...] = field(repr=False)
    thumbnails: int
    is_telling: bool
    """Whether it says more than every program writes: a place, a name, a device's number."""
    is_whole: bool = True
    """Whether all of it was read."""


class _Entry(NamedTuple):
    """One entry of a directory."""

    tag: int
    kind: int
    value: bytes
    number: int
    """The value as a whole number, where it is one."""


def exif_of(content: bytes) -> Exif:
    """Read EXIF, with or without the mark that JPEG puts before it; what is damaged is left out."""
    content = content.removeprefix(b"Exif\0\0")
    found = list(_entries(content))
    entries = [entry for entry in found if entry is not None]
    texts = tuple(text for entry in entries if (text := _text(entry)))
    return Exif(
        texts,
        sum(entry.tag == _THUMBNAIL_START for entry in entries),
        any(entry.tag == _GPS or entry.tag not in _USUAL for entry in entries),
        is_whole=len(entries) == len(found),
    )


def _entries(content: bytes) -> Iterator[_Entry | None]:
    """Give the entries of all directories; None where there are more than are read."""
    order = {b"II": "<", b"MM": ">"}.get(content[:2])
    if order is None or len(content) < 8:
        return
    left, seen = [struct.unpack_from(f"{order}I", content, 4)[0]], set[int]()
    room = MOST_ENTRIES
    while left:
        start = left.pop()
        if start in seen or start + 2 > len(content) or start < 8:
            continue
        stated = struct.unpack_from(f"{order}H", content, start)[0]
        there = min(stated, (len(content) - start - 2) // 12)
        if there > room or len(seen) == _MOST_DIRECTORIES:
            yield None
        if len(seen) == _MOST_DIRECTORIES:
            return
        seen.add(start)
        count = min(stated, room)
        room -= min(there, room)
        for at in range(start + 2, start + 2 + 12 * count, 12):
            entry = _entry(content, at, order)
            if entry is not None:
                yield entry
                left += [entry.number] if entry.tag in _INNER else []
        end = start + 2 + 12 * count
        if end + 4 <= len(content):
            left.append(struct.unpack_from(f"{order}I", content, end)[0])


def _entry(content: bytes, at: int, order: str) -> _Entry | None:
    if at + 12 > len(content):
        return None
    tag, kind, count = struct.unpack_from(f"{order}HHI", content, at)
    size = _SIZES.get(kind, 0) * count
    number = struct.unpack_from(f"{order}I", content, at + 8)[0]
    value = content[at + 8 : at + 8 + size] if size <= 4 else content[number : number + size]
    return _Entry(tag, kind, value, number)


def _text(entry: _Entry) -> str:
    """Give what an entry says in words; nothing where it says none, or only a program's name."""
    if entry.tag in _WIDE_TAGS:
        return entry.value.decode("utf-16-le", "replace").strip("\0 ")
    if entry.tag not in _TEXT_TAGS and (entry.kind != _ASCII or entry.tag in _USUAL):
        return ""
    encoding = _CODES.get(entry.value[:8])
    value = entry.value[8:] if encoding else entry.value
    text = value.decode(encoding or "utf-8", "replace").replace("\0", " ").strip()
    return text if any(map(str.isalnum, text)) and len(text) > 1 else ""
