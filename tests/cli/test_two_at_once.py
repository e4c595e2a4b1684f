"""Two people work on one case at the same moment: nothing is lost, and who has to wait is told for whom."""

import json
import re
from pathlib import Path

import pytest

from tests.support.cases import a_case, reopened, writer
from tests.support.command_line import Ran, study
from tests.support.killing import Terminal, finish


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
CONFIRM = ("--execute", "--confirm", "study")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    study(tmp_path / "study.git")
    return Terminal(tmp_path)


def at_once(terminal: Terminal, *commands: tuple[str | Path, ...]) -> list[Ran]:
    """Start all of them, then wait; those that ended well come first."""
    running = [terminal.start(*command) for command in commands]
    return sorted((finish(process) for process in running), key=lambda ran: ran.code)


def test_two_who_open_one_repository_get_one_case(terminal, tmp_path):
    first, second = at_once(terminal, *[("open", tmp_path / "study.git")] * 2)

    assert (first.code, second.code) == (0, 6)
    assert "is open on this repository" in second.err
    assert len(list(terminal.home.glob("BK-*"))) == 1


def test_of_two_long_operations_one_is_refused_and_the_other_is_named(terminal, tmp_path):
    terminal.expect(0, "open", tmp_path / "study.git")
    outcomes = []
    for command, done in ((("scope",), 0), (("rewrite",), 0), (("rewrite", *CONFIRM), 0), (("push", *CONFIRM), 0), (("verify",), 7)):  # fmt: skip
        extra = ("--override", "practice") if CONFIRM[0] in command else ()
        ran = at_once(terminal, *[(*command, *extra)] * 2)
        outcomes += [(each.code, each.err) for each in ran]
        assert ran[0].code in {done, 6}, ran[0].all
        assert any(each.code == done for each in ran)

    refused = [err for code, err in outcomes if code == 6]
    assert refused
    assert all(
        re.search(r"in use \(process \d+, since [\d: -]+ UTC, doing: \w+\)", err) for err in refused
    )
    assert all(code in {0, 6, 7} for code, _ in outcomes)
    terminal.expect(0, "log", "verify")
    assert "begun" not in terminal.expect(0, "status").out
    terminal.expect(7, "verify")


def test_messages_are_written_and_marked_while_history_is_rewritten(terminal, tmp_path):
    terminal.expect(0, "open", tmp_path / "study.git", "--contacts", CONTACTS)
    terminal.expect(0, "notify", "render", "alert")
    terminal.expect(0, "scope")
    terminal.expect(0, "rewrite")

    rewriting = terminal.start("rewrite", *CONFIRM, "--override", "practice")
    telling = [
        terminal.start("notify", "mark-sent", "N-001", "--by", "Jo"),
        terminal.start("notify", "mark-sent", "N-001", "--by", "Sam"),
        terminal.start("notify", "render", "engineer"),
        terminal.start("notify", "render", "support"),
    ]
    codes = [finish(process).code for process in telling]

    assert finish(rewriting).code == 0
    assert sorted(codes[:2]) == [0, 6]  # it was sent once
    assert codes[2:] == [0, 0]  # telling people waits for nothing
    listed = json.loads(terminal.expect(0, "notify", "list", "--json").out)
    text = json.dumps(listed)
    assert all(f"N-00{number}" in text for number in (1, 2, 3, 4))
    terminal.expect(0, "log", "verify")


def test_incident_trap_75_two_processes_that_append_five_hundred_entries_each_lose_none(tmp_path):
    case = a_case(tmp_path)

    running = {name: writer(case, name, 500) for name in ("one", "two")}
    told = {name: process.communicate(timeout=120)[0] for name, process in running.items()}

    assert case.verify().ok
    events = case.events()
    assert [event.seq for event in events] == list(range(1, 1002))
    for name in running:
        mine = [event for event in events if event.actor.name == name]
        assert [event.number("n") for event in mine] == list(range(500))
        assert told[name].split() == [str(event.seq) for event in mine]
    assert reopened(case).incident.entries == 1001
