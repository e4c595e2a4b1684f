"""The messages of a stream of Arrow, and what the first of them says of its columns.

Source: Apache Arrow, format/Message.fbs and Schema.fbs.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from breachkit.documents.formats.flat import FlatTable
from breachkit.documents.reader import NotReadError


SCHEMA, DICTIONARY, BATCH = 1, 2, 3
MOST_FIELDS = 20_000
MOST_BUFFERS = 100_000
_MOST_MESSAGES = 20_000
_SHORT = 1 << 17
"""Bytes of a schema that is remembered."""


class Message(NamedTuple):
    """One message of a stream."""

    start: int
    """Where it begins, its length included; counted from 0, as the others are."""
    kind: int
    header: FlatTable | None
    body: int
    """Where its buffers begin."""
    end: int


def messages(content: bytes, start: int) -> Iterator[Message]:
    """Give the messages of a stream that begins at a place.

    Raises:
        NotReadError: There are too many, or what they say of themselves is damaged.
    """
    at = start
    for _ in range(_MOST_MESSAGES):
        length, body = _length(content, at)
        if length <= 0 or body + length > len(content):
            return
        found = FlatTable.root(content[body : body + length])
        body += length
        end = body + max(found.number(3, "<q"), 0)
        yield Message(at, found.number(1, "<B"), found.table(2), body, end)
        at = end
    raise NotReadError("too many messages")


def _length(content: bytes, at: int) -> tuple[int, int]:
    """Give the length of a message's metadata and where that begins; older writers put no mark before."""
    head = content[at : at + 8]
    if len(head) < 4:
        return 0, at
    if head[:4] == b"\xff\xff\xff\xff" and len(head) == 8:
        return struct.unpack("<i", head[4:])[0], at + 8
    return struct.unpack("<i", head[:4])[0], at + 4


class Schema(NamedTuple):
    """What a stream says of its columns."""

    notes: dict[bytes, bytes]
    field_notes: Sequence[dict[bytes, bytes]]
    names: Sequence[str]
    layouts: "Sequence[Layout] | None" = None
    """None where some column is of a type that is left to the library."""


class Layout(NamedTuple):
    """How a column is stored."""

    kind: Any
    """Its type; of a dictionary the type of its indices."""
    tag: bytes
    """What stands for the type in keys."""
    bits: int
    """Of a value; of texts, of where each begins."""
    buffers: int = 2
    """What is null, and the values; of texts, where they begin and then the texts."""
    dictionary: int | None = None
    """The number of the dictionary that the values are indices of."""
    words: Any = None
    """The type of what is in the dictionary."""


TEXT_BUFFERS = 3


def schema_of(message: bytes) -> Schema:
    """Read the message that a stream begins with; versions of a data set have the same one."""
    return _remembered(message) if len(message) <= _SHORT else _schema(message)


def _schema(message: bytes) -> Schema:
    import pyarrow as pa

    schema = pa.ipc.read_schema(pa.py_buffer(message))
    [found] = messages(message, 0)
    fields = found.header.tables(1, MOST_FIELDS) if found.header else []
    layouts = [_layout(one.type, field) for one, field in zip(schema, fields, strict=True)]
    is_swapped = found.header is not None and found.header.number(0, "<h") != 0
    plain = tuple(layout for layout in layouts if layout is not None)
    return Schema(
        schema.metadata or {},
        tuple(one.metadata for one in schema if one.metadata),
        tuple(schema.names),
        plain if len(plain) == len(layouts) and not is_swapped else None,
    )


_remembered = lru_cache(maxsize=64)(_schema)


def _layout(kind: Any, field: FlatTable) -> Layout | None:
    import pyarrow as pa

    tag = str(kind).encode("utf-8", "surrogatepass")
    if pa.types.is_dictionary(kind):
        coded, index = field.table(4), kind.index_type
        if coded is None or not text_width(kind.value_type):
            return None
        number = coded.number(0, "<q")
        return Layout(index, tag, index.bit_width, dictionary=number, words=kind.value_type)
    width = text_width(kind)
    if width:
        return Layout(kind, tag, width, TEXT_BUFFERS)
    types = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_temporal)
    if any(holds(kind) for holds in (*types, pa.types.is_decimal)):
        return Layout(kind, tag, kind.bit_width)
    return None


def text_width(kind: Any) -> int:
    """Give the bits of the numbers that tell where texts begin; 0 for what is none."""
    import pyarrow as pa

    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        return 32
    return 64 if pa.types.is_large_string(kind) or pa.types.is_large_binary(kind) else 0
