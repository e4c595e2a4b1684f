"""What people decide is written down by name and reason, and nothing is decided for them."""

import json

import pytest

from breachkit.actions.assessment import NoSuchGradeError
from breachkit.incident.case import Milestone
from breachkit.incident.decisions import decisions_of, latest
from breachkit.incident.guards import Action, GuardRefusedError, missing
from breachkit.incident.matters import MATTERS
from breachkit.report import decisions as rendering
from breachkit.workflows.answerable import SamePersonError
from breachkit.workflows.case import pass_guard
from breachkit.workflows.checklist import load_template
from breachkit.workflows.decisions import (
    DecisionError,
    StillThereError,
    Word,
    approve,
    decide,
    overview,
)
from breachkit.workflows.playbooks import organisations
from tests.support.cases import HandClock, a_case, reopened, rewritten


GRADES = "\n".join(
    f'[[dspt.{scale}]]\ngrade = {grade}\ntitle = "{scale} {grade}"\ntext = "words"\n'
    for scale in ("effect", "likelihood")
    for grade in range(1, 6)
)
ABOUTS = ("living", "risk", "high-risk", "ico-report", "individuals")
QUESTIONS = "".join(
    f'[[question]]\nabout = "{about}"\ntext = "Words about {about}?"\nsource = "us"\n'
    for about in ABOUTS
)
ABOUT = """
name = "ours"
title = "Ours"
organisation = "ours"
extends = "generic"
as_of = 2026-03-01
source = "us"
reviewed = 2026-03-01
"""


def word(about, answer=None, **more):
    return Word(**{"about": about, "answer": answer, "by": "Ros", "reason": "thought over", **more})


@pytest.fixture
def playbooks(tmp_path):
    folder = tmp_path / "playbooks"
    (folder / "ours").mkdir(parents=True)
    (folder / "ours" / "playbook.toml").write_text(ABOUT)
    table = (
        f'as_of = 2026-03-01\n{QUESTIONS}[dspt]\nversion = "7"\nsource = "the guide"\nrule = "r"\n'
    )
    (folder / "ours" / "assessment.toml").write_text(table + GRADES)
    return folder


def of_ours(case):
    case.record("contacts.chosen", {"profile": "ours"})
    return case


def test_a_decision_keeps_who_as_whom_why_and_when(case, clock):
    event = decide(case, word("living", "yes", role="dpo"), clock)

    [found] = decisions_of(case.events())
    assert (found.about, found.answer, found.decider, found.role) == ("living", "yes", "Ros", "dpo")
    assert (found.reason, found.at, found.seq) == ("thought over", clock.now(), event.seq)
    assert reopened(case).incident.answer("living") == "yes"


def test_the_latest_of_several_decisions_holds_and_the_earlier_ones_stay(case, clock):
    decide(case, word("risk", "not-yet-known"), clock)
    decide(case, word("risk", "yes"), clock)

    made = decisions_of(case.events())
    assert [each.answer for each in made] == ["not-yet-known", "yes"]
    assert latest(made, "risk") == made[-1]
    assert latest(made, "living") is None


def test_decisions_of_an_earlier_version_are_read_with_what_they_have(case):
    case.record("decision", {"about": "findings left out", "decision": "harmless", "reason": "r"})

    [found] = decisions_of(case.events())

    assert (found.answer, found.decider, found.role) == ("harmless", "", "")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (word("weather", "fine"), "choose living"),
        (word("living", "perhaps"), "yes, no, not-yet-known"),
        (word("living", None), "yes, no, not-yet-known"),
        (word("living", "yes", by=" "), "--by NAME"),
        (word("ico-report", "no", reason=""), "--reason"),
        (word("review", "soon"), "a day such as"),
        (word("review", "2020-01-01"), "is over"),
        (word("finding", "dismissed"), "--finding"),
        (word("finding", "dismissed", finding="F-0001"), "has no finding F-0001"),
        (word("ico-told", "follow-up"), "first time"),
        (word("dspt", effect=2), "the other half"),
        (word("containment", None), "a few words"),
    ],
)
def test_inc_083_what_is_not_whole_is_not_written_down(case, clock, wrong, says):
    with pytest.raises(DecisionError, match=says):
        decide(case, wrong, clock)

    assert not decisions_of(case.events())


