"""`decide`, `approve` and `amend`: names and reasons on the command line."""

import json

import pytest

from tests.support.command_line import study
from tests.support.people import CONTACTS


@pytest.fixture
def opened(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    return breachkit


WHO = ("--by", "R. Lindqvist", "--reason", "thought over")


def test_a_decision_is_written_down_and_listed(opened):
    said = opened.expect(0, "decide", "living", "--answer", "yes", *WHO, "--role", "dpo")
    assert "living: yes by R. Lindqvist." in said.out
    assert "Next: breachkit" in said.err

    listed = opened.expect(0, "decide").out
    assert "R. Lindqvist (dpo)" in listed
    assert "OPEN ico-report" in listed
    wire = json.loads(opened.expect(0, "decide", "list", "--json").out)
    assert wire["schema"] == "breachkit.decisions/1"
    assert wire["open"] == ["risk", "high-risk", "ico-report", "individuals"]


def test_inc_083_a_decision_without_name_or_reason_is_a_mistake_of_the_command(opened):
    no_name = ("decide", "ico-report", "--answer", "no", "--reason", "r")
    assert "--by NAME" in opened.expect(2, *no_name).err
    no_reason = ("decide", "ico-report", "--answer", "no", "--by", "R")
    assert "--reason" in opened.expect(2, *no_reason).err


def test_inc_044_a_refusal_names_each_thing_that_lacks_on_a_line(opened):
    refused = opened.expect(6, "close", "--reason", "x", "--decided-by", "R")

    lines = refused.err.splitlines()
    assert lines[0].startswith("breachkit: BK-")
    assert lines[0].endswith("close is refused. It lacks:")
    assert sum(line.startswith("  - ") for line in lines) > 5
    assert lines[-1].startswith("No reason sets aside: traced")


def test_facts_and_corrections_go_through_one_command(opened):
    opened.expect(0, "amend", "engineer", "Ada Hartley")
    opened.expect(2, "amend", "kind", "confirmed")
    opened.expect(0, "amend", "kind", "confirmed", "--reason", "seen by the checker")

    shown = opened.expect(0, "log", "show").out
    assert "fact.recorded" in shown
    assert "case.amended" in shown
    assert "engineer Ada Hartley" in opened.expect(0, "status").out


def test_inc_106_the_second_person_is_another_one(opened):
    opened.expect(0, "amend", "two-person", "push,restore")
    opened.expect(0, "amend", "engineer", "Ada Hartley")

    same = ("approve", "push", "--by", "Ada Hartley", "--reason", "r")
    assert "somebody else" in opened.expect(6, *same).err
    other = opened.expect(0, "approve", "push", *WHO)
    assert "push approved by R. Lindqvist." in other.out
    against = opened.expect(0, "approve", "restore", "--refuse", *WHO)
    assert "restore refused by R. Lindqvist." in against.out


def test_inc_007_a_second_report_is_offered_the_ways_there_are(opened, tmp_path):
    target = tmp_path / "study.git"

    refused = opened.expect(6, "open", target)
    for way in ("breachkit next --case BK-", "--recurrence", "--another"):
        assert way in refused.err
    opened.expect(6, "open", target, "--recurrence", "a branch")
    second = opened.expect(0, "open", target, "--another")
    assert "--duplicate-of BK-" in second.err


def test_inc_007_a_duplicate_is_closed_in_one_command(opened, tmp_path):
    opened.expect(0, "open", tmp_path / "study.git", "--another")
    first, second = sorted(each.name[:12] for each in opened.home.glob("BK-*"))

    opened.expect(
        *(0, "close", "--case", second, "--duplicate-of", first),
        *("--reason", "the same report", "--decided-by", "R"),
    )

    assert first in opened.expect(0, "log", "show", "--case", second, "--json").out


def test_inc_045_whoever_goes_on_without_an_alert_is_warned_at_every_command(opened):
    warning = "warning: no alert to the contacts is marked as sent"
    assert warning not in opened.expect(0, "next").err
    opened.expect(0, "scope")

    for command in (("next",), ("status",), ("checklist", "show"), ("copies", "list"), ("decide",)):
        assert warning in opened.expect(0, *command).err
    opened.expect(0, "notify", "render", "alert", "--contacts", CONTACTS)
    opened.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")

    assert warning not in opened.expect(0, "next").err


def test_inc_032_a_finding_that_is_left_out_names_who_left_it_out(opened):
    opened.expect(
        *(0, "scope", "--exclude", "F-0001", "--reason", "numbers of practices", "--no-files"),
    )
    [journal] = opened.home.glob("BK-*/events.jsonl")
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    [entry] = [each for each in entries if each["kind"] == "decision"]

    assert entry["detail"]["answer"] == "harmless"
    assert entry["detail"]["decider"] == entry["actor"]["name"]
