"""Sending messages of a case through real mail servers, with every fault that they can have."""

from contextlib import contextmanager
from dataclasses import replace
from email.headerregistry import Address

import pytest
from fast_mail_parser import parse_email

from breachkit.actions.notify import AlreadySentError, UnknownNoticeError, kind_named
from breachkit.actions.sending import Accepted, NotSendableError, Rejected, Unanswered
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.report.notices import lines
from breachkit.report.sending import prospect_lines, round_lines
from breachkit.smtp.client import SmtpPostbox, UnsafeServerError
from breachkit.smtp.letter import LetterError
from breachkit.smtp.server import Timeouts, server_from
from breachkit.workflows import notify, sending
from tests.support.cases import HandClock, reopened
from tests.support.mailserver import Mailbox, ca_file, free_port, mail_server
from tests.support.people import ALERT, CONTACTS, LATER, SUPPORT, written


TEAM, JO = "incidents@example.org", "jo.bloggs@example.org"
QUICK = Timeouts(step=1, verdict=0.5, whole=3)


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def told(case, clock):
    """A case with an alert to each of two contacts, written and not sent."""
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    return case


@contextmanager
def box_at(address, **options):
    server = replace(server_from(address, **options), timeouts=QUICK)
    with SmtpPostbox(server) as postbox:
        yield postbox


def sent_round(case, clock, mailbox, *ids, again=(), **server):
    """What `notify send --execute` does."""
    seen = sending.prospect(case, ids, again=again)
    with mail_server(mailbox, **server) as address, box_at(address) as postbox:
        return sending.send(case, clock, postbox, seen.ready, by="Sam", again=again)


def entries(case, *kinds):
    return [event for event in case.events() if event.kind in kinds]


def states(case):
    return {each.id: each.sent_at is not None for each in notify.list_notices(case)}


def test_inc_074_what_arrives_is_what_was_checked_and_each_gets_their_own(told, clock, mailbox):
    result = sent_round(told, clock, mailbox)
    assert result.is_whole
    for number, address in (("N-001", TEAM), ("N-002", JO)):
        (data,) = mailbox.arrived(address)
        file = told.path / f"notifications/{number}-internal-alert/message.eml"
        assert data == file.read_bytes().replace(b"X-Unsent: 1\r\n", b"")
        read = parse_email(data)
        assert [each.address for each in read.to] == [address]
        assert (read.cc, read.bcc, "X-Unsent" in read.headers) == ([], [], False)
        assert read.text_plain[0].replace("\r\n", "\n").startswith("TLP:AMBER+STRICT\n")
        assert read.subject.startswith("[TLP:AMBER+STRICT] [BK-2026-0001 ")
    assert mailbox.transactions == [(TEAM,), (JO,)]


def test_inc_074_every_send_is_journalled_with_recipient_id_digest_time_and_answer(
    told, clock, mailbox
):
    sent_round(told, clock, mailbox, "N-002")
    before, after = entries(told, EventKind.NOTIFY_SENDING, EventKind.NOTIFY_SENT)
    (notice,) = (each for each in notify.list_notices(told) if each.id == "N-002")
    assert before.kind == "notify.sending"
    assert before.refs == after.refs == ("N-002",)
    for event in (before, after):
        assert event.text("email") == JO
        assert event.text("message_id") == notice.message_id
        assert event.text("sha256") == notice.eml_sha256
    assert after.text("at") == "2026-03-06T12:00:00Z"
    assert (after.number("code"), after.text("reply")) == (250, "2.0.0 Taken as 4F2A1")
    assert (after.text("how"), after.text("by")) == ("smtp", "Sam")
    assert (notice.sent_at, notice.sent_by) == (clock.now(), "Sam")
    assert told.incident.has(Milestone.ALERTED)


def test_nothing_leaves_while_somebody_only_looks(told, mailbox):
    with mail_server(mailbox) as address:
        seen = sending.prospect(told)
        shown = "\n".join(prospect_lines(seen, address))
    assert mailbox.greetings == []
    assert "nothing is sent yet" in shown
    for each in seen.ready:
        assert each.enclosed.sha256 in shown
        assert each.enclosed.subject in shown
        assert f"{each.enclosed.size} bytes" in shown
    assert "TLP:AMBER+STRICT" in shown
    assert not entries(told, EventKind.NOTIFY_SENDING)


