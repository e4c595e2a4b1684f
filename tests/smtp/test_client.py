"""Letters handed to real mail servers on this machine: encrypted, refused, cut off, slow."""

import dataclasses
import logging
import socket
import ssl
import threading
import time
import traceback
from contextlib import contextmanager

import pytest
import trustme

from breachkit.actions.sending import Accepted, Letter, Rejected, Unanswered
from breachkit.model.sensitive import Sensitive
from breachkit.smtp.client import SmtpPostbox, UnsafeServerError, WrongCertificatesError
from breachkit.smtp.replies import LONGEST_REPLY, LoginError
from breachkit.smtp.server import Timeouts, server_from
from tests.support.mailserver import (
    Mailbox,
    authority,
    ca_file,
    free_port,
    mail_server,
    server_context,
)


QUICK = Timeouts(step=1, verdict=0.5, whole=3)
PASSWORD = "grüner Tee & 4217"
JO, KIM = "jo@example.org", "kim@example.org"


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def trusted(tmp_path):
    return ca_file(tmp_path)


def letter(recipient=JO, body=b"Hello.\r\n"):
    data = b"From: sam@example.org\r\nSubject: x\r\n\r\n" + body
    return Letter(sender="sam@example.org", recipient=recipient, data=data)


def postbox(address, *, timeouts=QUICK, **login):
    return SmtpPostbox(dataclasses.replace(server_from(address, **login), timeouts=timeouts))


