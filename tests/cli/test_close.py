"""A case ends when all is done, or as a false alarm; nothing ends it by the way."""

from pathlib import Path

from tests.support.command_line import study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
BY = ("--decided-by", "R. Lindqvist")


def test_a_false_alarm_ends_a_case_and_frees_the_repository(breachkit, tmp_path):
    target = study(tmp_path / "study.git")
    breachkit.expect(0, "open", target)

    ended = breachkit.expect(0, "close", "--false-alarm", "--reason", "rounded", *BY)

    assert "stood down" in ended.out
    breachkit.expect(3, "status")
    [case] = breachkit.home.glob("BK-*")
    assert "case.stood_down" in breachkit.expect(0, "log", "show", "--case", case).out
    breachkit.expect(0, "open", target)


def test_a_case_does_not_close_while_copies_are_open(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)

    refused = breachkit.expect(6, "close", "--reason", "tired", *BY, "--override", "it is late")

    assert "copies are open (traced): `breachkit copies list --case BK-" in refused.err
    assert "closed" not in breachkit.expect(0, "status").out.splitlines()[0]


def test_history_that_was_rewritten_is_no_false_alarm(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study")

    breachkit.expect(6, "close", "--false-alarm", "--reason", "oh", *BY)


def test_closing_says_what_still_holds_the_data(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))

    ended = breachkit.expect(0, "close", "--false-alarm", "--reason", "rounded", *BY)

    [case] = breachkit.home.glob("BK-*")
    assert f"still on this machine: {case / 'private'}" in ended.err
