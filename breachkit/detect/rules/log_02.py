"""LOG-02: small frequencies in print-outs of Stata, R, Python and databases."""

import dataclasses
from collections.abc import Iterable

from breachkit.detect.rule import About, FileContext, Need
from breachkit.detect.rules.cnt_01 import SmallCounts
from breachkit.documents.table import Origin, Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.count_cells import column, count_of
from breachkit.sdc.suppressed import suppression_of


class PrintedCounts:
    """Finds frequencies from 1 up to the threshold in force that were printed to a log or a console.

    CNT-01 judges every other table, and leaves print-outs to this rule.
    """

    about = About(
        id="LOG-02",
        title="Small counts of people in a print-out",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "A log keeps every table that a program printed on its way, and nobody redacts those: "
            "the frequencies of tab and table(), value_counts, numbers of failures and people at "
            "risk. A frequency of a handful tells what these few people have in common, just as "
            "in a table that was meant to be released."
        ),
        example=(
            "A Stata log in which tab region died, row prints that 2 people died in one region, "
            "or the heading of a Cox model that says No. of failures = 3."
        ),
        remedy=(
            "Take the log out of the whole history. Release no logs: write the results that are "
            "needed to a table, redact and round that, and print nothing else."
        ),
        source=(
            "OpenSAFELY documentation, requesting file release: logs only in exceptional "
            "circumstances, in a minimised copy; thresholds as for CNT-01 (2020-12-15, 2023-07-28)"
        ),
    )
    needs = Need.PRINTED

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give the hits of a print-out; nothing for a table that was not printed."""
        if table.origin is not Origin.PRINTED:
            return
        for hit in _SMALL_COUNTS.judge(table, context):
            found = dataclasses.replace(hit, rule=self.about.id)
            yield found if _keeps_its_percentages(table) else _doubted(found)


_SMALL_COUNTS = SmallCounts()
_FREQUENCY, _PERCENT = "Freq.", "Percent"
_TOTAL = "Total"
_OFF = 0.006
"""How far a percentage with two decimals may be from the share, in percent."""


def _keeps_its_percentages(table: Table) -> bool:
    """Say whether each printed percentage is 100 times the frequency by the total.

    Asked where Stata printed both for one variable. A look-alike hardly passes by chance. The total is
    the sum of the frequencies, or the printed one where some of them were taken out.
    """
    if table.header[1:4] != (_FREQUENCY, _PERCENT, "Cum."):
        return True
    counts = [count_of(cell) for cell in column(table, 1)]
    is_last = [label == _TOTAL for label in column(table, 0)]
    is_redacted = any(map(suppression_of, column(table, 1)))
    if is_redacted and not any(is_last):
        return True  # nothing says of what they are percentages
    total = sum(
        count for count, last in zip(counts, is_last, strict=True) if count and last is is_redacted
    )
    shares = zip(counts, column(table, 2), is_last, strict=True)
    return total > 0 and all(
        _agrees(count, percent, total) for count, percent, last in shares if count and not last
    )


def _agrees(count: int, percent: str, total: int) -> bool:
    try:
        return abs(float(percent) - 100 * count / total) <= _OFF
    except ValueError:
        return True


def _doubted(hit: Hit) -> Hit:
    return dataclasses.replace(
        hit,
        severity=min(hit.severity, Severity.LOW),
        confidence=Confidence.LOW,
        message=f"{hit.message}; its percentages are not those of its frequencies",
    )
