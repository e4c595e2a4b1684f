"""How many people an output is about, and a model's degrees of freedom, as the output prints them.

A number is given only as it is printed, and only above the threshold: what is smaller, or was taken
out, is named by its place alone. Nothing is added up: a sum that nobody printed is a number that
nobody released.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.actions.request import Stated
from breachkit.documents.table import Origin, Table, Text, TextKind, column_label
from breachkit.model.ids import display
from breachkit.model.patterns import regex
from breachkit.sdc.cells import Released, Suppressed
from breachkit.sdc.count_cells import column, count_of
from breachkit.sdc.count_grid import HEADER, Grid, grid_over
from breachkit.sdc.count_names import header_count, normal
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.margin_labels import total_lines
from breachkit.sdc.marks import Mark, mark_of


MOST = 4
"""Numbers of one sort that are given of a table, the largest first."""
_MOST_CELLS = 100_000
_SMALL = "it is at or below the threshold, and is not written here"
_TAKEN_OUT = "it was taken out"


def _stated(where: str, number: int | None, threshold: int) -> Stated:
    if number is None:
        return Stated(where=where, why=_TAKEN_OUT)
    if number <= threshold:
        return Stated(where=where, why=_SMALL)
    return Stated(where=where, number=number)


def _largest(found: Iterable[Stated]) -> tuple[Stated, ...]:
    """Give the largest that may be written, else why none may be."""
    known = sorted(dict.fromkeys(found), key=lambda each: -(each.number or 0))
    return tuple([each for each in known if each.number is not None][:MOST] or known[:1])


# --- Populations --------------------------------------------------------------------------------

_DENOMINATOR = regex(
    r"(?:.*_)?(?:denominators?|denom|population|pop|list_?size|cohort_?size|sample_?size|n_?total|total_?n|n_?nonmiss|n_?pop)(?:_(?:mid_?point_?\d*|rounded\d*|mp6|derived))*"
)


def populations_of(table: Table, threshold: int) -> tuple[Stated, ...]:
    """Give the largest total, `N=` or denominator that a table prints, each with its place."""
    found = [*_in_header(table, threshold)]
    known = count_columns(table)
    if known and len(table.rows) * len(known) <= _MOST_CELLS:
        grid = grid_over(table, [each.index for each in known])
        found += _totals(table, grid, threshold)
    found += _denominators(table, known, threshold)
    return _largest(found)


def _in_header(table: Table, threshold: int) -> Iterator[Stated]:
    for at, name in enumerate(table.header):
        count = header_count(name)
        if count is not None:
            yield _stated(f"the header of column {at + 1}", count, threshold)


def _totals(table: Table, grid: Grid, threshold: int) -> Iterator[Stated]:
    for line in total_lines(grid):
        row = grid.rows[line]
        if row == HEADER:
            continue
        for at in grid.columns:
            cell = grid.cells.get((row, at))
            where = f"the total in row {row + 1}, column {_label(table, at)}"
            if isinstance(cell, Released):
                yield _stated(where, cell.count, threshold)
            elif isinstance(cell, Suppressed):
                yield _stated(where, None, threshold)


def _denominators(table: Table, known: Sequence[CountColumn], threshold: int) -> Iterator[Stated]:
    for found in known:
        if _DENOMINATOR.fullmatch(normal(table.header[found.index])):
            counts = [count for count in found.counts if count is not None]
            where = f"the largest in column {_label(table, found.index)}"
            yield _stated(where, max(counts, default=None), threshold)


def _label(table: Table, at: int) -> str:
    label = display(column_label(table.header, at))
    return label.removeprefix("column ") if label == f"column {at + 1}" else label


# --- Models -------------------------------------------------------------------------------------

_ESTIMATE = regex(
    r"estimates?|est|coef|coeff|coefficients?|beta|hr|or|rr|irr|haz_ratio|hazard_ratio|odds_ratio|exp_coef|exp_estimate"
)
_SPREAD = regex(
    r"se|se_coef|std_?err(?:or)?|robust_se|standard_error|p|p_?values?|pval|p_[zt]|pr_.{1,6}|z|t|[zt]_value|statistic"
    r"|(?:.*_)?(?:lower|lcl|lci|ll|ci_low|conf_low|upper|ucl|uci|ul|conf_high)(?:_.*)?|.*\bci\b.*|95_?%_conf_interval"
)
_OBSERVATIONS = regex(
    r"n_?obs|obs|observations|n|n_?total|sample_?size|n_?patients|num_?obs|number_of_obs(?:ervations)?|no_of_(?:obs(?:ervations)?|subjects)|number_of_(?:subjects|observations|groups)"
)
_FREEDOM = regex(
    r"df|dof|degrees_?of_?freedom|d_f|df_?(?:m|r|model|residuals?|null)|(?:residual|null|model)_df"
)
_STATEMENT = regex(
    r"(?:number|no\.?|num|total|count) (?:of )?(?:obs|observations|subjects|patients|people|participants|individuals)|n|(?:total )?(?:observations?|subjects?)(?: remaining.*)?",
    re.IGNORECASE,
)


def is_model(table: Table) -> bool:
    """Say whether a table has estimates beside what says how sure they are."""
    names = [normal(name) for name in table.header[:200]]
    return any(map(_ESTIMATE.fullmatch, names)) and any(map(_SPREAD.fullmatch, names))


def observations_of(table: Table, threshold: int) -> tuple[Stated, ...]:
    """Give how many observations a table says that something was computed from."""
    if table.origin is Origin.PRINTED and table.header == ("", "n"):
        return _largest(_statements(table, threshold))
    return _largest(_named(table, _OBSERVATIONS, threshold)) if is_model(table) else ()


def _statements(table: Table, threshold: int) -> Iterator[Stated]:
    for row in table.rows:
        if len(row) > 1 and _STATEMENT.fullmatch(row[0]):
            number = count_of(row[1])
            if number is not None or mark_of(row[1]) is Mark.SUPPRESSION:
                yield _stated(f"what is printed as {' '.join(row[0].split())}", number, threshold)


def freedom_of(table: Table, threshold: int) -> tuple[Stated, ...]:
    """Give the degrees of freedom that a table states."""
    return _largest((*_named(table, _FREEDOM, threshold), *_by_row(table, threshold)))


def _named(table: Table, names: re.Pattern[str], threshold: int) -> Iterator[Stated]:
    for at, name in enumerate(table.header[:200]):
        if not names.fullmatch(normal(name)):
            continue
        cells = [cell for cell in column(table, at) if cell]
        counts = {count for cell in cells if (count := count_of(cell)) is not None}
        where = f"column {_label(table, at)}"
        if len(counts) == 1:
            yield _stated(where, counts.pop(), threshold)
        elif counts:
            yield _stated(f"{where}, which has several; the largest", max(counts), threshold)


def _by_row(table: Table, threshold: int) -> Iterator[Stated]:
    for number, row in enumerate(table.rows[:_MOST_ROWS]):
        if row and row[0] and _FREEDOM.fullmatch(normal(row[0])):
            counts = [count for cell in row[1:] if (count := count_of(cell)) is not None]
            if counts:
                yield _stated(f"row {number + 1}", max(counts), threshold)


_MOST_ROWS = 5_000
_PRINTED = regex(
    r"(?P<number>\d[\d,]{0,14})\s+(?:residual\s+)?(?:degrees of freedom|d\.?f\.?)\b"
    r"|(?:degrees of freedom|\bd\.?f\.?)\s*[=:]\s*(?P<after>\d[\d,]{0,14})(?!\.\d)"
    r"|\bF\(\s*\d{1,6}\s*,\s*(?P<residual>\d{1,12})\s*\)"
    r"|\bchi2\(\s*(?P<chi2>\d{1,6})\s*\)",
    re.IGNORECASE,
)
_LONGEST_TEXT = 1_000_000


def printed_freedom(text: Text, threshold: int) -> tuple[Stated, ...]:
    """Give the degrees of freedom that a print-out states in words, each with its line (from 1)."""
    if text.kind is not TextKind.PRINTED:
        return ()
    found: list[Stated] = []
    for at, line in enumerate(text.text[:_LONGEST_TEXT].splitlines(), start=1):
        for match in _PRINTED.finditer(line[:400]):
            number = next(filter(None, match.groups()))
            found.append(_stated(f"line {at:,}", int(number.replace(",", "")), threshold))
    return _largest(found)
