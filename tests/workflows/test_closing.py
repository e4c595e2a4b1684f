"""A case ends when all is done, comes back when the data do, and says what is left to destroy."""

import json
from datetime import date, timedelta

import pytest

from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.folder import PROJECTION
from breachkit.incident.guards import GuardRefusedError
from breachkit.model.time import working_days_after
from breachkit.workflows.answerable import ReasonMissingError
from breachkit.workflows.case import NoRecurrenceError, close, open_case, recur, stand_down
from breachkit.workflows.decisions import Word, decide
from breachkit.workflows.standing import status
from tests.support.cases import NOON, HandClock, a_case, a_store, alert, reopened, verified


def answered(case, clock):
    case.record("notify.sent", {"number": "N-009", "message": "dpo-factual", "name": "DPO"})
    for about in ("living", "risk", "high-risk", "ico-report", "individuals"):
        decide(case, Word(about=about, answer="no", by="Ros", reason="so"), clock)


def all_done(case, clock):
    verified(case)
    case.record("copies.recorded", {"copies": 1, "open": 0, "high_open": 0})
    case.record("restore.done", {"rounds": 1})
    answered(case, clock)
    case.record("notify.sent", {"number": "N-010", "message": "all-clear"})
    decide(case, Word(about="review", answer="2026-03-12", by="Ros", reason="all can come"), clock)


def test_inc_104_inc_108_closing_sets_the_day_of_the_review_and_the_day_to_destroy_by(case, clock):
    all_done(case, clock)

    event = close(case, "all accounted for", "Ros", clock)

    assert event.text("review_due") == "2026-03-13"  # the fifth working day after a Friday
    assert event.text("destroy_by") == "2026-06-04"
    incident = reopened(case).incident
    assert (incident.review_due, incident.destroy_by) == (date(2026, 3, 13), date(2026, 6, 4))
    assert not incident.is_open


def test_inc_108_the_day_that_somebody_decided_is_the_day_to_destroy_by(case, clock):
    all_done(case, clock)
    decide(case, Word(about="retention", answer="2026-03-31", by="Ros", reason="audit"), clock)

    assert close(case, "all accounted for", "Ros", clock).text("destroy_by") == "2026-03-31"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 3, 6), 5, date(2026, 3, 13)),
        (date(2026, 3, 7), 5, date(2026, 3, 13)),
        (date(2026, 3, 8), 1, date(2026, 3, 9)),
        (date(2026, 3, 9), 5, date(2026, 3, 16)),
        (date(2026, 3, 9), 0, date(2026, 3, 9)),
    ],
)
def test_working_days_pass_over_the_weekend(day, count, expected):
    assert working_days_after(day, count) == expected


def test_inc_046_closing_lists_what_it_lacks_with_a_command_for_each(case, clock):
    alert(case)

    with pytest.raises(GuardRefusedError) as caught:
        close(case, "tired", "Ros", clock, "it is late")

    first, *items, last = caught.value.lines
    assert first == "BK-2026-0001: close is refused. It lacks:"
    assert len(items) == 7
    assert all("`breachkit " in each for each in items)
    assert last.startswith("No reason sets aside: traced (a copy that nobody proved gone ")
    assert last.endswith("; review (a day can always be set).")
    assert not any(event.kind == "override" for event in case.events())


def test_what_a_reason_can_set_aside_is_set_aside_and_journalled(case, clock):
    all_done(case, clock)
    case.record("notify.sent", {"message": "internal-alert", "name": "Somebody who left"})
    with pytest.raises(GuardRefusedError, match="not told how it ended"):
        close(case, "done", "Ros", clock)

    close(case, "done", "Ros", clock, "they left in April")

    override, closed = case.events()[-2:]
    assert (override.kind, override.names("guards")) == ("override", ("all-clear",))
    assert (override.text("reason"), closed.kind) == ("they left in April", "case.closed")


@pytest.mark.parametrize(("reason", "decider"), [("", "Ros"), ("done", "  ")])
def test_nobody_closes_without_a_reason_and_a_name(case, clock, reason, decider):
    all_done(case, clock)

    with pytest.raises(ReasonMissingError):
        close(case, reason, decider, clock)

    assert case.incident.is_open


