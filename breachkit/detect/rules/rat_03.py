"""RAT-03: statistics left beside a count that was taken out."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path, location
from breachkit.detect.rule import About, FileContext, Need
from breachkit.detect.rules.sup_01 import by_column
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.count_grid import grid_of
from breachkit.sdc.left_beside import left_beside
from breachkit.sdc.suppressed import has_marks


class LeftBeside:
    """Finds percentages, rates and means of people whose number was taken out."""

    about = About(
        id="RAT-03",
        title="Statistics left beside a suppressed count",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "Where a count is too small to release, so is everything computed from the same few "
            "people. Their percentage or rate gives the count back as soon as the denominator is "
            "known, from this table or another; their mean age may describe two persons."
        ),
        example="A row `[REDACTED]` under n, and 1.3 under pct; or a cell `[REDACTED] (1.3%)`.",
        remedy=(
            "Take the file out of the whole history; take out every statistic of a row whose count "
            "was taken out. Coefficients of models may stay."
        ),
        source=(
            "OpenSAFELY documentation 03b2b26 (2020-12-15): any statistic describing 5 or fewer "
            "patients; b1e5729 (2023-06-13) for rates"
        ),
    )
    needs = Need.MARKS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table with such statistics."""
        grid = grid_of(table) if has_marks(table) else None
        places = left_beside(table, grid) if grid is not None and grid.strong else ()
        if not places:
            return
        severity, reason = by_path(Severity.MEDIUM, table, context)
        number = "1 statistic is" if len(places) == 1 else f"{len(places):,} statistics are"
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.MEDIUM,
            message=f"{number} printed beside a suppressed count of the same people{reason}",
            location=location(table, by_column(places)),
        )
