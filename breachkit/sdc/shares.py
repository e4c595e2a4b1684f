"""Percentages and proportions that a table prints: what they say about the numbers they are made of.

A share printed to k decimals lies within half a unit of the last one. Of what it is a share is
found by trying: a column of the same row, or the total of the rows, wherever every row agrees.

So a share v of D people has a numerator within eps * D of v * D, eps being that half unit.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence

from breachkit.documents.table import Table
from breachkit.sdc.cells import Place, Released, Share, Sum, origins
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import HEADER, Grid
from breachkit.sdc.count_names import normal
from breachkit.sdc.search import Search
from breachkit.sdc.stated import Stated, share_behind, stated


_SHARE_NAME = re.compile(
    r"(?:^|_)(?:pct|perc|percent|percentages?|prop|proportions?|share|fraction|pc)(?:_|$|\d)|%"
)
_PROPORTION_NAME = re.compile(r"(?:^|_)(?:prop|proportions?|share|fraction|ratio|value)(?:_|$)")


def is_share_name(name: str) -> bool:
    """Say whether a column's name says that it holds percentages or proportions."""
    return _SHARE_NAME.search(normal(name)) is not None or "%" in name


def shares(table: Table, grid: Grid, sums: Sequence[Sum], search: Search) -> Iterator[Share]:
    """Give the printed shares of a table's counts, with what they are shares of.

    Only those are given whose whole every row that prints all three agrees with, and which tell
    something: at least three rows with different counts do agree.

    Args:
        table: The table.
        grid: Its counts.
        sums: How they add up; their totals may be what shares are of.
        search: Is told if there are too many rows or totals.
    """
    named = [
        at for at, name in enumerate(table.header) if at not in grid.columns and is_share_name(name)
    ]
    near = _NEAR if len(named) * len(grid.columns) > _MOST_PAIRS else len(table.header)
    search.leave_out(
        at for at in named if any(not -near <= at - index < near for index in grid.columns)
    )
    for index in grid.columns:
        totals = [relation for relation in sums if _is_in_column(relation, index)]
        of_shares = [at for at in named if -near <= at - index < near]
        for printed in _columns_of_shares(table, grid, index, of_shares):
            search.within(len(printed), _MAX_ROWS)
            search.within(len(totals), _MAX_TOTALS)
            yield from _of_columns(grid, index, printed)
            yield from _of_totals(grid, printed, totals[:_MAX_TOTALS])


_MAX_TOTALS = 60
_MAX_ROWS = 500


def _is_in_column(relation: Sum, index: int) -> bool:
    return len(relation.whole) == 1 and {
        place[1] for place in (*relation.whole, *relation.parts)
    } == {index}


def _columns_of_shares(
    table: Table, grid: Grid, index: int, others: Sequence[int]
) -> Iterator[dict[int, Stated]]:
    """Give the shares that may be of one column of counts: behind its numbers, or in other columns."""
    rows = [row for row in grid.rows if row != HEADER]
    counted = column(table, index)
    behind = {row: share_behind(counted[row]) for row in rows}
    kept = {row: share for row, share in behind.items() if share is not None}
    if kept:
        yield kept
    for at in others:
        of = 1 if _PROPORTION_NAME.search(normal(table.header[at])) else 100
        cells = column(table, at)
        printed = {row: stated(cells[row], of=of) for row in rows}
        yield {row: share for row, share in printed.items() if share is not None}


_NEAR = 8
_MOST_PAIRS = 400
"""Of columns of counts and of shares that are tried; where there are more, those that stand near."""
_LEAST_ROWS = 3


def _of_columns(grid: Grid, index: int, printed: dict[int, Stated]) -> Iterator[Share]:
    for other in grid.columns:
        if other != index:
            pairs = (((row, index), (row, other), share) for row, share in printed.items())
            yield from _agreeing(grid, pairs)


def _of_totals(grid: Grid, printed: dict[int, Stated], sums: Sequence[Sum]) -> Iterator[Share]:
    for relation in sums:
        pairs = (
            (place, relation.whole[0], share)
            for place in relation.parts
            if (share := printed.get(place[0])) is not None
        )
        yield from _agreeing(grid, pairs)


def _agreeing(grid: Grid, pairs: Iterable[tuple[Place, Place, Stated]]) -> list[Share]:
    """Give shares if all agree with the counts that are printed, in enough different rows.

    Where all of them are those of the printed counts, though these are rounded, they were made of
    them, and say no more.
    """
    found: list[Share] = []
    of_printed: list[Share] = []
    different = set()
    were_raw = False
    for part, whole, printed in itertools.islice(pairs, _MAX_ROWS):
        share = Share(part, whole, printed.low, printed.high, printed.scale, proven=True)
        top, bottom = grid.cells[part], grid.cells[whole]
        if isinstance(top, Released) and isinstance(bottom, Released):
            if not _fits(share, top, bottom):
                return []
            if 0 < top.count < bottom.count:
                different.add((top.count, bottom.count))
            if (top.regime or bottom.regime) and _is_of(share, top.count, bottom.count):
                of_printed.append(share)
                continue
            were_raw = True
        found.append(share)
    if len(different) < _LEAST_ROWS:
        return []
    return [*found, *of_printed] if were_raw else found


def _is_of(share: Share, part: int, whole: int) -> bool:
    return share.low * whole <= share.scale * part <= share.high * whole


def _fits(share: Share, part: Released, whole: Released) -> bool:
    """Say whether a share may have been made of numbers that are printed as these are."""
    parts, wholes = origins(part.count, part.regime), origins(whole.count, whole.regime)
    least = share.low * wholes.low
    most = share.high * (wholes.high or 0)
    return share.scale * (parts.high or 0) >= least and share.scale * parts.low <= most