def test_a_second_run_sends_nothing(told, clock, mailbox):
    sent_round(told, clock, mailbox)
    assert sending.prospect(told).ready == ()
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]
    with pytest.raises(NotSendableError, match="sent already"):
        sending.prospect(told, ["N-001"])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"TLP:AMBER+STRICT", b"TLP:CLEAR", 1),
        lambda data: data + b"4217\r\n",
        lambda data: data.replace(b"To: ", b"Bcc: kim@example.org\r\nTo: ", 1),
        lambda data: data.replace(b"incidents@", b"strangers@", 1),
    ],
    ids=["label", "text", "hidden-recipient", "recipient"],
)
def test_a_file_that_was_changed_after_it_was_checked_is_not_sent(told, clock, mailbox, change):
    file = told.path / "notifications/N-001-internal-alert/message.eml"
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises((NotSendableError, LetterError), match="N-001"):
        sent_round(told, clock, mailbox)
    assert mailbox.mails == []
    assert not entries(told, EventKind.NOTIFY_SENDING)


def test_a_file_that_is_changed_between_looking_and_sending_is_not_sent(told, clock, mailbox):
    seen = sending.prospect(told)
    file = told.path / "notifications/N-002-internal-alert/message.eml"
    file.write_bytes(file.read_bytes() + b"more\r\n")
    with (
        mail_server(mailbox) as address,
        box_at(address) as postbox,
        pytest.raises(NotSendableError, match="N-002"),
    ):
        sending.send(told, clock, postbox, seen.ready, by="Sam")
    assert mailbox.transactions == [(TEAM,)]


def test_what_another_process_sent_meanwhile_is_not_sent_again(told, clock, mailbox):
    seen = sending.prospect(told)
    sending.mark_sent(reopened(told), "N-001", by="Kim", at=clock.now())
    with (
        mail_server(mailbox) as address,
        box_at(address) as postbox,
        pytest.raises(NotSendableError, match="sent already"),
    ):
        sending.send(told, clock, postbox, seen.ready, by="Sam")
    assert mailbox.mails == []


def test_a_message_without_a_sender_goes_with_the_one_who_sends_it(case, clock, mailbox):
    notify.choose_contacts(case, CONTACTS, clock)
    facts = notify.gather_facts(case, clock, notify.details_of(case))
    notify.render_notices(case, [ALERT], facts)
    with pytest.raises(LetterError, match="--from"):
        sending.prospect(case)
    sam = Address(display_name="Sam", addr_spec="sam@example.org")
    seen = sending.prospect(case, sender=sam)
    with mail_server(mailbox) as address, box_at(address) as postbox:
        assert sending.send(case, clock, postbox, seen.ready, by="Sam", sender=sam).is_whole
    sender = parse_email(mailbox.arrived(TEAM)[0]).from_
    assert sender is not None
    assert sender.address == "sam@example.org"
    assert mailbox.mails[0].sender == "sam@example.org"


def test_a_text_for_a_form_is_no_mail(case, clock, bad):
    written(case, clock, SUPPORT, bad=bad)
    assert sending.prospect(case).ready == ()
    with pytest.raises(NotSendableError, match="for a form"):
        sending.prospect(case, ["N-001"])
    with pytest.raises(UnknownNoticeError):
        sending.prospect(case, ["N-009"])


def test_a_message_to_contacts_that_were_replaced_is_not_sent(told, clock):
    notify.choose_contacts(told, "opensafely-2026", clock)
    assert sending.prospect(told).ready == ()
    with pytest.raises(NotSendableError, match="other contacts"):
        sending.prospect(told, ["N-001"])


def test_inc_079_an_all_clear_is_not_sent_once_the_data_came_back(case, clock, mailbox):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    sent_round(case, clock, mailbox)
    for kind, detail in (
        ("verify.recorded", {"ok": True, "held": False}),
        ("copies.recorded", {"open": 0, "copies": 0}),
    ):
        case.record(kind, detail)
    written(case, clock, kind_named("all-clear"))
    assert [each.notice.id for each in sending.prospect(case).ready] == ["N-003", "N-004"]

    case.record("case.recurred", {"where": "a clone"})

    written(case, clock, ALERT, again=True)
    seen = sending.prospect(case)
    assert [each.id for each in seen.outdated] == ["N-003", "N-004"]
    assert [each.notice.kind.name for each in seen.ready] == ["internal-alert"] * 2
    assert "promises what is not so any more" in "\n".join(prospect_lines(seen, None))
    with pytest.raises(NotSendableError, match="N-003"):
        sending.prospect(case, ["N-003"])


