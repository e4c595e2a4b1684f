import csv
import io
import json
import re
import time
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.actions.checklist import NoSuchTaskError
from breachkit.actions.checklist_evidence import (
    NoEvidenceError,
    na_detail,
    tick_detail,
)
from breachkit.actions.checklist_public import for_outsiders
from breachkit.actions.checklist_template import TemplateError, template_from_mapping
from breachkit.actions.playbook_yaml import read_yaml
from breachkit.incident.events import EventKind
from breachkit.incident.states import BY_HAND
from breachkit.report import checklist_render
from breachkit.workflows.playbooks import read_text
from tests.support.checklists import CONTACTS, HOSTILE, NOW, TEMPLATE, Entry, copy, made, shelf


DATA = read_yaml(read_text("checklist.yaml", "generic")).value
SHELF = shelf()


def test_there_is_one_item_for_each_copy_and_each_contact_to_tell():
    ids = {task.id for task in made().tasks}
    assert {"E02/K-001", "E02/K-002", "A04/Incident Team", "A04/Bloggs, Jo"} <= ids
    assert "A04/Sam Engineer" not in ids


def test_due_dates_count_from_when_we_became_aware_and_late_items_are_overdue():
    checklist = made()
    assert checklist.task("A01").due_at == NOW + timedelta(minutes=5)
    assert checklist.task("B09").due_at == NOW + timedelta(hours=72)
    assert checklist.task("A01").overdue
    assert not checklist.task("B09").overdue
    assert checklist.open[0].id == "A01"
    assert not made(now=NOW).overdue


def test_the_journal_ticks_an_item_and_the_item_cites_the_entry():
    task = made(Entry(1, "case.opened")).task("A01")
    assert (task.state, task.why, task.overdue) == ("done", "journal entry 1 (case.opened)", False)


def test_a_contact_is_told_only_by_their_own_message():
    sent = Entry(5, "notify.sent", {"message": "internal-alert", "name": "Incident Team"})
    later = Entry(6, "notify.sent", {"message": "clone-holder", "name": "Jo"})
    checklist = made(sent, later)
    assert checklist.task("A04/Incident Team").state == "done"
    assert checklist.task("A04/Bloggs, Jo").state == "open"


def test_only_the_latest_outcome_counts():
    good, bad = (
        Entry(5, "verify.recorded", {"ok": True, "hidden_refs": 0}),
        Entry(6, "verify.recorded", {"ok": False}),
    )
    assert made(good).task("D10").state == "done"
    assert made(good, bad).task("D10").state == "open"
    assert made(bad, replace(good, seq=7)).task("D10").state == "done"


def test_hidden_refs_keep_the_server_unclean():
    checklist = made(Entry(5, "verify.recorded", {"ok": True, "hidden_refs": 2}))
    assert checklist.task("D10").state == "done"
    assert checklist.task("D16").state == "open"


def test_a_new_rewrite_or_the_return_of_the_data_undoes_an_item():
    done = Entry(5, "rewrite.done")
    assert made(done).task("D05").state == "done"
    assert made(done, Entry(6, "rewrite.intent")).task("D05").state == "open"
    assert made(done, Entry(6, "case.recurred")).task("D05").state == "open"
    assert made(Entry(4, "rewrite.intent"), done).task("D05").state == "done"


def test_an_item_whose_condition_nobody_knows_stays_and_says_so():
    assert made().task("D17").only_if == "it uses Git LFS"
    assert made(conditions={"has_lfs": True}).task("D17").only_if is None
    ruled_out = made(conditions={"has_lfs": False}).task("D17")
    assert (ruled_out.state, ruled_out.why) == ("na", "it does not use Git LFS")


def test_a_closed_copy_closes_its_item():
    checklist = made(copies=(copy(1, state="deleted"), copy(2, applies="no"), copy(3)))
    assert [checklist.task(f"E02/K-00{n}").state for n in (1, 2, 3)] == ["done", "na", "open"]


