"""CNT-04: counts that were not rounded where rounding was in force."""

from collections.abc import Iterable, Sequence

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.policy import Policy
from breachkit.sdc.count_names import Role
from breachkit.sdc.counts import CountColumn, count_columns, is_weighted, lists_codes, may_be_codes
from breachkit.sdc.measures import Tool, measures_of
from breachkit.sdc.small_counts import fit_of
from breachkit.sdc.unrounded import unrounded_columns


class Unrounded:
    """Finds count columns of outputs whose different counts keep no way of rounding."""

    about = About(
        id="CNT-04",
        title="Unrounded counts where counts had to be rounded",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "Two exact tables of nearly the same people can be subtracted, and the difference is a "
            "small count that neither shows. Rounding hides such differences; that is why all "
            "counts have had to be rounded since June 2023, and why unrounded counts are the "
            "commonest reason for refusing a release."
        ),
        example=(
            "A table of 2024 with the counts 1204, 861, 337, 2950, 418 and 76. Among rounded counts six "
            "different ones share a remainder; among exact ones they hardly ever do."
        ),
        remedy=(
            "Round every count to the nearest 5 after redaction (or to midpoint 6), and compute "
            "totals, rates and percentages from the rounded counts. Where an exception was granted, "
            "record it beside the output."
        ),
        source=(
            "OpenSAFELY documentation ae20409 (2021-10-29) and e163b88 (2022-08-01): recommended; "
            "b1e5729 (2023-06-13): required, exceptions by request"
        ),
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for an output with columns of unrounded counts."""
        if context.policy.rounding == "none" or not (context.is_output or not context.paths):
            return
        columns = _judged(table)
        if not columns:
            return
        unrounded = {
            found.index: [number for number, count in enumerate(found.counts, start=1) if count]
            for found in unrounded_columns(columns)
        }
        if not unrounded:
            return
        severity, reason = by_path(_severity(context.policy), table, context)
        required = context.policy.rounding == "required"
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=self.about.confidence,
            message=(
                f"{how_many(unrounded)} {verb(unrounded, 'is', 'are')} exact; policy "
                f"{context.policy.name} {'requires' if required else 'recommends'} rounding{reason}"
            ),
            location=location(table, unrounded),
        )


_FULL_THRESHOLD = 7
"""Since the threshold is 7 (2023-07-28) an exact count is no oversight of a new rule."""


def _severity(policy: Policy) -> Severity:
    if policy.rounding != "required":
        return Severity.INFO
    return Severity.MEDIUM if policy.threshold >= _FULL_THRESHOLD else Severity.LOW


def _judged(table: Table) -> Sequence[CountColumn]:
    """Give the columns that surely count people, where no other rule speaks of their rounding."""
    columns = count_columns(table)
    if not columns or is_weighted(table) or lists_codes(table):
        return ()
    measures = measures_of(table)
    if measures is not None and measures.tool is Tool.EHRQL:
        return ()  # CNT-06
    if fit_of(columns):
        return ()  # rounded, or rounded but for some cells: CNT-05
    return [
        column for column in columns if column.role is Role.CERTAIN and not may_be_codes(column)
    ]
