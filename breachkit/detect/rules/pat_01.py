"""PAT-01: rows of single patients, known by a column that identifies them."""

from collections.abc import Iterable, Sequence

from breachkit.detect.invented import reasons
from breachkit.detect.paths import is_codelist
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.sdc.dummy import DummyScore, score_dummy
from breachkit.sdc.identifiers import IdColumn, id_columns, looks_counted


class PatientIdentifiers:
    """Finds tables with a column of patient identifiers."""

    about = About(
        id="PAT-01",
        title="Patient-level rows with an identifier",
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        why=(
            "A table with one row for each patient is not a result: it is the patients' records. "
            "A pseudonymous identifier does not make it anonymous, because age, sex, region and "
            "a few dates are enough to recognise a person, and whoever has the same identifier "
            "elsewhere can join the two. Such rows must never leave the secure environment."
        ),
        example=(
            "A file output/cohort.csv with the header patient_id,sex,admitted and a row for every "
            "patient. Invented data for development has the same shape: where identifiers, dates, "
            "size and path speak for that, the finding is low and lists the evidence; it is "
            "never dropped, because only a person can know where the file came from. The name "
            "patient_id over what may be counts for each group (sex,patient_id) is medium."
        ),
        remedy=(
            "Unless somebody can vouch that the data are invented: treat it as a confirmed breach, "
            "open a case, and take the file out of the whole history. Keep invented data "
            "under a path that says so, such as dummy_data/."
        ),
        source=(
            "OpenSAFELY job-runner 0fe3df22 (2023-10-11): a .csv with a patient_id header is "
            "refused at level 4; documentation 543a385 (2023-11-01)"
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a table that holds identifiers of patients."""
        columns = [column for column in id_columns(table) if reports(column, table, context)]
        if columns:
            yield self._hit(table, columns, context)

    def _hit(self, table: Table, columns: Sequence[IdColumn], context: FileContext) -> Hit:
        first = max(columns, key=lambda column: (column.strength == "certain", len(column.values)))
        if all(looks_counted(table, column) for column in columns):
            severity, confidence, message = _COUNTED
        else:
            day = context.first_date.date() if context.first_date else None
            score = score_dummy(table, first.values, context.paths, day)
            severity, confidence, message = _judge(first, score)
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=message,
            location=Location(
                part=table.part,
                rows=first.rows[:MAX_ROWS],
                columns=tuple(column_label(table.header, column.index) for column in columns),
                cells=sum(len(column.values) for column in columns),
            ),
        )


_COUNTED = (
    Severity.MEDIUM,
    Confidence.LOW,
    "a column named as a patient identifier, behind other labels: probably counts for each group",
)


_MANY = 10


def reports(column: IdColumn, table: Table, context: FileContext) -> bool:
    """Say whether the rule reports a column, so that others need not speak of its table.

    A name such as `pid` counts only over many different values, before other columns.
    """
    if column.strength == "certain":
        return True
    if is_codelist(context) or len(table.header) < 3:
        return False
    return column.near_unique and len(column.values) >= _MANY and column.index == 0


def _judge(column: IdColumn, score: DummyScore) -> tuple[Severity, Confidence, str]:
    shape = "one row" if column.near_unique else "several rows"
    found = f"{shape} for each patient, with a column of patient identifiers"
    evidence = reasons(score)
    if score.verdict == "likely-dummy":
        return (
            Severity.LOW,
            Confidence.MEDIUM,
            f"{found}; probably invented: ask its author{evidence}",
        )
    if column.strength == "possible":
        return Severity.HIGH, Confidence.LOW, f"{found}{evidence}"
    is_clear = column.near_unique and score.weight <= 0
    return (
        Severity.CRITICAL,
        Confidence.HIGH if is_clear else Confidence.MEDIUM,
        f"{found}{evidence}",
    )
