"""What a user types reaches the work: homes, names, moments, files, workers, and how much is said."""

import getpass
import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from breachkit.cli import app, cases, console
from breachkit.cli.scan import workers_or_default
from breachkit.model.doing import is_heard
from breachkit.model.errors import UsageError
from tests.support.command_line import CommandLine, study
from tests.support.gitrepo import git


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


def journal(breachkit: CommandLine, kind: str):
    (case,) = breachkit.home.glob("BK-*/events.jsonl")
    entries = [json.loads(line) for line in case.read_text(encoding="utf-8").splitlines()]
    return [entry for entry in entries if entry["kind"] == kind]


# --- who and where --------------------------------------------------------------------------


def test_cases_live_where_the_environment_says_or_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("BREACHKIT_HOME", "~/x")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cases.home() == tmp_path / "x"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREACHKIT_HOME", "relative")
    assert cases.home() == tmp_path / "relative"
    monkeypatch.delenv("BREACHKIT_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert cases.home().name == "breachkit"
    assert cases.home().is_relative_to(tmp_path)


def test_who_did_something_is_never_made_up(monkeypatch):
    assert cases.actor("Jo") == cases.actor("Jo")
    assert (cases.actor("Jo").name, cases.actor("Jo").how) == ("Jo", "option")
    monkeypatch.setattr(getpass, "getuser", lambda: "sam")
    assert (cases.actor().name, cases.actor().how) == ("sam", "operating system")
    assert (cases.who(None), cases.who("Jo")) == ("sam", "Jo")

    def nobody():
        raise KeyError("no entry")

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert cases.actor().name is None
    with pytest.raises(UsageError, match="--by NAME"):
        cases.who(None)


def test_everything_said_at_the_opening_is_in_the_journal(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    breachkit.expect(
        0,
        *("open", server, "--kind", "near-miss", "--path", "a.csv", "--path", "b.csv"),
        *("--found-by", "A. Checker", "--discovered-at", "2024-03-06T16:40:00Z"),
        *("--aware-at", "2024-03-06T17:40:00+00:00", "--policy", "strict", "--contacts", CONTACTS),
    )

    (entry,) = journal(breachkit, "case.opened")
    detail = entry["detail"]
    assert {key: detail[key] for key in ("case_kind", "paths", "found_by", "policy", "target")} == {
        "case_kind": "near-miss",
        "paths": ["a.csv", "b.csv"],
        "found_by": "A. Checker",
        "policy": "strict",
        "target": str(server),
    }
    assert detail["discovered_at"] == "2024-03-06T16:40:00Z"
    assert detail["aware_at"] == "2024-03-06T17:40:00Z"
    assert len(journal(breachkit, "contacts.chosen")) == 1


def test_a_second_case_names_the_first_and_a_case_can_be_named(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    breachkit.expect(0, "open", server)
    second = breachkit.expect(0, "open", server, "--another")

    assert "an earlier case on the same repository: BK-" in second.err
    listed = sorted(path.name for path in breachkit.home.glob("BK-*"))
    breachkit.expect(3, "status")
    shown = json.loads(breachkit.expect(0, "status", "--case", listed[0][:12], "--json").out)
    assert shown["id"] == listed[0][:12]


def test_a_case_can_be_named_by_the_environment(breachkit, tmp_path, monkeypatch):
    server = study(tmp_path / "study.git")
    breachkit.expect(0, "open", server)
    breachkit.expect(0, "open", server, "--another")
    monkeypatch.setenv("BREACHKIT_CASE", sorted(breachkit.home.glob("BK-*"))[1].name[:12])

    shown = json.loads(breachkit.expect(0, "status", "--json").out)

    assert shown["id"] == os.environ["BREACHKIT_CASE"]


def test_only_the_newest_entries_are_shown_where_asked(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    every = json.loads(breachkit.expect(0, "log", "show", "--json").out)["entries"]
    last = json.loads(breachkit.expect(0, "log", "show", "--last", "1", "--json").out)["entries"]

    assert len(every) == 2
    assert last == every[-1:]


def test_a_journal_is_checked_against_an_anchor(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    head = json.loads(breachkit.expect(0, "status", "--json").out)["head"]

    breachkit.expect(0, "log", "verify", "--anchor", head)
    breachkit.expect(7, "log", "verify", "--anchor", "0" * 64)


def test_a_message_is_marked_with_who_and_when(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"), "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    notices = json.loads(breachkit.expect(0, "notify", "list", "--json").out)["notices"]
    when = notices[0]["id"], "--by", "Jo"
    at = json.loads(breachkit.expect(0, "status", "--json").out)["aware_at"]
    breachkit.expect(0, "notify", "mark-sent", *when, "--at", at)
    breachkit.expect(0, "notify", "ack", *when, "--at", at)

    (listed,) = [each for each in json.loads(breachkit.expect(0, "notify", "list", "--json").out)["notices"] if each["id"] == notices[0]["id"]]  # fmt: skip
    assert (listed["sent_at"], listed["acknowledged_at"]) == (at, at)
    breachkit.expect(2, "notify", "mark-sent", *when, "--at", "yesterday")


def test_more_can_open_the_backup_and_a_guard_is_set_aside_for_a_reason(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    execute = ["rewrite", "--execute", "--confirm", "study"]
    other = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
    breachkit.expect(6, *execute)
    ran = breachkit.expect(0, *execute, "--override", "in the room", "--backup-recipient", other)

    (key,) = (breachkit.home / "keys").iterdir()
    assert str(key) in ran.out
    assert journal(breachkit, "backup.made")[0]["detail"]["recipients"] == 2
    assert [entry["detail"]["reason"] for entry in journal(breachkit, "override")] == [
        "in the room"
    ]
    breachkit.expect(0, "push")
    breachkit.expect(6, "push", "--execute", "--confirm", "study")
    breachkit.expect(0, "push", "--execute", "--confirm", "study", "--override", "still there")
    assert len(journal(breachkit, "override")) == 2


# --- how much is said -----------------------------------------------------------------------


def test_quiet_says_results_and_errors_and_no_more(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    assert breachkit.expect(0, "open", server, "-q").err == ""
    loud, quiet = breachkit.expect(0, "scope"), breachkit.expect(0, "scope", "-q")

    assert loud.out == quiet.out
    assert loud.err.startswith("Next: breachkit ")
    assert quiet.err == ""
    assert breachkit.expect(3, "status", "--case", "none", "-q").err.startswith("breachkit: ")


@pytest.mark.parametrize(
    ("more", "level"), [([], logging.WARNING), (["-v"], logging.INFO), (["-vv"], logging.DEBUG)]
)
def test_more_can_be_said_of_what_is_done(breachkit, more, level):
    breachkit.expect(0, "explain", *more)

    assert logging.getLogger().level == level


def test_what_is_said_to_a_person_is_safe_to_show(capsys):
    console.set_up(verbose=0, quiet=False)
    console.note("one\x1b[2J\ntwo")
    console.following("breachkit x", "why")

    assert capsys.readouterr().err == "one\\x1b[2J\ntwo\nNext: breachkit x\n      why\n"


def test_a_result_ends_with_one_newline(capsys):
    for text in ("x", "x\n"):
        console.emit(text)
        assert capsys.readouterr().out == "x\n"


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_heard_of_on_a_terminal_alone_and_not_where_quiet(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("CI", raising=False)
    for stream, quiet, heard in (
        (Terminal(), False, True),
        (Terminal(), True, False),
        (io.StringIO(), False, False),
    ):
        monkeypatch.setattr(sys, "stderr", stream)
        console.set_up(verbose=0, quiet=quiet)
        with console.showing_progress():
            assert is_heard() is heard
        assert not is_heard()
    console.set_up(verbose=0, quiet=False)


def test_a_report_is_written_for_its_owner_alone_and_said_so(breachkit, tmp_path):
    server, out = study(tmp_path / "study.git"), tmp_path / "scan.txt"

    ran = breachkit.expect(13, "scan", server, "--output", out)

    assert ran.out == ""
    assert f"Wrote {out}" in ran.err
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_text(encoding="utf-8").startswith("NOT CLEAN")


def test_an_export_is_written_for_its_owner_alone_and_said_so(breachkit, tmp_path):
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    out = tmp_path / "checklist.csv"

    ran = breachkit.expect(0, "checklist", "export", "--format", "csv", "--output", out)

    assert ran.out == ""
    assert f"Wrote {out}" in ran.err
    assert out.stat().st_mode & 0o777 == 0o600
    assert out.read_bytes().count(b"\n") > 10


def test_a_result_stands_before_the_next_command_where_both_go_to_one_file(tmp_path):
    env = {"PATH": os.environ["PATH"], "BREACHKIT_HOME": str(tmp_path / "home")}
    command = [sys.executable, "-m", "breachkit", "open", str(study(tmp_path / "study.git"))]
    subprocess.run(command, env=env, check=True, capture_output=True)
    command[3:] = ["log", "show"]

    said = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip

    assert said.stdout.index(b"case.opened") < said.stdout.index(b"Next: ")


def test_as_many_workers_as_are_wanted_or_as_the_machine_has(monkeypatch):
    assert workers_or_default(3) == 3
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(20)), raising=False)
    assert workers_or_default(0) == 8
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1}, raising=False)
    assert workers_or_default(0) == 2
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert workers_or_default(0) == 2


def test_what_no_ref_reaches_is_scanned_where_asked(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    git(server, "update-ref", "refs/heads/main", "main~3")

    breachkit.expect(0, "scan", server)
    breachkit.expect(13, "scan", server, "--unreachable")


def test_a_rule_is_explained_whatever_the_case_and_an_unknown_one_names_the_others(breachkit):
    assert breachkit.expect(0, "explain", "CNT-01").out.startswith("CNT-01")
    every = json.loads(breachkit.expect(0, "explain", "--json").out)["rules"]
    said = breachkit.expect(2, "explain", "XYZ-99").err
    assert all(rule["id"] in said for rule in every)


# --- how a process ends ---------------------------------------------------------------------


def test_a_reader_that_went_away_is_told_nothing(monkeypatch):
    def gone(**_options):
        raise BrokenPipeError

    monkeypatch.setattr(app, "app", gone)
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)

    assert app.main(["explain"]) == 1
    assert stream.closed


def test_a_wrong_call_is_explained(breachkit):
    said = breachkit.expect(2, "scan", "--nonsense").err

    assert "Usage:" in said
    assert "--nonsense" in said


def test_an_unexpected_error_names_the_place_and_not_the_message(monkeypatch, capsys):
    def broken(**_options):
        raise ValueError("cell 4711")

    monkeypatch.setattr(app, "app", broken)

    assert app.main(["status"]) == 1
    said = capsys.readouterr().err
    assert "unexpected ValueError in broken (" in said
    assert "4711" not in said


def test_what_a_command_gives_back_is_the_exit_code(monkeypatch):
    for given, code in ((7, 7), (None, 0), ("x", 0), (0, 0)):
        monkeypatch.setattr(app, "app", lambda given=given, **_options: given)
        assert app.main([]) == code