@contextmanager
def scripted(*replies, after=b""):
    """A server that says each reply after one command more, and then `after` until it is left."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard = []

    def serve():
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as lines:
            for reply in replies:
                connection.sendall(reply)
                heard.append(lines.readline())
            try:
                while after:
                    connection.sendall(after)
                    time.sleep(0.05)
            except OSError:
                return
            lines.read()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", heard
    finally:
        listening.close()
        thread.join(5)


# --- encryption -----------------------------------------------------------------------------


def test_starttls_encrypts_before_anything_is_said(mailbox, trusted):
    with (
        mail_server(mailbox, starttls=server_context()) as address,
        postbox(address, ca_file=trusted) as box,
    ):
        assert isinstance(box.deliver(letter()), Accepted)
    assert [(mail.recipients, mail.encrypted) for mail in mailbox.mails] == [((JO,), True)]


def test_tls_from_the_first_byte_is_spoken_where_it_is_asked_for(mailbox, trusted):
    with (
        mail_server(mailbox, tls=server_context()) as address,
        postbox(f"smtps://{address}", ca_file=trusted) as box,
    ):
        assert isinstance(box.deliver(letter()), Accepted)
    assert mailbox.mails[0].encrypted


def test_a_server_on_this_machine_may_do_without_encryption(mailbox):
    with mail_server(mailbox) as address, postbox(address) as box:
        assert isinstance(box.deliver(letter()), Accepted)
    assert not mailbox.mails[0].encrypted


def test_where_the_offer_of_starttls_is_taken_out_nothing_is_sent(mailbox, trusted):
    with (
        mail_server(mailbox) as address,
        postbox(address, ca_file=trusted) as box,
        pytest.raises(UnsafeServerError, match="somebody in between took the offer out"),
    ):
        box.deliver(letter())
    assert mailbox.mails == []


@pytest.mark.parametrize("answer", [b"454 later\r\n", b"501 no\r\n", b"250 fine\r\n"])
def test_where_starttls_is_answered_with_anything_but_go_nothing_more_is_said(trusted, answer):
    replies = (b"220 hi\r\n", b"250-hi\r\n250 STARTTLS\r\n", answer)
    with (
        scripted(*replies) as (address, heard),
        postbox(address, ca_file=trusted) as box,
        pytest.raises(UnsafeServerError),
    ):
        box.deliver(letter())
    assert [line.split()[0] for line in heard if line] == [b"ehlo", b"STARTTLS"]


def test_what_was_said_in_the_open_before_tls_counts_for_nothing_after_it(trusted):
    """A command injected behind the STARTTLS answer is a reply in the open: it must not be read."""
    listening = socket.create_server(("127.0.0.1", 0))
    said = []

    def serve():
        plain, _ = listening.accept()
        plain.sendall(b"220 hi\r\n")
        plain.recv(1000)
        plain.sendall(b"250-hi\r\n250 STARTTLS\r\n")
        plain.recv(1000)
        plain.sendall(b"220 go\r\n250-evil\r\n250 AUTH PLAIN\r\n")
        with server_context().wrap_socket(plain, server_side=True) as secret:
            said.append(secret.recv(1000))
            secret.sendall(b"250 hi\r\n")
            said.append(secret.recv(1000))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    address = f"127.0.0.1:{listening.getsockname()[1]}"
    login = {"user": "sam", "password": Sensitive(PASSWORD)}
    with listening, postbox(address, ca_file=trusted, **login) as box:
        with pytest.raises(LoginError, match="no login"):
            box.deliver(letter())
        thread.join(5)
    assert said[0].startswith(b"ehlo")
    assert not any(b"AUTH" in each for each in said)


@pytest.mark.parametrize("issuer", [None, "stranger"])
def test_a_server_that_cannot_prove_its_name_gets_nothing(mailbox, trusted, issuer):
    name = "mail.example.org" if issuer is None else "127.0.0.1"
    context = server_context(name, issuer=trustme.CA() if issuer else authority())
    with (
        mail_server(mailbox, starttls=context) as address,
        postbox(address, ca_file=trusted) as box,
        pytest.raises(UnsafeServerError, match="cannot prove who it is"),
    ):
        box.deliver(letter())
    assert mailbox.mails == []


def test_a_server_that_speaks_only_old_tls_gets_nothing(mailbox, trusted):
    context = server_context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        mail_server(mailbox, starttls=context) as address,
        postbox(address, ca_file=trusted) as box,
        pytest.raises(UnsafeServerError),
    ):
        box.deliver(letter())
    assert mailbox.mails == []


def test_a_server_that_speaks_no_tls_where_it_must_is_told_apart(mailbox, trusted):
    with (
        mail_server(mailbox) as address,
        postbox(f"smtps://{address}", ca_file=trusted) as box,
        pytest.raises(UnsafeServerError, match="does not speak TLS"),
    ):
        box.deliver(letter())


def test_a_file_of_certificates_that_holds_none_is_named(mailbox, tmp_path):
    (tmp_path / "wrong.pem").write_text("no certificate")
    with (
        mail_server(mailbox, starttls=server_context()) as address,
        postbox(address, ca_file=tmp_path / "wrong.pem") as box,
        pytest.raises(WrongCertificatesError),
    ):
        box.deliver(letter())


def test_a_name_that_leads_to_another_machine_is_not_spoken_to_in_the_open(mailbox, monkeypatch):
    with mail_server(mailbox) as address, postbox(address) as box:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _socket: ("192.0.2.7", 25))
        with pytest.raises(UnsafeServerError, match="another machine"):
            box.deliver(letter())
    assert mailbox.mails == []


# --- logging in -----------------------------------------------------------------------------


@pytest.mark.parametrize("mechanisms", ["PLAIN LOGIN", "PLAIN", "LOGIN"])
def test_a_password_with_any_characters_opens_the_server(mailbox, trusted, mechanisms):
    context = server_context()
    with (
        mail_server(
            mailbox, starttls=context, login=("sam", PASSWORD), mechanisms=mechanisms
        ) as address,
        postbox(address, ca_file=trusted, user="sam", password=Sensitive(PASSWORD)) as box,
    ):
        assert isinstance(box.deliver(letter()), Accepted)
    assert mailbox.logins == [("sam", PASSWORD)]


def test_incident_trap_63_a_wrong_password_is_a_login_refused_and_no_letter_goes(mailbox, trusted):
    with mail_server(mailbox, starttls=server_context(), login=("sam", "other")) as address:
        login = {"user": "sam", "password": Sensitive(PASSWORD)}
        with postbox(address, ca_file=trusted, **login) as box:
            refused = box.deliver(letter())
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.stage, refused.is_login) == (535, "login", True)
    assert (refused.stops_all, refused.may_go_later) == (True, True)
    assert mailbox.mails == []


def test_a_server_that_wants_a_login_nobody_gave_is_a_login_refused(mailbox, trusted):
    with (
        mail_server(mailbox, starttls=server_context(), login=("sam", "x")) as address,
        postbox(address, ca_file=trusted) as box,
    ):
        refused = box.deliver(letter())
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.is_login) == (530, True)


def test_a_server_without_a_login_is_not_given_a_password(mailbox):
    login = {"user": "sam", "password": Sensitive(PASSWORD)}
    with (
        mail_server(mailbox, login=None) as address,
        postbox(address, **login) as box,
        pytest.raises(LoginError),
    ):
        box.deliver(letter())


@pytest.mark.parametrize(
    "echo", [PASSWORD.encode(), b"AHNhbQBncsO8bmVyIFRlZSAmIDQyMTc=", b"Z3LDvG5lciBUZWUgJiA0MjE3"]
)
def test_a_password_comes_back_in_no_reply_traceback_log_or_repr(echo, caplog):
    caplog.set_level(logging.DEBUG)
    replies = (b"220 hi\r\n", b"250-hi\r\n250 AUTH PLAIN\r\n", b"535 bad: " + echo + b"\r\n")
    login = {"user": "sam", "password": Sensitive(PASSWORD)}
    with scripted(*replies) as (address, heard), postbox(address, **login) as box:
        outcome = box.deliver(letter())
        shown = repr((outcome, box.__dict__, vars(box), box.server))
    assert heard[1].startswith(b"AUTH PLAIN AHNhbQ")
    assert "<sensitive>" in repr(outcome)
    for secret in (PASSWORD, "AHNhbQ", "Z3LDvG5lc"):
        assert secret not in shown + caplog.text


def test_a_failed_login_leaves_no_password_in_the_traceback(mailbox):
    login = {"user": "sam", "password": Sensitive(PASSWORD)}
    with (
        mail_server(mailbox) as address,
        postbox(address, **login) as box,
        pytest.raises(LoginError) as caught,
    ):
        box.deliver(letter())
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=False)
    assert PASSWORD not in "".join(told.format())


# --- one transaction for each letter --------------------------------------------------------


def test_incident_trap_53_each_letter_has_a_transaction_of_its_own(mailbox):
    with mail_server(mailbox) as address, postbox(address) as box:
        for recipient in (JO, KIM):
            assert isinstance(box.deliver(letter(recipient)), Accepted)
    assert mailbox.transactions == [(JO,), (KIM,)]
    assert len(mailbox.greetings) == 1


def test_incident_trap_55_lines_that_begin_with_dots_arrive_as_they_were(mailbox):
    body = b".\r\n..\r\n.two\r\nend.\r\n.\r\n"
    with mail_server(mailbox) as address, postbox(address) as box:
        box.deliver(letter(body=body))
        box.deliver(Letter(sender=JO, recipient=KIM, data=b".X: 1\r\n\r\nno end of line"))
    first, second = (mail.data for mail in mailbox.mails)
    assert first.endswith(b"\r\n\r\n" + body)
    assert second == b".X: 1\r\n\r\nno end of line\r\n"


def test_incident_trap_56_a_server_is_not_told_the_name_of_this_machine(mailbox, monkeypatch):
    def asked(*_names):
        raise AssertionError("a name was looked up")

    monkeypatch.setattr(socket, "getfqdn", asked)
    monkeypatch.setattr(socket, "gethostname", asked)
    monkeypatch.setattr(socket, "gethostbyname", asked)
    with mail_server(mailbox) as address, postbox(address) as box:
        assert isinstance(box.deliver(letter()), Accepted)
    assert mailbox.greetings == ["[127.0.0.1]"]


@pytest.mark.parametrize(
    ("fault", "code", "stage", "later"),
    [
        ("450", 450, "recipient", True),
        ("452", 452, "recipient", True),
        ("550", 550, "recipient", False),
        ("451-end", 451, "data", True),
        ("552-end", 552, "data", False),
        ("554-end", 554, "data", False),
    ],
)
def test_incident_trap_63_a_refusal_is_about_one_recipient_and_the_next_letter_goes(
    mailbox, fault, code, stage, later
):
    mailbox.will(JO, fault)
    with mail_server(mailbox) as address, postbox(address) as box:
        refused = box.deliver(letter(JO))
        assert isinstance(box.deliver(letter(KIM)), Accepted)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.stage, refused.may_go_later) == (code, stage, later)
    assert not refused.stops_all
    assert len(mailbox.greetings) == 1
    assert mailbox.arrived(JO) == []


def test_a_letter_larger_than_the_server_takes_does_not_leave(mailbox):
    with mail_server(mailbox, size=500) as address, postbox(address) as box:
        refused = box.deliver(letter(body=b"x" * 70 + b"\r\n" * 500))
        assert isinstance(box.deliver(letter()), Accepted)
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.stage, refused.may_go_later) == (552, "sender", False)
    assert len(mailbox.transactions) == 1


def test_a_server_that_ended_an_old_connection_is_reached_once_more(mailbox):
    port = free_port()
    with mail_server(mailbox, port=port) as address:
        box = postbox(address)
        assert isinstance(box.deliver(letter()), Accepted)
    with mail_server(mailbox, port=port):
        assert isinstance(box.deliver(letter(KIM)), Accepted)
        with box:
            pass
    assert mailbox.transactions == [(JO,), (KIM,)]


# --- servers that go away -------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["mute", "lost", "hang", "nonsense", "cut"])
def test_without_an_answer_to_a_whole_letter_nobody_knows_whether_it_arrived(mailbox, fault):
    mailbox.will(JO, fault)
    quick = Timeouts(step=20, verdict=0.5, whole=60)
    started = time.monotonic()
    with mail_server(mailbox) as address, postbox(address, timeouts=quick) as box:
        assert isinstance(box.deliver(letter()), Unanswered)
        assert isinstance(box.deliver(letter(KIM)), Accepted)
    assert time.monotonic() - started < 10
    assert len(mailbox.arrived(JO)) == (fault in {"mute", "hang"})


def test_a_server_that_dies_in_the_middle_of_a_letter_has_not_taken_it(mailbox):
    mailbox.will(JO, "cut")
    long = b"a line of a letter that is much longer than what the system holds back\r\n" * 200_000
    with mail_server(mailbox, size=1 << 25) as address, postbox(address) as box:
        outcome = box.deliver(letter(body=long))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.stage, outcome.stops_all) == (None, "data", True)
    assert mailbox.mails == []


def test_a_server_that_closes_says_so_and_takes_nothing_more(mailbox):
    mailbox.will(JO, "421")
    with mail_server(mailbox) as address, postbox(address) as box:
        outcome = box.deliver(letter())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.stops_all, outcome.may_go_later) == (421, True, True)


def test_a_server_that_is_not_there_is_an_outcome(mailbox):
    with postbox(f"127.0.0.1:{free_port()}") as box:
        outcome = box.deliver(letter())
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.stage, outcome.may_go_later) == (None, "connect", True)
    assert "cannot be reached: nothing takes mail on that port" in outcome.reply


@pytest.mark.parametrize(
    ("replies", "after"),
    [
        ((), b""),
        ((), b"2"),
        ((), b"220-and more\r\n"),
        ((b"220 hi\r\n",), b"250-and more\r\n"),
        ((b"220 hi\r\n", b"250 hi\r\n"), b""),
        ((b"220 hi\r\n", b"250 hi\r\n"), b"250-and more\r\n"),
    ],
)
def test_a_server_that_hangs_or_talks_for_ever_is_left(replies, after):
    quick = Timeouts(step=0.3, verdict=0.3, whole=0.6)
    with scripted(*replies, after=after) as (address, _):
        with postbox(address, timeouts=quick) as box:
            started = time.monotonic()
            outcome = box.deliver(letter())
        assert time.monotonic() - started < 4
    assert isinstance(outcome, Rejected)
    assert outcome.is_down


def test_a_server_that_thinks_long_about_a_letter_is_waited_for_longer_than_for_other_steps(
    mailbox,
):
    mailbox.will(JO, "slow")
    patient = Timeouts(step=1, verdict=20, whole=60)
    with mail_server(mailbox) as address, postbox(address, timeouts=patient) as box:
        assert isinstance(box.deliver(letter()), Accepted)


@pytest.mark.parametrize(
    "greeting", [b"554 no service here\r\n", b"421 busy\r\n", b"hello?\r\n", b"250 wrong\r\n"]
)
def test_a_server_that_does_not_greet_takes_nothing(greeting):
    with scripted(greeting) as (address, _), postbox(address) as box:
        outcome = box.deliver(letter())
    assert isinstance(outcome, Rejected)
    assert (outcome.stage, outcome.stops_all) == ("connect", True)


def test_what_a_server_says_is_kept_short_on_one_line_and_harmless():
    reply = b"550-first \x1b[31m\r\n550 " + b"\xff\xe2\x80\xae" + b"y" * 900 + b"\r\n"
    replies = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", reply)
    with scripted(*replies) as (address, _), postbox(address) as box:
        outcome = box.deliver(letter())
    assert isinstance(outcome, Rejected)
    assert outcome.reply.isprintable()
    assert outcome.reply.startswith("first ")
    assert len(outcome.reply) <= LONGEST_REPLY + 4


def test_after_a_long_wait_for_one_answer_the_next_step_is_waited_for_no_longer_than_before():
    taken = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    lines_of_the_letter = (b"",) * 4
    patient = Timeouts(step=0.5, verdict=60, whole=60)
    with (
        scripted(*taken, *lines_of_the_letter, b"250 ok\r\n") as (address, _),
        postbox(address, timeouts=patient) as box,
    ):
        assert isinstance(box.deliver(letter()), Accepted)
        started = time.monotonic()
        assert isinstance(box.deliver(letter(KIM)), Rejected)
        assert time.monotonic() - started < 10


@pytest.mark.parametrize(("offer", "told"), [(b"250 SIZE 5000", b" SIZE=45"), (b"250 HELP", b"")])
def test_a_server_that_wants_to_know_the_size_is_told_it_beforehand(offer, told):
    replies = (b"220 hi\r\n", b"250-hi\r\n" + offer + b"\r\n", b"552 too big\r\n")
    with scripted(*replies) as (address, heard), postbox(address) as box:
        outcome = box.deliver(letter())
    assert isinstance(outcome, Rejected)
    assert heard[1] == b"MAIL FROM:<sam@example.org>" + told + b"\r\n"
