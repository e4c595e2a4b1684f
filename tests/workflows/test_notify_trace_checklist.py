"""Telling people, tracing copies and keeping the checklist, on a real case folder."""

import json
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from breachkit.actions.bad_set import Introduction, collect_bad_set
from breachkit.actions.contacts import ContactsError
from breachkit.actions.copies import BrokenRegisterError, Proof, UnprovenError
from breachkit.actions.notify import (
    AlreadySentError,
    NobodyToTellError,
    UnknownNoticeError,
    alerted_at,
    kind_named,
)
from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.states import Action, GuardRefusedError, guard
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.report import checklist_render, copies_render
from breachkit.report.lint import LintError
from breachkit.report.mail import Sender
from breachkit.workflows import checklist as checklists
from breachkit.workflows import notify
from breachkit.workflows import trace as tracing
from tests.support.cases import HandClock, a_case, a_store
from tests.support.gitrepo import START, History, git, oid


CONTACTS = str(Path(__file__).resolve().parent.parent / "support" / "contacts.toml")
CANARY = "4217"
ALERT, HOLDERS, SUPPORT, ENGINEER = map(kind_named, ("alert", "holders", "support", "engineer"))
LATER = datetime(2026, 3, 6, 12, 30, tzinfo=UTC)


@pytest.fixture
def clock():
    return HandClock()


@pytest.fixture
def case(tmp_path, clock):
    return a_case(tmp_path, clock, "example/covid-19-deaths")


@pytest.fixture
def study(tmp_path):
    history = History()
    history.commit({b"code.py": b"x"}, author="Early Bird <early@example.org>", when=START)
    history.commit(
        {b"out/t.csv": f"n\n{CANARY}\n".encode()},
        author="Jo Author <jo@example.org>",
        when=START + 100,
    )
    history.commit({b"out/t.csv": None}, author="Bloggs, Jo <jo.b@example.org>", when=START + 200)
    history.commit(
        {b"b.py": b"y"},
        author="dependabot[bot] <1+dependabot[bot]@users.noreply.github.com>",
        when=START + 300,
    )
    history.commit({b"c.py": b"z"}, author="Hub <9+hub@users.noreply.github.com>", when=START + 400)
    git_dir = history.build(tmp_path / "study.git")
    git(git_dir, "update-ref", "refs/pull/12/head", "refs/heads/main")
    return git_dir


@pytest.fixture
def bad(study):
    commit = ObjectId(oid(study, "refs/heads/main~3"))
    blob = ObjectId(oid(study, f"{commit}:out/t.csv"))
    when = datetime.fromtimestamp(START + 100, UTC)
    introduction = Introduction(commit=commit, when=when, path=GitPath(b"out/t.csv"), blob=blob)
    refs = [RefName(b"refs/heads/main"), RefName(b"refs/pull/12/head")]
    return collect_bad_set([blob], [introduction], refs)


def written(case, clock, *kinds, bad=None, details=None, again=False):
    facts = notify.gather_facts(
        case, clock, details or notify.details_of(case), notify.Findings(bad=bad)
    )
    return notify.render_notices(
        case, kinds, facts, bad=bad, again=again, sender=Sender(name="Sam", email="sam@example.org")
    )


def everything_outside_private(case):
    files = [path for path in case.path.rglob("*") if path.is_file()]
    return b"\n".join(path.read_bytes() for path in files if "private" not in path.parts)


# --- contacts ---------------------------------------------------------------------------------


def test_nobody_is_told_until_contacts_are_chosen(case, clock):
    with pytest.raises(NobodyToTellError, match="--contacts"):
        written(case, clock, ALERT)
    assert notify.current_contacts(case) is None
    assert not (case.path / "notifications").exists()


def test_choosing_contacts_is_journalled_with_the_digest_of_the_file(case, clock):
    profile, warnings = notify.choose_contacts(case, CONTACTS, clock)
    event = case.events()[-1]
    assert (event.kind, event.detail["sha256"]) == ("contacts.chosen", profile.sha256)
    assert case.incident.profile == "contacts"
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


