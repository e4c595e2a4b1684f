"""CNT-03: small counts in wide tables, whose columns are called as categories are."""

from collections.abc import Iterable, Sequence

from breachkit.detect.grading import by_path, how_many, location, undecided, verb
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.additivity import Contingency, contingency, whole_columns
from breachkit.sdc.count_names import Role
from breachkit.sdc.counts import CountColumn, count_columns, is_weighted, lists_codes
from breachkit.sdc.measures import measures_of
from breachkit.sdc.search import Search
from breachkit.sdc.small_counts import any_small, small_cells


class SmallCountsInCategories:
    """Finds small counts in columns that only arithmetic, or a set of categories, shows to count."""

    about = About(
        id="CNT-03",
        title="Small counts in a table of categories",
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        why=(
            "Tables of one variable by another have categories for names of columns, and nothing "
            "says that their numbers are people. But parts add up to their total, as codes of "
            "categories never do. A few people in one cell then are as easily recognised as "
            "under a column called `n`."
        ),
        example=(
            "A table ageband,White,Mixed,Other,Total in which each total is the sum of its row "
            "and one cell is 2. Numbers of the same size that add up to nothing, such as codes, "
            "scores and answers, are no finding."
        ),
        remedy=(
            "Take the file out of the whole history. Redact the cells, and as many others in their row "
            "and column as it takes that no total gives them back; then round what is left."
        ),
        source=(
            "OpenSAFELY documentation 03b2b26 (2020-12-15): any statistic describing 5 or fewer "
            "patients; 5fab7cb (2023-07-28): 7 or fewer"
        ),
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the small counts of columns that CNT-01 does not know."""
        if measures_of(table):
            return
        known = count_columns(table)
        counted = {column.index: column.counts for column in known}
        others = whole_columns(table, counted)
        if not any(any_small(counts, context.policy) for counts in others.values()):
            return
        search = Search()
        found = contingency(table, counted, others, search)
        small = _small(table, known, found, context) if found is not None else {}
        if is_weighted(table) or lists_codes(table):
            return
        if found is not None and small:
            yield self._hit(table, found, small, context)
        elif search.is_cut:
            yield undecided(self.about.id, "sums of columns", table, context)

    def _hit(
        self, table: Table, found: Contingency, small: dict[int, list[int]], context: FileContext
    ) -> Hit:
        severity = Severity.HIGH if found.adds_up else Severity.MEDIUM
        confidence = Confidence.HIGH if found.adds_up else Confidence.LOW
        severity, reason = by_path(severity, table, context)
        largest = max(max(filter(None, counts), default=0) for counts in found.counts.values())
        if largest <= _TINY and not context.is_output and context.paths:
            severity = min(severity, Severity.LOW)
            reason += "; no count of the table is large, as in trial runs on invented data"
        evidence = (
            "which add up to totals"
            if found.adds_up
            else "whose names are values of one variable, such as ages"
        )
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=confidence,
            message=(
                f"{how_many(small)}, {evidence}, {verb(small, 'holds', 'hold')} a count of 1 to "
                f"{context.policy.threshold}{reason}"
            ),
            location=location(table, small),
        )


_TINY = 20
"""Where nobody counts more people than this, outside an output, a trial run is likelier."""


def _small(
    table: Table, known: Sequence[CountColumn], found: Contingency, context: FileContext
) -> dict[int, list[int]]:
    """Give the rows (from 1) of small counts in the columns that were found, by column (from 0)."""
    small = small_cells([*known, *_columns(table, found)], context.policy)
    return {index: rows for index, rows in small.items() if index in found.counts}


def _columns(table: Table, found: Contingency) -> list[CountColumn]:
    return [
        CountColumn(
            index=index,
            label=column_label(table.header, index),
            role=Role.POSSIBLE,
            counts=counts,
        )
        for index, counts in found.counts.items()
    ]
