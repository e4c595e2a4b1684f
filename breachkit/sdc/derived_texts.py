"""Numbers written as others of the same cell or column are: separators, decimals, percentages behind counts."""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from fractions import Fraction

from breachkit.documents.table import Table
from breachkit.sdc.count_cells import column, count_of, wordy_columns
from breachkit.sdc.stated import decimals_of


_COUNT = re.compile(
    r"^(?P<before>[='\"+\s]*)(?P<count>\d{1,3}(?:[, ]\d{3}){1,2}(?!\d)|\d{1,9})(?P<decimals>[.,]0+(?!\d))?"
)
_OF = re.compile(r"(?P<slash>/\s*)(?P<whole>\d[\d,]{0,11})")
_SHARE = re.compile(r"(?P<open>[\[(]\s*[<~]?\s*)(?P<share>\d{1,3}(?:\.\d*)?)(?=\s*%?\s*[\])]\s*$)")
_SEPARATED = re.compile(r"\d(?P<separator>[, ])\d{3}(?!\d)")
_FLOATS = 6
"""Decimals beyond which a column shows numbers as a program writes them, without zeros at the end."""


def separator_of(cells: Iterable[str]) -> str:
    """Give what separates the thousands of a column's counts; nothing where nothing does."""
    found = (_SEPARATED.search(cell) for cell in cells if len(cell) >= len("1,000"))
    return next((match["separator"] for match in found if match), "")


def write_count(cell: str, count: int, separator: str) -> str:
    """Write another count in a cell, and leave what stands around it.

    Args:
        cell: `1,234`, `12.0`, `12 (3.4%)`, `12/345 (3.4)`.
        count: What is to stand there.
        separator: Between thousands.
    """
    found = _COUNT.match(cell)
    if found is None or "e" in cell[:_LONGEST_COUNT].lower():
        return str(count)
    written = f"{count:,}".replace(",", separator)
    decimals = found["decimals"] or ""
    return f"{found['before']}{written}{decimals}{cell[found.end() :]}"


_LONGEST_COUNT = 16


def whole_behind(cell: str) -> int | None:
    """Give the number of people behind a count and a stroke: 345 of `12/345 (3.4)`."""
    found = _OF.search(cell)
    return count_of(found["whole"]) if found else None


def write_whole(cell: str, count: int, separator: str) -> str:
    """Write another number of people behind a count and a stroke."""
    written = f"{count:,}".replace(",", separator)
    return _OF.sub(lambda found: found["slash"] + written, cell, count=1)


def write_share(cell: str, share: Fraction) -> str:
    """Write another percentage behind a count, with as many decimals as the one that stands there."""
    found = _SHARE.search(cell)
    if found is None:
        return cell
    written = fixed(share, decimals_of((found["share"],)))
    return f"{cell[: found.start('share')]}{written}{cell[found.end() :]}"


def write_ratio(cell: str, ratio: Fraction, decimals: int) -> str:
    """Write another ratio in a cell, with as many decimals as its column prints.

    Args:
        cell: `12.3`, `12.3%`, `0.123`.
        ratio: What is to stand there.
        decimals: The most that a number of the column has.
    """
    sign = "%" if cell.endswith("%") else ""
    space = " " if cell.endswith(" %") else ""
    written = fixed(ratio, decimals)
    if decimals > _FLOATS and "." in written:
        written = written.rstrip("0")
        written += "0" if written.endswith(".") else ""
    if cell.startswith("."):  # as Stata writes
        written = written.removeprefix("0")
    return f"{written}{space}{sign}"


_COMMA = re.compile(r"\d{1,9},\d{1,15}(?:\s?%)?")
_AS_THOUSANDS = re.compile(r"\d{1,3},\d{3}(?:\s?%)?")


def with_points(table: Table) -> Table:
    """Write the numbers of a table with points where its columns have decimal commas.

    A column has if all its commas may be decimal ones, and one of them separates no thousands.
    """
    chosen = [index for index in wordy_columns(table) if _has_commas(column(table, index))]
    if not chosen:
        return table
    rows = [list(row) for row in table.rows]
    for row in rows:
        for index in chosen:
            if index < len(row) and _COMMA.fullmatch(row[index]):
                row[index] = row[index].replace(",", ".")
    return dataclasses.replace(table, rows=tuple(map(tuple, rows)))


def _has_commas(cells: Sequence[str]) -> bool:
    commas = [cell for cell in cells if "," in cell]
    return (
        any(map(_COMMA.fullmatch, commas))
        and all(_COMMA.fullmatch(cell) or not cell[0].isdecimal() for cell in commas)
        and not all(map(_AS_THOUSANDS.fullmatch, commas))
        and not any("." in cell and cell[0].isdecimal() for cell in cells)
    )


def fixed(number: Fraction, decimals: int) -> str:
    """Write a number of 0 or more with so many decimals; halves go to the even digit, as in R and Python."""
    scaled = round(number * 10**decimals)
    whole, rest = divmod(scaled, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}" if decimals else str(whole)
