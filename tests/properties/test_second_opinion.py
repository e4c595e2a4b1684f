"""On random tables, too, the auditor finds what Tau-Argus and Z3 find."""

import random

import pytest

from breachkit.sdc.cells import Cell, CountTable, Released, Suppressed, Unprinted
from breachkit.sdc.intervals import ANY, Interval
from breachkit.sdc.protection.problem import NoPatternError, Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import REGIMES
from breachkit.tauargus.engine import TauArgus
from tests.support.second_opinion import disagreements
from tests.support.suppression_tables import Tree, by_count, cube, small, two_way


THRESHOLD = 5


def counts(chance: random.Random) -> int:
    return chance.choice(
        (0, chance.randint(1, THRESHOLD), chance.randint(6, 60), chance.randint(6, 60))
    )


def rows_and_columns(chance: random.Random) -> CountTable:
    columns = chance.randint(2, 5)
    inner = [[counts(chance) for _ in range(columns)] for _ in range(chance.randint(2, 5))]
    lines = [[*line, sum(line)] for line in inner]
    return two_way([*lines, [sum(column) for column in zip(*lines, strict=True)]])


TREES: tuple[Tree, ...] = (
    {"T": ("a", "b", "c"), "b": ("d", "e")},
    {"T": ("m", "w")},
    {"T": ("x", "y")},
)


def with_subtotals(chance: random.Random) -> CountTable:
    leaves = [(one, two, three) for one in "adec" for two in "mw" for three in "xy"]
    table, _ = cube({leaf: counts(chance) for leaf in leaves}, TREES)
    return table


def taken_out(table: CountTable, chance: random.Random) -> CountTable:
    """Take cells out at random, with some marks that say more, and some counts that nobody printed."""
    regime = chance.choice((None, None, *REGIMES))
    return CountTable(
        cells={place: _released(cell, chance, regime) for place, cell in table.cells.items()},
        relations=table.relations,
    )


def _released(cell: Cell, chance: random.Random, regime) -> Cell:
    assert isinstance(cell, Released)
    what = chance.random()
    if what < 0.35:
        marked = 1 <= cell.count <= THRESHOLD and chance.random() < 0.5
        return Suppressed(Interval(1, THRESHOLD) if marked else ANY)
    if what < 0.4:
        return Unprinted()
    rounded = regime is not None and not regime.midpoint
    return Released(cell.count // regime.base * regime.base, regime) if rounded else cell


@pytest.mark.parametrize(("make", "number"), [(rows_and_columns, 60), (with_subtotals, 15)])
def test_all_agree_on_whatever_was_taken_out_of_random_tables(make, number):
    chance = random.Random(make.__name__)

    tables = [taken_out(make(chance), chance) for _ in range(number)]

    assert disagreements(tables, THRESHOLD) == []


def problems(make, seed: str, number: int) -> list[Problem]:
    chance = random.Random(seed)
    tables = [make(chance) for _ in range(number)]
    return [
        Problem(
            counted=table,
            primary=small(table, THRESHOLD),
            threshold=THRESHOLD,
            costs=by_count(table) if chance.random() < 0.5 else {},
        )
        for table in tables
    ]


def cost_of(problem: Problem, *engines) -> int | None:
    try:
        return protect(problem, engines=engines or None).cost
    except NoPatternError:
        return None


@pytest.mark.parametrize(("make", "number"), [(rows_and_columns, 4), (with_subtotals, 1)])
def test_tau_argus_never_finds_a_cheaper_pattern_than_one_that_is_proven_to_be_the_cheapest(
    make, number
):
    for problem in problems(make, "costs", number):
        own = protect(problem)

        other = cost_of(problem, TauArgus())

        assert own.is_least
        assert other is None or other >= own.cost
