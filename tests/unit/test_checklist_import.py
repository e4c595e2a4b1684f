"""A checklist that went out as Markdown and came back with boxes ticked in it."""

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from breachkit.actions.checklist_import import ImportRefusedError, plan_import
from breachkit.report import checklist_render
from tests.support.checklists import HOSTILE, Entry, copy, made, shelf, ticked


def exported(*events, **changed):
    return checklist_render.export(made(*events, **changed), "md")


def planned(text, *events, by="Jo", **changed):
    return plan_import(made(*events, **changed), text, by=by, shelf=shelf(*events))


def edited(text, item, evidence="said on the call", mark="x"):
    """Mark an item as a person would, and write behind it."""
    pattern = re.compile(rf"^- \[ \] (\*\*{re.escape(item)}\*\* .*)$", re.MULTILINE)
    changed, count = pattern.subn(lambda m: f"- [{mark}] {m[1]} {evidence}".rstrip(), text)
    assert count == 1
    return changed


def merged(plan, seq=100):
    """The journal entries that a plan leads to."""
    kinds = {"done": "checklist.ticked", "na": "checklist.na"}
    return [Entry(seq + n, kinds[t.mark], dict(t.detail)) for n, t in enumerate(plan.taken)]


def states(*events, **changed):
    return {task.id: task.state for task in made(*events, **changed).tasks}


def problem(text, *events, **changed):
    with pytest.raises(ImportRefusedError) as refused:
        planned(text, *events, **changed)
    return refused.value.problems


def line_of(text, item):
    return next(n for n, line in enumerate(text.split("\n"), 1) if f"**{item}**" in line)


def test_inc_089_an_export_that_nobody_edited_changes_nothing():
    for text in (exported(), exported(ticked("A12"))):
        plan = planned(text, ticked("A12"))
        assert plan.taken == ()
        assert plan.absent == 0


def test_inc_089_a_ticked_box_with_evidence_is_taken_by_its_id():
    (taken,) = planned(edited(exported(), "A12")).taken
    assert (taken.task.id, taken.mark) == ("A12", "done")
    assert taken.detail == {
        "item": "A12",
        "evidence": "said on the call",
        "by": "Jo",
        "is_evidence": False,
        "wanted": "decision",
    }


def test_inc_088_a_box_ticked_without_evidence_refuses_the_file_by_its_line():
    text = edited(edited(exported(), "A12"), "A13", evidence="")
    assert problem(text) == (
        (line_of(text, "A13"), "A13 is marked without evidence: write it after **Evidence:**"),
    )


def test_inc_088_evidence_in_a_file_is_looked_up_as_on_the_command_line():
    decided = Entry(5, "decision", {"about": "engineer"})
    assert planned(edited(exported(), "A12", "ev-0005"), decided).taken[0].detail["is_evidence"]
    (refused,) = problem(edited(exported(), "A12", "ev-0009"), decided)
    assert "no entry ev-0009" in refused[1]


@pytest.mark.parametrize("mark", ["x", "X", "✓", "✔", "☑", "✅", "*"])
def test_other_marks_of_other_editors_tick_too(mark):
    assert planned(edited(exported(), "A12", mark=mark)).taken[0].mark == "done"


@pytest.mark.parametrize(
    ("mark", "said"), [("-", "no site"), ("~", "no site"), ("x", "n/a: no site")]
)
def test_an_item_is_ruled_out_with_a_reason(mark, said):
    (taken,) = planned(edited(exported(), "A09", said, mark)).taken
    assert (taken.mark, taken.detail["reason"]) == ("na", "no site")
    assert "without a reason" in problem(edited(exported(), "A09", "", "-"))[0][1]


def test_a_mark_that_means_nothing_is_refused_by_its_line():
    text = edited(exported(), "A12", mark="?")
    assert problem(text)[0][0] == line_of(text, "A12")


def test_an_item_that_the_case_does_not_have_is_refused_by_its_line():
    text = exported() + "- [x] **Z99** new **Evidence:** call\n"
    ((line, said),) = problem(text)
    assert text.split("\n")[line - 1].startswith("- [x] **Z99**")
    assert "does not have" in said


def test_two_lines_that_contradict_each_other_are_refused():
    text = edited(exported(), "A12")
    again = text + "- [ ] **A12** **Evidence:**\n"
    assert "says otherwise" in problem(again)[0][1]
    same = next(line for line in text.split("\n") if "**A12**" in line)
    assert len(planned(f"{text}{same}\n").taken) == 1


def test_the_checklist_of_another_case_is_refused():
    text = exported(case_id="BK-2026-0008")
    assert problem(edited(text, "A12")) == ((1, "this is the checklist of another case"),)


def test_a_copy_is_never_closed_by_a_file():
    ((_, said),) = problem(edited(exported(), "E02/K-001"))
    assert "register of copies" in said


