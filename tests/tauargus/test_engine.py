"""Tau-Argus as an engine: what it protects, what it leaves to others, and what becomes of its files."""

import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from breachkit.sdc.audit import Verdict, prove
from breachkit.sdc.cells import CountTable, Released, Share, Sum, Suppressed, Unprinted
from breachkit.sdc.intervals import Interval
from breachkit.sdc.protection.instance import published
from breachkit.sdc.protection.problem import NoPatternError, Problem
from breachkit.sdc.protection.protect import protect
from breachkit.sdc.rounding import Regime
from breachkit.sdc.systems import constraints_of
from breachkit.tauargus import calls
from breachkit.tauargus.auditing import second_opinion
from breachkit.tauargus.calls import TauArgusError, ask
from breachkit.tauargus.engine import TauArgus, at_least, downwards, upwards
from breachkit.tauargus.systems import Line, Status, written
from tests.support.suppression_tables import CASES, by_count, cube, small, two_way


THRESHOLD = 7
SQUARE = ((3, 40, 50, 93), (60, 70, 80, 210), (90, 100, 110, 300), (153, 210, 240, 603))


def problem_of(counts=SQUARE, **others) -> Problem:
    table = two_way(counts)
    return Problem(counted=table, primary=small(table, THRESHOLD), threshold=THRESHOLD, **others)


def hard() -> Problem:
    """Three dimensions, on which it works for minutes."""
    codes = [
        [f"{letter}{number}" for number in range(size)]
        for letter, size in (("a", 15), ("b", 10), ("c", 6))
    ]
    inner: dict[tuple[str, ...], int] = {
        (a, b, c): 3 if (7 * i + 3 * j + k) % 31 == 0 else 8 + (13 * i + 5 * j + 11 * k) % 80
        for i, a in enumerate(codes[0])
        for j, b in enumerate(codes[1])
        for k, c in enumerate(codes[2])
    }
    table, _ = cube(inner, [{"T": known} for known in codes])
    return Problem(counted=table, primary=small(table, THRESHOLD), threshold=THRESHOLD)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary files, empty and ours."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_it_protects_a_small_count_by_three_cells_and_proves_that_fewer_do_not_do():
    cells, least = TauArgus().protect(problem_of())

    assert len(cells) == least == 3


def test_what_it_finds_stands_the_audit():
    problem = problem_of()

    cells, _ = TauArgus().protect(problem)

    found = prove(published(problem, problem.primary | cells), THRESHOLD)
    assert {judgement.verdict for judgement in found.cells.values()} == {Verdict.SAFE}


def test_cheap_cells_go_before_dear_ones():
    dear = {(0, 1): 50, (1, 0): 50}

    cells, _ = TauArgus().protect(problem_of(costs=dear))

    assert cells.isdisjoint(dear)


def test_cells_that_are_printed_elsewhere_stay():
    kept = frozenset({(1, 1), (0, 3)})

    cells, _ = TauArgus().protect(problem_of(kept=kept))

    assert cells.isdisjoint(kept)


def test_complementary_cells_that_tell_too_much_are_protected_themselves():
    counts = ((1, 8, 60, 69), (8, 9, 50, 67), (70, 80, 90, 240), (79, 97, 200, 376))

    pattern = protect(problem_of(counts), engines=[TauArgus()])

    assert pattern.engine == "Tau-Argus"
    assert {judgement.verdict for judgement in pattern.audit.cells.values()} == {Verdict.SAFE}


def test_what_was_out_before_stays_out_and_is_protected():
    table = two_way(SQUARE)
    cells = {**table.cells, (1, 1): Suppressed(), (3, 3): Unprinted()}
    problem = Problem(
        counted=CountTable(cells=cells, relations=table.relations),
        primary=frozenset({(0, 0)}),
        threshold=THRESHOLD,
    )

    pattern = protect(problem, engines=[TauArgus()])

    assert {(0, 0), (1, 1)} <= pattern.suppressed
    assert (1, 1) not in pattern.complementary
    assert (3, 3) not in pattern.suppressed


