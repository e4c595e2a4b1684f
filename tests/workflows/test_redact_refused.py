"""What is not protected is not written, whoever asks for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from breachkit.actions.redacted import Fate, LeftOut, RedactedFile, Redaction
from breachkit.actions.redaction_plan import (
    Change,
    FilePlan,
    Options,
    RedactionPlan,
    TablePlan,
    Why,
)
from breachkit.documents.editing.editable import Spot
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.model.time import SystemClock
from breachkit.report.redaction import next_step
from breachkit.report.redaction_words import bound, verdict
from breachkit.sdc.rounding import Regime
from breachkit.workflows.playbooks import choose_policies
from breachkit.workflows.redact import Origin, Planned, Writing, carry_out


NAME = GitPath(b"t.csv")
TABLE = Table(header=("region", "n"), rows=(("East", "3"), ("West", "22")))
PRIMARY = {Spot(0, 0, 1): Change(text="[REDACTED]", why=Why.PRIMARY)}
BOTH = {**PRIMARY, Spot(0, 1, 1): Change(text="[REDACTED]", why=Why.COMPLEMENTARY)}


def table_plan(**options: object) -> TablePlan:
    given: dict[str, object] = {"changes": PRIMARY, "engine": "HiGHS", "lost": 1, **options}
    return TablePlan(table=0, counts=2, already=0, **given)  # type: ignore[arg-type] # a test's own


def redaction(
    plan: TablePlan, *, left_out: tuple[LeftOut, ...] = (), hits: tuple[Hit, ...] = ()
) -> Redaction:
    file = FilePlan(path=NAME, tables=(plan,))
    whole = RedactionPlan(policy=choose_policies("auto").at(None), options=Options(), files=(file,))
    shown = RedactedFile(path=NAME, plan=file, tables=(TABLE,), hits=hits)
    return Redaction(files=(shown,), plan=whole, left_out=left_out)


def carried_out(folder: Path, asked: Redaction, *, skip: bool = False) -> Redaction:
    file = folder / "t.csv"
    file.write_bytes(b"old")
    origin = Origin(name=NAME, path=file, mode=0o600, content=b"old")
    writing = Writing(
        home=folder / "home", clock=SystemClock(), replaces=True, skip_unreadable=skip
    )
    planned = Planned(redaction=asked, contents={NAME: b"new"})
    return carry_out(planned, [origin], writing)


@pytest.mark.parametrize("skip", [False, True])
def test_cells_that_can_still_be_worked_out_are_not_written(tmp_path: Path, skip: bool):
    asked = redaction(table_plan(open=(Spot(0, 0, 1),)))

    done = carried_out(tmp_path, asked, skip=skip)

    assert (tmp_path / "t.csv").read_bytes() == b"old"
    assert done.exit_code == 6
    assert "--whole-table" in (done.refusal or "")
    assert asked.exit_code == 12
    assert verdict(asked) == "NOT PROTECTED: 1 cell could still be worked out"
    assert next_step(asked)[0] == "breachkit redact t.csv --whole-table"


def test_files_that_were_left_out_are_passed_over_only_where_somebody_says_so(tmp_path: Path):
    asked = redaction(table_plan(), left_out=(LeftOut(path=NAME, reason="odd"),))

    assert carried_out(tmp_path, asked).exit_code == 6
    assert (tmp_path / "t.csv").read_bytes() == b"old"
    done = carried_out(tmp_path, asked, skip=True)

    assert (tmp_path / "t.csv").read_bytes() == b"new"
    assert [each.fate for each in done.files] == [Fate.WRITTEN]
    assert done.exit_code == 5


def test_what_the_rules_still_find_comes_before_what_was_left_out():
    hit = Hit(rule="CNT-01", severity=Severity.HIGH, confidence=Confidence.HIGH, message="small")
    out = (LeftOut(path=NAME, reason="odd"),)

    asked = redaction(table_plan(), left_out=out, hits=(hit,))

    assert asked.exit_code == 13
    assert verdict(asked).startswith("PREVIEW, NOT SAFE YET: ")


@pytest.mark.parametrize("rule", ["SUP-01", "SUP-03"])
@pytest.mark.parametrize("skip", [False, True])
def test_what_a_rule_still_works_out_is_not_written(tmp_path: Path, rule: str, skip: bool):
    hit = Hit(rule=rule, severity=Severity.MEDIUM, confidence=Confidence.HIGH, message="comes back")

    done = carried_out(tmp_path, redaction(table_plan(), hits=(hit,)), skip=skip)

    assert (tmp_path / "t.csv").read_bytes() == b"old"
    assert done.exit_code == 6
    assert rule in verdict(done)


@pytest.mark.parametrize(
    ("rule", "severity"), [("SUP-01", Severity.LOW), ("CNT-06", Severity.HIGH)]
)
def test_what_gives_nothing_back_is_written(tmp_path: Path, rule: str, severity: Severity):
    hit = Hit(rule=rule, severity=severity, confidence=Confidence.HIGH, message="left open")

    carried_out(tmp_path, redaction(table_plan(), hits=(hit,)))

    assert (tmp_path / "t.csv").read_bytes() == b"new"


@pytest.mark.parametrize("is_proven", [False, True])
def test_rounded_numbers_that_seem_to_tell_something_do_not_speak_against_a_proof(
    tmp_path: Path, is_proven: bool
):
    hit = Hit(rule="SUP-01", severity=Severity.HIGH, confidence=Confidence.HIGH, message="narrow")
    asked = redaction(table_plan(is_proven=is_proven), hits=(hit,))
    plan = replace(asked.plan, options=Options(rounding=Regime(5)))

    done = carried_out(tmp_path, replace(asked, plan=plan))

    assert (done.refusal is None) == is_proven


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "no further cell had to go"),
        ({"changes": BOTH, "cost": 1210, "least": 1210}, "proven that no choice loses less"),
        ({"changes": BOTH, "cost": 1210, "least": None}, "whether less would do is not known"),
        ({"changes": BOTH, "cost": 1210, "least": 1000}, "at most 20 % of that loss is too much"),
    ],
)
def test_how_sure_an_engine_is_is_said_without_its_costs(options: dict[str, object], said: str):
    assert said in bound(table_plan(**options))
    assert "1210" not in bound(table_plan(**options))
