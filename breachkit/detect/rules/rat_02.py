"""RAT-02: ratios that were computed before their numerator and denominator were rounded."""

from collections.abc import Iterable, Iterator

from breachkit.detect.grading import by_path, location
from breachkit.detect.rule import About, FileContext, Need
from breachkit.detect.rules.rat_01 import not_judged
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.raw_ratios import Unrounded, ratios_of_raw_counts
from breachkit.sdc.search import Search


class RatiosOfRawCounts:
    """Finds ratios that disagree with the rounded numbers beside them."""

    about = About(
        id="RAT-02",
        title="Ratios computed from unrounded counts",
        severity=Severity.MEDIUM,
        confidence=Confidence.HIGH,
        why=(
            "Rounding hides a few people only as long as everything is computed from the rounded "
            "numbers. A ratio of the raw ones narrows down which they were, with enough decimals "
            "to a single pair: the rounding is undone. It is the most frequent reason for which "
            "output checkers send tables back."
        ),
        example=(
            "A row with 10 of 2,150, both rounded to 5, and the ratio 0.0041879: only one pair of "
            "numbers near those has it."
        ),
        remedy=(
            "Take the file out of the whole history; round numerators and denominators first, then "
            "compute rates, percentages and ratios from the rounded numbers."
        ),
        source=(
            "OpenSAFELY documentation, output-checking.md (2024-01-11): statistics computed from raw "
            "counts; docs/outputs/sdc.md, rounding rates"
        ),
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for each column of ratios of raw counts."""
        search = Search()
        hits = list(self._hits(table, context, search))
        yield from hits or not_judged(self.about.id, table, context, search)

    def _hits(self, table: Table, context: FileContext, search: Search) -> Iterator[Hit]:
        for found in ratios_of_raw_counts(table, context.policy.threshold, search):
            severity, rows, words = _judged(found)
            severity, reason = by_path(severity, table, context)
            yield Hit(
                rule=self.about.id,
                severity=severity,
                confidence=Confidence.HIGH,
                message=f"{_ratios(len(found.rows))} not made of the rounded counts beside: {words}{reason}",
                location=location(table, {found.ratio: [row + 1 for row in rows]}),
            )


def _judged(found: Unrounded) -> tuple[Severity, tuple[int, ...], str]:
    """Give the severity, the rows (from 0) that matter, and what can be said of them."""
    if found.small:
        return Severity.HIGH, found.small, "some give away small counts (WITHIN-T)"
    if found.exact:
        return Severity.MEDIUM, found.exact, "some give the unrounded counts back (EXACT)"
    return Severity.LOW, found.rows, "they narrow down the unrounded counts"


def _ratios(number: int) -> str:
    return "1 ratio is" if number == 1 else f"{number:,} ratios are"
