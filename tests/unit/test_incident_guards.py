import itertools

import pytest

from breachkit.incident.assessing import is_report_settled
from breachkit.incident.case import Milestone, OpenRequest
from breachkit.incident.commands import remedy
from breachkit.incident.guards import (
    ALERTED,
    GUARDS,
    SCOPED,
    Action,
    GuardRefusedError,
    guard,
    is_contained_to_us,
    missing,
    refusal,
)
from tests.support.cases import a_case, a_store, alert, prepared, rewritten, scoped, verified


LOOKING = (Action.NOTIFY, Action.CONTAIN, Action.SCOPE, Action.TRACE, Action.VERIFY)


def refused(case, action):
    return {each.name for each in missing(case.incident, action)}


def decide(case, about, answer, **more):
    return case.record(
        "decision", {"about": about, "answer": answer, "decider": "Ros", "reason": "so", **more}
    )


def a_near_miss(home, target="/srv/study"):
    return a_store(home).create(OpenRequest(target=target, kind="near-miss"))


def assessed(case):
    case.record("notify.sent", {"number": "N-009", "message": "dpo-factual", "name": "DPO"})
    for about in ("living", "risk", "high-risk", "ico-report", "individuals"):
        decide(case, about, "no")


def finished(case):
    """All is done but the closing."""
    case.record("restrict.done")
    verified(case)
    case.record("copies.recorded", {"copies": 3, "open": 0, "high_open": 0})
    case.record("restore.done", {"rounds": 1})
    assessed(case)
    case.record("notify.sent", {"number": "N-008", "message": "all-clear"})
    decide(case, "review", "2026-03-12")


def test_every_action_has_its_guards():
    assert set(GUARDS) == set(Action)


@pytest.mark.parametrize(
    "each",
    dict.fromkeys(itertools.chain.from_iterable(GUARDS.values())),
    ids=lambda each: each.missing,
)
def test_every_guard_names_a_command_that_can_be_pasted_and_why_a_reason_may_replace_it(each):
    assert remedy("BK-2026-0001", each.remedy).startswith("breachkit ")
    assert each.because


def test_looking_and_telling_are_never_refused(tmp_path):
    case = a_case(tmp_path)

    for action in LOOKING:
        guard(case.incident, action)
    case.record("case.closed", {"reason": "done", "decider": "Jo"})
    for action in LOOKING:
        guard(case.incident, action)


def test_inc_044_inc_045_a_rewrite_needs_an_alert_and_a_scope(tmp_path):
    case = a_case(tmp_path)
    assert {"alerted", "scoped"} <= refused(case, Action.REWRITE)

    prepared(case)
    assert refused(case, Action.REWRITE) == {"scoped"}
    case = a_case(tmp_path / "other")
    case.record("scope.recorded", {"blobs": 1})
    case.record("notify.rendered", {"number": "N-001", "message": "internal-alert"})
    case.record("notify.sent", {"number": "N-002", "message": "clone-holder"})
    assert "alerted" in refused(case, Action.REWRITE)
    case.record("notify.sent", {"number": "N-001", "message": "internal-alert"})
    assert "alerted" not in refused(case, Action.REWRITE)


def test_inc_045_the_first_alert_waits_for_nothing(tmp_path):
    case = a_case(tmp_path)

    alert(case)

    assert set(case.incident.milestones) == {Milestone.OPENED, Milestone.ALERTED}


def test_inc_044_what_lacks_is_named_with_a_command_for_each_and_exits_6(tmp_path):
    case = a_case(tmp_path)

    with pytest.raises(GuardRefusedError) as caught:
        guard(case.incident, Action.REWRITE)

    error = caught.value
    assert error.exit_code == 6
    first, *items, last = error.lines
    assert first == "BK-2026-0001: rewrite is refused. It lacks:"
    assert "`breachkit notify render alert --case BK-2026-0001`" in items[0]
    assert "`breachkit scope --case BK-2026-0001`" in items[1]
    assert last == f"No reason sets aside: scoped ({SCOPED.because})."


