"""What a tired person reads where something went wrong: what happened, what was not done, what to do."""

import json
import os
from pathlib import Path

import pytest

from breachkit.incident.lock import exclusive
from tests.screens.terminal import play
from tests.support.command_line import run_process, study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


def test_a_bundle_that_was_cut_off_in_its_head_is_never_called_clean(breachkit, tmp_path):
    bundle = tmp_path / "cut.bundle"
    bundle.write_bytes(b"# v2 git bundle\n")

    said = breachkit.expect(3, "scan", bundle).err

    assert "cut off" in said
    assert "Nothing of it could be looked at" in said
    assert "make the bundle again" in said


def test_a_case_in_use_says_since_when_as_people_tell_the_time(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    (case,) = breachkit.home.glob("BK-*")
    holder = {"pid": os.getpid(), "since": "2026-03-06T17:05:09.123456Z", "what": "push"}

    with exclusive(case / ".operation.lock"):
        (case / ".operation.json").write_text(json.dumps(holder))
        ran = run_process(["scope"], {"BREACHKIT_HOME": str(breachkit.home)})

    assert ran.code == 6
    said = ran.err
    assert "since 2026-03-06 17:05 UTC, doing: push), so nothing was done: wait" in said


@pytest.fixture
def written(breachkit, tmp_path):
    """Give the options with which an alert that is written would be sent."""
    server = study(tmp_path / "study.git")
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    (case,) = breachkit.home.glob("BK-*")
    return ("--execute", "--confirm", case.name[:12], "--from", "A <a@example.org>")


@pytest.mark.enable_socket
def test_a_mail_server_that_is_not_there_is_named_with_what_is_wrong(breachkit, written):
    sent = ("notify", "send", "--all-waiting", "--smtp", "127.0.0.1:9", *written)

    said = breachkit.expect(5, *sent).out

    assert "127.0.0.1:9 cannot be reached: nothing takes mail on that port" in said
    assert "run the command again in a few minutes" in said


@pytest.mark.enable_socket
def test_certificates_that_cannot_be_used_are_named_and_nothing_is_sent(breachkit, written):
    options = ("--all-waiting", "--smtp", "smtps://127.0.0.1:9", "--ca-file", "/no/such.pem")

    said = breachkit.expect(3, "notify", "send", *options, *written).err

    assert "/no/such.pem" in said
    assert "nothing was sent" in said
    assert "--ca-file" in said


def test_an_error_of_the_command_line_is_fitted_and_nothing_in_it_acts(tmp_path):
    played = play(["scan", "--no-such-option\x1b[41m" + " and words" * 12], {"HOME": str(tmp_path)})

    assert played.code == 2
    assert b"\x1b[41m" not in played.written
    assert all(line.rstrip().endswith(("words", "and")) for line in played.lines[3:4])


def test_an_error_is_broken_between_words_and_its_command_stays_whole(breachkit, tmp_path):
    played = play(["status"], {"BREACHKIT_HOME": str(tmp_path / "a-home-of-some-length")})

    assert played.code == 3
    assert "`breachkit open TARGET`" in played.shown.plain
    assert played.lines[0].startswith("breachkit: no case is open.")
