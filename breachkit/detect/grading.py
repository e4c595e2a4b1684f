"""How severe a finding about counts is, given what speaks for and against it: one scale for all rules."""

import dataclasses
from collections.abc import Mapping, Sequence

from breachkit.detect.paths import is_codelist, is_invented
from breachkit.detect.rule import FileContext
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import MAX_ROWS, Confidence, Hit, Location, Severity
from breachkit.sdc.dummy import is_of_round_cohort


UNDECIDED = "not judged to the end"
"""What a rule says where it stopped: it found nothing there, and there may be something."""


def is_undecided(hit: Hit) -> bool:
    """Say whether a rule tells of what it left open, and of nothing that it found."""
    return UNDECIDED in hit.message


def undecided(
    rule: str, what: str, table: Table, context: FileContext, why: str = "the table is too large"
) -> Hit:
    """Say of a table that a limit of work kept a rule from looking at all of it.

    Args:
        rule: The id of the rule.
        what: What there may be more of, in the plural.
        table: The table.
        context: What is known of its file.
        why: What kept it.
    """
    severity, reason = by_path(Severity.LOW, table, context)
    return Hit(
        rule=rule,
        severity=severity,
        confidence=Confidence.LOW,
        message=f"{what} {UNDECIDED}: {why}{reason}",
        location=location(table, {}),
    )


def by_path(severity: Severity, table: Table, context: FileContext) -> tuple[Severity, str]:
    """Lower a severity where the path, or a print-out itself, speaks against results about patients.

    Every path must: a copy under another name is judged by that name. What stands in a message,
    or has no path, is judged like an output.

    Returns:
        The severity, and the reason to append to the message (empty where it stands).
    """
    if table.is_called_dummy:
        return min(severity, Severity.LOW), "; the print-out says that its data are dummy data"
    if table.part == "message" or not context.paths:
        return severity, ""
    if not context.is_output and is_codelist(context):
        return min(severity, Severity.LOW), "; the path is that of a list of codes"
    if is_invented(context):
        return min(severity, Severity.LOW), "; the path says that the data are invented"
    if not context.is_output:
        return _elsewhere(severity, table)
    return severity, ""


def _elsewhere(severity: Severity, table: Table) -> tuple[Severity, str]:
    """Lower a severity outside of outputs: further, where the data have a round number of rows."""
    words = "; the path is not one of outputs"
    if is_of_round_cohort(table):
        rows = "its data have a round number of rows, as invented ones do"
        return min(severity, Severity.LOW), f"{words}; {rows}"
    return min(severity, Severity.MEDIUM if severity >= Severity.HIGH else Severity.LOW), words


def location(table: Table, rows_by_column: Mapping[int, Sequence[int]]) -> Location:
    """Say where cells are: rows counted from 1 under the header, columns by their labels.

    Args:
        table: The table that holds them.
        rows_by_column: For each column (counted from 0) the rows of its cells.
    """
    rows = sorted({row for rows in rows_by_column.values() for row in rows})
    return Location(
        part=table.part,
        rows=tuple(rows[:MAX_ROWS]),
        columns=tuple(column_label(table.header, index) for index in sorted(rows_by_column)),
        cells=sum(map(len, rows_by_column.values())),
    )


def in_names(table: Table, rows_by_column: Mapping[int, Sequence[int]]) -> Location:
    """Say where names of columns (row 0) and of rows are; a column of names is given by its number.

    A name that states a count may also say whose, so that none is shown but those of columns, whose
    numbers `column_label` masks.
    """
    found = location(table, rows_by_column)
    return dataclasses.replace(found, rows=tuple(row for row in found.rows if row))


def how_many(rows_by_column: Mapping[int, Sequence[int]]) -> str:
    """Write `12 cells of 2 count columns`."""
    cells = sum(map(len, rows_by_column.values()))
    return f"{_plural(cells, 'cell')} of {_plural(len(rows_by_column), 'count column')}"


def verb(rows_by_column: Mapping[int, Sequence[int]], singular: str, plural: str) -> str:
    """Choose the verb that agrees with `how_many`."""
    return singular if sum(map(len, rows_by_column.values())) == 1 else plural


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
