"""CNT-06: measures files that were written without disclosure control."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.measures import Tool, measures_of, unprotected_rows


class UnprotectedMeasures:
    """Finds counts in measures files that the tool's own disclosure control would have removed."""

    about = About(
        id="CNT-06",
        title="Measures without disclosure control",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "ehrQL writes measures with counts up to 7 set to 0 and the others rounded to 5, so "
            "that a 5 or a number that is no multiple of 5 proves that this was switched off (or "
            "that another tool wrote the file)."
        ),
        example=(
            "A file measure,interval_start,interval_end,ratio,numerator,denominator in which a "
            "numerator is 13. Measures of the older cohort-extractor are CNT-07."
        ),
        remedy=(
            "Take the file out of the whole history. Run the measures again with disclosure "
            "control: remove `configure_disclosure_control(enabled=False)`."
        ),
        source="ehrQL b5a7578 (2023-11-24), measures/disclosure_control.py",
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a measures file with counts that should not be there."""
        measures = measures_of(table)
        if measures is None or measures.tool is not Tool.EHRQL:
            return
        found = unprotected_rows(table, measures, context.policy.threshold)
        if not found:
            return
        severity, reason = by_path(Severity.HIGH, table, context)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH,
            message=(
                f"{measures.tool.value} measures: {how_many(found)} {verb(found, 'is', 'are')} not "
                f"rounded to 5 with small ones removed{reason}"
            ),
            location=location(table, found),
        )
