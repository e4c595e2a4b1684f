"""Tables of dBASE and FoxPro (.dbf), which also hold what a shapefile says of its places.

Read here, because no library does what is needed: dbfread has not been kept since 2016, pyshp leaves
deleted records out, and both believe what a header claims. Records have a fixed width, so that all
that is needed is to cut them. A deleted record is only marked, until somebody packs the file.

A memo is a number in the table and text in a file beside it, which is a file of the repository like any
other and is read by itself (`memos`): nothing of a table is unread because it has memos.

Source: Library of Congress, FDD000325 "dBASE Table File Format"; Microsoft, Visual FoxPro 9,
"Table File Structure"; dBase, "Data File Header Structure for the dBASE Version 7 Table File".
"""

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from breachkit.documents.formats.dbase_cells import Writer, text_of, writer_of
from breachkit.documents.formats.frames import data_set, hidden_text, rows_within, written
from breachkit.documents.formats.printable import printable_in
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_LEVELS = b"\x03\x30\x31\x32\x43\x63\x7b\x83\x8b\x8e\xcb\xe5\xf5\xfb"
"""First bytes of files whose fields are described in 32 bytes each: dBASE III to V, FoxPro, Clipper."""
_LEVELS_OF_7 = b"\x04\x8c"
_NO_MORE_FIELDS = b"\r"
_FLAGS = "0"
_VARYING = frozenset("VQ")
_MAY_BE_EMPTY = 2
_MEMOS = frozenset("BGMPW")
"""Kinds of fields that number a memo; FoxPro's `B` of eight bytes is a number itself."""
_NOT_DELETED, _DELETED = b" ", b"*"
_BEHIND = b"\x1a\0 \r\n"
"""What may follow the last record and says nothing: the end of a file as DOS marks it, and padding."""


class _Form(NamedTuple):
    """How fields are described."""

    head: int
    """Bytes before the first."""
    size: int
    kind: int
    """Where in a description the kind is; the name stands before it."""
    width: int
    flags: int | None


_USUAL, _OF_7 = _Form(32, 32, 11, 16, 18), _Form(68, 48, 32, 33, None)


class _Field(NamedTuple):
    name: str
    kind: str
    at: int
    """Where its cell begins in a record; its first byte says whether the record is deleted."""
    width: int
    write: Writer | None
    short: int | None = None
    """The flag of a record that says that less than the width is filled, which the last byte tells then."""


