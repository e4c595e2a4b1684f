"""Wherever and however an object is still served, exactly that is told, and nothing unproven is called gone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.actions.served import (
    WAYS,
    Identity,
    Kind,
    Place,
    Said,
    StoppedError,
    Subject,
    Way,
)
from breachkit.actions.served_plan import Batch, Extent, QuestionPlan, Subjects, plan_questions
from breachkit.actions.served_results import ServerVerification
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import GitPath, ObjectId
from breachkit.workflows.served_run import Run
from tests.support.cases import HandClock, a_case, in_child
from tests.support.responding import Recorded


def an_id(number: int) -> ObjectId:
    return ObjectId(f"{number:040x}")


def of_each_kind(start: int) -> dict[Kind, Subject]:
    plain = (Kind.COMMIT, Kind.TREE, Kind.BLOB, Kind.TAG)
    made = {kind: Subject(kind=kind, id=an_id(start + n)) for n, kind in enumerate(plain)}
    blob, commit = made[Kind.BLOB].id, made[Kind.COMMIT].id
    return made | {Kind.FILE: Subject(kind=Kind.FILE, id=blob, commit=commit, path=GitPath(b"a"))}


BAD, GOOD, OWN = of_each_kind(100), of_each_kind(200), of_each_kind(300)
STUDY = Place(id=1, name="o/r", role="study", visibility="public", default_branch="main")
FORK = Place(id=2, name="p/r", role="fork", visibility="public", default_branch="main")
PLAN = plan_questions(
    [STUDY, FORK],
    Subjects(
        commits=(BAD[Kind.COMMIT],),
        telling=(BAD[Kind.COMMIT],),
        trees=(BAD[Kind.TREE],),
        blobs=(BAD[Kind.BLOB],),
        files=(BAD[Kind.FILE],),
        tags=(BAD[Kind.TAG],),
    ),
    Extent(),
)

Spot = tuple[int, Identity, Way]
SPOTS = sorted({(each.place.id, each.identity, each.way) for each in PLAN.batches})
spots = st.frozensets(st.sampled_from(SPOTS))


class World:
    """A platform that serves what is bad in some spots, is silent in others, and shuts some altogether."""

    def __init__(
        self,
        *,
        serves: frozenset[Spot] = frozenset(),
        fails: frozenset[Spot] = frozenset(),
        shut: frozenset[Spot] = frozenset(),
    ) -> None:
        self.serves, self.fails, self.shut = serves, fails, shut
        self.asked: list[tuple[Spot, Subject]] = []
        self.own = False
        self.before: Callable[[int], None] = lambda number: None

    def ask(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
        spot = place.id, identity, way
        self.before(len(self.asked))
        self.asked.append((spot, subject))
        if spot in self.fails:
            return Said(answer="unknown", reason="GitHub failed", is_silence=True)
        if subject in OWN.values():
            return Said(answer="served")
        good = subject in GOOD.values()
        there = (good and spot not in self.shut) or (not good and spot in self.serves)
        return Said(answer="served" if there else "absent")

    def own_control(self, place: Place, kind: Kind) -> Subject | None:
        return OWN[kind] if self.own else None

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> CaseFolder:
    return a_case(tmp_path_factory.mktemp("served"))


def a_run(case: CaseFolder, world: World, clock: HandClock | None = None, **changes: Any) -> Run:
    time = clock or HandClock()
    made: dict[str, Any] = {
        "case": case, "asker": world, "controls": (GOOD,), "plan": PLAN, "again": True,
        "most": 10_000, "clock": time, "progress": Recorded(), "began": time.now(),
    }  # fmt: skip
    return Run(**{**made, **changes})


def asked_all(case: CaseFolder, world: World, **changes: Any) -> ServerVerification:
    run = a_run(case, world, **changes)
    run.take_up()
    run.ask_all()
    return ServerVerification(
        places=(STUDY, FORK), plan=run.plan, results=tuple(run.results.values()), asked=run.asked
    )


def told(found: ServerVerification, verdict: str) -> set[Spot]:
    return {
        (each.question.place, each.question.identity, each.question.way)
        for each in found.results
        if each.verdict == verdict
    }


@settings(max_examples=100)
@given(serves=spots, fails=spots, shut=spots)
@example(serves=frozenset(), fails=frozenset(), shut=frozenset())
@example(serves=frozenset(SPOTS), fails=frozenset(), shut=frozenset(SPOTS))
@example(serves=frozenset(), fails=frozenset(), shut=frozenset(SPOTS))
def test_exactly_what_is_served_is_told_and_gone_only_where_the_control_came(
    case: CaseFolder, serves: frozenset[Spot], fails: frozenset[Spot], shut: frozenset[Spot]
) -> None:
    found = asked_all(case, World(serves=serves, fails=fails, shut=shut))

    spoken = {spot for spot in SPOTS if spot not in fails}
    assert told(found, "served") <= serves - fails
    refs = {spot for spot in SPOTS if WAYS[spot[2]].kinds == {Kind.REFS}}
    proven = {spot for spot in spoken if spot not in shut or spot in refs}
    assert told(found, "gone") <= proven - serves
    if not found.left:
        assert told(found, "served") == serves - fails
        assert told(found, "gone") == proven - serves
    assert (found.outcome == "gone") == (set(SPOTS) == proven - serves)
    assert (found.exit_code == 7) == bool(told(found, "served"))


@settings(max_examples=40)
@given(serves=spots, shut=spots, stops=st.lists(st.integers(1, 40), max_size=4), how=st.booleans())
def test_a_run_that_is_stopped_or_killed_is_gone_on_from_and_ends_the_same(
    case: CaseFolder,
    serves: frozenset[Spot],
    shut: frozenset[Spot],
    stops: list[int],
    how: bool,
) -> None:
    whole = asked_all(case, World(serves=serves, shut=shut))
    (case.private / "served.json").unlink()
    gone: set[tuple[Spot, str]] = set()
    for stop in stops:
        world = World(serves=serves, shut=shut)
        world.before = killer(stop) if how else world.before
        try:
            part = asked_all(case, world, again=False, most=10_000 if how else stop)
        except KeyboardInterrupt:
            continue
        assert not gone & {(spot, subject.key) for spot, subject in world.asked}
        gone = {
            ((each.question.place, each.question.identity, each.question.way), each.question.key)
            for each in part.results
            if each.verdict == "gone"
        }

    end = asked_all(case, World(serves=serves, shut=shut), again=False)

    assert {(each.question, each.verdict) for each in end.results} == {
        (each.question, each.verdict) for each in whole.results
    }
    assert end.outcome == whole.outcome


def killer(stop: int) -> Callable[[int], None]:
    def before(number: int) -> None:
        if number >= stop:
            raise KeyboardInterrupt

    return before


def test_an_earlier_run_is_gone_on_from_for_a_day_and_not_once_more_was_pushed(
    tmp_path: Path,
) -> None:
    case, clock = a_case(tmp_path), HandClock()

    def again(**changes: Any) -> int:
        world = World()
        asked_all(case, world, clock=clock, again=False, **changes)
        return len(world.asked)

    first = again(most=30)
    assert first == 30
    assert again(most=1) == 1
    clock.move(hours=25)
    everything = again()
    assert everything > len(SPOTS)
    assert again() == everything  # the last one came to its end, so this is another
    again(most=30)
    clock.move(hours=1)
    assert again() < everything
    again(most=30)
    case.record("push.done", {"pushed": 1})
    assert again() == everything


def test_what_is_still_served_is_asked_again_and_what_is_gone_is_not(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    spot = SPOTS[0]
    failing = frozenset({SPOTS[1]})
    asked_all(case, World(serves=frozenset({spot}), fails=failing), again=False)

    world = World()
    found = asked_all(case, world, again=False)

    assert {spot for spot, _ in world.asked} == {spot, SPOTS[1]}
    assert found.outcome == "gone"


def test_a_limit_stops_its_own_sort_of_question_and_no_other(case: CaseFolder) -> None:
    stopped = (Identity.ANYONE, WAYS[Way.GIT_COMMIT].channel)

    class Limited(World):
        def ask(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
            said = super().ask(place, identity, way, subject)
            if (identity, WAYS[way].channel) == stopped:
                raise StoppedError("no more for now")
            return said

    world = Limited()
    run = a_run(case, world)
    run.ask_all()

    kept = {(each.identity, WAYS[each.way].channel) for each in run.results}
    assert stopped not in kept
    assert len(kept) == 5
    assert run.stopped == {stopped: "no more for now"}
    in_vain = [spot for spot, _ in world.asked if (spot[1], WAYS[spot[2]].channel) == stopped]
    assert len(in_vain) == 1


def test_a_way_that_never_answers_holds_up_no_other(case: CaseFolder) -> None:
    many = tuple(Subject(kind=Kind.COMMIT, id=an_id(1000 + n)) for n in range(30))
    wanted = Subjects(commits=many, telling=many)
    plan = plan_questions([STUDY], wanted, Extent())
    broken = frozenset({(STUDY.id, Identity.ACCOUNT, Way.COMPARE)})
    world = World(fails=broken)

    found = asked_all(case, world, plan=plan)

    assert sum(spot in broken for spot, _ in world.asked) == 5
    assert told(found, "unknown") | told(found, "gone") == told(found, "gone")
    assert found.left == len(many)
    assert found.outcome == "unknown"


def test_an_object_that_comes_only_after_the_limit_was_hit_is_not_called_gone(
    case: CaseFolder,
) -> None:
    """The second control does not come: whatever did not come between proves nothing."""
    batch = next(each for each in PLAN.batches if each.way is Way.COMMIT)
    world = World()

    def lose_access(number: int) -> None:
        if number == 2:
            world.shut = frozenset(SPOTS)

    world.before = lose_access
    run = a_run(case, world, plan=only(batch))
    run.ask_all()

    assert [each.verdict for each in run.results.values()] == ["unknown"]


def only(batch: Batch) -> QuestionPlan:
    return QuestionPlan(batches=(batch,), samples=())


def test_a_fork_that_shares_nothing_is_compared_with_what_it_shows_of_its_own(
    case: CaseFolder,
) -> None:
    world = World(shut=frozenset(SPOTS))
    world.own = True

    found = asked_all(case, world)

    of_refs = {spot for spot in SPOTS if WAYS[spot[2]].kinds == {Kind.REFS}}
    of_fork = {spot for spot in SPOTS if spot[0] == FORK.id}
    assert told(found, "gone") == of_fork | of_refs
    assert told(found, "unknown") == set(SPOTS) - of_fork - of_refs


def test_a_process_that_is_killed_leaves_what_it_was_told_so_far(tmp_path: Path) -> None:
    case = a_case(tmp_path)
    many = tuple(Subject(kind=Kind.COMMIT, id=an_id(1000 + n)) for n in range(200))
    plan = plan_questions([STUDY], Subjects(commits=many, telling=many[:1]), Extent())
    world = World()
    world.before = lambda number: os._exit(1) if number == 180 else None

    in_child(lambda: asked_all(case, world, plan=plan, again=False))
    rest = World()
    found = asked_all(case, rest, plan=plan, again=False)

    assert found.outcome == "gone"
    first = (STUDY.id, Identity.ACCOUNT, Way.GIT_COMMIT)
    again = [subject for spot, subject in rest.asked if spot == first and subject in many]
    assert len(again) == 50  # three of four batches had been kept
