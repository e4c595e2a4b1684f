"""What a redaction comes to in words that text and JSON share: where and why, never what.

Rows are counted from 1 under the header, columns are called as `documents.table.column_label` calls
them; neither the old nor the new text of a cell is in any of this.
"""

import math
from collections.abc import Mapping

from breachkit.actions.redacted import MENDED, Fate, RedactedFile, Redaction
from breachkit.actions.redaction_plan import Asked, RedactionPlan, TablePlan, Why
from breachkit.documents.editing.editable import HEADER, Spot
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import Hit, Severity
from breachkit.model.records import dataclass
from breachkit.report.words import counted, ranges
from breachkit.sdc.marks import REDACTED


IN_NAME = 0
"""Stands among rows for the header: a name, not a cell under it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cells of one table that change for one reason and lie in the same rows."""

    why: Why
    columns: tuple[str, ...]
    """Labels."""
    rows: tuple[int, ...]
    """Counted from 1; `IN_NAME` for the header."""

    @property
    def cells(self) -> int:
        """How many."""
        return len(self.rows) * len(self.columns)


def groups(table: Table, plan: TablePlan) -> list[Group]:
    """Put the changes of a table together: by reason, then by the rows that columns share."""
    by_column: dict[tuple[Why, int], list[int]] = {}
    for spot, change in plan.changes.items():
        by_column.setdefault((change.why, spot.column), []).append(_row(spot))
    by_rows: dict[tuple[Why, tuple[int, ...]], list[int]] = {}
    for (why, column), rows in sorted(by_column.items(), key=lambda one: one[0][1]):
        by_rows.setdefault((why, tuple(sorted(rows))), []).append(column)
    order = {why: number for number, why in enumerate(Why)}
    found = sorted(by_rows.items(), key=lambda one: (order[one[0][0]], one[1]))
    return [
        Group(
            why=why, rows=rows, columns=tuple(column_label(table.header, each) for each in columns)
        )
        for (why, rows), columns in found
    ]


def _row(spot: Spot) -> int:
    return IN_NAME if spot.row == HEADER else spot.row + 1


def new_text(why: Why) -> str:
    """Say what stands in a cell afterwards, without any number."""
    match why:
        case Why.STATED:
            return f"with {REDACTED} in it"
        case Why.ROUNDED:
            return "rounded"
        case Why.TOTAL | Why.RECOMPUTED:
            return "computed again"
        case _:
            return REDACTED


def rows_of(group: Group) -> str:
    """Give `row 4`, `rows 1-12`, `in the name`."""
    rows = [row for row in group.rows if row != IN_NAME]
    named = ["in the name"] if IN_NAME in group.rows else []
    if not rows:
        return named[0]
    noun = "row" if len(rows) == 1 else "rows"
    return " and ".join([*named, f"{noun} {ranges(rows)}"])


def bound(plan: TablePlan) -> str:
    """Say who chose the complementary cells, and how sure it is that fewer would not do.

    The costs themselves are not said: they weigh cells by the size of their counts.
    """
    if plan.open:
        return "no choice of further cells protects what is open"
    if not _complementary(plan):
        return f"{plan.engine}: no further cell had to go"
    if plan.is_linked:
        return f"{plan.engine}: protected together with other tables (see below)"
    if is_least(plan):
        return f"{plan.engine}: protected, and proven that no choice loses less"
    return f"{plan.engine}: protected; {_how_near(plan.cost, plan.least)}"


def _how_near(cost: int | None, least: int | None) -> str:
    if least is None or not cost:
        return "whether less would do is not known"
    share = math.ceil(10 * (cost - least) / cost)
    return f"proven that at most {10 * share} % of that loss is too much"


def bound_of_all(plan: RedactionPlan) -> str | None:
    """Say the same once of all tables of a call, where some were protected together; else None."""
    if not plan.is_linked or plan.failed:
        return None
    if plan.least is not None and plan.least >= plan.cost:
        return "All tables together: proven that no choice loses less"
    return f"All tables together: {_how_near(plan.cost, plan.least)}"


def is_least_of_all(plan: RedactionPlan) -> bool | None:
    """Whether that is proven of all tables of a call together; None: not known."""
    return None if plan.failed or plan.least is None else plan.least >= plan.cost


def is_least(plan: TablePlan) -> bool | None:
    """Whether it is proven that no choice of complementary cells loses less; None: not known."""
    if not _complementary(plan):
        return True
    return None if plan.least is None or plan.cost is None else plan.least >= plan.cost


