"""SPSS system files (.sav, and .zsav with its compressed blocks) to tables.

Read here, in Python, because the library for it reads beyond its memory in damaged files.

Source: PSPP developers' guide, "System File Format".
"""

import itertools
import struct
from collections.abc import Callable, Iterator, Sequence

from breachkit.documents.compression import inflate
from breachkit.documents.formats.frames import (
    MOST_CELLS,
    data_set,
    hidden_text,
    number_text,
    rows_within,
)
from breachkit.documents.formats.moments import spss_moment
from breachkit.documents.formats.spss_dictionary import Dictionary, Variable, read_dictionary
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_PLAIN, _BYTECODE, _BLOCKS = 0, 1, 2
_PAD, _LAST_CODE, _END, _RAW, _SPACES, _MISSING = 0, 251, 252, 253, 254, 255
_MOST_BLOCKS = 100_000
_DATES = frozenset({20, 22, 23, 24, 38, 39, 41, 42})
"""Print formats DATE, DATETIME, ADATE, JDATE, EDATE, SDATE, and those of ISO."""
_SYSTEM_MISSING = -1.7976931348623157e308
_SEGMENT, _USED = 256, 255
"""Bytes that a piece of a very long string takes, and those of them that are its text."""
_MOST_ELEMENTS = 6_000_000
_REMEMBERED = 10_000


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the data set of a system file, and its labels as hidden text."""
    found = read_dictionary(content)
    rows = _Rows(found, _elements(content, found, budget), budget)
    cells = rows.columns()
    names = [variable.name for variable in found.variables]
    yield from data_set(names, cells, part, budget, rows=max(found.cases, rows.number + rows.more))
    if rows.is_cut_off:
        yield Unreadable("SPSS data: cut off before its end", part)
    meant = [f"{found.name}: {found.label}" for found in found.variables if found.label]
    if meant or found.meanings:
        yield Embedded(Trait.ATTACHED_LABELS, part, len(meant) + found.meanings)
    yield from hidden_text([*meant, *found.notes], part)


def _elements(content: bytes, found: Dictionary, budget: Budget) -> Iterator[bytes]:
    """Give the data as elements of 8 bytes."""
    if found.compression == _PLAIN:
        return _cut(content, found.data)
    if found.compression == _BYTECODE:
        return _decoded(content, found.data, found)
    if found.compression == _BLOCKS:
        return _decoded(_opened(content, found, budget), 0, found)
    raise NotReadError("compressed in an unknown way")


def _cut(content: bytes, start: int) -> Iterator[bytes]:
    return (content[at : at + 8] for at in range(start, len(content) - 7, 8))


def _opened(content: bytes, found: Dictionary, budget: Budget) -> bytes:
    """Decompress the blocks of a .zsav file, which its trailer lists."""
    try:
        _, trailer, _ = struct.unpack_from(f"{found.order}3q", content, found.data)
        (number,) = struct.unpack_from(f"{found.order}i", content, trailer + 20)
        if not 0 <= number <= _MOST_BLOCKS:
            raise NotReadError("damaged")
        listed = [
            struct.unpack_from(f"{found.order}2q2i", content, trailer + 24 + 24 * block)
            for block in range(number)
        ]
    except struct.error:
        raise NotReadError("damaged, or cut off before its end") from None
    pieces = [
        inflate(content[at : at + size], budget) for _, at, _, size in listed if at >= 0 < size
    ]
    if any(piece.missing for piece in pieces):
        raise NotReadError("damaged")
    return b"".join(piece.content for piece in pieces)


def _decoded(data: bytes, start: int, found: Dictionary) -> Iterator[bytes]:
    """Follow the codes, eight before the elements that they stand for."""
    double = struct.Struct(f"{found.order}d")
    usual = [double.pack(code - found.bias) for code in range(_LAST_CODE + 1)]
    missing, spaces = double.pack(_SYSTEM_MISSING), b" " * 8
    at = start
    while at + 8 <= len(data):
        codes = data[at : at + 8]
        at += 8
        for code in codes:
            if _PAD < code <= _LAST_CODE:
                yield usual[code]
            elif code == _RAW:
                yield data[at : at + 8]
                at += 8
            elif code == _SPACES:
                yield spaces
            elif code == _MISSING:
                yield missing
            elif code == _END:
                return


class _Rows:
    """Makes columns of elements."""

    def __init__(self, found: Dictionary, elements: Iterator[bytes], budget: Budget) -> None:
        self._found = found
        self._elements = elements
        self._budget = budget
        self._double = struct.Struct(f"{found.order}d")
        self.number = 0
        """Rows that were read."""
        self.more = 0
        """1 where more follow."""
        self.is_cut_off = False

    def columns(self) -> list[list[str]]:
        """Give the cells of each variable."""
        found = self._found
        columns: list[list[str]] = [[] for _ in found.variables]
        writers = list(zip(columns, map(self._writer, found.variables), strict=True))
        allowed = self._allowed() if found.elements else 0
        while self.number < allowed:
            row = list(itertools.islice(self._elements, found.elements))
            if len(row) < found.elements or len(row[-1]) < 8:
                self.is_cut_off = bool(row) or self.number < found.cases
                break
            for column, write in writers:
                column.append(write(row))
            self.number += 1
        self.more = int(next(self._elements, None) is not None)
        rows_within(self._budget, self.number, len(columns))
        return columns

    def _allowed(self) -> int:
        cells = min(self._budget.cells, MOST_CELLS) // max(len(self._found.variables), 1)
        allowed = min(cells, _MOST_ELEMENTS // self._found.elements)
        return allowed if self._found.cases < 0 else min(allowed, self._found.cases)

    def _writer(self, variable: Variable) -> Callable[[list[bytes]], str]:
        at = variable.at
        if not variable.width:
            number = self._number(spss_moment if variable.form in _DATES else number_text)
            return lambda row: number(row[at])
        if variable.pieces == 1:
            end = at + (variable.width + 7) // 8
            return lambda row: self._words(b"".join(row[at:end])[: variable.width])
        return lambda row: self._words(_joined(row, variable))

    def _number(self, write: Callable[[float], str]) -> Callable[[bytes], str]:
        known: dict[bytes, str] = {}

        def written(element: bytes) -> str:
            cell = known.get(element)
            if cell is None:
                value = self._double.unpack(element)[0]
                cell = "" if value == _SYSTEM_MISSING else write(value)
                if len(known) < _REMEMBERED:
                    known[element] = cell
            return cell

        return written

    def _words(self, words: bytes) -> str:
        return words.decode(self._found.encoding, "replace").strip()


def _joined(row: Sequence[bytes], variable: Variable) -> bytes:
    """Put the pieces of a very long string together."""
    whole = b"".join(row[variable.at : variable.at + _SEGMENT // 8 * variable.pieces])
    starts = range(0, _SEGMENT * variable.pieces, _SEGMENT)
    return b"".join(whole[start : start + _USED] for start in starts)[: variable.width]
