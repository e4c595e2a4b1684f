"""Tables that prove cells safe: what they show, what they may not show, and what happens without HiGHS."""

import sys

import pytest

from breachkit.sdc.audit import Verdict, audit, prove
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Share, Sum, Suppressed
from breachkit.sdc.integer_bounds import InfeasibleError, Limits, Solves
from breachkit.sdc.intervals import Interval, Linear
from breachkit.sdc.witnesses import Witnesses


THRESHOLD = 7
SOME = Solves(100, limits=Limits(seconds=5.0))


def never(_index: int, _shown: Interval) -> bool:
    return False


def grid(rows: int, columns: int) -> CountTable:
    """A table of which every seventh cell is out, and most of those have others in row and column."""
    counts = {(i, j): 20 + i + j for i in range(rows) for j in range(columns)}
    cells: dict[Place, Cell] = {
        (i, j): Suppressed() if (i + j) % 7 == 0 else Released(count)
        for (i, j), count in counts.items()
    }
    cells |= {
        (i, columns): Released(sum(counts[i, j] for j in range(columns))) for i in range(rows)
    }
    cells |= {(rows, j): Released(sum(counts[i, j] for i in range(rows))) for j in range(columns)}
    across = [Sum(tuple((i, j) for j in range(columns)), ((i, columns),)) for i in range(rows)]
    down = [Sum(tuple((i, j) for i in range(rows)), ((rows, j),)) for j in range(columns)]
    return CountTable(cells=cells, relations=(*across, *down))


def test_both_ends_are_found_where_all_is_asked():
    total = Linear(((0, 1), (1, 1)), 9, 9)
    finder = Witnesses([Interval(), Interval(2)], [total], SOME, radius=3)

    assert finder.show([0, 1], never) == {0: Interval(0, 7), 1: Interval(2, 9)}


def test_numbers_that_are_no_whole_ones_show_nothing():
    pairs = [Linear(((at, 1), ((at + 1) % 3, 1)), 3, 4) for at in range(3)]
    odd = Linear(((0, 1), (1, 1), (2, 1)), 5, 5)
    finder = Witnesses([Interval()] * 3, [*pairs, odd], SOME, radius=3)

    assert finder.show(range(3), never) == dict.fromkeys(range(3), Interval(1, 2))


def test_what_has_no_solution_is_said_to_have_none():
    odd = [Linear(((at, 1), ((at + 1) % 3, 1)), 3, 3) for at in range(3)]

    with pytest.raises(InfeasibleError):
        Witnesses([Interval()] * 3, odd, SOME, radius=3).show([0], never)


def test_constraints_that_floating_point_cannot_hold_still_refuse_solutions():
    fine = Linear(((0, 1_000_000), (1, -999_999)), 0, 0)
    finder = Witnesses([Interval(0, 5), Interval(0, 5)], [fine], SOME, radius=3)

    assert finder.show([0], never) in ({}, {0: Interval(0, 0)})


def test_without_budget_nothing_is_shown():
    total = Linear(((0, 1), (1, 1)), 9, 9)

    assert Witnesses([Interval()] * 2, [total], Solves(0), radius=3).show([0], never) == {}


def test_large_tables_are_decided_in_few_programs():
    table = grid(130, 40)

    found = prove(table, THRESHOLD)

    hidden = [place for place, cell in table.cells.items() if isinstance(cell, Suppressed)]
    assert found.cells.keys() == set(hidden)
    assert found.decided
    assert found.solves < len(hidden) / 2
    assert not audit(table, THRESHOLD).decided


def test_what_is_shown_is_inside_of_what_is_known_and_enough():
    found = prove(grid(20, 14), THRESHOLD)

    assert found.places(Verdict.SAFE)
    for judgement in found.cells.values():
        if judgement.shown is not None:
            assert judgement.bounds.meet(judgement.shown) == judgement.shown
            assert (judgement.shown.width or 0) >= THRESHOLD - 1


def test_cells_that_are_not_safe_get_their_tightest_bounds():
    cells: dict[Place, Cell] = {(0, at): Suppressed(Interval(0, 9)) for at in range(3)}
    cells |= {(1, at): Released(10) for at in range(3)}
    pairs = [((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 0), (0, 2))]
    table = CountTable(
        cells=cells, relations=tuple(Sum(pair, ((1, at),)) for at, pair in enumerate(pairs))
    )

    found = prove(table, THRESHOLD)

    assert {(each.bounds, each.shown) for each in found.cells.values()} == {(Interval(5, 5), None)}


def test_shares_are_proven_in_whole_numbers():
    cells: dict[Place, Cell] = {place: Suppressed() for place in ((0, 0), (0, 1), (1, 0), (1, 1))}
    cells |= {
        (0, 2): Released(60),
        (1, 2): Released(80),
        (2, 0): Released(70),
        (2, 1): Released(70),
    }
    relations = (
        Sum(((0, 0), (0, 1)), ((0, 2),)),
        Sum(((1, 0), (1, 1)), ((1, 2),)),
        Sum(((0, 0), (1, 0)), ((2, 0),)),
        Sum(((0, 1), (1, 1)), ((2, 1),)),
        Share((0, 0), (0, 2), 149, 151, 1000),
    )

    found = prove(CountTable(cells=cells, relations=relations), THRESHOLD)

    assert {each.verdict for each in found.cells.values()} == {Verdict.EXACT}
    assert found.cells[0, 0].bounds == Interval(9, 9)


def test_without_the_solver_circles_are_undecided(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)

    found = prove(grid(20, 14), THRESHOLD)

    assert found.solver_missing
    assert not found.decided
