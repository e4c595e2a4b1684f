"""Measures files of ehrQL and of the cohort-extractor: who counts, and which counts are legal.

Source: ehrQL b5a7578 (2023-11-24): a numerator or denominator up to 7 becomes 0, any other is
rounded to the nearest 5, unless disclosure control is switched off. cohort-extractor f2b9bc4
(since 2021-04-08): counts from 1 to 5 become empty, if `small_number_suppression` is switched on.
"""

import enum
import math

from breachkit.documents.table import Table
from breachkit.model.records import dataclass
from breachkit.sdc.asking import Header, of_header, of_table
from breachkit.sdc.count_cells import column, count_of


class Tool(enum.Enum):
    """What wrote a measures file."""

    EHRQL = "ehrQL"
    COHORT_EXTRACTOR = "cohort-extractor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The columns of a measures file that count people, counted from 0."""

    tool: Tool
    numerator: int
    denominator: int


EHRQL_HEADER = ("measure", "interval_start", "interval_end", "ratio", "numerator", "denominator")

_CHECKED_ROWS = 50
_EXTRACTOR_THRESHOLD = 5


@of_table
def measures_of(table: Table) -> Measures | None:
    """Recognise a measures file by its header, and the cohort-extractor's by its arithmetic too."""
    named = _named(table.header)
    if named is None or named.tool is Tool.EHRQL:
        return named
    return named if _keeps_its_ratio(table, named.denominator + 1) else None


@of_header
def _named(header: Header) -> Measures | None:
    """Give what the header promises: that of ehrQL, or `<groups>, <numerator>, <denominator>, value[, date]`.

    The names of the cohort-extractor's columns are the study's own, so that `value` must be their ratio.
    """
    names = [name.lower() for name in header]
    if set(EHRQL_HEADER) <= set(names):
        return Measures(
            tool=Tool.EHRQL,
            numerator=names.index("numerator"),
            denominator=names.index("denominator"),
        )
    if names[-2:] != ["value", "date"] and names[-1:] != ["value"]:
        return None
    ratio = names.index("value")
    if ratio < 2:
        return None
    return Measures(tool=Tool.COHORT_EXTRACTOR, numerator=ratio - 2, denominator=ratio - 1)


def _keeps_its_ratio(table: Table, ratio: int) -> bool:
    """Say whether the ratio is one in the first rows, and in the first at all that tells."""
    is_known = False
    for number, row in enumerate(table.rows):
        if number >= _CHECKED_ROWS and is_known:
            break
        check = _is_ratio(row[ratio - 2], row[ratio - 1], row[ratio]) if len(row) > ratio else None
        if check is False:
            return False
        is_known = is_known or check is not None
    return is_known


def _is_ratio(numerator: str, denominator: str, ratio: str) -> bool | None:
    """Say whether the third cell is the first by the second; None where that cannot be said."""
    try:
        top, bottom, value = float(numerator), float(denominator), float(ratio)
    except ValueError:
        return None
    if not (bottom > 0 and math.isfinite(top) and math.isfinite(value)):
        return None
    return abs(top / bottom - value) <= 1e-3 * max(abs(value), 1e-3)


def unprotected_rows(table: Table, measures: Measures, threshold: int) -> dict[int, list[int]]:
    """Find the cells that disclosure control would not have left.

    Args:
        table: The measures file.
        measures: Its columns.
        threshold: The largest count that the policy in force keeps back.

    Returns:
        For each column (counted from 0) with such cells, their rows (counted from 1).
    """
    found: dict[int, list[int]] = {}
    for index in (measures.numerator, measures.denominator):
        counts = map(count_of, column(table, index))  # whatever else stands among them
        rows = [
            number
            for number, count in enumerate(counts, start=1)
            if count is not None and not is_legal(count, measures.tool, threshold)
        ]
        if rows:
            found[index] = rows
    return found


def is_legal(count: int, tool: Tool, threshold: int) -> bool:
    """Say whether a tool's disclosure control leaves such a count, and the policy allows it.

    What ehrQL leaves is allowed by any threshold; the cohort-extractor knew no other than 5.
    """
    match tool:
        case Tool.EHRQL:
            return count % 5 == 0 and count != 5
        case Tool.COHORT_EXTRACTOR:
            return not 1 <= count <= max(threshold, _EXTRACTOR_THRESHOLD)
