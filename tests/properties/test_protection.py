"""Laws of protection: nobody works out what was taken out, and nothing was taken out for nothing."""

import dataclasses
import itertools
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from breachkit.sdc.audit import Verdict, audit, prove
from breachkit.sdc.cells import (
    CountTable,
    Place,
    Relation,
    Released,
    Share,
    Sum,
    Suppressed,
)
from breachkit.sdc.intervals import Interval
from breachkit.sdc.protection.exact import Effort, Exact
from breachkit.sdc.protection.heuristic import Heuristic
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import NoPatternError, Pattern, Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import Regime
from tests.support.attacker import attack, by_trying, is_narrowed, roundings
from tests.support.tabulated import Code, filled, flat, halved, linked, problem, tabulated


Table = tuple[dict[Place, int], tuple[Relation, ...]]
SEEDS = st.integers(0, 100_000)
THRESHOLDS = st.sampled_from((5, 7, 9))


def two_ways(chance: Random, threshold: int) -> Table:
    sizes = chance.randint(2, 6), chance.randint(2, 6)
    return tabulated(filled(chance, sizes, threshold, 0.2), [flat(size) for size in sizes])


def subtotals(chance: Random, threshold: int) -> Table:
    sizes = 4, chance.randint(2, 4)
    return tabulated(filled(chance, sizes, threshold, 0.2), [halved(4), flat(sizes[1])])


def three_ways(chance: Random, threshold: int) -> Table:
    sizes = 2, 3, chance.randint(2, 3)
    return tabulated(filled(chance, sizes, threshold, 0.2), [flat(size) for size in sizes])


def two_tables(chance: Random, threshold: int) -> Table:
    """Two tables of the same people, by the same rows: their row totals are the same cells."""
    rows, columns = chance.randint(2, 4), chance.randint(2, 3)
    one = filled(chance, (rows, columns), threshold, 0.2)
    cut = {key: chance.randint(0, count) for key, count in one.items()}
    other: dict[Code, int] = {
        (row, 0): sum(cut[row, at] for at in range(columns)) for row in range(rows)
    }
    other |= {
        (row, 1): sum(one[row, at] - cut[row, at] for at in range(columns)) for row in range(rows)
    }
    same = {(row, columns): (row, 2) for row in range(rows + 1)}
    return linked(
        tabulated(one, [flat(rows), flat(columns)]), tabulated(other, [flat(rows), flat(2)]), same
    )


KINDS = (two_ways, subtotals, three_ways, two_tables)


def protected(asked: Problem, **others: object) -> Pattern | None:
    try:
        return protect(asked, **others)  # type: ignore[arg-type]
    except NoPatternError:
        return None


def narrowed(table: Table, pattern: Pattern, threshold: int) -> list[Place]:
    """Give the hidden cells that an attacker knows too well."""
    counts, relations = table
    seen = {place: count for place, count in counts.items() if place not in pattern.suppressed}
    found = attack(sorted(counts), seen, relations)
    assert found.keys() == pattern.suppressed
    return [place for place, ends in found.items() if is_narrowed(*ends, threshold)]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, threshold=THRESHOLDS)
def test_nobody_narrows_what_was_taken_out(kind, seed, threshold):
    table: Table = kind(Random(seed), threshold)
    asked = problem(*table, threshold)

    pattern = protected(asked)

    if pattern is not None:
        assert asked.primary <= pattern.suppressed
        assert pattern.suppressed == asked.primary | pattern.complementary
        assert narrowed(table, pattern, threshold) == []


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_whoever_tries_all_numbers_finds_no_more(seed):
    chance = Random(seed)
    counts, relations = tabulated(
        {key: chance.randint(0, 4) for key in itertools.product(range(2), range(2))},
        [flat(2), flat(2)],
    )
    asked = problem(counts, relations, 3)
    pattern = protected(asked)
    assume(pattern is not None)
    assert pattern is not None
    assume(0 < len(pattern.suppressed) <= 4)
    seen = {place: count for place, count in counts.items() if place not in pattern.suppressed}

    solved = attack(sorted(counts), seen, relations)
    assume(all(high is not None and high <= 12 for _, high in solved.values()))

    found = by_trying(sorted(counts), seen, relations, 12)

    assert found == solved
    assert not any(is_narrowed(*ends, 3) for ends in found.values())


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, digits=st.sampled_from((100, 1000)))
def test_percentages_that_stay_give_nothing_away(seed, digits):
    chance = Random(seed)
    counts, relations = two_ways(chance, 5)
    total = max(counts)
    assume(counts[total] > 0)
    some = chance.sample(sorted(set(counts) - {total}), 3)
    shares = tuple(
        Share(place, total, 2 * printed - 1, 2 * printed + 1, 2 * digits)
        for place in some
        if (printed := round(digits * counts[place] / counts[total])) > 0
    )
    table = counts, (*relations, *shares)

    pattern = protected(problem(*table, 5))

    if pattern is not None:
        assert narrowed(table, pattern, 5) == []


