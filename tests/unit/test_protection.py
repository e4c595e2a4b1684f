"""Which cells go beside those that may not be seen: patterns, their proof, and when there is none."""

import sys
from typing import Any

import pytest

from breachkit.sdc.audit import Verdict, audit
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Sum, Suppressed
from breachkit.sdc.integer_bounds import SolverMissingError
from breachkit.sdc.intervals import Interval
from breachkit.sdc.protection.exact import Effort, Exact
from breachkit.sdc.protection.heuristic import Heuristic
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import NoPatternError, Problem
from breachkit.sdc.protection.protect import protect


THRESHOLD = 7


def with_margins(inner: list[list[int]]) -> CountTable:
    """A table of rows and columns, with a total of each, and of all."""
    rows, columns = len(inner), len(inner[0])
    counts = {(i, j): inner[i][j] for i in range(rows) for j in range(columns)}
    counts |= {(i, columns): sum(inner[i]) for i in range(rows)}
    counts |= {(rows, j): sum(counts[i, j] for i in range(rows)) for j in range(columns + 1)}
    across = [Sum(tuple((i, j) for j in range(columns)), ((i, columns),)) for i in range(rows + 1)]
    down = [Sum(tuple((i, j) for i in range(rows)), ((rows, j),)) for j in range(columns + 1)]
    cells: dict[Place, Cell] = {place: Released(count) for place, count in counts.items()}
    return CountTable(cells=cells, relations=(*across, *down))


def small(table: CountTable, threshold: int = THRESHOLD) -> frozenset[Place]:
    return frozenset(
        place
        for place, cell in table.cells.items()
        if isinstance(cell, Released) and 1 <= cell.count <= threshold
    )


def problem_of(inner: list[list[int]], **others: Any) -> Problem:
    table = with_margins(inner)
    return Problem(counted=table, primary=small(table), threshold=THRESHOLD, **others)


SQUARE = [[3, 40, 50], [60, 70, 80], [90, 100, 110]]


def test_one_small_count_takes_three_others_with_it():
    pattern = protect(problem_of(SQUARE))

    assert (0, 0) in pattern.suppressed
    assert len(pattern.complementary) == 3
    assert pattern.cost == 3
    assert pattern.suppressed == pattern.complementary | {(0, 0)}


def test_every_suppressed_cell_is_safe_and_that_is_proven():
    problem = problem_of(SQUARE)

    pattern = protect(problem)

    assert set(pattern.audit.cells) == pattern.suppressed
    assert pattern.audit.decided
    again = audit(published(problem, pattern.suppressed), THRESHOLD)
    assert again.places(Verdict.SAFE) == tuple(sorted(pattern.suppressed))


def test_where_small_counts_protect_each_other_there_is_nothing_to_do():
    pattern = protect(problem_of([[3, 6, 50], [5, 4, 80], [90, 100, 110]]))

    assert pattern.engine == "nothing to do"
    assert pattern.complementary == frozenset()
    assert pattern.least == pattern.cost == 0


def test_a_table_without_small_counts_loses_nothing():
    pattern = protect(problem_of([[30, 60], [50, 40]]))

    assert pattern.suppressed == frozenset()
    assert pattern.audit.cells == {}


def test_cells_that_are_printed_elsewhere_never_go():
    kept = frozenset({(0, 1), (1, 0), (0, 3), (3, 0)})

    pattern = protect(problem_of(SQUARE, kept=kept))

    assert not kept & pattern.suppressed


def test_without_cells_that_may_go_there_is_no_pattern():
    table = with_margins(SQUARE)
    kept = frozenset(table.cells) - {(0, 0)}

    with pytest.raises(NoPatternError) as raised:
        protect(problem_of(SQUARE, kept=kept))

    assert raised.value.places == ((0, 0),)


def test_a_primary_cell_that_is_printed_elsewhere_cannot_be_protected():
    with pytest.raises(NoPatternError) as raised:
        protect(problem_of(SQUARE, kept=frozenset({(0, 0)})))

    assert raised.value.places == ((0, 0),)


def test_what_was_out_already_is_protected_too():
    table = with_margins(SQUARE)
    cells = dict(table.cells) | {(2, 2): Suppressed()}
    counted = CountTable(cells=cells, relations=table.relations)

    pattern = protect(Problem(counted=counted, primary=small(table), threshold=THRESHOLD))

    assert (2, 2) in pattern.suppressed - pattern.complementary
    assert pattern.audit.cells[2, 2].verdict is Verdict.SAFE


