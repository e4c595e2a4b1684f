"""What somebody who never did this before types in the first hour, slips included."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command_line import study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


def clone_of(server, place):
    subprocess.run(["git", "clone", "-q", str(server), str(place)], check=True)
    return place


def target(breachkit):
    return json.loads(breachkit.expect(0, "status", "--json").out)["target"]


def test_a_case_that_is_opened_on_a_clone_is_on_the_server_it_came_from(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    clone = clone_of(server, tmp_path / "clone")

    ran = breachkit.expect(0, "open", clone)

    assert "is a clone" in ran.err
    assert target(breachkit) == str(server)
    assert "What has to go" in breachkit.expect(0, "scope").out


def test_an_origin_beside_the_clone_is_found_from_the_clone(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    clone = clone_of(server, tmp_path / "clone")
    subprocess.run(["git", "-C", clone, "remote", "set-url", "origin", "../study.git"], check=True)

    breachkit.expect(0, "open", clone)

    assert target(breachkit) == str(server)


def test_a_work_tree_without_a_server_gets_a_case_and_is_told_at_the_scope(breachkit, tmp_path):
    clone = clone_of(study(tmp_path / "study.git"), tmp_path / "clone")
    subprocess.run(["git", "-C", clone, "remote", "remove", "origin"], check=True)

    breachkit.expect(0, "open", clone)

    assert target(breachkit) == str(clone)
    assert "open the case on the server's URL" in breachkit.expect(6, "scope").err


def test_contacts_that_there_are_not_are_said_before_there_is_a_case(breachkit, tmp_path):
    ran = breachkit.expect(3, "open", "owner/name", "--contacts", "nobody")

    assert "opensafely-2026" in ran.err
    assert "There are no cases" in breachkit.expect(3, "status").err


def test_a_second_case_on_the_same_repository_has_to_be_wanted(breachkit):
    breachkit.expect(0, "open", "owner/name")

    assert "breachkit next --case BK-" in breachkit.expect(6, "open", "owner/name").err
    breachkit.expect(0, "open", "owner/name", "--another")
    assert "BREACHKIT_CASE" in breachkit.expect(3, "next").err


def test_every_contact_comes_before_the_search(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    ran = breachkit.expect(0, "notify", "render", "alert")
    assert "--phone" in ran.err

    assert "notify mark-sent N-002" in breachkit.expect(0, "notify", "mark-sent", "N-001").err
    assert "Next: breachkit scope" in breachkit.expect(0, "notify", "mark-sent", "N-002").err


def test_the_plan_gives_the_whole_next_line_and_next_says_what_to_type(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "a study.git"), "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    for number in ("N-001", "N-002"):
        breachkit.expect(0, "notify", "mark-sent", number)
    breachkit.expect(0, "scope")
    breachkit.prepare()

    planned = breachkit.expect(0, "rewrite").err

    assert "Next: breachkit rewrite --case BK-" in planned
    assert "--execute --confirm 'a study'" in planned
    assert "add --confirm" not in planned
    said = " ".join(breachkit.expect(0, "next").out.split())
    assert "--execute the plan is written" in said
    assert "add --confirm 'a study'" in said


def test_the_support_request_says_when_and_where_the_ids_go(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "scope")

    said = breachkit.expect(0, "notify", "render", "support").err

    assert "nothing is pushed yet" in said
    assert "private/support-ids.txt" in said


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (["notify", "mark-sent"], "MESSAGE"),
        (["copies", "set", "K-001"], "STATE"),
        (["copies", "set", "K-001", "K-002"], "STATE"),
        (["checklist", "tick"], "ITEM"),
        (["scan"], "TARGET"),
        (["open"], "TARGET"),
    ],
)
def test_a_missing_argument_is_called_by_its_name(breachkit, args, word):
    assert f"'{word}'" in breachkit.expect(2, *args).err
