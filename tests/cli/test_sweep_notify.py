"""The contacts hear what a sweep finds: once, all of it, and never a value."""

import contextlib
import email
import email.policy
import json
import shutil
import signal
import sqlite3
import time
from pathlib import Path

import pytest

from breachkit.store.sweeps import FILE
from tests.support.gitrepo import History
from tests.support.killing import Terminal, finish
from tests.support.mailserver import Mailbox, ca_file, mail_server, server_context


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"
TEAM, JO = "incidents@example.org", "jo.bloggs@example.org"
BOTH = (TEAM, JO)
FROM = ("--from", "Sam Gray <sam@example.org>")
NOWHERE = "127.0.0.1:1"
CANARY = 4217
"""A number that stands in the files and nowhere else."""


class Place:
    """A folder of repositories, and a user who sweeps it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def repository(self, name: str, *tables: tuple[str, bytes]) -> None:
        path = self.folder / name
        shutil.rmtree(path, ignore_errors=True)
        history = History()
        for file, content in tables or (("released_outputs/t.csv", table()),):
            history.commit({file.encode(): content})
        history.build(path)

    def sweep(self, *more: object) -> tuple[object, ...]:
        return ("sweep", self.folder, "--workers", "1", *more)

    def notify(self, smtp: str, *more: object) -> tuple[object, ...]:
        return self.sweep("--notify", "--contacts", CONTACTS, "--smtp", smtp, *FROM, *more)


def table(*small: int) -> bytes:
    rows = "".join(f"Area {n},{value}\n" for n, value in enumerate(small or (3, 2)))
    return f"region,patients\nLondon,{CANARY}\n{rows}East,128\n".encode()


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path / "repositories")
    made.repository("study-one")
    return made


@pytest.fixture
def mailbox():
    return Mailbox()


def text(mail: bytes) -> str:
    message = email.message_from_bytes(mail, policy=email.policy.default)
    return f"{message['Subject']}\n{message.get_content()}"


def ids(mails: list[bytes]) -> list[str]:
    return [str(email.message_from_bytes(each)["Message-ID"]) for each in mails]


def test_each_contact_gets_one_mail_about_all_that_is_new_and_alone(breachkit, place, mailbox):
    place.repository(
        "study-two", ("released_outputs/a.csv", table()), ("released_outputs/b/b.csv", table(1))
    )
    with mail_server(mailbox) as address:
        ran = breachkit.expect(13, *place.notify(address))

    assert "2 mails sent to the contacts" in ran.err
    assert [mail.recipients for mail in mailbox.mails] == [(TEAM,), (JO,)]
    said = text(mailbox.arrived(TEAM)[0])
    assert said == text(mailbox.arrived(JO)[0])
    for word in (
        "study-one",
        "study-two",
        "CNT-01",
        "b/b.csv",
        "the worst high",
        "TLP:AMBER+STRICT",
    ):
        assert word in said
    assert len(set(ids([mail.data for mail in mailbox.mails]))) == 2
    assert b"Auto-Submitted: auto-generated" in mailbox.mails[0].data


def test_where_nothing_is_new_nobody_is_told_anything(breachkit, place, mailbox):
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.notify(address))
        mailbox.mails.clear()
        ran = breachkit.expect(0, *place.notify(address))
        breachkit.expect(0, *place.notify(address, "--anew"))

    assert mailbox.mails == []
    assert mailbox.greetings
    assert "mail" not in ran.err


def test_what_comes_later_is_told_without_what_was_told_before(breachkit, place, mailbox):
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.notify(address))
        place.repository("study-two")
        breachkit.expect(13, *place.notify(address))

    _, later = mailbox.arrived(TEAM)
    assert "study-two" in text(later)
    assert "study-one" not in text(later)


def test_what_is_less_severe_than_asked_for_is_not_told(breachkit, place, mailbox):
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.notify(address, "--notify-from", "critical"))

    assert mailbox.mails == []


@pytest.mark.parametrize("at_work", ["450", "550", "554-end", "lost"])
def test_a_mail_that_is_not_taken_is_said_and_tried_again_as_it_was(
    breachkit, place, mailbox, at_work
):
    mailbox.will(TEAM, at_work)
    with mail_server(mailbox) as address:
        ran = breachkit.expect(13, *place.notify(address))
        assert f"1 mail not sent; the next sweep tries again\n  to {TEAM}:" in ran.err
        assert (len(mailbox.arrived(TEAM)), len(mailbox.arrived(JO))) == (0, 1)
        again = breachkit.expect(0, *place.notify(address))

    assert "1 mail sent to the contacts" in again.err
    assert (len(mailbox.arrived(TEAM)), len(mailbox.arrived(JO))) == (1, 1)


def test_a_server_that_is_down_ends_with_5_where_nothing_is_new_until_the_contacts_know(
    breachkit, place, mailbox
):
    breachkit.expect(13, *place.notify(NOWHERE))
    ran = breachkit.expect(5, *place.notify(NOWHERE))
    assert "2 mails not sent" in ran.err
    breachkit.expect(5, *place.notify(NOWHERE, "--no-fail"))

    with mail_server(mailbox) as address:
        breachkit.expect(0, *place.notify(address))

    assert [len(mailbox.arrived(each)) for each in BOTH] == [1, 1]


@pytest.mark.parametrize("more", [(), ("--counts", "--quiet")])
def test_every_report_says_how_many_mails_could_not_be_sent(breachkit, place, tmp_path, more):
    breachkit.expect(13, *place.sweep())
    place.repository("study-two")
    files = {kind: tmp_path / kind for kind in ("json", "jsonl", "html", "metrics", "text")}
    reports = [part for kind, file in files.items() for part in ("--report", f"{kind}={file}")]
    breachkit.expect(13, *place.notify(NOWHERE, *reports))
    ran = breachkit.expect(5, *place.notify(NOWHERE, *reports, *more))

    said = "2 mails could not be sent to the contacts; the next sweep tries again"
    assert said in " ".join(ran.out.split())
    assert said in files["html"].read_text()
    assert said in " ".join(files["text"].read_text().split())
    first_line = json.loads(files["jsonl"].read_text().splitlines()[0])
    for told in (json.loads(files["json"].read_text()), first_line):
        assert told["undone"] == {"letters": 2, "draft_cases": 0}
        assert told["exit_code"] == 5
    assert "breachkit_sweep_undone{" in files["metrics"].read_text()
    if more:
        assert not any(name in ran.all for name in ("study", TEAM, JO, "t.csv"))


def test_what_is_printed_for_programs_says_how_many_mails_could_not_be_sent(breachkit, place):
    breachkit.expect(13, *place.notify(NOWHERE))
    ran = breachkit.expect(5, *place.notify(NOWHERE, "--json"))

    assert json.loads(ran.out)["undone"] == {"letters": 2, "draft_cases": 0}


def test_once_every_mail_is_sent_nothing_is_left_to_do(breachkit, place, mailbox):
    breachkit.expect(13, *place.notify(NOWHERE))
    with mail_server(mailbox) as address:
        ran = breachkit.expect(0, *place.notify(address, "--json"))

    assert json.loads(ran.out)["undone"] == {"letters": 0, "draft_cases": 0}


def test_a_server_that_does_not_encrypt_gets_nothing_and_the_mail_waits(
    breachkit, place, mailbox, tmp_path
):
    trusted = ("--ca-file", ca_file(tmp_path))
    with mail_server(mailbox) as address:
        ran = breachkit.expect(13, *place.notify(address, *trusted))
        assert "does not encrypt" in ran.err
        assert mailbox.mails == []
    with mail_server(mailbox, starttls=server_context()) as address:
        breachkit.expect(0, *place.notify(address, *trusted))

    assert [mail.encrypted for mail in mailbox.mails] == [True, True]


def test_the_login_comes_from_the_environment_as_for_other_mails(
    breachkit, place, mailbox, tmp_path, monkeypatch
):
    context = server_context()
    with mail_server(mailbox, starttls=context, login=("sam", "geheim")) as address:
        for name, value in {
            "BREACHKIT_SMTP": address,
            "BREACHKIT_SMTP_FROM": "Sam <sam@example.org>",
            "BREACHKIT_SMTP_USER": "sam",
            "BREACHKIT_SMTP_PASSWORD": "geheim",
            "BREACHKIT_SMTP_CA_FILE": str(ca_file(tmp_path)),
            "BREACHKIT_CONTACTS": str(CONTACTS),
        }.items():
            monkeypatch.setenv(name, value)
        breachkit.expect(13, *place.sweep("--notify"))

    assert mailbox.logins == [("sam", "geheim")]
    assert len(mailbox.mails) == 2


def test_without_a_mail_server_the_letters_lie_with_the_sweeps_for_a_person_to_send(
    breachkit, place
):
    ran = breachkit.expect(13, *place.sweep("--notify", "--contacts", CONTACTS))
    letters = breachkit.home / "sweeps" / "letters"

    assert f"2 mails written in {letters} for you to send" in ran.err
    assert sorted(each.name for each in letters.iterdir()) == [
        *("0001.eml", "0001.txt", "0002.eml", "0002.txt")
    ]
    assert all(each.stat().st_mode & 0o077 == 0 for each in (letters, *letters.iterdir()))
    assert b"X-Unsent: 1" in (letters / "0001.eml").read_bytes()
    again = breachkit.expect(0, *place.sweep("--notify", "--contacts", CONTACTS))
    assert "mail" not in again.err


def test_a_letter_for_somebody_who_is_no_contact_any_more_goes_to_who_is(
    breachkit, place, mailbox, tmp_path
):
    mailbox.will(TEAM, "550")
    others = tmp_path / "others.toml"
    others.write_text(CONTACTS.read_text().replace(TEAM, "new@example.org"))
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.notify(address))
        breachkit.expect(0, *place.notify(address, "--contacts", others))

    arrived = {each: len(mailbox.arrived(each)) for each in (TEAM, JO, "new@example.org")}
    assert arrived == {TEAM: 0, JO: 1, "new@example.org": 1}


def test_who_hears_of_sweeps_is_laid_down_with_the_contacts(breachkit, place, mailbox, tmp_path):
    chosen = tmp_path / "chosen.toml"
    chosen.write_text(
        CONTACTS.read_text().replace("alert_roles", 'sweep_roles = ["engineer"]\nalert_roles')
    )
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.notify(address, "--contacts", chosen))

    assert [mail.recipients for mail in mailbox.mails] == [("sam@example.org",)]


# --- who and with what, before the sweep ------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--contacts", "generic"), "is an example, and its people are made up"),
        ((), "no contacts are chosen"),
        (("--contacts", CONTACTS, "--smtp", "127.0.0.1:1"), "who sends the mails?"),
        (("--contacts", CONTACTS, "--smtp", "http://x"), "is no mail server"),
    ],
)
def test_a_slip_costs_no_sweep(breachkit, place, more, said):
    ran = breachkit.expect(3, *place.sweep("--notify", *more))

    assert said in ran.err
    assert not (breachkit.home / "sweeps" / FILE).exists()


def test_the_contacts_of_a_playbook_that_is_in_use_are_chosen_by_using_it(
    breachkit, place, mailbox, tmp_path
):
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(CONTACTS, own / "contacts.toml")
    generic = Path(__file__).parents[2] / "playbooks" / "generic"
    about = (generic / "playbook.toml").read_text()
    about = about.replace('name = "generic"', 'name = "own"\nextends = "generic"')
    (own / "playbook.toml").write_text(about.replace("example = true", ""))
    (own / "mail").mkdir()
    words = (generic / "mail" / "sweep.txt.j2").read_text()
    (own / "mail" / "sweep.txt.j2").write_text(words.replace("PLEASE DO NOT", "OUR OWN WORDS"))
    with mail_server(mailbox) as address:
        breachkit.expect(13, *place.sweep("--notify", "--smtp", address, *FROM, "--playbooks", own))

    assert "OUR OWN WORDS" in text(mailbox.arrived(TEAM)[0])


# --- nothing leaves ---------------------------------------------------------------------------


def test_no_value_no_id_and_no_cell_is_in_a_mail_whatever_is_found(breachkit, tmp_path, mailbox):
    place = Place(tmp_path / "repositories")
    hostile = "Jo Bloggs 943 476 5919 died\r\nBcc: x@example.org.csv"
    place.repository("study", (hostile, table(4)), ("ok.csv", b"patient_id,age\n9434765919,71\n"))
    place.repository("9434765919abcdef", ("n.csv", table(1)))
    with mail_server(mailbox) as address:
        breachkit(*place.notify(address, "--notify-from", "low"))

    (mail,) = mailbox.arrived(TEAM)
    ids_there = {each.name[:10] for each in place.folder.rglob("objects/*/*") if each.is_file()}
    for told in (str(CANARY), "9434765919,", "943 476 5919", "Bloggs 943", "Bcc"):
        assert told not in text(mail)
    assert b"\nBcc" not in mail
    assert not any(each in text(mail) for each in ids_there)
    with contextlib.closing(sqlite3.connect(breachkit.home / "sweeps" / FILE)) as database:
        kept = "".join(map(str, database.execute("SELECT text, subject FROM telling")))
    assert str(CANARY) not in kept


def test_inc_103_incident_trap_24_with_counts_the_log_holds_numbers_alone(
    breachkit, place, mailbox
):
    mailbox.will(TEAM, "550")
    with mail_server(mailbox) as address:
        ran = breachkit.expect(13, *place.notify(address, "--counts", "--open-cases"))
        failed = breachkit.expect(0, *place.notify(address, "--counts", "--open-cases"))
    files = breachkit.expect(
        0, *place.sweep("--counts", "--notify", "--contacts", CONTACTS, "--anew")
    )

    said = ran.all + failed.all + files.all
    assert "1 mail sent" in said
    assert "1 mail not sent" in said
    assert "1 draft case opened" in said
    (case,) = breachkit.home.glob("BK-*")
    codename = case.name.split("-", 3)[3]
    for told in ("study-one", "released_outputs", "t.csv", "example.org", codename, "patients"):
        assert told not in said


# --- killed -----------------------------------------------------------------------------------


def test_killed_while_the_server_has_it_the_same_mail_is_handed_over_again(
    place, mailbox, tmp_path
):
    """Nobody knows whether it arrived, so that it is told again, with the id that mail programs go by."""
    terminal = Terminal(tmp_path / "user")
    mailbox.will(TEAM, "hang")
    with mail_server(mailbox) as address:
        process = terminal.start(*place.notify(address))
        wait_until(lambda: mailbox.arrived(TEAM))
        process.kill()
        finish(process)
        again = terminal.expect(0, *place.notify(address))
        assert "2 mails sent to the contacts, 1 of them with the same id as before" in again.err
        terminal.expect(0, *place.notify(address))

    first, second = mailbox.arrived(TEAM)
    assert first == second
    assert len(mailbox.arrived(JO)) == 1


def test_killed_at_any_step_everybody_is_told_and_nobody_twice_under_two_ids(
    place, mailbox, tmp_path
):
    terminal = Terminal(tmp_path / "user")
    finish(terminal.start(*place.sweep()))  # so that what is looked at is looked at once
    place.repository("study-two")
    before, killed = tmp_path / "before", 0
    shutil.copytree(terminal.home, before)
    with mail_server(mailbox) as address:
        for step in (14, 18, 22, 26):
            shutil.rmtree(terminal.home)
            shutil.copytree(before, terminal.home)
            mailbox.mails.clear()
            killed += terminal.ended(step, signal.SIGKILL, *place.notify(address)).code < 0
            terminal(*place.notify(address))
            for each in BOTH:
                told = mailbox.arrived(each)
                assert len(set(ids(told))) == 1, step
                assert "study-two" in text(told[0])
                assert "study-one" not in text(told[0])

    assert killed >= 3


def wait_until(holds, most_s: float = 60) -> None:
    until = time.monotonic() + most_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def test_what_a_sweep_owes_is_done_by_the_next_however_the_first_was_ended(
    breachkit, place, mailbox, monkeypatch
):
    """The sweep itself had ended, and what it found was known from then on: it is told all the same."""
    with monkeypatch.context() as patch, mail_server(mailbox) as address:
        patch.setattr("breachkit.cli.sweep_following.follow", _killed)
        breachkit.expect(130, *place.notify(address))
    with mail_server(mailbox) as address:
        breachkit.expect(0, *place.notify(address))

    assert [len(mailbox.arrived(each)) for each in BOTH] == [1, 1]


def _killed(*_args, **_options):
    raise KeyboardInterrupt
