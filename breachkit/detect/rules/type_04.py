"""TYPE-04: output tables longer than what may be released."""

from collections.abc import Iterable

from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.sdc.dummy import is_released_path


class TableRows:
    """Finds output tables above the row limit of their date."""

    about = About(
        id="TYPE-04",
        title="Output table with more rows than the limit",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "A table of many thousand rows describes small groups or single patients, whatever its "
            "columns are called, and nobody can check it by eye."
        ),
        example="released_outputs/rates_by_practice.csv with 20,000 rows (the limit is 5,000).",
        remedy=(
            "See what a row stands for. Patients or small groups: take the file out of the history. "
            "Otherwise release a coarser table."
        ),
        source="OpenSAFELY job-runner dda2ae1 (2024-04-30), documentation 62179e0 (2024-05-01)",
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table above the limit in an output path; empty rows do not count."""
        limit = context.policy.max_rows
        more = table.more_rows
        if limit is None or not context.is_output or len(table.rows) + more <= limit:
            return
        if sum(any(row) for row in table.rows) + more <= limit:
            return
        released = any(map(is_released_path, context.paths))
        yield Hit(
            rule=self.about.id,
            severity=Severity.MEDIUM if released else Severity.LOW,
            confidence=self.about.confidence,
            message=(
                f"more than the {limit} rows that policy {context.policy.name} allows in a table: "
                "rows may be patients or very small groups"
            ),
            location=Location(part=table.part),
        )
