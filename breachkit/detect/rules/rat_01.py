"""RAT-01: rates that give away a small count, since their denominator is printed."""

from collections.abc import Iterable, Iterator

from breachkit.detect.grading import by_path, location, undecided
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.counts import is_weighted
from breachkit.sdc.inversion import (
    CERTAIN_CHANCE,
    Inverted,
    inverted_ratios,
    is_rounded,
    printed_numerators,
)
from breachkit.sdc.search import Search


class TellingRates:
    """Finds percentages and rates that, times the denominator beside them, are small counts."""

    about = About(
        id="RAT-01",
        title="Rates that give away small counts",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "A percentage of a printed number of people is a count in other clothes: 1.5 % of 200 "
            "are 3. With one decimal it is exact up to a thousand people, with two up to ten "
            "thousand, and with all its digits always. Leaving the count out hides nothing."
        ),
        example=(
            "A table `region,population,percent` without a column of cases, in which one region of "
            "212 people has 1.4 %. A column counts as a rate only if all its numbers, times their "
            "denominators, are whole: medians, weighted rates and survival curves are not."
        ),
        remedy=(
            "Take the file out of the whole history. Take out rates of counts up to the threshold, "
            "and compute the others from rounded numerators and denominators."
        ),
        source=(
            "OpenSAFELY documentation b1e5729 and 002abe4 (2023-06-20), docs/outputs/sdc.md, "
            "rounding rates; the first rule of 03b2b26 (2020-12-15) covers any statistic"
        ),
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for each column of rates that gives away small counts."""
        search = Search()
        found = list(self._hits(table, context, search))
        yield from found or not_judged(self.about.id, table, context, search)

    def _hits(self, table: Table, context: FileContext, search: Search) -> Iterator[Hit]:
        for inverted in inverted_ratios(table, search):
            rows = small_rows(table, inverted, context.policy.threshold)
            if not rows or is_weighted(table):
                continue
            certain = inverted.chance <= CERTAIN_CHANCE
            severity, reason = by_path(
                Severity.HIGH if certain else Severity.MEDIUM, table, context
            )
            yield Hit(
                rule=self.about.id,
                severity=severity,
                confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
                message=(
                    f"{_rates(len(rows))} a count of 1 to {context.policy.threshold}, "
                    f"since the denominator is printed: EXACT{reason}"
                ),
                location=location(table, {inverted.ratio: rows}),
            )


def not_judged(rule: str, table: Table, context: FileContext, search: Search) -> Iterator[Hit]:
    """Say of a table that there may be more ratios in it than were gone through."""
    if search.is_cut and not is_weighted(table):
        yield undecided(rule, "ratios", table, context)


def small_rows(table: Table, inverted: Inverted, threshold: int) -> list[int]:
    """Give the rows (from 1) of small numerators that the table does not print anyway."""
    small = [
        row
        for row, count in enumerate(inverted.numerators)
        if count is not None and 1 <= count <= threshold
    ]
    if not small or is_rounded(inverted.numerators):
        return []
    printed = printed_numerators(table, inverted)
    return [row + 1 for row in small if row not in printed]


def _rates(number: int) -> str:
    return "1 rate gives away" if number == 1 else f"{number:,} rates give away"
