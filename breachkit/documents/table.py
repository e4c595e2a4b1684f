"""What readers give: a table, a text, or the reason why there is neither."""

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

_NUMBER_IN_LABEL = re.compile(r"(?<=[=:(])\s*\d[\d,. ]*|\d{5,}")
_NUMERIC = re.compile(r"[-+]?[\d.,\s%]+")


def column_label(header: Sequence[str], index: int) -> str:
    """Name a column for a report without carrying content out of the file.

    A header cell that is itself a number, is empty or is long is no name: the file may have no
    header row, and then its first row is data. Numbers that follow `=`, `:` or `(` (as in
    `N=3`) and runs of five or more digits are masked.

    Args:
        header: The header row.
        index: Which column, counted from 0; the label counts from 1.
    """
    name = header[index].strip() if index < len(header) else ""
    if not name or len(name) > 60 or _NUMERIC.fullmatch(name):
        return f"column {index + 1}"
    return _NUMBER_IN_LABEL.sub("#", name)
