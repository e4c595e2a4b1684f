from datetime import UTC, datetime, timedelta

import pytest

from breachkit.incident.entries import decode, encode
from breachkit.incident.events import Actor, Draft, EventKind
from breachkit.incident.projection import NoCaseError, replay
from tests.support.cases import NOON, HandClock, a_case, alert, reopened, rewritten


def test_numbers_of_the_latest_entry_of_a_kind_are_kept_and_nothing_but_numbers(tmp_path):
    case = a_case(tmp_path)

    case.record("scope.recorded", {"blobs": 1, "paths": 9, "complete": True, "file": "scope.json"})
    case.record("scope.recorded", {"blobs": 4})

    assert dict(case.incident.facts["scope.recorded"]) == {"blobs": 4}
    assert case.incident.fact(EventKind.SCOPE_RECORDED, "blobs") == 4
    assert case.incident.fact(EventKind.SCOPE_RECORDED, "paths") is None
    assert case.incident.fact(EventKind.PUSH_DONE, "refs") is None


def test_corrections_change_the_case_and_leave_the_first_entry(tmp_path):
    case = a_case(tmp_path)
    aware = NOON - timedelta(hours=20)

    case.record("case.amended", {"field": "aware_at", "value": "2026-03-05T17:00:00+01:00"})
    assert case.incident.aware_at == case.incident.discovered_at == aware
    assert not case.incident.aware_assumed
    case.record("case.amended", {"field": "kind", "value": "confirmed"})
    case.record("case.amended", {"field": "found_by", "value": "Jo"})
    case.record("case.amended", {"field": "discovered_at", "value": "2026-03-05T15:00:00Z"})
    case.record("case.amended", {"field": "policy", "value": "strict"})

    incident = case.incident
    assert (incident.kind, incident.found_by, incident.policy) == ("confirmed", "Jo", "strict")
    assert incident.discovered_at == datetime(2026, 3, 5, 15, tzinfo=UTC)
    assert case.events()[0].text("case_kind") == "suspected"


def test_a_correction_that_makes_no_sense_changes_nothing(tmp_path):
    case = a_case(tmp_path)
    before = case.incident

    for field, value in (
        ("aware_at", "soon"),
        ("aware_at", "0001-01-01T00:00:00+14:00"),
        ("aware_at", "9999-12-31T23:59:59Z"),
        ("discovered_at", "2026-03-05"),
        ("id", "BK-2026-0009"),
        ("aware_at", None),
        (None, "x"),
    ):
        case.record("case.amended", {"field": field, "value": value})

    after = case.incident
    assert (after.aware_at, after.aware_assumed) == (before.aware_at, before.aware_assumed)
    assert (after.id, after.discovered_at) == (before.id, before.discovered_at)


def test_messages_wait_until_they_are_sent(tmp_path):
    case = a_case(tmp_path)
    for number, message in (
        ("N-001", "internal-alert"),
        ("N-002", "internal-alert"),
        ("N-003", "x"),
    ):
        case.record("notify.rendered", {"number": number, "message": message})
    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert"})
    before = case.incident
    assert before.messages_waiting == ("N-002", "N-003", "N-001")
    assert before.alerts_waiting == ("N-002", "N-001")

    case.record("notify.sent", {"number": "N-002", "message": "internal-alert"})

    assert case.incident.messages_waiting == ("N-003", "N-001")
    assert case.incident.alerts_waiting == ("N-001",)
    assert case.incident.messages_sent == {"internal-alert"}


def test_a_guard_that_was_set_aside_is_remembered_with_its_action(tmp_path):
    case = a_case(tmp_path)

    case.record("override", {"action": "rewrite", "guards": ["alerted"], "reason": "by phone"})

    assert case.incident.overrides == {("rewrite", "alerted")}


def test_another_process_sees_each_new_entry_at_once(tmp_path):
    case = a_case(tmp_path)
    other = reopened(case)
    assert other.incident.entries == 1

    alert(case)
    assert other.incident.entries == 3
    rewritten(other)

    assert case.incident == other.incident == reopened(case).incident


def test_the_head_is_the_hash_of_the_last_entry(tmp_path):
    case = a_case(tmp_path, clock := HandClock())
    clock.move(minutes=5)

    event = case.record("decision")

    assert (case.incident.head, case.incident.changed_at) == (event.hash, clock.at)


def test_a_journal_that_opens_no_case_is_said_to_open_none():
    with pytest.raises(NoCaseError):
        replay(())
    line = encode(Draft(kind="decision", detail={}), seq=1, prev="0" * 64, now=NOON, actor=Actor())
    with pytest.raises(NoCaseError):
        replay([decode(line[:-1])])
