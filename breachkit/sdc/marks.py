"""What people write where a count was taken out.

Source: the marks of 1,802 released tables. `NA`, `NaN`, `-` and an empty cell are also what a
missing coefficient leaves, so they say nothing by themselves; `[REDACTED]` is OpenSAFELY's
convention (documentation, "Disclosivity checks and redaction").
"""

import enum
import functools
import re


REDACTED = "[REDACTED]"
"""What is written where a count is taken out: easy to search for, and nothing else leaves it."""


class Mark(enum.Enum):
    """What a cell without a number is."""

    SUPPRESSION = enum.auto()
    """Only suppression leaves it: [REDACTED], <=5, *."""
    AMBIGUOUS = enum.auto()
    """A missing value leaves it too: NA, NaN, -."""
    EMPTY = enum.auto()


_AMBIGUOUS = frozenset({
    "na", "n/a", "n.a.", "nan", "none", "null", "nil", "missing", "<na>", "#n/a", "inf", "-inf",
    "not available", "not applicable", ".", "..", "...", "-", "--", "---", "\N{EN DASH}", "\N{EM DASH}",
})  # fmt: skip
_SUPPRESSION = re.compile(
    r"[\[({<]?\s*(?:redacted|suppressed|supp(?:r)?|masked|hidden|withheld|removed|disclosive|censored)\s*[\])}>]?"
    r"|\[(?:c|s|x|low|z)\]|\((?:c|s|x)\)|x{2,3}|\*{1,3}|#+|\N{BULLET}"
    r"|(?:<|<=|=<|\N{LESS-THAN OR EQUAL TO}|&lt;=?|less than|fewer than)\s*=?\s*(?:1[0-5]|[4-9])(?:\s*\(.{0,20}\))?"
    r"|(?:1[0-5]|[4-9])\s*or\s*(?:fewer|less)",
    re.IGNORECASE,
)
_LONGEST = 40
WORDS_BEGIN = frozenset({
    "re", "su", "ma", "hi", "wi", "di", "ce", "xx", "le", "fe", "na", "n/", "n.", "no", "nu", "ni", "mi", "in",
})  # fmt: skip
"""The first two characters, in lower case, of every mark that begins with a letter."""


@functools.lru_cache(maxsize=1 << 12)
def mark_of(cell: str) -> Mark | None:
    """Say what kind of mark a stripped cell is, or None where it is none."""
    if not cell:
        return Mark.EMPTY
    if len(cell) > _LONGEST or ("0" <= cell[0] <= "9" and not cell[-1].isalpha()):
        return None
    if cell.lower() in _AMBIGUOUS:
        return Mark.AMBIGUOUS
    return Mark.SUPPRESSION if _SUPPRESSION.fullmatch(cell) else None
