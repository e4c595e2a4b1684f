"""The auditor, the engines and those that nobody here wrote agree on every table that suppression is tested on."""

import dataclasses

import pytest

from breachkit.sdc.audit import Audit, Judgement, Verdict, audit, prove
from breachkit.sdc.cells import CountTable, Released, Share, Sum, Suppressed, Unprinted
from breachkit.sdc.intervals import Interval
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import Regime
from breachkit.tauargus.auditing import second_opinion
from breachkit.tauargus.engine import TauArgus
from tests.support.second_opinion import Watcher, disagreements, whole_bounds
from tests.support.suppression_tables import AUDITED, CASES, two_way


def name(case):
    return case.name


@pytest.fixture(scope="module")
def own_patterns():
    return {case.name: protect(case.problem) for case in CASES}


def test_all_agree_on_what_is_known_of_suppressed_cells(own_patterns):
    tables = [
        published(case.problem, out)
        for case in CASES
        for out in (
            case.problem.primary,
            own_patterns[case.name].suppressed,
            case.problem.primary | (case.pattern or frozenset()),
        )
    ]

    assert len(tables) == 3 * len(CASES)
    assert disagreements(tables, 7) == []


def test_all_agree_on_published_tables():
    tables = [published(case.problem, case.problem.primary) for case in AUDITED]

    assert disagreements(tables, 7) == []


@pytest.mark.parametrize("case", AUDITED, ids=name)
def test_what_is_published_of_suppressed_cells_is_found(case):
    found = audit(published(case.problem, case.problem.primary), case.problem.threshold)

    ends = {place: found.cells[place].bounds for place in case.bounds}
    assert {place: (end.low, end.high) for place, end in ends.items()} == case.bounds


@pytest.mark.parametrize("case", [case for case in CASES if case.pattern is not None], ids=name)
def test_a_published_pattern_protects_and_costs_what_is_published(case):
    table = published(case.problem, case.problem.primary | case.pattern)

    assert {found.verdict for found in audit(table, case.problem.threshold).cells.values()} == {
        Verdict.SAFE
    }
    assert case.problem.cost(case.pattern) == case.optimum


@pytest.mark.parametrize("case", CASES, ids=name)
def test_own_engine_and_tau_argus_find_patterns_of_the_same_least_cost(case, own_patterns):
    own = own_patterns[case.name]

    other = protect(case.problem, engines=[TauArgus()])

    assert own.is_least
    assert other.cost == own.cost == (own.cost if case.optimum is None else case.optimum)
    assert other.engine == "Tau-Argus"
    assert other.least is None or other.least <= own.cost


SQUARE = two_way(((3, 40, 50, 93), (60, 70, 80, 210), (90, 100, 110, 300), (153, 210, 240, 603)))
HIDDEN = frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})
"""Cells of the square that protect each other."""
BASE = published(Problem(counted=SQUARE, primary=HIDDEN, threshold=7), HIDDEN)


def changed(*relations, **cells):
    places = {(int(key[1]), int(key[2])): cell for key, cell in cells.items()}
    return dataclasses.replace(
        BASE, cells={**BASE.cells, **places}, relations=(*BASE.relations, *relations)
    )


KINDS = {
    "prior": changed(c00=Suppressed(Interval(1, 7))),
    "unprinted": changed(c01=Unprinted()),
    "two totals unprinted": changed(c33=Unprinted(), c03=Unprinted()),
    "share": changed(Share((0, 0), (0, 3), 31, 33, 1000)),
    "rounded": changed(c03=Released(95, Regime(5)), c30=Released(155, Regime(5))),
    "midpoint": changed(c03=Released(93, Regime(6, midpoint=True))),
    "absent cell": changed(Sum(((0, 0), (1, 1)), ((9, 9),))),
    "contradiction": changed(c03=Released(10)),
}


def test_all_agree_on_tables_of_every_kind():
    assert disagreements(list(KINDS.values()), 7) == []


