"""Messages leave by command: shown first, confirmed, encrypted, resumed after any end."""

import json
import re
import shutil
import signal
from pathlib import Path

import pytest

from breachkit.incident.folder import CaseFolder
from breachkit.model.time import SystemClock
from tests.support.killing import Terminal, finish
from tests.support.mailserver import Mailbox, ca_file, mail_server, server_context


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
TEAM, JO = "incidents@example.org", "jo.bloggs@example.org"
PASSWORD = "geheim-4217-grün"


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def told(breachkit):
    """A user whose case has two alerts written and not sent."""
    prepare(breachkit.expect)
    return breachkit


def prepare(expect):
    expect(0, "open", "example/study", "--contacts", CONTACTS)
    expect(0, "notify", "render", "alert", "--from", "Sam Gray <sam@example.org>")


def case_of(home: Path) -> CaseFolder:
    (folder,) = home.glob("BK-*")
    return CaseFolder(folder, SystemClock())


def case_id(home: Path) -> str:
    return case_of(home).incident.id


def sending(home: Path, *more: str | Path) -> tuple[str | Path, ...]:
    return ("notify", "send", "--execute", "--confirm", case_id(home), *more)


def test_inc_093_without_a_terminal_the_preview_says_what_to_add_and_ends_with_6(told, mailbox):
    with mail_server(mailbox) as address:
        ran = told.expect(6, "notify", "send", "--all-waiting", "--smtp", address)
    assert "2 messages to send" in ran.out
    assert f"add --execute --confirm {case_id(told.home)}" in ran.err
    assert mailbox.greetings == []


def test_at_a_terminal_the_preview_names_the_command_that_sends(told, monkeypatch):
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    ran = told.expect(0, "notify", "send", "N-002")
    assert f"breachkit notify send N-002 --execute --confirm {case_id(told.home)}" in ran.err


def test_inc_074_sending_needs_the_cases_id_typed_in_full(told, mailbox):
    with mail_server(mailbox) as address:
        send = ("notify", "send", "--all-waiting", "--smtp", address, "--execute")
        assert "add --confirm" in told.expect(6, *send).err
        told.expect(6, *send, "--confirm", "BK-2026-9999")
    assert mailbox.mails == []


def test_inc_074_messages_go_and_the_next_command_is_named(told, mailbox):
    with mail_server(mailbox) as address:
        ran = told.expect(0, *sending(told.home, "--all-waiting", "--smtp", address))
    assert "N-001  sent to Incident Team <incidents@example.org>: 250 2.0.0" in ran.out
    assert "Next: breachkit" in ran.err
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]
    again = told.expect(0, *sending(told.home, "--all-waiting", "--smtp", "127.0.0.1:1"))
    assert "No message waits" in again.out


def test_the_machine_output_tells_each_message_and_its_fate(told, mailbox):
    mailbox.will(TEAM, "550")
    with mail_server(mailbox) as address:
        shown = json.loads(told("notify", "send", "--all-waiting", "--smtp", address, "--json").out)
        ran = told.expect(5, *sending(told.home, "--all-waiting", "--smtp", address, "--json"))
    done = json.loads(ran.out)
    assert shown["schema"] == done["schema"] == "breachkit.sending/1"
    assert (shown["executed"], done["executed"]) == (False, True)
    assert [each["state"] for each in shown["messages"]] == ["waiting", "waiting"]
    assert [(each["state"], each["code"]) for each in done["messages"]] == [
        ("refused", 550),
        ("sent", 250),
    ]
    assert {each["sha256"] for each in shown["messages"]} == {
        each["sha256"] for each in done["messages"]
    }


@pytest.mark.parametrize("code", [550, 450])
def test_a_refusal_ends_with_5_and_is_listed(told, mailbox, code):
    mailbox.will(JO, str(code))
    with mail_server(mailbox) as address:
        ran = told.expect(5, *sending(told.home, "--all-waiting", "--smtp", address))
    assert f"for Bloggs, Jo <{JO}>: {code}" in ran.out


