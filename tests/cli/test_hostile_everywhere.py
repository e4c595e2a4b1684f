"""What strangers wrote and named, handed to every command: nothing of it runs, acts on a terminal or is quoted."""

import os
import signal
import subprocess
import sys

import pytest

from breachkit.cli import hosting
from breachkit.model.time import SystemClock
from tests.cli.test_help import COMMANDS, LEAVES
from tests.support.command_line import study
from tests.support.hostile import MARKER, NAME, acts, stranger


SECONDS = 30
"""Much longer than anything here takes, unless it waits for somebody to write into a pipe."""
EVERYWHERE = {"case", "playbooks"}
"""Options of all commands, read in one place: each command is handed one thing for them."""


class HungError(BaseException):
    """A command stood still."""


@pytest.fixture(scope="module")
def handed(tmp_path_factory):
    return stranger(tmp_path_factory.mktemp("stranger"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.fixture
def user(breachkit, place, monkeypatch, tmp_path):
    """Somebody with a case, whom no network reaches."""
    monkeypatch.setenv("BREACHKIT_HOME", str(place / "home"))
    monkeypatch.setenv("BREACHKIT_GITHUB_API", "http://127.0.0.1:9/api/v3")
    monkeypatch.setattr(hosting, "sleep", lambda _seconds: None)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BREACHKIT_CASE", f"BK-{SystemClock().now().year}-0001")
    breachkit.home = place / "home"
    if not breachkit.home.exists():
        breachkit.expect(0, "open", study(place / "study.git"))
        breachkit.expect(0, "scope")
    return breachkit


@pytest.fixture(autouse=True)
def _patience():
    def end(*_):
        raise HungError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def plain(param, place):
    """Give what somebody types there who means no harm."""
    if choices := getattr(param.type, "choices", None):
        return str(next(iter(choices)))
    return "1" if param.type.name.startswith("int") else str(place / "study.git" / "HEAD")


def line(name, changed, value, place, more):
    """Give a call in which one thing is a stranger's, and whatever else has to be there is not."""
    options, words = [*more], []
    if name == ("drill",) and changed.name not in {"keep", "record"}:
        options.append("--list")  # or it practises for a minute
    for param in LEAVES[name].params:
        if param is not changed and not param.required:
            continue
        given = value if param is changed else plain(param, place)
        if param.param_type_name == "argument":
            words.append(given)
        else:
            options.append(f"{param.opts[-1]}={given}")
    return [*name, *options, *(["--", *words] if words else [])]


def values_of(name, param, handed):
    is_place = param.type.name == "path" or param.param_type_name == "argument"
    values = list((handed.things() if is_place else handed.words()).values())
    if name[0] == "drill" and is_place:  # a new folder with any name is one to practise in
        return [each for each in values if os.path.lexists(each) or len(each) > 999]
    return values


def calls(name, handed, place):
    number = COMMANDS.index(name)
    for param in LEAVES[name].params:
        if getattr(param, "is_flag", False) or param.type.name not in {"str", "path"}:
            continue
        values = values_of(name, param, handed)
        if param.name in EVERYWHERE:
            values = [values[number % len(values)]]
        for value in values:
            number += 1
            yield line(name, param, value, place, ["--json", "-vv"][: number % 3])


def wrong_with(said, handed):
    """Name what a command did that it must not do."""
    found = [f"acts: {each}" for each in acts(said)]
    found += ["quotes what is in a file"] if MARKER in said else []
    found += ["takes it for a mistake of its own"] if "breachkit: unexpected" in said else []
    found += ["ran what a stranger named"] if handed.tripwire.exists() else []
    handed.tripwire.unlink(missing_ok=True)
    return found


@pytest.mark.parametrize("name", COMMANDS, ids=" ".join)
def test_nothing_that_a_stranger_hands_to_a_command_runs_acts_or_is_quoted(
    user, handed, place, name
):
    tried = 0
    for args in calls(name, handed, place):
        ran = user(*args)
        assert wrong_with(ran.all, handed) == [], (args, ran.err[-300:])
        tried += 1
    assert tried


def shows(handed):
    """Give the commands that show what was recorded from words of strangers, and their repository."""
    for args in (["status"], ["next"], ["log", "show"], ["log", "export", "--format", "jsonl"]):
        yield from (args, [*args[:2], "--json"])
    for form in ("md", "csv", "json", "html"):
        yield from (["checklist", "export", "--format", form], ["copies", "list", "--format", form])
    yield from (["respond", "--dry-run"], ["respond", "--dry-run", "--json"])
    for form in ("text", "json", "jsonl", "sarif", "markdown", "csv"):
        yield ["scan", handed.repository, "--format", form]


def test_what_strangers_said_acts_on_nobody_when_it_is_shown_later(user, handed):
    user.expect(0, "amend", "engineer", NAME, "--reason", NAME)
    user.expect(0, "copies", "add", "C33", NAME, "--holder", NAME, "--by", NAME)
    for args in shows(handed):
        ran = user(*args)
        assert wrong_with(ran.all, handed) == [], args
        assert ran.code in {0, 6, 7, 8, 11, 12, 13, 14}, (args, ran.err)
        if args[0] == "scan" and "sarif" not in args:
            assert ran.code == 13  # it was read in spite of all


@pytest.mark.parametrize("way", ["option", "variable"])
def test_settings_that_a_stranger_made_set_nothing_and_run_nothing(user, handed, way, monkeypatch):
    for thing, value in handed.things().items():
        if way == "variable":
            monkeypatch.setenv("BREACHKIT_CONFIG", value)
        given = [f"--config={value}"] if way == "option" else []
        for args in (["config", "check"], ["status", "--json"]):
            ran = user(*given, *args)
            assert wrong_with(ran.all, handed) == [], (thing, args)
            assert ran.code in {0, 3, 6}, (thing, ran.err)


class Keyboard:
    """Somebody at a terminal who says no to everything, and then leaves."""

    def __init__(self):
        self.left = 3

    def isatty(self):
        return True

    def fileno(self):
        raise OSError

    def readline(self):
        self.left -= 1
        return "n\n" if self.left >= 0 else ""


def test_no_question_of_the_guided_response_acts_on_the_terminal(user, handed, monkeypatch):
    monkeypatch.delenv("BREACHKIT_CASE")
    for thing, value in handed.things().items():
        monkeypatch.setattr(sys, "stdin", Keyboard())
        assert wrong_with(user("respond", "--", value).all, handed) == [], thing


def test_the_traps_of_the_repository_would_go_off(handed):
    subprocess.run(["git", "status"], cwd=handed.repository, capture_output=True, check=False)

    assert wrong_with("", handed) == ["ran what a stranger named"]


def test_what_acts_and_what_is_quoted_would_be_found(handed):
    assert len(wrong_with(NAME, handed)) >= 5
    assert wrong_with(f"x {MARKER}", handed) == ["quotes what is in a file"]
    assert wrong_with("plain\n\ttext \N{LATIN SMALL LETTER E WITH ACUTE}\n", handed) == []
