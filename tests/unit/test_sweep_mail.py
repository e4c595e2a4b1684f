"""The mail about a sweep: all that people need to look, and nothing that could be a value."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachkit.actions.sweep_due import Due, Envelope
from breachkit.actions.sweeping import Seen
from breachkit.model.findings import Severity
from breachkit.report.lint import LintError
from breachkit.report.mail_template import TemplateRefusedError
from breachkit.report.sweep_mail import GIVEN, Findings, compose, eml, facts


PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
TEMPLATE = (PLAYBOOKS / "generic" / "mail" / "sweep.txt.j2").read_text()
NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


def due(
    name: str = "example/study",
    path: str = "released_outputs/t.csv",
    rule: str = "CNT-01",
    severity: Severity = Severity.HIGH,
) -> Due:
    seen = Seen(
        mark=f"{name}{path}{rule}",
        rule=rule,
        severity=severity,
        confidence="high",
        message="2 cells hold 3 and 4",
        path=path,
    )
    return Due(key=name, name=name, url="https://example.org/x", found_at=NOON, seen=seen)


def told(*found: Due, template: str = TEMPLATE, **drafts: str):
    findings = Findings(due=found, drafts=drafts, at=NOON, tool_version="1.0")
    return compose(findings, template)


def test_it_names_repositories_rules_severities_numbers_and_files():
    made = told(
        due(), due(path="b.csv"), due(rule="PAT-01", severity=Severity.CRITICAL), due("o/n")
    )

    assert made.subject.startswith("[TLP:AMBER+STRICT] ")
    assert made.subject.endswith("the worst critical")
    for line in (
        "  Repositories        2",
        "  New findings        4",
        "  New findings        3, the worst critical",
        "  - Small counts of people (CNT-01, high, found 2 x)",
        "  - released_outputs/t.csv",
    ):
        assert line in made.text.split("\n")
    assert made.text.split("\n")[0] == made.text.strip().split("\n")[-1] == "TLP:AMBER+STRICT"
    assert "hold 3" not in made.text


def test_a_draft_case_is_named_by_its_codename_alone():
    made = told(due("a"), due("b"), a="amber-otter")

    assert made.text.count("  Draft               amber-otter\n") == 1


def test_the_worst_repositories_stand_first_and_the_rest_is_counted():
    many = [due(f"example/study-{n:02}") for n in range(40)]
    made = told(*many, due("example/zebra", severity=Severity.CRITICAL))

    names = re.findall(r"^example/\S+", made.text, re.MULTILINE)
    assert names[0] == "example/zebra"
    assert len(names) == 30
    assert "not listed here: 11." in made.text


def test_a_sweep_of_any_size_can_be_told():
    long = [
        due(f"{'o' * 300}/{n}", f"{'p' * 300}/{n}-{each}.csv", f"CNT-{each:02}")
        for n in range(60)
        for each in range(30)
    ]

    assert len(told(*long).text) < 65_536


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("3 patients died/t.csv", "t.csv"),
        ("a/3 patients died.csv", "csv: 1"),
        ("a/deadbeef12.csv", "csv: 1"),
    ],
)
def test_a_path_that_looks_like_a_value_is_shown_as_far_as_it_may_be(path, shown):
    made = told(due(path=path))

    assert f"  - {shown}\n" in made.text
    assert "died" not in made.text
    assert "deadbeef12" not in made.text
    assert "example/study" in made.text


def test_a_repository_whose_name_may_not_be_said_does_not_keep_the_alarm_back():
    """A folder that is called so, and a number beside it, could count people."""
    made = told(due("patients"))

    assert "patients\n" not in made.text
    assert "\nRepository 1\n  New findings        1, the worst high\n" in made.text


def test_a_name_adds_no_line_and_no_header():
    made = told(due("a\r\nBcc: b@example.org"))

    assert not any(line.startswith("Bcc") for line in made.text.split("\n"))


def test_whatever_a_template_adds_passes_the_lint_or_nothing_is_written():
    with pytest.raises(LintError):
        told(due(), template=TEMPLATE.replace("PLEASE DO NOT", "{{ findings }} patients"))
    with pytest.raises(LintError):
        told(due(), template=TEMPLATE.replace("New findings  ", "patients"))


@pytest.mark.parametrize("first", ["Subject: [TLP:CLEAR] x", "New: x", "Subject:"])
def test_a_subject_without_the_label_is_refused(first):
    _, _, rest = TEMPLATE.partition("\n")
    with pytest.raises(TemplateRefusedError):
        told(due(), template=f"{first}\n{rest}")


def test_every_fact_is_among_those_that_a_playbook_is_checked_for():
    given = facts(Findings(due=[due()], drafts={}, at=NOON, tool_version="1.0"))

    assert {*given, "template", "template_sha256"} == GIVEN


def test_the_same_letter_is_the_same_bytes_and_no_out_of_office_note_answers_it():
    letter = Envelope(
        number=1,
        name="Incident Team",
        address="incidents@example.org",
        message_id="<a@mail.invalid>",
        telling=told(due()),
    )

    assert eml(letter) == eml(letter)
    assert b"\r\nAuto-Submitted: auto-generated\r\n" in eml(letter)
    assert b"From:" not in eml(letter)