class _Layout(NamedTuple):
    start: int
    """Where records begin."""
    size: int
    """How many bytes each has."""
    fields: Sequence[_Field]
    flags: int
    """Where in a record its flags begin; 0 where it has none."""
    about: bytes
    """What else the header says."""


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the records of a table, deleted ones among them."""
    layout = _layout(content)
    start, size, fields = layout.start, layout.size, layout.fields
    claimed = int.from_bytes(content[4:8], "little")
    flags = content[start : start + (len(content) - start) // size * size : size]
    used = content[: start + len(flags) * size].rstrip(_BEHIND)
    whole = min(claimed, len(flags))
    further = flags[whole : max(-(-(len(used) - start) // size), whole)]
    total = whole + len(further) - len(further.lstrip(_NOT_DELETED + _DELETED))
    rows = rows_within(budget, total, len(fields))
    records = content[start : start + rows * size]
    cells = [_written(field, records, layout) for field in fields]
    yield from data_set([field.name for field in fields], cells, part, budget, rows=total)
    unseen = flags[:total].count(_DELETED) + flags[whole:total].count(_NOT_DELETED)
    if unseen:
        yield Embedded(Trait.HIDDEN_CELLS, part, unseen)
    left_over = [text for field in fields for text in _left_over(field, records, layout)]
    yield from hidden_text([*printable_in(layout.about), *dict.fromkeys(left_over)], part)
    yield from _not_read(layout, records, part)
    if claimed > total:
        yield Unreadable("dBASE table: cut off before its end", part)
    elif content[start + total * size :].strip(_BEHIND):
        yield Unreadable("dBASE table: bytes behind its last record were not read", part)


def _layout(content: bytes) -> _Layout:
    """Give where records begin, how many bytes each has, and its fields."""
    start, size = struct.unpack_from("<2H", content, 8)
    is_7 = content[:1] in _LEVELS_OF_7
    if content[:1] not in _LEVELS + _LEVELS_OF_7 or len(content) < start:
        raise NotReadError("damaged, or cut off before its end")
    for form in (_OF_7, _USUAL) if is_7 else (_USUAL,):
        described = _described(content, start, form)
        for widths in (_widths(described, form), _long_widths(described)):
            if described and 1 + sum(widths) == size:
                fields, flags = _fields(described, widths, form)
                end = form.head + len(described) * form.size + 1
                about = content[end:start] if form is _OF_7 else b""
                return _Layout(start, size, fields, flags, about)
    raise NotReadError("damaged")


def _described(content: bytes, start: int, form: _Form) -> list[bytes]:
    places = range(form.head, start - form.size + 1, form.size)
    described = [content[at : at + form.size] for at in places]
    ends = (number for number, field in enumerate(described) if field[:1] == _NO_MORE_FIELDS)
    return described[: next(ends, len(described))]


def _widths(described: Sequence[bytes], form: _Form) -> list[int]:
    return [field[form.width] for field in described]


def _long_widths(described: Sequence[bytes]) -> list[int]:
    """Give the widths that Clipper and FoxPro mean: of text, the number of decimals counts 256 each."""
    return [field[16] + 256 * field[17] * (field[11:12] == b"C") for field in described]


def _fields(
    described: Sequence[bytes], widths: Sequence[int], form: _Form
) -> tuple[list[_Field], int]:
    """Give the fields that a person sees, by place, and where the one is that has FoxPro's flags."""
    at, number, flags = 1, 0, 0
    fields = []
    for field, width in zip(described, widths, strict=True):
        kind = field[form.kind : form.kind + 1].decode("latin-1").upper()
        short = number if kind in _VARYING else None
        number += kind in _VARYING
        number += form.flags is not None and bool(field[form.flags] & _MAY_BE_EMPTY)
        if kind == _FLAGS:
            flags = flags or at
        else:
            name = text_of(field[: form.kind].partition(b"\0")[0])
            write = writer_of(kind, width, is_7=form is _OF_7)
            fields.append(_Field(name, kind, at, width, write, short))
        at += width
    return fields, flags


def _written(field: _Field, records: bytes, layout: _Layout) -> list[str]:
    """Write the cells of one field, of which most repeat."""
    return written(_cells(field, records, layout), field.write or _nothing)


def _cells(field: _Field, records: bytes, layout: _Layout) -> Iterator[bytes]:
    starts = range(field.at, len(records), layout.size)
    cells = (records[at : at + field.width] for at in starts)
    if field.short is None or not layout.flags or not field.width:
        return cells
    is_short = _flag(field.short, records, layout)
    return (
        cell[: min(cell[-1], len(cell) - 1)] if short else cell
        for cell, short in zip(cells, is_short, strict=True)
    )


def _left_over(field: _Field, records: bytes, layout: _Layout) -> Iterator[str]:
    """Give what stands in a cell behind the text that it shows now."""
    if field.short is None:
        return
    starts = range(field.at, len(records), layout.size)
    for at, shown in zip(starts, _cells(field, records, layout), strict=True):
        behind = records[at + len(shown) : at + field.width - 1]
        if behind.strip(b" \0"):
            yield from printable_in(behind)


def _flag(number: int, records: bytes, layout: _Layout) -> Iterator[bool]:
    """Give one of the flags of each record."""
    byte, bit = divmod(number, 8)
    return (bool(each >> bit & 1) for each in records[layout.flags + byte :: layout.size])


def _not_read(layout: _Layout, records: bytes, part: str | None) -> Iterator[Unreadable]:
    """Say that a field holds something that is written in an unknown way."""
    unknown = (f for f in layout.fields if f.write is None and f.kind not in _MEMOS)
    if any(raw.strip(b" \0") for field in unknown for raw in _cells(field, records, layout)):
        yield Unreadable("dBASE table: fields of an unknown kind were not read", part)


def _nothing(_: bytes) -> str:
    return ""
