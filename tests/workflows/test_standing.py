"""Where a case stands, and what is to be done now."""

import dataclasses
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from breachkit.actions.copies import Copy, to_json
from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.guards import ALL_CLEAR, ASSESSED, FROZEN, TRACED
from breachkit.report import case_list, case_log, case_screen, case_status, colours
from breachkit.workflows.amending import amend_case
from breachkit.workflows.case import (
    open_case,
    stand_down,
)
from breachkit.workflows.log import show_log
from breachkit.workflows.next_action import next_action
from breachkit.workflows.standing import status, statuses, what_next
from breachkit.workflows.ways import way_around
from tests.support.cases import (
    NOON,
    HandClock,
    a_case,
    a_store,
    alert,
    append_raw,
    journal,
    reopened,
    rewritten,
    verified,
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


@pytest.mark.parametrize(
    ("aware", "local"),
    [
        # the clocks go forward on 29 March 2026 at 01:00 UTC, and back on 25 October
        (datetime(2026, 3, 27, 17, 5, tzinfo=UTC), "Mon 30 Mar 18:05 BST"),
        (datetime(2026, 10, 23, 16, 5, tzinfo=UTC), "Mon 26 Oct 16:05 GMT"),
        (datetime(2026, 3, 26, 1, 30, tzinfo=UTC), "Sun 29 Mar 02:30 BST"),
    ],
)
def test_inc_004_incident_trap_70_the_72_hours_are_elapsed_hours_across_a_change_of_the_clocks(
    tmp_path, aware, local
):
    case, clock = opened_at(tmp_path, aware, aware)
    clock.move(hours=1)

    shown = screen(case, clock, LONDON)

    assert case.incident.deadline - aware == timedelta(hours=72)
    assert "71 h 00 min left of 72 h" in shown
    assert local in shown
    assert f"{aware + timedelta(hours=72):%Y-%m-%d %H:%M} UTC" in shown


def test_inc_004_past_the_deadline_the_screen_says_late_and_asks_for_reasons(tmp_path):
    case, clock = opened_at(tmp_path, NOON, NOON)
    clock.move(hours=72)
    assert "0 h 00 min left" in screen(case, clock)
    assert not status(case, clock).is_late

    clock.move(hours=26, minutes=3, seconds=1)

    assert "LATE by 26 h 03 min" in screen(case, clock)
    assert "reasons for the delay" in screen(case, clock)
    assert status(case, clock).is_overdue
    assert case_status.to_json(status(case, clock))["late"] is True


def test_an_assumed_moment_of_awareness_is_shown_as_assumed_until_corrected(tmp_path):
    case = a_case(tmp_path)
    assert "2026-03-06 12:00 UTC is assumed" in screen(case)

    amend_case(case, "aware_at", "2026-03-06T09:00Z", "the DPO knew at nine", HandClock())

    assert "is assumed" not in screen(case)
    assert case.incident.deadline == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def test_the_next_action_follows_the_runbook_from_the_first_minute_to_the_last(tmp_path):
    case = a_case(tmp_path)
    steps = [
        (None, None, "breachkit notify render alert --case BK-2026-0001"),
        ("notify.rendered", {"number": "N-001", "message": "internal-alert"}, "breachkit notify mark-sent N-001 --case BK-2026-0001"),
        ("notify.sent", {"number": "N-001", "message": "internal-alert"}, "breachkit snapshot --fast --case BK-2026-0001"),
        ("snapshot.recorded", {"snapshot": "001"}, "breachkit restrict --case BK-2026-0001"),
        ("restrict.planned", {"steps": 3}, "breachkit restrict --case BK-2026-0001 --execute"),
        ("restrict.intent", {"round": 1}, "breachkit restrict --case BK-2026-0001 --execute"),
        ("restrict.done", {"round": 1}, "breachkit scope --case BK-2026-0001"),
        ("scope.recorded", {"blobs": 2}, 'breachkit amend engineer "NAME" --case BK-2026-0001'),
        ("fact.recorded", {"field": "engineer", "value": "Jo"}, "breachkit notify render freeze --case BK-2026-0001"),
        ("notify.sent", {"number": "N-007", "message": "freeze"}, "breachkit rewrite --case BK-2026-0001"),
        ("rewrite.planned", {}, "breachkit rewrite --case BK-2026-0001 --execute"),
        ("rewrite.intent", {}, "breachkit rewrite --case BK-2026-0001 --execute"),
        ("rewrite.done", {}, "breachkit rewrite --case BK-2026-0001 --execute"),
        ("proof.recorded", {"ok": True}, "breachkit push --case BK-2026-0001"),
        ("push.planned", {}, "breachkit push --case BK-2026-0001 --execute"),
        ("push.intent", {}, "breachkit push --case BK-2026-0001 --execute"),
        ("push.done", {}, "breachkit verify --case BK-2026-0001"),
        ("verify.recorded", {"ok": True, "hidden_refs": 1}, "breachkit verify --server --case BK-2026-0001"),
        ("verify.server", {"ok": False, "served": 9}, "breachkit notify render support --case BK-2026-0001"),
        ("notify.sent", {"number": "N-002", "message": "github-support"}, "breachkit trace --case BK-2026-0001"),
        ("trace.recorded", {"places": 4}, "breachkit verify --server --case BK-2026-0001"),
        ("verify.server", {"ok": False, "hidden": 1}, "breachkit copies list --case BK-2026-0001"),
        ("verify.server", {"ok": True, "gone": 9}, "breachkit copies list --case BK-2026-0001"),
        ("copies.recorded", {"open": 2, "high_open": 1}, "breachkit copies list --case BK-2026-0001"),
        ("copies.recorded", {"open": 1, "high_open": 0}, "breachkit restore --case BK-2026-0001"),
        ("restore.planned", {"steps": 3}, "breachkit restore --case BK-2026-0001 --execute"),
        ("restore.done", {"rounds": 1}, "breachkit copies list --case BK-2026-0001"),
        ("copies.recorded", {"open": 0}, "breachkit decide list --case BK-2026-0001"),
        ("decision", {"about": "controller", "answer": "told"}, "breachkit decide list --case BK-2026-0001"),
        ("decision", {"about": "living", "answer": "yes"}, "breachkit decide list --case BK-2026-0001"),
        ("decision", {"about": "risk", "answer": "no"}, "breachkit decide list --case BK-2026-0001"),
        ("decision", {"about": "high-risk", "answer": "no"}, "breachkit decide list --case BK-2026-0001"),
        ("decision", {"about": "ico-report", "answer": "no"}, "breachkit decide review --answer DATE --by NAME --reason \"...\" --case BK-2026-0001"),
        ("decision", {"about": "review", "answer": "2026-03-20"}, "breachkit notify render all-clear --case BK-2026-0001"),
        ("notify.sent", {"number": "N-003", "message": "all-clear"}, "breachkit close --reason \"TEXT\" --decided-by \"NAME\" --case BK-2026-0001"),
        ("case.closed", {"reason": "done", "decider": "Jo"}, "breachkit log verify --case BK-2026-0001"),
        ("verify.recorded", {"ok": False}, "breachkit restrict --case BK-2026-0001"),
    ]  # fmt: skip
    for kind, detail, command in steps:
        if kind:
            case.record(kind, detail)
        assert now(case) == command, kind


def test_owners_of_forks_are_written_to_before_the_support_which_waits_for_them(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)
    support = "breachkit notify render support --case BK-2026-0001"
    steps: list[tuple[str, dict[str, object], str]] = [
        ("verify.server", {"ok": False, "served": 9, "forks_holding": 2}, "breachkit trace --case BK-2026-0001"),
        ("trace.recorded", {"places": 4}, "breachkit verify --server --case BK-2026-0001"),
        ("copies.recorded", {"open": 7, "forks_to_ask": 2}, "breachkit notify render forks --case BK-2026-0001"),
        ("notify.rendered", {"number": "N-002", "message": "fork-owner"}, "breachkit notify render forks --case BK-2026-0001"),
        ("notify.sent", {"number": "N-002", "message": "fork-owner"}, "breachkit verify --server --case BK-2026-0001"),
        ("verify.server", {"ok": False, "served": 8, "forks_holding": 1}, "breachkit verify --server --case BK-2026-0001"),
        ("verify.server", {"ok": False, "served": 3, "forks_holding": 0}, support),
    ]  # fmt: skip
    for kind, detail, command in steps:
        case.record(kind, detail)
        assert now(case) == command, kind
        beside = [each.command for each in next_action(case.incident).meanwhile]
        assert (support in beside) == (command.startswith("breachkit verify")), kind


def test_owners_of_forks_that_nobody_else_sees_are_written_to_before_the_support(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)
    case.record("trace.recorded", {"places": 4})
    case.record("copies.recorded", {"open": 7, "forks_to_ask": 1})
    case.record("verify.server", {"ok": False, "served": 3, "hidden": 1})

    assert now(case) == "breachkit notify render forks --case BK-2026-0001"
    case.record("notify.sent", {"number": "N-002", "message": "fork-owner"})
    assert now(case) == "breachkit notify render support --case BK-2026-0001"


def test_where_no_fork_holds_the_data_the_support_waits_for_nobody(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)
    case.record("trace.recorded", {"places": 4})
    case.record("copies.recorded", {"open": 7, "forks_to_ask": 1})
    case.record("verify.server", {"ok": False, "served": 3, "forks": 1, "forks_holding": 0})

    assert now(case) == "breachkit notify render support --case BK-2026-0001"


def test_where_all_is_decided_and_nobody_told_the_officer_that_comes_next(tmp_path):
    case = a_case(tmp_path)
    said: list[tuple[str, dict[str, object]]] = [
        ("notify.sent", {"number": "N-001", "message": "internal-alert"}),
        ("case.amended", {"field": "kind", "value": "confirmed", "reason": "looked"}),
        ("scope.recorded", {"blobs": 2}),
    ]
    for kind, detail in said:
        case.record(kind, detail)
    for about, answer in [("living", "yes"), ("risk", "no"), ("high-risk", "no"), ("ico-report", "no")]:  # fmt: skip
        case.record("decision", {"about": about, "answer": answer, "decider": "Ros"})
    way = way_around(case.incident, ASSESSED)

    assert way.command == "breachkit notify render dpo --case {case}"
    case.record("notify.sent", {"number": "N-002", "message": "dpo-factual"})
    assert ASSESSED.holds(case.incident)


def test_a_near_miss_ends_without_a_rewrite_once_who_was_alerted_has_heard(tmp_path):
    case = a_case(tmp_path)
    case.record("case.amended", {"field": "kind", "value": "near-miss", "reason": "never left"})
    alert_to(case, "Ada")

    assert now(case) == "breachkit notify render update --next-update TIME --case BK-2026-0001"
    assert next_action(case.incident).meanwhile == ()

    case.record("notify.sent", {"number": "N-002", "message": "update", "name": "Ada"})
    assert now(case).startswith("breachkit close --reason")


def test_where_the_data_came_back_everybody_is_asked_and_told_again(tmp_path):
    case = a_case(tmp_path)
    alert_to(case, "Ada")
    case.record("scope.recorded", {"blobs": 1})
    case.record("notify.sent", {"number": "N-002", "message": "freeze", "name": "Jo"})
    case.record("notify.sent", {"number": "N-003", "message": "all-clear", "name": "Ada"})
    assert FROZEN.holds(case.incident)
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    case.record("case.recurred", {"where": "a branch"})

    assert not FROZEN.holds(case.incident)
    again = [way_around(case.incident, guard).command for guard in (FROZEN, ALL_CLEAR)]
    assert again == [
        "breachkit notify render freeze --again --case {case}",
        "breachkit notify render all-clear --again --case {case}",
    ]


def test_where_the_data_came_back_the_rest_is_asked_and_looked_for_again(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    for message in ("internal-alert", "freeze", "dpo-factual", "github-support"):
        case.record("notify.sent", {"number": "N-009", "message": message, "name": "Ada"})
    case.record("copies.recorded", {"open": 0, "high_open": 0})
    case.record("trace.recorded", {"places": 1})
    case.record("case.recurred", {"where": "a branch"})

    beside = [each.command for each in next_action(case.incident).meanwhile]
    assert "breachkit notify render dpo --again --case BK-2026-0001" in beside
    verified(case, hidden_refs=1)
    case.record("verify.server", {"ok": False, "served": 1})
    assert now(case) == "breachkit notify render support --again --case BK-2026-0001"
    case.record("notify.sent", {"number": "N-010", "message": "github-support"})
    assert now(case) == "breachkit trace --case BK-2026-0001"
    assert "by somebody's word alone" in next_action(case.incident).why
    case.record("copies.recorded", {"open": 0, "high_open": 0})
    case.record("trace.recorded", {"places": 1})
    assert now(case).startswith("breachkit verify")


def test_where_more_was_found_after_all_copies_were_accounted_for_they_are_looked_for_again(
    tmp_path,
):
    case = a_case(tmp_path)
    verified(case)
    case.record("restrict.done", {"round": 1})
    case.record("copies.recorded", {"open": 0, "high_open": 0})
    case.record("trace.recorded", {"places": 1})
    case.record("scope.recorded", {"blobs": 2})
    verified(case)

    asked = way_around(case.incident, TRACED).command
    assert asked == "breachkit trace --case {case}"
    case.record("copies.recorded", {"open": 1, "high_open": 0})
    case.record("trace.recorded", {"places": 1})
    assert way_around(case.incident, TRACED).command == "breachkit copies list --case {case}"


def test_a_false_alarm_is_told_to_who_was_alerted_and_access_given_back(tmp_path):
    case = a_case(tmp_path)
    alert_to(case, "Ada")
    case.record("restrict.done", {"round": 1})
    stand_down(case, "dummy data", "Jo Bloggs")

    assert now(case) == "breachkit notify render stand-down --case BK-2026-0001"
    case.record("notify.sent", {"number": "N-002", "message": "stand-down", "name": "Ada"})
    assert now(case) == "breachkit restore --case BK-2026-0001"
    case.record("restore.done", {"rounds": 1})
    assert now(case) == "breachkit log verify --case BK-2026-0001"


def alert_to(case, name):
    detail = {"number": "N-001", "message": "internal-alert", "name": name}
    case.record("notify.rendered", detail)
    case.record("notify.sent", detail)


def test_a_second_person_is_asked_before_the_push_where_the_case_wants_one(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)
    case.record("fact.recorded", {"field": "two_person", "value": "push"})

    assert now(case) == 'breachkit approve push --by NAME --reason "..." --case BK-2026-0001'


def test_who_does_not_answer_an_alert_is_rung_before_anything_else(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    alert(case)
    assert what_next(case, clock).command == "breachkit snapshot --fast --case BK-2026-0001"

    clock.move(minutes=31)
    action = what_next(case, clock)

    assert action.command == "breachkit notify chase --case BK-2026-0001"
    assert action.meanwhile[0].command == "breachkit snapshot --fast --case BK-2026-0001"
    assert status(case, clock).chases[0].by_phone
    assert " CHASE N-001 " in screen(case, clock)


def test_inc_004_once_the_72_hours_are_over_the_decision_whether_to_report_comes_first(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    alert(case)
    case.record("notify.acknowledged", {"number": "N-001"})
    clock.move(hours=73)

    action = what_next(case, clock)

    assert action.command == "breachkit notify render dpo --case BK-2026-0001"
    assert "reasons for the delay" in action.why
    assert action.meanwhile[0].command == "breachkit snapshot --fast --case BK-2026-0001"


def test_inc_049_what_came_back_is_red_on_every_screen(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    assert " BACK " not in screen(case)

    case.record("case.recurred", {"where": "a fork"})

    shown = case_screen.screen(status(case, HandClock(), UTC))
    badges = [part for line in shown for part in line if isinstance(part, tuple)]
    assert (" BACK ", colours.RED) in badges
    assert "BACK  Fri 6 Mar 12:00" in screen(case)


def test_inc_026_engineer_freeze_and_officer_are_asked_for_before_the_rewrite(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    case.record("scope.recorded", {"blobs": 2, "complete": True})

    action = next_action(case.incident)
    asked = [action.command, *(each.command for each in action.meanwhile)]

    assert 'breachkit amend engineer "NAME" --case BK-2026-0001' in asked
    assert "breachkit notify render freeze --case BK-2026-0001" in asked
    assert "breachkit notify render dpo --case BK-2026-0001" in asked


def test_what_the_platform_still_serves_is_on_the_screen_and_outweighs_a_clean_clone(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    assert case.incident.has(Milestone.SERVER_PURGED)

    case.record("verify.server", {"ok": False, "served": 3, "left": 2, "hidden": 1})
    case.record("verify.recorded", {"ok": True, "hidden_refs": 0})

    assert not case.incident.has(Milestone.SERVER_PURGED)
    said = " ".join(screen(case).split())
    assert "the platform still gives away what should be gone: 3 of its answers do" in said
    assert "the platform was not asked in full: 2 questions are open" in said
    assert "forks that are deleted or private, and nobody has said which: 1" in said
    case.record("push.done", {"pushed": 1})
    assert "the platform still gives away" not in screen(case)
    case.record("verify.recorded", {"ok": True, "hidden_refs": 0})
    assert case.incident.has(Milestone.SERVER_PURGED)


def test_a_rewrite_whose_proof_failed_is_planned_again_and_never_pushed(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    case.record("proof.recorded", {"ok": False})

    assert now(case) == "breachkit rewrite --case BK-2026-0001"
    assert "must not be pushed" in screen(case)


@pytest.mark.parametrize("what", ["rewrite", "push"])
def test_what_was_interrupted_comes_first_and_is_run_again(tmp_path, what):
    case = a_case(tmp_path)
    rewritten(case)
    case.record(f"{what}.intent")

    shown = status(reopened(case), HandClock())

    assert shown.next_action.command == f"breachkit {what} --case BK-2026-0001 --execute"
    assert f"{what} was begun at 2026-03-06T12:00:00Z" in shown.interrupted[0]
    assert shown.is_overdue
    assert shown.interrupted[0] in " ".join(screen(case).split())


def test_the_plan_of_what_was_interrupted_does_not_stand_beside_it(tmp_path):
    clock = HandClock()
    request = OpenRequest(target="owner/name", is_hosted=True)
    case = open_case(request, a_store(tmp_path, clock), clock).case
    alert(case)
    case.record("restrict.planned", {"steps": 3})
    case.record("restrict.intent", {"round": 1})

    found = next_action(case.incident)

    assert found.command.endswith("--execute")
    assert not [
        each for each in found.meanwhile if (each.command or "").startswith("breachkit restrict")
    ]


def test_containment_is_asked_for_beside_the_main_line_until_it_is_recorded(tmp_path):
    case = a_case(tmp_path)
    assert any("private" in each.what for each in next_action(case.incident).meanwhile)

    case.record("containment.recorded", {"how": "made private by hand"})
    assert any("private" in each.what for each in next_action(case.incident).meanwhile)
    case.record("decision", {"about": "collaborators", "answer": "all stay", "decider": "Jo"})

    assert not any("private" in each.what for each in next_action(case.incident).meanwhile)


def test_a_repository_that_is_on_no_platform_is_made_safe_by_hand(tmp_path):
    case = a_case(tmp_path, target=str(tmp_path / "study.git"))
    alert(case)

    assert now(case) == "breachkit scope --case BK-2026-0001"
    assert "breachkit restrict" not in screen(case)


def test_a_case_that_goes_on_without_an_alert_warns_on_every_screen(tmp_path):
    case = a_case(tmp_path)
    assert "no alert" not in screen(case)

    case.record("scope.recorded", {"blobs": 1, "complete": False})

    assert "no alert to the named contacts" in screen(case)
    assert "the scope is incomplete" in screen(case)
    alert(case)
    assert "no alert" not in screen(case)


def test_entries_of_a_later_breachkit_are_owned_up_to_on_every_screen(tmp_path):
    case = a_case(tmp_path)
    append_raw(case, v=2, kind="moon.landed")

    assert "1 of the journal's entries were written by a later breachkit" in screen(reopened(case))


def test_the_screen_fits_a_terminal_and_says_all_of_it(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)

    shown = screen(case)

    assert len(shown.splitlines()) <= 30
    for word in (
        str(case.path),
        "BK-2026-0001",
        case.incident.codename,
        "example/study",
        "pushed",
        "purged",
    ):
        assert word in shown
    assert "Next: breachkit verify --server --case BK-2026-0001" in shown.splitlines()


def test_sentences_are_wrapped_and_commands_are_not(tmp_path):
    case = a_case(tmp_path)
    alert(case)

    shown = case_screen.lines(status(case, HandClock()))

    assert "Next: breachkit snapshot --fast --case BK-2026-0001" in shown
    assert any(line.startswith("  closing the repository destroys") for line in shown)
    assert any(
        line.startswith("  also: breachkit restrict --case BK-2026-0001  ") for line in shown
    )
    assert max(len(line) for line in shown if "folder" not in line) <= 80


def test_a_case_that_was_moved_into_a_repository_warns_on_every_screen(tmp_path):
    case = a_case(tmp_path)
    (tmp_path / ".git").mkdir()

    assert any("git repository" in each for each in status(case, HandClock()).warnings)


def test_control_characters_in_names_are_shown_and_do_not_act(tmp_path):
    store, clock = a_store(tmp_path), HandClock()
    request = OpenRequest(
        target="/srv/\x1b[31mred\x07\u202e/\udce9", found_by="Jo\nBloggs\x1b]8;;x"
    )
    case = open_case(request, store, clock).case
    case.record("decision", {"about": "a\x1b[2Jb\u2028c", "by\x1b": "x y"}, refs=["F\x07"])

    text = screen(case) + "\n".join(case_log.log_lines(show_log(case)))

    assert not {c for c in text if not (c.isprintable() or c == "\n")}
    assert r"\x1b[31mred\x07\u202e/\xe9" in text
    json.dumps(case_status.to_json(status(case, clock))).encode()
    json.dumps(case_log.log_to_json(show_log(case))).encode()


def test_the_status_is_plain_data(tmp_path):
    shown = status(a_case(tmp_path), HandClock())

    assert dataclasses.is_dataclass(shown)
    wire = case_status.to_json(shown)
    assert json.loads(json.dumps(wire)) == wire
    assert wire["schema"] == "breachkit.status/1"
    assert wire["seconds_left"] == 72 * 3600
    assert wire["next"]["command"] == "breachkit notify render alert --case BK-2026-0001"


def test_inc_091_whatever_is_overdue_stands_first_in_red_and_fails_a_strict_look(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    alert(case)
    assert not status(case, clock).is_overdue

    clock.move(minutes=50)
    shown = status(case, clock)
    lines = case_screen.screen(shown)

    assert shown.is_overdue
    assert not shown.is_late
    badges = [part for line in lines for part in line if isinstance(part, tuple)]
    assert (f" OVERDUE {len(shown.overdue)} ", colours.RED) in badges
    first, *_ = shown.overdue
    plain = case_screen.lines(shown)
    assert any(
        f"by {case_status.span(first.late)}" in line and first.id in line for line in plain[3:7]
    )
    assert [each.late for each in shown.overdue] == sorted(
        (each.late for each in shown.overdue), reverse=True
    )


def test_more_overdue_items_than_a_screen_takes_are_counted(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    clock.move(days=4)

    shown = status(case, clock)
    said = screen(case, clock)

    assert len(shown.overdue) > 10
    assert f" OVERDUE {len(shown.overdue)} " in said
    assert "all of them: breachkit checklist show --case BK-2026-0001" in said
    assert sum(" by " in line and " h " in line for line in said.splitlines()) == 4
    assert len(case_status.to_json(shown)["overdue"]) == len(shown.overdue)
    assert len(said.splitlines()) <= 24
    assert max(len(line) for line in said.splitlines() if "folder" not in line) <= 80


def test_once_it_is_decided_whether_to_report_the_clock_hurries_nobody(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    case.record("notify.sent", {"number": "N-002", "message": "dpo-factual"})
    case.record("assessment.recorded", {"decider": "Jo", "reason": "no risk"})
    clock.move(hours=80)

    assert not status(case, clock).is_late
    assert "LATE" not in screen(case, clock)
    assert "The 72 hours ended Mon 9 Mar 12:00 UTC" in screen(case, clock)


def test_what_cannot_be_read_is_a_warning_and_keeps_no_screen_away(tmp_path):
    case = a_case(tmp_path)
    (case.path / "copies.json").write_text("no json")

    shown = status(case, HandClock())

    assert shown.copies is None
    assert any("copies.json" in each for each in shown.warnings)
    assert any("copies.json" in each.what for each in what_next(case, HandClock()).meanwhile)
    assert "Next: breachkit" in screen(case)


def test_open_copies_stand_by_risk_and_those_that_do_not_apply_are_no_copies(tmp_path):
    case = a_case(tmp_path)
    assert "nobody has searched for any yet" in screen(case)
    risks = [("high", "yes"), ("high", "unknown"), ("low", "yes"), ("medium", "no")]
    copies = [a_copy(number, risk, applies) for number, (risk, applies) in enumerate(risks, 1)]
    case.write_file("copies.json", json.dumps(to_json(copies)).encode())

    assert "3 open of 3; by risk: 2 high, 1 low" in screen(case)

    late = [replace(copy, due=NOON - timedelta(days=1)) for copy in copies]
    case.write_file("copies.json", json.dumps(to_json(late)).encode())
    assert "2 high, 1 low, 3 overdue" in screen(case)
    assert status(case, HandClock()).is_overdue

    closed = [replace(copy, state="deleted") for copy in late]
    case.write_file("copies.json", json.dumps(to_json(closed)).encode())
    assert "all 3 accounted for" in screen(case)

    none = [replace(copy, applies="no") for copy in late]
    case.write_file("copies.json", json.dumps(to_json(none)).encode())
    assert "every place was looked at, and none applies" in screen(case)


def a_copy(number, risk, applies):
    return Copy(
        id=f"K-{number:03}",
        key=f"C30:{number}",
        place="C30",
        label=f"clone {number}",
        signal="author",
        risk=risk,
        applies=applies,
    )


def test_of_several_cases_the_worst_stands_first_and_closed_ones_are_counted(tmp_path):
    clock = HandClock()
    store = a_store(tmp_path, clock)
    fine, late, closed, damaged = (
        store.create(OpenRequest(target=f"example/{name}"))
        for name in ("fine", "late", "closed", "damaged")
    )
    alert(fine)
    amend_case(late, "aware_at", "2026-03-01T09:00Z", "known for days", clock)
    stand_down(closed, "dummy data", "Jo Bloggs")
    journal(damaged).write_bytes(journal(damaged).read_bytes().replace(b"suspected", b"confirmed"))

    found = statuses(store, clock, UTC)
    shown = ["".join(map(text_of, line)).rstrip() for line in case_list.screen(found)]

    ids = [case.path.name[:12] for case in (damaged, late, fine)]
    assert [line[:12] for line in shown[:3]] == ids
    assert "DAMAGED" in shown[0]
    assert "LATE 51 h 00 min" in shown[1]
    assert "72 h 00 min left" in shown[2]
    assert shown[3] == "and 1 closed case"
    assert shown[-1] == f"Next: breachkit log verify --case {ids[0]}"
    assert max(map(len, shown)) <= 80
    wire = json.loads(json.dumps(case_list.list_to_json(found)))
    assert [each["id"] for each in wire["cases"]][:3] == ids
    assert len(wire["cases"]) == 4


def text_of(part):
    return part if isinstance(part, str) else part[0]


def test_inc_108_what_is_private_is_overdue_once_its_day_is_past_until_it_is_destroyed(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    case.write_private("mirror/HEAD", b"ref")
    case.record("case.closed", {"reason": "x", "decider": "Jo", "destroy_by": "2026-06-04"})
    clock.move(days=90)
    assert not status(case, clock).is_overdue

    clock.move(days=1)
    shown = status(case, clock)

    assert [each.id for each in shown.overdue] == ["private"]
    assert shown.is_overdue
    assert what_next(case, clock).command.startswith(
        "breachkit decide retention --answer destroyed"
    )
    assert str(case.path / "private") in what_next(case, clock).why
    assert " OVERDUE 1 " in screen(case, clock)

    case.record("decision", {"about": "retention", "answer": "2026-07-01", "decider": "Jo"})
    assert not status(case, clock).is_overdue
    clock.move(days=60)
    assert status(case, clock).is_overdue
    (case.path / "private" / "mirror" / "HEAD").unlink()
    assert not status(case, clock).is_overdue


def test_inc_104_the_look_back_is_overdue_once_its_day_is_past_until_it_is_ticked(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    case.record("case.closed", {"reason": "x", "decider": "Jo", "review_due": "2026-03-13"})
    clock.move(days=8)

    assert [each.id for each in status(case, clock).overdue] == ["F09"]

    case.record("checklist.ticked", {"item": "F09", "evidence": "minutes"})
    assert status(case, clock).overdue == ()


def test_inc_104_the_look_back_is_due_on_the_day_that_people_set(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    case.record("decision", {"about": "review", "answer": "2026-03-16", "decider": "Jo"})
    case.record("case.closed", {"reason": "x", "decider": "Jo", "review_due": "2026-03-13"})
    clock.move(days=8)  # to Saturday, 14 March
    assert not status(case, clock).is_overdue

    case.record("decision", {"about": "review", "answer": "2026-03-12", "decider": "Jo"})
    assert [each.due_at.day for each in status(case, clock).overdue] == [
        13
    ]  # once the 12th is over
    case.record("decision", {"about": "review", "answer": "2026-03-20", "decider": "Jo"})
    assert not status(case, clock).is_overdue
    clock.move(days=7)
    assert [each.id for each in status(case, clock).overdue] == ["F09"]


def test_without_a_terminal_no_word_of_a_screen_is_cut_off(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    long = "Wilhelmina Featherstonehaugh-Cholmondeley"
    case.record("fact.recorded", {"field": "engineer", "value": long})
    alert(case)
    clock.move(days=4)
    found = status(case, clock, UTC)

    whole = ["".join(map(text_of, line)) for line in case_screen.screen(found, None)]

    assert any("..." in line for line in case_screen.lines(found))
    assert not [line for line in whole if "..." in line]
    for words in (found.overdue[0].text, str(found.who.engineer), ", ".join(found.lacking)):
        assert any(words in line for line in whole)
    for beside in found.next_action.meanwhile[:2]:
        assert any(str(beside.command) in line and beside.what in line for line in whole)


def test_without_a_terminal_no_target_of_a_list_is_cut_off(tmp_path):
    clock = HandClock()
    store = a_store(tmp_path, clock)
    store.create(OpenRequest(target=f"example/{'long-name-' * 9}"))

    found = statuses(store, clock, UTC)

    assert "..." in "".join(map(text_of, case_list.screen(found)[0]))
    assert "long-name-" * 9 in "".join(map(text_of, case_list.screen(found, None)[0]))


@pytest.mark.parametrize("width", [48, 60, 76, 80, 120])
def test_the_screen_is_as_wide_as_the_terminal_but_for_what_is_pasted_or_looked_up(tmp_path, width):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)

    shown = case_screen.screen(status(case, HandClock(), UTC), width)

    for line in ("".join(map(text_of, line)).rstrip() for line in shown):
        assert len(line) <= width or "breachkit " in line or str(case.path) in line or "who" in line, line  # fmt: skip
    assert [line for line in shown if "purged" in "".join(map(text_of, line))]


def test_what_the_checklist_asks_before_the_end_stands_beside_closing(tmp_path):
    case = a_case(tmp_path)
    case.record("case.amended", {"field": "kind", "value": "near-miss", "reason": "never left"})
    alert_to(case, "Ada")
    case.record("notify.acknowledged", {"number": "N-001", "by": "Ada"})
    case.record("notify.sent", {"number": "N-002", "message": "update", "name": "Ada"})

    found = what_next(case, HandClock())

    assert found.command.startswith("breachkit close --reason")
    assert any("before the case is closed" in each.what for each in found.meanwhile)
