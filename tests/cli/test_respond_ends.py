"""A response that is led a second time, or that ends early, ends as the way on paper says."""

import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.test_help import parses
from tests.support.gitrepo import git
from tests.support.responding import breached, colleagues_clone
from tests.support.walking import Answers, Office, Terminal, walked
from tests.support.walking_world import CONTACTS


@pytest.fixture(scope="module")
def house():
    with Office({}) as made:
        yield made


@pytest.fixture
def office(house, tmp_path):
    with house.as_user({"BREACHKIT_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}):
        yield house


def led(office, *words, said):
    """Answer whatever is asked to the end; give what was on the screen."""
    terminal = Terminal(office, "respond", *words, columns=80)
    for _screen in walked(terminal, said):
        pass
    assert terminal.ended() == 0
    messages = re.findall(r"^    (/\S+/message\.\w+)$", terminal.seen, re.MULTILINE)
    assert messages
    assert all(Path(each).exists() for each in messages)
    return terminal.seen


def ran_in(seen):
    """Give the commands that were run, by the record; each can be pasted, and none failed but a search."""
    record = seen.split("for the record")[1]
    commands = re.findall(r"^  (breachkit .*)$", record, re.MULTILINE)
    assert all(parses(each.partition("    (code")[0]) for each in commands)
    failed = [each for each in commands if "    (code" in each]
    assert all("verify --case" in each and "(code 7)" in each for each in failed)
    return commands


def come_in_this_order(text, *parts):
    """Say whether each part stands somewhere behind the one before it."""
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
    return True


def on_paper(office, *words):
    terminal = Terminal(office, "respond", *words, "--dry-run", columns=80)
    assert terminal.ended() == 0
    return terminal.seen


def is_open(tmp_path):
    [case] = (tmp_path / "home").glob("BK-*")
    return json.loads((case / "case.json").read_text())["open"]


def test_whoever_leaves_at_the_opening_is_told_how_to_come_back_to_the_same_repository(
    office, tmp_path
):
    for words, left_at in (
        (("example/my study", "--contacts", "contacts.toml"), r"Open one\?"),
        (("example/study",), r"Is this meant\?"),
    ):
        terminal = Terminal(office, "respond", *words, columns=80)
        said = Answers("-", instead={left_at: "n", r"Whose contacts": ""})
        for _screen in walked(terminal, said):
            pass
        assert terminal.ended() == 0
        assert shlex.join(("breachkit", "respond", *words)) in terminal.seen.splitlines()[-1]
    assert not (tmp_path / "home").exists()


def test_a_near_miss_is_led_to_its_end_and_a_wrong_time_is_asked_for_again(office, tmp_path):
    server = breached().build(tmp_path / "server" / "study.git")
    opened = Terminal(office, "open", server, "--kind", "near-miss", "--contacts", CONTACTS)
    assert opened.ended() == 0
    ends = ("breachkit notify render update --next-update", "breachkit close --reason")
    assert come_in_this_order(on_paper(office, server), *ends)
    later = (datetime.now(UTC) + timedelta(days=3)).strftime("%Y-%m-%dT%H:%MZ")
    times = iter(("on Friday", "2020-03-20T12:00Z", later))
    said = Answers(str(CONTACTS))

    terminal = Terminal(office, "respond", server, columns=80)
    while (screen := terminal.until_asked()) is not None:
        asks = ("When do they hear again", "a day, a time and its zone", "That is over")
        wants_time = any(each in screen for each in asks)
        terminal.answer(next(times) if wants_time else said.to(screen))

    assert terminal.ended() == 0
    assert next(times, None) is None
    assert come_in_this_order("\n".join(ran_in(terminal.seen)), f"{ends[0]} {later}", ends[1])
    assert "It is a near miss: as far as is known nothing got out" in terminal.seen
    assert set(re.findall(r"^to do +(.*)$", terminal.seen, re.MULTILINE)) == {
        "alerted, closed",
        "closed",
    }
    told = terminal.seen.partition("It is a near miss")[2].partition("Case log head")[0]
    assert "rewrite the history" not in told
    assert not is_open(tmp_path)


def test_what_comes_back_after_the_end_is_led_to_its_end_once_more(office, tmp_path):
    server = breached().build(tmp_path / "server" / "study.git")
    clone = colleagues_clone(server, tmp_path)

    def prune():
        git(server, "prune", "--expire=now")

    acts = {"Ask whoever runs the server for what only they can do": prune}
    ours = Answers(str(CONTACTS), dict(acts), instead={r"Who runs the server": "1"})
    seen = led(office, server, "--contacts", CONTACTS, said=ours)
    assert not is_open(tmp_path)
    assert not any("notify render support" in each for each in ran_in(seen))
    assert "private/notifications/N-004-clone-holder/message.eml" in seen
    assert "waiting everybody who can push" not in seen  # who was asked a moment ago
    assert " CHASE " not in seen
    assert "(Enter: Ada Hartley; -: leave it out; n: stop)" in seen.partition("NEXT  Find")[0]
    assert "REACHED  verified, for branches and tags: a fresh clone of them is clean" in seen
    assert "\nNext: " not in seen
    _, restored, rest = seen.partition("REACHED  restored")
    assert restored
    assert "to do   assessed, closed" in rest  # and not that it be contained
    before, _, after = seen.partition("REACHED  traced")
    assert "make the repository safe" in before
    assert "make the repository safe" not in after  # by then it may be given back
    assert " ".join(after.split()).count(", by 2999-12-31") == 2
    git(clone, "push", "-q", "origin", "main:refs/heads/back")
    seen_there = {"where were they seen": "a branch"}

    seen = led(office, server, said=Answers(str(CONTACTS), dict(acts), instead=seen_there))

    assert come_in_this_order(
        "\n".join(ran_in(seen)),
        *("breachkit open ", "--recurrence 'a branch'", "breachkit scope"),
        *("breachkit notify render freeze --again", "breachkit rewrite", "breachkit push"),
        *("breachkit notify render support --again", "breachkit trace", "breachkit verify --case"),
        *("breachkit notify render dpo --again", "breachkit notify render all-clear --again"),
        "breachkit close",
    )
    assert not is_open(tmp_path)
    old = git(clone, "rev-parse", "main")
    assert old not in git(server, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
