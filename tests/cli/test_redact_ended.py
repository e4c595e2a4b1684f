"""Ended at any moment by any signal, `redact --write` loses nothing, and the next call puts it right."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