def test_a_server_that_is_down_ends_with_5_and_the_next_run_goes_on(told, mailbox):
    ran = told.expect(5, *sending(told.home, "--all-waiting", "--smtp", "127.0.0.1:1"))
    assert "N-002  not tried" in ran.out
    with mail_server(mailbox) as address:
        told.expect(0, *sending(told.home, "--all-waiting", "--smtp", address))
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]


def test_a_server_that_offers_no_encryption_is_refused_with_6(told, mailbox, tmp_path):
    with mail_server(mailbox) as address:
        told.expect(
            6, *sending(told.home, "N-001", "--smtp", address, "--ca-file", ca_file(tmp_path))
        )
    assert mailbox.mails == []


# --- the password ---------------------------------------------------------------------------


@pytest.fixture
def secured(mailbox):
    """A server that wants encryption and a login."""
    context = server_context()
    with mail_server(mailbox, starttls=context, login=("sam", PASSWORD)) as address:
        yield address


def with_login(home, address, tmp_path, *more):
    trusted = ("--ca-file", ca_file(tmp_path), "--user", "sam", "--smtp", address)
    return sending(home, "--all-waiting", *trusted, *more)


def test_the_password_comes_from_a_file(told, mailbox, secured, tmp_path):
    (tmp_path / "password").write_text(f"{PASSWORD}\nsomething else\n", encoding="utf-8")
    ran = told.expect(
        0, *with_login(told.home, secured, tmp_path, "--password-file", tmp_path / "password")
    )
    assert "others can read the password file" in ran.err
    assert mailbox.logins == [("sam", PASSWORD)]
    assert mailbox.mails[0].encrypted


def test_the_password_comes_from_the_environment_with_all_other_settings(
    told, mailbox, secured, tmp_path, monkeypatch
):
    monkeypatch.setenv("BREACHKIT_SMTP", secured)
    monkeypatch.setenv("BREACHKIT_SMTP_USER", "sam")
    monkeypatch.setenv("BREACHKIT_SMTP_PASSWORD", PASSWORD)
    monkeypatch.setenv("BREACHKIT_SMTP_CA_FILE", str(ca_file(tmp_path)))
    monkeypatch.setenv("BREACHKIT_SMTP_FROM", "Sam Gray <sam@example.org>")
    told.expect(0, *sending(told.home, "--all-waiting"))
    assert mailbox.logins == [("sam", PASSWORD)]


def test_the_password_comes_from_stdin(told, mailbox, secured, tmp_path, monkeypatch):
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    told.expect(0, *with_login(told.home, secured, tmp_path, "--password-file", "-"))
    assert mailbox.logins == [("sam", PASSWORD)]


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", None])
def test_a_password_that_cannot_be_read_ends_with_3(told, mailbox, tmp_path, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content)
    told.expect(3, *with_login(told.home, "127.0.0.1:1", tmp_path, "--password-file", file))
    told.expect(3, *with_login(told.home, "127.0.0.1:1", tmp_path))


def test_inc_098_a_refused_password_ends_with_4_and_stands_nowhere(
    told, mailbox, secured, tmp_path, monkeypatch
):
    wrong = "falsch-4217-grün"
    monkeypatch.setenv("BREACHKIT_SMTP_PASSWORD", wrong)
    ran = told.expect(4, *with_login(told.home, secured, tmp_path, "-vv"))
    assert "535" in ran.out
    assert mailbox.mails == []
    kept = [path.read_bytes() for path in told.home.rglob("*") if path.is_file()]
    for secret in (wrong, "AHNhbQ", "ZmFsc2No"):
        assert secret not in ran.all
        assert not any(secret.encode() in content for content in kept)


def test_a_password_is_no_option(told):
    told.expect(2, "notify", "send", "N-001", "--password", "x")


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("N-001", "--all-waiting"),
        ("--again", "N-001", "--all-waiting"),
        ("N-009",),
        ("N-001", "--from", "nobody"),
    ],
)
def test_what_makes_no_sense_ends_with_2(told, wrong):
    told.expect(2, "notify", "send", *wrong)


