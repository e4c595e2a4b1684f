import socket
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.opening import OpeningError
from breachkit.incident.states import Action, GuardRefusedError
from breachkit.report import case_screen
from breachkit.workflows.amending import AmendmentError, amend_case
from breachkit.workflows.answerable import ReasonMissingError
from breachkit.workflows.case import (
    AlreadyOpenError,
    open_case,
    pass_guard,
    stand_down,
)
from breachkit.workflows.next_action import next_action
from breachkit.workflows.standing import status
from tests.support.cases import (
    NOON,
    HandClock,
    a_case,
    a_store,
    journal,
    reopened,
    replaced,
    rewritten,
    scoped,
)


LONDON = ZoneInfo("Europe/London")


def screen(case, clock=None, zone=UTC):
    return "\n".join(case_screen.lines(status(case, clock or HandClock(), zone)))


def now(case):
    return next_action(case.incident).command


def opened_at(tmp_path, aware, at):
    clock = HandClock(at)
    request = OpenRequest(target="example/study", aware_at=aware)
    return open_case(request, a_store(tmp_path, clock), clock).case, clock


def test_a_case_is_opened_without_any_network(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    opened = open_case(OpenRequest(target="example/study"), a_store(tmp_path), HandClock())

    assert (opened.related, opened.warnings) == ((), ())
    assert opened.case.incident.target == "example/study"


def test_a_repository_with_an_open_case_gets_no_second_one_by_mistake(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    first = open_case(OpenRequest(target="example/study"), store, clock)

    with pytest.raises(AlreadyOpenError, match=f"next --case {first.case.incident.id}"):
        open_case(OpenRequest(target="https://github.com/Example/study.git"), store, clock)

    assert len(store.list()) == 1
    stand_down(first.case, "invented data", "Jo Bloggs")
    assert open_case(OpenRequest(target="example/study"), store, clock).related


def test_a_second_case_on_the_same_repository_is_offered_the_first_and_journals_it(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    first = open_case(OpenRequest(target="example/study"), store, clock)
    open_case(OpenRequest(target="example/other"), store, clock)

    request = OpenRequest(target="https://github.com/Example/study.git")
    second = open_case(request, store, clock, another=True)

    assert [each.id for each in second.related] == [first.case.incident.id]
    assert reopened(second.case).incident.related == (first.case.incident.id,)


def test_a_damaged_earlier_case_keeps_nobody_from_opening_the_next(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    first = open_case(OpenRequest(target="example/study"), store, clock).case
    journal(first).write_bytes(replaced(journal(first).read_bytes(), 40, 0))

    second = open_case(OpenRequest(target="example/study"), store, clock)

    assert second.case.incident.id == "BK-2026-0002"


def test_a_case_opened_after_the_deadline_says_so_at_once(tmp_path):
    request = OpenRequest(target="example/study", aware_at=NOON - timedelta(hours=73))

    opened = open_case(request, a_store(tmp_path), HandClock())

    assert "72 hours are over" in opened.warnings[0]
    assert "reasons for the delay" in opened.warnings[0]


def test_awareness_in_local_time_counts_from_the_same_moment(tmp_path):
    aware = datetime(2026, 3, 27, 17, 5, tzinfo=LONDON)
    case, _ = opened_at(tmp_path, aware, NOON + timedelta(days=30))

    assert case.incident.deadline == datetime(2026, 3, 30, 17, 5, tzinfo=UTC)


def test_a_correction_names_what_it_corrects_and_needs_a_reason_and_sense(tmp_path):
    case, clock = a_case(tmp_path), HandClock()

    first = amend_case(case, "kind", "confirmed", "seen by the output checker", clock)
    second = amend_case(case, "kind", "near-miss", "it never left the machine", clock)

    assert (first.refs, second.refs) == (("ev-0001",), (first.id,))
    assert second.text("supersedes") == first.id
    for field, value, reason, error in (
        ("kind", "confirmed", "  ", ReasonMissingError),
        ("kind", "maybe", "why", AmendmentError),
        ("target", "o/n", "why", AmendmentError),
        ("aware_at", "2026-03-06T09:00", "why", OpeningError),
        ("aware_at", "2027-03-06T09:00Z", "why", OpeningError),
    ):
        with pytest.raises(error):
            amend_case(case, field, value, reason, clock)
    assert len(case.events()) == 3


def test_only_a_clean_clone_and_a_platform_that_gives_nothing_are_a_purged_server(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)
    case.record("push.done", {"pushed": 1})

    case.record("verify.server", {"ok": True, "gone": 3})
    assert not case.incident.has(Milestone.SERVER_PURGED)

    case.record("verify.recorded", {"ok": True, "hidden_refs": 1})
    assert not case.incident.has(Milestone.SERVER_PURGED)
    case.record("verify.server", {"ok": True, "gone": 3})
    assert case.incident.has(Milestone.SERVER_PURGED)


def test_a_guard_is_set_aside_with_a_reason_that_stays_visible(tmp_path):
    case = a_case(tmp_path)
    case.record("scope.recorded", {"blobs": 1})
    with pytest.raises(GuardRefusedError):
        pass_guard(case, Action.REWRITE)
    with pytest.raises(ReasonMissingError):
        pass_guard(case, Action.REWRITE, " ")

    pass_guard(case, Action.REWRITE, "told by phone, mail is down")
    pass_guard(case, Action.REWRITE)

    event = case.events()[-1]
    assert (event.kind, event.names("guards")) == ("override", ("alerted", "engineer", "freeze"))
    assert event.text("reason") == "told by phone, mail is down"
    assert "rewrite went past the guard `alerted`" in screen(case)
    assert len(case.events()) == 3


def test_no_reason_sets_aside_a_guard_that_must_hold(tmp_path):
    case = a_case(tmp_path)

    with pytest.raises(GuardRefusedError):
        pass_guard(case, Action.REWRITE, "I am in a hurry")
    with pytest.raises(GuardRefusedError):
        pass_guard(case, Action.PUSH, "I am in a hurry")

    assert len(case.events()) == 1


def test_an_allowed_action_writes_no_override_though_a_reason_is_given(tmp_path):
    case = a_case(tmp_path)
    scoped(case)
    before = len(case.events())

    pass_guard(case, Action.REWRITE, "just to be sure")

    assert len(case.events()) == before


def test_a_false_alarm_ends_a_case_with_who_and_why(tmp_path):
    case = a_case(tmp_path)
    with pytest.raises(ReasonMissingError):
        stand_down(case, "dummy data", "")

    stand_down(case, "dummy data", "Jo Bloggs")

    assert not case.incident.is_open
    assert "closed" in screen(case).splitlines()[0]
    assert "left of 72" not in screen(case)
    with pytest.raises(GuardRefusedError):
        stand_down(case, "again", "Jo Bloggs")
