"""Choosing contacts and telling people, on a real case folder."""

import json
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from breachkit.actions.contacts import ContactsError
from breachkit.actions.copies import BrokenRegisterError
from breachkit.actions.notify import (
    AlreadySentError,
    NobodyToTellError,
    UnknownNoticeError,
    alerted_at,
)
from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.states import Action, GuardRefusedError, guard
from breachkit.report.lint import LintError
from breachkit.report.notices import lines
from breachkit.workflows import copies, notify
from breachkit.workflows.details import Details, details_of, remember
from breachkit.workflows.sending import acknowledge, mark_sent
from breachkit.workflows.trace import load_places
from tests.support.cases import a_store
from tests.support.people import (
    ALERT,
    CONTACTS,
    ENGINEER,
    LATER,
    SUPPORT,
    everything_outside_private,
    written,
)


def test_nobody_is_told_until_contacts_are_chosen(case, clock):
    with pytest.raises(NobodyToTellError, match="--contacts"):
        written(case, clock, ALERT)
    assert notify.current_contacts(case) is None
    assert not (case.path / "notifications").exists()


def test_choosing_contacts_is_journalled_with_the_digest_of_the_file(case, clock):
    profile, warnings = notify.choose_contacts(case, CONTACTS, clock)
    event = case.events()[-1]
    assert (event.kind, event.detail["sha256"]) == ("contacts.chosen", profile.sha256)
    assert case.incident.profile == "contacts.toml"
    assert warnings == ()
    assert notify.current_contacts(case) == profile


def test_an_old_profile_warns_when_chosen_and_on_every_message(case, clock):
    clock.move(days=400)
    _, warnings = notify.choose_contacts(case, CONTACTS, clock)
    assert "days ago" in warnings[0]
    assert "days ago" in written(case, clock, ALERT).warnings[0]


@pytest.mark.parametrize("name", ["opensafely-2021", "opensafely-2026"])
def test_the_shipped_profiles_can_be_chosen(case, clock, name):
    assert notify.choose_contacts(case, name, clock)[0].name == name


@pytest.mark.parametrize("name", ["nobody", "opensafely", "opensafely-1999", "../x-2021"])
def test_a_profile_that_there_is_not_is_answered_with_those_there_are(case, clock, name):
    with pytest.raises(ContactsError, match="opensafely-2021, opensafely-2026, or give a file"):
        notify.choose_contacts(case, name, clock)
    with pytest.raises(NobodyToTellError, match="opensafely-2021, opensafely-2026, or with a"):
        written(case, clock, ALERT)


def test_the_example_is_nobodys_contacts_and_says_how_to_begin_ones_own(case, clock):
    with pytest.raises(ContactsError, match="playbook new NAME --from generic --into DIR"):
        notify.choose_contacts(case, "generic", clock)


def test_alerts_to_contacts_that_were_replaced_wait_for_nothing(case, clock):
    notify.choose_contacts(case, "opensafely-2021", clock)
    written(case, clock, ALERT)
    notify.choose_contacts(case, CONTACTS, clock)
    assert case.incident.alerts_waiting == ()

    written(case, clock, ALERT)

    assert case.incident.alerts_waiting == ("N-004", "N-005")
    old = [each.is_superseded for each in notify.list_notices(case)]
    assert old == [True, True, True, False, False]
    assert "not to be sent" in lines(notify.list_notices(case), LATER)[0]
    notify.choose_contacts(case, "opensafely-2021", clock)
    written(case, clock, ALERT)
    assert case.incident.alerts_waiting == ("N-001", "N-002", "N-003")