def test_where_no_server_is_named_it_says_how_to_name_one(told):
    assert "BREACHKIT_SMTP" in told.expect(3, *sending(told.home, "N-001")).err
    told.expect(3, *sending(told.home, "N-001", "--smtp", "http://mail.example.org"))


# --- chased ---------------------------------------------------------------------------------


def test_inc_076_who_has_not_answered_in_time_is_named_with_a_script_and_8_for_cron(told):
    told.expect(0, "notify", "mark-sent", "N-001", "--at", "2026-03-06T17:00Z", "--by", "Sam")
    ran = told.expect(8, "notify", "chase", "--strict")
    assert "N-001: Incident Team has not confirmed the alert: ring them" in ran.out
    assert "  1. Incident Team: +44 20 7946 0000, at any hour" in ran.out
    assert "DO NOT SAY" in ran.out
    again = told.expect(0, "notify", "chase").out
    assert re.sub(r"\d\d:\d\d", "", again) == re.sub(r"\d\d:\d\d", "", ran.out)

    told.expect(0, "notify", "chase", "N-001", "--called", "no answer")
    assert "Nobody is to be chased now" in told.expect(0, "notify", "chase", "--strict").out
    told.expect(0, "notify", "ack", "N-001", "--by", "Rosa")
    shown = json.loads(told.expect(0, "notify", "chase", "--strict", "--json").out)
    assert (shown["schema"], shown["due"], shown["later"]) == ("breachkit.chase/1", [], [])


def test_a_call_without_a_message_ends_with_2(told):
    told.expect(2, "notify", "chase", "--called", "no answer")
    told.expect(2, "notify", "chase", "N-009")


# --- two at once ----------------------------------------------------------------------------


def test_incident_trap_75_two_who_send_at_once_send_each_message_once(told, tmp_path, mailbox):
    mailbox.will(TEAM, "slow")
    terminal = Terminal(tmp_path / "both")
    shutil.copytree(told.home, terminal.home)
    with mail_server(mailbox) as address:
        send = sending(terminal.home, "N-001", "--smtp", address)
        both = [finish(each) for each in [terminal.start(*send), terminal.start(*send)]]
    assert sorted(ran.code for ran in both) == [0, 6]
    assert "N-001 was sent already" in "".join(ran.err for ran in both)
    assert len(mailbox.arrived(TEAM)) == 1


# --- killed ---------------------------------------------------------------------------------


def test_incident_trap_60_killed_at_any_step_a_message_is_sent_once_or_said_to_be_unknown(
    told, tmp_path, mailbox, monkeypatch
):
    """Before writes and lines to the server; every second of them, and then the next run."""
    fates = []
    with mail_server(mailbox) as address:
        for step in range(3, 40, 2):
            mailbox.mails.clear()
            terminal = Terminal(tmp_path / str(step))
            shutil.copytree(told.home, terminal.home)
            send = sending(terminal.home, "--smtp", address)
            ran = terminal.ended(step, signal.SIGKILL, *send, "N-002")
            if ran.code == 0:
                break
            assert ran.code == -signal.SIGKILL
            assert case_of(terminal.home).verify().ok
            monkeypatch.setenv("BREACHKIT_HOME", str(terminal.home))
            ran = told(*send, "--all-waiting")
            assert len(mailbox.arrived(TEAM)) == 1
            fates.append("unknown" if "NOBODY KNOWS" in ran.out else "sent")
            assert ran.code == (5 if fates[-1] == "unknown" else 0)
            assert len(mailbox.arrived(JO)) <= 1
            assert fates[-1] == "unknown" or mailbox.arrived(JO)
    assert "".join(each[0] for each in fates).strip("s").strip("u") == ""
    assert fates.count("unknown") >= 4
    assert fates[0] == fates[-1] == "sent"
