"""Ended at any moment by any signal, a command loses nothing, and running it again finishes it."""

import signal
import time
from pathlib import Path

import pytest

from breachkit.incident.folder import CaseFolder
from breachkit.model.time import SystemClock
from breachkit.workflows.standing import status
from tests.support.command_line import OUTPUT, SMALL_COUNTS, study
from tests.support.gitrepo import History, git, refs
from tests.support.killing import Terminal, finish


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"

SIGNALS = (signal.SIGTERM, signal.SIGKILL, signal.SIGHUP, signal.SIGKILL)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def server_with_pull_request(path: Path) -> Path:
    history = History()
    history.commit({b"README.md": b"# A study\n"})
    bad = history.commit({OUTPUT: SMALL_COUNTS})
    history.commit({b"model.py": b"2"}, ref=b"refs/heads/side", parents=[bad])
    history.ref(b"refs/pull/1/head", bad)
    server = history.build(path)
    git(server, "config", "receive.hideRefs", "refs/pull")
    return server


def case_of(terminal: Terminal) -> CaseFolder:
    (folder,) = terminal.home.glob("BK-*")
    return CaseFolder(folder, SystemClock())


def ended_everywhere(
    terminal: Terminal, args: list[str | Path], allowed: list[dict[bytes, str]], server: Path
) -> list[str]:
    """End a command a little later each time until it ends by itself; give what was due each time."""
    due, step, codes = [], 3, dict.fromkeys(SIGNALS, 130) | {signal.SIGKILL: -signal.SIGKILL}
    for number in SIGNALS:
        ran = terminal.ended(step, number, *args)
        if ran.code != codes[number]:  # it was done before
            break
        assert refs(server) in allowed
        assert number == signal.SIGKILL or not terminal.left_behind(), (args, step)
        if list(terminal.home.glob("BK-*")):
            case = case_of(terminal)
            assert case.verify().ok
            due.append(status(case, SystemClock()).next_action.command)
        step *= 4
    assert due or args[0] == "open"
    return due


def test_a_response_in_which_every_command_is_ended_again_and_again_ends_right(breachkit, tmp_path):
    terminal = Terminal(tmp_path)
    server = server_with_pull_request(tmp_path / "study.git")
    old = refs(server)
    allowed = [old]

    def through(code, *args, due=""):
        asked = ended_everywhere(terminal, list(args), allowed, server)
        assert all(due in command for command in asked), asked
        breachkit.expect(code, *args)
        assert not terminal.left_behind()

    ended_everywhere(terminal, ["open", server], [old], server)
    if not list(terminal.home.glob("BK-*")):
        breachkit.expect(0, "open", server)
    through(0, "notify", "render", "alert", "--contacts", CONTACTS, due="notify")
    breachkit.expect(0, "notify", "mark-sent", "N-001", "--by", "Jo")
    breachkit.expect(0, "notify", "mark-sent", "N-002", "--by", "Jo")
    through(0, "scope", due="scope")
    breachkit.prepare()
    breachkit.expect(0, "rewrite")
    through(0, "rewrite", "--execute", "--confirm", "study", due="rewrite")

    done = case_of(terminal).private / "rewritten.git"
    allowed.append({**refs(done), b"refs/pull/1/head": old[b"refs/pull/1/head"]})
    through(0, "push", "--execute", "--confirm", "study")
    allowed.remove(old)
    through(7, "verify")
    through(0, "trace")
    through(0, "checklist", "tick", "A12", "--evidence", "call", "--by", "Jo")
    assert refs(server) in allowed

    assert case_of(terminal).verify().ok
    assert not case_of(terminal).incident.open_intents
    assert breachkit.expect(0, "log", "verify").out


@pytest.mark.parametrize("hook", ["pre-receive", "post-receive"])
def test_a_push_killed_while_the_server_is_at_work_is_found_out_by_running_it_again(
    breachkit, tmp_path, hook
):
    """The server works on after its client is dead: before, or after it has moved the refs."""
    server = server_with_pull_request(tmp_path / "study.git")
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    command = ("--execute", "--confirm", "study", "--override", "practice")
    breachkit.expect(0, "rewrite", *command)
    terminal = Terminal(tmp_path)
    script = server / "hooks" / hook
    script.parent.mkdir(exist_ok=True)
    script.write_text(
        f"#!/bin/sh\ncat >/dev/null\n[ -e {tmp_path}/once ] && exit 0\ntouch {tmp_path}/once\n"
        f"until [ -s {tmp_path}/pid ]; do sleep 0.01; done\nkill -9 $(cat {tmp_path}/pid)\nsleep 0.3\n"
    )
    script.chmod(0o755)

    process = terminal.start("push", *command)
    (tmp_path / "pid").write_text(str(process.pid))
    assert finish(process).code == -signal.SIGKILL
    found = status(case_of(terminal), SystemClock())
    assert "push was begun" in found.interrupted[0]
    assert "push" in found.next_action.command
    ran = breachkit.expect(0, "push", *command)

    assert hook == "pre-receive" or "Pushed: 0 refs; 2 were there already" in ran.out
    time.sleep(0.4)
    assert refs(server)[b"refs/heads/main"] == refs(case_of(terminal).private / "rewritten.git")[b"refs/heads/main"]  # fmt: skip
    assert not case_of(terminal).incident.open_intents


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_scan_that_is_told_to_end_leaves_no_copy_of_the_repository(terminal, tmp_path, number):
    server = study(tmp_path / "study.git")
    url = f"file://localhost{server}"
    ended = [terminal.ended(step, number, "scan", url) for step in (6, 20)]

    assert ended[0].code == 130
    assert "interrupted" in ended[0].err
    assert not list(terminal.temporary.iterdir())


def test_what_a_killed_scan_left_is_deleted_by_the_next_one(terminal, tmp_path):
    server = study(tmp_path / "study.git")
    terminal.ended(20, signal.SIGKILL, "scan", server)
    assert terminal.left_behind()

    terminal.expect(13, "scan", server)

    assert not terminal.left_behind()


def test_a_command_that_shall_outlive_its_terminal_does(terminal, tmp_path):
    server = study(tmp_path / "study.git")
    ignored = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as `nohup` starts a command
    try:
        ran = terminal.ended(6, signal.SIGHUP, "scan", server)
    finally:
        signal.signal(signal.SIGHUP, ignored)

    assert ran.code == 13


def test_the_handlers_of_a_caller_are_as_before_once_a_command_ended(breachkit, tmp_path):
    before = signal.getsignal(signal.SIGTERM)

    breachkit.expect(3, "status")

    assert signal.getsignal(signal.SIGTERM) is before
