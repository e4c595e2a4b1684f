"""Where the cells of tables stand in a text, whatever reader found them.

The text is read again and again with other digits in place of its own, and each time every digit
tells a part of its place. What a reader makes of a text hangs on its words, signs and gaps, and
hardly on the digits themselves: a cell then shows, digit by digit, from where it was taken.
"""

import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.readers import read
from breachkit.documents.table import Table


MOST_DIGITS = 2_000_000
"""In one text; each reading of one with as many takes seconds, and seven are needed."""

_BASE = 9
_DIGITS = re.compile("[0-9]")
# What readers know by its digits: parts of words, places in vectors, markup, and Stata's layout.
_KEPT = re.compile(
    r"[A-Za-z_][0-9A-Za-z_.]*|[0-9]+[A-Za-z_][0-9A-Za-z_]*|^[ ]{0,9}\[[0-9]+\]|</?[A-Za-z!][^<>]{0,4000}>"
    r"|&#?\w{1,9};|\{(?:hline|space|col|dup|[rl]align|center|centre|\.-) ?[0-9]+:?"
    r"|\\multi(?:column|row)\{[0-9]+\}|\\[A-Za-z]+(?:\[[^\]]{0,80}\])?\{[0-9.]+[a-z]{2}\}",
    re.MULTILINE,
)


class Traced(NamedTuple):
    """Where the characters of a cell stand."""

    places: Mapping[int, int]
    """In the text, of characters of the cell, each counted from 0."""

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Give where a piece of the cell stands, in one piece; None where that is not known."""
        if start >= end or start not in self.places or end - 1 not in self.places:
            return None
        first, last = self.places[start], self.places[end - 1]
        return (first, last + 1) if last - first >= end - 1 - start else None


class Traces(NamedTuple):
    """What was found out of one text."""

    cells: Mapping[Spot, Traced]
    digits: Sequence[int]
    """Where the digits stand that may be those of a cell."""


def trace(text: str, path: bytes, tables: Sequence[Table]) -> Traces:
    """Find where cells stand that hold a digit.

    Args:
        text: What was read.
        path: Of the file.
        tables: What was read in it; one that reads otherwise with other digits is left out.

    Raises:
        CannotEditError: The text is too long for this.
    """
    digits = _free_digits(text)
    if len(digits) > MOST_DIGITS:
        raise CannotEditError("too long a text to look for its tables again")
    if not digits or not tables:
        return Traces({}, digits)
    readings = [_tables_with(text, path, digits, signs) for signs in _codes(len(digits))]
    cells: dict[Spot, Traced] = {}
    for number, table in enumerate(tables):
        found = [reading.get(_key(tables, number)) for reading in readings]
        others = [one for one in found if one is not None and _is_as_large(one, table)]
        if len(others) == len(readings):
            cells.update(_traced(number, table, others, text, digits))
    return Traces(cells, digits)


def _free_digits(text: str) -> "array[int]":
    """Give the places of the digits that may be others without the text being another."""
    free = bytearray(b"\1") * len(text)
    for found in _KEPT.finditer(text):
        free[found.start() : found.end()] = bytes(found.end() - found.start())
    return array("q", (at.start() for at in _DIGITS.finditer(text) if free[at.start()]))


def _codes(number: int) -> Iterator[bytes]:
    """Give the digits to be written in each reading: of each place its number, and its check."""
    rounds, most = 1, _BASE
    while most < number:
        rounds, most = rounds + 1, most * _BASE
    for power in range(rounds):
        yield bytes([at // _BASE**power % _BASE + 1 for at in range(number)])
    yield bytes([_check(at) for at in range(number)])


def _check(number: int) -> int:
    return number * 7 // 4 % _BASE + 1


_Key = tuple[str | None, int]


def _tables_with(
    text: str, path: bytes, digits: Sequence[int], signs: bytes
) -> Mapping[_Key, Table]:
    """Read a text with other digits."""
    written = list(text)
    for at, sign in zip(digits, signs, strict=True):
        written[at] = "0123456789"[sign]
    try:
        content = "".join(written).encode()
    except UnicodeEncodeError:
        return {}
    tables = [found for found in read(content, (path,)) if isinstance(found, Table)]
    return {_key(tables, number): table for number, table in enumerate(tables)}


def _key(tables: Sequence[Table], number: int) -> _Key:
    part = tables[number].part
    return part, sum(table.part == part for table in tables[:number])


def _is_as_large(table: Table, other: Table) -> bool:
    if len(table.rows) != len(other.rows) or len(table.header) != len(other.header):
        return False
    return all(len(row) == len(its) for row, its in zip(table.rows, other.rows, strict=True))


def _traced(
    number: int, table: Table, others: Sequence[Table], text: str, digits: Sequence[int]
) -> Iterator[tuple[Spot, Traced]]:
    for row in range(HEADER, len(table.rows)):
        lines = [_row(one, row) for one in (table, *others)]
        for column, shown in enumerate(zip(*lines, strict=True)):
            if _DIGITS.search(shown[0]) and (found := _cell(shown, text, digits)) is not None:
                yield Spot(number, row, column), found


def _row(table: Table, row: int) -> Sequence[str]:
    return table.header if row == HEADER else table.rows[row]


def _cell(shown: Sequence[str], text: str, digits: Sequence[int]) -> Traced | None:
    """Find where a cell stands by what it shows in each reading, the first of which is the text's own."""
    cell, *others = shown
    if len(set(map(len, shown))) > 1:
        return None
    known: dict[int, int] = {}
    for at in (found.start() for found in _DIGITS.finditer(cell)):
        place = _decoded([other[at] for other in others], digits)
        if place is not None and text[place] == cell[at]:
            known[at] = place
    if not known:
        return None
    at, place = next(iter(known.items()))
    start = place - at
    if start >= 0 and text.startswith(cell, start):
        return Traced({at: start + at for at in range(len(cell))})
    return Traced(known)


def _decoded(signs: Sequence[str], digits: Sequence[int]) -> int | None:
    number = 0
    *codes, check = (ord(sign) - ord("1") for sign in signs)
    for code in reversed(codes):
        if not 0 <= code < _BASE:
            return None
        number = number * _BASE + code
    if number >= len(digits) or check != _check(number) - 1:
        return None
    return digits[number]
