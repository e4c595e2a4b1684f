"""Laws of the milestones: whatever stands in a journal, in whatever order."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from breachkit.incident.case import Milestone
from breachkit.incident.entries import decode, encode
from breachkit.incident.events import NO_PREVIOUS, Actor, Draft, EventKind
from breachkit.incident.guards import GUARDS, Action, missing
from breachkit.incident.matters import MATTERS
from breachkit.incident.projection import replay
from breachkit.incident.states import AFTER_RECURRENCE, EFFECTS, NEEDS
from tests.support.cases import NOON


WHO = Actor(name="Jo", how="option")
OPENED = Draft(kind=EventKind.CASE_OPENED, detail={"case": "BK-2026-0001", "target": "o/n"})

FLAGS = st.booleans()
FEW = st.integers(0, 2)


def a(kind, **detail):
    return st.fixed_dictionaries(detail).map(lambda made: Draft(kind=kind, detail=made))


ENTRIES = st.one_of(
    a(
        "notify.sent",
        message=st.sampled_from(["internal-alert", "freeze", "dpo-factual", "all-clear"]),
    ),
    a("restrict.done"),
    a("restore.done", rounds=FEW),
    a("snapshot.recorded"),
    a("containment.recorded"),
    a("watch.recorded", ok=FLAGS, drifted=FEW),
    a("scope.recorded", blobs=FEW, complete=FLAGS),
    a("fact.recorded", field=st.sampled_from(["engineer", "two_person"]), value=st.just("push")),
    a("rewrite.intent"),
    a("rewrite.done"),
    a("proof.recorded", ok=FLAGS),
    a("push.intent"),
    a("push.done"),
    a("verify.recorded", ok=FLAGS, held=FLAGS, hidden_refs=FEW),
    a("verify.server", ok=FLAGS, served=FEW),
    a("copies.recorded", open=FEW, high_open=FEW),
    a(
        "decision",
        about=st.sampled_from([*MATTERS, "approve-push", "approve-restore"]),
        answer=st.sampled_from(
            ["yes", "no", "told", "approved", "not-yet-known", "private", "low"]
        ),
    ),
    a(
        "checklist.ticked",
        item=st.sampled_from(["A07", "A08", "F04"]),
        milestone=st.sampled_from([None, *map(str, Milestone)]),
    ),
    a("checklist.reopened", item=st.just("A08"), milestone=st.sampled_from([None, "contained"])),
    a("assessment.recorded"),
    a(
        "override",
        action=st.sampled_from([*map(str, Action)]),
        guards=st.lists(st.sampled_from([each.name for each in itertools.chain(*GUARDS.values())])),
    ),
    a("backup.made"),
    a("case.recurred"),
    a("case.closed"),
    a("case.stood_down"),
    a("case.amended", field=st.just("kind"), value=st.sampled_from(["near-miss", "confirmed"])),
)

JOURNALS = st.lists(ENTRIES, max_size=25)


def states(drafts):
    """Every state that a case goes through, each with the entry that brought it about."""
    prev, incident, found = NO_PREVIOUS, None, []
    for seq, draft in enumerate([OPENED, *drafts], start=1):
        event = decode(encode(draft, seq=seq, prev=prev, now=NOON, actor=WHO)[:-1])
        prev = event.hash
        incident = replay([event], incident)
        found.append((event, incident))
    return found


@given(JOURNALS)
def test_inc_044_no_milestone_holds_whose_ground_does_not(drafts):
    for _event, incident in states(drafts):
        for milestone, holds in NEEDS.items():
            assert holds(incident) or not incident.has(milestone)


def claims(event, milestone):
    """Whether an entry of this kind can report the milestone at all."""
    named = event.text("milestone") if event.kind.startswith("checklist.") else None
    return named == milestone or any(
        effect.reaches == milestone for effect in EFFECTS[EventKind(event.kind)]
    )


@given(JOURNALS)
def test_a_milestone_that_was_taken_back_returns_only_by_an_entry_that_reports_it_anew(drafts):
    reported: set[Milestone] = set()
    before = None
    for event, incident in states(drafts):
        if before is not None:
            for milestone in before.milestones.keys() - incident.milestones.keys():
                reported.discard(milestone)
        reported |= {each for each in Milestone if claims(event, each)}
        assert incident.milestones.keys() <= reported
        before = incident


@given(JOURNALS)
def test_inc_049_incident_trap_78_nothing_that_was_reached_is_ever_forgotten(drafts):
    seen = set()
    for _event, incident in states(drafts):
        seen |= {(name, reached.seq) for name, reached in incident.milestones.items()}
        kept = {(name, reached.seq) for name, reached in incident.milestones.items()}
        kept |= {(past.milestone, past.reached.seq) for past in incident.past}
        assert seen == kept


@given(JOURNALS)
def test_a_recurrence_leaves_nothing_standing_that_the_data_have_undone(drafts):
    for event, incident in states([*drafts, Draft(kind=EventKind.CASE_RECURRED, detail={})]):
        if event.kind == EventKind.CASE_RECURRED:
            undone = {*AFTER_RECURRENCE} - {Milestone.RECURRED}
            assert not undone & incident.milestones.keys()
            assert incident.milestones[Milestone.RECURRED].event == event.id


@given(JOURNALS)
def test_inc_046_incident_trap_77_no_entry_sets_aside_what_no_reason_can(drafts):
    for _event, incident in states(drafts):
        for action, guards in GUARDS.items():
            lacking = missing(incident, action)
            for each in guards:
                firm = not each.can_be_set_aside and each.applies(incident)
                assert each in lacking or each.holds(incident) or not firm


@given(JOURNALS)
def test_inc_046_a_case_with_an_open_copy_never_passes_the_guard_of_closing(drafts):
    for _event, incident in states(drafts):
        if incident.fact(EventKind.COPIES_RECORDED, "open"):
            assert missing(incident, Action.CLOSE)


@given(JOURNALS)
def test_incident_trap_79_what_was_rewritten_once_is_never_a_false_alarm_again(drafts):
    rewritten = False
    for event, incident in states(drafts):
        rewritten = rewritten or event.kind == EventKind.REWRITE_DONE
        assert not rewritten or missing(incident, Action.STAND_DOWN)


@given(JOURNALS, st.integers(0, 25))
def test_incident_trap_84_a_case_is_the_same_replayed_at_once_or_in_two_parts(drafts, cut):
    events = [event for event, _ in states(drafts)]
    first, rest = events[: cut + 1], events[cut + 1 :]

    assert replay(rest, replay(first)) == replay(events)