def test_where_one_thing_lacks_it_is_one_sentence(tmp_path):
    case = a_case(tmp_path)
    prepared(case)
    with pytest.raises(GuardRefusedError) as caught:
        guard(case.incident, Action.REWRITE)

    assert caught.value.lines == (
        "BK-2026-0001: rewrite is refused: what has to go is not known yet. "  # noqa: ISC004
        "Run `breachkit scope --case BK-2026-0001`. No reason sets that aside: "
        "without the list there is nothing that could be taken out or be proven gone",
    )


def test_what_a_reason_can_set_aside_is_told_with_when_one_is_good(tmp_path):
    case = a_case(tmp_path)

    said = refusal(case.incident, Action.REWRITE, (ALERTED,))

    assert said.endswith(f"or say why not with --override REASON: {ALERTED.because}")


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


def test_inc_047_access_waits_for_the_server_and_for_copies_at_high_risk_and_for_no_others(
    tmp_path,
):
    case = a_case(tmp_path)
    assert refused(case, Action.RESTORE) == {"verified", "server_purged", "high risk"}

    verified(case)
    assert refused(case, Action.RESTORE) == {"high risk"}
    case.record("copies.recorded", {"copies": 3, "open": 2, "high_open": 1})
    assert refused(case, Action.RESTORE) == {"high risk"}
    case.record("override", {"action": "restore", "guards": ["high risk"], "reason": "x"})
    assert refused(case, Action.RESTORE) == {"high risk"}
    case.record("copies.recorded", {"copies": 3, "open": 1, "high_open": 0})

    guard(case.incident, Action.RESTORE)


def test_a_register_of_an_earlier_version_counts_every_open_copy_as_one_at_high_risk(tmp_path):
    case = a_case(tmp_path)
    verified(case)

    case.record("copies.recorded", {"copies": 3, "open": 1})
    assert refused(case, Action.RESTORE) == {"high risk"}
    case.record("copies.recorded", {"copies": 3, "open": 0})

    guard(case.incident, Action.RESTORE)


def test_inc_106_a_second_person_approves_this_push_and_no_other(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)
    guard(case.incident, Action.PUSH)
    case.record("contacts.chosen", {"profile": "p", "two_person": ["push"]})
    assert refused(case, Action.PUSH) == {"approved"}

    case.record("override", {"action": "push", "guards": ["approved"], "reason": "alone"})
    assert refused(case, Action.PUSH) == {"approved"}
    decide(case, "approve-push", "refused")
    assert refused(case, Action.PUSH) == {"approved"}
    decide(case, "approve-push", "approved")
    guard(case.incident, Action.PUSH)
    case.record("proof.recorded", {"ok": True})

    assert refused(case, Action.PUSH) == {"approved"}


def test_inc_106_a_case_can_ask_for_a_second_person_itself(tmp_path):
    case = a_case(tmp_path)
    verified(case)
    case.record("copies.recorded", {"copies": 3, "open": 0, "high_open": 0})
    guard(case.incident, Action.RESTORE)

    case.record("fact.recorded", {"field": "two_person", "value": "push,restore"})
    assert refused(case, Action.RESTORE) == {"approved"}
    decide(case, "approve-restore", "approved")

    guard(case.incident, Action.RESTORE)


def test_incident_trap_79_a_false_alarm_cannot_be_declared_once_history_was_rewritten(tmp_path):
    case = a_case(tmp_path)
    guard(case.incident, Action.STAND_DOWN)

    rewritten(case)
    assert refused(case, Action.STAND_DOWN) == {"not rewritten"}
    case.record("scope.recorded", {"blobs": 9})
    assert not case.incident.has(Milestone.REWRITTEN)

    assert refused(case, Action.STAND_DOWN) == {"not rewritten"}


def test_a_closed_case_is_not_rewritten_or_pushed(tmp_path):
    case = a_case(tmp_path)
    rewritten(case)
    case.record("case.stood_down", {"reason": "false alarm", "decider": "Jo"})

    assert refused(case, Action.REWRITE) == {"open"}
    assert refused(case, Action.PUSH) == {"open"}


def test_a_case_closes_when_all_is_done(tmp_path):
    case = a_case(tmp_path)

    finished(case)

    guard(case.incident, Action.CLOSE)


