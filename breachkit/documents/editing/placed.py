"""Cells of tables that know from where in their file they were read.

One place of a file can stand in several cells of its tables: a cell that spans rows is repeated in
each, a name over several columns is part of the name of each, and a table further down in a sheet is
given again by itself. Who changes one of them changes all.
"""

from collections.abc import Iterable, Mapping, Sequence

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.table import Table


class Placed(str):
    """The text of a cell, and which place of the file it was read from."""

    __slots__ = ("is_beside", "place")

    place: int
    """Counted from 0, in whatever way the editor counts."""
    is_beside: bool
    """Whether it stood beside the text of the place, in an attribute."""

    @classmethod
    def at(cls, place: int, text: str, *, is_beside: bool = False) -> "Placed":
        """Give a text that was read at a place."""
        made = cls(text)
        made.place, made.is_beside = place, is_beside
        return made


def cell_of(tables: Sequence[Table], spot: Spot) -> str:
    """Give the text that a spot names.

    Raises:
        CannotEditError: There is no such table, row or column.
    """
    if not 0 <= spot.table < len(tables):
        raise CannotEditError("a cell of no table that can be changed")
    table = tables[spot.table]
    if not HEADER <= spot.row < len(table.rows):
        raise CannotEditError("a row that the table does not have")
    row = table.header if spot.row == HEADER else table.rows[spot.row]
    if not 0 <= spot.column < len(row):
        raise CannotEditError("a column that the row does not have")
    return row[spot.column]


class Wanted:
    """The new texts of places, put together of edits of cells."""

    def __init__(self) -> None:
        """Start with none."""
        self.texts: dict[int, str] = {}
        """Of each place whose text changes."""
        self.beside: dict[int, str] = {}
        """Of each place whose attribute changes."""

    def add(self, cell: Placed, text: str) -> None:
        """Take the new text of a cell.

        Raises:
            CannotEditError: Its place was to have another one.
        """
        into = self.beside if cell.is_beside else self.texts
        if into.setdefault(cell.place, text) != text:
            raise CannotEditError("two different texts for one place")

    def __bool__(self) -> bool:
        return bool(self.texts or self.beside)

    def text_of(self, cell: str) -> str:
        """Give what a cell of the body reads as once everything is written."""
        if not isinstance(cell, Placed):
            return cell
        text = self.texts.get(cell.place)
        if cell.is_beside and (beside := self.beside.get(cell.place, text)) is not None:
            return beside
        return cell if text is None else text


def are_rows(
    before: Iterable[Sequence[str]], after: Sequence[Sequence[str]], wanted: Wanted
) -> bool:
    """Say whether rows read as those before, but for what was to change."""
    expected = [tuple(map(wanted.text_of, row)) for row in before]
    return expected == [tuple(row) for row in after]


def numbers_gone(old: str, new: str) -> frozenset[str]:
    """Give the numbers that a text held and its new one does not hold, as they were written."""
    return frozenset(numbers_in(old)) - frozenset(numbers_in(new))


def numbers_in(text: str) -> list[str]:
    """Give the numbers of a text as they are written, without signs: `1,204`, `0.5`."""
    found: list[str] = []
    number = ""
    for sign in text + " ":
        if sign.isdecimal() or (number and sign in ".,"):
            number += sign
        elif number:
            found.append(number.rstrip(".,"))
            number = ""
    return found


def split_name(levels: Sequence[str], text: str) -> Mapping[int, str]:
    """Take a new name of a column apart, into the levels of the header that it was joined of.

    Args:
        levels: The texts that made up the old name, without blank or repeated ones.
        text: The new name.

    Returns:
        The new text of each level that changes, by its number.

    Raises:
        CannotEditError: It is not clear which of them is to change.
    """
    for number in range(len(levels)):
        before = "".join(f"{level} " for level in levels[:number])
        behind = "".join(f" {level}" for level in levels[number + 1 :])
        if len(text) >= len(before) + len(behind) and text.startswith(before) and text.endswith(behind):  # fmt: skip
            return {number: text[len(before) : len(text) - len(behind)]}
    words, at, found = text.split(), 0, {}
    if len(words) != sum(len(level.split()) for level in levels):
        raise CannotEditError("a name of a column made of several cells, which were not told apart")
    for number, level in enumerate(levels):
        end = at + len(level.split())
        new, at = " ".join(words[at:end]), end
        if new != level:
            found[number] = new
    return found
