"""Tables that were kept by columns, and columns that were read before: versions of a data set repeat most of theirs."""

from collections.abc import Sequence
from typing import NamedTuple


class Column(NamedTuple):
    """The cells of a column."""

    cells: tuple[str, ...]
    """One per row."""
    characters: int
    """Of all of them together."""

    @classmethod
    def of(cls, cells: Sequence[str]) -> "Column":
        """Give the column of some cells."""
        return cls(tuple(cells), sum(map(len, cells)))


class RowsOfColumns(list[tuple[str, ...]]):
    """The rows of a table that is known by its columns too, so that nobody needs to turn it again."""

    def __init__(self, columns: Sequence[tuple[str, ...]]) -> None:
        """Give the rows of columns, which are all as long as each other."""
        super().__init__(zip(*columns, strict=True))
        self.columns = tuple(columns)


MOST_CHARACTERS = 6_000_000
"""Of all cells that are remembered; a cell counts for some more, as what it takes of memory is more."""
_CELL = 8
_KEY = 100
"""Characters that each key counts for."""


class KnownColumns:
    """Remembers columns until they are too many; then it begins anew.

    Who reads the same column again is given the same cells, so that what is found of them can be
    remembered with them.
    """

    def __init__(self, room: int = MOST_CHARACTERS) -> None:
        """Start with none; `room` is the number of characters of all that are kept."""
        self._known: dict[bytes, Column] = {}
        self._same: dict[tuple[str, ...], Column] = {}
        self._most = self._room = room

    def get(self, key: bytes) -> Column | None:
        """Give the column that was kept under a key."""
        return self._known.get(key)

    def keep(self, key: bytes, cells: Sequence[str]) -> Column:
        """Keep a column unless it is too long, and give it, or the one that was kept of the same cells.

        Args:
            key: What stands for the bytes that it was read from, and for how they were read.
            cells: The column.
        """
        column = Column.of(cells)
        same = self._same.get(column.cells)
        room = _KEY if same else _KEY + column.characters + _CELL * len(cells)
        if room > self._most:
            return column
        self._room -= room
        if self._room < 0:
            self._known.clear()
            self._same.clear()
            self._room = self._most - room
        self._known[key] = same = self._same.setdefault(column.cells, same or column)
        return same
