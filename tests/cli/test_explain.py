"""`explain` says what anything means that a person meets by name: rules, exit codes, items, findings."""

import inspect
import json
import re
from pathlib import Path

import pytest

from breachkit.detect.registry import ALL_RULES
from breachkit.model import errors
from breachkit.report.exit_codes import EXIT_CODES
from breachkit.report.explain_item import item_text
from breachkit.workflows.checklist import load_template
from breachkit.workflows.playbooks import default_playbook
from tests.support.command_line import SMALL_COUNTS, study
from tests.support.gitrepo import History


README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("rule", [rule.about for rule in ALL_RULES], ids=lambda about: about.id)
def test_every_rule_is_explained_with_an_example_and_a_remedy(rule):
    assert all(len(part.split()) > 3 for part in (rule.why, rule.example, rule.remedy))
    assert rule.source.strip()


@pytest.mark.parametrize("code", EXIT_CODES)
def test_every_exit_code_is_explained(breachkit, code):
    said = breachkit.expect(0, "explain", "exit", str(code)).out

    assert said.startswith(f"exit code {code}: ")
    assert all(part in said for part in ("What it means", "Example", "What to do"))
    assert json.loads(breachkit.expect(0, "explain", str(code), "--json").out)["code"] == code


def test_no_exit_code_is_forgotten():
    families = {
        each.exit_code
        for _, each in inspect.getmembers(errors, inspect.isclass)
        if issubclass(each, errors.BreachkitError)
    }
    table = README.read_text(encoding="utf-8").split("## Exit codes")[1].split("\n\n")[1]
    cells = [re.match(r"\| ([\d, ]+) \|", line) for line in table.splitlines()]
    listed = {int(code) for cell in cells if cell for code in cell[1].split(", ")}

    assert families <= EXIT_CODES.keys()
    assert listed == EXIT_CODES.keys()


def test_every_item_of_the_checklist_is_explained(breachkit):
    for item in load_template(default_playbook()).items:
        said = item_text(item, "First hour", "ours")
        assert said.startswith(f"{item.id}: ")
        assert all(f"\n  {label} " in said for label in ("who", "when", "shown by"))
    assert breachkit.expect(0, "explain", "f01").out.startswith("F01: ")


def test_an_item_is_explained_as_the_playbook_of_the_case_has_it(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    case = json.loads(breachkit.expect(0, "status", "--json").out)["id"]
    found = json.loads(breachkit.expect(0, "explain", "A07", "--case", case, "--json").out)

    assert found["schema"] == "breachkit.item/1"
    assert found["due"] == "within 30 minutes after the controller became aware"


def test_a_finding_of_the_case_is_explained_by_its_rule(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "scope")
    said = breachkit.expect(0, "explain", "f-1").out
    found = json.loads(breachkit.expect(0, "explain", "F-0001", "--json").out)

    assert said.startswith(f"F-0001 of BK-{found['case'][3:]}: {found['id']} in released_outputs/")
    assert f"\n{found['id']}: " in said
    breachkit.expect(2, "explain", "F-0999")


def test_where_a_finding_is_stands_as_the_scan_has_it(breachkit, tmp_path):
    history = History()
    history.commit({b"outputs/a\\b.csv": SMALL_COUNTS}, message="For NHS number 943 476 5919\n")
    breachkit.expect(0, "open", str(history.build(tmp_path / "study.git", bare=True)))
    breachkit.expect(0, "scope")
    (case,) = breachkit.home.glob("BK-*")
    findings = json.loads((case / "private" / "scan.json").read_text())["findings"]
    assert {each["path"] for each in findings} == {"outputs/a\\\\b.csv", ""}

    for each in findings:
        place = each["path"] or "a message or a name, and in no file"
        assert f" in {place}\n" in breachkit.expect(0, "explain", each["id"]).out


def test_a_finding_without_a_case_is_a_number_of_one_scan(breachkit):
    assert "name the rule" in breachkit.expect(2, "explain", "F-0003").err


@pytest.mark.parametrize(
    ("typed", "meant"), [("cnt01", "CNT-01"), ("CNT-O1", "CNT-01"), ("a7", "A07"), ("PTA-01", "PAT-01")]
)  # fmt: skip
def test_a_slip_names_what_may_be_meant(breachkit, typed, meant):
    assert f"Did you mean {meant}?" in breachkit.expect(2, "explain", typed).err


@pytest.mark.parametrize("words", [["exit"], ["exit", "99"], ["exit", "7", "8"], ["9" * 5000], ["A07", "A08"]])  # fmt: skip
def test_what_is_nothing_is_a_wrong_call(breachkit, words):
    breachkit.expect(2, "explain", *words)