def with_share(low: int, high: int, scale: int) -> Problem:
    """The square with what its first cell is of its row."""
    table = two_way(SQUARE)
    share = Share((0, 0), (0, 3), low, high, scale)
    counted = CountTable(cells=table.cells, relations=(*table.relations, share))
    return Problem(counted=counted, primary=frozenset({(0, 0)}), threshold=THRESHOLD)


@pytest.mark.parametrize(
    ("count", "prior"),
    [(88, Interval()), (5, Interval(1, 7)), (12, Interval(8, 40))],
    ids=["any", "few", "not few"],
)
def test_what_was_out_before_is_protected_also_far_from_what_goes_now(count, prior):
    inner = [[3, 20, 90, 91], [21, 22, 92, 93], [94, 95, 96, 97], [98, 99, 89, count]]
    lines = [[*line, sum(line)] for line in inner]
    table = two_way([*lines, [sum(column) for column in zip(*lines, strict=True)]])
    problem = Problem(
        counted=CountTable(
            cells={**table.cells, (3, 3): Suppressed(prior)}, relations=table.relations
        ),
        primary=frozenset({(0, 0)}),
        threshold=THRESHOLD,
        costs=by_count(table),
    )

    pattern = protect(problem, engines=[TauArgus()])

    assert {place for place in pattern.complementary if 3 in place}
    assert {found.verdict for found in pattern.audit.cells.values()} == {Verdict.SAFE}


@pytest.mark.parametrize(
    ("counts", "threshold", "cost"),
    [
        (((2, 7, 1, 10), (11, 4, 12, 27), (17, 0, 0, 17), (30, 11, 13, 54)), 4, 30),
        (((4, 10, 0, 14), (0, 6, 19, 25), (5, 0, 12, 17), (9, 16, 31, 56)), 4, 17),
    ],
    ids=["upwards", "downwards"],
)
def test_the_cheaper_of_both_ways_is_taken(counts, threshold, cost):
    table = two_way(counts)
    problem = Problem(
        counted=table,
        primary=small(table, threshold),
        threshold=threshold,
        costs=by_count(table),
    )

    cells, least = TauArgus().protect(problem)

    assert problem.cost(cells) == cost
    assert least is not None
    assert least <= cost


def test_it_protects_from_those_who_know_percentages_by_taking_out_what_they_are_of():
    pattern = protect(with_share(3, 4, 100), engines=[TauArgus()])

    assert (0, 3) in pattern.complementary


def test_percentages_of_many_digits_are_left_to_others():
    with pytest.raises(NoPatternError, match="percentages"):
        TauArgus().protect(with_share(31, 33, 1000))


@pytest.mark.parametrize(
    "count", range(THRESHOLD + 4), ids=lambda count: "one" if count == 1 else str(count)
)
def test_every_way_leaves_enough_numbers_open_and_not_only_small_ones(count):
    for way in (upwards, downwards):
        lower, upper = way(count, THRESHOLD)
        least, most = at_least(count, THRESHOLD)
        assert lower + upper >= THRESHOLD - 1
        assert 0 <= lower <= count
        if 1 <= count <= THRESHOLD:
            assert count - lower == 0 or count + upper > THRESHOLD
        assert least <= lower
        assert most <= upper


@pytest.mark.parametrize(
    ("cell", "reason"),
    [(Released(95, Regime(5)), "rounded"), (Released(10**8), "large")],
    ids=["rounded", "large"],
)
def test_what_it_cannot_handle_it_leaves_to_others(cell, reason):
    table = two_way(SQUARE)
    counted = CountTable(cells={**table.cells, (0, 3): cell}, relations=())
    problem = Problem(counted=counted, primary=frozenset({(0, 0)}), threshold=THRESHOLD)

    with pytest.raises(NoPatternError, match=reason):
        TauArgus().protect(problem)


def test_costs_beyond_what_it_takes_for_infinite_are_left_to_others():
    costs = dict.fromkeys(two_way(SQUARE).cells, 1_000_000_000)

    with pytest.raises(NoPatternError, match="too large"):
        TauArgus().protect(problem_of(costs=costs))


def test_a_table_of_too_many_cells_is_left_to_others():
    cells = {(row, 0): Released(9) for row in range(20_001)}
    problem = Problem(
        counted=CountTable(cells=cells), primary=frozenset({(0, 0)}), threshold=THRESHOLD
    )

    with pytest.raises(NoPatternError, match="too large"):
        TauArgus().protect(problem)


