"""Counts written with their percentage and no sign, as `12 (3.4)`: told from means by one common total."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from breachkit.sdc.asking import of_column


_PAIR = re.compile(
    r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})\s{0,9}[(\[]\s{0,9}(\d{1,3})(?:\.(\d{1,3}))?\s{0,9}[)\]]"
)
_TELLING = 3
"""Different counts whose percentages have to agree."""
_SLACK = 0.51
"""How far a percentage may be from what it was rounded from, in units of its last digit."""


class _Pair(NamedTuple):
    number: int
    percent: float
    slack: float


@of_column
def counts_with_shares(cells: Sequence[str]) -> Sequence[int | None] | None:
    """Give the counts of a column whose cells state a count and its percentage of one total.

    Whoever writes means or medians with a deviation in parentheses writes cells that look the same,
    but hardly numbers that are in proportion.

    Returns:
        One for each cell, and None for a cell that holds anything else; None for a column in which
        fewer than half of the filled cells, or of the pairs, are such.
    """
    joined = "".join(cells)
    filled = len(cells) - cells.count("")
    if 2 * (joined.count(")") + joined.count("]")) < filled:  # told at the speed of copying
        return None
    pairs = [_pair(cell) if cell.endswith((")", "]")) else None for cell in cells]
    known = [pair for pair in pairs if pair is not None]
    if len(known) < _TELLING or 2 * len(known) < filled or not _have_one_total(known):
        return None
    return [None if pair is None else pair.number for pair in pairs]


def _pair(cell: str) -> _Pair | None:
    found = _PAIR.fullmatch(cell)
    if found is None:
        return None
    percent = float(f"{found[2]}.{found[3] or 0}")
    slack = _SLACK * 10.0 ** -len(found[3] or "")
    return _Pair(int(found[1].replace(",", "")), percent, slack)


def _have_one_total(pairs: Sequence[_Pair]) -> bool:
    """Say whether half of the percentages are those of the total that the largest count tells of."""
    largest = max(pairs)
    if not largest.number or not 0 < largest.percent <= 100 + largest.slack:
        return False
    agreeing = [pair for pair in pairs if _agree(pair, largest)]
    telling = {pair.number for pair in agreeing if pair.percent}
    return len(telling) >= _TELLING and 2 * len(agreeing) >= len(pairs)


def _agree(pair: _Pair, largest: _Pair) -> bool:
    """Say whether both may be of one total: a percentage grows as its count does."""
    least = pair.number * max(largest.percent - largest.slack, 0.0) / largest.number
    most = pair.number * (largest.percent + largest.slack) / largest.number
    return least - pair.slack <= pair.percent <= most + pair.slack
