"""One table before redaction: its counts, how they add up, and which statistics are made of them."""

import dataclasses
from collections.abc import Collection, Iterable, Iterator

from breachkit.actions.redaction_cells import SmallCells, named, small_cells_of
from breachkit.actions.redaction_plan import Change, Options, Why, redacted
from breachkit.actions.redaction_rates import told_by_rates
from breachkit.detect.rules.sup_01 import Kinds
from breachkit.documents.editing.editable import HEADER, Spot
from breachkit.documents.table import Table
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Sum, Unprinted
from breachkit.sdc.count_grid import Grid, grid_of, grid_over
from breachkit.sdc.derived import Ratio, ratios_of
from breachkit.sdc.derived_cumulative import Cumulative, cumulative_columns
from breachkit.sdc.derived_person_time import PersonTimeRate, person_time_rates
from breachkit.sdc.derived_texts import with_points
from breachkit.sdc.marks import REDACTED
from breachkit.sdc.measure_sums import measure_sums
from breachkit.sdc.recovery import counted_table, is_too_large, recover
from breachkit.sdc.search import Search


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known about one table before anything of it is taken out."""

    table: Table
    pointed: Table
    """The same with points in place of decimal commas."""
    small: SmallCells
    grid: Grid | None = None
    """Its counts; None where it has none."""
    counted: CountTable = field(default_factory=lambda: CountTable(cells={}))
    """All of them, and how they add up. Totals that are not printed, but follow from percentages,
    have rows from `UNPRINTED` down."""
    ratios: tuple[Ratio, ...] = ()
    cumulative: tuple[Cumulative, ...] = ()
    """Columns of shares of the counts so far, row by row."""
    timed: tuple[PersonTimeRate, ...] = ()
    """Columns of rates by person-time."""
    kept: frozenset[Place] = frozenset()
    """Cells that may not go: a person said so, or they are printed nowhere."""
    staying: frozenset[int] = frozenset()
    """Columns that a person wants to stay as they are."""
    wholes: frozenset[Place] = frozenset()
    """Cells that percentages of other cells tell, so that they go only together with all of these."""

    known: tuple[Sum, ...] = ()
    """Sums that were found while all of their parts could be read: beside marks, any numbers may seem
    to add up."""
    told: frozenset[Place] = frozenset()
    """Rates that give away a count too small to release, which no cell prints."""

    @property
    def primary(self) -> frozenset[Place]:
        """All that may not be seen by itself."""
        return self.small.places | self.told | (self.small.stated & self.counted.cells.keys())

    @property
    def sums(self) -> tuple[Sum, ...]:
        """How the counts add up."""
        return tuple(each for each in self.counted.relations if isinstance(each, Sum))

    @property
    def already(self) -> frozenset[Place]:
        """Counts that were visibly taken out before."""
        return self.grid.strong if self.grid else frozenset()


UNPRINTED = -10
"""The row of the first total that is not printed; the others follow downwards."""


def judge(table: Table, policy: Policy, options: Options) -> Judged:
    """Find out what a table's counts are, which are too small, and what they tell of each other."""
    small = small_cells_of(table, policy, options)
    staying = named(table, options.keep)
    pointed = with_points(table)
    columns = {found.index for found in small.columns} | _beside_marks(table, small.places)
    columns |= small.kept
    columns = {index for index in columns if index < len(table.header)}
    if not columns:
        return Judged(table=table, pointed=pointed, small=small)
    grid = grid_over(table, columns)
    added = CountTable(cells={}, is_cut=True) if is_too_large(grid) else counted_table(table, grid)
    sums = [each for each in added.relations if isinstance(each, Sum)]
    cumulative = cumulative_columns(pointed, grid)
    sums += [each for found in cumulative if found.has_counts for each in found.sums()]
    search = Search()
    sums += _without_repeats(sums, measure_sums(table, grid, search))
    ratios = ratios_of(pointed, grid, sums, search)
    known = {ratio.place[1] for ratio in ratios}
    timed = tuple(person_time_rates(pointed, grid, known, search))
    cells: dict[Place, Cell] = dict(_cells(grid, _telling_gaps(table, grid, policy)))
    totals = dict(_unprinted(ratios, cells))
    told = told_by_rates(pointed, policy.threshold)
    return Judged(
        table=table,
        pointed=pointed,
        small=small,
        grid=grid,
        counted=CountTable(
            cells=cells
            | {total.whole[0]: cell for total, cell in totals.items()}
            | dict(told.cells),
            relations=(*sums, *totals, *told.sums),
            is_cut=added.is_cut or told.is_cut or search.is_cut,
        ),
        ratios=ratios,
        cumulative=tuple(found for found in cumulative if not found.has_counts),
        timed=timed,
        kept=frozenset(_kept(table, staying, ratios))
        | {total.whole[0] for total in (*totals, *told.sums)},
        staying=staying,
        wholes=frozenset(_wholes(ratios)),
        known=tuple(each for each in sums if grid.strong.isdisjoint(each.parts)),
        told=told.small,
    )


