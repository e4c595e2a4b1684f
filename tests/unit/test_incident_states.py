import itertools

import pytest

from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.states import AFTER_SCOPE, EFFECTS
from tests.support.cases import a_case, alert, rewritten, scoped, verified


def test_every_kind_of_entry_says_what_it_does_to_the_milestones():
    assert set(EFFECTS) == set(EventKind)


def test_every_kind_that_begins_something_has_a_kind_that_ends_it_well_and_one_that_ends_it_badly():
    begun = [kind for kind in EventKind if kind.endswith(".intent")]

    assert begun
    for kind in begun:
        family = kind.removesuffix(".intent")
        assert {f"{family}.done", f"{family}.failed"} <= set(EventKind)


def test_scope_and_alert_and_containment_and_assessment_come_in_any_order(tmp_path):
    steps: dict[Milestone, tuple[str, dict[str, object]]] = {
        Milestone.ALERTED: ("notify.sent", {"message": "internal-alert"}),
        Milestone.SCOPED: ("scope.recorded", {"blobs": 1}),
        Milestone.CONTAINED: ("restrict.done", {}),
        Milestone.ASSESSED: ("assessment.recorded", {}),
    }
    for number, order in enumerate(itertools.permutations(steps)):
        case = a_case(tmp_path / str(number))
        case.record("notify.sent", {"message": "dpo-factual"})
        for milestone in order:
            kind, detail = steps[milestone]
            case.record(kind, detail)
            assert case.incident.has(milestone)


def test_inc_044_it_is_contained_once_it_is_closed_and_decided_who_may_still_come_in(tmp_path):
    made_private = ("checklist.ticked", {"item": "A07", "milestone": "contained"})
    why_not = ("decision", {"about": "containment", "answer": "left open", "reason": "forks"})
    people = ("decision", {"about": "collaborators", "answer": "all stay"})
    ticked = ("checklist.ticked", {"item": "A08", "by": "Jo", "evidence": "list of 6 March"})
    for number, (first, then) in enumerate(
        itertools.chain(
            itertools.permutations((made_private, people)),
            itertools.permutations((why_not, ticked)),
        )
    ):
        case = a_case(tmp_path / str(number))
        case.record(*first)
        assert not case.incident.has(Milestone.CONTAINED)
        last = case.record(*then)
        assert case.incident.milestones[Milestone.CONTAINED].event == last.id


def test_a_repository_on_no_platform_has_no_collaborators_to_decide_about(tmp_path):
    case = a_case(tmp_path, target=str(tmp_path / "study.git"))

    case.record("containment.recorded", {"how": "taken off the server"})

    assert case.incident.has(Milestone.CONTAINED)


def test_inc_044_it_is_assessed_once_the_dpo_knows_and_each_question_has_an_answer(tmp_path):
    answers = [
        ("decision", {"about": about, "answer": "not-yet-known", "decider": "DPO"})
        for about in ("living", "risk", "high-risk")
    ]
    for number, informed in enumerate(
        (
            ("notify.sent", {"message": "dpo-factual"}),
            ("decision", {"about": "controller", "answer": "told", "decider": "Jo"}),
        )
    ):
        steps = [*answers, informed]
        for place in range(len(steps)):
            case = a_case(tmp_path / f"{number}-{place}")
            for step in steps[:place] + steps[place + 1 :]:
                case.record(*step)
            assert not case.incident.has(Milestone.ASSESSED)
            last = case.record(*steps[place])
            assert case.incident.milestones[Milestone.ASSESSED].event == last.id


def test_nobody_assesses_or_traces_by_a_tick(tmp_path):
    case = a_case(tmp_path)

    case.record("checklist.ticked", {"item": "B09", "milestone": "assessed"})
    case.record("checklist.ticked", {"item": "E01", "milestone": "traced"})
    case.record("checklist.ticked", {"item": "X1", "milestone": "verified"})
    case.record("checklist.ticked", {"item": "X2"})

    assert set(case.incident.milestones) == {Milestone.OPENED}


def test_inc_047_a_tick_gives_no_access_back_that_the_guards_would_refuse(tmp_path):
    ticked = ("checklist.ticked", {"item": "F04", "milestone": "restored"})
    case = a_case(tmp_path)
    verified(case)
    case.record("copies.recorded", {"copies": 2, "open": 1, "high_open": 1})
    case.record(*ticked)
    assert not case.incident.has(Milestone.RESTORED)

    case.record("copies.recorded", {"copies": 2, "open": 1, "high_open": 0})
    assert not case.incident.has(Milestone.RESTORED)
    case.record(*ticked)

    assert case.incident.has(Milestone.RESTORED)


def test_a_server_that_gives_the_data_away_is_not_purged_by_a_tick(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=1)
    case.record("verify.server", {"ok": False, "served": 2})

    case.record("checklist.ticked", {"item": "D15", "milestone": "server_purged"})
    assert not case.incident.has(Milestone.SERVER_PURGED)
    case.record("verify.server", {"ok": False, "hidden": 1})
    case.record("checklist.ticked", {"item": "D15", "milestone": "server_purged"})

    assert case.incident.has(Milestone.SERVER_PURGED)


def test_a_scope_that_finds_more_takes_back_what_was_built_on_the_smaller_one(tmp_path):
    case = a_case(tmp_path)
    verified(case)

    case.record("scope.recorded", {"blobs": 0})
    assert case.incident.has(Milestone.VERIFIED)
    case.record("scope.recorded", {"blobs": 3})

    assert not set(AFTER_SCOPE) & set(case.incident.milestones)
    assert case.incident.has(Milestone.SCOPED)