def test_inc_082_the_three_questions_are_answered_one_by_one_and_may_wait(case, clock):
    case.record("notify.sent", {"message": "dpo-factual"})
    for about in ("living", "risk"):
        decide(case, word(about, "yes", role="dpo"), clock)
    assert not case.incident.has(Milestone.ASSESSED)
    decide(case, word("high-risk", "not-yet-known", role="dpo"), clock)

    assert case.incident.has(Milestone.ASSESSED)
    still = [each.matter.about for each in overview(case).standing if each.is_open]
    assert still == ["high-risk", "ico-report", "individuals"]


def test_inc_082_inc_086_the_tool_computes_a_cell_and_concludes_nothing(case, clock, playbooks):
    of_ours(case)

    for effect in range(1, 6):
        for likelihood in range(1, 6):
            made = word("dspt", effect=effect, likelihood=likelihood)
            event = decide(case, made, clock, folder=playbooks)
            assert event.text("answer") == f"effect {effect}, likelihood {likelihood}"
            assert (event.number("effect"), event.number("likelihood")) == (effect, likelihood)
            assert (event.text("table_version"), event.text("table_source")) == ("7", "the guide")
            assert "reportable" not in json.dumps(dict(event.detail))

    with pytest.raises(NoSuchGradeError, match="choose one of 1: effect 1; 2"):
        decide(case, word("dspt", effect=6, likelihood=1), clock, folder=playbooks)
    assert not case.incident.answer("ico-report")


def test_inc_086_without_a_table_the_grading_stays_the_words_of_whoever_graded(case, clock):
    event = decide(case, word("dspt", "effect 2, likelihood 3 by the guide of May"), clock)

    assert event.text("answer") == "effect 2, likelihood 3 by the guide of May"
    assert event.number("effect") is None
    with pytest.raises(DecisionError, match="no table"):
        decide(case, word("dspt", effect=2, likelihood=3), clock)
    assert "dspt, --answer TEXT:" in "\n".join(rendering.lines(overview(case)))


def test_with_a_table_a_text_is_no_grading(case, clock, playbooks):
    of_ours(case)
    listed = "\n".join(rendering.lines(overview(case, folder=playbooks)))
    assert "dspt, --effect and --likelihood: r" in listed

    with pytest.raises(DecisionError, match="--effect and --likelihood"):
        decide(case, word("dspt", "minor"), clock, folder=playbooks)
    assert decide(case, word("dspt", "not-applicable"), clock, folder=playbooks).seq


def test_the_questions_are_asked_in_the_words_of_the_organisation(case, playbooks):
    of_ours(case)

    shown = "\n".join(rendering.lines(overview(case, folder=playbooks)))

    assert "OPEN living: Words about living?" in shown
    assert "answer: yes, no, not-yet-known; usually decided by: dpo" in shown


@pytest.mark.parametrize("wanted", [word("ico-report", "yes"), word("ico-told", "initial")])
def test_inc_083_past_the_72_hours_a_report_gives_its_reasons_for_the_delay(case, clock, wanted):
    decide(case, wanted, clock)
    clock.move(hours=72)
    decide(case, wanted, clock)
    clock.move(seconds=1)

    with pytest.raises(DecisionError, match="ended at 2026-03-09T12:00:00Z: it lacks --delay"):
        decide(case, wanted, clock)
    late = Word(
        about=wanted.about, answer=wanted.answer, by="Ros", reason="r", delay="nobody was reached"
    )
    event = decide(case, late, clock)

    assert event.text("delay") == "nobody was reached"


