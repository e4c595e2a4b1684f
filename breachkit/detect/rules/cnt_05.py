"""CNT-05: counts that were not rounded among counts that were."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.counts import count_columns
from breachkit.sdc.small_counts import fit_of


class OddOneOut:
    """Finds unrounded counts in a table whose other counts are rounded."""

    about = About(
        id="CNT-05",
        title="Unrounded counts in a rounded table",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "Rounding hides differences of a few people. One exact count among rounded ones, often "
            "a total or a row added later, brings them back: subtracting its rounded parts from an "
            "exact total tells what rounding was to hide. It also shows that a step of the "
            "redaction was missed."
        ),
        example=(
            "A column in which every count is a multiple of 5, and the row `total` says 1,237."
        ),
        remedy=(
            "Round the counts named to the same base as the others, and make totals the sum of "
            "their rounded parts; take the file as it is out of the whole history."
        ),
        source=(
            "OpenSAFELY documentation ae20409 (2021-10-29), b1e5729 (2023-06-13): the same base "
            "everywhere, totals are sums of rounded cells"
        ),
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table that is rounded but for some cells."""
        columns = count_columns(table)
        fit = fit_of(columns)
        if fit is None or not fit.off:
            return
        odd = {
            column.index: [
                number for number, count in enumerate(column.counts, start=1) if count in fit.off
            ]
            for column in columns
        }
        odd = {index: rows for index, rows in odd.items() if rows}
        severity, reason = by_path(Severity.HIGH, table, context)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH,
            message=f"{how_many(odd)} {verb(odd, 'is', 'are')} not rounded; the others are {fit.regime.label}{reason}",
            location=location(table, odd),
        )