@pytest.mark.parametrize(
    ("undone", "lacks"),
    [
        (("verify.recorded", {"ok": False}), "verified"),
        (("verify.recorded", {"ok": True, "hidden_refs": 1}), "server_purged"),
        (("lift.intent", {"round": 1}), "protected"),
        (("notify.sent", {"message": "internal-alert", "name": "Another"}), "all-clear"),
        (("backup.made", {"file": "private/backup"}), "backup"),
        (("decision", {"about": "risk", "answer": "not-yet-known"}), "assessed"),
        (("decision", {"about": "ico-report", "answer": "yes"}), "assessed"),
        (("decision", {"about": "high-risk", "answer": "yes"}), None),
    ],
)
def test_what_is_undone_again_keeps_the_case_open(tmp_path, undone, lacks):
    case = a_case(tmp_path)
    finished(case)

    case.record(*undone)

    assert (lacks in refused(case, Action.CLOSE)) if lacks else not refused(case, Action.CLOSE)


def test_inc_046_incident_trap_77_no_reason_closes_a_case_with_a_copy_that_nobody_answers_for(
    tmp_path,
):
    case = a_case(tmp_path)
    finished(case)
    case.record("copies.recorded", {"copies": 4, "open": 1, "high_open": 0})
    case.record("override", {"action": "close", "guards": ["traced"], "reason": "x"})

    assert refused(case, Action.CLOSE) == {"traced"}
    with pytest.raises(GuardRefusedError) as caught:
        guard(case.incident, Action.CLOSE)
    assert "--override" not in str(caught.value)

    case.record("copies.recorded", {"copies": 4, "open": 0, "high_open": 0})
    guard(case.incident, Action.CLOSE)


def test_a_case_that_nobody_traced_does_not_close(tmp_path):
    case = a_case(tmp_path)
    verified(case)

    assert "traced" in refused(case, Action.CLOSE)


def test_a_repository_that_stays_closed_needs_no_way_back(tmp_path):
    case = a_case(tmp_path)
    case.record("restrict.done")
    verified(case)
    assert "restored" in refused(case, Action.CLOSE)

    decide(case, "stays-closed", "private")

    assert "restored" not in refused(case, Action.CLOSE)


def test_of_a_repository_that_was_deleted_no_clone_is_asked_for(tmp_path):
    case = a_case(tmp_path)
    scoped(case)
    assert "verified" in refused(case, Action.CLOSE)

    decide(case, "stays-closed", "deleted")

    assert {"verified", "restored"} & refused(case, Action.CLOSE) == set()
    assert {"server_purged", "traced"} <= refused(case, Action.CLOSE)


def test_inc_029_a_backup_is_destroyed_or_somebody_says_why_it_is_kept(tmp_path):
    case = a_case(tmp_path)
    finished(case)
    case.record("backup.made", {"file": "private/backup.age"})
    assert refused(case, Action.CLOSE) == {"backup"}

    decide(case, "retention", "2026-06-01")
    guard(case.incident, Action.CLOSE)
    case.record("backup.made", {"file": "private/backup.age"})
    assert refused(case, Action.CLOSE) == {"backup"}
    case.record("backup.destroyed", {"file": "private/backup.age"})

    guard(case.incident, Action.CLOSE)


def test_people_who_are_likely_to_come_to_harm_have_to_be_decided_about(tmp_path):
    case = a_case(tmp_path)
    case.record("notify.sent", {"message": "dpo-factual"})
    for about in ("living", "risk", "ico-report"):
        decide(case, about, "no")

    decide(case, "high-risk", "yes")
    assert "assessed" in refused(case, Action.CLOSE)
    decide(case, "individuals", "told")
    assert "assessed" not in refused(case, Action.CLOSE)
    decide(case, "ico-report", "yes")
    assert "assessed" in refused(case, Action.CLOSE)
    decide(case, "ico-told", "initial")

    assert "assessed" not in refused(case, Action.CLOSE)


