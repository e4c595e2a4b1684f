"""Ratios that were computed before their numerators and denominators were rounded, and give the raw ones away.

Source: OpenSAFELY documentation, docs/outputs/sdc.md, "Rounding rates": rates are computed from
rounded counts.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

from breachkit.documents.table import Table
from breachkit.model.records import dataclass
from breachkit.sdc.cells import origins
from breachkit.sdc.count_cells import column
from breachkit.sdc.counts import CountColumn, count_columns
from breachkit.sdc.intervals import Interval
from breachkit.sdc.inversion import MAX_COLUMNS, MAX_ROWS, MOST_TRIED, SAMPLE, SCALES
from breachkit.sdc.ratio_columns import ratio_columns
from breachkit.sdc.rounding import Regime, infer
from breachkit.sdc.search import Search
from breachkit.sdc.stated import Stated, decimals_of, stated


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrounded:
    """A column of ratios that was computed before its numerator and denominator were rounded."""

    ratio: int
    numerator: int
    """Indices of columns, counted from 0."""
    rows: tuple[int, ...]
    """Rows (from 0) in which the ratio is not that of the rounded numbers."""
    exact: tuple[int, ...]
    """Rows in which one pair of numbers only, and not the printed one, gives the ratio."""
    small: tuple[int, ...]
    """Rows in which every numerator that gives the ratio is at most the threshold, and not 0."""


def ratios_of_raw_counts(table: Table, threshold: int, search: Search) -> Iterator[Unrounded]:
    """Find ratios beside a rounded numerator and denominator that give away the raw ones.

    Args:
        table: Any table.
        threshold: The largest count that may not be released.
        search: Is told where some may be among what was not gone through.
    """
    ratios = ratio_columns(table) if len(count_columns(table)) > 1 else ()
    first, rounded = ratios[:MAX_COLUMNS], _rounded_columns(table) if ratios else []
    trials = _trials(table, first, rounded)
    if len(table.rows) > MAX_ROWS:
        search.leave_out(trials)
        trials = iter(())
    judged: set[int] = set()
    for ratio, top, bottom in itertools.islice(trials, MOST_TRIED):
        found = (
            None if ratio in judged else _Rows(column(table, ratio), top, bottom).judge(threshold)
        )
        if found is not None:
            judged.add(ratio)
            rows, exact, small = found
            yield Unrounded(
                ratio=ratio, numerator=top[0].index, rows=rows, exact=exact, small=small
            )
    search.leave_out(trial for trial in trials if trial[0] not in judged)
    further = ratios[MAX_COLUMNS:]
    if search.within(len(further) * len(rounded), _MOST_PAIRS):
        search.leave_out(_trials(table, further, rounded))
    if rounded:
        search.within(len(count_columns(table)), MAX_COLUMNS)


def _trials(
    table: Table, ratios: Iterable[int], rounded: "Sequence[_Rounded]"
) -> "Iterator[tuple[int, _Rounded, _Rounded]]":
    return (
        (ratio, top, bottom)
        for ratio in (ratios if len(rounded) > 1 else ())
        for top, bottom in _pairs(rounded)
        if _may_be_of(column(table, ratio), top, bottom)
    )


_Rounded = tuple[CountColumn, Regime]


def _rounded_columns(table: Table) -> list[_Rounded]:
    """Give the columns of counts that were rounded, with how."""
    columns = count_columns(table)[:MAX_COLUMNS]
    fit = infer([count for found in columns for count in found.counts if count])
    shared = fit.regime if fit is not None and not fit.off else None
    found = []
    for counted in columns:
        regime = Regime(6, midpoint=True) if counted.midpoint else None
        regime = regime or (Regime(5) if counted.rounded else shared)
        if regime is not None and all(regime.holds(count) for count in counted.counts if count):
            found.append((counted, regime))
    return found


def _pairs(rounded: Sequence[_Rounded]) -> Iterator[tuple[_Rounded, _Rounded]]:
    for top in rounded:
        for bottom in rounded:
            if top is not bottom:
                yield top, bottom


def _may_be_of(cells: Sequence[str], top: _Rounded, bottom: _Rounded) -> bool:
    """Try the first rows with some scale, which turns most pairs of columns away."""
    rows = zip(cells, top[0].counts, bottom[0].counts, strict=True)
    pairs = (
        (found.value, part, whole)
        for cell, part, whole in rows
        if part and whole and part <= whole and (found := stated(cell, of=1)) is not None
    )
    known = list(itertools.islice(pairs, SAMPLE))
    base = max(top[1].base, bottom[1].base)
    return any(
        all(
            (part - base) * scale <= 1.1 * value * (whole + base)
            and value * (whole - base) <= 1.1 * (part + base) * scale
            for value, part, whole in known
        )
        for scale in SCALES
    )


_MOST_PAIRS = 2_000
"""Of further ratios and rounded columns, of which it is said at least whether they may belong together."""
_LEAST_ROWS = 3
_NARROW = 0.1


class _Rows:
    """Rows of a ratio with a rounded numerator and denominator."""

    def __init__(self, cells: Sequence[str], top: _Rounded, bottom: _Rounded) -> None:
        self._decimals = decimals_of(cells)
        self._rows = [
            (row, cell, part, whole)
            for row, (cell, part, whole) in enumerate(
                zip(cells, top[0].counts, bottom[0].counts, strict=True)
            )
            if part and whole and part <= whole and stated(cell, of=1) is not None
        ]
        self._top, self._bottom = top[1], bottom[1]

    def judge(
        self, threshold: int
    ) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] | None:
        """Give the rows that differ, those with one solution, and those with small ones; or None."""
        scale = next((scale for scale in SCALES if self._is_ratio(scale)), None)
        if scale is None:
            return None
        differing, exact, small = [], [], []
        for row, cell, part, whole in self._rows:
            found = stated(cell, of=scale, decimals=self._decimals)
            if found is None or found.numerators(whole).holds(part):
                continue
            pairs = list(self._solutions(found, part, whole))
            differing.append(row)
            if len(pairs) == 1:
                exact.append(row)
            if pairs and all(1 <= numerator <= threshold for numerator, _ in pairs):
                small.append(row)
        return (tuple(differing), tuple(exact), tuple(small)) if differing else None

    def _is_ratio(self, scale: int) -> bool:
        """Say whether each ratio may be made of what was rounded, and that some rows say so plainly."""
        plain = set()
        for _, cell, part, whole in self._rows:
            found = stated(cell, of=scale, decimals=self._decimals)
            if found is None or not any(True for _ in self._solutions(found, part, whole)):
                return False
            if self._top.base + self._bottom.base <= 2 * _NARROW * part:
                plain.add((part, whole))
        return len(plain) >= _LEAST_ROWS

    def _solutions(self, found: Stated, part: int, whole: int) -> Iterator[tuple[int, Interval]]:
        """Give each numerator that rounds as printed, once for each denominator that goes with it."""
        parts, wholes = origins(part, self._top), origins(whole, self._bottom)
        for numerator in range(parts.low, (parts.high or 0) + 1):
            fitting = found.wholes(numerator, wholes)
            for denominator in range(fitting.low, (fitting.high or 0) + 1):
                yield numerator, Interval(denominator, denominator)
