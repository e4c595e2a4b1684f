"""From rates back to counts: what a ratio printed to k decimals says about its numerator.

A ratio v of D people, printed with half a unit eps of its last decimal, has one numerator only
where D * eps < 0.5: percentages with one decimal up to 1,000 people, with two up to 10,000, and
ratios written out in full always. That a column is such a ratio is not believed from names: all
its numbers, times D, have to lie that close to whole numbers, which for medians, weighted or
standardised rates and survival curves has a probability of 2 * D * eps for each.

Source: OpenSAFELY documentation, docs/outputs/sdc.md, "Rounding rates": rates of counts that may
not be released may not be either, and are computed from rounded counts.
"""

import itertools
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc.count_cells import column
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.ratio_columns import ratio_columns
from breachkit.sdc.rounding import Regime, infer
from breachkit.sdc.search import Search
from breachkit.sdc.stated import Stated, as_share, decimals_of, stated


SCALES = (1, 100, 1_000, 10_000, 100_000, 1_000_000)
"""What ratios are printed per."""
MAX_ROWS = 5_000
"""Of longer tables it is only said whether their rates may be inverted: none is released."""
MAX_COLUMNS = 8
_MOST_PAIRS = 1_000
"""Pairs of columns beyond those of which it is said at least whether one may be a ratio of the other."""
MOST_TRIED = 16
"""Pairs of columns of one table that are gone through row by row."""
SAMPLE = 12
_LEAST_CHANCE = 1e-6
"""What one row can say at most."""
CERTAIN_CHANCE = 1e-7
"""By chance fewer columns than this look like a ratio of another; some hundred pairs are tried."""
LIKELY_CHANCE = 1e-3
"""Enough where not much else can be meant."""
NAMED_CHANCE = 0.05
"""Enough where the name of the column says per how many it is: `percent`, `proportion`, `per_1000`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverted:
    """A column of ratios, with the numerators that it gives away."""

    ratio: int
    """Its index, counted from 0."""
    whole: int
    """That of the column of denominators."""
    scale: int
    """What it is printed per: 1, 100, 1000, ..."""
    numerators: Sequence[int | None] = field(repr=False)
    """One per row; None where there is no ratio, or more than one number would do."""
    chance: float
    """Probability that a column which is no such ratio looks like one."""


def inverted_ratios(table: Table, search: Search) -> Iterator[Inverted]:
    """Find columns of ratios of a printed denominator, and give the numerators they give away.

    Args:
        table: Any table.
        search: Is told where some may be among what was not gone through.
    """
    wholes = count_columns(table)
    ratios = ratio_columns(table) if wholes else ()
    if not ratios:
        return
    first, further = ratios[:MAX_COLUMNS], ratios[MAX_COLUMNS:]
    decimals = {ratio: decimals_of(column(table, ratio)) for ratio in first}
    fitting = _fitting(table, decimals, wholes[:MAX_COLUMNS])
    if len(table.rows) > MAX_ROWS:
        search.leave_out(fitting)
        fitting = iter(())
    readings: dict[int, list[Inverted]] = {}
    for ratio, whole, scale in itertools.islice(fitting, MOST_TRIED):
        found = _inverted(column(table, ratio), decimals[ratio], ratio, whole, scale)
        if found is not None:
            readings.setdefault(ratio, []).append(found)
    for ratio, every in readings.items():
        printed = [one for one in every if _prints_numerators(table, one, decimals[ratio], wholes)]
        likely = [
            one
            for one in printed or every
            if one.chance <= _most_chance(table.header[ratio], one.scale)
        ]
        likely.reverse()  # of several that are as likely, that of the largest scale
        yield from sorted(likely, key=lambda one: one.chance)[:1]
    search.leave_out(fitting)
    if search.within(len(further) * len(wholes), _MOST_PAIRS):
        rest = {ratio: decimals_of(column(table, ratio)) for ratio in further}
        search.leave_out(_fitting(table, decimals, wholes[MAX_COLUMNS:]))
        search.leave_out(_fitting(table, rest, wholes))


def _prints_numerators(
    table: Table, found: Inverted, decimals: int, columns: Sequence[CountColumn]
) -> bool:
    """Say whether some column prints the numerators: then no other reading of the ratios is meant.

    Of numerators that are all multiples of ten, ratios per 100 read as ratios per 1,000 as well.
    """
    wholes = next(one.counts for one in columns if one.index == found.whole)
    cells = column(table, found.ratio)
    ratios = [stated(cell, of=found.scale, decimals=decimals) for cell in cells]
    for other in columns:
        rows = [
            (ratio, part, whole)
            for ratio, part, whole in zip(ratios, other.counts, wholes, strict=True)
            if other.index != found.whole and ratio and part and whole
        ]
        if len(set(rows)) > 1 and all(
            ratio.numerators(whole).holds(part) for ratio, part, whole in rows
        ):
            return True
    return False


def _fitting(
    table: Table, decimals: Mapping[int, int], wholes: Sequence[CountColumn]
) -> Iterator[tuple[int, CountColumn, int]]:
    """Give columns that may be ratios of others, each with that and with a scale, as the first rows say."""
    fewest = {whole.index: min(filter(None, whole.counts), default=0) for whole in wholes}
    return (
        (ratio, whole, scale)
        for ratio in decimals
        for whole in wholes
        for scale in SCALES
        if 0 < fewest[whole.index] < scale * 10 ** decimals[ratio]
        and _may_fit(column(table, ratio), decimals[ratio], whole, scale)
    )


_NAMED_SCALES = (
    (100, re.compile(r"pct|perc|%", re.IGNORECASE)),
    (1, re.compile(r"prop|share|fraction", re.IGNORECASE)),
    (
        1_000,
        re.compile(r"(?:per|/)[ _]?1[, _]?000(?!\d|,)|per[ _]?(?:thousand|1k)\b", re.IGNORECASE),
    ),
    (100_000, re.compile(r"(?:per|/)[ _]?100[, _]?000(?!\d|,)|per[ _]?100k\b", re.IGNORECASE)),
)


def _most_chance(name: str, scale: int) -> float:
    named = any(of == scale and pattern.search(name) for of, pattern in _NAMED_SCALES)
    return NAMED_CHANCE if named else LIKELY_CHANCE


def _may_fit(cells: Sequence[str], decimals: int, whole: CountColumn, scale: int) -> bool:
    """Try the first rows, which turns most pairs of columns away."""
    tried = 0
    for cell, people in zip(cells, whole.counts, strict=True):
        found = as_share(cell, decimals) if people else None
        if people and found is not None:
            of = scale * found.scale
            least, most = -(-found.low * people // of), found.high * people // of
            if found.low + found.high > 2 * of or least > min(most, people):
                return False
            tried += 1
            if tried >= SAMPLE:
                break
    return tried > 0


def _inverted(
    cells: Sequence[str], decimals: int, ratio: int, whole: CountColumn, scale: int
) -> Inverted | None:
    """Give the numerators of a column; None where some row has none, so that it is no such ratio."""
    rows: list[tuple[Stated | None, int | None]] = []
    numerators: list[int | None] = []
    for cell, people in zip(cells, whole.counts, strict=True):
        found = stated(cell, of=scale, decimals=decimals) if people else None
        box = found.numerators(people) if found and people else None
        if box is not None and box.is_empty:
            return None
        rows.append((found, people))
        numerators.append(box.low if box is not None and box.is_exact else None)
    telling = {
        (found, people)
        for cell, (found, people) in zip(cells, rows, strict=True)
        if found and people and found.high < found.scale and _tells(cell, decimals)
    }
    return Inverted(
        ratio=ratio,
        whole=whole.index,
        scale=scale,
        numerators=numerators,
        chance=1.0 if _is_own_share(rows) else _chance_of_all(telling),
    )


_FEWEST = 3


def _chance_of_all(telling: Collection[tuple[Stated, int]]) -> float:
    """Give the probability that numbers which are no ratios of these people look like them."""
    chance = math.prod(_chance(found, people) for found, people in telling)
    return chance if len(telling) >= _FEWEST or chance <= CERTAIN_CHANCE else 1.0


def _is_own_share(rows: Sequence[tuple[Stated | None, int | None]]) -> bool:
    """Say whether the ratios are shares of the column itself in its total: as large as it, row by row."""
    known = [(found, people) for found, people in rows if found and people]
    pairs = [(one, other) for one, other in itertools.pairwise(known) if one[1] != other[1]]
    alike = sum(
        one.low * other_people <= other.high * people
        and other.low * people <= one.high * other_people
        for (one, people), (other, other_people) in pairs
        if one.scale == other.scale
    )
    return 2 * alike >= len(pairs) > 0


def _tells(cell: str, decimals: int) -> bool:
    """Say whether a ratio is written out: 0.5 and 0 are whole parts of too many numbers, as is all of them."""
    digits = cell.partition(".")[2]
    return len(digits) >= min(decimals - 1, 3) and cell.strip("0.%") != ""


def _chance(found: Stated, people: int) -> float:
    """Give the probability that a number which is no ratio of `people` looks like one."""
    spread = 2 * people * found.slack
    return min(max(spread, _LEAST_CHANCE), 1.0)


def printed_numerators(table: Table, inverted: Inverted) -> frozenset[int]:
    """Give the rows (from 0) whose numerator the table prints, rounded or not, beside the ratio."""
    found: set[int] = set()
    for other in count_columns(table):
        if other.index == inverted.whole:
            continue
        pairs = [
            (row, count == numerator)
            for row, (count, numerator) in enumerate(
                zip(other.counts, inverted.numerators, strict=True)
            )
            if count is not None and numerator is not None
        ]
        if pairs and all(equal for _, equal in pairs):
            found.update(row for row, count in enumerate(other.counts) if count is not None)
    return frozenset(found)


def is_rounded(counts: Sequence[int | None]) -> bool:
    """Say whether counts look rounded, so that a ratio was made of rounded numbers."""
    known = {count for count in counts if count}
    fit = infer(known)
    if fit is not None:
        return not fit.off
    return bool(known) and any(
        all(map(regime.holds, known)) for regime in (Regime(5), Regime(6, midpoint=True), Regime(6))
    )