def test_the_kinds_of_tables_tell_different_things():
    found = {kind: audit(table, 7) for kind, table in KINDS.items()}

    assert found["contradiction"].places(Verdict.INCONSISTENT)
    assert {found[kind].cells[0, 0].bounds for kind in ("prior", "unprinted", "share")} == {
        Interval(1, 7),
        Interval(0, 43),
        Interval(3, 3),
    }


def test_whole_people_are_known_better_than_fractions_of_them():
    thirds = CountTable(
        cells={(0, 0): Suppressed(), (0, 1): Suppressed(), (0, 2): Released(10)},
        relations=(Share((0, 0), (0, 2), 24, 27, 100), Sum(((0, 0), (0, 1)), ((0, 2),))),
    )

    assert whole_bounds(thirds, (0, 0)) is None
    assert disagreements([thirds], 7) == []


def test_a_disagreement_would_be_seen(monkeypatch):
    wrong = {place: Interval(4, 5) for place in HIDDEN}
    monkeypatch.setattr("tests.support.second_opinion.second_opinions", lambda tables: [wrong])

    assert len(disagreements([BASE], 7)) == len(HIDDEN)


def test_a_cell_that_nothing_bounds_has_no_upper_end():
    free = CountTable(
        cells={(0, 0): Suppressed(), (0, 1): Suppressed(), (0, 2): Released(9)},
        relations=(Sum(((0, 1), (0, 2)), ((0, 0),)),),
    )

    assert second_opinion(free) == {(0, 0): Interval(9, None), (0, 1): Interval(0, None)}


def test_every_table_that_is_protected_is_judged_by_others(monkeypatch):
    watcher = Watcher()
    monkeypatch.setattr("breachkit.sdc.protection.protect.prove", watcher.watching(prove))

    pattern = protect(Problem(counted=SQUARE, primary=frozenset({(0, 0)}), threshold=7))

    assert [set(found.cells) for _, _, found in watcher.seen] == [pattern.suppressed]
    assert watcher.objections() == []


def test_what_others_call_unsafe_is_objected_to():
    watcher = Watcher()
    open_table = published(Problem(counted=SQUARE, primary=HIDDEN, threshold=7), {(0, 0)})
    wrong = audit(BASE, 7)
    claimed = Judgement(Verdict.SAFE, Interval(0, 9))
    watcher.watching(lambda *_: dataclasses.replace(wrong, cells={(0, 0): claimed}))(open_table, 7)

    assert len(watcher.objections()) == 1


def test_what_others_narrow_to_few_people_is_objected_to():
    watcher = Watcher()
    table = CountTable(
        cells={(0, 0): Suppressed(), (0, 1): Suppressed(), (0, 2): Released(4)},
        relations=(Sum(((0, 0), (0, 1)), ((0, 2),)),),
    )
    claimed = Judgement(Verdict.SAFE, Interval(0, 4))
    watcher.watching(lambda *_: Audit(cells={(0, 0): claimed}))(table, 7)

    assert watcher.objections() == ["table 0: (0, 0): unsafe"]


@pytest.mark.parametrize(("claimed", "objections"), [(Interval(0, 4), 0), (Interval(0, 5), 1)])
def test_where_tau_argus_errs_exact_arithmetic_tells_who_is_right(monkeypatch, claimed, objections):
    watcher = Watcher()
    table = CountTable(
        cells={(0, 0): Suppressed(), (0, 1): Suppressed(), (0, 2): Released(4)},
        relations=(Sum(((0, 0), (0, 1)), ((0, 2),)),),
    )
    safe = Judgement(Verdict.SAFE, claimed)
    watcher.watching(lambda *_: Audit(cells={(0, 0): safe}))(table, 1)
    monkeypatch.setattr(
        "tests.support.second_opinion.second_opinions",
        lambda tables, **_: [{(0, 0): Interval(0, 3)} for _ in tables],
    )

    said = watcher.objections()

    assert len(said) == objections
    assert all(
        f"shows 0 to {claimed.high}, of which Tau-Argus leaves 0 to 3" in line for line in said
    )
