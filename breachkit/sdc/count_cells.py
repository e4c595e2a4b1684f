"""Which cells are counts of people, and which columns hold nothing else.

Source: 1,802 released tables of 24 study repositories: thousands separators, percentages behind the
number, footnote marks, and decimals that pandas makes of whole numbers.
"""

import functools
import itertools
import re
import unicodedata
from collections.abc import Sequence

from breachkit.documents.table import Table
from breachkit.sdc.marks import mark_of


_COUNT = re.compile(r"\d{1,9}|\d{1,3}(?:[, ]\d{3}){1,2}|\d{1,9}(?:\.0{1,20}|,0{1,2})")
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
        return int(cell) if len(cell) <= 9 else None
    if cell[:1] in {"=", "'"}:  # how a spreadsheet is told that a number is text
        cell = cell.strip("='\"")
    cell = cell.removeprefix("+")
    if not "0" <= cell[:1] <= "9":
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
    """Give the cells of a column, counted from 0, one per row; empty where a row is short.

    All rules ask for the columns of one table, one after the other: those of the last one are kept.
    """
    if not _last or _last[0][0] is not table:
        _last[:] = [(table, _columns(table))]
    columns = _last[0][1]
    if columns is None:
        return [row[index] if index < len(row) else "" for row in table.rows]
    return columns[index] if index < len(columns) else [""] * len(table.rows)


_last: list[tuple[Table, Sequence[Sequence[str]] | None]] = []


def _columns(table: Table) -> Sequence[Sequence[str]] | None:
    """Give all columns at once; None where rows are so ragged that this would fill the memory."""
    rows = table.rows
    if len(rows) * max(map(len, rows), default=0) > 2 * sum(map(len, rows)):
        return None
    return list(itertools.zip_longest(*rows, fillvalue=""))


def whole_counts(
    cells: Sequence[str], headings: int = 0, words_allowed: float = 0.0
) -> list[int | None] | None:
    """Read a column as counts, one per cell.

    None where some cell is neither a count nor a mark, or where none is a count.

    Args:
        cells: The cells, stripped.
        headings: How many of the first cells belong to the header and are not judged.
        words_allowed: Share of the filled cells that may be words (one always may, unless this
            is 0); numbers of another kind never may.
    """
    counts: list[int | None] = [None] * headings
    known = words = 0
    for cell in cells[headings:]:
        count = count_of(cell)
        if count is not None:
            known += 1
        elif cell and mark_of(cell) is None:
            if not words_allowed or _NUMBER_LIKE.match(cell):
                return None
            words += 1
        counts.append(count)
    allowed = max(1.0, words_allowed * (known + words)) if words_allowed else 0.0
    return counts if known > words and words <= allowed else None