def test_refs_that_cannot_be_pushed_keep_the_server_from_being_purged(tmp_path):
    case = a_case(tmp_path)
    verified(case, hidden_refs=2)
    assert case.incident.has(Milestone.VERIFIED)
    assert not case.incident.has(Milestone.SERVER_PURGED)

    case.record("verify.recorded", {"ok": True, "hidden_refs": 0})

    assert case.incident.has(Milestone.SERVER_PURGED)


@pytest.mark.parametrize(
    "detail", [{"hidden_refs": 1}, {"served_by_id": 2}, {"server_gone": False}]
)
def test_a_server_that_still_gives_out_the_data_is_not_purged_though_clones_are_clean(
    tmp_path, detail
):
    case = a_case(tmp_path)
    verified(case)
    assert case.incident.has(Milestone.SERVER_PURGED)

    case.record("verify.recorded", {"ok": True, **detail})

    assert case.incident.has(Milestone.VERIFIED)
    assert not case.incident.has(Milestone.SERVER_PURGED)


def test_a_failed_verification_before_the_first_good_one_is_no_recurrence(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    case.record("verify.recorded", {"ok": False})

    assert not case.incident.has(Milestone.RECURRED)
    assert case.incident.has(Milestone.REWRITTEN)


def test_inc_049_incident_trap_78_data_that_come_back_open_a_closed_case_and_keep_its_history(
    tmp_path,
):
    case = a_case(tmp_path)
    case.record("override", {"action": "rewrite", "guards": ["alerted"], "reason": "night"})
    case.record("restrict.done")
    verified(case)
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    closed = case.incident.milestones[Milestone.CLOSED]
    before = len(case.events())

    again = case.record("verify.recorded", {"ok": False})

    incident = case.incident
    assert incident.is_open
    assert set(incident.milestones) == {
        *(Milestone.OPENED, Milestone.ALERTED, Milestone.CONTAINED, Milestone.RECURRED)
    }
    assert (incident.overrides, incident.proof_ok) == (frozenset(), None)
    assert len(case.events()) == before + 1
    was = {each.milestone: each for each in incident.past}
    assert {Milestone.SCOPED, Milestone.REWRITTEN, Milestone.PUSHED} <= set(was)
    assert {Milestone.VERIFIED, Milestone.SERVER_PURGED, Milestone.CLOSED} <= set(was)
    assert was[Milestone.CLOSED].reached == closed
    assert {each.ended_by for each in incident.past} == {again.id}


def test_what_was_decided_and_sent_the_first_time_does_not_count_for_the_second(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    case.record("decision", {"about": "ico-report", "answer": "no", "decider": "DPO"})
    case.record("notify.sent", {"message": "all-clear", "name": "Jo"})

    case.record("case.recurred", {"where": "a branch"})

    incident = case.incident
    assert incident.answer("ico-report") == ""
    assert incident.messages_sent == {"internal-alert"}
    assert incident.told_the_end == frozenset()
    assert incident.said["engineer"] == "Jo Bloggs"


def test_data_that_come_back_once_access_was_given_back_have_to_be_contained_anew(tmp_path):
    case = a_case(tmp_path)
    case.record("restrict.done")
    verified(case)
    case.record("restore.done", {"rounds": 1})
    assert case.incident.has(Milestone.CONTAINED)

    case.record("case.recurred", {"where": "a branch"})

    assert not case.incident.has(Milestone.CONTAINED)
    assert not case.incident.has(Milestone.RESTORED)


def test_a_copy_that_turns_up_opens_a_closed_case_again(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    case.record("copies.recorded", {"copies": 2, "open": 0})
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    closed = case.incident
    assert not closed.is_open

    case.record("copies.recorded", {"copies": 3, "open": 1})
    assert case.incident.is_open
    case.record("copies.recorded", {"copies": 3, "open": 0})

    assert case.incident.is_open
    assert case.incident.has(Milestone.VERIFIED)


def test_a_milestone_keeps_the_moment_it_was_first_reached(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    first = case.incident.milestones[Milestone.ALERTED]

    case.record("notify.sent", {"number": "N-002", "message": "internal-alert"})

    assert case.incident.milestones[Milestone.ALERTED] == first


def test_an_intent_without_a_result_stays_open_until_any_later_result(tmp_path):
    case = a_case(tmp_path)
    scoped(case)
    case.record("rewrite.intent")
    case.record("push.intent")
    case.record("rewrite.intent")
    assert [each.what for each in case.incident.open_intents] == ["rewrite", "push", "rewrite"]

    case.record("rewrite.done")
    assert [each.what for each in case.incident.open_intents] == ["push"]
    case.record("push.failed", {"reason": "lease"})

    assert case.incident.open_intents == ()


def test_an_item_that_is_to_do_again_takes_its_decision_back(tmp_path):
    case = a_case(tmp_path)
    case.record("checklist.ticked", {"item": "A08"})
    case.record("checklist.ticked", {"item": "A07", "milestone": "contained"})
    assert case.incident.has(Milestone.CONTAINED)

    case.record("checklist.reopened", {"item": "A08", "reason": "somebody was invited"})
    assert not case.incident.has(Milestone.CONTAINED)
    case.record("checklist.ticked", {"item": "A08"})

    assert not case.incident.has(Milestone.CONTAINED)