def test_ticking_needs_evidence_and_a_name():
    task = made().task("A12")
    assert tick_detail(task, evidence=" minutes of the call ", by="Jo", shelf=SHELF) == {
        "item": "A12",
        "evidence": "minutes of the call",
        "by": "Jo",
        "is_evidence": False,
        "wanted": "decision",
    }
    for evidence, by in (("", "Jo"), ("x", " ")):
        with pytest.raises(NoEvidenceError):
            tick_detail(task, evidence=evidence, by=by, shelf=SHELF)
        with pytest.raises(NoEvidenceError):
            na_detail(task, reason=evidence, by=by)


def test_what_a_person_says_last_wins():
    ticked = Entry(8, "checklist.ticked", {"item": "A12", "evidence": "call", "by": "Jo"})
    ruled_out = Entry(9, "checklist.na", {"item": "A12", "reason": "done elsewhere", "by": "Sam"})
    assert made(ticked).task("A12").by == "Jo"
    assert made(ticked, ruled_out).task("A12").state == "na"
    assert made(ruled_out, replace(ticked, seq=10)).task("A12").state == "done"
    assert made(ticked, ruled_out).done == made().done


def test_an_item_that_does_not_exist_cannot_be_ticked():
    with pytest.raises(NoSuchTaskError, match="checklist show"):
        made().task("Z99")


def test_the_items_of_the_playbook_fit_the_journal_and_the_case():
    kinds = {kind.value for kind in EventKind}
    for item in TEMPLATE.items:
        assert {trigger.kind for trigger in item.auto} <= kinds, item.id
        assert item.undone_by <= kinds, item.id
        assert item.milestone is None or item.milestone in BY_HAND, item.id
    assert {item.group for item in TEMPLATE.items} == set("ABCDEF")


def test_what_blocks_a_rewrite_is_listed():
    blocking = {task.id for task in made().blocking("rewrite")}
    assert {"A04/Incident Team", "C01", "D01", "D02"} <= blocking


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, "id:"),
        ({"group": "Z"}, "group:"),
        ({"role": "king"}, "role:"),
        ({"due": "tomorrow"}, "due:"),
        ({"evidence": "hope"}, "evidence:"),
        ({"blocks": "everything"}, "blocks:"),
        ({"each": "day"}, "each:"),
        ({"colour": "red"}, "colour:"),
        ({"id": "A02"}, "twice"),
    ],
)
def test_an_error_in_a_checklist_names_the_key(change, message):
    items = [{**DATA["items"][0], **change}, *DATA["items"][1:]]
    with pytest.raises(TemplateError, match=message):
        template_from_mapping({**DATA, "items": items})


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.links = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [
            value for name, value in attrs if name in {"src", "href", "action", "srcset"}
        ]


def hostile(text):
    note = Entry(8, "checklist.ticked", {"item": "A12", "evidence": text, "by": text})
    contacts = replace(CONTACTS, contacts=(replace(CONTACTS.contacts[0], name=text, deputy=None),))
    return made(note, copies=(copy(1, text),), profile=contacts, codename=text)


@settings(deadline=None, max_examples=40)
@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=30)))
def test_the_page_stands_alone_and_runs_nothing(text):
    html = checklist_render.export(hostile(text), "html")
    page = Page()
    page.feed(html)
    assert page.links == []
    assert not {"script", "img", "iframe", "link", "a", "object"} & page.tags
    assert "url(" not in html
    assert "default-src 'none'" in html


@settings(deadline=None, max_examples=40)
@given(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1, max_size=30)))
def test_every_line_of_every_export_is_printable(text):
    for form in ("text", "md", "csv", "json", "html"):
        shown = checklist_render.export(hostile(text), form)
        lines = re.split(r"\r?\n", shown)
        assert all(all(c.isprintable() or c.isspace() for c in line) for line in lines)
        assert "\x1b" not in shown
        assert "\u2028" not in shown


@pytest.mark.parametrize("text", HOSTILE)
def test_a_spreadsheet_runs_no_cell(text):
    rows = list(csv.reader(io.StringIO(checklist_render.export(hostile(text), "csv"))))
    assert len({len(row) for row in rows}) == 1
    assert all(cell.lstrip()[:1] not in {"=", "+", "-", "@"} for row in rows for cell in row)
    assert len(rows) == 1 + len(hostile(text).tasks)


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_is_a_task_list_with_one_line_for_each_item(text):
    checklist = hostile(text)
    lines = checklist_render.export(checklist, "md").split("\n")
    assert sum(line.startswith(("- [ ] ", "- [x] ")) for line in lines) == len(checklist.tasks)
    assert not any("<script>" in line or re.search(r"(?<!\\)\]\(", line) for line in lines)


