"""LOG-03: smallest and largest values in print-outs, each of which is one person's."""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.detect.grading import by_path, location
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Origin, Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.patterns import regex
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_names import normal


class PrintedExtremes:
    """Finds the smallest and largest values of something measured on people, in print-outs."""

    about = About(
        id="LOG-03",
        title="Smallest and largest values in a print-out",
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        why=(
            "The smallest and the largest value of anything that was measured on people belong to "
            "one person or two. Somebody who knows who has the highest blood pressure, or the "
            "longest stay, finds that person in the data."
        ),
        example=(
            "A Stata log with summarize bmi, detail, which lists the four smallest and the four "
            "largest values. A minimum and a maximum alone are low. Ages, dates and years, flags "
            "and codes of categories are no finding."
        ),
        remedy=(
            "Take the log out of the whole history. Print means and standard deviations, and "
            "percentiles that many people lie beyond, rounded, in place of extremes."
        ),
        source=(
            "OpenSAFELY documentation, statistical disclosure control: redact maxima and minima, "
            "but for broad facts about the sample; requesting file release: no logs (2022-08-01)"
        ),
    )
    needs = Need.PRINTED

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for a print-out that states extremes of something measured."""
        if table.origin is not Origin.PRINTED:
            return
        listed = _listed(table)
        found = listed or dict(_stated(table))
        if not found:
            return
        usual = Severity.MEDIUM if listed else Severity.LOW
        severity, reason = by_path(usual, table, context)
        words = "the smallest and largest values are listed" if listed else "a minimum or maximum"
        yield Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.MEDIUM if listed else Confidence.LOW,
            message=f"{words} of something measured on people: each is one person's{reason}",
            location=location(table, found),
        )


_EXTREMES = frozenset({"smallest", "largest"})
_STATISTIC = regex(r"min(?:imum)?\.?|max(?:imum)?\.?", re.IGNORECASE)
_NUMBER = regex(r"-?[\d,]{0,15}\.?\d{0,15}(?:e[-+]?\d{1,3})?")
_NOT_MEASURED = regex(
    r"(?:^|_)(?:age|ages|aged|year|years|yob|dob|birth|date|dates|day|days|week|weeks|month|months|time|start|end|entry"
    r"|exit|t|t0|id|imd|quintile|decile|dose|stp|msoa|region|code|seed|weight_w|iw|pw|xb|lp\d{0,3}|p|pr|ps|score|z|spline\d{0,2}"
    r"|age\d{1,2})(?:_|$)|date$|^date|^stime|^follow|^fup|^_t|^_d|patient"
)
_MOST_CODES = 20
"""Whole numbers up to this may be codes of categories."""


def _is_measured(name: str, values: Sequence[str]) -> bool:
    """Say whether values may be measured on people: no time, no flag, no code."""
    if _NOT_MEASURED.search(normal(name)):
        return False
    numbers = [number for value in values if (number := _number(value)) is not None]
    return any(abs(number) > _MOST_CODES or not number.is_integer() for number in numbers)


def _number(cell: str) -> float | None:
    if not cell or not _NUMBER.fullmatch(cell):
        return None
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        return None


def _listed(table: Table) -> dict[int, list[int]]:
    """Give the rows (from 1) that Stata calls smallest and largest, under the name in the header."""
    if len(table.header) != 2:
        return {}
    values = column(table, 1)
    rows = [number for number, kind in enumerate(column(table, 0), start=1) if kind in _EXTREMES]
    if not rows or not _is_measured(table.header[0], [values[row - 1] for row in rows]):
        return {}
    return {1: rows}


def _stated(table: Table) -> Iterator[tuple[int, list[int]]]:
    """Give the cells of minima and maxima: below such a name, or behind one."""
    if any(map(_STATISTIC.fullmatch, table.header)):
        yield from _below_names(table)
    else:
        yield from _behind_names(table)


def _below_names(table: Table) -> Iterator[tuple[int, list[int]]]:
    labels = column(table, 0)
    for index, name in enumerate(table.header):
        if index and _STATISTIC.fullmatch(name):
            cells = column(table, index)
            rows = [
                number
                for number, (label, cell) in enumerate(zip(labels, cells, strict=True), start=1)
                if _is_measured(label, [cell])
            ]
            if rows:
                yield index, rows


def _behind_names(table: Table) -> Iterator[tuple[int, list[int]]]:
    """Read what names statistics in its rows: `describe`, and `summary` in R."""
    is_long = table.header[:2] == ("variable", "statistic")
    names = column(table, 1 if is_long else 0)
    rows = [number for number, name in enumerate(names, start=1) if _STATISTIC.fullmatch(name)]
    if not rows:
        return
    for index in range(2 if is_long else 1, len(table.header)):
        cells = column(table, index)
        kept = [
            row
            for row in rows
            if _is_measured(_name(table, row, index, is_long=is_long), [cells[row - 1]])
        ]
        if kept:
            yield index, kept


def _name(table: Table, row: int, index: int, *, is_long: bool) -> str:
    return table.rows[row - 1][0] if is_long else table.header[index]
