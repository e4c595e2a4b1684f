"""How severe a finding is, given where the file lies: the same for every rule about counts."""

from collections.abc import Iterable, Mapping, Sequence

from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_codelist_path, is_dummy_path
from breachkit.documents.table import Table, column_label
from breachkit.model.findings import MAX_ROWS, Location, Severity


def graded(severity: Severity, context: FileContext, table: Table) -> tuple[Severity, str]:
    """Lower a severity where the path speaks against results about patients.

    Returns:
        The severity, and the reason to append to the message (empty where it stands).
    """
    if table.part == "message":
        return severity, ""
    paths = context.paths
    if paths and all(map(is_codelist_path, paths)):
        return min(severity, Severity.LOW), "; the path is that of a list of codes"
    if paths and all(map(is_dummy_path, paths)):
        return min(severity, Severity.LOW), "; the path says that the data are invented"
    if not context.is_output and paths:
        return min(severity, Severity.MEDIUM), "; the path is not one of outputs"
    return severity, ""


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


def plural(number: int, noun: str) -> str:
    """Write `1 cell`, `2 cells`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def how_many(rows_by_column: Mapping[int, Iterable[int]]) -> str:
    """Write `12 cells of 2 count columns`."""
    cells = sum(len(list(rows)) for rows in rows_by_column.values())
    return f"{plural(cells, 'cell')} of {plural(len(rows_by_column), 'count column')}"
