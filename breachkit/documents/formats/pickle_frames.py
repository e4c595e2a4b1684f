"""Tables among what a pickle would build: data frames of pandas, arrays, lists and dictionaries.

Source: pandas 1.3 to 3.0 (`BlockManager`, `_unpickle_block`).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from breachkit.documents.formats.arrays import columns_of
from breachkit.documents.formats.frames import MOST_CELLS
from breachkit.documents.formats.pickle_machine import Call
from breachkit.documents.formats.pickle_values import (
    as_array,
    cell,
    columns,
    index,
    is_cell,
    is_counted,
    labels,
    objects_of,
)
from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass, field


_MOST_WALKED = 300_000
_FEW_WORDS = 2_000
_DAMAGED = (NotReadError, ValueError, TypeError, KeyError, IndexError, AttributeError)


@dataclass(slots=True)
class PickledTable:
    """A table, in columns of as many cells each."""

    header: list[str]
    columns: list[list[str]] = field(repr=False)
    rows: int


@dataclass(slots=True)
class Found:
    """What was found so far."""

    content: bytes = field(repr=False)
    cells: int
    """How many there may still be."""
    tables: list[PickledTable] = field(default_factory=list)
    words: list[str] = field(default_factory=list, repr=False)
    objects: int = 0
    """How many objects are neither data nor part of a table."""
    unread: bool = False

    def say(self, words: str) -> None:
        """Take in words that are in no table, as long as they are few."""
        if len(self.words) < _FEW_WORDS:
            self.words.append(words)
        else:
            self.unread = True

    def add(self, header: Sequence[str], columns: Sequence[Sequence[str]], rows: int) -> None:
        """Take in a table, as far as there is room for its cells."""
        most = min(self.cells, MOST_CELLS) // max(len(columns), 1)
        kept = [list(column[:most]) for column in columns]
        self.cells -= sum(map(len, kept))
        self.tables.append(PickledTable(list(header), kept, rows))


def tables_of(root: Any, found: Found) -> None:
    """Walk through what a pickle would build, and gather tables, words and what is neither."""
    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.say(value)
        if not isinstance(value, list | tuple | dict | Call) or id(value) in seen:
            continue
        seen.add(id(value))
        if len(seen) > _MOST_WALKED:
            found.unread = True
            return
        try:
            waiting += _look(value, found)
        except _DAMAGED:
            found.unread = True


def _look(value: Any, found: Found) -> list[Any]:
    """Take in one thing, and give what in it is still to be looked at."""
    if isinstance(value, dict):
        return _dictionary(value, found)
    if isinstance(value, list | tuple):
        return _list(value, found)
    if value.name in _DICTIONARIES and not value.state:
        return _dictionary(dict(value.items), found)
    if value.name.startswith("pandas.") and value.name.endswith((".DataFrame", ".Series")):
        _frame(value, found)
    elif value.name not in _PASSED_OVER and not _array(value, found):
        found.objects += 1
        found.unread = True
        return [value.arguments, value.state, value.items]
    return []


def _array(value: Call, found: Found) -> bool:
    """Take in an array of NumPy; say whether it is one."""
    array = as_array(value, found.content)
    if array is not None:
        found.add(*columns_of(array, min(found.cells, MOST_CELLS)))
        return True
    rows = objects_of(value)
    if rows is None:
        return False
    cells = rows if len(rows) == 1 else [list(column) for column in zip(*rows, strict=True)]
    found.add([""] * len(cells), cells, max(map(len, cells), default=0))
    return True


_DICTIONARIES = frozenset({"collections.OrderedDict", "collections.defaultdict"})
_PASSED_OVER = frozenset({"builtins.slice", "numpy.dtype", "builtins.object"})


def _dictionary(value: Mapping[Any, Any], found: Found) -> list[Any]:
    """Take in columns by their names, or one record."""
    named = {key: items for key, items in value.items() if _is_column(items)}
    lengths = {len(items) for items in named.values()}
    if len(lengths) == 1:
        header = [str(key) for key in named]
        found.add(header, [list(map(cell, items)) for items in named.values()], lengths.pop())
    else:
        named = {}
    scalars = {key: item for key, item in value.items() if isinstance(item, int | float)}
    if scalars:
        found.add([str(key) for key in scalars], [[cell(item)] for item in scalars.values()], 1)
    return [item for key, item in value.items() if key not in named]


def _is_column(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > 0 and all(map(is_cell, value))


def _list(value: Sequence[Any], found: Found) -> list[Any]:
    """Take in records, rows, or a column without a name."""
    if value and all(isinstance(item, dict) for item in value):
        header = list(dict.fromkeys(key for item in value for key in item))
        if len(header) * len(value) <= found.cells:
            cells = [[cell(item.get(key)) for item in value] for key in header]
            found.add([str(key) for key in header], cells, len(value))
            return []
    if len(value) > 1 and all(map(_is_column, value)) and len(set(map(len, value))) == 1:
        cells = [list(map(cell, column)) for column in zip(*value, strict=True)]
        found.add([""] * len(cells), cells, len(value))
        return []
    if len(value) > 1 and _is_column(value):
        found.add([""], [list(map(cell, value))], len(value))
        return []
    return list(value)


def _frame(value: Call, found: Found) -> None:
    """Put the blocks of a data frame side by side, in the order of its columns."""
    manager = value.state.get("_mgr", value.state.get("_data"))
    blocks, axes = _managed(manager)
    is_frame = len(axes) == 2
    title = value.state.get("_name", value.state.get("name"))
    names = labels(axes[0], found.content) if is_frame else [cell(title)]
    whole: dict[int, list[str]] = {}
    for values, places in blocks:
        try:
            whole |= _block(values, places, found.content)
        except _DAMAGED:
            found.unread = True
    found.unread |= len(whole) < len(names)
    ordered = [
        (names[place] if place < len(names) else "", whole[place]) for place in sorted(whole)
    ]
    if not is_counted(axes[-1]):
        ordered = [*index(axes[-1], found.content), *ordered]
    rows = max((len(column) for _, column in ordered), default=0)
    found.add([name for name, _ in ordered], [column for _, column in ordered], rows)


def _managed(manager: Call) -> tuple[list[tuple[Any, Any]], Sequence[Any]]:
    """Give values and places of each block, and the axes; older versions tell them afterwards."""
    if isinstance(manager.state, tuple):
        state = manager.state[3]["0.14.1"]
        return [(block["values"], block["mgr_locs"]) for block in state["blocks"]], state["axes"]
    return [block.arguments[:2] for block in manager.arguments[0]], manager.arguments[1]


def _block(values: Any, places: Any, content: bytes) -> dict[int, list[str]]:
    """Give the columns of a block by their places in the frame, counted from 0."""
    if isinstance(places, Call) and places.name.endswith("slice"):
        start, stop, step = (int(number) for number in places.arguments)
        numbers: Iterable[int] = range(start, stop, step)
    else:
        numbers = map(int, columns(places, content)[0])
    return dict(zip(numbers, columns(values, content), strict=False))
