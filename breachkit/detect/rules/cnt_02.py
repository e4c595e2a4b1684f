"""CNT-02: counts of 6 and 7 that were released while only counts up to 5 were taken out."""

from collections.abc import Iterable

from breachkit.detect.grading import how_many, location
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.counts import count_columns, is_weighted, lists_codes, may_be_codes
from breachkit.sdc.measures import measures_of
from breachkit.sdc.small_counts import small_cells


class CountsSmallToday:
    """Finds counts above the threshold of the file's day and not above the one that followed it.

    CNT-01 reports every count up to the threshold in force, 6 and 7 included where that is 7. This
    rule speaks only of what CNT-01 leaves, so that no cell is reported twice.
    """

    about = About(
        id="CNT-02",
        title="Counts of 6 or 7, allowed when the file was made and not since",
        severity=Severity.INFO,
        confidence=Confidence.HIGH,
        why=(
            "Until July 2023 counts up to 5 were taken out, since then those up to 7: beside "
            "numbers that are rounded to 5 and have no counts up to 5, an exact 6 or 7 tells what "
            "rounding was to hide. Such a file was released by the rules of its day, which is "
            "why this is for information only; releasing it again, or making its repository "
            "public today, is a new decision."
        ),
        example=(
            "A table ageband,n of 2021 in which one row counts 6 people. The same table made in 2024 "
            "is a finding of CNT-01, and so is every file under `--policy strict`."
        ),
        remedy=(
            "Nothing where the file has been public all along. Before it is published anew, redact "
            "counts up to 7 and round the others; `--policy strict` judges everything by today's "
            "rules."
        ),
        source="OpenSAFELY documentation 5fab7cb (2023-07-28): 7 or fewer instead of 5 or fewer",
    )
    needs = Need.COUNTS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the counts of 6 and 7 of an output that an older policy judges."""
        lowest = context.policy.threshold + 1
        if lowest > _LATER_THRESHOLD or not context.is_output or measures_of(table):
            return
        columns = [found for found in count_columns(table) if not may_be_codes(found)]
        if not columns or is_weighted(table) or lists_codes(table):
            return
        found = small_cells(
            columns, context.policy, lambda count: lowest <= count <= _LATER_THRESHOLD
        )
        if found:
            yield Hit(
                rule=self.about.id,
                severity=self.about.severity,
                confidence=self.about.confidence,
                message=(
                    f"{how_many(found)} above the threshold of its day, {context.policy.threshold}, "
                    f"but not above the later one, {_LATER_THRESHOLD}"
                ),
                location=location(table, found),
            )


_LATER_THRESHOLD = 7
"""Of 2023-07-28; a policy in force states its own."""
