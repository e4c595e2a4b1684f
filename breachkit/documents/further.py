"""Tables below the first in one file: stacked ones, those under a long title, those above notes.

The table of the whole file has one header. What stands further down under another one is given
again as a table of its own, and so is the first without what follows it: a column in which
numbers of one table and words of another meet counts nobody.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from breachkit.documents.table import Document, Table, Unreadable


MOST = 100
"""Tables in one file; what is beyond is reported as not examined."""

_DROPPED = bytes(set(range(256)) - set(b"0123456789\n"))
_NAME = re.compile(r"[^\W\d][^\n]{0,79}")
_VALUE = re.compile(r"[-+<>=~('\"]{0,3}\d|\[REDACTED\]")
_NO_NAMES = frozenset(
    {
        "na",
        "nan",
        "none",
        "null",
        "nil",
        "missing",
        "true",
        "false",
        "redacted",
        "suppressed",
        "masked",
    }
)
_LONG_TAIL = 10
"""One row in so many may be a note before the notes are cut off."""


def further_tables(
    records: Callable[[], Sequence[Sequence[str]]],
    header_row: int,
    lines: Sequence[str],
    part: str | None,
) -> Iterator[Document]:
    """Give the parts of a file's table that are tables of their own; nothing where it is one table.

    Args:
        records: Gives every row of the file, titles and header too; asked only if two lines or
            more hold no digit.
        header_row: Which of them, counted from 0, is taken for the header of the whole.
        lines: Of which the rows are made.
        part: The member of the file.
    """
    if not _may_hold_another(lines):
        return
    rows = records()
    heads = [number for number in range(len(rows) - 1) if _is_header(rows, number)]
    heads = sorted({header_row, *heads})
    ends = [*heads[1:], len(rows)]
    tail = _without_tail(rows, header_row, len(rows))
    if len(heads) > 1 or (len(rows) - tail) * _LONG_TAIL > len(rows):
        for head, end in zip(heads[:MOST], ends, strict=False):
            last = max(tail, head + 1) if end == len(rows) else _without_tail(rows, head, end)
            above = max(head - header_row, 0)
            yield Table(tuple(rows[head]), rows[head + 1 : last], part, above=above)
    if len(heads) > MOST:
        yield Unreadable(f"only the first {MOST} tables of the file were read", part)


def _may_hold_another(lines: Sequence[str]) -> bool:
    """Say, at the speed of copying, whether two lines or more hold no digit."""
    digits = "\n".join(lines).encode("utf-8", "replace").translate(None, _DROPPED)
    first, last = digits.startswith(b"\n"), digits.endswith(b"\n")
    if b"\n\n" not in digits:  # nor is it in most: the header alone has none
        return first and last
    return digits.split(b"\n").count(b"") > 1


def _is_header(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Say whether a row names columns: different names, and values in the row after it."""
    first = next(filter(None, rows[number]), "")
    if not first or not _NAME.fullmatch(first):  # most rows begin with a value, and end here
        return False
    below = rows[number + 1]
    if not _holds_value(below):
        return False
    cells = [cell for cell in rows[number] if cell]
    return (
        all(map(_NAME.fullmatch, cells))
        and len(cells) + 1 >= sum(map(bool, below))
        and (len(cells) > 1 or len(below) == 1)
        and len(set(cells)) == len(cells)
        and not any(cell.lower() in _NO_NAMES for cell in cells)
    )


def _holds_value(row: Sequence[str]) -> bool:
    return any(map(_VALUE.match, row))


def _without_tail(rows: Sequence[Sequence[str]], start: int, end: int) -> int:
    """Give where the rows from `start` end if notes behind the last value are left out."""
    while end > start + 1 and not _holds_value(rows[end - 1]):
        end -= 1
    return end
