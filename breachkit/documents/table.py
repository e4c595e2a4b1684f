"""What readers give: a table, a text, or the reason why there is neither."""

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text; shape `(rows, columns)`, the header apart."""

    header: tuple[str, ...]
    """Column names, stripped; empty strings where a column has none."""
    rows: Sequence[Sequence[str]] = field(repr=False)
    """Cells as written, stripped of surrounding white space. Rows may be shorter or longer than
    the header; what is beyond the header belongs to no column."""
    part: str | None = None
    """Member of the file that holds it; None for the file itself."""
    above: int | None = None
    """Rows above its own in the table of the whole file, where it is a part of that one: under a
    header that stands further down. None for a table that is whole."""


@dataclass(frozen=True, slots=True)
class Text:
    """Running text: code, a log, a message."""

    text: str = field(repr=False)
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Content that says it is one thing and does not read as it, or that no reader exists for.

    This is a result and reaches the report: what could not be read is not clean. The reason
    names no content.
    """

    reason: str
    part: str | None = None


Document = Table | Text | Unreadable

_NUMBER_IN_LABEL = re.compile(r"(?<=[=:(])\s*\d[\d,. ]*|(?<!\w)\d[\d,.]*|\d{5,}")
_VALUE = re.compile(r"\W*\d(?:[\W\d_]*|[\d.,]*\s*[\[(].*)", re.DOTALL)
_LOOKED_AT = 20
"""Cells of a header that tell whether it is one; a hostile table can have a million."""


def column_label(header: Sequence[str], index: int) -> str:
    """Name a column for a report without carrying content out of the file.

    Where any cell of the header is a value (digits without a letter: a number, a share, a date),
    the file may have no header row, and then its first row is data: every column is called by its
    number. So is one whose name is empty or long. In other names numbers are masked unless they
    are part of a word: `N=3`, `Female [3]` and `3 deaths` tell a count, `stat_1` does not. So are
    all runs of five or more digits.

    Args:
        header: The header row.
        index: Which column, counted from 0; the label counts from 1.
    """
    name = header[index].strip() if index < len(header) else ""
    if not name or len(name) > 60 or _VALUE.fullmatch(name) or _is_data(tuple(header[:_LOOKED_AT])):
        return f"column {index + 1}"
    return _NUMBER_IN_LABEL.sub("#", name)


@functools.lru_cache(maxsize=64)
def _is_data(row: tuple[str, ...]) -> bool:
    """Say whether some cell is a value: `3`, `3.5%`, `2021-05-03`, `3 (1 to 6)`."""
    return any(map(_VALUE.fullmatch, row))
