"""Which cells are counts of people, and which columns hold nothing else.

Source: 1,802 released tables of 24 study repositories: thousands separators, percentages behind the
number, footnote marks, and decimals that pandas makes of whole numbers.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence

from breachkit.documents.columns import RowsOfColumns
from breachkit.documents.rows import ColumnRows
from breachkit.documents.table import Table
from breachkit.sdc.asking import OfCells, keep_columns, of_column, of_table
from breachkit.sdc.marks import mark_of


_COUNT = re.compile(r"\d{1,9}|\d{1,3}(?:[, ]\d{3}){1,2}|\d{1,9}(?:\.0{1,20}|,0{1,2})")
MOST_DIGITS = 9
"""Of a count; longer numbers are codes."""
_SCIENTIFIC = re.compile(r"\d\.\d{1,20}e[+-]?0?\d", re.IGNORECASE)
_DECIMALS = re.compile(r"[.]0*$|,0{1,2}$")
_SEPARATOR = re.compile(r"[, ]")
_FOOTNOTES = "*^#\u00b9\u00b2\u00b3\u2070\u2074\u2075\u2076\u2077\u2078\u2079\N{DAGGER}\N{DOUBLE DAGGER}\N{SECTION SIGN}\N{PILCROW SIGN} "
_WITH_PERCENT = re.compile(
    r"(\d{1,9}|\d{1,3}(?:,\d{3}){1,2})\s*(?:/\s*[\d,]{1,12}\s*)?[\[(]\s*[<~]?\s*\d{1,3}(?:\.\d*)?\s*%?\s*[\])]"
)
_NUMBER_LIKE = re.compile(r"[-+(\N{MINUS SIGN}]?\s*[\d.]")


@functools.lru_cache(maxsize=1 << 14)  # the cells of released tables repeat
def count_of(cell: str) -> int | None:
    """Read a stripped cell as a whole number of people; None where it is anything else.

    Knows thousands separators (`1,234`), numbers that became decimals (`12.0`, `12,0`,
    `1.200e+01`) and counts with their percentage (`12 (3.4%)`, `12/345 (3.4)`).
    """
    if not cell.isascii():
        cell = unicodedata.normalize("NFKC", cell.rstrip(_FOOTNOTES))
    if cell.isdecimal():  # in any script
        return int(cell) if len(cell) <= MOST_DIGITS else None
    if cell[:1] in {"=", "'"}:  # how a spreadsheet is told that a number is text
        cell = cell.strip("='\"")
    cell = cell.removeprefix("+")
    if not "0" <= cell[:1] <= "9":
        return None
    whole, _, digits = cell.partition(".")
    if digits.isdecimal() and digits.strip("0") and whole.isdecimal():  # most numbers, and no count
        return None
    cell = cell.rstrip(_FOOTNOTES).removesuffix("L")  # as R writes whole numbers
    if _COUNT.fullmatch(cell):
        return int(_SEPARATOR.sub("", _DECIMALS.sub("", cell)))
    if _SCIENTIFIC.fullmatch(cell):
        number = float(cell)
        return int(number) if number.is_integer() else None
    pair = _WITH_PERCENT.fullmatch(cell)
    return int(pair[1].replace(",", "")) if pair else None


def column(table: Table, index: int) -> Sequence[str]:
    """Give the cells of a column, counted from 0, one per row; empty where a row is short."""
    columns = _columns(table)
    if columns is None:
        return [row[index] if index < len(row) else "" for row in table.rows]
    return columns[index] if index < len(columns) else [""] * len(table.rows)


def _columns(table: Table) -> Sequence[Sequence[str]] | None:
    """Give all columns at once; None where rows are so ragged that this would fill the memory.

    All rules ask for the columns of one table, one after the other: those of the last one are kept.
    """
    if not _last or _last[0][0] is not table:
        _last[:] = [(table, _turn(table.rows))]
    return _last[0][1]


_last: list[tuple[Table, Sequence[Sequence[str]] | None]] = []


def _turn(rows: Sequence[Sequence[str]]) -> Sequence[Sequence[str]] | None:
    if isinstance(rows, RowsOfColumns):
        keep_columns(rows.columns)
        return rows.columns
    if isinstance(rows, ColumnRows):
        return rows.columns
    widths = set(map(len, rows))
    if len(widths) > 1 and len(rows) * max(widths) > 2 * sum(map(len, rows)):
        return None
    return list(zip(*rows) if len(widths) == 1 else itertools.zip_longest(*rows, fillvalue=""))  # noqa: B905 - all are of one length


@of_table
def wordy_columns(table: Table) -> tuple[int, ...]:
    """Give the columns, counted from 0, that hold more than numbers: of most tables the first alone."""
    columns = _columns(table)
    if columns is None:
        return tuple(range(max(map(len, table.rows))))
    return tuple([at for at, cells in enumerate(columns) if not has_numbers_only(cells)])


_SIGNS = "%=(/"


@of_table
def columns_with_signs(table: Table) -> Mapping[str, Sequence[int]]:
    """Give the columns, counted from 0, in which some cell holds a `%`, a `=`, a `(` or a `/`."""
    found: dict[str, list[int]] = {sign: [] for sign in _SIGNS}
    for index in wordy_columns(table):
        for sign in _signs(column(table, index)):
            found[sign].append(index)
    return found


@of_column
def _signs(cells: Sequence[str]) -> Sequence[str]:
    joined = "".join(cells)
    return [sign for sign in _SIGNS if sign in joined]


_FIRST = 12
"""Cells that tell of most columns that they do not count."""


def whole_counts(
    cells: Sequence[str], headings: int = 0, words_allowed: float = 0.0
) -> Sequence[int | None] | None:
    """Read a column as counts, one per cell.

    None where some cell is neither a count nor a mark, or where none is a count.

    Args:
        cells: The cells, stripped.
        headings: How many of the first cells belong to the header and are not judged.
        words_allowed: Share of the filled cells that may be words (one always may, unless this
            is 0); numbers of another kind never may.
    """
    if not headings and not words_allowed:
        return _counts_only(cells)
    return _counts(cells, headings, words_allowed)


@of_column
def _counts_only(cells: Sequence[str]) -> Sequence[int | None] | None:
    return _counts(cells, 0, 0.0)


def _counts(
    cells: Sequence[str], headings: int, words_allowed: float
) -> Sequence[int | None] | None:
    below = cells[headings:] if headings else cells
    first = [_READ[cell] for cell in below[:_FIRST]]
    if _OTHER in first or (not words_allowed and _WORDS in first):
        return None
    read = _digits_only(below) or list(map(_READ.__getitem__, below))
    least = min(read, default=_OTHER)
    if least <= _OTHER:
        return None
    words = read.count(_WORDS) if least <= _WORDS else 0
    known = len(read) - words - (read.count(_MARK) if least < 0 else 0)
    allowed = max(1.0, words_allowed * (known + words)) if words_allowed else 0.0
    if known <= words or words > allowed:
        return None
    counts = [None if count < 0 else count for count in read] if least < 0 else read
    return [*itertools.repeat(None, headings), *counts] if headings else counts


def _digits_only(cells: Sequence[str]) -> list[int] | None:
    """Read cells that hold digits and nothing else in one go; None where some cell is another."""
    if max(map(len, cells), default=0) > MOST_DIGITS or not "".join(cells).isdecimal():
        return None
    try:
        return list(map(int, cells))
    except ValueError:  # a cell is empty
        return None


_MARK, _WORDS, _OTHER = -1, -2, -3
"""What a cell that holds no count is: a mark, words, a number of another kind."""


def _read(cell: str) -> int:
    count = count_of(cell)
    if count is not None:
        return count
    if mark_of(cell) is not None:
        return _MARK
    return _OTHER if _NUMBER_LIKE.match(cell) else _WORDS


_READ = OfCells(_read)
"""The counts that cells hold, or what else they are."""


@of_column
def different(cells: Sequence[str]) -> int:
    """Say how many different cells a column has."""
    return len(set(cells))


@of_column
def has_numbers_only(cells: Sequence[str]) -> bool:
    """Say, at the speed of copying, whether all cells are numbers without a word among them."""
    if cells and (cells[0][:1].isalpha() or cells[-1][:1].isalpha()):
        return False
    return "".join(cells).replace(".", "").replace("-", "").replace("e", "").isdecimal()