def test_not_reporting_has_no_deadline_and_reasons_all_the_same(case, clock):
    clock.move(hours=100)

    assert decide(case, word("ico-report", "no"), clock).text("reason") == "thought over"


def test_reasons_for_a_delay_are_asked_for_once(case, clock):
    clock.move(hours=100)
    decide(case, word("ico-report", "yes", delay="nobody was reached"), clock)

    assert decide(case, word("ico-told", "initial"), clock).seq


def test_inc_085_what_the_ico_is_told_later_names_what_it_was_told_first(case, clock):
    first = decide(case, word("ico-told", "initial"), clock)
    with pytest.raises(DecisionError, match="--reference"):
        decide(case, word("ico-told", "follow-up"), clock)

    second = decide(case, word("ico-told", "follow-up", reference="IC-123456-X"), clock)
    third = decide(case, word("ico-told", "follow-up"), clock)

    for each in (second, third):
        assert each.text("reference") == "IC-123456-X"
        assert (each.text("first"), each.refs) == (first.id, (first.id,))
    with pytest.raises(DecisionError, match="IC-123456-X in this case"):
        decide(case, word("ico-told", "follow-up", reference="IC-9"), clock)


def test_inc_005_of_two_severities_the_higher_holds_until_it_is_decided(case, clock):
    assert case.incident.severity == "pending"
    for said, holds in (("medium", "medium"), ("high", "high"), ("low", "high")):
        case.record("fact.recorded", {"field": "severity", "value": said})
        assert case.incident.severity == holds

    decide(case, word("severity", "low"), clock)
    assert case.incident.severity == "low"
    case.record("fact.recorded", {"field": "severity", "value": "critical"})

    assert reopened(case).incident.severity == "critical"
    assert overview(case).severity == "critical"


def test_inc_032_a_finding_is_dismissed_by_name_and_known_again_in_another_scan(case, clock):
    scan = {"findings": [{"id": "F-0001", "rule": "CNT-01", "blob": "a" * 40, "path": "t.csv"}]}
    case.write_private("scan.json", json.dumps({"schema": "breachkit.scan/1", **scan}).encode())
    dismissed = decide(case, word("finding", "dismissed", finding="f-0001"), clock)

    [found] = overview(case).findings
    assert (found.decision.text("finding"), found.found_as) == ("F-0001", ("F-0001",))
    assert dismissed.refs == ("F-0001",)
    scan["findings"].insert(
        0, {"id": "F-0001", "rule": "CNT-01", "blob": "b" * 40, "path": "t.csv"}
    )
    scan["findings"][1]["id"] = "F-0002"
    case.write_private("scan.json", json.dumps({"schema": "breachkit.scan/1", **scan}).encode())
    assert overview(case).findings[0].found_as == ("F-0002",)
    case.write_private("scan.json", b'{"schema": "breachkit.scan/1", "findings": []}')
    assert overview(case).findings[0].found_as == ()


def test_a_dismissal_holds_no_path_and_no_plain_digest(case, clock):
    scan = {"findings": [{"id": "F-0001", "rule": "CNT-01", "blob": "a" * 40, "path": "t.csv"}]}
    case.write_private("scan.json", json.dumps({"schema": "breachkit.scan/1", **scan}).encode())

    event = decide(case, word("finding", "dismissed", finding="F-0001"), clock)

    assert set(event.detail) == {
        *("about", "answer", "decider", "role", "reason", "finding", "rule"),
        "finding_hmac_sha256",
    }
    shown = json.dumps(rendering.to_json(overview(case)))
    assert str(event.text("finding_hmac_sha256")) not in shown
    assert "t.csv" not in shown


