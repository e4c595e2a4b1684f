"""What every command on a case owes to whoever types it, pastes it, or lets cron run it."""

import json
import re

import pytest

from breachkit.model.time import SystemClock, rfc3339
from breachkit.report import colours
from tests.cli.test_help import LEAVES
from tests.support.command_line import run_process, study
from tests.support.gitrepo import History, refs
from tests.support.terminals import at_a_terminal


ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
COLOURS = re.compile(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7])[0-9;]*m")

CHANGE_THE_SERVER = {("restrict",), ("restore",), ("push",)}
HOSTILE = "\x1b[31mred\x07\x1b]8;;http://example.org\x1b\\[/][bold]x[/bold]"


def options(name):
    return {option for param in LEAVES[name].params for option in param.opts}


def test_inc_092_what_changes_a_server_plans_until_it_is_told_to_act_and_by_name():
    acting = {name for name in LEAVES if "--execute" in options(name)}

    assert acting >= CHANGE_THE_SERVER
    assert all("--confirm" in options(name) for name in CHANGE_THE_SERVER)
    for name in acting:
        execute = next(param for param in LEAVES[name].params if "--execute" in param.opts)
        assert execute.default is False


def test_inc_092_a_plan_leaves_every_ref_of_the_server_as_it_is(breachkit, ready):
    before = refs(ready)

    breachkit.expect(0, "push")

    assert refs(ready) == before


def test_inc_092_incident_trap_96_there_is_no_yes_that_stands_for_a_name(breachkit, ready):
    acting = {name for name in LEAVES if "--execute" in options(name)}
    assert not [name for name in acting if options(name) & {"--yes", "-y", "--force", "-f"}]
    before = refs(ready)

    for word in ("--yes", "-y"):
        breachkit.expect(2, "push", "--execute", word)

    assert refs(ready) == before


@pytest.mark.parametrize("name", ["Study", "study.git", "example/study", ""])
def test_incident_trap_95_another_name_than_the_targets_confirms_nothing(breachkit, ready, name):
    before = refs(ready)

    said = breachkit.expect(6, "push", "--execute", "--confirm", name).err

    assert "add --confirm study" in said
    assert refs(ready) == before


@pytest.mark.parametrize("command", ["rewrite", "push"])
def test_inc_093_incident_trap_94_without_a_terminal_nothing_is_asked_and_the_flag_is_named(
    breachkit, ready, command
):
    before = refs(ready)

    ran = run_process([command, "--execute"], {"BREACHKIT_HOME": str(breachkit.home)})

    assert ran.code == 6
    assert "--confirm study" in ran.err
    assert ran.out == ""
    assert refs(ready) == before


@pytest.fixture
def ready(breachkit, tmp_path):
    """Give a server whose rewritten history waits to be pushed."""
    server = study(tmp_path / "study.git")
    breachkit.expect(0, "open", server)
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study", "--override", "by phone")
    return server


@pytest.fixture
def late(breachkit):
    """Give the home of a case that is long overdue, so that its screen has every colour."""
    breachkit.expect(0, "open", "example/study", "--aware-at", "2026-03-06T12:00Z")
    return {"BREACHKIT_HOME": str(breachkit.home)}


