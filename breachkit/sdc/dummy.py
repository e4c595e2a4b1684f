"""Whether a patient-level table looks invented: evidence for and against, each with its weight.

The result lowers the severity of a finding and never closes it: only a person who knows where
the file came from can do that.

Source: how OpenSAFELY's own generators write dummy data. cohort-extractor draws identifiers from
`range(10 * N)` without repeating one; ehrQL counts them from 1; population sizes are round
numbers; columns are drawn independently of each other, so that events may precede birth.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Literal, NamedTuple

from breachkit.documents.kinds import is_dummy_path
from breachkit.documents.table import Table
from breachkit.model.ids import GitPath
from breachkit.model.records import dataclass
from breachkit.sdc.asking import OfCells, of_column, of_table
from breachkit.sdc.count_cells import column, count_of
from breachkit.sdc.identifiers import is_nhs_number, is_test_nhs_number


LIKELY_DUMMY = 3
"""Weight from which on a table is called likely invented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One observation about a table, which says nothing of what stands in it."""

    name: str
    weight: int
    """Positive: speaks for invented data; negative: for real data."""
    words: str
    """For the message of a finding."""


@dataclass(frozen=True, slots=True)
class DummyScore:
    """All the evidence about one table."""

    evidence: tuple[Evidence, ...]

    @property
    def weight(self) -> int:
        """The sum of the weights."""
        return sum(piece.weight for piece in self.evidence)

    @property
    def verdict(self) -> Literal["likely-dummy", "not-shown"]:
        """`not-shown` means that the table must be taken for real."""
        return "likely-dummy" if self.weight >= LIKELY_DUMMY else "not-shown"

    def words(self, *, invented: bool) -> str:
        """List the observations on one side, for a message; empty where there are none."""
        side = [piece.words for piece in self.evidence if (piece.weight > 0) == invented]
        return "; ".join(side)


def score_dummy(
    table: Table, ids: Sequence[str], paths: Iterable[GitPath], first_day: date | None
) -> DummyScore:
    """Weigh whether a patient-level table is invented.

    Args:
        table: The whole table.
        ids: The values of its identifier column, one for each row that has one; none where no
            column identifies rows.
        paths: Every path of the file.
        first_day: When it was first committed.
    """
    rows = table.of_rows or len(table.rows) + table.more_rows
    shown = len(ids) if table.of_rows else len(table.rows)
    whole = rows / max(shown, 1)  # as if those that were not read had as many identifiers
    evidence = [*_by_path(tuple(paths)), *_by_ids(ids, rows, whole)]
    return DummyScore((*evidence, *_by_dates(table, first_day)))


_COHORT_PATH = re.compile(rb"^outputs?/(?:[^/]+/)?(?:input|dataset|cohort)[^/]*$", re.IGNORECASE)
_RELEASED_PATH = re.compile(rb"^(?:released?|redacted)[_-]?[^/]*/", re.IGNORECASE)


def is_released_path(path: GitPath) -> bool:
    """Say whether a file lies where files from the secure environment are published.

    Unlike `output/`, which a study also fills on a researcher's own machine from invented data.
    """
    return _RELEASED_PATH.match(path) is not None and not is_dummy_path(path)


def _by_path(paths: tuple[GitPath, ...]) -> Iterable[Evidence]:
    if any(b"dummy" in path.lower() for path in paths):
        yield Evidence(name="dummy-path", weight=4, words="its path calls it dummy data")
    elif any(map(is_dummy_path, paths)):
        words = "its path calls it test or example data"
        yield Evidence(name="test-path", weight=3, words=words)
    if any(map(_COHORT_PATH.match, paths)):
        words = "it lies where a study's own run writes its dummy cohort"
        yield Evidence(name="cohort-path", weight=1, words=words)
    if any(map(is_released_path, paths)):
        words = "it lies among files released from the secure environment"
        yield Evidence(name="released-path", weight=-3, words=words)


_ROUND_SIZES = frozenset(base * 10**power for base in (1, 2, 5) for power in range(1, 7)) | {
    25,
    250,
    2500,
}
_FEW_ROWS = 35
_LEAST_COHORT = 1_000


def is_of_round_cohort(table: Table) -> bool:
    """Say whether a table tells of data with a round number of rows.

    People ask generators for so many, and hardly any cohort has them. Print-outs state the number, and
    so does what pandas describes.
    """
    rows = table.of_rows or _rows_described(table)
    return rows >= _LEAST_COHORT and rows in _ROUND_SIZES


_DESCRIBED = frozenset({"std", "unique"})


def _rows_described(table: Table) -> int:
    """Give the largest count of what pandas' `describe` gives; 0 for any other table."""
    labels = column(table, 0)
    if "count" not in labels or _DESCRIBED.isdisjoint(labels):
        return 0
    counts = map(count_of, table.rows[labels.index("count")][1:])
    return max((count for count in counts if count), default=0)