def test_tables_that_nothing_connects_are_protected_apart():
    one, other = with_margins(SQUARE), with_margins([[30, 40], [50, 4]])
    far = {(row + 10, at): cell for (row, at), cell in other.cells.items()}
    relations = tuple(
        Sum(
            tuple((row + 10, at) for row, at in relation.parts),
            tuple((row + 10, at) for row, at in relation.whole),
        )
        for relation in other.relations
        if isinstance(relation, Sum)
    )
    counted = CountTable(cells={**one.cells, **far}, relations=(*one.relations, *relations))

    pattern = protect(Problem(counted=counted, primary=small(counted), threshold=THRESHOLD))

    assert pattern.cost == 6


def test_counts_that_do_not_add_up_have_no_pattern():
    table = with_margins(SQUARE)
    cells = dict(table.cells) | {(0, 3): Released(94), (3, 0): Released(151)}
    counted = CountTable(cells=cells, relations=table.relations)

    with pytest.raises(NoPatternError):
        protect(Problem(counted=counted, primary=frozenset({(0, 0)}), threshold=THRESHOLD))


def test_the_cheapest_cells_go():
    costs = {(1, 1): 9, (1, 0): 9, (0, 1): 9}

    pattern = protect(problem_of(SQUARE, costs=costs))

    assert pattern.suppressed == {(0, 0), (0, 2), (2, 0), (2, 2)}
    assert pattern.cost == pattern.least == 3
    assert pattern.is_least


def test_a_zero_may_go_and_nobody_knows_that_it_was_one():
    inner = [[3, 40, 50], [60, 0, 80], [90, 100, 110]]
    costs = dict.fromkeys(with_margins(inner).cells, 9) | {(1, 1): 1}

    pattern = protect(problem_of(inner, costs=costs))

    assert pattern.complementary == {(0, 1), (1, 0), (1, 1)}
    assert pattern.audit.cells[1, 1].verdict is Verdict.SAFE


def test_a_count_that_cannot_be_less_does_not_hide_another():
    """The 2 can take up to 2 from its row: too little, so that larger counts go instead."""
    inner = [[3, 2, 50], [2, 3, 80], [90, 100, 110]]
    table = with_margins(inner)
    few = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})

    pattern = protect(Problem(counted=table, primary=few, threshold=THRESHOLD))

    assert pattern.complementary
    assert pattern.is_least


def test_whole_numbers_are_asked_for_where_fractions_would_protect():
    """Two equal cells and a third make 5: the third is odd, which real numbers would not show."""
    counts = {(0, 0): 1, (0, 1): 1, (0, 2): 3, (0, 3): 5, (1, 3): 95, (2, 3): 100}
    cells: dict[Place, Cell] = {place: Released(count) for place, count in counts.items()}
    relations = (
        Sum(((0, 0), (0, 1), (0, 2)), ((0, 3),)),
        Sum(((0, 0),), ((0, 1),)),
        Sum(((0, 3), (1, 3)), ((2, 3),)),
    )
    primary = frozenset({(0, 2)})
    problem = Problem(
        counted=CountTable(cells=cells, relations=relations),
        primary=primary,
        threshold=6,
        kept=frozenset({(2, 3)}),
        costs={(0, 3): 8, (1, 3): 8},
    )
    pair = primary | {(0, 0), (0, 1)}
    assert audit(published(problem, pair), 6).cells[0, 2].bounds == Interval(1, 5)

    pattern = protect(problem, engines=(Exact(),))

    assert pattern.complementary == {(0, 3), (1, 3)}
    assert pattern.is_least


def test_a_cell_that_is_known_to_count_few_people_is_not_safe_however_wide():
    """By the totals 7, 6 and 5 the first two counts are 1 to 6 each: five apart, and few people."""
    counts = {(0, 0): 3, (0, 1): 4, (0, 2): 2, (0, 3): 3, (1, 0): 7, (1, 1): 6, (1, 2): 5}
    cells: dict[Place, Cell] = {place: Released(count) for place, count in counts.items()}
    relations = tuple(Sum(((0, at), (0, at + 1)), ((1, at),)) for at in range(3))
    primary = frozenset((0, at) for at in range(4))
    problem = Problem(
        counted=CountTable(cells=cells, relations=relations),
        primary=primary,
        threshold=6,
        kept=frozenset({(1, 2)}),
    )
    before = audit(published(problem, primary), 6)
    assert before.places(Verdict.WITHIN_T) == ((0, 0), (0, 1))
    assert before.cells[0, 0].bounds == Interval(1, 6)

    assert protect(problem).complementary == {(1, 1)}