def test_inc_079_an_all_clear_stops_where_the_data_come_back_while_it_is_sent(case, clock, mailbox):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    sent_round(case, clock, mailbox)
    case.record("verify.recorded", {"ok": True, "held": False})
    case.record("copies.recorded", {"open": 0, "copies": 0})
    written(case, clock, kind_named("all-clear"))
    seen = sending.prospect(case)
    case.record("case.recurred", {"where": "a clone"})
    with (
        mail_server(mailbox) as address,
        box_at(address) as postbox,
        pytest.raises(NotSendableError, match="promises what is not so"),
    ):
        sending.send(case, clock, postbox, seen.ready, by="Sam")
    assert len(mailbox.mails) == 2


def test_a_message_to_somebody_without_an_address_is_left_to_a_person(told, clock, mailbox):
    told.record(
        EventKind.NOTIFY_RENDERED,
        {"number": "N-003", "message": "clone-holder", "name": "Kim", "reference": "K-001"},
    )
    assert sent_round(told, clock, mailbox).is_whole
    seen = sending.prospect(told)
    assert (seen.ready, [each.id for each in seen.without_address]) == ((), ["N-003"])
    assert "N-003  to Kim: has no address" in "\n".join(prospect_lines(seen, None))
    with pytest.raises(NotSendableError, match="reach Kim in another way"):
        sending.prospect(told, ["N-003"])


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code", "by_itself"),
    [("550", 550, False), ("552-end", 552, False), ("450", 450, True), ("451-end", 451, True)],
)
def test_incident_trap_63_a_refusal_is_recorded_for_its_recipient_and_stops_no_other(
    told, clock, mailbox, fault, code, by_itself
):
    mailbox.will(TEAM, fault)
    result = sent_round(told, clock, mailbox)
    (refused,) = entries(told, EventKind.NOTIFY_REFUSED)
    assert (refused.refs, refused.number("code")) == (("N-001",), code)
    assert refused.text("email") == TEAM
    assert refused.flag("later") is by_itself
    assert states(told) == {"N-001": False, "N-002": True}
    assert not result.is_whole
    seen = sending.prospect(told)
    assert [each.notice.id for each in seen.ready] == (["N-001"] if by_itself else [])
    assert [each.id for each in seen.refused] == ([] if by_itself else ["N-001"])


def test_greylisting_takes_the_message_at_the_next_run(told, clock, mailbox):
    mailbox.will(JO, "450")
    first = sent_round(told, clock, mailbox)
    second = sent_round(told, clock, mailbox)
    assert "not taken yet" in round_lines(first, sending.prospect(told))[1]
    assert second.is_whole
    assert [each.notice.id for each in second.results] == ["N-002"]
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]


def test_a_refused_message_goes_once_it_is_written_anew_or_a_person_says_so(told, clock, mailbox):
    mailbox.will(TEAM, "550", "550")
    sent_round(told, clock, mailbox)
    with pytest.raises(NotSendableError, match="No such user"):
        sending.prospect(told, ["N-001"])
    sent_round(told, clock, mailbox, again=["N-001"])
    written(told, clock, ALERT)
    assert sent_round(told, clock, mailbox).is_whole
    assert len(mailbox.arrived(TEAM)) == 1


def test_a_login_that_is_refused_ends_the_round_and_is_recorded(told, clock, mailbox, tmp_path):
    result = sent_round(told, clock, mailbox, login=("sam", "x"), starttls=None)
    assert result.is_whole
    mailbox.will(TEAM, "530")
    written(told, clock, ALERT, again=True)
    result = sent_round(told, clock, mailbox)
    assert result.login_refused
    assert [notice.id for notice in result.left] == ["N-004"]
    (refused,) = entries(told, EventKind.NOTIFY_REFUSED)
    assert (refused.number("code"), refused.flag("later")) == (530, True)
    assert sent_round(told, clock, mailbox).is_whole


def test_incident_trap_60_a_server_that_goes_down_mid_batch_leaves_the_rest_for_the_next_run(
    told, clock, mailbox
):
    written(told, clock, ALERT, again=True)
    mailbox.will(JO, "421")
    first = sent_round(told, clock, mailbox)
    assert [type(each.outcome) for each in first.results] == [Accepted, Rejected]
    with box_at(f"127.0.0.1:{free_port()}") as postbox:
        down = sending.send(told, clock, postbox, sending.prospect(told).ready, by="Sam")
    assert not down.is_whole
    assert sent_round(told, clock, mailbox).is_whole
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]
    assert sending.prospect(told).is_whole


