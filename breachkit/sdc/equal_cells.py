"""Cells of two tables that are one count: the margin of one in the other, or a table printed twice.

Cells of one name are compared line by line. Two lines (rows, or columns) are the same people where
every number printed in both agrees, and so many do that chance does not make them.
"""

import itertools
import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.cell_names import Name, NamedCells
from breachkit.sdc.cells import Cell, Place, Released, origins


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The counts of one of several tables."""

    number: int
    """Which of them, counted from 0."""
    header: tuple[str, ...]
    names: NamedCells = field(repr=False)
    cells: Mapping[Place, Cell] = field(repr=False)


TableCell = tuple[int, Place]
"""Number of the table, counted from 0, and the place in it."""
_Pair = tuple[Place, Place]
_Line = tuple[str, int, int]

MAX_COMPARED = 2_000_000
"""Pairs of cells that are compared in one call."""
EVIDENCE = 100
"""Different numbers that agree have at least this product: chance does that once in so many cases."""


def equal_cells(tables: Sequence[Counted]) -> tuple[list[tuple[TableCell, TableCell]], bool]:
    """Give pairs of cells of different tables that are one count, and whether the search was cut."""
    found: list[tuple[TableCell, TableCell]] = []
    alike, is_cut = _alike(tables)
    compared = 0
    for at, second_at in alike:
        one, other = tables[at], tables[second_at]
        pairs = _of_one_name(one, other)
        compared += len(pairs)
        if compared > MAX_COMPARED:
            return found, True
        found += (
            ((one.number, first), (other.number, second))
            for first, second in _equal(one.cells, other.cells, pairs)
        )
    return found, is_cut


def _alike(tables: Sequence[Counted]) -> tuple[list[tuple[int, int]], bool]:
    """Give pairs of tables that print enough equal numbers under equal names, and whether it was cut.

    Of many tables few have anything in common: the others need not be compared.
    """
    agreeing: dict[tuple[int, int], list[int]] = {}
    work = 0
    for (_, count), numbers in printed_under(tables).items():
        work += len(numbers) ** 2 // 2
        if work > MAX_COMPARED:
            break
        for pair in itertools.combinations(numbers, 2):
            agreeing.setdefault(pair, []).append(count)
    pairs = [
        (at, other)
        for (at, other), counts in sorted(agreeing.items())
        if is_evident(set(counts))
        and len(counts) >= _LEAST_SHARE * _shared(tables[at], tables[other])
    ]
    return pairs, work > MAX_COMPARED


_LEAST_SHARE = 0.05
"""Share of the names of both tables under which numbers agree: fewer do so by chance in long tables."""


def _shared(one: Counted, other: Counted) -> int:
    return len(one.names.places.keys() & other.names.places.keys())


def printed_under(tables: Sequence[Counted]) -> dict[tuple[Name, int], list[int]]:
    """Give the tables (counted from 0, in order) that print a number above 0 under a name."""
    found: dict[tuple[Name, int], list[int]] = {}
    for at, table in enumerate(tables):
        for name, place in table.names.places.items():
            cell = table.cells[place]
            if isinstance(cell, Released) and cell.count > 0:
                found.setdefault((name, cell.count), []).append(at)
    return found


def _of_one_name(one: Counted, other: Counted) -> list[_Pair]:
    if len(one.names.places) > len(other.names.places):
        return [(first, second) for second, first in _of_one_name(other, one)]
    theirs = other.names.places
    shared = ((place, theirs[name]) for name, place in one.names.places.items() if name in theirs)
    return sorted(set(shared))


def _equal(
    one: Mapping[Place, Cell], other: Mapping[Place, Cell], pairs: Iterable[_Pair]
) -> Iterator[_Pair]:
    """Give the pairs whose longest line says that they are one count."""
    lines: dict[_Line, list[_Pair]] = {}
    for pair in pairs:
        for line in _lines_of(pair):
            lines.setdefault(line, []).append(pair)
    holds = {line: _hold([(one[a], other[b]) for a, b in found]) for line, found in lines.items()}
    for pair in dict.fromkeys(pair for found in lines.values() for pair in found):
        own = _lines_of(pair)
        longest = max(len(lines[line]) for line in own)
        if all(holds[line] for line in own if len(lines[line]) == longest):
            yield pair


def _lines_of(pair: _Pair) -> tuple[_Line, ...]:
    """Give the lines of two tables that hold a pair: rows beside rows or, turned, beside columns."""
    (row, column), (other_row, other_column) = pair
    return (
        ("columns", column, other_column),
        ("rows", row, other_row),
        ("row and column", row, other_column),
        ("column and row", column, other_row),
    )


def _hold(pairs: Sequence[tuple[Cell, Cell]]) -> bool:
    agreeing: set[int] = set()
    for one, other in pairs:
        if not (isinstance(one, Released) and isinstance(other, Released)):
            continue
        if origins(one.count, one.regime).meet(origins(other.count, other.regime)).is_empty:
            return False
        if one.count == other.count > 0:
            agreeing.add(one.count)
    return is_evident(agreeing)


def is_evident(numbers: Iterable[int]) -> bool:
    """Say whether chance hardly makes different numbers agree, each of which it does once in its size."""
    return any(product >= EVIDENCE for product in itertools.accumulate(numbers, operator.mul))
