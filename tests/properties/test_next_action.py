"""Whatever a journal says, what is next can be pasted, and following it leads to the end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachkit.incident.commands import command_on
from breachkit.incident.entries import decode, encode
from breachkit.incident.events import NO_PREVIOUS, Draft
from breachkit.incident.guards import GUARDS
from breachkit.incident.projection import replay
from breachkit.report.case_status import next_lines
from breachkit.workflows.next_action import interrupted, next_action
from breachkit.workflows.respond_walk import walk_of
from breachkit.workflows.ways import WAYS
from tests.cli.test_help import parses
from tests.support.cases import NOON, SOMEBODY, HandClock


OPENED = {
    "case": "BK-2026-0001",
    "codename": "amber-otter",
    "case_kind": "suspected",
    "target": "example/study",
    "opened_at": "2026-03-06T12:00:00Z",
    "discovered_at": "2026-03-06T12:00:00Z",
    "aware_at": "2026-03-06T12:00:00Z",
}
TARGETS = st.sampled_from(["example/study", "https://github.com/example/study", "/srv/a study.git"])


def entry(kind, **detail):
    return Draft(kind=kind, detail=detail)


def message(kind, name, stage="sent", number="N-001"):
    return entry(f"notify.{stage}", number=number, message=name, name="Ada")


ENTRIES = [
    *(message("", name, stage) for name in ("internal-alert", "freeze", "all-clear", "stand-down", "dpo-factual", "github-support", "fork-owner") for stage in ("rendered", "sent")),
    entry("contacts.chosen", profile="generic", two_person=["push"]),
    entry("case.amended", field="kind", value="near-miss"),
    entry("case.amended", field="kind", value="confirmed"),
    entry("fact.recorded", field="engineer", value="Jo"),
    entry("snapshot.recorded", snapshot="001"),
    *(entry(f"{family}.{stage}", round=1) for family in ("restrict", "restore", "rewrite", "push") for stage in ("planned", "intent", "done", "failed")),
    entry("push.failed", moved=2),
    entry("lift.intent", round=1),
    entry("lift.done", round=1),
    entry("scope.recorded", blobs=2, complete=True),
    entry("scope.recorded", blobs=0, complete=False),
    entry("proof.recorded", ok=True),
    entry("proof.recorded", ok=False),
    entry("backup.made", file="backup.age"),
    entry("backup.destroyed", file="backup.age"),
    entry("verify.recorded", ok=True, hidden_refs=0, server_gone=True),
    entry("verify.recorded", ok=True, hidden_refs=1),
    entry("verify.recorded", ok=False, held=True),
    entry("verify.server", ok=True, gone=9),
    entry("verify.server", ok=False, served=3),
    entry("verify.server", ok=False, hidden=1),
    entry("verify.server", ok=False, served=3, forks_holding=2, hidden=1),
    entry("trace.recorded", places=4),
    entry("copies.recorded", open=0, high_open=0),
    entry("copies.recorded", open=2, high_open=1),
    entry("copies.recorded", open=2, high_open=1, forks_to_ask=2),
    *(entry("decision", about=about, answer=answer, decider="Jo") for about, answer in (("living", "yes"), ("risk", "no"), ("high-risk", "no"), ("ico-report", "no"), ("ico-report", "yes"), ("controller", "told"), ("review", "2026-03-20"), ("retention", "destroyed"), ("approve-push", "approved"), ("stays-closed", "private"), ("containment", "private"), ("collaborators", "none"))),
    entry("case.recurred", where="a fork"),
    entry("case.stood_down", reason="x", decider="Jo"),
    entry("case.closed", reason="x", decider="Jo"),
]  # fmt: skip


def case_after(drafts, target="example/study"):
    prev, events = NO_PREVIOUS, []
    for seq, draft in enumerate([entry("case.opened", **{**OPENED, "target": target}), *drafts], 1):
        line = encode(draft, seq=seq, prev=prev, now=NOON, actor=SOMEBODY)
        events.append(decode(line.rstrip(b"\n")))
        prev = events[-1].hash
    return replay(events)


@pytest.mark.parametrize("command", sorted({
    *(guard.remedy for guards in GUARDS.values() for guard in guards),
    *(way.command for ways in WAYS.values() for way in ways),
}))  # fmt: skip
def test_inc_099_every_remedy_and_every_way_can_be_pasted(command):
    assert parses(command_on("BK-2026-0001", command, alert="N-001").shown)


@given(st.lists(st.sampled_from(ENTRIES), max_size=25), TARGETS)
def test_inc_099_every_command_that_is_next_or_beside_it_can_be_pasted(drafts, target):
    incident = case_after(drafts, target)

    action = next_action(incident)

    commands = [action.command, *(each.command for each in action.meanwhile if each.command)]
    for command in commands:
        assert not set("<>{}") & set(command), command
        assert parses(command)
        assert incident.id in command
    if action.confirm:
        assert parses(f"{action.command} --confirm {action.confirm}")
    assert len(set(commands)) == len(commands)
    assert next_lines(action)[0] == action.command


@given(st.lists(st.sampled_from(ENTRIES), max_size=25), TARGETS, st.booleans())
def test_whatever_a_journal_says_the_way_on_paper_leads_to_the_end(drafts, target, can_ask):
    steps = walk_of(case_after(drafts, target), HandClock(), can_ask=can_ask)

    assert steps[-1].words[:2] == ("log", "verify")
    for step in steps:
        assert all(parses(command) for command in step.commands)


@given(st.lists(st.sampled_from(ENTRIES), max_size=25))
def test_what_was_begun_comes_first_and_a_closed_case_asks_for_no_more_work(drafts):
    incident = case_after(drafts)

    action = next_action(incident)

    if incident.is_open and incident.open_intents:
        assert action.command.endswith("--execute")
        assert interrupted(incident)
    if not incident.is_open:
        assert action.meanwhile == ()
        assert action.command.split()[1] in {"log", "notify", "restore"}
