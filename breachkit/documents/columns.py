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


MOST_BYTES = 24_000_000
"""What all columns that are remembered take of memory, about."""
_CELL = 8
_WORD = 60
_KEY = 200


class KnownColumns:
    """Remembers columns until they are too many; then it begins anew.

    Who reads the same column again is given the same cells, so that what is found of them can be
    remembered with them. Equal cells of all columns are one object.
    """

    def __init__(self, room: int = MOST_BYTES) -> None:
        """Start with none; `room` is the number of bytes of all that are kept."""
        self._known: dict[bytes, Column] = {}
        self._same: dict[tuple[str, ...], Column] = {}
        self._words: dict[str, str] = {}
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
        if column.characters + (_CELL + _WORD) * len(cells) + _KEY > self._most:
            return column
        if self._room < 0:
            self._known.clear()
            self._same.clear()
            self._words.clear()
            self._room = self._most
        same = self._same.get(column.cells) or self._made_one(column)
        self._room -= _KEY
        self._known[key] = same
        return same

    def _made_one(self, column: Column) -> Column:
        """Keep the cells of a column, as the objects that equal cells of others are."""
        before = len(self._words)
        cells = tuple(map(self._words.setdefault, column.cells, column.cells))
        more = (len(self._words) - before) / max(len(cells), 1)
        self._room -= _CELL * len(cells) + int(more * (column.characters + _WORD * len(cells)))
        self._same[cells] = found = Column(cells, column.characters)
        return found
