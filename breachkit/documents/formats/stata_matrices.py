"""Records of Stata's binary files that hold matrices of numbers or of strings, as Mata saves them."""

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence

from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass, field


_HEADER, _HEADER_END = b"*! Stata", b"*! <end_of_header>"
_LINE_ENDS = b"1\r2\n3\r\n"
"""Written so that a transfer which changes line ends is noticed."""
_START, _OBJECT, _MATRIX, _END = b"MOTOP\0", b"OBJ\0", b"MAT\0", b"TAM\0JBO\0POTOM\0"
_LOW_FIRST = 2
_LONGEST_HEADER = 2048
_SIZES = {order: struct.Struct(f"{order}qq") for order in "<>"}
_LENGTH = {order: struct.Struct(f"{order}i") for order in "<>"}
_LONGEST_REMEMBERED = 500
"""Bytes of a record that is remembered: names and notes, not matrices."""
_MOST_REMEMBERED = 1 << 15
_DAMAGED = "damaged, or cut off before its end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One matrix, either of numbers or of words."""

    name: str
    rows: int
    columns: int
    numbers: Sequence[float] = field(default=(), repr=False)
    """Row by row."""
    words: Sequence[str] = field(default=(), repr=False)


def records(content: bytes) -> Iterator[Record]:
    """Give the records of a file, in its order.

    Raises:
        NotReadError: Something else stands where a record must.
    """
    at = 0
    while at < len(content):
        if content.startswith(_START, at):
            record, at = _repeated(content, at)
            yield record
        elif content.startswith(_HEADER, at):
            at = _behind_header(content, at)
        else:
            raise NotReadError(_DAMAGED)


_known: dict[bytes, Record] = {}


def _repeated(content: bytes, at: int) -> tuple[Record, int]:
    """Give a record and where it ends: fourteen of fifteen stand in other files just so."""
    end = content.find(_START, at + len(_START), at + _LONGEST_REMEMBERED)
    written = content[at:end] if end >= 0 else b""
    known = _known.get(written)
    if known is not None:
        return known, end
    record, behind = _record(content, at + len(_START))
    if behind == end:  # and it is all that its reader has looked at
        if len(_known) >= _MOST_REMEMBERED:
            _known.clear()
        _known[written] = record
    return record, behind


def _behind_header(content: bytes, at: int) -> int:
    found = content.find(_HEADER_END, at, at + _LONGEST_HEADER)
    end = content.find(_LINE_ENDS, found, found + 40) if found >= 0 else -1
    if end < 0:
        raise NotReadError(_DAMAGED)
    return end + len(_LINE_ENDS)


def _record(content: bytes, at: int) -> tuple[Record, int]:
    try:
        order = "<" if content[at + 1] == _LOW_FIRST else ">"
        if not content.startswith(_OBJECT, at + 2):
            raise NotReadError(_DAMAGED)
        length = content[at + 8]
        name = content[at + 9 : at + 9 + length].decode("utf-8", "replace")
        at += 9 + length + 8
        if not content.startswith(_MATRIX, at):
            raise NotReadError("holds an object of an unknown kind")
        kind = content[at + 5 : at + 6]
        rows, columns = _SIZES[order].unpack_from(content, at + 6)
    except (IndexError, struct.error):
        raise NotReadError(_DAMAGED) from None
    if rows < 0 or columns < 0 or rows * columns > len(content):
        raise NotReadError(_DAMAGED)
    numbers, words, at = _matrix(content, at + 22, order, kind, rows * columns)
    if not content.startswith(_END, at):
        raise NotReadError(_DAMAGED)
    found = Record(name=name, rows=rows, columns=columns, numbers=numbers, words=words)
    return found, at + len(_END)


def _matrix(
    content: bytes, at: int, order: str, kind: bytes, size: int
) -> tuple[Sequence[float], Sequence[str], int]:
    """Give the numbers or the words of a matrix, and where they end."""
    if kind == b"R":
        return _numbers(content[at : at + 8 * size], order), (), at + 8 * size
    if kind == b"S":
        words, at = _words(content, at, order, size)
        return (), words, at
    raise NotReadError("holds an object of an unknown kind")


def _numbers(data: bytes, order: str) -> Sequence[float]:
    if len(data) % 8:
        raise NotReadError(_DAMAGED)
    found = array("d", data)
    if (order == "<") is not (sys.byteorder == "little"):
        found.byteswap()
    return found


def _words(content: bytes, at: int, order: str, size: int) -> tuple[list[str], int]:
    found = []
    read = _LENGTH[order].unpack_from
    for _ in range(size):
        if at + 4 > len(content):
            raise NotReadError(_DAMAGED)
        length = read(content, at)[0]
        if length < 0 or at + 4 + length > len(content):
            raise NotReadError(_DAMAGED)
        found.append(content[at + 4 : at + 4 + length].decode("utf-8", "replace").strip("\0 "))
        at += 4 + length
    return found, at
