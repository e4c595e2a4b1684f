import itertools

import pytest

from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.states import (
    AFTER_SCOPE,
    EFFECTS,
    GUARDS,
    Action,
    GuardRefusedError,
    guard,
    missing,
)
from tests.support.cases import a_case, alert, rewritten, scoped, verified


def refused(case, action):
    return {each.name for each in missing(case.incident, action)}


def test_every_kind_of_entry_says_what_it_does_to_the_milestones():
    assert set(EFFECTS) == set(EventKind)


def test_every_action_has_its_guards():
    assert set(GUARDS) == set(Action)


def test_every_kind_that_begins_something_has_a_kind_that_ends_it_well_and_one_that_ends_it_badly():
    begun = [kind for kind in EventKind if kind.endswith(".intent")]

    assert begun
    for kind in begun:
        family = kind.removesuffix(".intent")
        assert {f"{family}.done", f"{family}.failed"} <= set(EventKind)


def test_every_guard_names_a_command_that_can_be_pasted():
    for each in itertools.chain.from_iterable(GUARDS.values()):
        assert each.remedy.format(case="BK-2026-0001").startswith("breachkit ")


def test_looking_and_telling_are_never_refused(tmp_path):
    case = a_case(tmp_path)

    for action in (Action.NOTIFY, Action.CONTAIN, Action.SCOPE, Action.TRACE, Action.VERIFY):
        guard(case.incident, action)
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    for action in (Action.NOTIFY, Action.CONTAIN, Action.SCOPE, Action.TRACE, Action.VERIFY):
        guard(case.incident, action)


def test_a_rewrite_needs_that_the_contacts_know_and_that_the_bad_set_is_known(tmp_path):
    case = a_case(tmp_path)
    assert refused(case, Action.REWRITE) == {"alerted", "scoped"}

    case.record("scope.recorded", {"blobs": 1})
    assert refused(case, Action.REWRITE) == {"alerted"}
    with pytest.raises(GuardRefusedError, match=r"breachkit notify render .*--override") as caught:
        guard(case.incident, Action.REWRITE)
    assert caught.value.exit_code == 6

    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert"})
    assert refused(case, Action.REWRITE) == {"alerted"}
    case.record("notify.sent", {"number": "N-002", "message": "clone-holder"})
    assert refused(case, Action.REWRITE) == {"alerted"}
    case.record("notify.sent", {"number": "N-001", "message": "internal-alert"})
    assert refused(case, Action.REWRITE) == set()


def test_a_push_needs_a_proof_that_is_newer_than_the_last_rewrite(tmp_path):
    case = a_case(tmp_path)
    scoped(case)
    assert refused(case, Action.PUSH) == {"rewritten", "proven"}

    case.record("rewrite.intent")
    case.record("rewrite.done")
    case.record("proof.recorded", {"ok": False})
    assert refused(case, Action.PUSH) == {"proven"}

    case.record("rewrite.intent")
    case.record("rewrite.done")
    assert refused(case, Action.PUSH) == {"proven"}
    case.record("proof.recorded", {"ok": True})
    guard(case.incident, Action.PUSH)

    case.record("rewrite.intent")
    assert refused(case, Action.PUSH) == {"rewritten", "proven"}


def test_a_proof_of_an_interrupted_rewrite_opens_no_push(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)

    case.record("rewrite.intent")
    case.record("proof.recorded", {"ok": True})

    assert refused(case, Action.PUSH) == {"rewritten"}


def test_scope_and_alert_and_containment_come_in_any_order(tmp_path):
    steps: dict[Milestone, tuple[str, dict[str, object]]] = {
        Milestone.ALERTED: ("notify.sent", {"message": "internal-alert"}),
        Milestone.SCOPED: ("scope.recorded", {"blobs": 1}),
        Milestone.CONTAINED: ("restrict.done", {}),
        Milestone.ASSESSED: ("assessment.recorded", {}),
    }
    for number, order in enumerate(itertools.permutations(steps)):
        case = a_case(tmp_path / str(number))
        for milestone in order:
            kind, detail = steps[milestone]
            case.record(kind, detail)
            assert case.incident.has(milestone)
        guard(case.incident, Action.REWRITE)


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


def test_data_that_come_back_open_a_closed_case_again_and_keep_its_history(tmp_path):
    case = a_case(tmp_path)
    case.record("override", {"action": "rewrite", "guards": ["alerted"], "reason": "night"})
    verified(case)
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    before = len(case.events())

    case.record("verify.recorded", {"ok": False})

    incident = case.incident
    assert incident.is_open
    assert incident.has(Milestone.RECURRED)
    assert set(incident.milestones) == {Milestone.OPENED, Milestone.ALERTED, Milestone.RECURRED}
    assert (incident.overrides, incident.proof_ok) == (frozenset(), None)
    assert len(case.events()) == before + 1


def test_a_false_alarm_cannot_be_declared_once_history_was_rewritten(tmp_path):
    case = a_case(tmp_path)
    guard(case.incident, Action.STAND_DOWN)

    rewritten(case)

    assert refused(case, Action.STAND_DOWN) == {"not rewritten"}


def test_a_closed_case_is_not_rewritten_or_pushed(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)
    case.record("case.stood_down", {"reason": "false alarm", "decider": "Jo"})

    assert refused(case, Action.REWRITE) == {"open"}
    assert refused(case, Action.PUSH) == {"open"}


def test_closing_needs_every_copy_accounted_for_and_no_reason_replaces_that(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    case.record("restore.done")
    case.record("copies.recorded", {"copies": 3, "open": 1})
    case.record("override", {"action": "close", "guards": ["restored"], "reason": "x"})

    assert refused(case, Action.CLOSE) == {"traced"}
    with pytest.raises(GuardRefusedError) as caught:
        guard(case.incident, Action.CLOSE)
    assert "--override" not in str(caught.value)

    case.record("copies.recorded", {"copies": 3, "open": 0})
    guard(case.incident, Action.CLOSE)
    case.record("copies.recorded", {"copies": 4, "open": 1})
    assert refused(case, Action.CLOSE) == {"traced"}


def test_a_checklist_item_reaches_the_milestone_it_stands_for_and_no_other_kind(tmp_path):
    case = a_case(tmp_path)

    case.record("checklist.ticked", {"item": "A7", "milestone": "contained"})
    case.record("checklist.na", {"item": "B5", "milestone": "assessed", "reason": "no people"})
    case.record("checklist.ticked", {"item": "X1", "milestone": "verified"})
    case.record("checklist.ticked", {"item": "X2"})

    assert set(case.incident.milestones) == {
        Milestone.OPENED,
        Milestone.CONTAINED,
        Milestone.ASSESSED,
    }


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
