"""Each exit code of the README, brought about once."""

import json
from pathlib import Path

import pytest

from breachkit.cli import app
from tests.support.command_line import clean_study, study
from tests.support.gitrepo import History, loose_object, oid, refs


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


def test_0_nothing_found_and_everything_examined(breachkit, tmp_path):
    ran = breachkit.expect(0, "scan", clean_study(tmp_path / "clean.git"))

    assert ran.out.startswith("CLEAN")


def test_1_an_unexpected_error_says_where_and_nothing_of_its_message(
    breachkit, monkeypatch, tmp_path
):
    def fail(*_args, **_options):
        raise ValueError("secret cell 4711")

    monkeypatch.setattr("breachkit.workflows.scan.scan_target", fail)

    ran = breachkit.expect(1, "scan", study(tmp_path / "study.git"))

    assert "ValueError" in ran.err
    assert "4711" not in ran.all


@pytest.mark.parametrize(
    "args", [["scan"], ["no-such-command"], ["scan", ".", "--format", "pdf"], ["explain", "XYZ-99"]]
)
def test_2_a_wrong_call(breachkit, args):
    breachkit.expect(2, *args)


@pytest.mark.parametrize(
    "args",
    [
        ["scan", "/nowhere/at/all"],
        ["scan", ".", "--policy", "1999-folklore"],
        ["status"],
        ["status", "--case", "BK-1999-0001"],
    ],
)
def test_3_nothing_to_work_on_or_a_bad_setting(breachkit, args):
    ran = breachkit.expect(3, *args)

    assert ran.err.startswith("breachkit: ")


def test_4_a_server_that_refuses_the_push_keeps_every_ref(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    hook = server / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho protected >&2\nexit 1\n")
    hook.chmod(0o755)
    before = refs(server)
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study")

    ran = breachkit.expect(4, "push", "--execute", "--confirm", "study")

    assert "the server refused refs/heads/main" in ran.err
    assert refs(server) == before
    assert "push" in breachkit.expect(0, "next").out


def test_5_something_was_not_examined(breachkit, tmp_path):
    repository = clean_study(tmp_path / "clean.git")
    loose_object(repository, oid(repository, "HEAD:README.md")).unlink()

    ran = breachkit.expect(5, "scan", repository)

    assert ran.out.startswith("INCOMPLETE")


def test_6_a_missing_or_wrong_confirmation_changes_nothing(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))

    assert "--confirm study" in breachkit.expect(6, "rewrite", "--execute").err
    assert "not the target's name" in breachkit.expect(6, "push", "--execute", "--confirm", "x").err


def test_6_a_rewrite_waits_until_the_contacts_have_been_told(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")

    ran = breachkit.expect(6, "rewrite", "--execute", "--confirm", "study")

    assert "no alert to the contacts is marked as sent" in ran.err


def test_7_a_journal_that_was_changed(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "log", "verify")
    [journal] = breachkit.home.glob("*/events.jsonl")
    journal.write_bytes(journal.read_bytes().replace(b"suspected", b"confirmed"))

    breachkit.expect(7, "log", "verify")


def test_8_an_overdue_case_when_strictness_is_asked_for(breachkit, tmp_path):
    late = "2020-01-01T09:00:00Z"
    target = study(tmp_path / "study.git")
    breachkit.expect(0, "open", target, "--discovered-at", late, "--aware-at", late)

    breachkit.expect(0, "status")
    breachkit.expect(8, "status", "--strict")
    breachkit.expect(0, "status", "--all")
    breachkit.expect(8, "status", "--all", "--strict")


PATIENTS = b"patient_id,sex,age\n" + b"".join(b"%d,F,5%d\n" % (48000000 + 7 * n, n % 10) for n in range(40))  # fmt: skip
ROUNDED_BUT_ONE = b"region,patients\n" + b"".join(b"r%d,%d\n" % (n, 5 * n) for n in range(20, 30)) + b"x,132\n"  # fmt: skip


@pytest.mark.parametrize(
    ("code", "path", "content"),
    [
        (13, b"released_outputs/a.csv", b"region,patients\nLondon,364\nEast,3\nWest,2\n"),
        (14, b"released_outputs/a.csv", PATIENTS),
    ],
)
def test_11_to_14_the_worst_finding(breachkit, tmp_path, code, path, content):
    history = History()
    history.commit({path: content})

    breachkit.expect(code, "scan", history.build(tmp_path / "r.git"))


def test_11_and_12_low_and_medium(breachkit, tmp_path):
    low, medium = History(), History()
    low.commit({b"released_outputs/a.pdf": b"%PDF-1.4\n%..\n"}, when=1_730_000_000)
    medium.commit({b"released_outputs/a.rds": b"\x1f\x8b\x08" + bytes(60)}, when=1_730_000_000)

    breachkit.expect(11, "scan", low.build(tmp_path / "low.git"))
    breachkit.expect(12, "scan", medium.build(tmp_path / "medium.git"))


def test_130_interrupted(breachkit, monkeypatch, tmp_path):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("breachkit.workflows.scan.scan_target", interrupt)

    ran = breachkit.expect(130, "scan", study(tmp_path / "study.git"))

    assert "interrupted" in ran.err


def test_sarif_and_no_fail_exit_with_0_when_the_scan_itself_worked(breachkit, tmp_path):
    repository = study(tmp_path / "study.git")

    breachkit.expect(13, "scan", repository)
    breachkit.expect(0, "scan", repository, "--no-fail")
    sarif = breachkit.expect(0, "scan", repository, "--format", "sarif")

    assert json.loads(sarif.out)["version"] == "2.1.0"


def test_findings_win_over_incompleteness_and_complete_says_the_rest(breachkit, tmp_path):
    repository = study(tmp_path / "study.git")
    loose_object(repository, oid(repository, "HEAD:README.md")).unlink()

    ran = breachkit.expect(13, "scan", repository, "--json")

    assert json.loads(ran.out)["complete"] is False
    assert json.loads(ran.out)["verdict"] == "findings"


def test_every_code_of_the_readme_has_a_test_here():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    table = readme.split("## Exit codes")[1].split("##")[0]
    codes = {int(c) for row in table.splitlines() if row.startswith("| ") for c in row.split("|")[1].split(",") if c.strip().isdigit()}  # fmt: skip
    own = Path(__file__).read_text(encoding="utf-8")

    assert codes == {0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 130}
    assert all(f"def test_{code}_" in own for code in codes - {12, 13, 14})
    assert app.INTERRUPTED == 130
