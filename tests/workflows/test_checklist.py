"""The checklist of a real case folder."""

import re

from breachkit.incident.case import Milestone
from breachkit.report import checklist_render, copies_render
from breachkit.workflows import checklist as checklists
from breachkit.workflows import notify
from breachkit.workflows import trace as tracing
from tests.support.people import (
    ALERT,
    CANARY,
    CONTACTS,
    ENGINEER,
    HOLDERS,
    LATER,
    SUPPORT,
    everything_outside_private,
    written,
)


def test_the_checklist_follows_the_journal(case, clock, study, bad):
    notify.choose_contacts(case, CONTACTS, clock)
    written(case, clock, ALERT)
    notify.mark_sent(case, "N-001", by="Jo", at=LATER)
    tracing.trace(case, study, bad)
    current = checklists.current_checklist(case, clock)
    states = {task.id: task.state for task in current.tasks}
    assert states["A01"] == states["A02"] == states["E01"] == "done"
    assert states["A04/Incident Team"] == "done"
    assert states["A04/Bloggs, Jo"] == "open"
    for copy in tracing.load_register(case):
        assert {f"E02/{copy.id}", f"E13/{copy.id}"} & set(states)
    assert current.task("D04").only_if is None


def test_ticking_by_hand_reaches_the_milestone_the_item_stands_for(case, clock):
    current = checklists.current_checklist(case, clock)
    checklists.tick(case, current, "A7", evidence="screenshot in the evidence folder", by="Jo")
    assert not case.incident.has(Milestone.CONTAINED)
    checklists.tick(case, current, "A8", evidence="all of them are authorised", by="Jo")
    assert case.incident.has(Milestone.CONTAINED)
    assert checklists.current_checklist(case, clock).task("A07").by == "Jo"
    checklists.reopen(case, current, "A7", reason="it is public again", by="Jo")
    assert not case.incident.has(Milestone.CONTAINED)
    assert checklists.current_checklist(case, clock).task("A07").state == "open"
    checklists.rule_out(case, current, "D17", reason="no LFS", by="Jo")
    assert checklists.current_checklist(case, clock).task("D17").state == "na"


def test_what_is_late_is_overdue_by_the_clock(case, clock):
    assert not checklists.current_checklist(case, clock).overdue
    clock.move(hours=1)
    assert checklists.current_checklist(case, clock).overdue[0].id == "A03"


def test_what_the_caller_knows_decides_what_applies(case, clock):
    current = checklists.current_checklist(case, clock, known={"has_lfs": False, "public": True})
    assert current.task("D17").state == "na"
    assert current.task("A07").only_if is None


def test_nothing_that_leaves_the_private_part_holds_the_value_or_an_old_id(case, clock, study, bad):
    notify.choose_contacts(case, CONTACTS, clock)
    tracing.trace(case, study, bad)
    written(case, clock, ALERT, ENGINEER, HOLDERS, SUPPORT, bad=bad)
    current = checklists.current_checklist(case, clock)
    shown = [checklist_render.export(current, form) for form in checklist_render.FORMATS]
    shown += [
        copies_render.export(tracing.load_register(case), form) for form in copies_render.FORMATS
    ]
    everything = everything_outside_private(case) + "\n".join(shown).encode()
    # As a number of its own: among the digits of a digest it stands by chance.
    assert not re.search(rb"(?<![0-9a-f])%b(?![0-9a-f])" % CANARY.encode(), everything)
    for old in (*bad.ids, *bad.introducers):
        assert old[:7].encode() not in everything
