"""A terminal of a given size: runs a command in it, types what is asked for, and keeps what it shows."""

import fcntl
import itertools
import os
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyte
from rich.style import Style
from rich.text import Text


PROJECT = Path(__file__).parents[2]
_LONGEST_S = 120
_OWN = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
)
"""Makes the terminal that of the process, so that Ctrl-C typed there reaches it."""
_FAINT, _NOT_FAINT, _BLINKS, _BLINKS_NOT = 2, 22, 5, 25
_EXTENDED = frozenset({38, 48})
_COLOURS = {"brown": "yellow", "brightbrown": "bright_yellow"}


class _Screen(pyte.HistoryScreen):
    """Keeps what is faint, which pyte does not know, as what blinks, which nothing here does."""

    def select_graphic_rendition(self, *attrs: int, **more: Any) -> None:
        told: list[int] = []
        for number in attrs:
            if told and _EXTENDED & set(told[-2:]):  # a number of a colour
                told.append(number)
            else:
                told += {_FAINT: [_BLINKS], _NOT_FAINT: [_NOT_FAINT, _BLINKS_NOT]}.get(
                    number, [number]
                )
        super().select_graphic_rendition(*told, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person types once the terminal shows something."""

    after: str
    """The last line that is not empty holds this."""
    typed: str


@dataclass(slots=True, kw_only=True)
class Played:
    """What came of a command."""

    code: int
    shown: Text
    """All lines, those that scrolled away first, in their colours."""
    written: bytes
    """As it came, with everything that was drawn over since."""
    moments: list[tuple[float, list[str]]] = field(default_factory=list)
    """What the screen showed, with the seconds since the start, each time something was written."""
    cursor_hidden: bool = False

    @property
    def lines(self) -> list[str]:
        """The lines without colours."""
        return self.shown.plain.split("\n")


def play(
    args: Sequence[str | Path],
    environment: Mapping[str, str],
    *,
    size: tuple[int, int] = (80, 24),
    cwd: Path | None = None,
    answers: Sequence[Answer] = (),
    program: Sequence[str] = ("-m", "breachkit"),
    watch: Callable[[list[str], int, subprocess.Popen[bytes]], None] | None = None,
) -> Played:
    """Run breachkit in a terminal, until it ends.

    Args:
        args: Without the name of the program.
        environment: Beside PATH, TERM and where the project is.
        size: Columns and rows.
        cwd: Where.
        answers: One after the other.
        program: What Python runs.
        watch: Is called ever again with what is on the screen, our end of the terminal and the
            process, and may resize the one or send signals to the other.
    """
    ours, theirs = os.openpty()
    resize(ours, size)
    process = subprocess.Popen(
        [sys.executable, "-c", _OWN, *program, *map(str, args)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            **environment,
        },
        start_new_session=True,
    )
    os.close(theirs)
    try:
        return _follow(process, ours, size, list(answers), watch)
    finally:
        os.close(ours)
        process.kill()
        process.wait()


def resize(terminal: int, size: tuple[int, int]) -> None:
    """Give a terminal another size: columns and rows."""
    columns, rows = size
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _follow(
    process: subprocess.Popen[bytes],
    ours: int,
    size: tuple[int, int],
    answers: list[Answer],
    watch: Callable[[list[str], int, subprocess.Popen[bytes]], None] | None,
) -> Played:
    screen = _Screen(*size, history=20_000, ratio=0.5)
    stream = pyte.ByteStream(screen)
    begun = time.monotonic()
    played = Played(code=-1, shown=Text(), written=b"")
    while (since := time.monotonic() - begun) < _LONGEST_S:
        if watch is not None:
            watch(played.moments[-1][1] if played.moments else [], ours, process)
        if not select.select([ours], [], [], 0.02)[0]:
            if answers and answers[0].after in _last_line(screen):
                os.write(ours, answers.pop(0).typed.encode())
            continue
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # what Linux says where the other end was closed
            break
        played.written += piece
        stream.feed(piece)
        played.moments.append((since, [line.rstrip() for line in screen.display]))
    played.code = process.wait(timeout=10)
    played.shown = _text(screen)
    played.cursor_hidden = screen.cursor.hidden
    return played


def drawn(written: bytes, size: tuple[int, int]) -> Text:
    """Give what a terminal shows once all of this was written to it."""
    screen = _Screen(*size, history=20_000, ratio=0.5)
    pyte.ByteStream(screen).feed(written)
    return _text(screen)


def _last_line(screen: pyte.Screen) -> str:
    return next((line for line in reversed(screen.display) if line.strip()), "")


def _text(screen: pyte.HistoryScreen) -> Text:
    rows = [*screen.history.top, *(screen.buffer[y] for y in range(screen.lines))]
    lines = [_line(row, screen.columns) for row in rows]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    return Text("\n").join(lines)


def _line(row: Mapping[int, Any], columns: int) -> Text:
    cells = [row[x] for x in range(columns)]
    while cells and cells[-1].data in {" ", ""} and cells[-1].bg == "default":
        cells.pop()
    line = Text()
    for style, alike in itertools.groupby(cells, key=_style):
        line.append("".join(cell.data for cell in alike), style)
    return line


def _style(cell: Any) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold or None,
        dim=cell.blink or None,
        italic=cell.italics or None,
        underline=cell.underscore or None,
        reverse=cell.reverse or None,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    if name in _COLOURS:
        return _COLOURS[name]
    if name.startswith("bright"):
        return f"bright_{name.removeprefix('bright')}"
    return f"#{name}" if len(name) == 6 else name
