"""SUP-02: tables in which only some of the small counts were taken out."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.policy import Policy
from breachkit.sdc.cells import Released
from breachkit.sdc.count_grid import HEADER, Grid, grid_of
from breachkit.sdc.counts import count_columns, is_weighted, lists_codes
from breachkit.sdc.small_counts import is_rounded
from breachkit.sdc.suppressed import has_marks


class HalfSuppressed:
    """Finds small counts beside marks of suppression."""

    about = About(
        id="SUP-02",
        title="Small counts left beside suppressed ones",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "Someone took small counts out of this table, so its numbers count people and the small "
            "ones were meant to go. Those that are still there were missed: by a filter that looked "
            "at one column only, by a table that was pasted together, by hand."
        ),
        example="A column with [REDACTED] in two rows, and 4 in a third.",
        remedy=(
            "Take the file out of the whole history; take out every count up to the threshold, and "
            "as many others as it takes that no total gives one back."
        ),
        source="OpenSAFELY documentation 03b2b26 (2020-12-15), 5fab7cb (2023-07-28)",
    )
    needs = Need.MARKS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table with both marks and small counts."""
        grid = grid_of(table) if has_marks(table) else None
        if grid is None or not grid.strong:
            return
        small = small_beside_marks(grid, context.policy)
        named = {found.index for found in count_columns(table)}
        marked = {index for _, index in grid.strong}
        small = {index: rows for index, rows in small.items() if index in named | marked}
        if not small:
            return
        doubtful = is_weighted(table) or lists_codes(table)
        severity, reason = by_path(Severity.LOW if doubtful else Severity.HIGH, table, context)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH if named & small.keys() else Confidence.MEDIUM,
            message=(
                f"{how_many(small)} {verb(small, 'holds', 'hold')} a count of 1 to "
                f"{context.policy.threshold}, though others of the table were taken out{reason}"
            ),
            location=location(table, small),
        )


def small_beside_marks(grid: Grid, policy: Policy) -> dict[int, list[int]]:
    """Give the rows (from 1) of counts that stand for none that may be released, by column (from 0)."""
    found: dict[int, list[int]] = {}
    for (row, index), cell in sorted(grid.cells.items()):
        if row != HEADER and isinstance(cell, Released) and _is_small(cell, policy):
            found.setdefault(index, []).append(row + 1)
    return found


def _is_small(cell: Released, policy: Policy) -> bool:
    is_disclosive = policy.is_disclosive(cell.count)
    return is_disclosive and not is_rounded(cell.count, cell.regime, policy)