def _complementary(plan: TablePlan) -> int:
    return sum(change.why is Why.COMPLEMENTARY for change in plan.changes.values())


def lost(plan: TablePlan) -> str:
    """Say how much of a table is lost."""
    why = [change.why for change in plan.changes.values()]
    before = " with those that were out before" if plan.already else ""
    share = f"{plan.share_lost:.0%}{before}"
    counts = f"{plan.lost:,} of {counted(plan.counts, 'count')} ({share})"
    derived = why.count(Why.DERIVED)
    return f"{counts}, and {counted(derived, 'statistic')}" if derived else counts


def shape(table: Table) -> str:
    """Give `12 rows x 4 columns`."""
    rows = counted(len(table.rows), "row")
    return f"{rows} x {counted(len(table.header), 'column')}"


def verdict(redaction: Redaction) -> str:
    """Give the one sentence that stands first."""
    changed = redaction.changed
    cells = sum(each.cells for each in changed)
    where = f"{counted(cells, 'cell')} in {counted(len(changed), 'file')}"
    if redaction.refusal:
        return f"NOT WRITTEN: {redaction.refusal}"
    if redaction.failed:
        return f"NOT PROTECTED: {counted(redaction.failed, 'cell')} could still be worked out"
    if not redaction.files:
        return "NOTHING READ: no file could be redacted"
    if not cells:
        return f"NOTHING TO REDACT in {counted(len(redaction.files), 'file')}"
    unsafe = ", NOT SAFE YET" if still_tells(redaction) else ""
    if any(each.fate is Fate.WRITTEN for each in redaction.files):
        return f"REDACTED{unsafe}: {where}"
    out = len(redaction.left_out)
    without = f", without {counted(out, 'file that is left out', 'files that are left out')}" if out else ""  # fmt: skip
    return f"PREVIEW{unsafe}: {where} to redact{without}; nothing was written"


def still_tells(redaction: Redaction) -> bool:
    """Whether the rules find in redacted tables what redacting them should have mended."""
    every = (hit for each in redaction.files for hit in each.hits)
    return any(is_mended(hit) and hit.severity >= Severity.MEDIUM for hit in every)


def outcome(redaction: Redaction) -> str:
    """Say what the rules make of the redacted files."""
    left = [hit for each in redaction.files for hit in each.hits if hit.severity > Severity.INFO]
    if not redaction.files:
        return "there is nothing to look at"
    if not left and redaction.unread:
        return "the rules find nothing in what of the redacted files they could examine"
    if not left:
        return "every rule looked at the redacted files, and finds nothing"
    return f"the rules still find {counted(len(left), 'thing')} in the redacted files"


def questions(plan: TablePlan) -> Mapping[Asked, tuple[str, ...]]:
    """Gather what a person has to decide about a table: the labels of the columns, by what is asked."""
    gathered: dict[Asked, tuple[str, ...]] = {}
    for each in plan.questions:
        gathered[each.asked] = gathered.get(each.asked, ()) + each.columns
    return gathered


def could_be_rounded(redaction: Redaction) -> bool:
    """Whether there are counts that were not rounded, though the policy would have it."""
    plan = redaction.plan
    has_counts = any(table.counts for file in redaction.files for table in file.plan.tables)
    return has_counts and plan.options.rounding is None and plan.policy.rounding != "none"


def has_to_be_rounded(redaction: Redaction) -> bool:
    """Whether rules find counts that only rounding mends, and nobody asked for that."""
    found = {hit.rule for each in redaction.files for hit in each.hits}
    return could_be_rounded(redaction) and not found.isdisjoint(_MENDED_BY_ROUNDING)


_MENDED_BY_ROUNDING = frozenset({"CNT-04", "CNT-06"})


def is_mended(hit: Hit) -> bool:
    """Whether a redaction is what mends such a finding."""
    return hit.rule.partition("-")[0] in MENDED


def left_to_a_person(file: RedactedFile) -> list[str]:
    """Say what of a file no redaction changed, and somebody has to look at."""
    unread = [f"not examined: {each}" for each in dict.fromkeys(file.unread)]
    if not file.fixed:
        return [*unread, *file.remarks]
    fixed = f"{', '.join(file.fixed)}: cannot be changed here, and may show a count"
    return [fixed, *unread, *file.remarks]
