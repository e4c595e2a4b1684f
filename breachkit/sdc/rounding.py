"""Whether counts were rounded, and to what, as the numbers themselves tell.

Among unrounded counts one in five is a multiple of 5. If all of `m` different counts are, chance has
had a probability of 5 to the power of minus m. Only different values count: one constant repeated
a thousand times says no more than once.

Source: OpenSAFELY documentation ae20409 (2021-10-29: 5, 7 or 10), cc4f1d7 (2023-04-03: midpoint 6,
`ceiling(x/6)*6 - 3*(x!=0)`).
"""

from collections.abc import Collection
from functools import lru_cache

from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Regime:
    """One way of rounding counts."""

    base: int
    midpoint: bool = False

    def holds(self, count: int) -> bool:
        """Say whether rounding could have given `count`."""
        if self.midpoint:
            return count == 0 or count % self.base == self.base // 2
        return count % self.base == 0

    def largest_origin(self, count: int) -> int:
        """Give the largest number of people that is rounded to `count`."""
        return count + self.base // 2

    @property
    def label(self) -> str:
        """What reports call it."""
        return f"midpoint {self.base}" if self.midpoint else f"multiples of {self.base}"


REGIMES = (Regime(10), Regime(7), Regime(6), Regime(6, midpoint=True), Regime(5))
"""Regimes met in released outputs, the rarer (by chance) first."""

MIN_ON_REGIME = 6
"""Different counts that must keep a regime before it is believed: by chance 5 to the -6, 6e-5."""
MIN_SHARE = 0.8
"""Share of the different counts that must keep it, where some do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeFit:
    """How well different counts keep to a regime."""

    regime: Regime
    on: int
    off: frozenset[int] = field(repr=False)
    """The different counts that do not keep it."""

    @property
    def chance(self) -> float:
        """Probability that as many unrounded counts would keep it, were none of them off."""
        return float(self.regime.base) ** -self.on


def infer(counts: Collection[int]) -> RegimeFit | None:
    """Find the regime that counts were rounded to, or None where they were not.

    Args:
        counts: Counts in any order, with repetitions; zeros say nothing.
    """
    if len(counts) < MIN_ON_REGIME:
        return None
    positive = frozenset([count for count in counts if count > 0])
    if len(positive) < MIN_ON_REGIME:
        return None
    return _inferred(positive)


@lru_cache(maxsize=256)  # several rules ask about the counts of one table, one after the other
def _inferred(positive: frozenset[int]) -> RegimeFit | None:
    fits = [fit for regime in REGIMES if (fit := _fit(regime, positive)) is not None]
    return min(fits, key=lambda fit: len(fit.off), default=None)


def _fit(regime: Regime, positive: frozenset[int]) -> RegimeFit | None:
    """Give how well counts keep a regime; None where too few of them do."""
    base, rest = regime.base, regime.base // 2 if regime.midpoint else 0
    on = [count % base for count in positive].count(rest)
    if on < MIN_ON_REGIME or on < MIN_SHARE * len(positive):
        return None
    off = frozenset([count for count in positive if count % base != rest])
    return RegimeFit(regime=regime, on=on, off=off)