def test_the_screen_shows_what_is_due_first_and_counts_the_rest():
    checklist = made(Entry(8, "checklist.ticked", {"item": "A03", "evidence": "mail", "by": "Jo"}))
    shown = checklist_render.export(checklist, "brief")
    listed = [line.split()[2] for line in shown.splitlines() if line.startswith("  [")]

    due = [task.id.split()[0] for task in checklist.open if "/K-" not in task.id]
    assert listed == due[: len(listed)]
    assert len(listed) >= 10
    assert "A03" not in shown
    copies = sum("/K-" in task.id for task in checklist.open)
    assert f"copies to account for: {copies}, " in shown
    for letter, title in checklist.groups:
        assert f"  {letter}. {title}" in shown
    assert len(shown.splitlines()) < 60


def test_every_item_stands_on_the_full_screen_within_80_columns():
    checklist = made(copies=(copy(1, "clone of " + "a very long name " * 10),))
    lines = checklist_render.export(checklist, "text").splitlines()

    assert max(map(len, lines)) <= 80
    for task in checklist.tasks:
        assert any(f"] {task.id}  " in line for line in lines), task.id


def test_json_is_versioned_and_counts():
    data = json.loads(checklist_render.export(made(), "json"))
    assert data["schema"] == "breachkit.checklist/1"
    assert data["counts"]["overdue"] == len(made().overdue) > 0
    assert len(data["items"]) == len(made().tasks)


@pytest.mark.parametrize("form", sorted(checklist_render.FORMATS))
def test_no_export_holds_an_object_id(form):
    oid = "a1b2c3d4e5f60718293a4b5c6d7e8f9012345678"
    note = Entry(8, "checklist.ticked", {"item": "A12", "evidence": f"{oid} {oid[:8]}", "by": "Jo"})
    shown = checklist_render.export(made(note, copies=(copy(1, f"remote {oid}"),)), form)
    assert oid not in shown
    assert oid[:8] not in shown


@pytest.mark.parametrize("form", sorted(checklist_render.FORMATS))
def test_outsiders_read_no_name_and_no_note(form):
    note = Entry(8, "checklist.ticked", {"item": "A12", "evidence": "secret-note", "by": "Mallory"})
    shown = checklist_render.export(for_outsiders(made(note)), form)
    for name in ("Jo", "Sam", "Incident Team", "secret-note", "Mallory", "clone of"):
        assert not re.search(rf"\b{name}\b", shown)
    assert "K-001" in shown or form == "brief"


@pytest.mark.parametrize("form", sorted(set(checklist_render.FORMATS) - {"text", "brief"}))
def test_an_export_names_its_maker_so_that_the_next_one_may_replace_it(form):
    assert b"breachkit" in checklist_render.export(made(), form).encode()[:1024]


def test_an_item_is_found_however_its_id_is_typed():
    assert made().task("a4/incident team") == made().task("A04/Incident Team")
    assert made().task("A1").id == "A01"
    assert made().task(" b9 ").id == "B09"


def test_an_unknown_format_is_a_usage_error():
    with pytest.raises(checklist_render.UnknownFormatError, match="html"):
        checklist_render.export(made(), "pdf")


def test_incident_trap_82_the_checklist_of_ten_thousand_copies_is_made_in_a_moment():
    copies = tuple(copy(n, f"clone {n}", holder=f"holder {n}") for n in range(10_000))
    events = [Entry(n, "notify.sent", {"message": "clone-holder", "name": f"holder {n}"}) for n in range(1, 5000)]  # fmt: skip
    started = time.process_time()
    asked = [task for task in made(*events, copies=copies).tasks if task.id.startswith("E06/")]
    assert time.process_time() - started < 15  # a quadratic way takes minutes
    assert sum(task.state == "done" for task in asked) == 4999
