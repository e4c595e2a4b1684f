"""CNT-07: measures of the cohort-extractor whose small numbers were not suppressed."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.count_cells import column
from breachkit.sdc.marks import mark_of
from breachkit.sdc.measures import Measures, Tool, measures_of, unprotected_rows


class UnsuppressedMeasures:
    """Finds counts in measures files that the cohort-extractor empties if it is told to."""

    about = About(
        id="CNT-07",
        title="Measures with small numbers that were not suppressed",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "The cohort-extractor empties counts from 1 to 5 in measures only if it is told to, and "
            "by default it is not. A measure that holds such counts and no empty cell was written "
            "without: a handful of patients of each practice, month by month."
        ),
        example=(
            "A file measure_admitted.csv with practice,admitted,population,value,date in which 2 were "
            "admitted. Where other cells are empty, some were suppressed and these were not."
        ),
        remedy=(
            "Take the file out of the whole history. Run the measure again with "
            "`small_number_suppression=True`, or with ehrQL, whose measures are protected by default."
        ),
        source="cohort-extractor f2b9bc4 (since 2021-04-08), measure.py: off by default",
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a measures file with counts that should have been emptied."""
        measures = measures_of(table)
        if measures is None or measures.tool is not Tool.COHORT_EXTRACTOR:
            return
        found = unprotected_rows(table, measures, context.policy.threshold)
        if not found:
            return
        severity, reason = by_path(Severity.HIGH, table, context)
        how = (
            "though others are empty"
            if _some_empty(table, measures)
            else "and none is empty: small numbers were not suppressed"
        )
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH,
            message=f"{measures.tool.value} measures: {how_many(found)} {verb(found, 'is', 'are')} small, {how}{reason}",
            location=location(table, found),
        )


def _some_empty(table: Table, measures: Measures) -> bool:
    return any(
        mark_of(cell) is not None
        for index in (measures.numerator, measures.denominator)
        for cell in column(table, index)
    )
