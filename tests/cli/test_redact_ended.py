"""Ended at any moment by any signal, `redact --write` loses nothing, and the next call puts it right."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from breachkit.workflows import redact_kept, redact_write
from tests.support.command_line import CommandLine
from tests.support.killing import Terminal


COUNTS = b"region,patients\nLondon,364\nNorth East,3\nSouth West,22\nEast,128\nTotal,517\n"
REDACTED = COUNTS.replace(b",3\n", b",[REDACTED]\n").replace(b",22\n", b",[REDACTED]\n")
NAMES = ("a.csv", "b.csv")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "release"
    place.mkdir()
    for name in NAMES:
        (place / name).write_bytes(COUNTS)
    return place


def test_killed_again_and_again_the_next_call_finds_all_or_nothing_done(tmp_path, folder):
    terminal = Terminal(tmp_path)
    files = [folder / name for name in NAMES]
    killed = 0
    for step in (6, 11, 16, 21, 26):
        for file in files:
            file.write_bytes(COUNTS)
        ran = terminal.ended(step, signal.SIGKILL, "redact", *files, "--write")
        killed += ran.code == -signal.SIGKILL
        assert {file.read_bytes() for file in files} <= {COUNTS, REDACTED}
        originals = {each.read_bytes() for each in terminal.home.rglob("original-*")}
        assert originals == {COUNTS} or {file.read_bytes() for file in files} == {COUNTS}

        terminal.expect(0, "redact", *files, "--write")

        assert {file.read_bytes() for file in files} == {REDACTED}
        assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
        assert not terminal.left_behind()
        for kept in sorted((terminal.home / "redactions").glob("RD-*"), reverse=True):
            terminal.expect(0, "redact", "--restore", kept.name)
        assert {file.read_bytes() for file in files} == {COUNTS}
    assert killed >= 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_it_leaves_all_as_it_was_or_finishes(tmp_path, folder, number):
    terminal = Terminal(tmp_path)
    files = [folder / name for name in NAMES]

    ran = terminal.ended(8, number, "redact", *files, "--write")

    assert ran.code == 130
    assert {file.read_bytes() for file in files} == {COUNTS}
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    assert list(terminal.home.rglob("original-*")) == []


def test_a_preview_says_that_an_earlier_call_was_ended_while_it_wrote(tmp_path, folder):
    terminal = Terminal(tmp_path)
    files = [folder / name for name in NAMES]
    staged: list[Path] = []
    for step in range(10, 40):
        terminal.ended(step, signal.SIGKILL, "redact", *files, "--write")
        staged = [path for path in folder.iterdir() if path.suffix == ".tmp"]
        if staged:
            break

    ran = terminal("redact", *files)

    assert "RD-0001 was ended while it was written" in ran.err
    assert staged == [path for path in folder.iterdir() if path.suffix == ".tmp"]


def test_two_at_once_end_as_one_would(tmp_path, folder):
    terminal = Terminal(tmp_path)
    files = [folder / name for name in NAMES]
    command = [sys.executable, "-m", "breachkit", "redact", *map(str, files), "--write", "-q"]
    both = [
        subprocess.Popen(command, env=terminal.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    codes = sorted(process.wait(timeout=120) for process in both)
    for process in both:
        process.communicate()

    assert codes in ([0, 0], [0, 5])
    assert {file.read_bytes() for file in files} == {REDACTED}
    assert sorted(path.name for path in folder.iterdir()) == sorted(NAMES)
    originals = {each.read_bytes() for each in terminal.home.rglob("original-*")}
    assert originals == {COUNTS}


def test_what_is_finished_for_an_earlier_call_is_said_with_what_was_left(
    breachkit: CommandLine, tmp_path: Path
) -> None:
    home = breachkit.home / "redactions"
    home.mkdir(parents=True)
    wanted = []
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"old\n")
        wanted.append(
            redact_write.Change(path=tmp_path / name, old=b"old\n", new=b"new\n", mode=0o600)
        )
    record = redact_kept.new_record(home, redact_write._kept(wanted), at="", reason=None)
    redact_write._prepare(record, wanted)
    (tmp_path / "a.csv").write_bytes(b"theirs\n")

    told = breachkit.expect(5, "redact", "--restore", "RD-0001").err

    assert "finished RD-0001" in told
    assert f"{tmp_path}/a.csv was changed meanwhile: RD-0001 left it as it is" in told
    assert "b.csv was changed" not in told
