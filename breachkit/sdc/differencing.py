"""Counts of two tables that differ by a few people: the difference is a count nobody released.

Rows are matched by their labels and columns by their names. Rounded counts differ by noise, so that
differences count only between tables that were not rounded.

Source: OpenSAFELY documentation, 'Disclosure control' (2023), 'Secondary disclosure': a table of all
people beside one of men tells the counts of women.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from breachkit.model.records import dataclass, field
from breachkit.sdc.matching import matching_rows, pair_tables, shared
from breachkit.sdc.sketch import TableSketch
from breachkit.sdc.unrounded import FEWEST, keeps_some_base


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Cells of one table that differ by few people from those of another."""

    part: str | None
    header: tuple[str, ...]
    cells: tuple[tuple[int, int], ...] = field(repr=False)
    """Row and column of the first table, both counted from 0."""
    compared: int
    """Cells that hold a count in both tables."""
    changed: int
    """Those of them whose counts differ, by few or by many."""

    @property
    def share_changed(self) -> float:
        """Share of the compared cells that differ at all."""
        return self.changed / self.compared


EXTRACTED_AGAIN = 0.5
"""Share of changed counts above which the data were extracted again, and not corrected or redacted."""


def share_changed(before: TableSketch, after: TableSketch) -> float | None:
    """Give the share of counts that are others in another version of a table.

    None where that tells nothing: no count is in both, or one of them was rounded.
    """
    columns = _count_columns(before, after)
    if not columns or not are_exact(before, after):
        return None
    same = [cell.first == cell.second for cell in _matched(before, after, columns)]
    return same.count(False) / len(same) if same else None


def few_changed(
    old: Sequence[TableSketch], new: Sequence[TableSketch], threshold: int
) -> tuple[Difference, ...]:
    """Compare the counts of two versions of a file.

    Args:
        old: The tables of one version.
        new: Those of the other; made with the same key.
        threshold: Largest difference that tells of few people.

    Returns:
        For each table of `old` what differs by 1 to `threshold` people.
    """
    found = (_few_changed(before, after, threshold) for before, after in pair_tables(old, new))
    return tuple(filter(None, found))


def _few_changed(before: TableSketch, after: TableSketch, threshold: int) -> Difference | None:
    columns = [
        (first, second)
        for first, second in _count_columns(before, after)
        if before.counts[first] != after.counts[second]
    ]
    if not columns or not are_exact(before, after):
        return None
    cells = list(_matched(before, after, columns))
    few = [(cell.row, cell.column) for cell in cells if 1 <= abs(cell.first - cell.second) <= threshold]  # fmt: skip
    return _difference(before, few, cells)


def left_over(
    whole: TableSketch,
    part: TableSketch,
    threshold: int,
    *,
    least: int,
    others: Iterable[TableSketch] = (),
) -> Difference | None:
    """Subtract a table of some people from one of all: what is left counts the rest.

    Args:
        whole: The table of all people.
        part: That of some of them, if in no cell it has more; else there is no answer.
        threshold: Largest count that may not be released.
        least: How many cells must be compared before the one is taken for a part of the other.
        others: Tables of others of the same people: a rest that one of them states openly is no
            news, and is left to the rules about small counts.

    Returns:
        The cells of `part` beside which 1 to `threshold` people are left.
    """
    columns = _count_columns(whole, part)
    if not columns or not are_exact(whole, part):  # of most pairs, so that no rows are matched
        return None
    cells = [cell for cell in _matched(whole, part, columns) if cell.first > 0]
    smaller = sum(cell.second < cell.first for cell in cells)
    if len(cells) < least or any(cell.second > cell.first for cell in cells):
        return None
    if smaller < _MOST_SMALLER * len(cells):
        return None
    stated = _stated(whole, others)
    few = [
        (cell.match, cell.other)
        for cell in cells
        if 1 <= cell.first - cell.second <= threshold < cell.first
        and (cell.row, cell.column, cell.first - cell.second) not in stated
    ]
    return _difference(part, few, cells)


_MOST_SMALLER = 0.5
"""Share of the cells in which a part has to be smaller than the whole; a copy has the same counts."""


def are_exact(one: TableSketch, other: TableSketch) -> bool:
    """Say whether neither of two tables was rounded, as far as their counts tell."""
    first, second = _different(one), _different(other)
    both = first | second
    if len(both) < FEWEST or _is_rounded(first) or _is_rounded(second):
        return False
    return not _is_rounded(both)


@lru_cache(maxsize=1024)  # the tables of one file are asked about in all pairs
def _is_rounded(counts: frozenset[int]) -> bool:
    return len(counts) >= FEWEST and keeps_some_base(counts)


def _different(table: TableSketch) -> frozenset[int]:
    every = frozenset[int]().union(*table.counts.values())
    return frozenset([count for count in every if count > 0])


class _Cell(NamedTuple):
    """One count in two tables. A tuple for speed: there are many, and few are told of."""

    row: int
    column: int
    first: int
    match: int
    """Row of the second table."""
    other: int
    """Column of the second table."""
    second: int


def _matched(
    one: TableSketch, two: TableSketch, columns: Sequence[tuple[int, int]]
) -> Iterator[_Cell]:
    rows = matching_rows(one, two)
    for first, second in columns:
        counts, others = one.counts[first], two.counts[second]
        for row, match in rows:
            if counts[row] >= 0 and others[match] >= 0:
                yield _Cell(row, first, counts[row], match, second, others[match])


def _count_columns(one: TableSketch, two: TableSketch) -> list[tuple[int, int]]:
    if not one.counts or not two.counts:  # most tables count nobody
        return []
    return shared(one, two, lambda table: table.counts)


def _stated(whole: TableSketch, others: Iterable[TableSketch]) -> set[tuple[int, int, int]]:
    """Give row and column of the whole, with a count that another of its parts states for them."""
    return {
        (cell.row, cell.column, cell.second)
        for other in others
        for cell in _matched(whole, other, _count_columns(whole, other))
    }


def _difference(
    table: TableSketch, few: Sequence[tuple[int, int]], cells: Sequence[_Cell]
) -> Difference | None:
    if not few:
        return None
    return Difference(
        part=table.part,
        header=table.header,
        cells=tuple(few),
        compared=len(cells),
        changed=sum(cell.first != cell.second for cell in cells),
    )
