"""Counts written with the number that they are of, as `3/1204`: told from dates, years and progress."""

import itertools
import re
from collections.abc import Sequence

from breachkit.sdc.asking import of_column


_NUMBER = r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})"
_OF_WHOLE = re.compile(
    rf"{_NUMBER}\s{{0,3}}/\s{{0,3}}{_NUMBER}(?:\s{{0,3}}[(\[]\s{{0,3}}[\d.]{{1,8}}\s?%?\s{{0,3}}[)\]])?"
)
_FEWEST = 2
_LARGE = 50
"""Some whole must be as large: days, months, scores and folds are of fewer."""
_YEARS = range(1900, 2101)
_MONTHS = 12


@of_column
def counts_of_wholes(cells: Sequence[str]) -> Sequence[int | None] | None:
    """Give the counts of a column whose cells state a count and what it is of.

    Returns:
        One for each cell, and None for a cell that holds anything else; None for a column in which
        fewer than half of the filled cells are such, or in which they may be dates, school years
        or how far something has come.
    """
    pairs = [_pair(cell) if "/" in cell else None for cell in cells]
    known = [pair for pair in pairs if pair is not None]
    filled = len(cells) - cells.count("")
    if len(known) < _FEWEST or 2 * len(known) < filled or not _are_parts(known):
        return None
    return [None if pair is None else pair[0] for pair in pairs]


def _pair(cell: str) -> tuple[int, int] | None:
    found = _OF_WHOLE.fullmatch(cell)
    return (_whole(found[1]), _whole(found[2])) if found else None


def _whole(digits: str) -> int:
    return int(digits.replace(",", ""))


def _are_parts(pairs: Sequence[tuple[int, int]]) -> bool:
    if any(part > whole for part, whole in pairs) or max(whole for _, whole in pairs) < _LARGE:
        return False
    are_years = all(
        whole in _YEARS and (part <= _MONTHS or part in _YEARS) for part, whole in pairs
    )
    return not are_years and not _is_progress(pairs)


def _is_progress(pairs: Sequence[tuple[int, int]]) -> bool:
    """Say whether the parts of one whole rise by the same step from the first to the last."""
    steps = {after[0] - before[0] for before, after in itertools.pairwise(pairs)}
    return len({whole for _, whole in pairs}) == 1 and len(steps) == 1 and steps > {0} - steps
