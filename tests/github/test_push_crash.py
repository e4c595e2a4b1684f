"""A push through protections survives being killed before and after every change, and a bad network.

A process of its own is killed for good at one of its changes; then the push is run again, and has to
end as one that nothing disturbed: the same refs and rules, every change carried out once.
"""

import functools
import os
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.drill.hub import faults
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.git import push as pushing
from breachkit.github.client import Client
from breachkit.incident.case import Milestone
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import IncompleteError
from breachkit.workflows.lifting import still_lifted
from tests.support.cases import in_child, reopened
from tests.support.hubs import served, small_hub
from tests.support.pushing import Scene, set_up


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    with served(small.world) as server:
        yield set_up(small, tmp_path_factory.mktemp("case"), server)


@dataclass(frozen=True, repr=False)
class Whole:
    """Where a push ends, and what it sent."""

    refs: dict[str, str]
    rules: tuple[Any, ...]
    bodies: Counter[tuple[str, str, bytes]]


@pytest.fixture(scope="module")
def undisturbed(stage, tmp_path_factory):
    """What a run to the end does."""
    scene = Scene(stage, tmp_path_factory.mktemp("whole"))
    assert scene.push().exit_code == 0
    assert len(scene.writes()) == 8
    return Whole(scene.refs, scene.rules, Counter(scene.bodies()))


def dying(work, number, *, after, of=lambda *_: True):
    """Let the process end at one of the calls of `work` that `of` counts, from 1."""
    left = [number]

    @functools.wraps(work)
    def dies(*args, **more):
        counts = of(*args)
        left[0] -= counts
        if counts and left[0] == 0 and not after:
            os._exit(9)
        result = work(*args, **more)
        if counts and left[0] == 0:
            os._exit(9)
        return result

    return dies


def killed(scene, owner, name, number, *, after, of=lambda *_: True):
    """Push in a process of its own, which is killed."""

    def patch():
        setattr(owner, name, dying(getattr(owner, name), number, after=after, of=of))

    assert in_child(scene.push, patch) == ""


def goes_on(scene, undisturbed):
    pushed = scene.push()
    assert pushed.exit_code == 0
    assert scene.refs == undisturbed.refs
    assert scene.rules == undisturbed.rules == scene.rules_before
    assert Counter(scene.bodies()) == undisturbed.bodies
    assert still_lifted(scene.case) is None
    assert scene.case.incident.open_intents == ()
    assert scene.case.incident.has(Milestone.PUSHED)
    journal_holds(scene.case)


def journal_holds(case):
    """Every change was journalled before it was sent, one at a time."""
    open_step = None
    for event in case.events():
        family, _, stage = event.kind.partition(".")
        if family not in {"lift", "unlift"}:
            continue
        if stage == "sending":
            assert open_step is None
            open_step = family, event.number("step")
        elif stage == "sent":
            assert (family, event.number("step")) == open_step
            open_step = None
    assert open_step is None
    assert reopened(case).verify().ok


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 9))
def test_t27_a_push_that_is_killed_at_any_change_of_a_rule_goes_on(
    stage, tmp_path, undisturbed, number, after
):
    scene = Scene(stage, tmp_path)
    killed(scene, Client, "write", number, after=after)
    assert still_lifted(scene.case) is not None
    goes_on(scene, undisturbed)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2], ids=["all", "the platform's"])
def test_t27_a_push_that_is_killed_while_git_pushes_goes_on(
    stage, tmp_path, undisturbed, number, after
):
    scene = Scene(stage, tmp_path)
    real = lambda args, *_: args[0] == "push" and "--dry-run" not in args  # noqa: E731
    killed(scene, pushing, "run_remote", number, after=after, of=real)
    assert still_lifted(scene.case) is not None
    goes_on(scene, undisturbed)


@pytest.mark.parametrize(
    "kind", ["lift.intent", "lift.sent", "push.intent", "push.done", "unlift.sent", "lift.done"]
)
def test_t27_a_push_that_is_killed_between_its_parts_goes_on(stage, tmp_path, undisturbed, kind):
    scene = Scene(stage, tmp_path)
    named = lambda _case, what, *_: what == kind  # noqa: E731
    killed(scene, CaseFolder, "record", 1, after=True, of=named)
    goes_on(scene, undisturbed)


def test_t27_a_push_that_is_killed_twice_goes_on(stage, tmp_path, undisturbed):
    scene = Scene(stage, tmp_path)
    killed(scene, Client, "write", 3, after=True)
    killed(scene, Client, "write", 3, after=False)
    goes_on(scene, undisturbed)


BAD = {
    "lost before": (Effect.RESET, None),
    "lost after": (Effect.RESET_AFTER, None),
    "502 before": (Effect.ANSWER_INSTEAD, faults.bad_gateway()),
    "502 after": (Effect.ANSWER_AFTER, faults.bad_gateway()),
    "limit": (Effect.ANSWER_INSTEAD, faults.secondary_limit(3)),
    "hour": (Effect.ANSWER_INSTEAD, faults.too_many_requests(3000)),
    "cut": (Effect.TRUNCATE, None),
}
TROUBLE = st.lists(
    st.tuples(
        st.sampled_from(sorted(BAD)),
        st.sampled_from(["GET", "PUT", "POST"]),
        st.integers(0, 8),
        st.integers(1, 5),
    ),
    max_size=4,
)


@settings(max_examples=8)
@given(trouble=TROUBLE)
def test_over_a_bad_network_it_ends_the_same_however_often_it_is_run(
    tmp_path_factory, stage, undisturbed, trouble
):
    folder = tmp_path_factory.mktemp("flaky")
    scene = Scene(stage, folder)
    for name, method, skip, times in trouble:
        effect, answer = BAD[name]
        fault = Fault(
            effect=effect,
            method=method,
            path="/api/v3/.*",
            skip=skip,
            times=times,
            answer=answer or Answer(),
        )
        scene.server.faults.add(fault)

    for _ in range(30):
        try:
            pushed = scene.push()
        except IncompleteError:
            continue
        if pushed.exit_code == 0:
            break
    else:
        raise AssertionError("it never ends")

    assert scene.refs == undisturbed.refs
    assert scene.rules == undisturbed.rules
    assert scene.case.incident.open_intents == ()
    journal_holds(scene.case)
    shutil.rmtree(folder)
