"""How the rows of a measures file of ehrQL add up: breakdowns of the same people in the same interval.

Such a file names no total: `asthma` is one only because `asthma_by_sex` adds up to it, interval after
interval. Numbers show that of measures, and then it holds where one of them was taken out.

Source: ehrQL documentation, "Using the measures framework": one row for each measure, interval and
group; the columns of groups that a measure does not use are empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from breachkit.documents.table import Table
from breachkit.model.records import dataclass
from breachkit.sdc.cells import Sum, is_recomputed
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import HEADER, Grid
from breachkit.sdc.margins import Family, Group, Lines, relations_of
from breachkit.sdc.measures import EHRQL_HEADER, Tool, measures_of
from breachkit.sdc.search import Search


MAX_PIECES = 200
"""Measures beyond which no file was seen to go; each is compared with those that differ."""

_Key = tuple[str, ...]
_Rows = Mapping[_Key, tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Rows of one measure, which count the same people in each interval."""

    lines: tuple[int, ...]
    groups: frozenset[int]
    """Columns of the groups that it is broken down by; none: it is of everyone."""


def measure_sums(table: Table, grid: Grid, search: Search) -> tuple[Sum, ...]:
    """Give how the counts of a measures file of ehrQL add up, as its numbers show; of others nothing.

    A total that leaves out what was suppressed (`is_recomputed`) is no relation.

    Args:
        table: Any table.
        grid: Its counts.
        search: Is told if there are too many measures.
    """
    measures = measures_of(table)
    if measures is None or measures.tool is not Tool.EHRQL:
        return ()
    counting = [at for at in (measures.denominator, measures.numerator) if at in grid.columns]
    pieces = sorted(_pieces(table, grid), key=lambda piece: len(piece.groups))
    if not counting or not search.within(len(pieces), MAX_PIECES):
        return ()
    lines = [Lines([[(row, at)] for row in grid.rows], grid) for at in counting]
    found = _Comparison(table, grid, lines, search)
    return tuple(each for each in found.sums(pieces) if not is_recomputed(each, grid.cells))


def _pieces(table: Table, grid: Grid) -> Iterator[_Piece]:
    """Give the rows of each measure; where some of them name no group, these and the others, too."""
    names = column(table, _at(table, "measure"))
    groups = {
        index: column(table, index)
        for index, name in enumerate(table.header)
        if name.lower() not in EHRQL_HEADER
    }
    lines = (line for line, row in enumerate(grid.rows) if row != HEADER)
    for _, own in groupby(
        sorted(lines, key=lambda line: names[grid.rows[line]]),
        key=lambda line: names[grid.rows[line]],
    ):
        every = tuple(own)
        used = frozenset(
            index for index, cells in groups.items() if any(cells[grid.rows[at]] for at in every)
        )
        bare = tuple(
            line for line in every if not any(groups[index][grid.rows[line]] for index in used)
        )
        yield _Piece(lines=every, groups=used)
        if used and bare:
            yield _Piece(lines=bare, groups=frozenset())
            yield _Piece(lines=tuple(line for line in every if line not in bare), groups=used)


def _at(table: Table, name: str) -> int:
    return [each.lower() for each in table.header].index(name)


class _Comparison:
    """Compares pieces of a file, each with one of every sum that was found so far."""

    def __init__(self, table: Table, grid: Grid, lines: Sequence[Lines], search: Search) -> None:
        self._grid, self._lines, self._search = grid, lines, search
        self._cells = [column(table, index) for index in range(len(table.header))]
        self._when = (_at(table, "interval_start"), _at(table, "interval_end"))

    def sums(self, pieces: Sequence[_Piece]) -> Iterator[Sum]:
        shared = {one.groups & other.groups for one in pieces for other in pieces}
        for groups in sorted(shared, key=sorted):
            yield from self._over(groups, [piece for piece in pieces if groups <= piece.groups])

    def _over(self, groups: frozenset[int], pieces: Sequence[_Piece]) -> Iterator[Sum]:
        """Compare what pieces add up to for each interval and value of some groups."""
        rows = [self._by_key(piece, groups) for piece in pieces]
        alike: list[int] = []
        for lines in self._lines:
            first: list[int] = []
            for number, piece in enumerate(pieces):
                before, sums = self._first(lines, rows[: number + 1], first, alike)
                first.append(before)
                if pieces[before].groups & piece.groups == groups:
                    yield from sums
            alike = first

    def _first(
        self, lines: Lines, rows: Sequence[_Rows], first: Sequence[int], alike: Sequence[int]
    ) -> tuple[int, tuple[Sum, ...]]:
        """Give the first piece that the last one adds up to, and how; itself where there is none.

        Where the denominators of two are the same (`alike`), small numerators need not prove it.
        """
        last = len(rows) - 1
        named = [at for at in range(last) if alike and alike[at] == alike[last]]
        tried = [*((at, False) for at in dict.fromkeys(first)), *((at, True) for at in named)]
        for before, labelled in tried:
            sums = self._related(lines, rows[before], rows[last], labelled=labelled)
            if sums:
                return before, sums
        return last, ()

    def _by_key(self, piece: _Piece, groups: Iterable[int]) -> _Rows:
        keys = (*self._when, *sorted(groups))
        found: dict[_Key, list[int]] = {}
        for line in piece.lines:
            row = self._grid.rows[line]
            found.setdefault(tuple(self._cells[index][row] for index in keys), []).append(line)
        return {key: tuple(lines) for key, lines in found.items()}

    def _related(
        self, lines: Lines, one: _Rows, other: _Rows, *, labelled: bool
    ) -> tuple[Sum, ...]:
        """Give how one piece adds up to another; nothing where it does not at some place."""
        groups: list[Group] = []
        for key in one.keys() & other.keys():
            group = Group(other[key], one[key])
            if lines.agrees(group, 0) is False:
                return ()
            if set(group.parts).isdisjoint(group.whole):
                groups.append(group)
        family = Family(tuple(sorted(groups, key=lambda each: each.whole)), labelled=labelled)
        return tuple(relations_of(lines, [family], self._search))
