"""Counts that no cell prints, and that rates give away all the same.

A rate whose numerator is small goes like a small count; and as the numerators of all categories make up
their denominator, so may others that follow from it.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from breachkit.detect.rules.rat_01 import small_rows
from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, Place, Released, Sum
from breachkit.sdc.count_cells import column, count_of
from breachkit.sdc.counts import is_weighted
from breachkit.sdc.inversion import Inverted, inverted_ratios
from breachkit.sdc.search import Search


FIRST_TOTAL = -100_000
"""The row of the first sum of such counts, which no cell prints; the others follow downwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What rates give away. The place of a numerator is that of its rate."""

    cells: Mapping[Place, Cell] = field(default_factory=dict, repr=False)
    sums: tuple[Sum, ...] = ()
    small: frozenset[Place] = frozenset()
    """Numerators that are too small to release."""
    is_cut: bool = False
    """There are more rates than were gone through."""


def told_by_rates(table: Table, threshold: int) -> Told:
    """Find rates whose numerators are not printed, follow from them, and are partly too small."""
    if is_weighted(table):
        return Told()
    search = Search()
    cells: dict[Place, Cell] = {}
    sums: list[Sum] = []
    small: set[Place] = set()
    for inverted in inverted_ratios(table, search):
        rows = small_rows(table, inverted, threshold)
        if not rows:
            continue
        small |= {(row - 1, inverted.ratio) for row in rows}
        for row, count in enumerate(inverted.numerators):
            if count is not None:
                cells[row, inverted.ratio] = Released(count)
        for parts, total in _runs(table, inverted):
            whole = (FIRST_TOTAL - len(sums), inverted.ratio)
            cells[whole] = Released(total)
            sums.append(Sum(parts, (whole,), proven=True))
    return Told(
        cells=cells, sums=tuple(sums), small=frozenset(small & cells.keys()), is_cut=search.is_cut
    )


def _runs(table: Table, inverted: Inverted) -> Iterator[tuple[tuple[Place, ...], int]]:
    """Give rows of one denominator, one after the other, whose numerators add up to it."""
    wholes = list(map(count_of, column(table, inverted.whole)))
    for whole, run in itertools.groupby(range(len(wholes)), key=wholes.__getitem__):
        rows: Sequence[int] = list(run)
        counts = [inverted.numerators[row] for row in rows]
        known = [count for count in counts if count is not None]
        if whole and len(rows) > 1 and len(known) == len(rows) and sum(known) == whole:
            yield tuple((row, inverted.ratio) for row in rows), whole
