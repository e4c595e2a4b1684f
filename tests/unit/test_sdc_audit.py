"""The audit of suppressed cells: intervals, verdicts, bounds on the work, and what happens without HiGHS."""

import sys

import pytest

from breachkit.detect.grading import is_undecided
from breachkit.detect.rules.sup_01 import RecoverableCells
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Severity
from breachkit.sdc.audit import Verdict, audit, verdict_on
from breachkit.sdc.cells import (
    Cell,
    CountTable,
    Place,
    Released,
    Share,
    Sum,
    Suppressed,
    Unprinted,
    is_recomputed,
    origins,
)
from breachkit.sdc.integer_bounds import Solves, integer_bounds
from breachkit.sdc.intervals import (
    ContradictionError,
    Interval,
    Linear,
    components,
    is_tree,
    propagate,
)
from breachkit.sdc.rounding import Regime
from breachkit.sdc.suppressed import flagged_rows, marked_columns
from tests.support.judging import context_of, lines, table_of


THRESHOLD = 5


def squares(number: int) -> CountTable:
    """Tables of three rows and columns, side by side, with four cells of each taken out."""
    cells: dict[Place, Cell] = {}
    relations = []
    for block in range(number):
        first = 4 * block
        counts = [[3, 4, 90], [5, 2, 70], [40, 50, 60]]
        for row in range(4):
            for column in range(4):
                rows = range(3) if row == 3 else (row,)
                columns = range(3) if column == 3 else (column,)
                count = sum(counts[i][j] for i in rows for j in columns)
                hidden = row < 2 and column < 2
                cells[row, first + column] = Suppressed() if hidden else Released(count)
        for line in range(3):
            across = tuple((line, first + at) for at in range(3))
            down = tuple((at, first + line) for at in range(3))
            relations += [Sum(across, ((line, first + 3),)), Sum(down, ((3, first + line),))]
    return CountTable(cells=cells, relations=tuple(relations))


def test_propagation_narrows_to_what_each_sum_leaves():
    total = Linear(((0, 1), (1, 1)), 7, 7)

    assert propagate([Interval(0, 4), Interval(1, 9)], [total]) == [Interval(0, 4), Interval(3, 7)]


def test_propagation_goes_through_chains():
    chain = [Linear(((at, 1), (at + 1, -1)), 0, 0) for at in range(30)]
    domains = [Interval() for _ in range(30)] + [Interval(8, 8)]

    assert propagate(domains, chain) == [Interval(8, 8)] * 31


def test_factors_round_inwards():
    assert propagate([Interval()], [Linear(((0, 3),), 4, 11)]) == [Interval(2, 3)]
    assert propagate([Interval()], [Linear(((0, -3),), -11, -4)]) == [Interval(2, 3)]


def test_a_contradiction_names_its_constraint():
    with pytest.raises(ContradictionError) as raised:
        propagate([Interval(0, 3)], [Linear(((0, 1),), 0, 9), Linear(((0, 1),), 4, 5)])

    assert raised.value.constraint == 1


def test_numbers_that_climb_for_ever_are_left_after_a_while():
    climbing = [Linear(((0, 1), (1, -1)), 1, 1), Linear(((0, 1), (1, -1)), 0, 0)]

    assert all(domain.high is None for domain in propagate([Interval(), Interval()], climbing))


def test_what_no_constraint_connects_is_judged_apart():
    constraints = [Linear(((0, 1), (2, 1)), 0, 0), Linear(((3, 1),), 0, 0)]

    assert components(4, constraints) == [[0, 2], [1], [3]]


def test_rows_alone_are_a_tree_and_rows_with_columns_are_none():
    rows = [Linear(((0, 1), (1, 1)), 5, 5), Linear(((2, 1), (3, 1)), 5, 5)]
    columns = [Linear(((0, 1), (2, 1)), 5, 5), Linear(((1, 1), (3, 1)), 5, 5)]

    assert is_tree(2, rows[:1])
    assert not is_tree(4, [*rows, *columns])
    assert not is_tree(2, [Linear(((0, 2), (1, 1)), 5, 5)])


@pytest.mark.parametrize(
    ("low", "high", "prior", "verdict"),
    [
        (3, 3, Interval(), Verdict.EXACT),
        (1, 5, Interval(), Verdict.WITHIN_T),
        (1, 5, Interval(0, 5), Verdict.SAFE),
        (2, 3, Interval(0, 5), Verdict.NARROW),
        (0, 3, Interval(), Verdict.NARROW),
        (0, 4, Interval(), Verdict.SAFE),
        (40, 43, Interval(), Verdict.NARROW),
        (3, None, Interval(), Verdict.SAFE),
        (0, 5, Interval(0, 5), Verdict.SAFE),
        (4, 3, Interval(), Verdict.INCONSISTENT),
    ],
)
def test_verdicts_say_what_is_learnt_beyond_the_mark(low, high, prior, verdict):
    assert verdict_on(Interval(low, high), prior, THRESHOLD) is verdict


