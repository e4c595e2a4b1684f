"""Which cells go beside those that may not be seen: patterns, their proof, and when there is none."""

import pytest

from breachkit.sdc.audit import Verdict, audit
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Sum, Suppressed
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


def problem_of(inner: list[list[int]], **others: object) -> Problem:
    table = with_margins(inner)
    return Problem(counted=table, primary=small(table), threshold=THRESHOLD, **others)  # type: ignore[arg-type]


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
