"""Tables of dBASE and FoxPro (.dbf), which also hold what a shapefile says of its places.

Read here, because no library does what is needed: dbfread has not been kept since 2016, pyshp leaves
deleted records out, and both believe what a header claims. Records have a fixed width, so that all
that is needed is to cut them. A deleted record is only marked, until somebody packs the file.

Source: Library of Congress, FDD000325 "dBASE Table File Format"; Microsoft, Visual FoxPro 9,
"Table File Structure".
"""

import datetime as dt
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from breachkit.documents.encoding import decode
from breachkit.documents.formats.frames import data_set, number_text, rows_within, written
from breachkit.documents.formats.moments import day_and_time
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_LEVELS = b"\x03\x30\x31\x32\x43\x63\x7b\x83\x8b\x8e\xcb\xe5\xf5\xfb"
"""First bytes of files whose fields are described in 32 bytes each: dBASE III to V, FoxPro, Clipper."""
_DBASE_7 = b"\x04\x8c"
_HEAD = _DESCRIPTOR = 32
_NO_MORE_FIELDS = b"\r"
_OF_FOXPRO = "0"
_MEMOS = frozenset("BGMPW")
"""Kinds of fields that number a memo; FoxPro's `B` of eight bytes is a number itself."""
_NOT_DELETED, _DELETED = b" ", b"*"
_BEHIND = b"\x1a\0 \r\n"
"""What may follow the last record and says nothing: the end of a file as DOS marks it, and padding."""
_DAY_ZERO = dt.date(1858, 11, 17).toordinal() - 2_400_001
"""The day from which Julian days are counted: the day 2,400,001 was 17 November 1858."""


class _Field(NamedTuple):
    name: str
    kind: str
    at: int
    """Where its cell begins in a record; its first byte says whether the record is deleted."""
    width: int


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the records of a table, deleted ones among them, and say what is kept elsewhere."""
    start, size, fields = _layout(content)
    claimed = int.from_bytes(content[4:8], "little")
    flags = content[start : start + (len(content) - start) // size * size : size]
    used = content[: start + len(flags) * size].rstrip(_BEHIND)
    whole = min(claimed, len(flags))
    further = flags[whole : max(-(-(len(used) - start) // size), whole)]
    total = whole + len(further) - len(further.lstrip(_NOT_DELETED + _DELETED))
    rows = rows_within(budget, total, len(fields))
    end = start + rows * size
    cells = [_written(field, content[start:end], size) for field in fields]
    yield from data_set([field.name for field in fields], cells, part, budget, rows=total)
    unseen = flags[:total].count(_DELETED) + flags[whole:total].count(_NOT_DELETED)
    if unseen:
        yield Embedded(Trait.HIDDEN_CELLS, part, unseen)
    yield from _not_read(fields, content[start:end], size, part)
    if claimed > total:
        yield Unreadable("dBASE table: cut off before its end", part)
    elif content[start + total * size :].strip(_BEHIND):
        yield Unreadable("dBASE table: bytes behind its last record were not read", part)


def _layout(content: bytes) -> tuple[int, int, Sequence[_Field]]:
    """Give where records begin, how many bytes each has, and its fields."""
    if content[:1] in _DBASE_7:
        raise NotReadError("of dBASE 7, which no reader exists for")
    start, size = struct.unpack_from("<2H", content, 8)
    if content[:1] not in _LEVELS or len(content) < start:
        raise NotReadError("damaged, or cut off before its end")
    described = [
        content[at : at + _DESCRIPTOR] for at in range(_HEAD, start - _DESCRIPTOR + 1, _DESCRIPTOR)
    ]
    ends = (number for number, field in enumerate(described) if field[:1] == _NO_MORE_FIELDS)
    described = described[: next(ends, len(described))]
    for widths in (_widths(described), _long_widths(described)):
        if described and 1 + sum(widths) == size:
            return start, size, list(_fields(described, widths))
    raise NotReadError("damaged")


def _widths(described: Sequence[bytes]) -> list[int]:
    return [field[16] for field in described]


def _long_widths(described: Sequence[bytes]) -> list[int]:
    """Give the widths that Clipper and FoxPro mean: of text, the number of decimals counts 256 each."""
    return [field[16] + 256 * field[17] * (field[11:12] == b"C") for field in described]


def _fields(described: Sequence[bytes], widths: Sequence[int]) -> Iterator[_Field]:
    """Give the fields that a person sees, by place; FoxPro adds one that says which cells are empty."""
    at = 1
    for field, width in zip(described, widths, strict=True):
        kind = field[11:12].decode("latin-1").upper()
        if kind != _OF_FOXPRO:
            yield _Field(_text(field[:11].partition(b"\0")[0]), kind, at, width)
        at += width


def _written(field: _Field, records: bytes, size: int) -> list[str]:
    """Write the cells of one field, of which most repeat."""
    write = _WRITERS.get((field.kind, field.width)) or _WRITERS.get((field.kind, None), _nothing)
    return written(_cells(field, records, size), write)


def _cells(field: _Field, records: bytes, size: int) -> Iterator[bytes]:
    starts = range(field.at, len(records), size)
    return (records[at : at + field.width] for at in starts)


def _not_read(
    fields: Sequence[_Field], records: bytes, size: int, part: str | None
) -> Iterator[Unreadable]:
    """Name the fields that hold something which stands elsewhere, or is written in an unknown way."""
    held = [
        field.kind
        for field in fields
        if _writes_nothing(field) and any(raw.strip(b" \0") for raw in _cells(field, records, size))
    ]
    if any(kind in _MEMOS for kind in held):
        yield Unreadable("dBASE table: its memos are kept in another file", part)
    if any(kind not in _MEMOS for kind in held):
        yield Unreadable("dBASE table: fields of an unknown kind were not read", part)


def _writes_nothing(field: _Field) -> bool:
    return (field.kind, field.width) not in _WRITERS and (field.kind, None) not in _WRITERS


def _nothing(_: bytes) -> str:
    return ""


def _text(raw: bytes) -> str:
    """Write text as every other reader does, whatever the header says of its alphabet."""
    text = decode(raw)
    return (raw.decode("cp1252", "replace") if text is None else text).strip()


def _day(raw: bytes) -> str:
    text = _text(raw)
    if len(text) != 8 or not text.isdigit():
        return text
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.strip("0") else ""


def _truth(raw: bytes) -> str:
    return _text(raw).strip("?")


def _moment(raw: bytes) -> str:
    day, thousandths = struct.unpack("<2i", raw)
    return day_and_time(day + _DAY_ZERO, thousandths / 1000) if day else ""


_WRITERS: dict[tuple[str, int | None], Callable[[bytes], str]] = {
    ("C", None): _text,
    ("N", None): _text,
    ("F", None): _text,
    ("L", None): _truth,
    ("D", 8): _day,
    ("D", None): _text,
    ("I", 4): lambda raw: str(int.from_bytes(raw, "little", signed=True)),
    ("+", 4): lambda raw: str(int.from_bytes(raw, "little", signed=True)),
    ("B", 8): lambda raw: number_text(*struct.unpack("<d", raw)),
    ("O", 8): lambda raw: number_text(*struct.unpack("<d", raw)),
    ("T", 8): _moment,
    ("@", 8): _moment,
    ("Y", 8): lambda raw: number_text(int.from_bytes(raw, "little", signed=True) / 10_000),
}
"""What writes a cell, by the kind of its field and how many bytes it has, where that is fixed."""
