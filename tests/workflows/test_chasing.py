"""Who has not answered, on a real case folder, as the time goes by."""

from datetime import UTC

import pytest

from breachkit.actions.notify import UnknownNoticeError
from breachkit.model.errors import UsageError
from breachkit.report.chasing import warnings
from breachkit.workflows import chasing, notify
from breachkit.workflows.details import Details, remember
from breachkit.workflows.playbooks import BrokenPlaybookError
from tests.support.people import ALERT, CONTACTS, written


@pytest.fixture
def told(case, clock):
    """A case whose alert went to the first of two contacts just now."""
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    notify.mark_sent(case, "N-001", by="Jo", at=clock.now())
    return case


def test_inc_076_an_alert_without_an_answer_is_chased_after_half_an_hour_and_not_before(
    told, clock
):
    clock.move(minutes=29, seconds=59)
    assert chasing.due(told, clock) == ()
    clock.move(seconds=1)
    (chase,) = chasing.due(told, clock)
    assert (chase.kind, chase.notice.id, chase.by_phone) == ("alert", "N-001", True)
    assert "Incident Team has not confirmed the alert" in warnings([chase], clock.now())[0]


def test_inc_076_whoever_answers_is_not_chased(told, clock):
    notify.acknowledge(told, "N-001", by="Jo", at=clock.now())
    clock.move(hours=5)
    assert chasing.due(told, clock) == ()


def test_nobody_is_chased_about_a_case_that_is_closed(told, clock):
    clock.move(hours=1)
    assert chasing.due(told, clock)
    told.record("case.stood_down", {"reason": "practice", "decider": "Jo"})
    assert chasing.due(told, clock) == ()


def test_a_message_sent_once_more_starts_the_wait_anew(told, clock):
    clock.move(minutes=25)
    written(told, clock, ALERT, again=True)
    notify.mark_sent(told, "N-003", by="Jo", at=clock.now())
    clock.move(minutes=10)
    assert chasing.due(told, clock) == ()
    assert [chase.notice.id for chase in chasing.coming(told)] == ["N-003"]
    clock.move(minutes=20)
    assert chasing.due(told, clock)[0].due_at == clock.now()


def test_who_has_time_left_is_listed_for_later(told, clock):
    workflow = chasing.standing(told, clock)
    assert (workflow.due, workflow.calls) == ((), ())
    assert [chase.notice.id for chase in workflow.later] == ["N-001"]


def test_inc_015_the_script_of_a_call_names_the_deputy_and_what_the_case_knows(told, clock):
    remember(told, Details(keeper="Ada Hartley", phone="+44 20 7946 0009"))
    clock.move(minutes=31)
    (call,) = chasing.standing(told, clock, zone=UTC).calls
    said = "\n".join(call.lines)
    assert "1. Incident Team: +44 20 7946 0000, at any hour" in said
    assert "2. Bloggs, Jo (deputy): +44 20 7946 0001, Mon-Fri 9-17" in said
    assert f"This is Ada Hartley, about the incident {told.incident.id}" in said
    assert "it is Friday 12:31 here" in said


def test_a_call_that_reached_nobody_is_journalled_and_quiets_for_half_an_hour(told, clock):
    clock.move(minutes=31)
    event = chasing.record_call(told, "N-001", outcome="no answer", by="Jo", at=clock.now())
    assert (event.kind, event.refs) == ("notify.called", ("N-001",))
    assert (event.text("outcome"), event.text("by")) == ("no answer", "Jo")
    assert chasing.due(told, clock) == ()
    clock.move(minutes=30)
    assert [chase.notice.id for chase in chasing.due(told, clock)] == ["N-001"]


def test_a_script_is_given_before_it_is_due_to_who_asks_for_it(told, clock):
    (call,) = chasing.standing(told, clock, "N-001").calls
    assert call.chase.notice.id == "N-001"
    with pytest.raises(UnknownNoticeError, match="N-002 waits for no answer"):
        chasing.standing(told, clock, "N-002")


@pytest.mark.parametrize(("number", "outcome"), [(None, "no answer"), ("N-001", " ")])
def test_a_call_is_about_a_message_and_has_an_outcome(told, clock, number, outcome):
    with pytest.raises(UsageError, match="--called"):
        chasing.record_call(told, number, outcome=outcome, by="Jo", at=clock.now())
    with pytest.raises(UnknownNoticeError):
        chasing.record_call(told, "N-009", outcome="x", by="Jo", at=clock.now())


def test_a_broken_playbook_keeps_nobody_from_being_rung(told, clock, monkeypatch):
    def broken(_organisation):
        raise BrokenPlaybookError("playbook.toml is wrong")

    monkeypatch.setattr(chasing, "load_settings", broken)
    clock.move(minutes=30)
    assert len(chasing.due(told, clock)) == 1
