"""Which cells of a table a later version hides.

Rows are matched by their labels and never by their position: half of all changed tables change
their shape, and one in seven its header (measured over 838 pairs of versions).
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from breachkit.model.records import dataclass, field
from breachkit.sdc.count_names import Role, is_statistic, role_of
from breachkit.sdc.marks import Mark, mark_of
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


Pairs = Iterator[tuple[TableSketch, TableSketch]]


def pair_tables(old: Sequence[TableSketch], new: Sequence[TableSketch]) -> Pairs:
    """Pair the only tables, else those of one part and header, else those of one part."""
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    for key in (_part_and_header, _part):
        keys = [key(table) for table in old]
        if keys == [key(table) for table in new] and len(set(keys)) == len(keys):
            yield from zip(old, new, strict=True)  # as in most versions of a file
            return
        before, after = _unique(old, key), _unique(new, key)
        both = {name: table for name, table in before.items() if name in after}
        for name, table in both.items():
            yield table, after[name]
        old = [table for table in old if key(table) not in both]
        new = [table for table in new if key(table) not in both]


def _part_and_header(table: TableSketch) -> Hashable:
    return table.part, _names(table.header)


def _part(table: TableSketch) -> Hashable:
    return table.part


T = TypeVar("T")


def _unique(items: Sequence[T], key: Callable[[T], Hashable]) -> dict[Hashable, T]:
    """Give the items that no other item shares its key with, by key."""
    keys = [key(item) for item in items]
    found = dict(zip(keys, items, strict=True))
    if len(found) == len(keys):
        return found
    times = Counter(keys)
    return {name: item for name, item in found.items() if times[name] == 1}


_RENAMED_ON_REDACTION = re.compile(
    r"(?:_(?:redacted|suppressed|rounded|masked|raw|unrounded|unredacted|mid_?point_?\d*))+$"
)


@lru_cache(maxsize=8192)  # files of many tables are compared, version by version
def _names(header: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(_name, header))


@lru_cache(maxsize=8192)
def _name(header: str) -> str:
    plain = re.sub(r"[^a-z0-9%]+", "_", header.casefold()).strip("_")
    return _RENAMED_ON_REDACTION.sub("", plain)


def shared(
    before: TableSketch, after: TableSketch, of: Callable[[TableSketch], Iterable[int]]
) -> list[tuple[int, int]]:
    """Give pairs of columns (old, new) of one name, where that name is unique in both."""
    old = _by_name(before.header, tuple(of(before)))
    new = _by_name(after.header, tuple(of(after)))
    return [(index, new[name]) for name, index in old.items() if name in new]


@lru_cache(maxsize=8192)  # most versions of a table have the same columns
def _by_name(header: tuple[str, ...], columns: tuple[int, ...]) -> Mapping[Hashable, int]:
    names = _names(header)
    return _unique(sorted(columns), names.__getitem__)


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
    return found.summary(before, small)


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


_LEAST_COMMON = 0.5  # of a label column's values; a column that changed more names no row


def matching_rows(before: TableSketch, after: TableSketch) -> tuple[tuple[int, int], ...]:
    """Give pairs of rows (old, new), counted from 0, that carry the same labels.

    Only as many label columns are used as it takes to tell the rows apart, words before codes,
    so that an edited description or a changed code does not hide the rest. Rows that stay
    ambiguous in either version are left out. Two tables of one row each need no label.
    """
    old: _Keys = [()] * before.rows
    new = old if before.rows == after.rows else [()] * after.rows
    distinct = len(set(old)), len(set(new))
    for old_index, new_index in _label_columns(before, after):
        if distinct == (len(old), len(new)):
            break
        labels, others = before.labels[old_index], after.labels[new_index]
        finer_old = list(zip(old, labels, strict=True))
        finer_new = finer_old
        if old is not new or labels != others:  # most versions name their rows alike
            finer_new = list(zip(new, others, strict=True))
        finer = len(set(finer_old)), len(set(finer_new))
        if finer[0] > distinct[0] or finer[1] > distinct[1]:
            old, new, distinct = finer_old, finer_new, finer
    old_rows = _unique(range(len(old)), old.__getitem__)
    if old is new:
        return tuple((row, row) for row in old_rows.values())
    new_rows = _unique(range(len(new)), new.__getitem__)
    return tuple((row, new_rows[key]) for key, row in old_rows.items() if key in new_rows)


_Keys = Sequence[tuple[object, ...]]
"""The labels of each row: the last of them, and a tuple of those before it."""


def _label_columns(before: TableSketch, after: TableSketch) -> list[tuple[int, int]]:
    """Shared label columns that kept most of their labels: words first, then codes."""
    steady = [
        (old, new)
        for old, new in shared(before, after, lambda table: table.labels)
        if before.labels[old] == after.labels[new]
        or _in_common(before.labels[old], after.labels[new]) >= _LEAST_COMMON
    ]
    return sorted(steady, key=lambda pair: (pair[0] in before.classes, pair[0]))


def _in_common(old: Sequence[int], new: Sequence[int]) -> float:
    one, other = set(old), set(new)
    return len(one & other) / max(1, min(len(one), len(other)))
