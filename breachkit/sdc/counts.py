"""Which columns of a table count people, and which counts they hold.

Two thirds of released tables hold a whole number from 1 to 5 somewhere: a category's code, a
week, a dose, the number of a model. So cells are counts only where something says so: the column's
name, the row's name, a percentage behind the number, or a rate that is the number divided by a
population. And a column that holds anything but whole numbers and marks counts nobody.

Source: 1,802 released tables of 24 study repositories.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from breachkit.documents.table import Table, column_label
from breachkit.sdc.count_cells import column, count_of, whole_counts
from breachkit.sdc.count_names import (
    Role,
    is_midpoint_name,
    is_rounded_name,
    is_statistic,
    normal,
    role_of,
)
from breachkit.sdc.marks import Mark, mark_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CountColumn:
    """A column that counts people, in some rows at least."""

    index: int
    """Counted from 0."""
    label: str
    role: Role
    counts: Sequence[int | None] = field(repr=False)
    """One per row; None where the cell holds no count."""
    midpoint: bool = False
    """Its name says that it was rounded to midpoints."""
    rounded: bool = False
    """Its name says that it was rounded to multiples."""


_WORDS_ALLOWED = 0.2
"""Share of the cells of a count column that may be words: a footnote, a header repeated."""
_SAMPLE_ROWS = 30
_HEADING_ROWS = 3
_CODES = 9
"""A column of a doubtful name with no number above this may as well hold codes."""
_FEW_ROWS = 10
_MAX_CANDIDATES = 40
_LABEL_COLUMNS = 5
_LONGEST_LABEL = 100
_MAX_LABELLED_ROWS = 2000

_ENDS_WITH_PERCENT = re.compile(r"%\s*[\])]$")
_ROW_OF_COUNTS = re.compile(
    r"\W*(?:n|no\.?|counts?|freq(?:uency)?|n\s*\(%\)|n,\s*%"
    r"|(?:total\s+)?(?:number|no\.?|n)\s+(?:of|in)\s+[\w -]{1,60}|n_[a-z_]{1,40}"
    r"|n\s+(?:events?|patients?|obs|people|total|missing))\W*",
    re.IGNORECASE,
)
_OBSERVATIONS = re.compile(r"n|n_?obs|obs|observations|n_?risk|n_at_risk")
_FRACTION = re.compile(r"\d{1,9}\.\d{1,17}")
_CODE_NAME = re.compile(
    r"(?:^|_)(?:codes?|snomed(?:code|_?ct)?|ctv3(?:id)?|read|icd_?10|dmd|bnf|vpid|concept_?id)(?:_|$)"
)
_SCALES = (1.0, 100.0, 1e3, 1e4, 1e5, 1e6)


def count_columns(table: Table) -> tuple[CountColumn, ...]:
    """Give the columns that count people, in the order of the table.

    Several rules ask this of the same table, one after the other: the last answer is kept.
    """
    if _last and _last[0][0] is table:
        return _last[0][1]
    found = _count_columns(table)
    _last[:] = [(table, found)]
    return found


_last: list[tuple[Table, tuple[CountColumn, ...]]] = []


def _count_columns(table: Table) -> tuple[CountColumn, ...]:
    headings = _heading_rows(table)
    found = {found.index: found for found in _by_name(table, headings)}
    for more in (_by_percentage, _by_row, _by_arithmetic):
        for other in more(table, headings, tuple(found.values())):
            found.setdefault(other.index, other)
    return tuple(found[index] for index in sorted(found))


def is_weighted(table: Table) -> bool:
    """Say whether the table counts observations by fractions, so that its counts may be weighted."""
    return any(
        _OBSERVATIONS.fullmatch(normal(name)) and any(map(_is_fraction, column(table, index)))
        for index, name in enumerate(table.header)
    )


def lists_codes(table: Table) -> bool:
    """Say whether the table has a row for each clinical code, as lists of how often they are used."""
    for index, name in enumerate(table.header):
        if _CODE_NAME.search(normal(name)):
            codes = [cell for cell in column(table, index) if cell]
            if len(codes) >= _FEW_ROWS and len(set(codes)) == len(codes):
                return True
    return False


def _is_fraction(cell: str) -> bool:
    return _FRACTION.fullmatch(cell) is not None and count_of(cell) is None


def _heading_rows(table: Table) -> int:
    """Count the first rows that carry on the header, as tables of pandas with several levels do."""
    sample = table.rows[: _HEADING_ROWS + 1]
    for number, row in enumerate(sample):
        if any(count_of(cell) is not None or mark_of(cell) is Mark.SUPPRESSION for cell in row):
            return number
    return 0


def _found(table: Table, index: int, role: Role, counts: Sequence[int | None]) -> CountColumn:
    name = table.header[index]
    return CountColumn(
        index=index,
        label=column_label(table.header, index),
        role=role,
        counts=counts,
        midpoint=is_midpoint_name(name),
        rounded=is_rounded_name(name),
    )


def _by_name(table: Table, headings: int) -> Iterator[CountColumn]:
    for index in range(len(table.header)):
        role = _role(table, headings, index)
        if role is Role.NONE:
            continue
        allowed = _WORDS_ALLOWED if role is Role.CERTAIN else 0.0
        counts = whole_counts(column(table, index), headings, allowed)
        if counts is not None and not (role is Role.POSSIBLE and _are_flags(counts)):
            yield _found(table, index, role, counts)


def _role(table: Table, headings: int, index: int) -> Role:
    """Judge a column by its name, and by the names that further header rows give it."""
    if not headings:
        return role_of(table.header[index])
    names = [
        table.header[index],
        *(row[index] for row in table.rows[:headings] if index < len(row)),
    ]
    if any(map(is_statistic, names)):
        return Role.NONE
    return max(map(role_of, names))


def _are_flags(counts: Sequence[int | None]) -> bool:
    known = [count for count in counts if count is not None]
    return max(known) <= 1 and len(known) >= _FEW_ROWS


def may_be_codes(found: CountColumn) -> bool:
    """Say whether a column may hold codes of categories: a doubtful name, and one digit in every cell."""
    known = [count for count in found.counts if count is not None]
    return found.role is Role.POSSIBLE and max(known) <= _CODES and len(known) >= _FEW_ROWS


def _by_percentage(
    table: Table, _headings: int, _known: Sequence[CountColumn]
) -> Iterator[CountColumn]:
    """Find columns whose cells are written as `n (p%)`, whatever their name."""
    sample = table.rows[:_SAMPLE_ROWS]
    candidates = {
        index
        for row in sample
        for index, cell in enumerate(row)
        if cell[-1:] == ")" and "%" in cell
    }
    for index in sorted(candidates):
        if index >= len(table.header):
            continue
        cells = column(table, index)
        counts = [count_of(cell) if _ENDS_WITH_PERCENT.search(cell) else None for cell in cells]
        if sum(1 for count in counts if count is not None) * 2 < sum(map(bool, cells)):
            continue
        yield _found(table, index, Role.CERTAIN, counts)


def _by_row(table: Table, _headings: int, known: Sequence[CountColumn]) -> Iterator[CountColumn]:
    """Find rows whose own name says that they count people, in tables that are not known yet."""
    if known or len(table.rows) > _MAX_LABELLED_ROWS:
        return
    labels = {cell[:_LONGEST_LABEL] for row in table.rows for cell in row[:_LABEL_COLUMNS]}
    if not any(map(_ROW_OF_COUNTS.fullmatch, labels)):
        return
    skipped = {index for index, name in enumerate(table.header) if is_statistic(name)}
    rows = {
        number: labelled
        for number, row in enumerate(table.rows)
        if (labelled := _labelled_counts(row, skipped))
    }
    for index in sorted({index for labelled in rows.values() for index in labelled}):
        if index < len(table.header):
            counts = [rows.get(number, {}).get(index) for number in range(len(table.rows))]
            yield _found(table, index, Role.CERTAIN, counts)


def _labelled_counts(row: Sequence[str], skipped: set[int]) -> dict[int, int]:
    """Give the counts to the right of a label such as `n`; none if other numbers are there too."""
    label = next(
        (
            at
            for at, cell in enumerate(row[:_LABEL_COLUMNS])
            if _ROW_OF_COUNTS.fullmatch(cell[:_LONGEST_LABEL])
        ),
        None,
    )
    if label is None:
        return {}
    found: dict[int, int] = {}
    for index in range(label + 1, len(row)):
        count = count_of(row[index])
        if count is not None and index not in skipped:
            found[index] = count
        elif row[index][:1].isdecimal() and index not in skipped:
            return {}
    return found


def _by_arithmetic(
    table: Table, headings: int, known: Sequence[CountColumn]
) -> Iterator[CountColumn]:
    """Find whole numbers that, divided by a count, give a rate that the table states."""
    rates = [index for index, name in enumerate(table.header) if _RATE.search(name)]
    if not rates or not known:
        return
    taken = {found.index for found in known}
    rows = table.rows[headings : headings + _SAMPLE_ROWS]
    for index, name in enumerate(table.header[:_MAX_CANDIDATES]):
        if index in taken or index in rates or is_statistic(name):
            continue
        if not any(
            _is_share(rows, index, whole.index, rate) for whole in known for rate in rates[:10]
        ):
            continue
        counts = whole_counts(column(table, index), headings)
        if counts is not None:
            yield _found(table, index, Role.CERTAIN, counts)


_RATE = re.compile(r"rate|ratio|per[ _.]|pct|percent|%|prop|incidence|prevalence", re.IGNORECASE)


def _is_share(rows: Sequence[Sequence[str]], part: int, whole: int, rate: int) -> bool:
    """Say whether `rate` is `part` by `whole`, times a power of ten, in every row that has all three."""
    scales = set(_SCALES)
    different: set[int] = set()
    for row in rows:
        if len(row) <= max(part, whole, rate):
            continue
        top, bottom = count_of(row[part]), count_of(row[whole])
        if top is None or not bottom:
            continue
        scales = {scale for scale in scales if _agrees(row[rate], scale * top / bottom)}
        if not scales:
            return False
        if top:
            different.add(top)
    return len(different) >= 3


def _agrees(cell: str, value: float) -> bool:
    """Say whether a cell states `value`, to the decimals that it prints."""
    try:
        stated = float(cell.rstrip("%"))
    except ValueError:
        return False
    decimals = len(cell.partition(".")[2].rstrip("%"))
    return abs(stated - value) <= max(0.51 * 10.0**-decimals, 1e-6 * abs(value))