def _by_ids(ids: Sequence[str], rows: int, whole: float) -> Iterable[Evidence]:
    yield from _by_size(rows)
    if not ids:
        return
    yield from _by_nhs_numbers(ids)
    numbers = _numbers(ids)
    if len(numbers) == len(ids):
        yield from _by_numbers(numbers, int(len(numbers) * whole))
    elif sum(map(_is_long_hex, ids)) >= 0.9 * len(ids):
        words = "identifiers are long hexadecimal strings, as in EMIS"
        yield Evidence(name="hex-ids", weight=-3, words=words)


_NUMBER = re.compile(r"\d{1,30}(?:\.0+)?")


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _numbers(ids: Sequence[str]) -> list[int]:
    if "".join(ids).isdecimal() and 0 < min(map(len, ids)) <= max(map(len, ids)) <= _LONGEST:
        return list(map(int, ids))  # as most are, and then this is all that there is to do
    return [int(text.partition(".")[0]) for text in ids if _is_number(text)]


_LONGEST = 30


def _is_long_hex(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Fa-f]{16,}", text) is not None and not text.isdigit()


def _by_size(rows: int) -> Iterable[Evidence]:
    if rows <= _FEW_ROWS:
        yield Evidence(name="few-rows", weight=1, words="it has few rows, as fixtures have")
    elif rows not in _ROUND_SIZES:
        words = "its number of rows is not a round one, as that of dummy data is"
        yield Evidence(name="odd-size", weight=-1, words=words)
    if rows in _ROUND_SIZES:
        words = "its number of rows is a round one, as that of dummy data is"
        yield Evidence(name="round-size", weight=1, words=words)


def _by_nhs_numbers(ids: Sequence[str]) -> Iterable[Evidence]:
    valid = [text for text in ids if is_nhs_number(text)]
    if len(valid) < max(2, 0.9 * len(ids)):
        return
    if all(map(is_test_nhs_number, valid)):
        words = "the NHS numbers are of the range kept for tests"
        yield Evidence(name="test-nhs-numbers", weight=6, words=words)
    else:
        words = "the identifiers carry the check digit of NHS numbers"
        yield Evidence(name="nhs-numbers", weight=-6, words=words)


def _by_numbers(numbers: Sequence[int], count: int) -> Iterable[Evidence]:
    """Judge the identifiers that were read, `count` being how many the whole table has."""
    largest = max(numbers)
    drawn = list(_by_generator(numbers, count)) if len(set(numbers)) == len(numbers) else []
    yield from drawn
    if largest > 1_000_000:
        words = "identifiers are as large as in a real database"
        yield Evidence(name="large-ids", weight=-3, words=words)
    elif not drawn and count >= 10 and largest > 100 * count:
        words = "identifiers are spread far wider than generators draw them"
        yield Evidence(name="spread-ids", weight=-1, words=words)


_TELLING_NUMBERS = 50
_NEAR_THE_END = 3


def _by_generator(numbers: Sequence[int], count: int) -> Iterable[Evidence]:
    first = min(numbers)
    if first in {0, 1} and max(numbers) == first + len(numbers) - 1:
        words = "identifiers count the rows, as ehrQL's dummy data do"
        yield Evidence(name="sequence", weight=3, words=words)
    elif count >= 10 and max(numbers) < 10 * count:
        words = "identifiers are below ten times the number of rows, as cohort-extractor draws them"
        yield Evidence(name="drawn-ids", weight=2, words=words)
    elif len(numbers) >= _TELLING_NUMBERS and _are_of_more(numbers):
        words = "identifiers stop short of ten times a round number, as cohort-extractor draws them"
        yield Evidence(name="drawn-of-more", weight=2, words=words)


