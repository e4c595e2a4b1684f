"""Whom to run after and when, and what is said on the phone: plain data in, plain data out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from breachkit.actions.calling import CallFacts, call_script
from breachkit.actions.chasing import Chase, ChaseRule, chases, overdue
from breachkit.actions.contacts import Contact, ContactsProfile
from breachkit.actions.copies import Copy
from breachkit.actions.notify import Notice, Recipient, kind_named
from breachkit.actions.sending import Fate
from breachkit.report.chasing import sentence


NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
ALERT, HOLDERS = kind_named("alert"), kind_named("holders")
FREEZE, REMINDER, UPDATE = map(kind_named, ("freeze", "reminder", "update"))
TEAM = Recipient(name="Team", email="team@example.org", reference="incident_team", deputy="Rosa")
KIM = Recipient(name="Kim", email="kim@example.org", reference="K-001")
RULE = ChaseRule()


def message(number=1, kind=ALERT, to=TEAM, **known):
    return Notice(id=f"N-{number:03d}", kind=kind, recipient=to, **{"sent_at": NOON, **known})


def copy_of(**changes):
    made = Copy(
        id="K-001",
        key="C30:kim",
        place="C30",
        label="clone of Kim",
        holder="Kim",
        email="kim@example.org",
        signal="commits",
        applies="yes",
        state="requested",
    )
    return replace(made, **changes)


def chased(*notices, copies=(), known=None, called=None, rule=RULE):
    register = {copy.id: copy for copy in copies}
    return chases(notices, register, known or {}, called or {}, rule)


def told(found):
    return [(chase.kind, chase.due_at - NOON) for chase in found]


# --- alerts ---------------------------------------------------------------------------------


def test_inc_076_an_alert_is_chased_half_an_hour_after_it_was_sent():
    assert told(chased(message())) == [("alert", timedelta(minutes=30))]


def test_a_playbook_can_lay_down_another_time():
    rule = ChaseRule(alert=timedelta(minutes=10))
    assert told(chased(message(), rule=rule)) == [("alert", timedelta(minutes=10))]


@pytest.mark.parametrize(
    "settled",
    [{"acknowledged_at": NOON}, {"sent_at": None}, {"sent_at": None, "is_superseded": True}],
)
def test_who_has_answered_or_was_never_written_to_is_not_chased(settled):
    assert chased(message(**settled)) == ()


@pytest.mark.parametrize("state", ["refused", "unknown"])
def test_an_alert_that_may_not_have_arrived_is_chased_at_once(state):
    fate = {"N-001": Fate(state=state, at=NOON, reply="550 no")}
    (chase,) = chased(message(sent_at=None), known=fate)
    assert (chase.kind, chase.due_at) == ("undelivered", NOON)
    assert sentence(chase, NOON) == "the alert to Team may not have arrived: ring them"


def test_after_a_call_that_reached_nobody_the_wait_begins_anew():
    called = {"N-001": NOON + timedelta(minutes=40)}
    assert told(chased(message(), called=called)) == [("alert", timedelta(minutes=70))]


def test_messages_that_ask_for_nothing_are_not_chased():
    assert chased(message(kind=UPDATE)) == ()


# --- requests -------------------------------------------------------------------------------


def test_inc_076_a_holder_is_reminded_a_day_before_and_escalated_on_the_day():
    due = NOON + timedelta(days=5)
    found = chased(message(kind=HOLDERS, to=KIM, reply_by=due), copies=[copy_of()])
    assert told(found) == [("reminder", timedelta(days=4)), ("escalation", timedelta(days=5))]
    assert [c.kind for c in overdue(found, due - timedelta(hours=1))] == ["reminder"]
    assert [c.kind for c in overdue(found, due)] == ["escalation"]
    assert [c.by_phone for c in found] == [False, True]


@pytest.mark.parametrize(
    ("named", "register", "days"),
    [(7, 5, 7), (None, 5, 5), (None, None, 3)],
)
def test_the_day_is_that_of_the_message_or_of_the_register_or_three_days(named, register, days):
    day = {"reply_by": NOON + timedelta(days=named)} if named else {}
    copy = copy_of(due=NOON + timedelta(days=register) if register else None)
    found = chased(message(kind=HOLDERS, to=KIM, **day), copies=[copy])
    assert found[-1].answer_due == NOON + timedelta(days=days)


@pytest.mark.parametrize("hours", [2, 24, 36])
def test_a_day_that_is_near_reminds_half_way_and_never_as_soon_as_the_message_left(hours):
    found = chased(message(kind=FREEZE, to=KIM, reply_by=NOON + timedelta(hours=hours)))
    half, whole = timedelta(hours=hours / 2), timedelta(hours=hours)
    assert told(found) == [("reminder", half), ("escalation", whole)]


def test_a_day_that_is_past_reminds_and_escalates_at_once():
    found = chased(message(kind=FREEZE, to=KIM, reply_by=NOON - timedelta(hours=2)))
    assert [delay for _, delay in told(found)] == [timedelta(0), timedelta(0)]


def test_a_holder_who_answers_is_not_reminded_but_an_open_copy_is_escalated():
    found = chased(
        message(kind=HOLDERS, to=KIM, acknowledged_at=NOON), copies=[copy_of(state="acknowledged")]
    )
    assert [chase.kind for chase in found] == ["escalation"]


@pytest.mark.parametrize("state", ["deleted", "proven_clean", "residual_accepted"])
def test_a_copy_that_is_closed_ends_it(state):
    assert chased(message(kind=HOLDERS, to=KIM), copies=[copy_of(state=state)]) == ()


def test_an_answer_ends_it_where_no_copy_is_concerned():
    asked = message(kind=FREEZE, to=TEAM)
    assert [chase.kind for chase in chased(asked)] == ["reminder", "escalation"]
    assert chased(replace(asked, acknowledged_at=NOON)) == ()


def test_a_reminder_that_was_sent_is_not_sent_twice_and_is_not_chased_itself():
    asked = message(kind=HOLDERS, to=KIM)
    reminder = message(2, kind=REMINDER, to=KIM, sent_at=NOON + timedelta(days=2))
    found = chased(asked, reminder, copies=[copy_of()])
    assert [(chase.kind, chase.notice.id) for chase in found] == [("escalation", "N-001")]


def test_the_most_urgent_comes_first():
    late = message(kind=HOLDERS, to=KIM, reply_by=NOON + timedelta(minutes=10))
    found = chased(late, message(2))
    assert [chase.notice.id for chase in found] == ["N-001", "N-001", "N-002"]


# --- what is said ---------------------------------------------------------------------------

ROSA = Contact(
    name="Rosa", roles=("dpo",), email=None, phone="+44 20 7946 0001", hours="Mon-Fri 9-17"
)
FIRST = Contact(
    name="Team",
    roles=("incident_team",),
    email="team@example.org",
    phone="+44 20 7946 0000",
    hours="at any hour",
    deputy="Rosa",
)
PROFILE = ContactsProfile(
    name="practice",
    as_of=date(2026, 3, 1),
    source="x",
    verified_on=date(2026, 3, 1),
    sha256="",
    alert_roles=("incident_team",),
    contacts=(FIRST, ROSA),
)
FACTS = CallFacts(
    case_id="BK-2026-0001",
    codename="sapphire-otter",
    local_now=datetime(2026, 3, 6, 17, 5, tzinfo=UTC),
    caller="Ada",
    call_back="+44 20 7946 0009",
    deadline=NOON + timedelta(hours=72),
)


def script(kind="alert", notice=None, profile=PROFILE, **facts):
    chase = Chase(kind=kind, notice=notice or message(), due_at=NOON)
    return "\n".join(call_script(chase, profile, replace(FACTS, **facts)))


def test_inc_015_the_script_names_deputies_numbers_and_hours_in_the_order_to_ring():
    said = script()
    assert said.index("1. Team: +44 20 7946 0000, at any hour") < said.index(
        "2. Rosa (deputy): +44 20 7946 0001, Mon-Fri 9-17"
    )
    assert "it is Friday 17:05 here" in said
    assert "Out of somebody's hours: ring all the same" in said


def test_the_script_says_what_to_say_and_what_not_and_what_to_note_afterwards():
    said = script()
    assert '"This is Ada, about the incident BK-2026-0001, sapphire-otter."' in said
    assert "We wrote to you at 12:00 on Friday" in said
    assert "You reach me under +44 20 7946 0009" in said
    assert "until Monday 9 March, 12:00 UTC" in said
    for section in ("RING", "SAY", "DO NOT SAY", "AFTERWARDS"):
        assert f"\n{section}" in f"\n{said}"
    assert 'breachkit notify ack N-001 --by "WHO ANSWERED" --case BK-2026-0001' in said
    assert 'breachkit notify chase N-001 --called "no answer"' in said
    assert "On an answering machine" in said


def test_what_nobody_said_stands_as_a_blank_to_fill_in():
    said = script(caller=None, call_back=None)
    assert "This is YOUR NAME" in said
    assert "under YOUR NUMBER" in said


def test_without_contacts_or_numbers_it_says_where_to_look():
    assert "1. Team: no number known" in script(profile=None)
    assert "No number is known: look for one" in script(profile=None)


def test_an_alert_that_never_left_is_told_by_phone_and_marked():
    said = script("undelivered", message(sent_at=None))
    assert "our mail may not have reached you" in said
    assert "breachkit notify mark-sent N-001" in said


def test_a_holder_is_told_nothing_but_what_the_mail_says():
    said = script("escalation", message(kind=HOLDERS, to=KIM))
    assert "everybody who has a copy is asked the same" in said
    assert "redacted" not in said.partition("DO NOT SAY")[0]


def test_names_of_strangers_do_nothing_in_a_terminal():
    wild = replace(KIM, name="Kim\x1b[2J\n\u202e")
    said = script("escalation", message(kind=HOLDERS, to=wild), profile=None)
    assert "\x1b" not in said
    assert "\u202e" not in said


def test_inc_015_everybody_who_is_to_be_alerted_and_their_deputies_come_last():
    other = replace(FIRST, name="Night desk", deputy=None, phone="1")
    profile = replace(PROFILE, contacts=(other, FIRST, ROSA))
    lines = [line for line in script(profile=profile).splitlines() if line.startswith("  ")][:3]
    assert [line.split(":")[0].strip() for line in lines] == [
        "1. Team",
        "2. Rosa (deputy)",
        "3. Night desk",
    ]