def test_a_circle_is_solved_where_propagation_alone_stops():
    cells: dict[Place, Cell] = {(0, at): Suppressed(Interval(0, 9)) for at in range(3)}
    cells |= {(1, at): Released(10) for at in range(3)}
    pairs = [((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 0), (0, 2))]
    relations = tuple(Sum(pair, ((1, at),)) for at, pair in enumerate(pairs))

    found = audit(CountTable(cells=cells, relations=relations), THRESHOLD)

    assert {cell.bounds for cell in found.cells.values()} == {Interval(5, 5)}
    assert found.solves > 0
    assert found.decided


def test_an_odd_circle_has_no_whole_solution():
    cells: dict[Place, Cell] = {(0, at): Suppressed() for at in range(3)}
    cells |= {(1, 0): Released(10), (1, 1): Released(10), (1, 2): Released(9)}
    pairs = [((0, 0), (0, 1)), ((0, 1), (0, 2)), ((0, 0), (0, 2))]
    relations = tuple(Sum(pair, ((1, at),)) for at, pair in enumerate(pairs))

    found = audit(CountTable(cells=cells, relations=relations), THRESHOLD)

    assert {cell.verdict for cell in found.cells.values()} == {Verdict.INCONSISTENT}
    assert found.conflicts == (0, 1, 2)


def test_without_budget_bounds_are_sound_and_said_to_be_undecided():
    found = audit(squares(6), THRESHOLD, max_solves=3)

    assert found.solves == 3
    assert not found.decided
    for block in range(6):
        for (row, column), count in {(0, 0): 3, (0, 1): 4, (1, 0): 5, (1, 1): 2}.items():
            assert found.cells[row, 4 * block + column].bounds.holds(count)


def test_separate_tables_take_few_solves_each():
    found = audit(squares(6), THRESHOLD)

    assert found.decided
    assert found.solves <= 6 * 4
    assert {cell.verdict for cell in found.cells.values()} == {Verdict.SAFE}


def test_a_system_too_large_is_left_to_propagation():
    number = 700
    domains = [Interval(0, 9)] * number
    ring = [Linear(((at, 1), ((at + 1) % number, 1)), 3, 12) for at in range(number)]
    solves = Solves(10)

    found = integer_bounds(domains, ring, [0], solves)

    assert found[0].interval == Interval(0, 9)
    assert not found[0].proven
    assert solves.used == 0


def test_large_tables_are_audited_in_little_work():
    cells: dict[Place, Cell] = {
        (row, at): Suppressed() if (row + at) % 7 == 0 else Released(row + at)
        for row in range(40)
        for at in range(12)
    }
    cells |= {(row, 12): Released(12 * row + 66) for row in range(40)}
    cells |= {(40, at): Released(780 + 40 * at) for at in range(12)}
    relations = [Sum(tuple((row, at) for at in range(12)), ((row, 12),)) for row in range(40)]
    relations += [Sum(tuple((row, at) for row in range(40)), ((40, at),)) for at in range(12)]

    found = audit(CountTable(cells=cells, relations=tuple(relations)), THRESHOLD, max_solves=20)

    assert found.solves <= 20
    assert all(cell.bounds.holds(sum(place)) for place, cell in found.cells.items())


def test_a_share_of_a_known_total_gives_the_count_back():
    cells: dict[Place, Cell] = {(0, 0): Suppressed(), (1, 0): Released(250)}
    share = Share((0, 0), (1, 0), 23, 25, 2000)  # 1.2 %, to one decimal

    found = audit(CountTable(cells=cells, relations=(share,)), THRESHOLD)

    assert found.cells[0, 0].bounds == Interval(3, 3)


def test_a_number_printed_nowhere_connects_and_is_not_judged():
    cells: dict[Place, Cell] = {
        (0, 0): Suppressed(),
        (1, 0): Released(20),
        (2, 0): Released(9),
        (3, 0): Released(14),
        (-1, 0): Unprinted(),
    }
    both = Sum(((0, 0), (1, 0)), ((-1, 0),)), Sum(((2, 0), (3, 0)), ((-1, 0),))

    found = audit(CountTable(cells=cells, relations=both), THRESHOLD)

    assert set(found.cells) == {(0, 0)}
    assert found.cells[0, 0].bounds == Interval(3, 3)


def test_relations_over_cells_that_are_not_there_are_left_out():
    cells: dict[Place, Cell] = {(0, 0): Suppressed()}

    found = audit(CountTable(cells=cells, relations=(Sum(((0, 0),), ((9, 9),)),)), THRESHOLD)

    assert found.cells[0, 0].verdict is Verdict.SAFE


def test_a_table_without_cells_or_relations_is_judged():
    assert audit(CountTable(cells={}), THRESHOLD).cells == {}
    found = audit(CountTable(cells={(0, 0): Suppressed()}), THRESHOLD)
    assert found.cells[0, 0].verdict is Verdict.SAFE


