"""Which disclosure controls can be seen in an output: cells that were taken out, and how counts were rounded."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from breachkit.actions.request import Control
from breachkit.documents.table import Table
from breachkit.model.ids import display
from breachkit.model.policy import Policy
from breachkit.sdc.count_cells import column
from breachkit.sdc.counts import CountColumn, count_columns, may_be_codes
from breachkit.sdc.marks import REDACTED, Mark, mark_of
from breachkit.sdc.rounding import MIN_ON_REGIME, Regime, infer


NOT_ROUNDED = "not rounded, as the numbers tell"
TOO_FEW = "too few different counts to tell whether they were rounded"
_FEWEST = 3
_MOST_COLUMNS = 2_000
_MOST_CELLS = 2_000_000


def controls_of(table: Table, policy: Policy) -> tuple[Control, ...]:
    """Give what was done to a table, as far as it can be seen.

    Args:
        table: Which.
        policy: Says to what counts are rounded where too few of them tell.
    """
    return (*_marks(table), *_rounding(table, policy))


def _marks(table: Table) -> Iterator[Control]:
    width = min(len(table.header), _MOST_COLUMNS)
    if len(table.rows) * width > _MOST_CELLS:
        return
    marked = sum(REDACTED in name for name in table.header)
    other = 0
    for at in range(width):
        for cell, times in Counter(column(table, at)).items():
            if REDACTED in cell:
                marked += times
            elif mark_of(cell) is Mark.SUPPRESSION:
                other += times
    if marked:
        yield Control(what=f"marked {REDACTED}", cells=marked)
    if other:
        yield Control(what=f"with another mark than {REDACTED}, such as <=7 or *", cells=other)


def _rounding(table: Table, policy: Policy) -> Iterator[Control]:
    said: dict[str, list[str]] = defaultdict(list)
    for found in count_columns(table):
        what = None if may_be_codes(found) else _regime(found, policy)
        if what:
            said[what].append(display(found.label))
    for what, columns in said.items():
        yield Control(what=what, columns=tuple(columns))


def _regime(found: CountColumn, policy: Policy) -> str | None:
    """Say how the counts of a column were rounded; None where there are no counts."""
    counts = frozenset(count for count in found.counts if count)
    if not counts:
        return None
    fit = infer(counts)
    if fit is not None:
        rest = ", but for some" if fit.off else ""
        return f"rounded to {_named(fit.regime)}{rest}"
    if len(counts) >= MIN_ON_REGIME:
        return NOT_ROUNDED
    if len(counts) < _FEWEST:
        return TOO_FEW
    allowed = [Regime(base) for base in policy.rounding_bases]
    allowed += [Regime(base, midpoint=True) for base in policy.midpoint_bases]
    for regime in allowed:
        if all(map(regime.holds, counts)):
            return f"all {_named(regime)}, of too few different counts to be sure"
    return NOT_ROUNDED


def _named(regime: Regime) -> str:
    return f"midpoints of {regime.base}" if regime.midpoint else regime.label