def test_contacts_that_were_changed_behind_the_journals_back_are_not_used(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    file = case.path / notify.CONTACTS_FILE
    file.write_text(file.read_text().replace("incidents@example.org", "evil@example.org"))
    with pytest.raises(ContactsError, match="choose it again"):
        written(case, clock, ALERT)


@pytest.mark.parametrize("content", [b"x = [", b"\xff", b"as_of = 1"])
def test_a_broken_contacts_file_is_named(case, clock, tmp_path, content):
    (tmp_path / "mine.toml").write_bytes(content)
    with pytest.raises(ContactsError):
        notify.choose_contacts(case, str(tmp_path / "mine.toml"), clock)
    assert notify.current_contacts(case) is None


def test_each_contact_gets_a_message_alone(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    result = written(case, clock, ALERT)
    addresses = []
    for one in result.written:
        folder = case.path / one.notice.folder
        message = message_from_bytes((folder / "message.eml").read_bytes(), policy=policy.SMTP)
        addresses += [[a.addr_spec for a in message["To"].addresses]]
        assert (folder / "message.txt").read_text().startswith("[TLP:AMBER+STRICT] [BK-2026-0001")
        assert (folder / "message.eml").stat().st_mode & 0o777 == 0o600
    assert addresses == [["incidents@example.org"], ["jo.bloggs@example.org"]]
    assert [one.notice.id for one in result.written] == ["N-001", "N-002"]
    assert result.phone[0].startswith("Incident Team: +44")


def test_a_register_that_was_tampered_with_keeps_no_alert_back_and_stops_what_tells_of_copies(
    case, clock, bad
):
    notify.choose_contacts(case, CONTACTS, clock)
    copies.add_copy(case, "C33", "a slide", places=load_places())
    (case.path / "copies.json").write_bytes(b"{}")

    assert len(written(case, clock, ALERT).written) == 2
    with pytest.raises(BrokenRegisterError):
        written(case, clock, SUPPORT, bad=bad)


def test_a_message_fixes_the_journal_by_its_head(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    head = case.incident.head
    text = written(case, clock, ALERT).written[0].rendered.text
    assert head in text
    assert case.verify(head).ok


def test_a_message_not_sent_is_written_again_under_its_number(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    result = written(case, clock, ALERT)
    assert [one.notice.id for one in result.written] == ["N-001", "N-002"]
    assert len(notify.list_notices(case)) == 2


def test_a_message_that_was_sent_stays_as_it_left(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    first = written(case, clock, ALERT).written[0]
    before = first.files[1].read_bytes()
    mark_sent(case, "N-001", by="Jo", at=LATER)
    result = written(case, clock, ALERT)
    assert [one.notice.id for one in result.written] == ["N-002"]
    assert [notice.id for notice in result.already_sent] == ["N-001"]
    assert first.files[1].read_bytes() == before
    assert [one.notice.id for one in written(case, clock, ALERT, again=True).written] == [
        "N-003",
        "N-002",
    ]


def test_the_first_alert_sent_opens_the_way_to_the_rewrite(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    with pytest.raises(GuardRefusedError, match="alert"):
        guard(case.incident, Action.REWRITE)
    mark_sent(case, "N-002", by="Jo", at=LATER)
    assert case.incident.has(Milestone.ALERTED)
    assert alerted_at(notify.list_notices(case)) == LATER


def test_sending_and_answering_are_noted_once_and_in_order(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    with pytest.raises(AlreadySentError, match="mark-sent"):
        acknowledge(case, "N-001", by="Jo", at=LATER)
    mark_sent(case, "N-001", by="Jo", at=LATER)
    with pytest.raises(AlreadySentError):
        mark_sent(case, "N-001", by="Jo", at=LATER)
    acknowledge(case, "N-001", by="Jo", at=LATER + timedelta(minutes=5))
    notice = notify.list_notices(case)[0]
    assert (notice.sent_by, notice.sent_at, notice.acknowledged_at) == (
        "Jo",
        LATER,
        LATER + timedelta(minutes=5),
    )
    with pytest.raises(UnknownNoticeError, match="notify list"):
        mark_sent(case, "N-009", by="Jo", at=LATER)


def test_where_one_message_is_refused_none_is_written(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    details = remember(case, Details(decider="see 1a2b3c4d"))
    before = len(case.events())
    with pytest.raises(LintError):
        written(case, clock, ALERT, details=details)
    assert len(case.events()) == before
    assert not list((case.path / "notifications").glob("N-*"))


def test_what_people_know_is_remembered_and_added_to(case):
    remember(case, Details(decider="the controller", reply_by=LATER))
    both = remember(case, Details(phone="+44 20 7946 0000", lfs_orphans=False))
    assert (both.decider, both.reply_by, both.phone) == (
        "the controller",
        LATER,
        "+44 20 7946 0000",
    )
    assert details_of(case) == both


def test_the_support_request_keeps_ids_in_the_private_part(case, clock, bad):
    result = written(case, clock, SUPPORT, bad=bad)
    (commit,) = bad.introducers
    assert case.read_private(notify.SUPPORT_IDS_FILE).decode().splitlines()[1:] == [commit]
    assert "Pull requests       12\n" in result.written[0].rendered.text
    assert commit[:7].encode() not in everything_outside_private(case)


def test_an_engineer_is_asked_only_where_the_contacts_name_one(case, clock):
    notify.choose_contacts(case, "opensafely-2026", clock)
    with pytest.raises(NobodyToTellError, match="engineer"):
        written(case, clock, ENGINEER)
    notify.choose_contacts(case, CONTACTS, clock)
    assert written(case, clock, ENGINEER).written[0].notice.recipient.email == "sam@example.org"


@pytest.mark.parametrize(
    "target",
    [
        "https://user:secret-token@github.com/example/study.git",
        "/home/jo.bloggs/private/study",
        "x\r\nBcc: evil@example.net",
        "nul\u2028\x1b[2J",
    ],
)
def test_a_target_gives_away_no_password_folder_or_header(tmp_path, clock, target):
    case = a_store(tmp_path, clock).create(OpenRequest(target=target))
    notify.choose_contacts(case, CONTACTS, clock)
    eml = written(case, clock, ALERT).written[0].files[1].read_bytes()
    assert b"secret-token" not in eml
    assert b"jo.bloggs/private" not in eml
    assert b"\nBcc:" not in eml
    assert b"\x1b" not in eml


def test_meta_data_of_a_message_say_what_it_was_made_from(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    one = written(case, clock, ALERT).written[0]
    meta = json.loads(one.files[2].read_text())
    assert meta["sha256"] == one.rendered.sha256 == notify.list_notices(case)[0].sha256
    assert meta["schema"] == "breachkit.notice/1"
