"""`checklist` on the command line: strict for cron, out as Markdown, back with boxes ticked."""

import json
import re
from pathlib import Path

import pytest

from tests.support.command_line import study


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def case(breachkit, tmp_path):
    """An open case on a study whose name is `study`."""
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    return breachkit


def marked(file, item, said, mark="x"):
    text = file.read_text()
    changed, count = re.subn(
        rf"^- \[ \] (\*\*{item}\*\* .*)$", rf"- [{mark}] \1 {said}", text, flags=re.MULTILINE
    )
    assert count == 1
    file.write_text(changed)


def states(breachkit):
    items = json.loads(breachkit.expect(0, "checklist", "show", "--json").out)["items"]
    return {item["id"]: item["state"] for item in items}


def test_inc_091_strict_ends_with_8_while_something_is_overdue(breachkit, tmp_path):
    target = study(tmp_path / "study.git")
    breachkit.expect(0, "open", target)
    breachkit.expect(0, "checklist", "show", "--strict")
    breachkit.expect(0, "close", "--false-alarm", "--reason", "x", "--decided-by", "Jo")
    breachkit.expect(0, "open", target, "--aware-at", "2026-01-01T09:00:00Z")
    breachkit.expect(0, "checklist", "show")
    shown = breachkit.expect(8, "checklist", "show", "--strict", "--json")
    assert json.loads(shown.out)["counts"]["overdue"] > 0


def test_inc_089_a_file_is_shown_first_and_taken_over_with_execute(case, tmp_path):
    file = tmp_path / "list.md"
    case.expect(0, "checklist", "export", "--output", file)
    marked(file, "A12", "named on the call")
    marked(file, "A09", "no website", "-")
    shown = case.expect(0, "checklist", "import", file)
    assert "Would be taken over: 2 items" in shown.out
    assert "[x] A12  note: named on the call (line" in shown.out
    assert states(case)["A12"] == "open"

    case.expect(0, "checklist", "import", file, "--execute", "--by", "Jo")
    assert (states(case)["A12"], states(case)["A09"]) == ("done", "na")
    again = json.loads(case.expect(0, "checklist", "import", file, "--execute", "--json").out)
    assert again["taken"] == []


def test_inc_088_one_line_without_evidence_refuses_the_whole_file(case, tmp_path):
    file = tmp_path / "list.md"
    case.expect(0, "checklist", "export", "--output", file)
    marked(file, "A12", "call")
    marked(file, "A13", "")
    line = next(n for n, t in enumerate(file.read_text().split("\n"), 1) if "**A13**" in t)
    said = case.expect(6, "checklist", "import", file, "--execute")
    assert f"line {line}: A13 is marked without evidence" in said.err
    assert states(case)["A12"] == "open"


@pytest.mark.parametrize(
    ("content", "said"), [(b"\xff\xfe", "not UTF-8"), (None, "cannot be read")]
)
def test_what_is_no_text_is_not_read_as_a_checklist(case, tmp_path, content, said):
    file = tmp_path / "list.md"
    if content is not None:
        file.write_bytes(content)
    assert said in case.expect(3, "checklist", "import", file).err


def test_inc_090_a_public_export_is_refused_where_the_repository_stands_in_it(case, tmp_path):
    plain = case.expect(6, "checklist", "export", "--public")
    assert "the repository in line" in plain.err  # `study` is a word of the items
    assert plain.out == ""


def test_inc_090_a_public_export_names_nobody(breachkit, tmp_path):
    target = study(tmp_path / "frailty-2026.git")
    breachkit.expect(0, "open", target, "--contacts", CONTACTS)
    shown = breachkit.expect(0, "checklist", "export", "--public", "--format", "html").out
    assert "frailty" not in shown
    assert "Bloggs" not in shown


def test_an_item_is_opened_again_with_a_reason(case):
    case.expect(0, "checklist", "tick", "A12", "--evidence", "call")
    said = case.expect(0, "checklist", "reopen", "A12", "--reason", "wrong case")
    assert "A12 is open again" in said.out
    assert states(case)["A12"] == "open"


def test_inc_088_evidence_that_is_not_there_ticks_nothing(case):
    said = case.expect(6, "checklist", "tick", "A12", "--evidence", "ev-0999")
    assert "no entry ev-0999" in said.err
    assert states(case)["A12"] == "open"


def test_every_help_of_an_item_is_a_command_that_there_is_or_a_file_of_the_playbook(breachkit):
    from breachkit.workflows.checklist import load_template
    from breachkit.workflows.playbooks import read_text
    from tests.cli.test_help import LEAVES

    for item in load_template().items:
        if not item.help:
            continue
        words = item.help.split()
        if words[0] == "breachkit":
            assert any(tuple(words[1 : 1 + n]) in LEAVES for n in (1, 2)), item.id
        else:
            assert read_text(words[0].rstrip(",")), item.id
