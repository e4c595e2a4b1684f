"""The guided response at a terminal: whoever kills, mistypes or says no is never worse off than before."""

import itertools
import json
import os

import pytest

from tests.support.walking import (
    CTRL_C,
    CTRL_D,
    Answers,
    Office,
    Terminal,
    everything_in,
    question_of,
    walked,
)
from tests.support.walking_world import CONTACTS, small_world


NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
ENDS = ("no", "end of input", "interrupt", "kill", "hang up")


@pytest.fixture
def world(tmp_path):
    with small_world(tmp_path) as made:
        yield made


@pytest.fixture
def office(world):
    with Office(world.env) as made:
        yield made


def answers(world):
    return Answers(str(CONTACTS), dict(world.outside()))


def stands(world):
    """Everything that an answer could have changed."""
    return everything_in(world.home), world.writes, len(world.inbox.arrived)


def start(office, world, **more):
    return Terminal(office, "respond", world.target, "--contacts", CONTACTS, **more)


def attacked(terminal, how):
    """End a run at the question that stands there; give its exit code."""
    match how:
        case "no":
            terminal.answer("n")
            if terminal.until_asked() is None:
                return terminal.ended()
            return terminal.kill()
        case "end of input":
            terminal.press(CTRL_D)
            return terminal.ended()
        case "interrupt":
            terminal.press(CTRL_C)
            return terminal.ended()
        case "kill":
            return terminal.kill()
    return terminal.hang_up()


CODES = {
    "no": {0, -9},
    "end of input": {0},
    "interrupt": {130},
    "kill": {-9},
    "hang up": {99, 130, 0},  # nothing can be said any more, so that its code says little
}


def back_at(office, world, said, question):
    """Begin anew, as somebody does who comes back, and go on to the same question."""
    cases = [path.name for path in world.home.glob("BK-*")]
    terminal = Terminal(office, "respond", "--case", cases[0]) if cases else start(office, world)
    for screen in walked(terminal, said, most=60):
        if question_of(screen) == question:
            return terminal, screen
    raise AssertionError(f"{question!r} is not asked again:\n{terminal.seen[-3000:]}")


@pytest.mark.parametrize("ends", [(how,) for how in ENDS] if NIGHTLY else [ENDS])
def test_whatever_is_typed_or_killed_at_any_question_changes_nothing_and_the_way_goes_on_to_the_end(
    world, office, ends
):
    said, met, turn = answers(world), set(), itertools.cycle(ends)
    terminal = start(office, world)
    while (screen := terminal.until_asked()) is not None:
        question = question_of(screen)
        if question not in met:
            met.add(question)
            before = stands(world)
            terminal.answer("\x1b[A")  # an arrow key
            assert terminal.until_asked() is not None
            assert "print nothing" in terminal.asked
            how = next(turn)
            code = attacked(terminal, how)
            assert code in CODES[how], (question, how, terminal.seen[-1500:])
            assert stands(world) == before, (question, how)
            terminal, screen = back_at(office, world, said, question)
        terminal.answer(said.to(screen))
    assert terminal.ended() == 0
    assert len(met) > 50
    [case] = world.home.glob("BK-*")
    state = json.loads((case / "case.json").read_text())
    assert not state["open"]
    assert "closed" in state["milestones"]
    assert "Come back" not in terminal.seen
