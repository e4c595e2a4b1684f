"""The guided response at a terminal: whoever kills, mistypes or says no is never worse off than before."""

import itertools
import json
import os
import re
import shlex
import shutil
import time
from datetime import UTC, datetime

import pytest

from breachkit.drill.hub.faults import Effect, Fault
from breachkit.incident.case import Milestone
from breachkit.workflows.next_action import next_action
from tests.cli.test_help import parses
from tests.support.cases import HandClock, a_case, verified
from tests.support.gitrepo import git
from tests.support.responding import breached
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


@pytest.fixture(scope="module")
def house():
    with Office({}) as made:
        yield made


@pytest.fixture
def office(house, world):
    with house.as_user(world.env):
        yield house


@pytest.fixture
def bare_office(house, tmp_path):
    """Of somebody who has no token, no mail server, nothing set."""
    with house.as_user({"BREACHKIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}):
        yield house


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
        case _:
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


TALKS_TO_THE_NETWORK = (
    "Write down what closing the repository destroys: y do it",
    "Find everything that holds the data: y do it",
    "Is it gone?: y do it",
    "Ask the platform by every way it has: y do it",
)


def is_act(question):
    """Whether what is answered next changes something on the platform or asks it."""
    return question in TALKS_TO_THE_NETWORK or "Type asthma" in question


def test_a_network_that_is_gone_and_a_power_cut_in_any_act_are_gone_on_from(world, office):
    said, failed, case = answers(world), 0, world.home
    met: set[tuple[str, ...]] = set()
    delays = itertools.cycle((0.02, 0.2, 0.5))
    terminal = start(office, world)
    while (screen := terminal.until_asked()) is not None:
        question = question_of(screen)
        named = (question, next_title(terminal))
        if is_act(question) and named not in met:
            met.add(named)
            gone = Fault(effect=Effect.RESET, times=10**9)
            world.platform.server.faults.add(gone)
            terminal.answer(said.to(screen))
            failed += " CODE " in terminal.until_asked()
            gone.times = 0
        elif is_act(question) and (*named, "again") not in met:
            met.add((*named, "again"))
            terminal.answer(said.to(screen))
            time.sleep(next(delays))
            terminal.kill()
            [case] = world.home.glob("BK-*")
            terminal = Terminal(office, "respond", "--case", case)
        else:
            terminal.answer(said.to(screen))
    assert terminal.ended() == 0
    assert failed >= 6
    assert not json.loads((case / "case.json").read_text())["open"]
    assert world.platform.study.visibility == "public"


def next_title(terminal):
    """What is next, as it stands on the screen last."""
    return [*re.findall(r"^NEXT +(.*)$", terminal.seen, re.MULTILINE), ""][0]


def test_a_walk_on_paper_leads_to_the_end_and_writes_nothing_and_asks_nobody(world, office):
    for state in ("not opened", "opened", "in the middle"):
        if state == "opened":
            terminal = start(office, world)
            for screen in walked(terminal, answers(world)):
                if "NEXT" in screen:
                    break
            terminal.kill()
        if state == "in the middle":
            [case] = world.home.glob("BK-*")
            terminal = Terminal(office, "respond", "--case", case)
            for screen in walked(terminal, answers(world)):
                if "Name who does the clean-up" in screen:
                    break
            terminal.kill()
        before = everything_in(world.folder), len(world.requests), len(world.inbox.arrived)

        terminal = Terminal(office, "respond", world.target, "--dry-run", columns=80)

        assert terminal.ended() == 0
        shown = terminal.seen
        assert (
            everything_in(world.folder),
            len(world.requests),
            len(world.inbox.arrived),
        ) == before
        assert "breachkit close --reason" in shown
        assert "breachkit push --case" in shown
        assert ("breachkit snapshot --fast" in shown) == (state != "in the middle")
        assert shown.count("Cannot be undone") > 12


def test_a_walk_on_paper_is_data_for_machines(breachkit):
    ran = breachkit.expect(0, "respond", "example/study", "--dry-run", "--json")

    walk = json.loads(ran.out)
    assert walk["schema"] == "breachkit.respond/1"
    assert walk["opens"] == "breachkit open example/study"
    assert walk["case"] is None
    titles = [step["title"] for step in walk["steps"]]
    assert titles[0] == "Write to the named contacts"
    assert titles[-2:] == ["Close the case", "Check that the journal holds"]
    assert not breachkit.home.exists()
    by_hand = [step for step in walk["steps"] if step["by_hand"]]
    assert "breachkit decide containment" in by_hand[0]["commands"][0]
    for step in walk["steps"]:
        assert step["why"]
        assert step["cannot_be_undone"]
        assert all(command.startswith("breachkit ") for command in step["commands"])
        assert all(parses(command) for command in step["commands"])


OURS = """
name = "example-tre"
title = "An invented place"
extends = "generic"
organisation = "example"
as_of = 2026-03-01
source = "an invented rule book"
reviewed = 2026-03-01
"""


def test_with_playbooks_of_its_own_every_line_names_them_and_a_copy_does_the_same(
    bare_office, breachkit, tmp_path
):
    ours = tmp_path / "our books"
    (ours / "example-tre").mkdir(parents=True)
    (ours / "example-tre" / "playbook.toml").write_text(OURS)
    (ours / "example-tre" / "contacts.toml").write_text(CONTACTS.read_text())
    words = ("example/study", "--contacts", "example-tre", "--playbooks", str(ours))
    named = f" --playbooks '{ours}'"

    walk = json.loads(breachkit.expect(0, "respond", *words, "--dry-run", "--json").out)
    assert walk["opens"] == f"breachkit open example/study --contacts example-tre{named}"
    lines = [line for step in walk["steps"] for line in step["commands"]]
    assert all(line.count(named) == 1 and parses(line) for line in lines)
    assert named in breachkit.expect(6, "respond", *words).err

    terminal = Terminal(bare_office, "respond", *words, columns=200)
    for screen in walked(terminal, Answers("-")):
        if "NEXT  Write down what closing" in screen:
            break
    terminal.answer("n")
    assert terminal.ended() == 0
    shown = terminal.seen.splitlines()
    lines = [line for line in shown if re.match(r" +\$? ?breachkit |\$ breachkit ", line)]
    assert len(lines) > 10
    assert [line for line in lines if line.count(named) != 1] == []
    assert shown[-2].startswith("Come back at any time")
    again = shown[-1].strip()
    terminal = Terminal(bare_office, *shlex.split(again)[1:])
    assert "NEXT  Write down what closing" in (terminal.until_asked() or "")


def test_without_a_terminal_nothing_is_asked_and_the_plain_command_is_named(breachkit, tmp_path):
    ran = breachkit.expect(6, "respond", "example/study")
    assert "run `breachkit open example/study`" in ran.err

    breachkit.expect(0, "open", "example/study")
    before = everything_in(breachkit.home)
    moved = shutil.copytree(next(breachkit.home.glob("BK-*")), tmp_path / "a case elsewhere")
    for dry in ((), ("--dry-run",)):  # by its id it is not found
        ran = breachkit("respond", "--case", moved, *dry)
        lines = re.findall(r"(?:\$|`|Next:) ?(breachkit .*? --case .*)", ran.out + ran.err)
        assert len(lines) >= 2
        assert all(f"--case '{moved}'" in line for line in lines)
    ran = breachkit.expect(6, "respond")
    assert "run `breachkit notify render alert --case BK-" in ran.err
    assert "NEXT  Write to the named contacts" in ran.out
    assert everything_in(breachkit.home) == before
    assert breachkit.expect(2, "respond", "--json").out == ""
    breachkit.expect(3, "respond", "--case", "BK-1999-0001")
    [case] = [path.name[:12] for path in breachkit.home.glob("BK-*")]
    other = breachkit.expect(2, "respond", "example/another", "--case", case)
    assert f"{case} is about another repository" in other.err


def test_a_name_that_is_mistyped_three_times_does_nothing_and_comes_back_to_the_menu(world, office):
    terminal = start(office, world)
    said = answers(world)
    for screen in walked(terminal, said):
        if "Type asthma/study to do it" in screen:
            break
    before = stands(world)
    for typed in ("asthma/studdy", "ASTHMA/STUDY", "yes"):
        assert "Type asthma/study to do it" in terminal.asked
        terminal.answer(typed)
        assert terminal.until_asked() is not None
        assert "That is not the name. Nothing was done." in terminal.asked
    assert stands(world) == before
    assert world.platform.study.visibility == "public"
    assert "NEXT  Close the repository" in terminal.asked
    terminal.answer("q")
    assert terminal.until_asked() is None
    assert terminal.ended() == 0
    assert "breachkit respond --case BK-" in terminal.seen
    assert "for the record" in terminal.seen


def test_what_is_typed_before_it_is_asked_answers_nothing(world, office):
    terminal = start(office, world)
    for screen in walked(terminal, answers(world)):
        if "NEXT  Write down what closing" in screen:
            break
    terminal.press("y\ny\ny\n")  # somebody is impatient
    screen = terminal.until_asked()
    assert "NEXT  Close the repository" in screen
    before = stands(world)
    time.sleep(0.2)
    assert not terminal.asked.partition("also open > ")[2].strip()
    assert stands(world) == before


def test_what_does_not_wait_can_be_done_first_and_a_wrong_turn_leads_back(world, office):
    terminal = start(office, world)
    for screen in walked(terminal, answers(world)):
        if "NEXT  Write to the named contacts" in screen:
            break
    for typed in ("maybe", "9", "0", "1.5", "\u0661"):
        terminal.answer(typed)
        assert "Nothing was done. Type one of these" in terminal.until_asked()
    terminal.answer("?")
    explained = terminal.until_asked()
    assert "n  leaves everything as it is" in explained
    assert "More about the command: breachkit notify render --help." in explained
    terminal.answer("s")
    assert "a command of your own" in terminal.until_asked()
    terminal.answer("4")
    terminal.until_asked()
    terminal.answer("breachkit respond")
    assert "Leave this first" in terminal.until_asked()
    for typed in ("s", "4"):
        terminal.answer(typed)
        terminal.until_asked()
    terminal.answer("breachkit log verify")
    assert "$ breachkit log verify" in terminal.until_asked()
    terminal.answer("1")  # make it safe, before anybody was told
    said = answers(world)
    for screen in walked(terminal, said):
        if " REACHED  contained" in screen:
            break
    assert world.platform.study.visibility == "private"
    assert "NEXT  Write to the named contacts" in terminal.asked


def test_without_a_token_it_says_whom_to_ask_for_what_and_goes_on(bare_office):
    instead = {r"Is it done, and": "y", r"What shows that it is done": "the owner wrote at 17:20"}
    said = Answers(str(CONTACTS), instead=instead)
    terminal = Terminal(bare_office, "respond", "example/study", "--contacts", CONTACTS)
    for screen in walked(terminal, said):
        if "NEXT  Find everything" in screen:
            break
    shown = " ".join(terminal.seen.split())
    assert "Danger Zone, Change visibility, Make private" in shown
    assert "Somebody else has to close the repository" in shown
    assert "(incident team" in shown
    assert "$ breachkit decide containment --answer 'closed by hand'" in shown
    assert " REACHED contained" in shown


def test_without_a_token_what_others_looked_up_and_gave_back_is_written_down(bare_office, tmp_path):
    case = a_case(tmp_path, HandClock(datetime.now(UTC)))
    verified(case, hidden_refs=1)
    case.record("restrict.done", {"round": 1})
    said = Answers(str(CONTACTS))
    terminal = Terminal(bare_office, "respond", "--case", case.path)
    for screen in walked(terminal, said):
        if "NEXT  Find who and what else" in screen or " REACHED  server purged" in screen:
            break
    assert "Ask the platform by every way" in terminal.seen
    assert " REACHED  server purged" in terminal.seen
    terminal.kill()
    case.record("copies.recorded", {"open": 0, "high_open": 0})
    case.record("trace.recorded", {"places": 1})

    terminal = Terminal(bare_office, "respond", "--case", case.path)
    for screen in walked(terminal, said):
        if " REACHED  restored" in screen:
            break
    assert "Somebody else has to give access back" in terminal.seen
    assert case.incident.has(Milestone.RESTORED)
    assert next_action(case.incident).typed.words[0] != "restore"


def test_a_bare_server_is_led_to_the_end_without_a_platform_or_a_mail_server(bare_office, tmp_path):
    server = breached().build(tmp_path / "server" / "study.git")

    def prune():
        git(server, "prune", "--expire=now")

    said = Answers(str(CONTACTS), {"Find who and what else has a copy": prune})  # fmt: skip
    terminal = Terminal(bare_office, "respond", server, "--contacts", CONTACTS, columns=80)
    for _screen in walked(terminal, said):
        pass
    assert terminal.ended() == 0
    [case] = (tmp_path / "home").glob("BK-*")
    assert not json.loads((case / "case.json").read_text())["open"]
    commands = re.findall(
        r"^  (breachkit .*)$", terminal.seen.split("for the record")[1], re.MULTILINE
    )
    assert commands[0].startswith("breachkit open ")
    assert commands[1].startswith("breachkit notify render alert")
    assert all(parses(command.partition("    (code")[0]) for command in commands)
    assert any(command.startswith("breachkit push --case") for command in commands)
