"""From a table to what can be worked out about its suppressed cells: grid, relations, audit."""

from collections.abc import Iterable, Iterator, Sequence

from breachkit.documents.table import Table
from breachkit.model.records import dataclass
from breachkit.sdc.audit import Audit, audit
from breachkit.sdc.cells import CountTable, Place, Relation, Sum
from breachkit.sdc.count_grid import Grid, grid_of
from breachkit.sdc.margin_labels import column_families, row_families, total_lines
from breachkit.sdc.margin_runs import (
    nested_families,
    pair_families,
    run_families,
    tile_families,
)
from breachkit.sdc.margins import Lines, relations_of, to_audit
from breachkit.sdc.search import Search
from breachkit.sdc.shares import shares


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What becomes known of the suppressed cells of one table."""

    grid: Grid
    counted: CountTable
    audit: Audit
    proven: frozenset[Place]
    """Cells all of whose relations other cells of the table prove; the others rest on labels."""


def recover(table: Table, threshold: int) -> Recovery | None:
    """Work out what a table tells about its suppressed cells; None where it has none, or no margins.

    Where the search for margins was cut (`CountTable.is_cut`), there is a result without margins too.

    Args:
        table: Any table.
        threshold: The largest count that may not be released.
    """
    grid = grid_of(table)
    if grid is None or not (grid.strong or grid.weak) or is_too_large(grid):
        return None
    counted = counted_table(table, grid)
    if not (counted.relations or counted.is_cut):
        return None
    guessed = {
        place
        for relation in counted.relations
        if not relation.proven and isinstance(relation, Sum)
        for place in (*relation.parts, *relation.whole)
    }
    return Recovery(
        grid=grid,
        counted=counted,
        audit=audit(counted, threshold),
        proven=frozenset(counted.cells) - guessed,
    )


MAX_LINES = 2_000
MAX_CELLS = 40_000


def is_too_large(grid: Grid) -> bool:
    """Say whether a table has more counts than one with margins ever has, so that none is looked for."""
    return len(grid.rows) > MAX_LINES or len(grid.rows) * len(grid.columns) > MAX_CELLS


def counted_table(table: Table, grid: Grid) -> CountTable:
    """Give the cells of a grid and all that is known about how they add up."""
    search = Search(is_cut=grid.is_cut)
    return to_audit(grid, _relations(table, grid, search), search)


def told_by(table: Table) -> CountTable | None:
    """Give the counts of a table and how they add up; None where none of them is missing.

    Of one that is too large there are the missing counts only, and it is cut (`CountTable.is_cut`).
    """
    grid = grid_of(table)
    if grid is None or not is_too_large(grid):
        return None if grid is None else counted_table(table, grid)
    gaps = {place: grid.cells[place] for place in grid.strong | grid.weak}
    return CountTable(cells=gaps, is_cut=True)


MAX_SHARES = 1_000


def _relations(table: Table, grid: Grid, search: Search) -> Iterator[Relation]:
    sums = _widest(_sums(grid, search))
    yield from sums
    for number, share in enumerate(shares(table, grid, sums, search), start=1):
        if not search.within(number, MAX_SHARES):
            return
        yield share


def _sums(grid: Grid, search: Search) -> Iterator[Sum]:
    yield from _sums_of_rows(grid, search)
    columns = Lines.columns(grid)
    yield from relations_of(columns, column_families(grid), search)
    yield from relations_of(columns, run_families(columns, search), search)
    yield from relations_of(columns, pair_families(columns, search), search)


def _sums_of_rows(grid: Grid, search: Search) -> Iterator[Sum]:
    rows = Lines.rows(grid)
    totals = total_lines(grid) or [0, len(rows) - 1]
    families = (
        row_families(grid),
        run_families(rows, search),
        tile_families(rows, totals, search),
    )
    found = [relation for some in families for relation in relations_of(rows, some, search)]
    yield from found
    # What has a place in a breakdown is no part of a subtotal that only its neighbours suggest.
    explained = {place for relation in found for place in relation.parts}
    for relation in relations_of(rows, nested_families(rows, search), search):
        if explained.isdisjoint(relation.parts):
            yield relation


def _widest(sums: Iterable[Sum]) -> list[Sum]:
    """Leave out sums that others repeat, or whose parts are some of those of another sum.

    Where the others are 0, or were rounded to it, both agree with what is printed; the wider one
    is true.
    """
    by_whole: dict[tuple[Place, ...], list[Sum]] = {}
    for relation in sums:
        by_whole.setdefault(relation.whole, []).append(relation)
    return [relation for same in by_whole.values() for relation in _wide(same)]


def _wide(same: Sequence[Sum]) -> Iterator[Sum]:
    """Give, of the sums of one total, those that no other includes."""
    kept: list[frozenset[Place]] = []
    for relation in sorted(same, key=lambda relation: (-len(relation.parts), not relation.proven)):
        parts = frozenset(relation.parts)
        if not any(parts <= wider for wider in kept):
            kept.append(parts)
            yield relation