def test_places_are_given_by_verdict_and_in_order():
    cells: dict[Place, Cell] = {(1, 0): Suppressed(), (0, 0): Suppressed(), (2, 0): Released(4)}
    relations = (Sum(((1, 0),), ((2, 0),)), Sum(((0, 0),), ((2, 0),)))

    found = audit(CountTable(cells=cells, relations=relations), THRESHOLD)

    assert found.places(Verdict.EXACT) == ((0, 0), (1, 0))
    assert found.places(Verdict.SAFE) == ()


def test_bounds_stand_in_no_representation():
    cells: dict[Place, Cell] = {(0, 0): Suppressed(Interval(0, 777)), (1, 0): Released(777)}
    table = CountTable(cells=cells, relations=(Sum(((0, 0),), ((1, 0),)),))

    assert "777" not in repr(table) + repr(audit(table, THRESHOLD)) + repr(cells)


@pytest.mark.parametrize(
    ("count", "regime", "low", "high"),
    [
        (40, None, 40, 40),
        (40, Regime(5), 38, 42),
        (0, Regime(5), 0, 2),
        (40, Regime(10), 35, 45),
        (14, Regime(7), 11, 17),
        (41, Regime(5), 41, 41),
    ],
)
def test_printed_counts_stand_for_what_rounding_may_have_been_given(count, regime, low, high):
    assert origins(count, regime) == Interval(low, high)


def test_a_total_that_leaves_out_what_was_taken_out_is_recomputed():
    cells: dict[Place, Cell] = {(0, 0): Suppressed(), (1, 0): Released(20), (2, 0): Released(20)}
    total = Sum(((0, 0), (1, 0)), ((2, 0),))

    assert is_recomputed(total, cells)
    assert not is_recomputed(total, cells | {(2, 0): Released(21)})
    assert not is_recomputed(total, cells | {(0, 0): Released(0)})


CIRCLE = """
outcome,n_mild,n_moderate,n_severe,n_all
admitted,[REDACTED],[REDACTED],130,141
ventilated,121,230,343,694
died,[REDACTED],[REDACTED],61,70
All,131,240,534,905
"""


def test_without_the_solver_the_finding_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)

    (hit,) = RecoverableCells().check_table(table_of(CIRCLE), context_of("output/table.csv"))

    assert hit.severity is Severity.LOW
    assert hit.confidence is Confidence.LOW
    assert "needs breachkit[formats]" in hit.message


def test_with_the_solver_the_same_table_is_safe():
    hits = list(RecoverableCells().check_table(table_of(CIRCLE), context_of("output/table.csv")))

    assert hits == []


def margins_of(names, *, hidden="[REDACTED]"):
    """A table whose first count was taken out of sums, and whose total stands behind all other columns."""
    rows = [
        [hidden if at == row == 0 else f"{40 + 3 * at + 7 * row}" for at in range(names)]
        for row in range(3)
    ]
    totals = [
        f"{sum(40 + 3 * at + 7 * row for at in range(names)) - (36 if not row else 0)}"
        for row in range(3)
    ]
    header = ("group", *(f"n_{at}" for at in range(names)), "n_total")
    return Table(header, [[f"g{row}", *cells, totals[row]] for row, cells in enumerate(rows)])


def test_a_total_that_stands_too_far_to_the_right_is_said_not_to_be_looked_at():
    near, far = (
        list(RecoverableCells().check_table(margins_of(names), context_of("output/table.csv")))
        for names in (110, 130)
    )

    assert [hit.severity for hit in near] == [Severity.HIGH]
    assert [is_undecided(hit) for hit in far] == [True]


def test_rows_that_a_column_far_to_the_right_calls_redacted_are_marks():
    header = ("group", "n", *(f"x{at}" for at in range(130)), "redacted")
    rows = [["a", "12", *["0.5"] * 130, "FALSE"], ["b", "", *["0.5"] * 130, "TRUE"]]

    assert flagged_rows(Table(header, rows)) == {1}


def test_marks_are_seen_below_rows_of_other_numbers():
    medians = [(f"median {at}", "45.2 (30 to 60)") for at in range(10)]
    counts = [(f"group {at}", cell) for at, cell in enumerate(["120", "[REDACTED]", *["87"] * 20])]

    assert marked_columns(table_of(lines(("g", "all"), *medians, *counts))) == (1,)
    assert not marked_columns(table_of(lines(("g", "all"), *medians * 4, ("a", "[REDACTED]"))))


def test_without_the_solver_chains_are_still_decided(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)
    text = "group,n_a,n_b,n_total\nx,[REDACTED],40,43\ny,51,60,111\nz,71,82,153\n"

    (hit,) = RecoverableCells().check_table(table_of(text), context_of("output/table.csv"))

    assert hit.severity is Severity.HIGH
    assert "EXACT" in hit.message
