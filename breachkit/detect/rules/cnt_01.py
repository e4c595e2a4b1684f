"""CNT-01: counts of people that are too small to release."""

from collections.abc import Iterable, Sequence

from breachkit.detect.grading import by_path, how_many, in_names, location, undecided, verb
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Origin, Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.policy import Policy
from breachkit.sdc.asking import Header, of_header
from breachkit.sdc.count_cells import column, columns_with_signs
from breachkit.sdc.count_names import Role, header_count
from breachkit.sdc.counts import (
    CountColumn,
    count_columns,
    is_cut,
    is_weighted,
    lists_codes,
    may_be_codes,
)
from breachkit.sdc.measures import measures_of
from breachkit.sdc.small_counts import small_cells


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
    needs = Need.NOT_PRINTED

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give what is found in any table but a print-out, which LOG-02 judges in the same way."""
        if table.origin is not Origin.PRINTED:
            yield from self.judge(table, context)

    def judge(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the small counts of a table, and one for those in its header."""
        columns = () if measures_of(table) else count_columns(table)
        small = small_cells(columns, context.policy)
        if small:
            yield self._hit(table, columns, small, context)
        elif is_cut(table):
            yield undecided(self.about.id, "columns of numbers", table, context)
        stated = stated_counts(table, context.policy)
        if stated:
            yield self._stated_hit(table, stated, context)

    def _hit(
        self,
        table: Table,
        columns: Sequence[CountColumn],
        small: dict[int, list[int]],
        context: FileContext,
    ) -> Hit:
        role = max(column.role for column in columns if column.index in small)
        certain = role is Role.CERTAIN
        severity, reason = by_path(Severity.HIGH if certain else Severity.MEDIUM, table, context)
        doubt = _doubt(table, columns, small, context)
        if doubt:
            severity, reason = min(severity, Severity.LOW), f"{reason}; {doubt}"
        holds = verb(small, "holds", "hold")
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=_confidence(doubt, certain=certain),
            message=f"{how_many(small)} {holds} a count of 1 to {context.policy.threshold}{reason}",
            location=location(table, small),
        )

    def _stated_hit(self, table: Table, stated: dict[int, list[int]], context: FileContext) -> Hit:
        severity, reason = by_path(Severity.HIGH, table, context)
        limit = context.policy.threshold
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH,
            message=f"names of columns or rows state (n=...) a count of 1 to {limit}{reason}",
            location=in_names(table, stated),
        )


_TINY = 20
"""Where nobody counts more people than this, outside an output, a trial run is likelier."""
_FEW_MULTIPLES = 3
_USUAL_BASE = 5


def _confidence(doubt: str, *, certain: bool) -> Confidence:
    if doubt:
        return Confidence.LOW
    return Confidence.HIGH if certain else Confidence.MEDIUM


def _doubt(
    table: Table,
    columns: Sequence[CountColumn],
    small: dict[int, list[int]],
    context: FileContext,
) -> str:
    """Give the reason why the small numbers may be no exact counts of people, or nothing."""
    counts = {count for column in columns for count in column.counts if count}
    if is_weighted(table):
        return "the table counts observations by fractions, so its counts may be weighted"
    if lists_codes(table):
        return "the table has a row for each code, so it may count uses of codes"
    if all(may_be_codes(column) for column in columns if column.index in small):
        return "every number has one digit, so they may be codes of categories"
    if len(counts) >= _FEW_MULTIPLES and all(count % _USUAL_BASE == 0 for count in counts):
        return "all counts are multiples of 5, so they may be rounded"
    if not context.is_output and context.paths and max(counts) <= _TINY:
        return "no count of the table is large, as in trial runs on invented data"
    return ""


@of_header
def _stated_by_names(header: Header) -> Sequence[tuple[int, int]]:
    named = [(index, header_count(name)) for index, name in enumerate(header) if "=" in name]
    return [(index, count) for index, count in named if count]


def stated_counts(table: Table, policy: Policy) -> dict[int, list[int]]:
    """Give the rows (from 1; the header is 0) of names such as `Female (n=3)`, by column (from 0)."""
    found: dict[int, list[int]] = {}
    for index, count in _stated_by_names(table.header):
        if policy.is_disclosive(count):
            found[index] = [0]
    for index in columns_with_signs(table)["="]:  # few files have any
        for number, cell in enumerate(column(table, index), start=1):
            if "=" in cell and policy.is_disclosive(header_count(cell) or 0):
                found.setdefault(index, []).append(number)
    return found
