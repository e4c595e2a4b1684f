"""Whether the rows of a table are single people, where no column identifies them.

A row about one person has dates that follow no order, flags, an age, and nothing that counts. A row
of results has a count, an estimate or a label of its own; a time series is in order; a grid of
parameters or of groups holds each combination once.

Source: the shape of the cohorts that OpenSAFELY studies extract, and cohort-extractor f2b9bc4, whose
measures without `group_by` are written one patient a row.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum, auto
from typing import NamedTuple

from breachkit.documents.table import Table
from breachkit.model.records import dataclass
from breachkit.sdc.asking import Header, OfCells, of_column, of_header
from breachkit.sdc.count_cells import column, different
from breachkit.sdc.count_names import Role, is_statistic, normal
from breachkit.sdc.counts import count_columns


FEWEST_ROWS = 200
"""Rows from which on their shape tells; the release limit for tables is far above."""

_FEWEST_MEASURED = 50
_FEWEST_DATED = 40
"""Rows from which on dates in no order, under names of what describes people, tell as well."""
_SAMPLE_ROWS = 400
_COLUMNS_TOGETHER = 400
"""Wider tables are looked at in parts as well: among so many columns one or the other looks like a
result, or like words of its own in each row, and a person's record is none the less one."""
_PURE = 0.97
"""Share of the filled cells of a column that are of its kind."""
_LARGE_COUNT = 100
_MANY_DATES = 20
_FEW_WORDS = 25
_FEW_TRAITS = 4
"""Columns of what describes a person, such as age, sex, region and deprivation, that tell of one date."""

_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].{0,20})?|\d{1,2}[/-]\d{1,2}[/-]\d{4}|\d{1,2}[- ]?[A-Za-z]{3}[- ]?\d{4}")  # fmt: skip
_SHORTEST_DATE = len("1/1/2021")  # longer than any flag
_WHOLE = re.compile(r"-?\d{1,15}(?:\.0{0,6})?")  # the numbers of printed rows end in a point
_DECIMAL = re.compile(r"-?\d{0,15}\.\d{1,20}(?:[eE][+-]?\d{1,3})?")
_FLAGS = frozenset({
    "0", "1", "0.0", "1.0", "true", "false", "t", "f", "yes", "no", "y", "n",
})  # fmt: skip
_MISSING = frozenset({"", "na", "nan", "nat", "none", "null", ".", "<na>"})
_PERSON = re.compile(
    r"(?:^|_)(?:age|sex|gender|ethnicity|eth|imd|dob|birth|died|death|dead|deceased|bmi|smok\w*"
    r"|deregist\w*|care_?home|region|msoa|frailty|pregnan\w*)(?:_|$)|^(?:age|ethnic|death|imd)"
)
_MEASURED = re.compile(r"bmi|weight|height|hba1c|egfr|creatinine|blood|bp|pressure|age|score|imd|days|time|lat|lon")  # fmt: skip


class _Kind(Enum):
    EMPTY = auto()
    DATE = auto()
    FLAG = auto()
    CODES = auto()
    """Whole numbers or words, of which there are few different ones."""
    WHOLE = auto()
    DECIMAL = auto()
    LABEL = auto()
    """Words of which most rows have one of their own."""
    WORDS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLevel:
    """What makes rows look like single people."""

    words: str
    """For the message of a finding."""
    columns: tuple[int, ...]
    """The columns that say so, counted from 0."""
    is_sure: bool
    """Whether both the shape and the names say it."""


@dataclass(frozen=True, slots=True)
class _Column:
    index: int
    name: "_Name"
    kind: _Kind
    different: int
    in_order: bool
    begins_with_date: bool
    """Whether a date stands where its name should: the table has no header."""


def row_level(table: Table) -> RowLevel | None:
    """Say whether each row of a table is about one person, or None where nothing says so."""
    if len(table.rows) < _FEWEST_DATED or len(table.header) < 2:
        return None
    measured = _measured(table)
    if measured is not None or len(table.header) < 3:
        return measured
    is_short = len(table.rows) < FEWEST_ROWS
    may_be = _describes_people(table) or (_is_dated(table) if is_short else _is_promising(table))
    if not may_be or _counts_many(table):
        return None
    judge = _of_few_people if is_short else _of_people
    found = next(filter(None, map(judge, _parts(_judged(table)))), None)
    return None if found is None or _is_grid(table) else found


def _judged(table: Table) -> Sequence[_Column]:
    return [_judge(table, index) for index in range(len(table.header))]


def _parts(columns: Sequence[_Column]) -> Iterator[Sequence[_Column]]:
    """Give all columns, and of a wide table each part as well."""
    yield columns
    if len(columns) > _COLUMNS_TOGETHER:
        for first in range(0, len(columns), _COLUMNS_TOGETHER):
            yield columns[first : first + _COLUMNS_TOGETHER]


def _of_people(columns: Sequence[_Column]) -> RowLevel | None:
    if any(found.kind is _Kind.LABEL for found in columns):
        return None
    return _by_dates(columns) or _by_flags(columns) or _by_description(columns)


