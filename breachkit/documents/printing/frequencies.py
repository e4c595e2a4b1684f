"""Tables of frequencies across two variables, written as one row for each cell.

What counts is then under one name, `Freq.`, whatever the categories are called.
"""

from collections.abc import Sequence


FREQUENCY = "Freq."
_PERCENT = "Percent"


def by_cell(
    names: tuple[str, ...],
    categories: Sequence[str],
    rows: Sequence[tuple[tuple[str, ...], Sequence[Sequence[str]]]],
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Write a two-way table as one row for each cell.

    Args:
        names: What the labels of rows are called, and then what the categories are.
        categories: The names of the columns.
        rows: The labels of each row, and its lines of cells: the frequencies, then percentages.

    Returns:
        The header and the rows: labels, category, frequency, percentages.
    """
    lines = max((len(lines) for _, lines in rows), default=1)
    more = [_PERCENT if number == 1 else f"{_PERCENT} {number}" for number in range(1, lines)]
    cells = [
        (*labels, category, *(line[at] if at < len(line) else "" for line in below))
        for labels, below in rows
        for at, category in enumerate(categories)
    ]
    return (*names, FREQUENCY, *more), cells


def filled_down(
    rows: Sequence[tuple[tuple[str, ...], list[tuple[str, ...]]]],
) -> Sequence[tuple[tuple[str, ...], Sequence[Sequence[str]]]]:
    """Repeat labels that are printed only where they change."""
    made: list[tuple[tuple[str, ...], Sequence[Sequence[str]]]] = []
    above: tuple[str, ...] = ()
    for labels, lines in rows:
        filled = tuple(label or (above[at] if above else "") for at, label in enumerate(labels))
        made.append((filled, lines))
        above = filled
    return made
