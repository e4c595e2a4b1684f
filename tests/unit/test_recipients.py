"""Who gets which message: everybody once, nobody in vain, and no stranger more than strangers may know."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from breachkit.actions.notify import (
    KINDS,
    NobodyToTellError,
    Notice,
    Recipient,
    answer_by,
    first_to,
    kind_named,
    plan_notices,
)
from breachkit.actions.recipients import SHORTEST, Known, overdue, recipients, unanswered
from breachkit.workflows.playbook_contacts import contacts_from_text
from tests.support.mailfacts import NOW
from tests.support.people import CONTACTS
from tests.support.telling import copies_of


PROFILE = contacts_from_text(Path(CONTACTS).read_text(encoding="utf-8"), "contacts")
COPIES = copies_of(NOW)
KNOWN = Known(profile=PROFILE, copies=COPIES, now=NOW)


def who(kind, known=KNOWN):
    return [(each.name, each.email) for each in recipients(kind_named(kind), known)]


def a_sent(kind, number=1, *, answered=False, reply_by=None, **to):
    to = {"name": "Jo", "email": "jo@example.org", "reference": f"K-{number:03d}", **to}
    return Notice(
        id=f"N-{number:03d}",
        kind=kind_named(kind),
        recipient=Recipient(**to),
        message_id=f"<{number}@mail.invalid>",
        reply_by=reply_by,
        sent_at=NOW,
        acknowledged_at=NOW if answered else None,
    )


def test_the_alert_goes_to_the_named_contacts_and_the_account_to_whoever_decides():
    assert [email for _, email in who("alert")] == [
        "incidents@example.org",
        "jo.bloggs@example.org",
    ]
    assert who("dpo") == [("Bloggs, Jo", "jo.bloggs@example.org")]
    assert who("engineer") == [("Sam Engineer", "sam@example.org")]


def test_where_no_officer_is_named_those_who_are_alerted_get_the_account():
    without = replace(PROFILE, contacts=tuple(c for c in PROFILE.contacts if "dpo" not in c.roles))

    assert who("dpo", replace(KNOWN, profile=without)) == [
        ("Incident Team", "incidents@example.org")
    ]


def test_inc_026_everybody_who_can_push_is_asked_to_stop_also_without_an_address():
    with_snapshot = replace(KNOWN, can_push=("octo-sam", "admin-ann"))

    assert who("freeze") == [("Jo Author", "jo.author@example.org"), ("octo-sam", None)]
    assert who("freeze", with_snapshot) == [
        ("Jo Author", "jo.author@example.org"),
        ("octo-sam", None),
        ("admin-ann", None),
    ]
    assert who("freeze", replace(KNOWN, can_push=())) == [("Jo Author", "jo.author@example.org")]
    assert who("freeze", replace(KNOWN, copies=(), can_push=("Octo-Sam", "octo-sam"))) == [
        ("Octo-Sam", None)
    ]


def test_where_nobody_is_known_who_can_push_there_is_a_text_to_pass_on():
    for can_push in (None, ()):
        known = replace(KNOWN, copies=(), can_push=can_push)
        assert who("freeze", known) == [("everybody who can push", None)]


def test_a_writer_is_asked_within_a_day():
    assert {each.due for each in recipients(kind_named("freeze"), KNOWN)} == {NOW + SHORTEST}


def test_holders_are_people_and_accounts_and_neither_forks_nor_archives():
    assert [each.reference for each in recipients(kind_named("holders"), KNOWN)] == [
        "K-001",
        "K-002",
    ]


def test_somebody_with_two_copies_is_asked_about_each():
    second = replace(COPIES[0], id="K-007", key="C33:told:a draft", place="C33", label="a draft")
    known = replace(KNOWN, copies=(*COPIES, second))

    assert [each.reference for each in recipients(kind_named("holders"), known)] == [
        *("K-001", "K-002", "K-007")
    ]
    assert who("freeze", known) == who("freeze")


def test_a_record_has_one_reader_and_no_address():
    assert who("public") == [("anybody: names no study, no person, no number", None)]
    assert [each.reference for each in recipients(kind_named("near-miss"), KNOWN)] == ["record"]


def test_an_address_that_cannot_be_used_stops_no_message():
    odd = replace(COPIES[0], email="jo author@example..org")

    assert who("holders", replace(KNOWN, copies=(odd,))) == [("Jo Author", None)]


def test_an_owner_of_a_fork_is_asked_about_that_fork():
    (owner,) = recipients(kind_named("forks"), KNOWN)

    assert (owner.name, owner.about, owner.email) == ("octo-sam", "octo-sam/asthma-reviews", None)


def test_archives_are_asked_where_they_certainly_have_a_copy():
    unsure = tuple(replace(copy, applies="unknown") for copy in COPIES)

    assert [each.place for each in recipients(kind_named("archives"), KNOWN)] == ["C40", "C41"]
    with pytest.raises(NobodyToTellError, match="no archive"):
        recipients(kind_named("archives"), replace(KNOWN, copies=unsure))


def test_nobody_is_asked_for_what_is_done():
    done = tuple(replace(copy, state="deleted") for copy in COPIES)

    for kind in ("holders", "forks", "archives"):
        with pytest.raises(NobodyToTellError):
            recipients(kind_named(kind), replace(KNOWN, copies=done))


def test_updates_go_to_those_whom_the_alert_reached():
    notices = (
        a_sent("alert", 1, email="a@example.org", reference="incident_team"),
        replace(a_sent("alert", 2, email="b@example.org"), sent_at=None),
        a_sent("holders", 3, email="c@example.org"),
    )

    assert [email for _, email in who("update", replace(KNOWN, notices=notices))] == [
        "a@example.org"
    ]


def test_the_all_clear_goes_to_everybody_who_was_told_once_and_to_no_stranger():
    notices = (
        a_sent("alert", 1, email="a@example.org", reference="incident_team"),
        a_sent("engineer", 2, email="A@example.org", reference="engineer"),
        a_sent("freeze", 3, email="b@example.org", reference="writer"),
        a_sent("holders", 4, email="b@example.org"),
        a_sent("holders", 5, name="octo-sam", email=None),
        a_sent("forks", 6, name="fork owner", email="f@example.org"),
        a_sent("archives", 7, name="Software Heritage", email=None),
        a_sent("support", 8, name="GitHub Support", email=None),
        a_sent("dpo", 9, email="d@example.org", reference="dpo"),
    )

    for kind in ("all-clear", "stand-down"):
        told = [email or name for name, email in who(kind, replace(KNOWN, notices=notices))]
        assert sorted(told) == ["a@example.org", "b@example.org", "d@example.org", "octo-sam"]


def test_before_anybody_was_told_nobody_gets_an_all_clear():
    with pytest.raises(NobodyToTellError, match="nobody was told"):
        recipients(kind_named("all-clear"), KNOWN)


@pytest.mark.parametrize("hours", [-30, -23, 1])
def test_a_reminder_is_due_a_day_before_and_an_escalation_at_the_day_due(hours):
    notice = a_sent("holders", reply_by=NOW - timedelta(hours=hours))
    known = replace(KNOWN, notices=(notice,))

    assert bool(unanswered(known)) == (hours > -24)
    assert bool(overdue(known)) == (hours > 0)


@pytest.mark.parametrize(("left", "is_due"), [(47, True), (49, False)])
def test_a_reminder_is_due_as_long_before_as_the_playbook_says(left, is_due):
    notice = a_sent("holders", reply_by=NOW + timedelta(hours=left))
    known = replace(KNOWN, notices=(notice,), remind_before=timedelta(hours=48))

    assert bool(unanswered(known)) == is_due


@pytest.mark.parametrize(
    "settled",
    [
        {"answered": True, "reply_by": NOW},
        {"reply_by": None},
        {"reply_by": NOW, "reference": "K-009"},
    ],
)
def test_whoever_has_answered_or_was_asked_for_nothing_by_a_day_is_not_reminded(settled):
    gone = replace(COPIES[0], id="K-009", state="deleted")
    known = replace(KNOWN, copies=(*COPIES, gone), notices=(a_sent("holders", **settled),))

    assert unanswered(known) == ()


def test_an_archive_that_does_not_answer_is_named_to_the_contacts_and_reminded_by_nobody():
    late = NOW - timedelta(hours=3)
    known = replace(KNOWN, notices=(a_sent("archives", 4, email=None, reply_by=late),))

    assert [each.id for each in overdue(known)] == ["N-004"]
    with pytest.raises(NobodyToTellError):
        recipients(kind_named("reminder"), known)


def test_a_reminder_names_what_it_reminds_of_and_keeps_the_day_that_was_said():
    late = NOW - timedelta(hours=3)
    notices = (a_sent("forks", 3, reply_by=late, about="octo/fork"),)
    (reminded,) = recipients(kind_named("reminder"), replace(KNOWN, notices=notices))

    assert (reminded.reference, reminded.asked, reminded.about, reminded.due) == (
        "N-003",
        "to delete your fork",
        "octo/fork",
        late,
    )


def test_nobody_is_asked_by_a_day_that_is_past():
    late = tuple(replace(copy, due=NOW - timedelta(days=9)) for copy in COPIES)

    assert {
        each.due for each in recipients(kind_named("holders"), replace(KNOWN, copies=late))
    } == {NOW + SHORTEST}


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("holders", None, NOW + timedelta(days=2)),
        ("holders", NOW + timedelta(hours=5), NOW + timedelta(hours=5)),
        ("holders", NOW - timedelta(hours=5), NOW + timedelta(days=2)),
        ("all-clear", NOW + timedelta(hours=5), None),
        ("alert", None, NOW + timedelta(days=2)),
    ],
)
def test_the_day_that_was_said_counts_while_it_is_to_come(kind, said, expected):
    to = Recipient(name="Jo", email=None, reference="K-001", due=NOW + timedelta(days=2))
    notice = Notice(id="N-001", kind=kind_named(kind), recipient=to)

    assert answer_by(notice, reply_by=said, now=NOW) == expected


def test_a_thread_begins_with_the_first_message_to_the_same_address_that_left():
    notices = (
        replace(a_sent("alert", 1), sent_at=None),
        a_sent("alert", 2, email="x@example.org"),
        a_sent("alert", 3, email="JO@example.org"),
    )
    later = Notice(
        id="N-009",
        kind=kind_named("update"),
        recipient=Recipient(name="Jo", email="jo@example.org", reference="dpo"),
    )

    first = first_to(notices, later)
    assert first is not None
    assert first.id == "N-003"
    assert first_to(notices[:1], later) == notices[0]
    assert first_to(notices, replace(later, id="N-001")) is None
    assert first_to(notices, replace(later, recipient=replace(later.recipient, email=None))) is None
    assert first_to([replace(notices[0], is_superseded=True)], later) is None


def test_an_update_has_a_next_one_and_an_alert_has_not():
    addressees = [Recipient(name="Jo", email="jo@example.org", reference="dpo")]

    for kind, planned in (("update", ["N-002"]), ("alert", [])):
        sent = a_sent(kind, 1, reference="dpo")
        found = plan_notices(kind_named(kind), addressees, [sent], again=False)
        assert [each.id for each in found] == planned


def test_two_accounts_without_addresses_are_two_readers():
    addressees = [
        Recipient(name=name, email=None, reference="writer") for name in ("octo-sam", "admin-ann")
    ]
    existing = [Notice(id="N-001", kind=kind_named("freeze"), recipient=addressees[0])]

    planned = plan_notices(kind_named("freeze"), addressees, existing, again=False)
    assert [(each.id, each.recipient.name) for each in planned] == [
        ("N-001", "octo-sam"),
        ("N-002", "admin-ann"),
    ]


def test_only_a_holders_mail_lies_in_the_private_part_and_only_it_may_carry_a_file():
    to = Recipient(name="Jo", email="jo@example.org", reference="K-001")
    private = {
        kind.alias
        for kind in KINDS
        if Notice(id="N-001", kind=kind, recipient=to).eml_file.startswith("private/")
    }

    assert private == {"holders"} == {kind.alias for kind in KINDS if kind.may_attach}


def test_inc_077_only_narrow_labels_name_the_study():
    assert {kind.alias for kind in KINDS if not kind.may_name_repository} == {"public"}
    assert all(kind.outside for kind in KINDS if not kind.may_name_repository)
