"""The little of FlatBuffers that it takes to look at Arrow's metadata before a library does.

Source: FlatBuffers internals (a table points back at a table of offsets, its fields' places).
"""

import struct
from collections.abc import Sequence

from breachkit.documents.reader import NotReadError


class FlatTable:
    """A table in a buffer; every place is checked, so that hostile ones only raise `NotReadError`."""

    __slots__ = ("_at", "_data", "_fields")

    def __init__(self, data: bytes, at: int) -> None:
        """Open the table that stands at a place, counted from 0."""
        self._data = data
        self._at = at
        fields = at - _number(data, "<i", at)
        size = _number(data, "<H", fields)
        count = max(size - 4, 0) // 2
        try:
            self._fields: tuple[int, ...] = struct.unpack_from(f"<{count}H", data, fields + 4)
        except struct.error:
            raise NotReadError("damaged") from None

    @classmethod
    def root(cls, data: bytes) -> "FlatTable":
        """Open the outermost table of a buffer."""
        return cls(data, _number(data, "<I", 0))

    def number(self, field: int, form: str) -> int:
        """Give a number; 0 where it is not stored. The form is one of `struct`."""
        place = self._place(field)
        return 0 if place is None else _number(self._data, form, place)

    def table(self, field: int) -> "FlatTable | None":
        """Give a table within this one, or None."""
        place = self._target(field)
        return None if place is None else FlatTable(self._data, place)

    def text(self, field: int) -> str:
        """Give a string; empty where it is not stored."""
        place = self._target(field)
        if place is None:
            return ""
        length = _number(self._data, "<I", place)
        return self._data[place + 4 : place + 4 + length].decode("utf-8", "replace")

    def tables(self, field: int, most: int) -> Sequence["FlatTable"]:
        """Give the tables of a vector, of which no more than `most` may be."""
        place, length = self._vector(field, most)
        starts = range(place, place + 4 * length, 4)
        return [FlatTable(self._data, at + _number(self._data, "<I", at)) for at in starts]

    def structs(self, field: int, form: str, most: int) -> Sequence[tuple[int, ...]]:
        """Give the structs of a vector, of which no more than `most` may be."""
        place, length = self._vector(field, most)
        size = struct.calcsize(form) * length
        found = self._data[place : place + size]
        if len(found) != size or place < 0:
            raise NotReadError("damaged")
        return list(struct.iter_unpack(form, found))

    def _vector(self, field: int, most: int) -> tuple[int, int]:
        place = self._target(field)
        if place is None:
            return 0, 0
        length = _number(self._data, "<I", place)
        if length > most:
            raise NotReadError("too much metadata")
        return place + 4, length

    def _place(self, field: int) -> int | None:
        if field >= len(self._fields) or not self._fields[field]:
            return None
        return self._at + self._fields[field]

    def _target(self, field: int) -> int | None:
        place = self._place(field)
        return None if place is None else place + _number(self._data, "<I", place)


def _number(data: bytes, form: str, at: int) -> int:
    try:
        found: int = struct.unpack_from(form, data, at)[0]
    except struct.error:
        raise NotReadError("damaged") from None
    if at < 0:
        raise NotReadError("damaged")
    return found