def _of_few_people(columns: Sequence[_Column]) -> RowLevel | None:
    """Judge too few rows for their shape to tell by itself: their names must say it as well."""
    if any(found.kind is _Kind.LABEL for found in columns):
        return None
    found = _by_dates(columns)
    return found if found is not None and found.is_sure else _by_description(columns)


def _describes_people(table: Table) -> bool:
    """Say whether columns enough are called as what describes a person, and none as counting people."""
    return sum(1 for name in _names(table.header) if name.is_of_person) >= _FEW_TRAITS and not any(
        found.role is Role.CERTAIN for found in count_columns(table)
    )


def _is_dated(table: Table) -> bool:
    """Say whether two columns hold dates in some of the rows looked at, at the least cost."""
    rows = table.rows
    return any(
        sum(1 for cell in row if len(cell) >= _SHORTEST_DATE and _DATE.fullmatch(cell)) >= 2
        for row in (rows[1], rows[len(rows) // 3], rows[-2], rows[-9])
    )


def _is_promising(table: Table) -> bool:
    """Say whether two columns hold dates or flags in some of the rows looked at, at the least cost."""
    rows = table.rows
    sample = (rows[1], rows[len(rows) // 3], rows[-2], rows[-9])
    return any(
        sum(
            1
            for cell in row
            if (_DATE.fullmatch(cell) if len(cell) >= _SHORTEST_DATE else cell.lower() in _FLAGS)
        )
        >= 2
        for row in sample
    ) or _are_promising(column(table, index) for index in range(len(table.header)))


def _are_promising(columns: Iterable[Sequence[str]]) -> bool:
    """Say whether two columns hold dates or flags wherever they hold anything, as far as two cells tell.

    Most people never die and are never admitted, so that few rows may have two dates.
    """
    promising = (
        cells for cells in columns if all(_SHAPES[cell] & _TELLING for cell in _two(cells))
    )
    return next(itertools.islice(promising, 1, None), None) is not None


def _two(cells: Sequence[str]) -> Iterator[str]:
    """Give the first filled cell behind each third of a column; an empty one where there is none."""
    step = max(1, len(cells) // _SAMPLE_ROWS)
    for start in (len(cells) // 3, 2 * len(cells) // 3):
        later = cells[start::step]
        yield next((cell for cell in later if cell and not _SHAPES[cell] & _MISSES), "")


def _counts_many(table: Table) -> bool:
    return any(
        max((count for count in found.counts if count is not None), default=0) > _LARGE_COUNT
        for found in count_columns(table)
    )


def _measured(table: Table) -> RowLevel | None:
    """Recognise measures that nothing groups: numerators and denominators of 0 and 1, one a patient."""
    names = [name.lower() for name in table.header]
    if len(table.rows) < _FEWEST_MEASURED or "value" not in names[-2:] or names.index("value") < 2:
        return None
    ratio = names.index("value")
    cells = [column(table, index) for index in (ratio - 2, ratio - 1)]
    if all({*map(_plain, filled)} <= {"0", "1", ""} and any(filled) for filled in cells):
        words = "a measure that nothing groups: numerator and denominator are 0 or 1 in every row"
        return RowLevel(words=words, columns=(ratio - 2, ratio - 1), is_sure=True)
    return None


def _plain(cell: str) -> str:
    return cell.partition(".")[0]


def _judge(table: Table, index: int) -> _Column:
    kind, different, in_order = _looks(column(table, index))
    begins_with_date = _DATE.fullmatch(table.header[index][:_LONGEST]) is not None
    return _Column(index, _names(table.header)[index], kind, different, in_order, begins_with_date)


class _Name(NamedTuple):
    """What the name of a column says."""

    is_of_person: bool
    may_be_result: bool
    """Whether decimals under it may be computed from many people."""


@of_header
def _names(header: Header) -> Sequence[_Name]:
    return list(map(_name, map(normal, header)))


def _name(plain: str) -> _Name:
    is_of_person = _PERSON.search(plain) is not None
    may_be_result = _MEASURED.search(plain) is None and (is_statistic(plain) or not is_of_person)
    return _Name(is_of_person, may_be_result)


@of_column
def _looks(cells: Sequence[str]) -> tuple[_Kind, int, bool]:
    """Say what a column holds, how many different values, and whether they are dates in order."""
    step = max(1, len(cells) // _SAMPLE_ROWS)
    times = Counter(cells[::step])
    if step > 1 and sum(times[cell] for cell in times if not _SHAPES[cell] & _MISSES) < _FEW_FILLED:
        cells = _filled(cells)
        step = max(1, len(cells) // _SAMPLE_ROWS)
        times = Counter(cells[::step])
    shapes = {cell: shape for cell in times if not (shape := _SHAPES[cell]) & _MISSES}
    kind = _kind(times, shapes)
    filled = [cell for cell in cells[::step] if cell in shapes] if kind is _Kind.DATE else []
    in_order = kind is _Kind.DATE and filled in (sorted(filled), sorted(filled, reverse=True))
    return kind, len(shapes), in_order


_FEW_FILLED = 2 * _MANY_DATES
"""Of a column of which fewer of the cells looked at hold something, others are looked at, which do."""


def _filled(cells: Sequence[str]) -> Sequence[str]:
    filled = {cell for cell in set(cells) if not _SHAPES[cell] & _MISSES}
    return [cell for cell in cells if cell in filled] if filled else ()


_LONGEST = 100
"""Characters of a cell that are looked at: no date or number has as many."""
_MISSES, _FLAG, _DAY, _INTEGER, _DIGITS = 1, 2, 4, 8, 16
_TELLING = _FLAG | _DAY
"""What a cell looks like, which may be several things at once; `_DIGITS` is any plain number."""
_KINDS = ((_Kind.DATE, _DAY), (_Kind.WHOLE, _INTEGER), (_Kind.DECIMAL, _DIGITS))


def _shape(cell: str) -> int:
    cell = cell[:_LONGEST]
    lower = cell.lower()
    if lower in _MISSING:
        return _MISSES
    found = _FLAG if lower in _FLAGS else 0
    if _WHOLE.fullmatch(cell):
        return found | _INTEGER | _DIGITS
    if _DECIMAL.fullmatch(cell):
        return found | _DIGITS
    return found | (_DAY if _DATE.fullmatch(cell) else 0)


_SHAPES = OfCells(_shape)  # the cells of rows of patients repeat, in one column and in others


def _kind(times: Mapping[str, int], shapes: Mapping[str, int]) -> _Kind:
    """Judge a column by what its filled cells look like, and how often each is there."""
    if not shapes:
        return _Kind.EMPTY
    weights = dict.fromkeys(shapes.values(), 0)
    for cell, shape in shapes.items():
        weights[shape] += times[cell]
    if all(shape & _FLAG for shape in weights):
        return _Kind.FLAG
    filled, different = sum(weights.values()), len(shapes)
    for kind, bit in _KINDS:
        matching = sum(weight for shape, weight in weights.items() if shape & bit)
        if matching >= _PURE * filled:
            return _Kind.CODES if kind is _Kind.WHOLE and different <= _FEW_WORDS else kind
    if different <= _FEW_WORDS:
        return _Kind.CODES
    return _Kind.LABEL if different >= 0.9 * filled else _Kind.WORDS


def _is_grid(table: Table) -> bool:
    """Say whether the rows are all combinations of the values of their columns, as a grid's are."""
    combinations = 1
    for index in range(len(table.header)):
        combinations *= different(column(table, index))
        if combinations > len(table.rows):
            return False
    return combinations == len(table.rows)


def _by_dates(columns: Sequence[_Column]) -> RowLevel | None:
    """Two columns of dates in no order, beside flags or what describes a person, or without any header.

    Where dates stand in the place of names, nothing says what the others describe; results are not
    written so.
    """
    dates = [
        found
        for found in columns
        if found.kind is _Kind.DATE and not found.in_order and found.different >= _MANY_DATES
    ]
    people = [found for found in columns if found.name.is_of_person]
    flags = [found for found in columns if found.kind is _Kind.FLAG]
    is_bare = sum(found.begins_with_date for found in dates) > 1
    if len(dates) < 2 or not (people or flags or is_bare) or _has_results(columns):
        return None
    return RowLevel(
        words="several dates in no order in each row, as a person's record has",
        columns=tuple(found.index for found in dates),
        is_sure=bool(people),
    )


def _by_description(columns: Sequence[_Column]) -> RowLevel | None:
    """An age or another measure and a date that are of nearly every row its own, beside what describes a person."""
    people = [found for found in columns if found.name.is_of_person]
    own = [
        found
        for found in columns
        if found.different >= _MANY_DATES
        and (
            (found.kind is _Kind.DATE and not found.in_order)
            or (found.name.is_of_person and found.kind in {_Kind.WHOLE, _Kind.DECIMAL})
        )
    ]
    if len(people) < _FEW_TRAITS or len(own) < 2 or _has_results(columns):
        return None
    if not any(found.kind is _Kind.DATE for found in own):
        return None
    return RowLevel(
        words="a date, a measure and other traits in each row, as a person's record has",
        columns=tuple(found.index for found in own),
        is_sure=True,
    )


def _by_flags(columns: Sequence[_Column]) -> RowLevel | None:
    """Flags and what describes a person in every row, and nothing that counts or estimates."""
    flags = [found for found in columns if found.kind is _Kind.FLAG and found.different > 1]
    people = [found for found in columns if found.name.is_of_person and found not in flags]
    if len(flags) < 3 or _has_results(columns):
        return None
    only_flags = len(flags) >= 5 and len(flags) >= len(columns) - 1
    if not people and not only_flags:
        return None
    return RowLevel(
        words="flags in every row and nothing that counts, as a person's record has",
        columns=tuple(found.index for found in flags),
        is_sure=bool(people),
    )


def _has_results(columns: Sequence[_Column]) -> bool:
    """Say whether some column holds what is computed from many people."""
    return any(found.kind is _Kind.DECIMAL and found.name.may_be_result for found in columns)
