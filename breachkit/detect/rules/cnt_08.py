"""CNT-08: columns whose names say midpoint 6 and whose numbers do not, or the other way round."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.detect.grading import by_path, how_many, location, verb
from breachkit.detect.rule import About, FileContext
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.count_cells import column, whole_counts
from breachkit.sdc.count_names import is_midpoint_name, normal
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.rounding import Regime, infer


Cells = dict[int, list[int]]


class MidpointNames:
    """Finds columns in which the name and the numbers disagree about midpoint-6 rounding."""

    about = About(
        id="CNT-08",
        title="Midpoint-6 rounding that name and numbers disagree about",
        severity=Severity.LOW,
        confidence=Confidence.HIGH,
        why=(
            "Rounded to midpoint 6, one to six people print as 3. Only the name of the column tells "
            "that such a 3 is no true 3. A number that midpoint 6 never gives, under a name that "
            "promises it, is a number that was not rounded; and midpoints without the name read "
            "as true small counts."
        ),
        example=(
            "A column n_midpoint6 with the value 10; midpoints are 0, 3, 9, 15 and so on. A column "
            "at_risk_midpoint6_derived with the value 13; what is computed from midpoints takes the "
            "values 6, 12, 18 and so on."
        ),
        remedy=(
            "Round the numbers, or correct the name: `_midpoint6` for rounded counts, "
            "`_midpoint6_derived` for what is computed from them. Where a number was not rounded, "
            "take the file out of the history."
        ),
        source="OpenSAFELY documentation cc4f1d7 (2023-04-03): naming convention for midpoint 6",
    )

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for numbers that break the promise of a name, and one for a missing name."""
        wrong = dict(_broken_promises(table))
        if wrong:
            severity, reason = by_path(Severity.LOW, table, context)
            message = f"{how_many(wrong)} {verb(wrong, 'is', 'are')} not what the name says of midpoint 6{reason}"
            yield self._hit(severity, message, table, wrong)
        unnamed = _unnamed(count_columns(table)) if context.policy.midpoint_bases else {}
        if unnamed and context.is_output:
            message = f"{how_many(unnamed)} look rounded to midpoint 6, which no name says"
            yield self._hit(Severity.INFO, message, table, unnamed)

    def _hit(self, severity: Severity, message: str, table: Table, cells: Cells) -> Hit:
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=self.about.confidence,
            message=message,
            location=location(table, cells),
        )


_MIDPOINT = Regime(6, midpoint=True)
_SIX = re.compile(r"mid_?point_?6(?:_|$)|_mp6(?:_|$)|roundmid")
_DERIVED = re.compile(r"derived(?:_|$)")
_DERIVED_BASE = 6


def _broken_promises(table: Table) -> Iterator[tuple[int, list[int]]]:
    """Give the columns, from 0, with the rows, from 1, of whole numbers that no midpoint gives."""
    for index, name in enumerate(table.header):
        if "mid" not in name.lower() and "mp6" not in name.lower():
            continue
        plain = normal(name)
        if not is_midpoint_name(name) or not _SIX.search(plain):
            continue
        counts = whole_counts(column(table, index)) or ()
        derived = _DERIVED.search(plain) is not None
        rows = [
            number
            for number, count in enumerate(counts, start=1)
            if count is not None and not _is_legal(count, derived=derived)
        ]
        if rows:
            yield index, rows


def _is_legal(count: int, *, derived: bool) -> bool:
    return count % _DERIVED_BASE == 0 if derived else _MIDPOINT.holds(count)


def _unnamed(columns: Sequence[CountColumn]) -> Cells:
    """Give the columns that hold nothing but midpoints, under names that do not say so."""
    found: Cells = {}
    for each in columns:
        fit = None if each.midpoint else infer([count for count in each.counts if count])
        if fit is not None and fit.regime == _MIDPOINT and not fit.off:
            found[each.index] = [
                number for number, count in enumerate(each.counts, start=1) if count
            ]
    return found
