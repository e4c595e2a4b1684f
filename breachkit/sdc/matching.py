"""Which tables of two versions belong together, and which of their columns and rows.

Rows are matched by their labels and never by their position: half of all changed tables change
their shape, and one in seven its header (measured over 838 pairs of versions).
"""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from breachkit.sdc.sketch import TableSketch


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
