"""Which cells of a table a later version hides."""

import dataclasses
from collections.abc import Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.count_names import Role, is_statistic, role_of
from breachkit.sdc.differencing import EXTRACTED_AGAIN, share_changed
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.matching import matching_rows, pair_tables, shared
from breachkit.sdc.sketch import SMALL_CLASSES, TableSketch, small_classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """Cells that hold numbers in one version of a table and marks in another."""

    part: str | None
    header: tuple[str, ...]
    rows: tuple[int, ...]
    """In the version with the numbers, counted from 1 under the header."""
    columns: tuple[int, ...]
    """In the version with the numbers, counted from 0."""
    small: int
    """Cells that held a whole number from 1 up to the threshold."""
    marked: int
    """Cells whose mark can only be suppression."""
    blanked: int
    """Cells of count columns that became NA or empty, which a missing value leaves too."""
    whole_table: bool = False
    extracted_again: bool = False
    """Most counts that both versions print are others, and not for being rounded: the marks stand
    for what other data say. Only ever told of counts above the threshold."""

    @property
    def cells(self) -> int:
        """How many cells are concerned."""
        return self.marked + self.blanked

    @property
    def weight(self) -> tuple[bool, bool, int]:
        """Orders what was found by how much it says."""
        return bool(self.small), bool(self.marked), self.cells


def hidden_later(
    old: Sequence[TableSketch], new: Sequence[TableSketch], threshold: int
) -> tuple[Hidden, ...]:
    """Compare two versions of a file.

    Args:
        old: The tables of the version that may hold the numbers.
        new: Those of the version that may hide them; made with the same key.
        threshold: Largest count that may not be released.

    Returns:
        What is hidden, by table. Rows whose labels are not unique in both versions are left out.
    """
    if _is_all_marks(new):
        return tuple(filter(None, (_whole(table, threshold) for table in old)))
    pairs = pair_tables(old, new)
    return tuple(filter(None, (_compare(before, after, threshold) for before, after in pairs)))


_MARKED = ord("m")
_LEFT_BLANK = frozenset(b"a-")
_NUMBERS = frozenset([ord("n"), *(ord(name) for name, _, _ in SMALL_CLASSES)])
_ALL_NUMBERS = bytes(_NUMBERS)
_ANY_NUMBER = bytes([*_NUMBERS, ord("0")])
_MOST_BLANKED = 0.5  # of a column; beyond that it was dropped or its model failed


def _is_all_marks(tables: Sequence[TableSketch]) -> bool:
    """Whether nothing but marks (and labels) is left of a file that was a table."""
    columns = [column for table in tables for column in table.classes.values()]
    if any(len(column.translate(None, _ANY_NUMBER)) != len(column) for column in columns):
        return False
    headers = [name for table in tables for name in table.header]
    return any(_MARKED in column for column in columns) or any(
        mark_of(name) is Mark.SUPPRESSION for name in headers
    )


def _whole(table: TableSketch, threshold: int) -> Hidden | None:
    small = small_classes(threshold)
    cells = [
        (row, index, value)
        for index, column in table.classes.items()
        for row, value in enumerate(column, start=1)
        if value in _NUMBERS
    ]
    if not cells:
        return None
    is_count = {index: role_of(table.header[index]) is not Role.NONE for index in table.classes}
    return Hidden(
        part=table.part,
        header=table.header,
        rows=tuple(sorted({row for row, _, _ in cells})),
        columns=tuple(sorted({index for _, index, _ in cells})),
        small=sum(value in small and is_count[index] for _, index, value in cells),
        marked=len(cells),
        blanked=0,
        whole_table=True,
    )


