"""Who has not answered, on a real case folder, as the time goes by."""

import pytest

from breachkit.report.chasing import warnings
from breachkit.workflows import chasing, notify
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