def test_a_finding_that_was_judged_again_shows_the_last_word(case, clock):
    scan = {"findings": [{"id": "F-0001", "rule": "CNT-01", "blob": "a" * 40, "path": "t.csv"}]}
    case.write_private("scan.json", json.dumps({"schema": "breachkit.scan/1", **scan}).encode())
    decide(case, word("finding", "dismissed", finding="F-0001"), clock)
    decide(case, word("finding", "upheld", finding="F-0001"), clock)

    [found] = overview(case).findings

    assert found.decision.answer == "upheld"


def test_inc_029_a_backup_is_said_to_be_destroyed_only_once_it_is_gone(case, clock):
    case.record("backup.made", {"file": "private/backup.age"})
    case.write_private("backup.age", b"x")
    case.write_private("round-1/backup.age", b"x")

    with pytest.raises(StillThereError, match=r"round-1/backup\.age; delete it"):
        decide(case, word("retention", "destroyed"), clock)
    assert not decisions_of(case.events())
    for each in case.private.rglob("backup.age"):
        each.unlink()
    decide(case, word("retention", "destroyed"), clock)

    assert [event.kind for event in case.events()][-2:] == ["backup.destroyed", "decision"]
    assert "backup" not in {each.name for each in missing(case.incident, Action.CLOSE)}


def test_inc_106_whoever_does_it_cannot_be_the_second_person(case):
    case.record("fact.recorded", {"field": "engineer", "value": "Ada Hartley"})

    for same in ("Jo Bloggs", " jo bloggs ", "ADA HARTLEY"):
        with pytest.raises(SamePersonError, match="somebody else"):
            approve(case, Action.PUSH, by=same, reason="looked at it")
    approve(case, Action.PUSH, by="Ros", reason="looked at it")

    assert case.incident.answer("approve-push") == "approved"


def test_inc_106_an_approval_does_not_count_for_whoever_gave_it(case):
    rewritten(case)
    case.record("fact.recorded", {"field": "two_person", "value": "push"})
    with pytest.raises(GuardRefusedError, match="no second person"):
        pass_guard(case, Action.PUSH)
    approve(case, Action.PUSH, by="Ros", reason="looked at it")
    pass_guard(case, Action.PUSH)

    case.record("fact.recorded", {"field": "engineer", "value": "Ros"})

    with pytest.raises(SamePersonError):
        pass_guard(case, Action.PUSH)


def test_inc_106_a_word_against_it_is_written_down_too(case):
    rewritten(case)
    case.record("fact.recorded", {"field": "two_person", "value": "push"})
    approve(case, Action.PUSH, by="Ros", reason="looked at it")
    approve(case, Action.PUSH, by="Ros", reason="a tag is missing", is_approved=False)

    with pytest.raises(GuardRefusedError, match="no second person"):
        pass_guard(case, Action.PUSH)


def test_everything_that_was_decided_is_in_the_overview_in_its_order(tmp_path):
    case, clock = a_case(tmp_path), HandClock()
    decide(case, word("living", "yes", role="dpo"), clock)
    clock.move(hours=1)
    decide(case, word("severity", "high"), clock)

    shown = overview(case)

    assert [each.about for each in shown.history] == ["living", "severity"]
    text = "\n".join(rendering.lines(shown))
    assert "Ros (dpo), 2026-03-06 12:00 UTC: yes (thought over)" in text
    assert "nobody is known to have told the data protection officer" in text
    wire = rendering.to_json(shown)
    assert wire["schema"] == "breachkit.decisions/1"
    assert wire["open"] == ["risk", "high-risk", "ico-report", "individuals"]


def test_everything_that_a_checklist_has_decided_can_be_decided():
    asked = {
        trigger.about["about"]
        for playbook in organisations()
        for item in load_template(playbook).items
        for trigger in (*item.auto, *item.auto_all)
        if trigger.kind == "decision"
    }

    assert asked - {"approve-push", "approve-restore"} <= set(MATTERS)


def test_the_controller_counts_as_told_once_somebody_says_so(case, clock):
    assert not overview(case).is_informed

    decide(case, word("controller", "told"), clock)

    assert overview(case).is_informed