def _are_of_more(numbers: Sequence[int]) -> bool:
    """Say whether numbers may be some of those drawn for a round number of people.

    Of so many drawn evenly the largest is within three mean gaps of the end in 19 cases of 20; of others
    hardly ever.
    """
    largest = max(numbers)
    ends = [10 * size for size in _ROUND_SIZES if largest < 10 * size <= _LARGEST_END]
    gap = min(ends, default=0) / len(numbers)
    return bool(ends) and largest >= min(ends) - _NEAR_THE_END * gap


_LARGEST_END = 1_000_000
"""Identifiers of real databases go beyond it."""


_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BIRTH = re.compile(r"birth|dob", re.IGNORECASE)


def _by_dates(table: Table, first_day: date | None) -> Sequence[Evidence]:
    days = _dated(table)
    events = _together([found for name, _, found in days if not _BIRTH.search(name)])
    checks: tuple[Callable[[], Evidence | None], ...] = (
        lambda: _all_first_of_month(events),
        lambda: _after_commit(events, first_day),
        lambda: _weekdays(events),
        lambda: _before_birth(table),
    )
    return [found for check in checks if (found := check()) is not None]


@of_table
def _dated(table: Table) -> Sequence[tuple[str, int, "_Days"]]:
    """Give the columns with dates: name, index and what these are; of columns of one name the last."""
    names = {name: index for index, name in enumerate(table.header)}
    days = [(name, index, _days_of(column(table, index))) for name, index in names.items()]
    return [(name, index, found) for name, index, found in days if found is not None]


class _Days(NamedTuple):
    """What dates are together."""

    number: int
    firsts: int
    """Those that are the first of a month."""
    at_weekends: int
    """Of the others."""
    earliest: date
    latest: date


def _together(columns: Sequence[_Days]) -> _Days:
    return _Days(
        number=sum(days.number for days in columns),
        firsts=sum(days.firsts for days in columns),
        at_weekends=sum(days.at_weekends for days in columns),
        earliest=min((days.earliest for days in columns), default=date.max),
        latest=max((days.latest for days in columns), default=date.min),
    )


@of_column
def _days_of(cells: Sequence[str]) -> _Days | None:
    """Sum up the dates of a column; None for one without dates."""
    sample = next(filter(None, cells), "")
    if not _ISO_DATE.fullmatch(sample[:10]):
        return None
    known: Counter[date] = Counter()
    for cell, number in Counter(cells).items():
        day = _DAYS[cell]
        if day is not None:
            known[day] += number
    if not known:
        return None
    return _Days(
        number=sum(known.values()),
        firsts=sum(number for day, number in known.items() if day.day == 1),
        at_weekends=sum(
            number for day, number in known.items() if day.day != 1 and day.weekday() >= 5
        ),
        earliest=min(known),
        latest=max(known),
    )


def _dates(table: Table, index: int) -> list[tuple[int, date]]:
    """Give the dates of a column with their rows, counted from 0."""
    days = enumerate(map(_DAYS.__getitem__, column(table, index)))
    return [(number, day) for number, day in days if day is not None]


def _parse_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 1900 < day.year < 2100 else None  # 1900-01-01 and 9999-12-31 stand for "none"


_DAYS = OfCells(_parse_day)


def _all_first_of_month(days: _Days) -> Evidence | None:
    if days.number < 10 or days.firsts < days.number:
        return None
    return Evidence(name="first-of-month", weight=1, words="every date is the first of a month")


def _after_commit(days: _Days, first_day: date | None) -> Evidence | None:
    if first_day is None or days.latest <= first_day:
        return None
    words = "dates lie after the day of the commit"
    return Evidence(name="future-dates", weight=2, words=words)


def _weekdays(days: _Days) -> Evidence | None:
    exact = days.number - days.firsts
    if exact < 60:
        return None
    if days.at_weekends / exact > 0.18:  # drawn at random 2/7 = 0.29; general practice records few
        return None
    words = "dates follow the working week, as records do and generators do not"
    return Evidence(name="weekdays", weight=-2, words=words)


def _before_birth(table: Table) -> Evidence | None:
    born = next((found for found in _dated(table) if _BIRTH.search(found[0])), None)
    if born is None:
        return None
    _, index, days = born
    births = dict(_dates(table, index))
    early = any(
        row in births and day < births[row]
        for name, index, found in _dated(table)
        if not _BIRTH.search(name) and found.earliest < days.latest
        for row, day in _dates(table, index)
    )
    if not early:
        return None
    return Evidence(name="before-birth", weight=2, words="events happen before birth")
