"""CNT-01: counts of people that are too small to release."""

from collections.abc import Iterable, Sequence

from breachkit.detect.grading import graded, how_many, location
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.policy import Policy
from breachkit.sdc.counts import CountColumn, Role, count_columns, header_count
from breachkit.sdc.measures import measures_of
from breachkit.sdc.rounding import Regime, infer


class SmallCounts:
    """Finds count columns that hold counts from 1 up to the threshold in force."""

    about = About(
        id="CNT-01",
        title="Small counts of people",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "A count says how many people share everything its row and column say. Where that is "
            "a handful, someone who knows one of them learns the rest about that person, and the "
            "few can recognise each other. So counts up to a threshold are never released."
        ),
        example=(
            "A table `ageband,died` in which one row says that 3 people died. The columns of the "
            "table must count people: a week, a dose or a category's code from 1 to 5 is no count."
        ),
        remedy=(
            "Take the file out of the whole history. Before releasing it again, replace each such "
            "count by [REDACTED], and as many others as it takes that no total gives it back; "
            "then round what is left."
        ),
        source=(
            "OpenSAFELY documentation, 03b2b26 (2020-12-15): 5 or fewer; 5fab7cb (2023-07-28): 7 "
            "or fewer. Zeros may be kept."
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the small counts of a table, and one for those in its header."""
        columns = () if measures_of(table) else count_columns(table)
        small = _small_cells(columns, context.policy)
        if small:
            yield self._hit(table, columns, small, context)
        named = [
            index
            for index, name in enumerate(table.header)
            if context.policy.is_disclosive(header_count(name) or 0)
        ]
        if named:
            yield self._header_hit(table, named, context)

    def _hit(
        self,
        table: Table,
        columns: Sequence[CountColumn],
        small: dict[int, list[int]],
        context: FileContext,
    ) -> Hit:
        role = max(column.role for column in columns if column.index in small)
        severity, reason = graded(
            Severity.HIGH if role is Role.CERTAIN else Severity.MEDIUM, context, table
        )
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH if role is Role.CERTAIN else Confidence.MEDIUM,
            message=f"{how_many(small)} hold a count of 1 to {context.policy.threshold}{reason}",
            location=location(table, small),
        )

    def _header_hit(self, table: Table, named: list[int], context: FileContext) -> Hit:
        severity, reason = graded(Severity.HIGH, context, table)
        message = f"a column's name states a count of 1 to {context.policy.threshold}{reason}"
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH,
            message=message,
            location=location(table, dict.fromkeys(named, ())),
        )


def _small_cells(columns: Sequence[CountColumn], policy: Policy) -> dict[int, list[int]]:
    """Give the rows (from 1) of small counts, for each column (from 0) that has some."""
    fit = infer([count for column in columns for count in column.counts if count is not None])
    regime = fit.regime if fit and not fit.off else None
    found: dict[int, list[int]] = {}
    for column in columns:
        rows = [
            number
            for number, count in enumerate(column.counts, start=1)
            if count is not None
            and policy.is_disclosive(count)
            and not _is_rounded(count, regime, policy)
        ]
        if rows:
            found[column.index] = rows
    return found


def _is_rounded(count: int, regime: Regime | None, policy: Policy) -> bool:
    """Say whether a small count stands for numbers that may be released."""
    if regime is None or not regime.holds(count):
        return False
    if regime.midpoint:
        return regime.base in policy.midpoint_bases
    return regime.largest_origin(count) > policy.threshold
