"""From a table to what can be worked out about its suppressed cells: grid, relations, audit."""

from collections.abc import Iterator
from dataclasses import dataclass

from breachkit.documents.table import Table
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

    Args:
        table: Any table.
        threshold: The largest count that may not be released.
    """
    grid = grid_of(table)
    if grid is None or not (grid.strong or grid.weak):
        return None
    counted = counted_table(table, grid)
    if not counted.relations:
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


def counted_table(table: Table, grid: Grid) -> CountTable:
    """Give the cells of a grid and all that is known about how they add up."""
    return to_audit(grid, _relations(table, grid))


def _relations(table: Table, grid: Grid) -> Iterator[Relation]:
    sums = list(_sums(grid))
    yield from sums
    yield from shares(table, grid, sums)


def _sums(grid: Grid) -> Iterator[Sum]:
    rows, columns = Lines.rows(grid), Lines.columns(grid)
    totals = total_lines(grid) or [0, len(rows) - 1]
    yield from relations_of(rows, row_families(grid))
    yield from relations_of(rows, run_families(rows))
    yield from relations_of(rows, tile_families(rows, totals))
    yield from relations_of(rows, nested_families(rows))
    yield from relations_of(columns, column_families(grid))
    yield from relations_of(columns, run_families(columns))
    yield from relations_of(columns, pair_families(columns))