def test_what_is_done_in_the_case_is_not_undone_by_an_older_file():
    before = exported()
    plan = planned(before, ticked("A12"))
    assert (plan.taken, plan.kept) == ((), 1)


def test_lines_that_were_taken_out_or_moved_change_nothing():
    text = edited(exported(), "A12")
    lines = text.split("\n")
    kept = [line for line in lines if "**A12**" in line or line.startswith("#")]
    assert [t.task.id for t in planned("\n".join(kept)).taken] == ["A12"]
    assert planned("\n".join(kept)).absent == len(made().tasks) - 1
    assert [t.detail for t in planned("\n".join(reversed(lines))).taken] == [
        t.detail for t in planned(text).taken
    ]


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_other_systems_are_read(end):
    text = edited(edited(exported(), "A12"), "A13", evidence="")
    (refused,) = problem("\ufeff" + text.replace("\n", end))
    assert refused[0] == line_of(text, "A13")


@pytest.mark.parametrize(
    "line",
    [
        "* [x] **A12** so **Evidence:** call",
        "1. [x] **A12** so **Evidence:** call",
        "> - [x] **A12** so **Evidence:** call",
        "    - [X] __A12__ so __Evidence:__ call",
        "-  [ x ] **a12** **evidence:** call",
        "- \\[x\\] **A12** so **Evidence:** call",
        "- [x] A12 so **Evidence:** call",
        "- [x]\u00a0**A12** so **Evidence:** call",
    ],
)
def test_a_line_that_an_editor_wrote_in_its_own_way_is_read(line):
    assert [t.task.id for t in planned(line).taken] == ["A12"]


@pytest.mark.parametrize(
    "line",
    [
        "- [x](http://a12)",
        "text [x] **A12**",
        "| [x] | **A12** |",
        "# [x] **A12**",
        "- [xx] **A12**",
    ],
)
def test_what_is_no_task_is_left_alone(line):
    assert planned(line).taken == ()


@pytest.mark.parametrize("text", HOSTILE)
def test_incident_trap_92_a_hostile_name_neither_ticks_nor_hides_an_item(text):
    profile_free = {"copies": (copy(1, text, holder=text, state="confirmed"),)}
    shown = exported(codename=text, **profile_free)
    assert planned(shown, codename=text, **profile_free).taken == ()
    taken = planned(edited(shown, "E06/K-001", text), codename=text, **profile_free).taken
    assert [t.task.id for t in taken] == ["E06/K-001"]


ITEMS = ["A03", "A12", "A13", "B08", "B11", "C05", "C06", "D04", "F11", "F13"]
CHOICES = st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(["call", "n/a: none", "mail"]))


def file_with(choices, *events):
    text = exported(*events)
    for item, said in choices.items():
        text = edited(text, item, said)
    return text


@settings(deadline=None, max_examples=30)
@given(CHOICES)
def test_importing_twice_changes_nothing_more(choices):
    text = file_with(choices)
    once = merged(planned(text))
    assert {t.task.id for t in planned(text).taken} == set(choices)
    assert planned(text, *once).taken == ()


@settings(deadline=None, max_examples=30)
@given(CHOICES, CHOICES)
def test_the_order_of_two_files_does_not_matter_to_what_they_agree_on(one, other):
    other = {item: said for item, said in other.items() if one.get(item, said) == said}
    first, second = file_with(one), file_with(other)

    def after(*texts):
        entries: list[Any] = []
        for text in texts:
            entries += merged(planned(text, *entries), seq=100 + len(entries))
        return states(*entries)

    assert after(first, second) == after(second, first)


@settings(deadline=None, max_examples=30)
@given(st.randoms(use_true_random=False), CHOICES)
def test_the_order_of_lines_does_not_matter(random, choices):
    head, *lines = file_with(choices).split("\n")
    random.shuffle(lines)
    shuffled = planned("\n".join([head, *lines]))
    assert [t.detail for t in shuffled.taken] == [
        t.detail for t in planned(file_with(choices)).taken
    ]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200))
@example("- [x] **A12** **Evidence:** ")
@example("- [x] **E02/K-001** **Evidence:** deleted")
@example("\\" * 50 + "**" * 50)
def test_no_text_whatever_settles_an_item_without_saying_why(text):
    try:
        plan = planned(text)
    except ImportRefusedError:
        return
    assert all(taken.text and taken.task.copy is None for taken in plan.taken)


@settings(deadline=None, max_examples=40)
@given(st.sets(st.sampled_from(ITEMS)), CHOICES)
def test_an_import_opens_nothing(done, choices):
    events = [ticked(item, seq) for seq, item in enumerate(sorted(done), 8)]
    before = states(*events)
    after = states(*events, *merged(planned(file_with(choices), *events)))
    assert all(after[item] != "open" for item, state in before.items() if state != "open")
