"""What was visibly taken out of a table: marks in its cells, and rows that say so.

Source: the marks of 1,802 released tables of 24 study repositories; tidy tables of R carry a column
called `redacted`.
"""

import re
from collections.abc import Sequence

from breachkit.documents.table import Table
from breachkit.sdc.asking import Header, OfCells, of_column, of_header, of_table
from breachkit.sdc.count_cells import column, count_of, has_numbers_only, wordy_columns
from breachkit.sdc.count_names import normal
from breachkit.sdc.intervals import ANY, Interval
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.stated import without_share


MAX_COLUMNS = 120


def has_marks(table: Table) -> bool:
    """Say quickly whether something was visibly taken out of a table."""
    return bool(marked_columns(table) or flagged_rows(table))


@of_table
def marked_columns(table: Table) -> tuple[int, ...]:
    """Give the columns (from 0) with marks that only suppression leaves."""
    width = min(len(table.header), MAX_COLUMNS)
    if len(table.rows) * width > _MAX_CELLS:
        return ()
    wordy = [index for index in wordy_columns(table) if index < width]
    return tuple([index for index in wordy if _is_marked(column(table, index))])


@of_table
def marks_left_out(table: Table) -> tuple[int, ...]:
    """Give the columns (from 0) with such marks that `marked_columns` does not look at: there are too many."""
    is_large = len(table.rows) * min(len(table.header), MAX_COLUMNS) > _MAX_CELLS
    if not is_large and len(table.header) <= MAX_COLUMNS:
        return ()
    left = (index for index in wordy_columns(table) if is_large or index >= MAX_COLUMNS)
    return tuple([index for index in left if _is_marked(column(table, index))])


_MAX_CELLS = 1_000_000
_SAMPLE = 8
_SIGNS = (
    *(
        "[",
        "<",
        "*",
        "#",
        "(c)",
        "(x)",
        "{",
        "\N{BULLET}",
        "\N{LESS-THAN OR EQUAL TO}",
        "&lt;",
        "xx",
    ),
    *(
        "redact",
        "suppr",
        "mask",
        "hidden",
        "withheld",
        "removed",
        "disclosive",
        "censored",
        "or less",
    ),
    *("or fewer", "less than", "fewer than", "supp"),
)
"""What every mark that only suppression leaves holds one of, in lower case."""


@of_column
def _is_marked(cells: Sequence[str]) -> bool:
    """Say whether a column of counts and marks holds a mark; most are neither, as some cells tell."""
    step = len(cells) // _SAMPLE + 1  # two steps, for words may stand in every so many rows
    samples = (cells[:_SAMPLE], cells[_SAMPLE::step], cells[_SAMPLE :: step + 1])
    if not any(map(_may_count, samples)):
        return False
    return may_hold_marks(cells) and any(map(suppression_of, set(cells)))


def _may_count(sample: Sequence[str]) -> bool:
    """Say whether half of some cells at least may be counts or marks."""
    return sum(map(_MAY_BE_COUNTS.__getitem__, sample)) * 2 >= len(sample) > 0


def may_hold_marks(cells: Sequence[str]) -> bool:
    """Say, at the speed of copying, whether some cell may hold a mark that only suppression leaves."""
    if has_numbers_only(cells):
        return False
    joined = "".join(cells).lower()
    return any(sign in joined for sign in _SIGNS)


def suppression_of(cell: str) -> bool:
    """Say whether a cell holds a mark that only suppression leaves, with or without a percentage behind."""
    if mark_of(cell) is Mark.SUPPRESSION:
        return True
    return cell[-1:] in {")", "]"} and mark_of(without_share(cell)) is Mark.SUPPRESSION


def _may_be_count(cell: str) -> bool:
    return (
        cell.isdecimal() or count_of(cell) is not None or mark_of(without_share(cell)) is not None
    )


_MAY_BE_COUNTS = OfCells(_may_be_count)


def without_share_behind_mark(cell: str) -> str:
    """Write `[REDACTED] (3.4%)` as `[REDACTED]`, and leave counts as they are."""
    return without_share(cell) if suppression_of(cell) else cell


_FLAG_NAME = re.compile(r"(?:is_|was_)?(?:redact(?:ed)?|suppress(?:ed)?)")
_FLAG_ENDS = {"ed", "ct", "ss"}
_TRUE = {"true", "t", "yes", "1"}
_FLAGS = _TRUE | {"false", "f", "no", "0", ""}


def flagged_rows(table: Table) -> frozenset[int]:
    """Give the rows (from 0) that a column called `redacted` says to be so, as tidy tables of R have it."""
    for index in _flags(table.header):
        cells = [cell.lower() for cell in column(table, index)]
        if set(cells) <= _FLAGS:
            return frozenset(row for row, cell in enumerate(cells) if cell in _TRUE)
    return frozenset()


@of_header
def _flags(header: Header) -> tuple[int, ...]:
    return tuple(
        index
        for index, name in enumerate(header)
        if len(name) < 20 and name[-2:].lower() in _FLAG_ENDS and _FLAG_NAME.fullmatch(normal(name))
    )


_LIMIT = re.compile(
    r"(?P<under><|&lt;|less than|fewer than)?\s*(?P<equal>=|or equal to)?\s*(?P<number>\d{1,2})",
    re.IGNORECASE,
)


def prior_of(cell: str) -> Interval:
    """Give what a mark says of its count: `<=5` and `5 or fewer` at most 5, `<6` less than 6.

    Zero is never ruled out, since some write a zero so too.
    """
    plain = cell.replace("\N{LESS-THAN OR EQUAL TO}", "<=").replace("=<", "<=")
    found = _LIMIT.search(without_share(plain))
    if found is None or not suppression_of(cell):
        return ANY
    limit = int(found["number"])
    return Interval(0, limit - 1 if found["under"] and not found["equal"] else limit)
