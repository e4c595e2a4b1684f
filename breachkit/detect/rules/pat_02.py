"""PAT-02: rows of single patients that no identifier gives away."""

from collections.abc import Iterable

from breachkit.detect.grading import by_path
from breachkit.detect.invented import weigh
from breachkit.detect.paths import is_codelist
from breachkit.detect.rule import About, FileContext
from breachkit.detect.rules.pat_01 import reports
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import Confidence, Hit, Location, Severity
from breachkit.sdc.dummy import is_released_path
from breachkit.sdc.identifiers import id_columns
from breachkit.sdc.row_level import row_level


class RowsOfPatients:
    """Finds tables whose rows look like single people, without a column that identifies them."""

    about = About(
        id="PAT-02",
        title="Patient-level rows without an identifier",
        severity=Severity.CRITICAL,
        confidence=Confidence.MEDIUM,
        why=(
            "Leaving out the identifier does not make records anonymous: a few dates with age and sex "
            "are one person's alone. A measure without `group_by` is such a table too, for the "
            "cohort-extractor then writes one row for each patient."
        ),
        example=(
            "A table index_date,death_date,age,sex,diabetes,asthma with hundreds of rows, dates in no "
            "order and nothing that counts; forty rows are enough where the dates stand beside age or "
            "sex. In a file without a header hundreds of rows with such dates are enough. A time series, a "
            "survival curve, predictions of a model and a grid of parameters are no finding. Where path, size and dates speak for invented data, the finding is low and "
            "lists the evidence."
        ),
        remedy=(
            "Unless somebody can vouch that the data are invented: treat it as a confirmed breach, "
            "open a case, and take the file out of the whole history."
        ),
        source=(
            "cohort-extractor f2b9bc4 (2021-04-08), measure.py: `group_by=None` keeps the rows of "
            "patients; OpenSAFELY documentation 62179e0 (2024-05-01): the row limit exists for this"
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table of single people that PAT-01 does not find."""
        found = row_level(table)
        if found is None or _is_identified(table, context) or is_codelist(context):
            return
        released = any(map(is_released_path, context.paths))
        severity = Severity.CRITICAL if released and found.is_sure else Severity.HIGH
        confidence = Confidence.MEDIUM if found.is_sure else Confidence.LOW
        severity, reason = by_path(severity, table, context)
        severity, confidence, evidence = weigh(severity, confidence, table, context)
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=f"rows look like single patients: {found.words}{reason}{evidence}",
            location=Location(
                part=table.part,
                columns=tuple(column_label(table.header, index) for index in found.columns),
                cells=len(table.rows) * len(found.columns),
            ),
        )


def _is_identified(table: Table, context: FileContext) -> bool:
    """Say whether PAT-01 speaks of the table."""
    return any(reports(found, table, context) for found in id_columns(table))