def test_large_tables_lose_the_least_too():
    inner = [[3 if 7 * i == 11 * j else 20 + i + j for j in range(40)] for i in range(60)]

    pattern = protect(problem_of(inner))

    assert pattern.is_least
    assert pattern.engine == "HiGHS"
    assert len(pattern.complementary) >= 4


def test_cells_that_would_be_known_themselves_do_not_go():
    """The second row says that both its cells are 0: they hide nothing, and do not count."""
    table = with_margins([[3, 40], [0, 0], [50, 60]])

    pattern = protect(
        Problem(
            counted=table,
            primary=frozenset({(0, 0)}),
            threshold=THRESHOLD,
            kept=frozenset({(1, 2)}),
        )
    )

    assert not {(1, 0), (1, 1)} & pattern.suppressed


@pytest.mark.parametrize("engine", [Exact(), Heuristic()])
def test_an_engine_that_is_asked_for_is_named(engine):
    pattern = protect(problem_of(SQUARE), engines=(engine,))

    assert pattern.engine == engine.name
    assert (pattern.least is None) == (engine.name == "heuristic")


class Careless:
    """Says that nothing else has to go."""

    name = "careless"

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        assert problem.primary
        return frozenset(), 0


def test_what_an_engine_says_is_not_taken_on_trust():
    with pytest.raises(NoPatternError) as raised:
        protect(problem_of(SQUARE), engines=(Careless(),))

    assert raised.value.places == ((0, 0),)
    assert protect(problem_of(SQUARE), engines=(Careless(), Exact())).engine == "HiGHS"


def test_a_search_that_ends_early_says_so():
    large = [[3 if (i * 5 + j) % 11 == 0 else 20 + i + j for j in range(9)] for i in range(9)]
    problem = problem_of(large)

    stopped = protect(problem, effort=Effort(rounds=0))

    assert stopped.engine == "heuristic"
    assert stopped.least is not None
    assert not stopped.is_least
    with pytest.raises(NoPatternError):
        protect(problem, engines=(Exact(Effort(rounds=0)),))


def test_without_the_solver_tables_with_circles_are_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "highspy", None)

    with pytest.raises(SolverMissingError):
        protect(problem_of(SQUARE))


@pytest.mark.parametrize("engines", [None, (Heuristic(),)])
def test_without_the_solver_a_single_column_is_still_protected(monkeypatch, engines):
    monkeypatch.setitem(sys.modules, "highspy", None)
    counts = [3, 2, 60, 40]
    cells: dict[Place, Cell] = {(row, 0): Released(count) for row, count in enumerate(counts)}
    parts = tuple(cells)
    cells[4, 0] = Released(sum(counts))
    counted = CountTable(cells=cells, relations=(Sum(parts, ((4, 0),)),))
    costs = {(4, 0): 9, (2, 0): 5, (3, 0): 3}

    pattern = protect(
        Problem(counted=counted, primary=small(counted), threshold=THRESHOLD, costs=costs),
        engines=engines,
    )

    assert pattern.complementary == {(3, 0)}
    assert pattern.engine == "heuristic"
    assert pattern.least is None


def test_a_search_without_time_still_protects():
    pattern = protect(problem_of(SQUARE), effort=Effort(seconds=0.0))

    assert (0, 0) in pattern.suppressed
    assert all(found.verdict is Verdict.SAFE for found in pattern.audit.cells.values())


def test_no_count_stands_in_what_a_pattern_or_an_error_says():
    inner = [[3, 777, 888], [666, 555, 999], [444, 333, 222]]
    table = with_margins(inner)
    pattern = protect(problem_of(inner))
    with pytest.raises(NoPatternError) as raised:
        protect(problem_of(inner, kept=frozenset(table.cells) - {(0, 0)}))

    said = repr(pattern) + repr(problem_of(inner)) + repr(raised.value)

    counts = [str(cell.count) for cell in table.cells.values() if isinstance(cell, Released)]
    assert not [count for count in counts if len(count) >= 3 and count in said]