# --- messages ---------------------------------------------------------------------------------


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
    notify.mark_sent(case, "N-001", by="Jo", at=LATER)
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
    notify.mark_sent(case, "N-002", by="Jo", at=LATER)
    assert case.incident.has(Milestone.ALERTED)
    assert alerted_at(notify.list_notices(case)) == LATER


def test_sending_and_answering_are_noted_once_and_in_order(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    with pytest.raises(AlreadySentError, match="mark-sent"):
        notify.acknowledge(case, "N-001", by="Jo", at=LATER)
    notify.mark_sent(case, "N-001", by="Jo", at=LATER)
    with pytest.raises(AlreadySentError):
        notify.mark_sent(case, "N-001", by="Jo", at=LATER)
    notify.acknowledge(case, "N-001", by="Jo", at=LATER + timedelta(minutes=5))
    notice = notify.list_notices(case)[0]
    assert (notice.sent_by, notice.sent_at, notice.acknowledged_at) == (
        "Jo",
        LATER,
        LATER + timedelta(minutes=5),
    )
    with pytest.raises(UnknownNoticeError, match="notify list"):
        notify.mark_sent(case, "N-009", by="Jo", at=LATER)


def test_where_one_message_is_refused_none_is_written(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    details = notify.remember(case, notify.Details(decider="see 1a2b3c4d"))
    before = len(case.events())
    with pytest.raises(LintError):
        written(case, clock, ALERT, details=details)
    assert len(case.events()) == before
    assert not list((case.path / "notifications").glob("N-*"))


def test_what_people_know_is_remembered_and_added_to(case):
    notify.remember(case, notify.Details(decider="the controller", reply_by=LATER))
    both = notify.remember(case, notify.Details(phone="+44 20 7946 0000", lfs_orphans=False))
    assert (both.decider, both.reply_by, both.phone) == (
        "the controller",
        LATER,
        "+44 20 7946 0000",
    )
    assert notify.details_of(case) == both


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


# --- copies -----------------------------------------------------------------------------------


def test_trace_finds_who_worked_since_the_exposure_and_the_pull_requests(case, study, bad):
    result = tracing.trace(case, study, bad)
    holders = {copy.holder for copy in result.register if copy.place == "C30"}
    assert holders == {"Jo Author", "Bloggs, Jo", "Hub"}
    assert [person.login for person in result.unreachable] == ["hub"]
    pull = next(copy for copy in result.register if copy.place == "C02")
    assert (pull.applies, pull.state) == ("yes", "confirmed")
    assert {e.kind for e in case.events()} >= {"trace.recorded", "copies.recorded"}
    assert case.events()[-1].detail["open"] == len(result.register)


def test_tracing_again_finds_nothing_new_and_keeps_what_people_said(case, study, bad):
    first = tracing.trace(case, study, bad)
    jo = next(copy for copy in first.register if copy.holder == "Jo Author")
    proof = Proof(kind="attestation", at=LATER, by="Sam", note="mail of today")
    tracing.set_copy(case, jo.id, "deleted", proof)
    again = tracing.trace(case, study, bad)
    assert again.new == ()
    assert next(copy for copy in again.register if copy.id == jo.id).state == "deleted"
    assert len(again.register) == len(first.register)


def test_every_holder_with_an_address_gets_one_request_that_names_no_other(case, clock, study, bad):
    tracing.trace(case, study, bad)
    result = written(case, clock, HOLDERS, bad=bad)
    assert [one.notice.recipient.email for one in result.written] == [
        "jo.b@example.org",
        "jo@example.org",
    ]
    for one, other in zip(result.written, reversed(result.written), strict=True):
        content = b"".join(path.read_bytes() for path in one.files)
        assert other.notice.recipient.name.encode() not in content
        assert b"out/t" not in content


def test_the_case_is_traced_only_when_every_copy_is_accounted_for(case, study, bad):
    register = tracing.trace(case, study, bad).register
    proof = Proof(kind="decision", at=LATER, by="Sam", note="looked: nothing there")
    for copy in register[:-1]:
        tracing.rule_out_copy(case, copy.id, proof)
    assert not case.incident.has(Milestone.TRACED)
    with pytest.raises(UnprovenError):
        tracing.set_copy(case, register[-1].id, "proven_clean", proof)
    tracing.set_copy(case, register[-1].id, "residual_accepted", proof)
    assert case.incident.has(Milestone.TRACED)


def test_a_copy_somebody_told_us_about_joins_the_register(case, study, bad):
    tracing.trace(case, study, bad)
    places = tracing.load_places()
    added = tracing.add_copy(
        case, "C33", "slides", holder="Al", email="al@example.org", places=places
    )
    assert added in tracing.load_register(case)
    with pytest.raises(tracing.NoSuchPlaceError):
        tracing.add_copy(case, "C99", "x", places=places)


def test_a_register_that_is_no_json_is_not_taken_for_an_empty_one(case, study, bad):
    tracing.trace(case, study, bad)
    (case.path / tracing.REGISTER_FILE).write_bytes(b"{")
    with pytest.raises(BrokenRegisterError):
        tracing.load_register(case)


# --- checklist --------------------------------------------------------------------------------


def test_the_checklist_follows_the_journal(case, clock, study, bad):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    notify.mark_sent(case, "N-001", by="Jo", at=LATER)
    tracing.trace(case, study, bad)
    current = checklists.current_checklist(case, clock)
    states = {task.id: task.state for task in current.tasks}
    assert states["A01"] == states["A02"] == states["E01"] == "done"
    assert states["A04/Incident Team"] == "done"
    assert states["A04/Bloggs, Jo"] == "open"
    assert {f"E02/{copy.id}" for copy in tracing.load_register(case)} <= set(states)
    assert current.task("D04").only_if is None


def test_ticking_by_hand_reaches_the_milestone_the_item_stands_for(case, clock):
    current = checklists.current_checklist(case, clock)
    checklists.tick(case, current, "A7", evidence="screenshot in the evidence folder", by="Jo")
    assert case.incident.has(Milestone.CONTAINED)
    assert checklists.current_checklist(case, clock).task("A07").by == "Jo"
    checklists.rule_out(case, current, "D17", reason="no LFS", by="Jo")
    assert checklists.current_checklist(case, clock).task("D17").state == "na"


def test_what_is_late_is_overdue_by_the_clock(case, clock):
    assert not checklists.current_checklist(case, clock).overdue
    clock.move(hours=1)
    assert checklists.current_checklist(case, clock).overdue[0].id == "A02"


def test_what_the_caller_knows_decides_what_applies(case, clock):
    current = checklists.current_checklist(case, clock, known={"has_lfs": False, "public": True})
    assert current.task("D17").state == "na"
    assert current.task("A07").only_if is None


def test_nothing_that_leaves_the_private_part_holds_the_value_or_an_old_id(case, clock, study, bad):
    notify.choose_contacts(case, CONTACTS, clock)
    tracing.trace(case, study, bad)
    written(case, clock, ALERT, ENGINEER, HOLDERS, SUPPORT, bad=bad)
    current = checklists.current_checklist(case, clock)
    shown = [checklist_render.export(current, form) for form in checklist_render.FORMATS]
    shown += [
        copies_render.export(tracing.load_register(case), form) for form in copies_render.FORMATS
    ]
    everything = everything_outside_private(case) + "\n".join(shown).encode()
    assert CANARY.encode() not in everything
    for old in (*bad.ids, *bad.introducers):
        assert old[:7].encode() not in everything


def test_meta_data_of_a_message_say_what_it_was_made_from(case, clock):
    notify.choose_contacts(case, CONTACTS, clock)
    one = written(case, clock, ALERT).written[0]
    meta = json.loads(one.files[2].read_text())
    assert meta["sha256"] == one.rendered.sha256 == notify.list_notices(case)[0].sha256
    assert meta["schema"] == "breachkit.notice/1"
