"""What the pages of a Parquet file will take once they are decompressed, before anything is.

The library allocates what the header of a page claims, and ends the process where it is asked for
the metadata of a column that are damaged. So both are read here first: they are in Thrift's compact
encoding, the headers before each page, the metadata at the end of the file.

Source: parquet-format, parquet.thrift (FileMetaData, PageHeader); Thrift compact protocol specification.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass


MOST_PAGES = 50_000
_DATA, _DATA_2 = 0, 3
_DEEPEST = 12
_SHARING = frozenset({5, 6, 7})
"""The DELTA encodings."""

_BOOLS = (1, 2)
_BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 3, 7, 8, 9, 10, 12
_Value: TypeAlias = int | dict[int, Any] | list[Any]
_Fields: TypeAlias = dict[int, _Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of a column."""

    bytes: int
    """Its size when it is decompressed."""
    values: int
    """How many it holds; 0 for a dictionary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The pages of one column in one group of rows."""

    start: int
    """Where they begin, counted from 0."""
    size: int
    """How many bytes they have."""
    shares_strings: bool
    """Whether some may be kept by what they share with the one before."""


def chunks(content: bytes, length: int) -> list[list[Chunk]]:
    """Give the chunks of each group of rows, one for each leaf of the schema.

    Args:
        content: The whole file.
        length: How many bytes of metadata stand before its last 8.
    """
    footer = _Thrift(content, max(len(content) - 8 - length, 0)).struct()
    return [
        [_chunk(_inside(column, 3)) for column in _listed(group, 1)] for group in _listed(footer, 4)
    ]


def _chunk(about: _Fields) -> Chunk:
    start, dictionary = _number(about, 9), _number(about, 11)
    encodings = about.get(2)
    return Chunk(
        start=dictionary if 0 < dictionary < start else start,
        size=_number(about, 7),
        shares_strings=not isinstance(encodings, list)
        or bool(_SHARING & set(map(_whole, encodings))),
    )


def _whole(value: _Value | None) -> int:
    return value if isinstance(value, int) else 0


def _listed(fields: _Fields, field: int) -> list[_Fields]:
    found = fields.get(field)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _inside(fields: _Fields, field: int) -> _Fields:
    found = fields.get(field)
    return found if isinstance(found, dict) else {}


def pages(content: bytes, start: int, size: int) -> Iterator[Page]:
    """Give the pages of a column chunk.

    Args:
        content: The whole file.
        start: Where the chunk begins, counted from 0.
        size: How many bytes it has.

    Raises:
        NotReadError: No page header stands where one must.
    """
    at, end = start, start + size
    if start < 0 or size < 0 or end > len(content):
        raise NotReadError("damaged")
    for _ in range(MOST_PAGES):
        if at >= end:
            return
        reader = _Thrift(content, at)
        header = reader.struct()
        compressed = _number(header, 3)
        yield _page(header)
        if compressed < 0:
            raise NotReadError("damaged")
        at = reader.at + compressed
    raise NotReadError("too many pages")


def _page(header: _Fields) -> Page:
    kind, size = _number(header, 1), _number(header, 2)
    details = header.get({_DATA: 5, _DATA_2: 8}.get(kind, 0), {})
    if not isinstance(details, dict) or size < 0:
        raise NotReadError("damaged")
    values = _number(details, 1)
    if values < 0:
        raise NotReadError("damaged")
    return Page(bytes=size, values=values)


def _number(fields: _Fields, field: int) -> int:
    found = fields.get(field, 0)
    return found if isinstance(found, int) else 0


class _Thrift:
    """Reads a struct of Thrift's compact protocol; what is no number or struct is passed over."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self.at = at

    def struct(self, depth: int = 0) -> _Fields:
        if depth > _DEEPEST:
            raise NotReadError("damaged")
        found: _Fields = {}
        field = 0
        while head := self._byte():
            field = field + (head >> 4) if head >> 4 else self._zigzag()
            value = self._value(head & 15, depth)
            if value is not None:
                found[field] = value
        return found

    def _value(self, kind: int, depth: int) -> _Value | None:
        if kind in _BOOLS:
            return int(kind == 1)
        if kind == _BYTE:
            return self._byte()
        if _BYTE < kind < _DOUBLE:
            return self._zigzag()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind == _DOUBLE:
            self.at += 8
        elif kind == _BINARY:
            length = self._varint()  # which moves on by itself
            self.at += length
        elif kind in {_LIST, _SET}:
            return self._list(depth)
        else:
            raise NotReadError("damaged")
        return None

    def _list(self, depth: int) -> list[_Value | None]:
        head = self._byte()
        length = head >> 4 if head >> 4 < 15 else self._varint()
        kind = _BYTE if head & 15 in _BOOLS else head & 15
        if length > len(self._data) - self.at:
            raise NotReadError("damaged")
        return [self._value(kind, depth + 1) for _ in range(length)]

    def _byte(self) -> int:
        if self.at >= len(self._data):
            raise NotReadError("damaged")
        self.at += 1
        return self._data[self.at - 1]

    def _varint(self) -> int:
        found = shift = 0
        while shift < 70:
            byte = self._byte()
            found |= (byte & 127) << shift
            if byte < 128:
                return found
            shift += 7
        raise NotReadError("damaged")

    def _zigzag(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)
