"""What takes a while shows how far it is, at a terminal, and leaves nothing behind."""

import os
import shutil
import signal
import sys

import pytest

from tests.screens.terminal import play, resize
from tests.support.command_line import study


SLOW = """#!/bin/sh
case " $* " in *" clone "*) case " $* " in *" --progress "*)
  for n in 1 2 3 4 5 6; do
    printf 'Receiving objects:  %d%% (%d/10), 1.20 MiB\\r' "$n"0 "$n" >&2
    sleep 0.2
  done;;
esac;; esac
exec {git} "$@"
"""
"""A git whose copies take 1.2 seconds and say how far they are, as those of large repositories do."""


@pytest.fixture
def slow(breachkit, tmp_path):
    """Give what a user has set who waits for a copy; a case is open whose server answers slowly."""
    breachkit.expect(0, "open", study(tmp_path / "study.git"))
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text(SLOW.format(git=shutil.which("git")))
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {"BREACHKIT_HOME": str(breachkit.home), "PATH": path}


def is_shown(lines):
    return any("Copying" in line for line in lines)


def first_shown(played, what):
    """Give the second at which something was on the screen first."""
    return next((at for at, lines in played.moments if any(what in each for each in lines)), None)


def test_a_copy_shows_how_far_it_is_and_goes_away(slow):
    played = play(["scope"], slow)

    assert played.code == 0
    assert first_shown(played, "Copying the repository") is not None
    assert first_shown(played, "6 of 10, receiving objects, 1.20 MiB") is not None
    assert "Copying" not in played.shown.plain
    assert not played.cursor_hidden


@pytest.mark.parametrize(("option", "more"), [("-q", {}), ("-v", {"CI": "true"})])
def test_who_wants_to_hear_nothing_sees_none_nor_does_ci(slow, option, more):
    played = play(["scope", option], {**slow, **more})

    assert played.code == 0
    assert first_shown(played, "Copying") is None
    assert b"\x1b[?25l" not in played.written


def test_ctrl_c_ends_it_and_brings_the_cursor_back(slow):
    interrupted: list[int] = []

    def watch(lines, terminal, process):
        if is_shown(lines) and not interrupted:
            interrupted.append(os.write(terminal, b"\x03"))

    played = play(["scope"], slow, watch=watch)

    assert played.code == 130
    assert not played.cursor_hidden
    assert "interrupted" in played.shown.plain
    assert "Copying" not in played.shown.plain


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_being_told_to_end_brings_the_cursor_back(slow):
    told: list[None] = []

    def watch(lines, terminal, process):
        if is_shown(lines) and not told:
            told.append(process.send_signal(signal.SIGTERM))

    played = play(["scope"], slow, watch=watch)

    assert played.code == 130
    assert not played.cursor_hidden


@pytest.mark.parametrize("columns", [40, 200])
def test_a_terminal_that_changes_its_width_meanwhile_is_left_clean(slow, columns):
    def watch(lines, terminal, process):
        if is_shown(lines):
            resize(terminal, (columns, 24))

    played = play(["scope"], slow, size=(100, 24), watch=watch)

    assert played.code == 0
    assert "Copying" not in played.shown.plain
    assert not played.cursor_hidden


def test_there_is_room_for_it_in_a_small_terminal(slow):
    played = play(["scope"], slow, size=(40, 10))

    line = next(line for _, lines in played.moments for line in lines if "60%" in line)
    assert line.startswith("Copying the repository")
    assert "Copying" not in played.shown.plain


def test_a_terminal_that_can_do_nothing_is_spared(slow):
    played = play(["scope"], {**slow, "TERM": "dumb"})

    assert played.code == 0
    assert b"\x1b" not in played.written
    assert first_shown(played, "Copying") is None
