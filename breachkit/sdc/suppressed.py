"""What was visibly taken out of a table: marks in its cells, and rows that say so.

Source: the marks of 1,802 released tables of 24 study repositories; tidy tables of R carry a column
called `redacted`.
"""

import re
from collections.abc import Sequence

from breachkit.documents.table import Table
from breachkit.sdc.count_cells import column, count_of
from breachkit.sdc.count_names import normal
from breachkit.sdc.intervals import ANY, Interval
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.stated import without_share


MAX_COLUMNS = 120


def has_marks(table: Table) -> bool:
    """Say quickly whether something was visibly taken out of a table."""
    return bool(marked_columns(table) or flagged_rows(table))


def marked_columns(table: Table) -> tuple[int, ...]:
    """Give the columns (from 0) with marks that only suppression leaves.

    Several rules ask this of the same table, one after the other: the last answer is kept.
    """
    if not _last or _last[0][0] is not table:
        _last[:] = [(table, _marked_columns(table))]
    return _last[0][1]


_last: list[tuple[Table, tuple[int, ...]]] = []
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


def _marked_columns(table: Table) -> tuple[int, ...]:
    width = min(len(table.header), MAX_COLUMNS)
    if len(table.rows) * width > _MAX_CELLS:
        return ()
    return tuple(index for index in range(width) if _is_marked(column(table, index)))


def _is_marked(cells: Sequence[str]) -> bool:
    """Say whether a column of counts and marks holds a mark; most are neither, as the first cells tell."""
    sample = cells[:_SAMPLE]
    if sum(map(_may_be_count, sample)) * 2 < len(sample):
        return False
    different = set(cells)
    joined = "\n".join(different).lower()
    return any(sign in joined for sign in _SIGNS) and any(
        suppression_of(cell) for cell in different
    )


def suppression_of(cell: str) -> bool:
    """Say whether a cell holds a mark that only suppression leaves, with or without a percentage behind."""
    if mark_of(cell) is Mark.SUPPRESSION:
        return True
    return cell[-1:] in {")", "]"} and mark_of(without_share(cell)) is Mark.SUPPRESSION


def _may_be_count(cell: str) -> bool:
    return (
        cell.isdecimal() or count_of(cell) is not None or mark_of(without_share(cell)) is not None
    )


def without_share_behind_mark(cell: str) -> str:
    """Write `[REDACTED] (3.4%)` as `[REDACTED]`, and leave counts as they are."""
    return without_share(cell) if suppression_of(cell) else cell


_FLAG_NAME = re.compile(r"(?:is_|was_)?(?:redact(?:ed)?|suppress(?:ed)?)")
_FLAG_ENDS = {"ed", "ct", "ss"}
_TRUE = {"true", "t", "yes", "1"}
_FLAGS = _TRUE | {"false", "f", "no", "0", ""}


def flagged_rows(table: Table) -> frozenset[int]:
    """Give the rows (from 0) that a column called `redacted` says to be so, as tidy tables of R have it."""
    for index, name in enumerate(table.header[:MAX_COLUMNS]):
        if (
            len(name) < 20
            and name[-2:].lower() in _FLAG_ENDS
            and _FLAG_NAME.fullmatch(normal(name))
        ):
            cells = [cell.lower() for cell in column(table, index)]
            if set(cells) <= _FLAGS:
                return frozenset(row for row, cell in enumerate(cells) if cell in _TRUE)
    return frozenset()


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
