"""CNT-09: a printed 5 that can only stand for 6 or 7."""

from collections.abc import Iterable, Sequence

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.count_cells import column
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.small_counts import regime_of


class NarrowRounded:
    """Finds rounded counts that a suppressed neighbour narrows to one or two numbers."""

    about = About(
        id="CNT-09",
        title="Rounded count that suppression narrows to two numbers",
        severity=Severity.LOW,
        confidence=Confidence.MEDIUM,
        why=(
            "In a table rounded to 5 a printed 5 stands for 3 to 7. Where counts up to 5 were taken "
            "out first, 3, 4 and 5 are gone, and it can only be 6 or 7. This is why the "
            "threshold was raised from 5 to 7 in 2023."
        ),
        example=(
            "A column of multiples of 5 in which one cell is [REDACTED] and another is 5, in a file "
            "from before July 2023. Later ones are findings of CNT-01."
        ),
        remedy="Redact counts up to 7 before rounding, so that the smallest number that prints is 10.",
        source="OpenSAFELY documentation 5fab7cb (2023-07-28), the reason given for 7 or fewer",
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the narrow cells of a table that is rounded and partly suppressed."""
        columns = count_columns(table)
        narrow = _narrow(columns, context.policy.threshold)
        if not narrow or not _is_suppressed(table, columns):
            return
        severity, reason = by_path(Severity.LOW, table, context)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=self.about.confidence,
            message=(
                f"{how_many(narrow)} {verb(narrow, 'is', 'are')} rounded, but beside suppressed "
                f"counts up to {context.policy.threshold} each stands for one of two numbers{reason}"
            ),
            location=location(table, narrow),
        )


_NARROW = 2
"""Numbers that a cell may stand for and still say too much."""


def _narrow(columns: Sequence[CountColumn], threshold: int) -> dict[int, list[int]]:
    """Give the rows (from 1) of cells that CNT-01 excuses as rounded, by column (from 0)."""
    if not columns:
        return {}
    printed = set[int | None]().union(*[found.counts for found in columns])
    if not any(0 < count <= threshold for count in printed if count):
        return {}
    regime = regime_of(columns)
    if regime is None or regime.midpoint:
        return {}
    cells = {
        found.index: [
            number
            for number, count in enumerate(found.counts, start=1)
            if count and 1 <= regime.largest_origin(count) - threshold <= _NARROW
        ]
        for found in columns
    }
    return {index: rows for index, rows in cells.items() if rows}


def _is_suppressed(table: Table, columns: Sequence[CountColumn]) -> bool:
    return any(
        mark_of(cell) is Mark.SUPPRESSION
        for found in columns
        for cell in column(table, found.index)
    )