@settings(max_examples=15, deadline=None)
@given(
    seed=SEEDS,
    regime=st.sampled_from((Regime(5), Regime(10), Regime(6, midpoint=True))),
)
def test_rounded_counts_give_nothing_away(seed, regime):
    chance = Random(seed)
    counts, relations = two_ways(chance, 7)
    shown = {place: min(roundings(count, regime)) for place, count in counts.items()}
    asked = problem(counts, relations, 7)
    cells = {place: Released(number, regime) for place, number in shown.items()}
    asked = dataclasses.replace(asked, counted=CountTable(cells=cells, relations=relations))

    pattern = protected(asked)

    if pattern is not None:
        seen = {place: shown[place] for place in shown if place not in pattern.suppressed}
        found = attack(sorted(shown), seen, relations, regime)
        assert not any(is_narrowed(*ends, 7) for ends in found.values())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=8, deadline=None)
@given(seed=SEEDS)
def test_engines_agree_that_there_is_a_pattern_and_none_undercuts_the_proof(kind, seed):
    table: Table = kind(Random(seed), 5)
    asked = problem(*table, 5)

    exact = protected(asked, engines=(Exact(),))
    quick = protected(asked, engines=(Heuristic(),))

    assert (exact is None) == (quick is None) == (protected(asked) is None)
    if exact is not None and quick is not None:
        assert exact.is_least
        assert quick.cost >= exact.cost


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6, deadline=None)
@given(seed=SEEDS)
def test_a_search_that_is_stopped_still_protects_and_says_how_little_it_knows(kind, seed):
    table: Table = kind(Random(seed), 5)
    asked = problem(*table, 5)

    best = protected(asked)
    soon = protected(asked, effort=Effort(rounds=1))

    assert (best is None) == (soon is None)
    if best is not None and soon is not None:
        assert narrowed(table, soon, 5) == []
        assert soon.least is not None
        assert soon.least <= best.cost <= soon.cost


def protects(asked: Problem, complementary: frozenset[Place]) -> bool:
    found = audit(published(asked, asked.primary | complementary), asked.threshold)
    return found.decided and not found.places(*set(Verdict) - {Verdict.SAFE})


@settings(max_examples=12, deadline=None)
@given(seed=SEEDS, dear=st.booleans())
def test_no_cheaper_set_of_cells_protects_small_tables(seed, dear):
    chance = Random(seed)
    sizes = 2, chance.randint(2, 3)
    table = tabulated(filled(chance, sizes, 5, 0.25), [flat(size) for size in sizes])
    asked = problem(*table, 5)
    costs = {place: chance.randint(1, 4) for place in sorted(table[0])} if dear else {}
    asked = dataclasses.replace(asked, costs=costs)
    pattern = protected(asked)
    others = sorted(set(table[0]) - asked.primary)

    cheaper = (
        frozenset(some)
        for size in range(len(others) + 1)
        for some in itertools.combinations(others, size)
        if pattern is None or asked.cost(frozenset(some)) < pattern.cost
    )

    assert not any(protects(asked, some) for some in cheaper)
    assert pattern is None or pattern.is_least


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_same_table_loses_the_same_cells_in_whatever_order_it_is_told(seed):
    chance = Random(seed)
    counts, relations = two_ways(chance, 5)
    asked = problem(counts, relations, 5)
    cells = list(asked.counted.cells.items())
    chance.shuffle(cells)
    told = dataclasses.replace(
        asked, counted=CountTable(cells=dict(cells), relations=asked.counted.relations)
    )

    first, again, other = protected(asked), protected(asked), protected(told)

    assert first == again
    assert (first and first.suppressed) == (other and other.suppressed)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_the_proof_gives_the_verdicts_of_the_audit(kind, seed, data):
    counts, relations = kind(Random(seed), 5)
    hidden = data.draw(st.sets(st.sampled_from(sorted(counts)), min_size=1, max_size=12))
    prior = data.draw(st.sampled_from((Interval(), Interval(0, 5), Interval(1, 5))))
    assume(all(prior.holds(counts[place]) for place in hidden))
    cells = {
        place: Suppressed(prior) if place in hidden else Released(count)
        for place, count in counts.items()
    }
    table = CountTable(cells=cells, relations=relations)

    tight, proof = audit(table, 5), prove(table, 5)

    assert proof.decided
    for place, found in proof.cells.items():
        assert found.verdict is tight.cells[place].verdict
        low, high = tight.cells[place].bounds.low, tight.cells[place].bounds.high
        assert found.bounds.low <= low
        assert found.bounds.high is None or (high is not None and high <= found.bounds.high)
        if found.shown is not None:
            assert tight.cells[place].bounds.meet(found.shown) == found.shown
        else:
            assert found.bounds == tight.cells[place].bounds


def test_cells_that_equal_each_other_in_two_tables_are_protected_together():
    one = tabulated({(0, 0): 3, (0, 1): 40, (1, 0): 50, (1, 1): 60}, [flat(2), flat(2)])
    other = tabulated({(0, 0): 3, (0, 1): 70, (1, 0): 80, (1, 1): 90}, [flat(2), flat(2)])
    table = linked(one, other, {(0, 0): (0, 0)})

    pattern = protect(problem(*table, 7))

    assert {(0, 0), (3, 0)} <= pattern.suppressed
    assert narrowed(table, pattern, 7) == []
    assert isinstance(table[1][-1], Sum)