@pytest.mark.parametrize(
    ("more", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_inc_096_incident_trap_93_colours_follow_what_the_user_asked_for(late, more, coloured):
    plain = run_process(["status"], {**late, "COLUMNS": "80"}).out

    code, written = at_a_terminal(["status"], {**late, **more})

    assert code == 0
    assert bool(COLOURS.search(written)) is coloured
    assert without_minutes(ESCAPES.sub("", written)) == without_minutes(plain)


@pytest.mark.parametrize("command", [["status"], ["status", "--all"]])
def test_inc_096_what_goes_into_a_pipe_has_no_escapes(late, command):
    ran = run_process(command, late)

    assert ran.code == 0
    assert "\x1b" not in ran.all
    assert not {c for c in ran.all if not (c.isprintable() or c == "\n")}


def test_what_goes_into_a_pipe_has_every_word(late):
    shown = run_process(["status"], late).out

    assert "..." in run_process(["status"], {**late, "COLUMNS": "80"}).out
    assert "..." not in shown
    assert max(map(len, shown.splitlines())) > 80


def test_inc_096_a_pipe_gets_colours_where_they_are_forced(late):
    assert COLOURS.search(run_process(["status"], {**late, "FORCE_COLOR": "1"}).out)


def without_minutes(text):
    return re.sub(r"\d+ h \d\d min", "", text)


def test_inc_091_no_colour_says_what_no_word_says(late):
    """Whoever sees no colours reads the same."""
    shown = run_process(["status"], late).out

    assert "LATE by" in shown
    assert "OVERDUE" in shown
    assert {colours.RED, colours.ALARM, colours.AMBER} == {
        "bold white on red",
        "bold red",
        "bold black on yellow",
    }


@pytest.mark.parametrize("command", [["status"], ["status", "--all"], ["next"]])
def test_inc_101_incident_trap_90_what_a_name_holds_acts_on_no_terminal(breachkit, command):
    breachkit.expect(0, "open", f"/srv/{HOSTILE}", "--found-by", HOSTILE)

    code, written = at_a_terminal(command, {"BREACHKIT_HOME": str(breachkit.home)})

    assert code == 0
    left = ESCAPES.sub("", written)
    assert not {c for c in left if not (c.isprintable() or c == "\n")}
    if command == ["status"]:
        assert r"/srv/\x1b[31mred\x07\x1b]8;;http://example.org\x1b\\[/][bold]x[/bold]" in left


@pytest.mark.parametrize("more", ["-vv", "-q"])
@pytest.mark.parametrize("command", [["status"], ["status", "--all"], ["next"]])
def test_inc_095_incident_trap_101_machines_get_one_object_whatever_is_said_beside_it(
    breachkit, late, command, more
):
    ran = breachkit.expect(0, *command, "--json", more)

    assert json.loads(ran.out)["schema"].startswith("breachkit.")


def test_inc_097_incident_trap_23_no_command_reveals_a_value():
    """There is nothing that a pipe could be refused: no value can be asked for at all."""
    asking = re.compile(r"--(?:reveal|show-values?|unmask|raw|plain-?text|decrypt)\b")

    assert not [name for name in LEAVES if any(map(asking.match, options(name)))]


def test_incident_trap_100_settings_in_what_is_scanned_are_not_read(
    breachkit, tmp_path, monkeypatch
):
    table = b"region,patients\nLondon,364\nNorth East,3\nSouth West,2\nEast,128\n"
    silence = b'[breachkit]\npolicy = "none"\nignore = ["*"]\nmin_severity = "critical"\n'
    names = ["breachkit.toml", ".breachkit.toml", "pyproject.toml", "setup.cfg", ".breachkitignore",
             ".config/breachkit/config.toml", "playbooks/generic/policy.toml", "policy.toml"]  # fmt: skip
    history = History()
    history.commit({b"released_outputs/a.csv": table, **{each.encode(): silence for each in names}})
    own = history.build(tmp_path / "own", bare=False)
    monkeypatch.chdir(own)

    found = json.loads(breachkit.expect(13, "scan", own, "--format", "json").out)

    assert {"released_outputs/a.csv"} <= {each["path"] for each in found["findings"]}
    breachkit.expect(13, "scan", ".")


def test_inc_099_each_word_of_help_and_state_is_there(breachkit):
    assert {("status",), ("next",), ("explain",)} <= set(LEAVES)
    assert "--install-completion" in breachkit.expect(0, "--help").out


def test_incident_trap_97_a_case_is_whole_after_ctrl_c_in_any_command_on_it(breachkit, monkeypatch):
    now = rfc3339(SystemClock().now())
    breachkit.expect(0, "open", "example/study", "--aware-at", now)

    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    for place, command in {
        "breachkit.workflows.standing.status": ["status"],
        "breachkit.workflows.standing.what_next": ["next"],
        "breachkit.workflows.scope.scope": ["scope"],
    }.items():
        with monkeypatch.context() as patch:
            patch.setattr(place, interrupt)
            assert "interrupted" in breachkit.expect(130, *command).err
        breachkit.expect(0, "log", "verify")
    breachkit.expect(0, "status")
