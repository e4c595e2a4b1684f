"""Which count columns were not rounded to anything.

Rounding leaves one remainder to all counts of a column, or two where sums of rounded counts stand
beside them. Whatever the base, the differences between rounded counts then share a divisor, which
those of exact counts do not: six exact counts share one of 3 or more about once in 400 tables.

Source: OpenSAFELY documentation b1e5729 (2023-06-13): all counts are rounded; totals are the sums of
their rounded parts.
"""

import math
from collections.abc import Collection, Sequence

from breachkit.sdc.counts import CountColumn
from breachkit.sdc.rounding import MIN_ON_REGIME, MIN_SHARE, infer


_SAMPLED = 200
FEWEST = MIN_ON_REGIME
"""Different counts that it takes to tell."""
_SMALLEST_BASE = 3
_BASES = (*range(5, 31), 50, 100, 1000)
"""Those that a column with exceptions is tried for; among few counts chance imitates smaller ones."""


def unrounded_columns(columns: Sequence[CountColumn]) -> tuple[CountColumn, ...]:
    """Give the columns whose counts keep no way of rounding.

    Each column is judged by itself, as one table may be rounded in more than one way. Columns too
    short to tell are judged together, and are given only if they are all that there is.
    """
    telling = [found for found in columns if len(_different(found)) >= FEWEST]
    if telling:
        return tuple(found for found in telling if not keeps_some_base(_different(found)))
    short = [found for found in columns if _different(found)]
    together = frozenset().union(*map(_different, short))
    if len(together) < FEWEST or any(map(_may_be_rounded, short)) or keeps_some_base(together):
        return ()
    return tuple(short)


def keeps_some_base(counts: Collection[int]) -> bool:
    """Say whether different counts may have been rounded, to whatever base, most of them at least."""
    positive = sorted(frozenset(counts) - {0})
    if infer(positive) is not None or _divisor(positive) >= _SMALLEST_BASE:
        return True
    return _leave_one_remainder(positive[:: max(1, len(positive) // _SAMPLED)])


def _different(found: CountColumn) -> frozenset[int]:
    return frozenset(count for count in found.counts if count)


def _divisor(counts: Sequence[int]) -> int:
    """Give the largest number that divides every difference; 0 where there is none."""
    return math.gcd(*(count - counts[0] for count in counts[1:]))


def _may_be_rounded(found: CountColumn) -> bool:
    """Say whether the few counts of a column may be rounded: two at least, that share a divisor."""
    counts = sorted(_different(found))
    return len(counts) > 1 and math.gcd(*counts) >= _SMALLEST_BASE


def _leave_one_remainder(counts: Sequence[int]) -> bool:
    """Say whether most counts leave the same remainder, by whatever base.

    Most of them are more than half, so that it is the one in the middle of all in their order.
    """
    for base in _BASES:
        rests = sorted([count % base for count in counts])
        if rests.count(rests[len(rests) // 2]) / len(rests) >= MIN_SHARE:
            return True
    return False