def test_an_assessment_that_an_earlier_version_kept_in_one_entry_counts_until_the_data_come_back(
    tmp_path,
):
    case = a_case(tmp_path)
    case.record("notify.sent", {"message": "dpo-factual"})
    case.record("assessment.recorded", {"decider": "DPO", "reason": "no risk"})
    assert "assessed" not in refused(case, Action.CLOSE)

    case.record("case.recurred", {"where": "a branch"})

    assert "assessed" in refused(case, Action.CLOSE)


def test_inc_002_a_near_miss_closes_once_who_was_alerted_has_heard_how_it_ended(tmp_path):
    case = a_near_miss(tmp_path)
    assert refused(case, Action.CLOSE) == {"alerted"}

    alert(case)
    assert refused(case, Action.CLOSE) == {"all-clear"}
    case.record("notify.sent", {"message": "update"})

    guard(case.incident, Action.CLOSE)
    guard(case.incident, Action.RESTORE)


def test_a_near_miss_that_was_closed_off_is_given_back_first(tmp_path):
    case = a_near_miss(tmp_path)
    alert(case)
    case.record("notify.sent", {"message": "stand-down"})
    case.record("restrict.done")

    assert refused(case, Action.CLOSE) == {"restored"}
    case.record("restore.done", {"rounds": 1})

    guard(case.incident, Action.CLOSE)


def test_a_near_miss_with_a_copy_that_somebody_registered_accounts_for_it(tmp_path):
    case = a_near_miss(tmp_path)
    case.record("copies.recorded", {"copies": 1, "open": 1, "high_open": 0})

    assert "traced" in refused(case, Action.CLOSE)


@pytest.mark.parametrize(
    ("target", "event"),
    [
        ("example/study", ("scope.recorded", {"blobs": 1})),
        ("/srv/study", ("rewrite.done", {})),
        ("/srv/study", ("push.done", {})),
    ],
)
def test_what_is_on_a_server_or_was_rewritten_is_no_near_miss_whatever_it_is_called(
    tmp_path, target, event
):
    case = a_near_miss(tmp_path, target)
    assert is_contained_to_us(case.incident)

    case.record(*event)

    assert not is_contained_to_us(case.incident)
    assert "verified" in refused(case, Action.CLOSE)


def test_inc_026_inc_044_a_rewrite_waits_for_a_named_engineer_and_for_the_freeze(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    case.record("scope.recorded", {"blobs": 1})
    assert refused(case, Action.REWRITE) == {"engineer", "freeze"}

    case.record("fact.recorded", {"field": "engineer", "value": "Ada Hartley"})
    assert refused(case, Action.REWRITE) == {"freeze"}
    case.record("notify.rendered", {"number": "N-002", "message": "freeze"})
    assert refused(case, Action.REWRITE) == {"freeze"}
    case.record("notify.sent", {"number": "N-002", "message": "freeze"})

    guard(case.incident, Action.REWRITE)


def test_writers_can_be_asked_to_stop_by_word_of_mouth(tmp_path):
    case = a_case(tmp_path)
    assert "freeze" in refused(case, Action.REWRITE)

    decide(case, "freeze", "asked")

    assert "freeze" not in refused(case, Action.REWRITE)


def test_inc_046_who_pushes_alone_sets_the_freeze_aside_with_a_reason(tmp_path):
    case = a_case(tmp_path)
    alert(case)
    case.record("scope.recorded", {"blobs": 1})
    case.record("override", {"action": "rewrite", "guards": ["engineer", "freeze"], "reason": "x"})

    guard(case.incident, Action.REWRITE)
    case.record("case.recurred", {"where": "a branch"})

    assert {"engineer", "freeze"} <= refused(case, Action.REWRITE)


def test_the_72_hours_stop_once_the_ico_was_told_or_somebody_decided_not_to(tmp_path):
    case = a_case(tmp_path)
    decide(case, "ico-report", "yes")
    assert not is_report_settled(case.incident)
    decide(case, "ico-told", "initial")
    assert is_report_settled(case.incident)

    other = a_case(tmp_path / "other")
    decide(other, "ico-report", "not-yet-known")
    assert not is_report_settled(other.incident)
    decide(other, "ico-report", "no")
    assert is_report_settled(other.incident)