def test_a_server_that_cannot_prove_who_it_is_gets_nothing_and_the_message_still_waits(
    told, clock, mailbox, tmp_path
):
    with (
        mail_server(mailbox) as address,
        box_at(address, ca_file=ca_file(tmp_path)) as postbox,
        pytest.raises(UnsafeServerError),
    ):
        sending.send(told, clock, postbox, sending.prospect(told).ready, by="Sam")
    (refused,) = entries(told, EventKind.NOTIFY_REFUSED)
    assert (refused.text("reply"), refused.flag("later")) == ("UnsafeServerError", True)
    assert len(sending.prospect(told).ready) == 2
    assert sent_round(told, clock, mailbox).is_whole


# --- what nobody knows ----------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["mute", "lost", "hang"])
def test_a_message_without_an_answer_is_never_sent_again_by_itself(told, clock, mailbox, fault):
    mailbox.will(TEAM, fault)
    first = sent_round(told, clock, mailbox)
    assert isinstance(first.results[0].outcome, Unanswered)
    assert "NOBODY KNOWS" in round_lines(first, sending.prospect(told))[0]
    seen = sending.prospect(told)
    assert (seen.ready, [each.id for each in seen.unknown]) == ((), ["N-001"])
    assert "NOBODY KNOWS" in "\n".join(prospect_lines(seen, None))
    with pytest.raises(NotSendableError, match="mark-sent N-001"):
        sending.prospect(told, ["N-001"])
    assert "NOBODY KNOWS if it arrived" in lines(notify.list_notices(told), clock.now())[0]


def test_a_message_that_may_have_arrived_stays_as_it_left(told, clock, mailbox):
    mailbox.will(TEAM, "lost")
    sent_round(told, clock, mailbox)
    file = told.path / "notifications/N-001-internal-alert/message.eml"
    before = file.read_bytes()
    clock.move(minutes=5)
    result = written(told, clock, ALERT)
    assert "N-001 may have arrived and is left as it was" in result.warnings[-1]
    assert (result.written, file.read_bytes()) == ((), before)
    assert sending.prospect(told).ready == ()
    assert [each.notice.id for each in written(told, clock, ALERT, again=True).written] == [
        "N-003",
        "N-004",
    ]


def test_what_became_of_an_attempt_is_listed(told, clock, mailbox):
    mailbox.will(TEAM, "550")
    mailbox.will(JO, "450")
    sent_round(told, clock, mailbox)
    first, second, *_ = lines(notify.list_notices(told), clock.now())
    assert "N-001  refused: phone them" in first
    assert "N-002  not taken yet: send again" in second


def test_a_person_who_looked_into_the_mailbox_says_how_it_goes_on(told, clock, mailbox):
    mailbox.will(TEAM, "lost")
    mailbox.will(JO, "mute")
    sent_round(told, clock, mailbox)
    sending.mark_sent(told, "N-002", by="Sam", at=LATER, how="by hand")
    assert sent_round(told, clock, mailbox, again=["N-001"]).is_whole
    assert [len(mailbox.arrived(each)) for each in (TEAM, JO)] == [1, 1]
    assert sending.prospect(told).is_whole
    with pytest.raises(NotSendableError, match="sent already"):
        sending.prospect(told, again=["N-001"])


# --- by hand --------------------------------------------------------------------------------


def test_inc_075_a_message_sent_by_hand_is_marked_with_who_and_when(told, clock):
    event = sending.mark_sent(told, "N-001", by="Jo", at=LATER)
    assert (event.text("by"), event.text("at")) == ("Jo", "2026-03-06T12:30:00Z")
    assert event.text("how") == "by hand"
    assert told.incident.has(Milestone.ALERTED)
    with pytest.raises(AlreadySentError):
        sending.mark_sent(told, "N-001", by="Jo", at=LATER)


def test_the_time_of_sending_is_that_of_the_servers_answer(told, mailbox):
    later = HandClock(LATER)
    sent_round(told, later, mailbox, "N-001")
    assert entries(told, EventKind.NOTIFY_SENT)[0].text("at") == "2026-03-06T12:30:00Z"
