"""A file of text whose tables are found in it piece by piece, changed, and read back."""

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change, EncodedText
from breachkit.documents.editing.proof import check_rewritten
from breachkit.documents.table import Document, Table, Unreadable


class Places(Protocol):
    """Knows where the cells of a file's tables stand in its text."""

    @property
    def known(self) -> Collection[int]:
        """Which of the tables it knows the cells of, counted from 0."""
        ...

    @property
    def ways(self) -> int:
        """In how many ways it can write a change: the first that reads back well is taken."""
        ...

    def twins(self, spot: Spot, words: str) -> Iterable[tuple[Spot, str]]:
        """Give every cell that changes where this one gets new words, and its own new words.

        Raises:
            CannotEditError: It is not known where the cell stands.
        """
        ...

    def changes(self, edits: Mapping[Spot, str], ways: Mapping[int, int]) -> Iterable[Change]:
        """Give the changes of the text that put new words into cells.

        Args:
            edits: With all that `twins` gave for each.
            ways: For each table with an edit, in which way, counted from 0.

        Raises:
            CannotEditError: They cannot be put there.
        """
        ...


class TextFile:
    """A file of text that can be changed; see `editable.Editable`."""

    def __init__(
        self,
        path: bytes,
        text: EncodedText,
        documents: Sequence[Document],
        places: Places,
        fixed: Sequence[str],
    ) -> None:
        """Take what was read of a file at a path, and who knows where it stands."""
        self._path, self._text, self._places = path, text, places
        self._all = tables_of(documents)
        self._numbers = sorted(places.known)
        self.tables: tuple[Table, ...] = tuple(map(self._all.__getitem__, self._numbers))
        self.fixed: tuple[str, ...] = tuple(fixed)

    def written(self, edits: Mapping[Spot, str]) -> bytes:
        """Give the file with other words in some cells; with none, the very same bytes."""
        wanted = self._wanted(edits)
        if not wanted:
            return self._text.spliced(())
        try:
            return self._in_some_way(wanted)[0]
        except CannotEditError:
            by_table = self._by_table(edits)
            if len(by_table) == 1 or self._places.ways == 1:
                raise
        ways: dict[int, int] = {}
        for those in by_table.values():
            own = self._wanted(those)
            ways |= dict.fromkeys({spot.table for spot in own}, self._in_some_way(own)[1])
        return self._written(wanted, ways)

    def _by_table(self, edits: Mapping[Spot, str]) -> Mapping[int, Mapping[Spot, str]]:
        found: dict[int, dict[Spot, str]] = {}
        for spot, words in self._changed_cells(edits):
            found.setdefault(spot.table, {})[spot] = words
        return found

    def _in_some_way(self, wanted: Mapping[Spot, str]) -> tuple[bytes, int]:
        """Give what the first way that reads back well writes, and which it is."""
        tables = {spot.table for spot in wanted}
        for way in range(self._places.ways - 1):
            with contextlib.suppress(CannotEditError):
                return self._written(wanted, dict.fromkeys(tables, way)), way
        last = self._places.ways - 1
        return self._written(wanted, dict.fromkeys(tables, last)), last

    def _written(self, wanted: Mapping[Spot, str], ways: Mapping[int, int]) -> bytes:
        content = self._text.spliced(self._places.changes(wanted, ways))
        check_rewritten(content, self._path, self._all, wanted)
        return content

    def _wanted(self, edits: Mapping[Spot, str]) -> Mapping[Spot, str]:
        """Give the new words of all cells that change, with those that stand at the same place.

        Here and below tables are counted among all of the file.
        """
        wanted: dict[Spot, str] = {}
        for spot, words in self._changed_cells(edits):
            for twin, its_words in self._twins(spot, words):
                if wanted.setdefault(twin, its_words) != its_words:
                    raise CannotEditError("two different texts for one place")
        return wanted

    def _twins(self, spot: Spot, words: str) -> Iterable[tuple[Spot, str]]:
        return self._places.twins(spot._replace(table=self._numbers[spot.table]), words)

    def _changed_cells(self, edits: Mapping[Spot, str]) -> Iterator[tuple[Spot, str]]:
        """Give the edits that change something, row by row, since a wide row takes time to get."""
        for (number, row), spots in groupby(sorted(edits), key=itemgetter(0, 1)):
            if not 0 <= number < len(self.tables):
                raise CannotEditError("a cell of no table that can be changed")
            cells = _row(self.tables[number], row)
            for spot in spots:
                if not 0 <= spot.column < len(cells):
                    raise CannotEditError("a column that the row does not have")
                if cells[spot.column] != edits[spot]:
                    yield spot, edits[spot]


def _row(table: Table, row: int) -> Sequence[str]:
    if not HEADER <= row < len(table.rows):
        raise CannotEditError("a row that the table does not have")
    return table.header if row == HEADER else table.rows[row]


def tables_of(documents: Iterable[Document]) -> Sequence[Table]:
    """Give the tables among what was read of a file."""
    return [found for found in documents if isinstance(found, Table)]


def unread_of(documents: Iterable[Document]) -> Sequence[str]:
    """Say, for `Editable.fixed`, whether something of a file was not read."""
    unread = any(isinstance(found, Unreadable) for found in documents)
    return ["what could not be read of it"] if unread else []


def has_digit(table: Table) -> bool:
    """Say whether some cell of a table may state a number."""
    return any(any(map(str.isdecimal, cell)) for row in (table.header, *table.rows) for cell in row)
