"""Which columns of a table count people, and which counts they hold.

Two thirds of released tables hold a whole number from 1 to 5 somewhere: a category's code, a
week, a dose, the number of a model. So cells are counts only where something says so: the column's
name, the row's name, a percentage behind the number, or a rate that is the number divided by a
population. And a column that holds anything but whole numbers and marks counts nobody.

Source: 1,802 released tables of 24 study repositories.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from breachkit.documents.table import Table, column_label
from breachkit.model.records import dataclass, field
from breachkit.sdc.asking import Header, OfCells, of_header, of_table
from breachkit.sdc.count_cells import (
    MOST_DIGITS,
    column,
    columns_with_signs,
    count_of,
    whole_counts,
    wordy_columns,
)
from breachkit.sdc.count_headers import counted_beside
from breachkit.sdc.count_names import (
    Role,
    is_midpoint_name,
    is_rounded_name,
    is_statistic,
    normal,
    role_of,
)
from breachkit.sdc.marks import Mark, mark_of
from breachkit.sdc.parts_in_cells import counts_of_wholes
from breachkit.sdc.search import Search
from breachkit.sdc.shares_in_cells import counts_with_shares


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
_LONGEST_LABEL = 100

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


@of_table
def count_columns(table: Table) -> tuple[CountColumn, ...]:
    """Give the columns that count people, in the order of the table."""
    headings = _heading_rows(table)
    found = {found.index: found for found in _by_name(table, headings)}
    found |= {found.index: found for found in _by_whole(table)}
    for more in (_by_percentage, _by_share, _by_row, _by_arithmetic):
        for other in more(table, headings, tuple(found.values())):
            found.setdefault(other.index, other)
    return tuple(found[index] for index in sorted(found))


@of_table
def is_weighted(table: Table) -> bool:
    """Say whether the table counts observations by fractions, so that its counts may be weighted."""
    return any(any(map(_is_fraction, column(table, at))) for at in _observations(table.header))


@of_header
def _observations(header: Header) -> tuple[int, ...]:
    return tuple(at for at, name in enumerate(header) if _OBSERVATIONS.fullmatch(normal(name)))


@of_table
def lists_codes(table: Table) -> bool:
    """Say whether the table has a row for each clinical code, as lists of how often they are used."""
    for index in _named_codes(table.header):
        codes = [cell for cell in column(table, index) if cell]
        if len(codes) >= _FEW_ROWS and len(set(codes)) == len(codes):
            return True
    return False


@of_header
def _named_codes(header: Header) -> tuple[int, ...]:
    return tuple(at for at, name in enumerate(header) if _CODE_NAME.search(normal(name)))


def _is_fraction(cell: str) -> bool:
    return _FRACTION.fullmatch(cell) is not None and count_of(cell) is None


def _heading_rows(table: Table) -> int:
    """Count the first rows that carry on the header, as tables of pandas with several levels do."""
    for number, row in enumerate(table.rows[: _HEADING_ROWS + 1]):
        if any(map(_is_short_number, row)) or any(map(_is_count_or_mark, row)):
            return number
    return 0


def _is_short_number(cell: str) -> bool:
    """Say of the plainest counts that they are some, at the least cost."""
    return cell.isdecimal() and len(cell) <= MOST_DIGITS


def _is_count_or_mark(cell: str) -> bool:
    return count_of(cell) is not None or mark_of(cell) is Mark.SUPPRESSION


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
    named = _roles(table.header) if not headings else _roles_below(table, headings)
    for index, role in named:
        allowed = _WORDS_ALLOWED if role is Role.CERTAIN else 0.0
        counts = whole_counts(column(table, index), headings, allowed)
        if counts is None or (role is Role.POSSIBLE and _are_flags(counts)):
            continue
        if not (role is Role.POSSIBLE and _tells_rows_apart(table, index)):
            yield _found(table, index, role, counts)


@of_header
def _roles(header: Header) -> Sequence[tuple[int, Role]]:
    """Give the columns that may count by their names, with how surely they do."""
    certain = set(counted_beside(header))
    roles = [Role.CERTAIN if at in certain else role_of(name) for at, name in enumerate(header)]
    return [(index, role) for index, role in enumerate(roles) if role is not Role.NONE]


def _roles_below(table: Table, headings: int) -> Iterator[tuple[int, Role]]:
    for index in range(len(table.header)):
        role = _role_below(table, headings, index)
        if role is not Role.NONE:
            yield index, role


def _role_below(table: Table, headings: int, index: int) -> Role:
    """Judge a column by its name, and by the names that further header rows give it."""
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


def _tells_rows_apart(table: Table, index: int) -> bool:
    """Say whether a column of 0 and 1 is what tells rows apart which are labelled alike without it."""
    cells = column(table, index)
    if set(cells) != {"0", "1"}:
        return False
    labels = [column(table, at) for at in wordy_columns(table) if at != index]
    without = list(zip(*labels, strict=True))
    return len(set(without)) < len(without) == len(set(zip(without, cells, strict=True)))


def may_be_codes(found: CountColumn) -> bool:
    """Say whether a column may hold codes of categories: a doubtful name, and one digit in every cell."""
    known = [count for count in found.counts if count is not None]
    return found.role is Role.POSSIBLE and max(known) <= _CODES and len(known) >= _FEW_ROWS


def _by_percentage(
    table: Table, _headings: int, _known: Sequence[CountColumn]
) -> Iterator[CountColumn]:
    """Find columns whose cells are written as `n (p%)`, whatever their name."""
    for index in columns_with_signs(table)["%"]:
        if index >= len(table.header):
            continue
        cells = column(table, index)
        counts = [count_of(cell) if _ENDS_WITH_PERCENT.search(cell) else None for cell in cells]
        if sum(1 for count in counts if count is not None) * 2 < sum(map(bool, cells)):
            continue
        yield _found(table, index, Role.CERTAIN, counts)


def _by_share(table: Table, _headings: int, known: Sequence[CountColumn]) -> Iterator[CountColumn]:
    """Find columns of `n (p)` without a sign, whose percentages are all of one total."""
    taken = {found.index for found in known}
    for index in columns_with_signs(table)["("]:
        if index < len(table.header) and index not in taken:
            counts = counts_with_shares(column(table, index))
            if counts is not None:
                yield _found(table, index, Role.CERTAIN, counts)


def _by_whole(table: Table) -> Iterator[CountColumn]:
    """Find columns whose cells are written as `n/N`, whatever their name."""
    for index in columns_with_signs(table)["/"]:
        if index < len(table.header):
            counts = counts_of_wholes(column(table, index))
            if counts is not None:
                yield _found(table, index, Role.CERTAIN, counts)


def _by_row(table: Table, _headings: int, known: Sequence[CountColumn]) -> Iterator[CountColumn]:
    """Find rows whose own name says that they count people, in tables that are not known yet."""
    if known:
        return
    labels = [index for index in wordy_columns(table) if _holds_labels(column(table, index))]
    if not labels:
        return
    skipped = set(statistics(table.header))
    rows = {
        number: labelled
        for number, row in enumerate(table.rows)
        if (labelled := _labelled_counts(row, labels, skipped))
    }
    for index in sorted({index for labelled in rows.values() for index in labelled}):
        if index < len(table.header):
            counts = [rows.get(number, {}).get(index) for number in range(len(table.rows))]
            yield _found(table, index, Role.CERTAIN, counts)


_YES = frozenset({"y", "Y"})
_NO_LABEL_BEGINS = frozenset("0123456789abdeghijklmopqrsuvwxyzABDEGHIJKLMOPQRSUVWXYZ") | {""}


def _holds_labels(cells: Sequence[str]) -> bool:
    """Say whether some cell of a column is a label such as `n`, and not the other answer to `y`."""
    may_be = [cell for cell in cells if cell[:1] not in _NO_LABEL_BEGINS]
    return any(map(_LABELS.__getitem__, may_be)) and _YES.isdisjoint(cells)


def _is_label(cell: str) -> bool:
    return _ROW_OF_COUNTS.fullmatch(cell[:_LONGEST_LABEL]) is not None


_LABELS = OfCells(_is_label)


def _labelled_counts(
    row: Sequence[str], labels: Sequence[int], skipped: set[int]
) -> dict[int, int]:
    """Give the counts to the right of a label such as `n`; none if other numbers are there too."""
    label = next(
        (at for at in labels if at < len(row) and _LABELS[row[at]]),
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
    rates = _rates(table.header) if known else ()
    if not rates:
        return
    taken = {found.index for found in known} | set(rates) | set(statistics(table.header))
    candidates = [
        (index, counts)
        for index in range(len(table.header))
        if index not in taken and (counts := whole_counts(column(table, index), headings))
    ]
    search = _search_of(table)
    search.within(len(known) * len(rates), _MOST_PAIRS)
    pairs = list(itertools.islice(itertools.product(known, rates), _MOST_PAIRS))
    most = _MOST_TRIED // len(pairs)
    search.within(len(candidates), most)
    for index, counts in candidates[:most]:
        if any(_is_share(counts, whole.counts, column(table, rate)) for whole, rate in pairs):
            yield _found(table, index, Role.CERTAIN, counts)


_MOST_PAIRS = 5_000
"""Counts and rates of one table that are tried together."""
_MOST_TRIED = 40 * _MOST_PAIRS
"""Trials of one column with a count and a rate."""


@of_table
def _search_of(_table: Table) -> Search:
    return Search()


def is_cut(table: Table) -> bool:
    """Say whether a table has more columns than it takes to find all that count people."""
    count_columns(table)
    return _search_of(table).is_cut


_RATE = re.compile(r"rate|ratio|per[ _.]|pct|percent|%|prop|incidence|prevalence", re.IGNORECASE)


_Rate = tuple[float, float]
"""A number, and how far what it was rounded from may be."""


@of_header
def _rates(header: Header) -> tuple[int, ...]:
    return tuple(index for index, name in enumerate(header) if _RATE.search(name))


@of_header
def statistics(header: Header) -> tuple[int, ...]:
    """Give the columns that are called some statistic, counted from 0."""
    return tuple(index for index, name in enumerate(header) if is_statistic(name))


_NO_NUMBER: _Rate = (math.nan, 0.0)


def _rate(cell: str) -> _Rate:
    try:
        stated = float(cell.rstrip("%"))
    except ValueError:
        return _NO_NUMBER
    decimals = len(cell.partition(".")[2].rstrip("%"))
    return stated, 0.51 * 10.0**-decimals


def _is_share(
    parts: Sequence[int | None], wholes: Sequence[int | None], rates: Sequence[str]
) -> bool:
    """Say whether a rate is a part by its whole, times a power of ten, in every row that has all three.

    Some rows are enough, if three of them at least tell something.
    """
    scales: Sequence[float] = _SCALES
    different: set[int] = set()
    for number, (top, bottom, cell) in enumerate(zip(parts, wholes, rates, strict=True)):
        if number >= _SAMPLE_ROWS and len(different) >= _TELLING:
            return True
        if top is None or not bottom or not cell:
            continue
        rate = _rate(cell)
        scales = [scale for scale in scales if _agrees(rate, scale * top / bottom)]
        if not scales:
            return False
        if top:
            different.add(top)
    return len(different) >= _TELLING


_TELLING = 3
"""Different counts whose rates have to agree."""


def _agrees(rate: _Rate, value: float) -> bool:
    """Say whether a rate states `value`, to the decimals that it prints."""
    stated, slack = rate
    return abs(stated - value) <= max(slack, 1e-6 * abs(value))
