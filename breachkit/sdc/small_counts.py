"""Which cells of count columns hold counts too small to release, and are not rounded ones.

Source: OpenSAFELY documentation 5fab7cb (2023-07-28): a printed 5 in a rounded table from which
counts up to 5 were taken stands for 6 or 7; cc4f1d7 (2023-04-03): a printed 3 stands for 1 to 6.
"""

from collections.abc import Callable, Sequence
from typing import cast

from breachkit.model.policy import Policy
from breachkit.sdc.counts import CountColumn
from breachkit.sdc.rounding import Regime, RegimeFit, infer


_USUAL_BASE = 5

Small = Callable[[int], bool]


def small_cells(
    columns: Sequence[CountColumn], policy: Policy, small: Small | None = None
) -> dict[int, list[int]]:
    """Find the small counts of a table that rounding does not explain.

    Args:
        columns: All count columns of the table, which tell together how it was rounded.
        policy: Whose threshold counts as small, and whose rounding is believed.
        small: What is small instead of what the policy calls disclosive.

    Returns:
        For each column (counted from 0) that has some, their rows (counted from 1).
    """
    wanted = small or policy.is_disclosive
    suspect = [(column, values) for column in columns if (values := _values(column.counts, wanted))]
    regime = regime_of(columns) if suspect else None
    found: dict[int, list[int]] = {}
    for column, values in suspect:
        stated = _stated(column) or regime
        telling = {count for count in values if not is_rounded(count, stated, policy)}
        if telling:
            rows = [number for number, count in enumerate(column.counts, 1) if count in telling]
            found[column.index] = rows
    return found


def _values(counts: Sequence[int | None], wanted: Small) -> set[int]:
    """Give the different counts of a column that are small; most have none."""
    return {count for count in set(counts) if count is not None and wanted(count)}


def any_small(counts: Sequence[int | None], policy: Policy) -> bool:
    """Say whether a column has a small count at all, rounded or not."""
    return bool(_values(counts, policy.is_disclosive))


def regime_of(columns: Sequence[CountColumn]) -> Regime | None:
    """Give the regime that every count of a table keeps, or None."""
    fit = fit_of(columns)
    return fit.regime if fit and not fit.off else None


def fit_of(columns: Sequence[CountColumn]) -> RegimeFit | None:
    """Give the regime that most of the different counts of some columns keep, or None."""
    if not columns:
        return None
    different = set[int | None]().union(*[column.counts for column in columns])
    different.discard(None)
    return infer(cast("set[int]", different))


def _stated(column: CountColumn) -> Regime | None:
    if column.midpoint:
        return Regime(6, midpoint=True)
    return Regime(_USUAL_BASE) if column.rounded else None


def is_rounded(count: int, regime: Regime | None, policy: Policy) -> bool:
    """Say whether a small count stands for numbers that may be released.

    A 5 among multiples of 5 stands for 3 to 7: safe where counts up to 5 had to be taken out before
    (only 6 and 7 are left), not where those up to 7 had to be. A 3 among midpoints stands for 1 to
    6, which a policy with a higher threshold has to allow by name.
    """
    if regime is None or not regime.holds(count):
        return False
    allowed = regime.midpoint and regime.base in policy.midpoint_bases
    return allowed or regime.largest_origin(count) > policy.threshold
