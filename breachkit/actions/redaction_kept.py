"""What columns that a person keeps tell about cells that are taken out.

Their counts are printed, and so they are known to everybody who works something out (`Problem.kept`).
Their percentages and rates stay as well: where one leaves too few numbers for a count that went, the
count is not protected, whatever else goes.
"""

from collections.abc import Collection, Iterator

from breachkit.actions.redaction_table import Judged
from breachkit.documents.editing.editable import HEADER
from breachkit.sdc.audit import Verdict, verdict_on
from breachkit.sdc.cells import Place, Released
from breachkit.sdc.count_cells import column
from breachkit.sdc.derived import Ratio, prints_number
from breachkit.sdc.intervals import Interval
from breachkit.sdc.margins import places_of
from breachkit.sdc.stated import decimals_of, share_behind, stated


def told_by_statistics(judged: Judged, gone: Collection[Place], threshold: int) -> frozenset[Place]:
    """Give the counts that are taken out, and that a kept percentage or rate still tells.

    Args:
        judged: The table.
        gone: Its counts that are taken out.
        threshold: The largest count that may not be released.
    """
    found = {
        ratio.part
        for ratio in judged.ratios
        if ratio.place[1] in judged.staying
        and ratio.part in gone
        and _tells(judged, ratio, threshold)
    }
    return frozenset(found | {*_so_far(judged, gone), *_by_time(judged, gone)})


def _tells(judged: Judged, ratio: Ratio, threshold: int) -> bool:
    row, at = ratio.place
    cell = column(judged.pointed, at)[row]
    decimals = decimals_of(column(judged.pointed, at))
    is_behind = ratio.place == ratio.part
    share = share_behind(cell) if is_behind else stated(cell, of=ratio.scale, decimals=decimals)
    cells = [judged.counted.cells.get(place) for place in ratio.whole]
    whole = sum(each.count for each in cells if isinstance(each, Released))
    if share is None or not whole:
        return False
    verdict = verdict_on(share.numerators(whole), Interval(0, None), threshold)
    return verdict not in {Verdict.SAFE, Verdict.INCONSISTENT}


def _by_time(judged: Judged, gone: Collection[Place]) -> Iterator[Place]:
    """Give the counts that a kept rate by person-time tells."""
    for found in judged.timed:
        if found.at in judged.staying and found.over not in {at for _, at in gone}:
            cells = column(judged.table, found.at)
            yield from (
                place for place in gone if place[1] == found.of and prints_number(cells[place[0]])
            )


def _so_far(judged: Judged, gone: Collection[Place]) -> Iterator[Place]:
    """Give the counts of which a kept column adds up the shares, each of which tells of two rows."""
    for found in judged.cumulative:
        cells = column(judged.table, found.at)
        if found.at in judged.staying and any(prints_number(cells[row]) for row in found.rows):
            yield from ((row, found.of) for row in found.rows if (row, found.of) in gone)


def kept_columns_about(judged: Judged, cells: Collection[Place]) -> Iterator[int]:
    """Give the kept columns (from 0) that say something about cells, directly or through others.

    Args:
        judged: The table before anything was taken out.
        cells: Counts of it.
    """
    about = frozenset(cells)
    telling = {ratio.place[1] for ratio in judged.ratios if ratio.part in about}
    telling |= {
        found.at for found in judged.cumulative if {(row, found.of) for row in found.rows} & about
    }
    telling |= {found.at for found in judged.timed if any(at == found.of for _, at in about)}
    relations = [frozenset(places_of(relation)) for relation in judged.sums]
    while reached := [places for places in relations if places & about and not places <= about]:
        about = about.union(*reached)
    yield from sorted(judged.staying & (telling | {at for row, at in about if row >= HEADER}))
