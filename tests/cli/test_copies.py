"""`copies` on the command line: states, proofs, acceptance, and a register that somebody edited."""

import json
from pathlib import Path

import pytest

from tests.support.command_line import study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def case(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    for label in ("slides", "drive"):
        breachkit.expect(0, "copies", "add", "C33", label, "--holder", "Chen Li", "--by", "Jo")
    return breachkit


def folder(breachkit):
    [found] = breachkit.home.glob("BK-*")
    return found


def copy(breachkit, number="K-001"):
    return json.loads(breachkit.expect(0, "copies", "show", number, "--json").out)


def test_nobody_has_looked_is_said_where_the_register_is_empty(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    assert "Next: breachkit trace" in breachkit.expect(0, "copies", "list").err


def test_inc_066_a_word_closes_a_copy_and_is_said_to_be_a_word(case):
    said = case.expect(0, "copies", "set", "K-001", "deleted", "--note", "mail", "--by", "Jo")
    assert "K-001 is deleted (somebody's word alone)" in said.out
    assert copy(case)["grade"] == "word"
    assert "somebody's word alone" in case.expect(0, "copies", "list").out


def test_of_several_copies_the_same_is_said_by_one_call_and_one_entry(case):
    before = len(json.loads(case.expect(0, "log", "show", "--json").out)["entries"])

    said = case.expect(0, "copies", "set", "K-001", "K-002", "K-001", "requested", "--by", "Jo")

    assert "K-001, K-002 are requested." in said.out
    assert [copy(case, each)["state"] for each in ("K-001", "K-002")] == ["requested"] * 2
    assert len(json.loads(case.expect(0, "log", "show", "--json").out)["entries"]) == before + 1

    said = case.expect(0, "copies", "na", "K-001", "K-002", "--note", "asked both", "--by", "Jo")

    assert "K-001, K-002 do not apply." in said.out
    assert [copy(case, each)["applies"] for each in ("K-001", "K-002")] == ["no"] * 2


def test_where_one_of_several_copies_cannot_move_none_does(case):
    case.expect(2, "copies", "set", "K-001", "K-099", "requested", "--by", "Jo")
    case.expect(6, "copies", "na", "K-001", "K-002", "--note", "", "--by", "Jo")

    assert (copy(case)["state"], copy(case)["applies"]) == ("confirmed", "yes")


def test_a_date_of_expiry_is_that_of_each_of_several_copies(case):
    said = ("--note", "mail", "--by", "Jo", "--expires", "2026-12-31")
    case.expect(0, "copies", "set", "K-001", "K-002", "acknowledged", *said)

    assert (
        copy(case, "K-001")["expires"] == copy(case, "K-002")["expires"] == "2027-01-01T00:00:00Z"
    )


def test_inc_059_a_move_that_is_not_allowed_is_refused_with_those_that_are(case):
    case.expect(0, "copies", "set", "K-001", "deleted", "--note", "mail", "--by", "Jo")
    said = case.expect(6, "copies", "set", "K-001", "requested", "--by", "Jo")
    assert "can become confirmed, deleted, proven_clean" in said.err


def test_inc_070_nobody_accepts_by_default(case):
    case.expect(2, "copies", "accept", "K-001", "--role", "SIRO", "--reason", "x")
    case.expect(2, "copies", "accept", "K-001", "--by", "R. L.", "--reason", "x")
    case.expect(
        6, "copies", "set", "K-001", "residual_accepted", "--proof", "decision", "--note", "x"
    )
    case.expect(0, "copies", "accept", "K-001", "--by", "R. L.", "--role", "SIRO", "--reason", "x")
    (said,) = copy(case)["proof"]
    assert (said["by"], said["role"], said["note"]) == ("R. L.", "SIRO", "x")
    assert "SIRO" in case.expect(0, "copies", "show", "K-001").out


def test_inc_056_an_absence_needs_its_control(case):
    asked = ("copies", "prove", "K-001", "--kind", "http_absent", "--note", "page", "--by", "Jo")
    case.expect(2, *asked, "--status", "404")
    case.expect(6, *asked, "--status", "404", "--control", "404", "--seen-as", "anonymous")
    case.expect(6, *asked, "--status", "403", "--control", "200", "--seen-as", "anonymous")
    said = case.expect(0, *asked, "--status", "404", "--control", "200", "--seen-as", "anonymous")
    assert "shown by a look of our own" in said.out


def test_a_proof_is_either_a_result_or_of_a_kind(case):
    case.expect(2, "copies", "prove", "K-001")
    case.expect(2, "copies", "prove", "K-001", "--kind", "vendor_letter", "--note", "x")
    case.expect(2, "copies", "prove", "K-001", "--kind", "mirror_blobset", "--note", "x")
    case.expect(6, "copies", "prove", "K-001", "--kind", "api_list_empty", "--note", "x")
    case.expect(6, "copies", "prove", "K-001", "--kind", "swh_known_false", "--note", "x")


def test_a_letter_is_kept_with_the_case(case, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("deleted")
    what = ("--kind", "vendor_letter", "--file", letter, "--note", "of 9 March", "--by", "Jo")
    case.expect(0, "copies", "prove", "K-001", *what)
    assert (folder(case) / copy(case)["proof"][-1]["file"]).read_text() == "deleted"


def test_inc_068_a_day_of_expiry_is_the_day_on_which_it_is_due(case):
    said = ("--expires", "2035-12-31", "--note", "kept for 90 days", "--by", "Jo")
    case.expect(0, "copies", "set", "K-001", "acknowledged", *said)
    assert copy(case)["due"] == copy(case)["expires"] == "2036-01-01T00:00:00Z"
    case.expect(6, "copies", "prove", "K-001", "--kind", "expiry_passed", "--note", "looked")
    case.expect(2, "copies", "add", "C32", "backup", "--expires", "next year")
    items = json.loads(case.expect(0, "checklist", "show", "--json").out)["items"]
    assert next(i for i in items if i["id"] == "E08/K-001")["due"] == "2036-01-01T00:00:00Z"


def test_a_register_that_was_edited_by_hand_ends_with_7_until_it_is_put_back(case):
    file = folder(case) / "copies.json"
    file.write_text(file.read_text().replace("confirmed", "deleted"))
    said = case.expect(7, "copies", "list")
    assert "was changed by somebody else since entry" in said.err
    shown = case.expect(0, "copies", "rebuild")
    assert "The file has 2 of them in another way: K-001, K-002" in shown.out
    assert "--execute" in shown.err
    case.expect(0, "copies", "rebuild", "--execute")
    assert copy(case)["state"] == "confirmed"
    assert "as the journal tells them" in case.expect(0, "copies", "rebuild").out


def test_a_register_that_was_edited_can_be_vouched_for(case):
    file = folder(case) / "copies.json"
    file.write_text(file.read_text().replace("slides", "posters"))
    case.expect(0, "copies", "rebuild", "--vouch", "a label was wrong", "--by", "Jo")
    assert copy(case)["label"] == "posters"
    assert "a label was wrong" in (folder(case) / "events.jsonl").read_text()
