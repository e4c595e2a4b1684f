"""What counts as evidence for an item, and what a checklist for outsiders may say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.checklist import Task
from breachkit.actions.checklist_dates import (
    Due,
    Period,
    due_from_text,
    months_after,
    period_from_text,
)
from breachkit.actions.checklist_evidence import (
    InRegisterError,
    WrongEvidenceError,
    judge,
    na_detail,
    reopen_detail,
    tick_detail,
)
from breachkit.actions.checklist_public import (
    Telling,
    TellsTooMuchError,
    for_outsiders,
    refuse_telling,
)
from breachkit.actions.checklist_template import TemplateError, template_from_mapping
from breachkit.actions.copies import Proof
from breachkit.report import checklist_render
from tests.support.checklists import NOW, TEMPLATE, Entry, copy, made, shelf, ticked


EVENTS = (
    Entry(1, "case.opened"),
    Entry(2, "decision", {"about": "risk"}),
    Entry(3, "notify.sent", {"number": "N-001"}),
    Entry(4, "notify.acknowledged", {"number": "N-001"}),
    Entry(5, "verify.recorded", {"ok": True}),
    Entry(6, "verify.recorded", {"ok": False}),
    Entry(7, "snapshot.recorded", {"file": "private/snapshots/001/manifest.json"}),
    Entry(8, "notify.sent", {"number": "N-002"}),
)
SHOWN = Proof(kind="http_absent", at=NOW, by="Jo", note="x", control="c", state="proven_clean")
COPIES = (
    copy(1, state="proven_clean", proof=(SHOWN,)),
    copy(2),
    copy(3, state="deleted", proof=(replace(SHOWN, kind="attestation", state="deleted"),)),
)
SHELF = shelf(*EVENTS, copies=COPIES)


def wanting(kind):
    return replace(made().task("A12"), evidence_kind=kind)


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("event", "ev-0001"),
        ("event", "sent as N-001"),
        ("decision", "ev-0002"),
        ("ack", "N-001"),
        ("ack", "answered on the phone, ev-0004"),
        ("proof", "ev-0005"),
        ("proof", "K-001"),
        ("proof", "minutes.txt"),
        ("file", "ev-0007"),
        ("file", "minutes.txt"),
    ],
)
def test_inc_088_what_is_named_is_looked_up_and_counts_as_evidence_of_its_sort(kind, evidence):
    assert judge(wanting(kind), evidence, SHELF).is_evidence


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("decision", "ev-0001"),
        ("ack", "N-002"),
        ("ack", "ev-0003"),
        ("proof", "ev-0006"),
        ("proof", "K-002"),
        ("proof", "K-003"),
        ("proof", "N-001"),
        ("file", "ev-0001"),
        ("event", "ev-0099"),
        ("ack", "N-009"),
        ("proof", "K-009"),
    ],
)
def test_inc_088_what_is_named_and_is_of_another_sort_or_missing_is_refused(kind, evidence):
    with pytest.raises(WrongEvidenceError, match="A12"):
        judge(wanting(kind), evidence, SHELF)


@pytest.mark.parametrize("kind", ["event", "file", "proof", "ack", "decision"])
def test_inc_088_words_tick_as_a_note_and_are_shown_as_one(kind):
    assert not judge(wanting(kind), "Jo said so on the call", SHELF).is_evidence
    detail = tick_detail(wanting(kind), evidence="said so", by="Jo", shelf=SHELF)
    task = made(Entry(9, "checklist.ticked", detail)).task("A12")
    assert (task.state, task.shown_by) == ("done", "note")
    assert made(Entry(9, "checklist.ticked", detail)).by_note == 1
    for form in ("text", "md", "html"):
        text = checklist_render.export(made(Entry(9, "checklist.ticked", detail)), form)
        assert "note: said so" in text


def test_inc_088_an_item_that_the_journal_ticks_cites_the_entry():
    task = made(Entry(4, "contacts.chosen")).task("A14")
    assert (task.why, task.shown_by) == ("journal entry 4 (contacts.chosen)", "journal")


def test_an_item_that_needs_several_entries_is_done_by_all_of_them():
    asked = [
        Entry(n, "decision", {"about": a}) for n, a in enumerate(("living", "risk", "high-risk"), 2)
    ]
    assert made(*asked[:2]).task("B05").state == "open"
    assert (
        made(*asked).task("B05").why == "journal entries 4 (decision), 3 (decision), 2 (decision)"
    )


def test_an_entry_that_is_taken_back_ticks_nothing_any_more():
    chosen = Entry(4, "contacts.chosen")
    back = Entry(5, "fact.recorded", {"supersedes": "ev-0004"})
    assert made(chosen).task("A14").state == "done"
    assert made(chosen, back).task("A14").state == "open"


def test_a_corrected_part_of_an_entry_takes_back_nothing():
    opened = Entry(1, "case.opened")
    assert (
        made(opened, Entry(2, "case.amended", {"supersedes": "ev-0001"})).task("A01").state
        == "done"
    )


def test_the_return_of_the_data_undoes_what_people_ticked_of_the_clean_up():
    done = ticked("D16", 8)
    assert made(done).task("D16").state == "done"
    assert made(done, Entry(9, "case.recurred")).task("D16").state == "open"
    assert made(ticked("A12", 8), Entry(9, "case.recurred")).task("A12").state == "done"


def test_an_item_that_a_person_opens_again_waits_for_something_newer():
    again = Entry(9, "checklist.reopened", {"item": "A14", "reason": "wrong profile", "by": "Jo"})
    chosen = Entry(4, "contacts.chosen")
    assert made(chosen, again).task("A14").state == "open"
    assert made(chosen, again, Entry(10, "contacts.chosen")).task("A14").state == "done"
    assert made(ticked("A12"), replace(again, detail={"item": "A12"})).task("A12").state == "open"


def test_opening_an_item_again_takes_its_milestone_along():
    assert (
        reopen_detail(made().task("A07"), reason="public again", by="Jo")["milestone"]
        == "contained"
    )


@pytest.mark.parametrize("settle", [na_detail, reopen_detail])
def test_an_item_about_a_copy_is_settled_in_the_register_alone(settle):
    task = made().task("E02/K-001")
    with pytest.raises(InRegisterError, match="copies set K-001"):
        settle(task, reason="gone", by="Jo")
    with pytest.raises(InRegisterError):
        tick_detail(task, evidence="gone", by="Jo", shelf=SHELF)
    assert made(ticked("E02/K-001")).task("E02/K-001").state == "open"


# --- dates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("closed", "due"),
    [
        (datetime(2026, 3, 2, 17, tzinfo=UTC), datetime(2026, 3, 9, 17, tzinfo=UTC)),  # Monday
        (datetime(2026, 3, 6, 17, tzinfo=UTC), datetime(2026, 3, 13, 17, tzinfo=UTC)),  # Friday
        (datetime(2026, 3, 7, 17, tzinfo=UTC), datetime(2026, 3, 13, 17, tzinfo=UTC)),  # Saturday
    ],
)
def test_inc_104_the_review_is_due_five_working_days_after_the_end(closed, due):
    assert made().task("F09").due_at is None
    assert made().task("F09").waits_for == "the case is closed"
    moments = {"aware": NOW, "opened": NOW, "closed": closed}
    assert made(moments=moments).task("F09").due_at == due
    assert made(moments=moments, now=due + timedelta(hours=1)).task("F09").overdue
    review = Entry(9, "decision", {"about": "review"})
    assert made(review, moments=moments).task("F09").state == "done"


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ((2025, 1, 31), 1, (2025, 2, 28)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2025, 11, 30), 3, (2026, 2, 28)),
    ],
)
def test_inc_024_months_end_on_a_day_that_there_is(start, months, end):
    def midnight(day):
        year, month, number = day
        return datetime(year, month, number, tzinfo=UTC)

    assert months_after(midnight(start), months) == midnight(end)


@settings(max_examples=50)
@given(st.integers(0, 40), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))  # noqa: DTZ001 - given a zone below
def test_working_days_end_on_a_working_day_and_never_before_as_many_days(number, start):
    aware = start.replace(tzinfo=UTC)
    end = Period(number=number, unit="wd").after(aware)
    assert end - aware >= timedelta(days=number)
    assert number == 0 or end.weekday() < 5


def test_dates_are_read_as_a_playbook_writes_them():
    assert due_from_text("closed+5wd") == Due(since="closed", period=Period(number=5, unit="wd"))
    assert due_from_text("publication") == Due(since="publication")
    assert [due_from_text(t) for t in ("closed", "tomorrow+1d", "aware+1y", "aware+")][1:] == [
        None
    ] * 3
    assert period_from_text("7d") == Period(number=7, unit="d")


# --- the playbook's words -----------------------------------------------------------------------


def test_inc_087_every_item_says_what_who_when_by_what_and_what_it_stops():
    for item in TEMPLATE.items:
        assert item.id
        assert item.text
        assert item.role
        assert item.evidence in {"event", "file", "proof", "ack", "decision"}
        assert item.due is not None or item.each == "expiry", item.id
        assert item.blocks in {"rewrite", "push", "restore", "close", "none"}


def test_a_playbook_replaces_adds_and_removes_items_of_the_one_it_extends():
    base = template_from_mapping(
        {"groups": {"A": "x"}, "items": [item("A01", "first"), item("A02", "second")]}
    )
    mine = {"items": [item("A01", "mine"), item("A03", "third")], "remove": ["A02"]}
    built = template_from_mapping(mine, base)
    assert [(i.id, i.text) for i in built.items] == [("A01", "mine"), ("A03", "third")]
    with pytest.raises(TemplateError, match="A09"):
        template_from_mapping({"remove": ["A09"]}, base)


def item(name, text, **more):
    return {"id": name, "group": "A", "text": text, "role": "handler", "due": "aware+1h", "evidence": "event", **more}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"condition": "sunny"}, "condition"),
        ({"stale_after": "soon"}, "stale_after"),
        ({"until": "x"}, "until"),
        ({"auto": ["x"]}, "auto"),
        ({"auto": [{"ok": True}]}, "auto"),
        ({"copy_states": ["gone"]}, "copy_states"),
        ({"places": "C25"}, "places"),
    ],
)
def test_an_error_in_an_item_leads_to_its_line(change, where):
    with pytest.raises(TemplateError, match=where) as wrong:
        template_from_mapping(
            {"groups": {"A": "x"}, "items": [item("A01", "x"), item("A02", "y", **change)]}
        )
    assert wrong.value.place == ("items", 1, where)


# --- for outsiders ------------------------------------------------------------------------------

TELLING = Telling(
    repository="example-org/frailty-study",
    paths=("out/practice_jones.csv",),
    people=("R. Lindqvist",),
)


@pytest.mark.parametrize(
    "text",
    [
        "see example-org/frailty-study",
        "see Frailty-Study, please",
        "https://github.com/Example-Org/frailty-study.git",
        "commit a1b2c3d4e5f60718293a4b5c6d7e8f9012345678",
        "commit a1b2c3d",
        "out/practice_jones.csv",
        "the file practice_jones.csv",
        "ask R. Lindqvist",
    ],
)
def test_inc_090_a_public_checklist_that_would_tell_is_refused_by_its_line(text):
    with pytest.raises(TellsTooMuchError, match="in line 2") as refused:
        refuse_telling(f"first\n{text}\n", TELLING)
    assert text not in str(refused.value)
    assert refused.value.exit_code == 6


@pytest.mark.parametrize("form", ["md", "csv", "json", "html", "text"])
def test_inc_090_the_shipped_checklist_tells_outsiders_nothing(form):
    events = (ticked("A12", evidence="example-org/frailty-study a1b2c3d"),)
    copies = (copy(1, "clone of R. Lindqvist of frailty-study", holder="R. Lindqvist"),)
    text = checklist_render.export(for_outsiders(made(*events, copies=copies)), form)
    refuse_telling(text, TELLING)
    assert "K-001" in text


def test_inc_090_a_playbook_whose_words_name_the_repository_is_refused():
    data = {"groups": {"A": "x"}, "items": [item("A01", "Close example-org/frailty-study")]}
    shown = for_outsiders(made(template=template_from_mapping(data)))
    with pytest.raises(TellsTooMuchError, match="the repository"):
        refuse_telling(checklist_render.export(shown, "md"), TELLING)


def test_outsiders_read_nothing_that_only_the_response_may_know():
    for task in for_outsiders(made(ticked("A12"), copies=(copy(1, holder="Jo"),))).tasks:
        assert (task.why, task.by, task.owner) == (None, None, None)
        assert isinstance(task, Task)


def test_incident_trap_91_no_cell_of_the_spreadsheet_is_a_formula():
    import csv
    import io

    said = ticked("A12", evidence="=cmd|'/c calc'!A1", by="+1")
    hostile = made(said, codename="@SUM(1)", copies=(copy(1, "-2+3", holder="\t=1"),))
    rows = list(csv.reader(io.StringIO(checklist_render.export(hostile, "csv"))))
    assert all(cell.lstrip()[:1] not in {"=", "+", "-", "@"} for row in rows for cell in row)
    assert any("=cmd|'/c calc'!A1" in cell for row in rows for cell in row)