def test_without_the_extra_others_take_over(monkeypatch):
    monkeypatch.setattr("breachkit.tauargus.engine.is_installed", lambda: False)

    with pytest.raises(NoPatternError, match=r"breachkit\[tauargus\]"):
        TauArgus().protect(problem_of())


def test_without_the_extra_an_audit_says_what_to_install(monkeypatch):
    monkeypatch.setattr(calls, "is_installed", lambda: False)

    with pytest.raises(TauArgusError, match=r"install breachkit\[tauargus\]"):
        second_opinion(two_way(SQUARE))


def test_where_nothing_may_go_there_is_no_pattern():
    problem = problem_of(kept=frozenset(two_way(SQUARE).cells) - {(0, 0)})

    with pytest.raises(NoPatternError):
        TauArgus().protect(problem)


def test_one_call_can_be_about_several_tables():
    tables = [CASES[0].problem, problem_of()]

    answers = ask("audit", [text_of(problem) for problem in tables])

    assert [answer is not None and len(answer["bounds"]) for answer in answers] == [2, 1]


def text_of(problem: Problem) -> str:
    """Write a table in which nothing but primary cells is out."""
    places = sorted(problem.counted.cells)
    lines = [
        Line(
            status=Status.OUT if place in problem.primary else Status.SAFE,
            value=cell.count,
            most=10_000,
        )
        for place in places
        if isinstance(cell := problem.counted.cells[place], Released)
    ]
    sums = [relation for relation in problem.counted.relations if isinstance(relation, Sum)]
    index_of = {place: index for index, place in enumerate(places)}
    constraints = [one for relation in sums for one in constraints_of(relation, index_of)]
    return written(lines, constraints, lines[0])


def test_numbers_that_contradict_each_other_have_no_interval():
    table = two_way(SQUARE)
    cells = {**table.cells, (0, 0): Suppressed(Interval(1, 2))}

    assert second_opinion(CountTable(cells=cells, relations=table.relations)) is None


def test_nothing_is_left_of_its_files_and_nothing_is_said(temporary, capfd):
    TauArgus().protect(problem_of())

    assert list(temporary.iterdir()) == []
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


def test_its_folder_is_for_this_user_alone(temporary):
    modes = set[int]()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            modes.update(path.stat().st_mode & 0o777 for path in temporary.iterdir())

    watcher = threading.Thread(target=watch)
    watcher.start()
    TauArgus().protect(problem_of())
    done.set()
    watcher.join()

    assert modes == {0o700}


def test_what_takes_too_long_is_a_clear_error_and_leaves_no_file(temporary):
    start = time.monotonic()

    with pytest.raises(NoPatternError, match=r"took longer than 1 s"):
        TauArgus(seconds=1).protect(hard())

    assert time.monotonic() - start < 10
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("runner", "how"),
    [("this", "ended with status 0"), ("breachkit.tauargus.nowhere", "ended with status 1")],
    ids=["no result", "an error"],
)
def test_an_engine_that_fails_is_a_clear_error_and_leaves_no_file(runner, how, temporary, capfd):
    with pytest.raises(NoPatternError, match=how):
        TauArgus(runner=runner).protect(problem_of())

    assert list(temporary.iterdir()) == []
    captured = capfd.readouterr()
    assert captured.out + captured.err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the process where Linux lists it")
def test_an_engine_that_is_killed_is_a_clear_error_and_leaves_no_file(temporary):
    def kill() -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
                for pid in map(int, children.read_text().split()):
                    if "breachkit.tauargus.runner" in Path(f"/proc/{pid}/cmdline").read_text():
                        os.kill(pid, signal.SIGKILL)
                        return
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()

    with pytest.raises(NoPatternError, match="ended by signal 9"):
        TauArgus(seconds=60).protect(hard())

    killer.join()
    assert list(temporary.iterdir()) == []


def test_an_error_holds_no_number_of_the_table(temporary):
    with pytest.raises(NoPatternError) as caught:
        TauArgus(runner="this").protect(problem_of())

    assert not {"93", "210", "603", "153"} & set(str(caught.value).split())
