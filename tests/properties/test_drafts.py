"""Laws of drafts: whatever stands in a journal, only a person's word makes a case of one."""

from hypothesis import given
from hypothesis import strategies as st

from breachkit.incident.entries import decode, encode
from breachkit.incident.events import NO_PREVIOUS, Draft, EventKind
from breachkit.incident.guards import LOOKED_AT, Action, missing
from breachkit.incident.projection import replay
from breachkit.report.case_status import next_lines
from breachkit.workflows.next_action import next_action
from tests.cli.test_help import parses
from tests.properties.test_guards import ENTRIES, WHO
from tests.support.cases import NOON


OPENED = {"case": "BK-2026-0001", "target": "o/n", "case_kind": "suspected", "draft": True}
SWEPT = Draft(kind=EventKind.SWEEP_RECORDED, detail={"new": 2, "worst": "high"})
JOURNALS = st.lists(st.one_of(ENTRIES, st.just(SWEPT)), max_size=12)
WORDS = {"case.amended", "case.closed", "case.stood_down", "case.recurred", "decision"}


def states(drafts):
    prev, incident = NO_PREVIOUS, None
    first = Draft(kind=EventKind.CASE_OPENED, detail=OPENED)
    for seq, draft in enumerate([first, *drafts], start=1):
        event = decode(encode(draft, seq=seq, prev=prev, now=NOON, actor=WHO)[:-1])
        prev = event.hash
        incident = replay([event], incident)
        yield event, incident


@given(JOURNALS)
def test_it_is_a_draft_until_a_person_says_something_of_it_and_never_again(drafts):
    spoken = False
    for event, incident in states(drafts):
        spoken = spoken or event.kind in WORDS
        assert incident.is_draft == (not spoken)


@given(JOURNALS)
def test_nothing_is_replaced_or_closed_while_it_is_one_and_no_reason_sets_that_aside(drafts):
    for _event, incident in states(drafts):
        for action in (Action.REWRITE, Action.PUSH, Action.CLOSE):
            assert (LOOKED_AT in missing(incident, action)) == incident.is_draft


@given(JOURNALS)
def test_while_it_is_one_what_is_next_is_to_look_unless_something_was_begun(drafts):
    for _event, incident in states(drafts):
        if incident.is_draft and not incident.open_intents:
            action = next_action(incident)
            assert action.command.startswith("breachkit amend kind confirmed")
            commands = [action.command, *(each.command for each in action.meanwhile)]
            assert all(map(parses, filter(None, commands)))
            assert next_lines(action)
