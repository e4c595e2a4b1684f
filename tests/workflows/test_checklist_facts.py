"""What a case knows of itself decides its checklist, and nothing else does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from breachkit.actions.copies import Proof
from breachkit.model.errors import ConfigurationError
from breachkit.workflows import copies
from breachkit.workflows import trace as tracing
from breachkit.workflows.checklist import current_checklist
from breachkit.workflows.checklist_facts import conditions, shown_by_snapshots
from tests.support.cases import a_case
from tests.support.people import LATER
from tests.support.snapshots import snapshot


def task(case, clock, item):
    return current_checklist(case, clock).task(item)


def test_what_nobody_has_read_is_unknown_and_says_so(case, clock):
    for item in ("A07", "A09", "C10", "C12", "D11", "D13"):
        assert task(case, clock, item).state == "open"
        assert task(case, clock, item).only_if


@pytest.mark.parametrize(
    ("item", "topics"),
    [
        ("A09", {"pages": [{"url": "x"}]}),
        ("C11", {"releases": [{"id": 1}]}),
        ("D04", {"pulls": [{"id": 1}]}),
        ("D07", {"protections": [{"id": 1}], "protection_rules": [], "rulesets": []}),
        ("D12", {"workflow_runs": [{"id": 1}], "artifacts": [], "caches": []}),
        ("D13", {"forks": [{"id": 1}]}),
        ("A08", {"collaborators": [{"id": 1, "affiliation": "outside"}], "invitations": []}),
    ],
)
def test_a_snapshot_decides_what_applies(case, clock, item, topics):
    snapshot(case, clock, **topics)
    assert task(case, clock, item).only_if is None
    empty: dict[str, list[Any]] = {topic: [] for topic in topics}
    snapshot(case, clock, **empty)
    assert task(case, clock, item).state == "open"  # what was seen once was there


def test_what_was_read_in_full_and_empty_rules_an_item_out(case, clock):
    snapshot(case, clock, pages=[], releases=[], forks=[], collaborators=[], invitations=[])
    for item, why in (("A09", "no website"), ("C11", "no releases"), ("A08", "no outsider")):
        assert task(case, clock, item).state == "na"
        assert why in task(case, clock, item).why


def test_a_list_that_was_refused_decides_nothing(case, clock):
    snapshot(case, clock, pages=None)
    assert task(case, clock, "A09").only_if == "it has a website"


def test_an_altered_snapshot_decides_nothing_either(case, clock):
    snapshot(case, clock, pages=[])
    (case.private / "snapshots" / "001" / "manifest.json").write_bytes(b"{}")
    with pytest.raises(ConfigurationError, match="not what was written"):
        current_checklist(case, clock)


def test_a_near_miss_has_an_item_of_its_own_and_nobody_to_tell(case, clock):
    assert task(case, clock, "B14").state == "na"
    case.record("case.amended", {"field": "kind", "value": "near-miss", "reason": "never left"})
    assert task(case, clock, "B14").state == "open"
    assert task(case, clock, "B10").state == "na"


@pytest.mark.parametrize(
    ("visibility", "closed", "expected"),
    [
        ("private", False, datetime(2026, 5, 31, 10, tzinfo=UTC)),
        ("public", True, datetime(2027, 3, 6, 12, tzinfo=UTC)),
        ("public", False, None),
    ],
)
def test_inc_024_the_day_on_which_a_rule_publishes_it_is_an_item_that_is_due(
    case, clock, visibility, closed, expected
):
    snapshot(
        case, clock, repository=[{"visibility": visibility, "created_at": "2025-05-31T10:00:00Z"}]
    )
    if closed:
        case.record("restrict.intent", {"round": 1})
        case.record("restrict.done", {"round": 1})
    assert task(case, clock, "F16").due_at == expected
    if expected:
        clock.at = expected + timedelta(days=1)
        assert task(case, clock, "F16").overdue


def test_inc_024_a_playbook_without_such_a_rule_has_no_such_item(case, clock):
    generic = current_checklist(case, clock, organisation="generic")
    assert generic.task("F16").state == "na"


def test_inc_022_protections_that_are_not_back_keep_an_item_open_that_blocks_the_end(case, clock):
    case.record("lift.intent", {"round": 1, "steps": 2})
    case.record("lift.done", {"round": 1, "steps": 2, "differs": 1})
    found = task(case, clock, "D09")
    assert (found.state, found.blocks) == ("open", "close")
    case.record("lift.done", {"round": 1, "steps": 2, "differs": 0})
    assert task(case, clock, "D09").state == "done"
    case.record("lift.intent", {"round": 2, "steps": 2})
    assert task(case, clock, "D09").state == "open"


def given_back(case, clock):
    """Access is given back as a person reports it, on a verified history."""
    case.record("restore.intent", {"round": 1})
    case.record("restore.done", {"round": 1, "differs": 0, "rounds": 1})


def test_inc_048_after_access_is_given_back_somebody_looks_every_week_for_90_days(
    case, clock, monkeypatch
):
    from breachkit.workflows import checklist_facts

    back = clock.now()
    moments = checklist_facts.moments
    monkeypatch.setattr(
        checklist_facts, "moments", lambda *given: {**moments(*given), "restored": back}
    )
    assert task(case, clock, "F07").due_at == back + timedelta(days=7)
    assert task(case, clock, "F15").due_at == back + timedelta(days=90)
    clock.move(days=1)
    case.record("watch.recorded", {"ok": True})
    assert task(case, clock, "F07").state == "done"
    clock.move(days=8)
    assert task(case, clock, "F07").overdue
    assert task(case, clock, "F15").state == "open"
    clock.move(days=90)
    case.record("watch.recorded", {"ok": True})
    clock.move(days=30)
    assert task(case, clock, "F07").state == task(case, clock, "F15").state == "done"


def test_inc_048_verifying_before_access_is_given_back_does_not_count_as_verifying_after(
    case, clock
):
    case.record("verify.server", {"ok": True, "outcome": "gone"})
    assert task(case, clock, "F05").state == "open"
    assert task(case, clock, "F05").waits_for == "access is given back"


def test_inc_068_a_backup_is_an_item_that_is_due_when_it_expires(case, clock):
    day = clock.now() + timedelta(days=30)
    places = tracing.load_places()
    told = copies.Told(expires=day)
    added = copies.add_copy(case, "C32", "nightly backup", told=told, places=places)
    found = task(case, clock, f"E08/{added.id}")
    assert (found.due_at, found.state) == (day, "open")
    assert f"E02/{added.id}" not in {t.id for t in current_checklist(case, clock).tasks}
    clock.move(days=31)
    assert task(case, clock, f"E08/{added.id}").overdue


def test_inc_067_each_backends_cache_is_an_item_of_its_own(case, study, bad, clock):
    tracing.trace(case, study, bad)
    items = [t for t in current_checklist(case, clock).tasks if t.id.startswith("E13/")]
    assert [t.text.split(":")[0] for t in items] == [
        "Delete backend TPP",
        "Delete backend EMIS",
        "Delete RAP controller",
    ]


def test_each_holder_is_asked_and_has_answered_as_the_register_and_the_mails_say(
    case, study, bad, clock
):
    register = tracing.trace(case, study, bad).register
    jo = next(copy.id for copy in register if copy.holder == "Jo Author")
    assert task(case, clock, f"E06/{jo}").state == "open"
    sent = {"message": "clone-holder", "name": "Jo Author", "number": "N-001"}
    case.record("notify.sent", sent)
    assert task(case, clock, f"E06/{jo}").state == "done"
    assert task(case, clock, f"E07/{jo}").state == "open"
    said = Proof(kind="attestation", at=LATER, by="Sam", note="mail")
    copies.set_copy(case, jo, "acknowledged", said)
    assert task(case, clock, f"E07/{jo}").state == "done"
    assert task(case, clock, f"E02/{jo}").state == "open"


def test_an_item_about_a_place_follows_the_register_with_the_worth_of_its_proofs(
    case, study, bad, clock
):
    shared = next(c.id for c in tracing.trace(case, study, bad).register if c.place == "C33")
    assert task(case, clock, "E12").state == "open"
    copies.set_copy(
        case, shared, "confirmed", Proof(kind="attestation", at=LATER, by="Sam", note="x")
    )
    copies.set_copy(
        case, shared, "deleted", Proof(kind="attestation", at=LATER, by="Sam", note="x")
    )
    assert "1 somebody's word alone" in task(case, clock, "E12").why
    assert "somebody's word alone" in task(case, clock, f"E02/{shared}").why


def test_a_guard_that_was_put_in_ticks_its_item_until_the_data_come_back(case, clock):
    case.record("guard.installed", {"hooks": ["pre-commit"], "listed": 3})
    assert task(case, clock, "F02").state == "done"
    case.record("case.recurred", {"where": "a clone"})
    assert task(case, clock, "F02").state == "open"


def test_a_role_is_a_person_as_the_case_names_it(case, clock):
    case.record("fact.recorded", {"field": "engineer", "value": "Sam Engineer"})
    case.record("decision", {"about": "risk", "answer": "no", "decider": "D. Okoye", "role": "dpo"})
    assert task(case, clock, "D01").owner == "Sam Engineer"
    assert task(case, clock, "B09").owner == "D. Okoye"
    assert task(case, clock, "A07").owner is None


@pytest.mark.parametrize(
    ("target", "known"),
    [
        ("example-org/study", True),
        ("git@github.com:example-org/study.git", True),
        ("/srv/github.com/example-org/study.git", None),
        ("https://notgithub.com.example.org/example-org/study", None),
    ],
)
def test_a_repository_is_on_the_platform_by_its_host_and_not_by_what_its_name_holds(
    tmp_path, target, known
):
    case = a_case(tmp_path, target=target)
    shown = shown_by_snapshots(case, case.events())

    assert conditions(case, (), shown, None)["on_platform"] is known