def _compare(before: TableSketch, after: TableSketch, threshold: int) -> Hidden | None:
    if _show_the_same(before, after):
        return None
    columns = [pair for pair in _shared_columns(before, after) if _may_hide(before, after, *pair)]
    if not columns:  # of most pairs of versions, so that their rows need not be matched
        return None
    rows = matching_rows(before, after)
    small, found = small_classes(threshold), _Found()
    for old_index, new_index in columns:
        counts_people = role_of(before.header[old_index]) is not Role.NONE
        old, new = before.classes[old_index], after.classes[new_index]
        numbers = [(row, old[row], new[match]) for row, match in rows if old[row] in _NUMBERS]
        found.marked += [(row, old_index, was) for row, was, now in numbers if now == _MARKED]
        if counts_people:
            found.blanked += _blanked(numbers, old_index, small)
    hidden = found.summary(before, small)
    if hidden is None or not found.all_above(threshold, before):
        return hidden
    share = share_changed(before, after)
    is_new = share is not None and share > EXTRACTED_AGAIN
    return dataclasses.replace(hidden, extracted_again=is_new)


def _show_the_same(before: TableSketch, after: TableSketch) -> bool:
    """Whether every row stands as it stood: of a file of many tables most do in the next version."""
    return (
        before.classes == after.classes
        and before.labels == after.labels
        and before.header == after.header
    )


def _shared_columns(before: TableSketch, after: TableSketch) -> list[tuple[int, int]]:
    return shared(before, after, lambda table: table.classes)


def _may_hide(before: TableSketch, after: TableSketch, old: int, new: int) -> bool:
    """Whether the old column has a number and the new one what may hide it, in any row.

    Asked of every pair of columns of every pair of versions, so the cheap questions come first.
    """
    if len(before.classes[old].translate(None, _ALL_NUMBERS)) == len(before.classes[old]):
        return False
    column = after.classes[new]
    if _MARKED in column:
        return True
    is_blank = len(column.translate(None, bytes(_LEFT_BLANK))) < len(column)
    return is_blank and role_of(before.header[old]) is not Role.NONE


def _counts_as_small(table: TableSketch, index: int, was: int, small: frozenset[int]) -> bool:
    """Whether a hidden cell held a small count: a rate of 4.0 or a mean age of 3 is none."""
    return was in small and not is_statistic(table.header[index])


def _blanked(
    numbers: Sequence[tuple[int, int, int]], index: int, small: frozenset[int]
) -> list[tuple[int, int, int]]:
    """Give the cells of a count column that became NA or empty, where that looks deliberate.

    A column that lost most of its numbers was dropped, or its model failed; small counts that
    are gone while larger ones stay were taken out.
    """
    blanked = [(row, index, was) for row, was, now in numbers if now in _LEFT_BLANK]
    if len(blanked) <= _MOST_BLANKED * len(numbers):
        return blanked
    kept = [was for _, was, now in numbers if now not in _LEFT_BLANK]
    small_only = all(was in small for _, _, was in blanked)
    return blanked if kept and small_only and small.isdisjoint(kept) else []


@dataclass(slots=True)
class _Found:
    """Cells found in one pair of tables: row and column of the old one, from 0, and class."""

    marked: list[tuple[int, int, int]] = field(default_factory=list)
    blanked: list[tuple[int, int, int]] = field(default_factory=list)

    def all_above(self, threshold: int, table: TableSketch) -> bool:
        """Say whether each of the cells counts more people than may not be told of."""
        cells = [*self.marked, *self.blanked]
        return all(
            index in table.counts and table.counts[index][row] > threshold
            for row, index, _ in cells
        )

    def summary(self, table: TableSketch, small: frozenset[int]) -> Hidden | None:
        cells = [*self.marked, *self.blanked]
        if not cells:
            return None
        return Hidden(
            part=table.part,
            header=table.header,
            rows=tuple(sorted({row + 1 for row, _, _ in cells})),
            columns=tuple(sorted({index for _, index, _ in cells})),
            small=sum(_counts_as_small(table, index, was, small) for _, index, was in cells),
            marked=len(self.marked),
            blanked=len(self.blanked),
        )
