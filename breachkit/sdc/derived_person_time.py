"""Rates by person-time: counts divided by the years, or days, that people were watched.

Person-time is no count of people, and is printed as it is. Of what counts and times a rate is made is
found by trying those of its row, with every unit of time; wherever all rows agree, it is taken for that.

Source: OpenSAFELY documentation, docs/outputs/sdc.md, "Rounding rates": rates are computed again from
rounded counts, or the exact ones follow from them.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from breachkit.documents.table import Table
from breachkit.model.patterns import regex
from breachkit.model.records import dataclass
from breachkit.sdc.cells import Released, origins
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import HEADER, Grid
from breachkit.sdc.count_names import normal
from breachkit.sdc.left_beside import is_descriptive
from breachkit.sdc.search import Search
from breachkit.sdc.stated import Stated, decimals_of, stated


@dataclass(frozen=True, slots=True)
class PersonTimeRate:
    """A column of rates: the counts of another, by the times of a third, times `factor`."""

    at: int
    """Its index, from 0."""
    of: int
    """That of the counts."""
    over: int
    """That of the times."""
    factor: Fraction

    def value(self, count: int, time: Fraction) -> Fraction:
        """Give the rate of a count by a time, which is not 0."""
        return self.factor * count / time


_TIME = regex(
    r"(?:^|_)(?:py|pys|pyrs?|pyears|pdays|person_?(?:time|years?|yrs?|days?|weeks?|months?)|patient_?(?:years?|days?)"
    r"|follow_?up|fu|fup|time_?at_?risk|exposure(?:_time)?|years|days|weeks|months|yrs)(?:_|$)"
)
_UNITS = (
    Fraction(1),
    Fraction(36525, 100),
    Fraction(365),
    Fraction(12),
    Fraction(52),
    Fraction(36525, 700),
    Fraction(36525, 1200),
    Fraction(1, 12),
    Fraction(100, 36525),
    Fraction(1, 365),
)
"""How many of the units that are printed make one of those that a rate is per."""
_PER = (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000)
_MOST_TRIED = 300_000
"""Readings of rates that are tried; one that is wrong shows in its first row."""
_TELLING = 2
"""Different rates that have to agree."""
_SHARP = 5
"""A rate, or a count, that rounding leaves open by more than a part in so many tells nothing."""


def person_time_rates(
    table: Table, grid: Grid, known: Iterable[int], search: Search
) -> Iterator[PersonTimeRate]:
    """Give the columns of rates by person-time, each with the first counts and times that agree.

    Args:
        table: The table, with points where it has decimal commas.
        grid: Its counts.
        known: Columns of which it is known what they are made of.
        search: Is told if there are too many readings to try all.
    """
    counted = {*grid.columns, *known}
    times = [
        at
        for at, name in enumerate(table.header)
        if at not in counted and _TIME.search(normal(name)) and not is_descriptive(name)
    ]
    rates = [
        at
        for at, name in enumerate(table.header)
        if times and at not in counted and is_descriptive(name)
    ]
    left = itertools.count(1)
    for at in rates:
        for found, is_one in _readings(table, grid, at, times):
            if is_one:
                yield found
                break
            if not search.within(next(left), _MOST_TRIED):
                return


def times_of(table: Table, at: int) -> Mapping[int, Fraction]:
    """Give the times of a column by row, from 0; those that are no number above 0 are left out."""
    found = ((row, _number(cell)) for row, cell in enumerate(column(table, at)))
    return {row: time for row, time in found if time}


def _number(cell: str) -> Fraction | None:
    plain = cell.replace(",", "")
    return Fraction(plain) if stated(plain, of=1) is not None and "%" not in plain else None


def _readings(
    table: Table, grid: Grid, at: int, times: Sequence[int]
) -> Iterator[tuple[PersonTimeRate, bool]]:
    """Give what the rates of a column may be of, and whether they are."""
    cells = column(table, at)
    decimals = decimals_of(cells)
    rates = {row: stated(cells[row], of=1, decimals=decimals) for row in grid.rows if row != HEADER}
    known = {row: rate for row, rate in rates.items() if rate is not None}
    nearest = sorted(grid.columns, key=lambda of: (abs(at - of), of > at))
    for over in times:
        people = times_of(table, over)
        half = Fraction(1, 2 * 10 ** decimals_of(column(table, over)))
        for of in nearest:
            for factor in (unit * per for unit in _UNITS for per in _PER):
                found = PersonTimeRate(at, of, over, factor)
                yield found, _agrees(found, grid, known, people, half)


def _agrees(
    found: PersonTimeRate,
    grid: Grid,
    rates: Mapping[int, Stated],
    times: Mapping[int, Fraction],
    half: Fraction,
) -> bool:
    """Say whether every rate is one of its count and time, which may be off by half a digit."""
    telling: set[tuple[int, Fraction]] = set()
    for row in rates.keys() & times.keys():
        cell = grid.cells.get((row, found.of))
        if not isinstance(cell, Released):
            continue
        box, rate, time = origins(cell.count, cell.regime), rates[row], times[row]
        low = found.value(box.low, time + half)
        high = found.value(box.high or 0, max(time - half, half))
        if high * rate.scale < rate.low or low * rate.scale > rate.high:
            return False
        is_sharp = _SHARP * (rate.high - rate.low) <= rate.low
        if is_sharp and box.low and (box.width or 0) * _SHARP <= box.low:
            telling.add((cell.count, time))
    return len(telling) >= _TELLING