def adding_up_as(first: Judged, now: Judged) -> Judged:
    """Give a table that is partly redacted with all that was known of how its counts add up.

    Of marks it takes more work to find out, which may be cut short where numbers showed it at once.

    Args:
        first: The table before anything was taken out.
        now: The table as it is.
    """
    known = {_unordered(each) for each in now.sums}
    missing = (each for each in first.sums if _unordered(each) not in known)
    cells = now.counted.cells.keys()
    sums = tuple(each for each in missing if cells >= {*each.parts, *each.whole})
    counted = dataclasses.replace(
        now.counted, relations=(*now.counted.relations, *sums), is_cut=first.counted.is_cut
    )
    return dataclasses.replace(now, counted=counted)


def _unordered(relation: Sum) -> tuple[frozenset[Place], frozenset[Place]]:
    return frozenset(relation.parts), frozenset(relation.whole)


def _without_repeats(known: Iterable[Sum], more: Iterable[Sum]) -> list[Sum]:
    seen = set(map(_unordered, known))
    return [each for each in more if _unordered(each) not in seen]


def _beside_marks(table: Table, places: Iterable[Place]) -> set[int]:
    """Give the columns that an auditor will take for counts once these cells are marked."""
    changes = {Spot(0, *place): Change(REDACTED, Why.PRIMARY) for place in places}
    grid = grid_of(redacted(table, changes))
    return set(grid.columns) if grid else set()


def _telling_gaps(table: Table, grid: Grid, policy: Policy) -> frozenset[Place]:
    """Give the empty cells of which the rest of the table proves that a small count stood there."""
    found = recover(table, policy.threshold) if grid.weak and grid_of(table) else None
    small = Kinds(found, policy.threshold).small if found else ()
    return frozenset(small) & grid.weak


def _cells(grid: Grid, telling: Collection[Place]) -> Iterator[tuple[Place, Cell]]:
    """Give all counts; what is missing without a mark may never have been one, and is no secret."""
    for place, cell in grid.cells.items():
        is_gap = place in grid.weak and place not in telling
        yield place, Unprinted() if is_gap else cell


def _unprinted(ratios: Iterable[Ratio], cells: dict[Place, Cell]) -> Iterator[tuple[Sum, Cell]]:
    """Give the totals that percentages tell though no cell prints them.

    They are taken for known exactly, which is more than percentages of few decimals say.
    """
    wholes = dict.fromkeys(ratio.whole for ratio in ratios if len(ratio.whole) > 1)
    for number, parts in enumerate(wholes):
        counts = [cells.get(place) for place in parts]
        exact = [cell.count for cell in counts if isinstance(cell, Released) and not cell.regime]
        if len(exact) == len(parts):
            total = (UNPRINTED - number, parts[0][1])
            yield Sum(parts, (total,), proven=True), Released(sum(exact))


def _kept(table: Table, staying: Collection[int], ratios: Iterable[Ratio]) -> Iterator[Place]:
    """Give the cells of columns that stay, and the counts that their percentages tell."""
    for index in staying:
        yield from ((row, index) for row in range(HEADER, len(table.rows)))
    yield from (ratio.part for ratio in ratios if ratio.place[1] in staying)


def _wholes(ratios: Iterable[Ratio]) -> Iterator[Place]:
    for ratio in ratios:
        is_beside = ratio.place != ratio.part and ratio.whole[0][0] == ratio.place[0]
        if len(ratio.whole) == 1 and not is_beside:
            yield ratio.whole[0]
