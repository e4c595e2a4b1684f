"""New texts of cells: rounded counts, and the percentages and rates made of them, written as before."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction

from breachkit.actions.redaction_plan import Change, Why
from breachkit.actions.redaction_rounding import Rounded, round_count
from breachkit.actions.redaction_table import Judged
from breachkit.documents.editing.editable import HEADER
from breachkit.documents.table import Table
from breachkit.sdc.cells import Place, Released
from breachkit.sdc.count_cells import column, wordy_columns
from breachkit.sdc.count_names import header_count, write_header_counts
from breachkit.sdc.derived import Ratio
from breachkit.sdc.derived_cumulative import Cumulative
from breachkit.sdc.derived_person_time import PersonTimeRate, times_of
from breachkit.sdc.derived_texts import (
    separator_of,
    whole_behind,
    write_count,
    write_ratio,
    write_share,
    write_whole,
)
from breachkit.sdc.rounding import Regime
from breachkit.sdc.stated import decimals_of, stated


def text_at(table: Table, place: Place) -> str:
    """Give what stands in a cell; nothing where its row is too short to have it."""
    row, index = place
    cells = table.header if row == HEADER else table.rows[row]
    return cells[index] if index < len(cells) else ""


def rounding_changes(
    judged: Judged, result: Rounded, regime: Regime, gone: Collection[Place]
) -> dict[Place, Change]:
    """Give the new texts of all cells of a table that rounding changes.

    Args:
        judged: The table.
        result: Its counts as they are printed then.
        regime: How they were rounded.
        gone: Every cell that is taken out, statistics included.
    """
    found = dict(_counts(judged, result, regime))
    for place, change in _names(judged.table, result, regime, gone):
        found.setdefault(place, change)
    decimals = {
        index: decimals_of(column(judged.pointed, index))
        for index in {ratio.place[1] for ratio in judged.ratios}
    }
    for ratio in judged.ratios:
        if ratio.place not in gone and ratio.part in result.values:
            counted = found.get(ratio.place)
            made = _ratio(judged, result, ratio, counted, decimals[ratio.place[1]])
            if made is not None:
                found[ratio.place] = made
    for cumulative in judged.cumulative:
        found.update(_shares_so_far(judged, result, cumulative))
    for timed in judged.timed:
        found.update(_by_time(judged, result, timed))
    return {place: change for place, change in found.items() if place not in gone}


def _by_time(
    judged: Judged, result: Rounded, found: PersonTimeRate
) -> Iterator[tuple[Place, Change]]:
    """Give the rates of rounded counts by the time that is printed, where they are others."""
    cells, pointed = column(judged.table, found.at), column(judged.pointed, found.at)
    decimals = decimals_of(pointed)
    for row, time in times_of(judged.pointed, found.over).items():
        count, printed = (
            result.values.get((row, found.of)),
            stated(pointed[row], of=1, decimals=decimals),
        )
        if count is None or printed is None:
            continue
        rate = found.value(count, time)
        if not printed.low <= rate * printed.scale <= printed.high:
            text = _as_before(cells[row], pointed[row], write_ratio(cells[row], rate, decimals))
            yield (row, found.at), Change(text, Why.RECOMPUTED)


def _shares_so_far(
    judged: Judged, result: Rounded, found: Cumulative
) -> Iterator[tuple[Place, Change]]:
    cells, pointed = column(judged.table, found.at), column(judged.pointed, found.at)
    decimals = decimals_of(pointed)
    counts = [result.values.get((row, found.of), 0) for row in found.rows]
    total = sum(counts)
    for row, so_far in zip(found.rows, itertools.accumulate(counts), strict=True):
        if found.scale and total:
            share = Fraction(so_far * found.scale, total)
            text = _as_before(cells[row], pointed[row], write_ratio(cells[row], share, decimals))
            if text != cells[row]:
                yield (row, found.at), Change(text, Why.RECOMPUTED)


def _counts(judged: Judged, result: Rounded, regime: Regime) -> Iterator[tuple[Place, Change]]:
    separators: dict[int, str] = {}
    for place, count in result.values.items():
        row, index = place
        cell = judged.counted.cells[place]
        if row < 0 or not isinstance(cell, Released):
            continue
        old = text_at(judged.table, place)
        if index not in separators:
            separators[index] = separator_of(column(judged.table, index))
        text = old if cell.count == count else write_count(old, count, separators[index])
        whole = whole_behind(text)
        if whole is not None:
            text = write_whole(text, round_count(whole, regime), separators[index])
        if text != old:
            yield place, Change(text, Why.TOTAL if place in result.totals else Why.ROUNDED)


_NAME_COLUMNS = 3
"""The first columns, which may name rows."""


def _names(
    table: Table, result: Rounded, regime: Regime, gone: Collection[Place]
) -> Iterator[tuple[Place, Change]]:
    """Give the names of columns and rows that state a count, with it rounded."""
    for place in stating_places(table):
        old = text_at(table, place)

        def write(count: int, place: Place = place, old: str = old) -> str:
            value = result.values.get(place) if place[0] == HEADER else None
            new = round_count(count, regime) if value is None else value
            return f"{new:,}" if "," in old else str(new)

        text = write_header_counts(old, write)
        if text != old and place not in gone:
            yield place, Change(text, Why.ROUNDED)


def stating_places(table: Table) -> Iterator[Place]:
    """Give the names of columns (row `HEADER`) and of rows that state a count."""
    for index, name in enumerate(table.header):
        if "=" in name and header_count(name):
            yield HEADER, index
    for index in wordy_columns(table):
        cells: Sequence[str] = column(table, index) if index < _NAME_COLUMNS else ()
        if "=" in "".join(cells):
            yield from (
                (row, index) for row, cell in enumerate(cells) if "=" in cell and header_count(cell)
            )


def _ratio(
    judged: Judged, result: Rounded, ratio: Ratio, counted: Change | None, decimals: int
) -> Change | None:
    """Give a percentage or a rate made of the counts that are printed now, where it is another."""
    whole = sum(result.values.get(place, 0) for place in ratio.whole)
    if not whole:
        return None
    part = result.values[ratio.part]
    share = Fraction(part * ratio.scale, whole)
    old = text_at(judged.table, ratio.place)
    if ratio.place == ratio.part:
        text = write_share(counted.text if counted else old, share)
        why = counted.why if counted else Why.RECOMPUTED
        return None if text == old else Change(text, why)
    pointed = text_at(judged.pointed, ratio.place)
    printed = stated(pointed, of=ratio.scale, decimals=decimals)
    if printed is not None and printed.numerators(whole).holds(part):
        return None
    return Change(_as_before(old, pointed, write_ratio(old, share, decimals)), Why.RECOMPUTED)


def _as_before(old: str, pointed: str, new: str) -> str:
    """Write a number with a decimal comma where the old one has it."""
    return new if old == pointed else new.replace(".", ",")
