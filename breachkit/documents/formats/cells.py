"""Cells of a sheet, kept as sparsely as they come: two cells far apart take no room between them."""

import datetime as dt
from collections.abc import Iterable

from breachkit.documents.reader import Budget


_WIDEST_GAP = 10
"""Empty columns that are kept between filled ones."""
_HIGHEST_GAP = 100
"""Empty rows that are kept between filled ones."""
_LONG = 200
"""Characters of a cell beyond which they are counted."""
_DIGITS = 15
"""Significant digits that a spreadsheet shows; what it stores beyond them is an error of binary."""
_LONGEST_EXACT = 1e15


class Cells:
    """The filled cells of one sheet."""

    def __init__(self, budget: Budget) -> None:
        """Start with none."""
        self._budget = budget
        self._rows: dict[int, dict[int, str]] = {}

    def put(self, row: int, column: int, text: str) -> None:
        """Fill a cell; both are counted from 0. Later ones win, empty ones are left out."""
        text = text.strip()
        if text:
            self._take(1, text)
            self._rows.setdefault(row, {})[column] = text

    def put_row(self, row: int, cells: dict[int, str]) -> None:
        """Fill cells of a row, by their columns, with stripped texts of which none is empty."""
        if not cells:
            return
        self._take(len(cells), "")
        lengths = list(map(len, cells.values()))
        if max(lengths) > _LONG:
            self._budget.take_bytes(sum(length for length in lengths if length > _LONG))
        known = self._rows.setdefault(row, cells)
        if known is not cells:
            known.update(cells)

    def repeat(self, rows: range, columns: range, text: str) -> None:
        """Fill a rectangle of cells with the same text."""
        text = text.strip()
        if text:
            self._take(len(rows) * len(columns), text)
            for row in rows:
                self._rows.setdefault(row, {}).update(dict.fromkeys(columns, text))

    def spread(self, merged: Iterable[tuple[int, range]]) -> None:
        """Give each of the columns that a name of several spans that name.

        What begins in the first column of all is a title, and stays where it is.

        Args:
            merged: Rows, and columns of each that are one cell; counted from 0.
        """
        left = min((column for row in self._rows.values() for column in row), default=0)
        for number, columns in merged:
            row = self._rows.get(number, {})
            name = row.get(columns.start)
            if name and columns.start > left:
                self._take(len(columns), name)
                row.update(dict.fromkeys(columns, name))
                self._rows[number] = dict(sorted(row.items()))

    def _take(self, number: int, text: str) -> None:
        """Take account of cells, and of their text where many may show one long string."""
        self._budget.take_cells(number)
        if len(text) > _LONG:
            self._budget.take_bytes(number * len(text))

    def rows(self) -> list[tuple[str, ...]]:
        """Give the rows from the first filled one to the last.

        A gap of more than 100 empty rows or 10 empty columns is shortened to that, so that what
        stands far out is read too; the rows below such a gap are then counted from there.
        """
        place = _closed_up(set().union(*self._rows.values()), _WIDEST_GAP)
        heights = _closed_up(self._rows, _HIGHEST_GAP)
        rows: list[tuple[str, ...]] = [()] * (max(heights.values(), default=-1) + 1)
        for number in list(self._rows):
            rows[heights[number]] = self._dense(self._rows.pop(number), place)
        return rows

    def _dense(self, row: dict[int, str], place: dict[int, int]) -> tuple[str, ...]:
        width = place[max(row)] + 1
        if len(row) == width and list(row) == list(range(width)):
            return tuple(row.values())
        self._budget.take_cells(width - len(row))
        dense = [""] * width
        for column, text in row.items():
            dense[place[column]] = text
        return tuple(dense)


def _closed_up(used: Iterable[int], longest_gap: int) -> dict[int, int]:
    """Number what is used anew, from 0, with gaps up to a length."""
    places: dict[int, int] = {}
    before, place = -1, -1
    for number in sorted(used):
        place += 1 if before < 0 else min(number - before, longest_gap + 1)
        before = number
        places[number] = place
    return places


def number_text(number: float) -> str:
    """Give a number as a spreadsheet shows it: `3` for 3.0, `0.3` for 0.1 + 0.2."""
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124 - not a number
        return str(number)
    if number == int(number) and abs(number) < _LONGEST_EXACT:
        return str(int(number))
    return f"{number:.{_DIGITS}g}"


def written_number(text: str) -> str:
    """Give a number that a file holds as text as a spreadsheet shows it; other text as it is."""
    if text.isdecimal() and text.isascii():
        return text
    try:
        return number_text(float(text))
    except (ValueError, OverflowError):
        return text


_SECONDS_A_DAY = 86_400
_LEAP_DAY_THAT_NEVER_WAS = 60
"""Spreadsheets count 29 February 1900, so that days before it are off by one."""


def date_text(serial: float, *, since_1904: bool = False) -> str:
    """Give the date, the time or both that a day's number stands for, as ISO 8601 writes them.

    Source: ECMA-376 part 1, 18.17.4 (date systems).
    """
    seconds = round(serial * _SECONDS_A_DAY)
    days, rest = divmod(seconds, _SECONDS_A_DAY)
    time = str(dt.timedelta(seconds=rest)).rjust(8, "0")
    if not days and not since_1904:
        return time
    start = dt.date(1904, 1, 1) if since_1904 else dt.date(1899, 12, 30)
    early = not since_1904 and 0 < days < _LEAP_DAY_THAT_NEVER_WAS
    day = (start + dt.timedelta(days=days + early)).isoformat()
    return f"{day} {time}" if rest else day