def test_inc_002_a_near_miss_is_closed_in_three_steps(tmp_path):
    clock = HandClock()
    request = OpenRequest(target=str(tmp_path / "study"), kind="near-miss")
    case = open_case(request, a_store(tmp_path, clock), clock).case
    alert(case)
    case.record("notify.sent", {"number": "N-002", "message": "update"})

    close(case, "caught before the push", "Ros", clock)

    assert not case.incident.is_open


def test_inc_007_what_came_back_goes_on_in_the_case_it_was_in(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    case = open_case(OpenRequest(target="example/study"), store, clock).case
    all_done(case, clock)
    close(case, "done", "Ros", clock)
    before = case.incident.milestones[Milestone.CLOSED]

    again = recur(store, "https://github.com/Example/study.git", where="a new branch", by="Jo")

    assert again.path == case.path
    incident = again.incident
    assert incident.is_open
    assert incident.has(Milestone.RECURRED)
    assert before in [past.reached for past in incident.past]
    with pytest.raises(GuardRefusedError):
        close(again, "done", "Ros", clock)


def test_inc_007_nothing_comes_back_to_a_case_that_pushed_nothing(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    open_case(OpenRequest(target="example/study"), store, clock)

    with pytest.raises(NoRecurrenceError, match="without --recurrence"):
        recur(store, "example/study", where="a branch", by="Jo")
    with pytest.raises(NoRecurrenceError):
        recur(store, "example/other", where="a branch", by="Jo")
    with pytest.raises(ReasonMissingError):
        recur(store, "example/study", where=" ", by="Jo")


def test_inc_007_a_duplicate_is_stood_down_and_names_the_other_case(case):
    stand_down(case, "the same report twice", "Ros", duplicate_of="BK-2026-0009")

    assert case.events()[-1].text("duplicate_of") == "BK-2026-0009"
    assert case.incident.has(Milestone.STOOD_DOWN)


def test_incident_trap_84_all_that_was_decided_is_rebuilt_from_the_journal_alone(case, clock):
    all_done(case, clock)
    close(case, "done", "Ros", clock)
    known = case.incident
    projection = case.path / PROJECTION
    written = json.loads(projection.read_bytes())
    projection.unlink()

    other = reopened(case)
    other.rebuild()

    assert other.incident == known
    assert json.loads(projection.read_bytes()) == written
    assert written["decisions"]["review"]["answer"] == "2026-03-12"
    assert written["review_due"] == "2026-03-13"
    assert written["milestones"]["closed"]


def test_inc_033_a_case_says_by_what_it_was_judged(tmp_path):
    request = OpenRequest(target="o/n", thresholds=(("2021", 5), ("2023", 7)), tool_version="1.2.3")

    case = a_store(tmp_path).create(request)

    assert dict(case.incident.ruleset) == {
        "thresholds": {"2021": 5, "2023": 7},
        "zeros": "kept",
        "breachkit": "1.2.3",
    }
    assert dict(reopened(a_case(tmp_path / "old")).incident.ruleset)["thresholds"] == {}


def test_the_review_can_be_late_and_the_day_is_counted_from_closing(case, clock):
    all_done(case, clock)
    clock.move(days=3)

    event = close(case, "done", "Ros", clock)

    assert (
        event.text("review_due")
        == working_days_after((NOON + timedelta(days=3)).date(), 5).isoformat()
    )


def overdue(case, clock):
    return [each.id for each in status(case, clock).overdue]


def test_a_look_back_that_was_decided_to_be_held_is_due_no_more(case, clock):
    all_done(case, clock)
    close(case, "all accounted for", "Ros", clock)
    clock.move(days=14)
    assert overdue(case, clock) == ["F09"]

    decide(case, Word(about="review", answer="held", by="Ros", reason="minutes of today"), clock)

    assert overdue(case, clock) == []


def test_a_look_back_whose_item_is_open_again_is_due_again(case, clock):
    all_done(case, clock)
    close(case, "all accounted for", "Ros", clock)
    clock.move(days=14)

    for kind, left in (("ticked", []), ("reopened", ["F09"]), ("na", [])):
        case.record(f"checklist.{kind}", {"item": "F09"})
        assert overdue(case, clock) == left
