"""Runs breachkit at a terminal: what it writes there, colours and all."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def at_a_terminal(
    args: list[str | Path], env: Mapping[str, str], *, errors: bool = False
) -> tuple[int, str]:
    """Run one command with a terminal as its standard output, and give its code and what it wrote.

    Args:
        args: Without the name of the program.
        env: Beside what a terminal sets.
        errors: The terminal is where it writes errors and progress; its results go nowhere.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "breachkit", *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL if errors else theirs,
        stderr=theirs if errors else subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", **env},
    )
    os.close(theirs)
    written = b""
    try:
        while piece := os.read(ours, 1 << 16):
            written += piece
    except OSError:  # what Linux says where the other end was closed
        pass
    finally:
        os.close(ours)
    return process.wait(timeout=60), written.decode("utf-8", "replace").replace("\r\n", "\n")


_STEP = re.compile(r"\x1b\[(?P<number>\d*)(?P<what>[AK])|\x1b\[[?\d;]*[A-Za-z]|(?P<plain>[^\x1b])", re.DOTALL)  # fmt: skip


def left_on_screen(written: str) -> list[str]:
    """Give the lines that a terminal shows once all of this was written, without those that are empty.

    As far as bars of progress need it: text, moving up, clearing a line; colours are left out.
    """
    lines, row, column = [""], 0, 0
    for step in _STEP.finditer(written):
        if step["what"] == "A":
            row = max(row - int(step["number"] or 1), 0)
        elif step["what"] == "K":
            lines[row] = ""
        elif step["plain"] == "\r":
            column = 0
        elif step["plain"] == "\n":
            row, column = row + 1, 0
            lines += [""] * (row + 1 - len(lines))
        elif step["plain"]:
            lines[row] = f"{lines[row][:column]:<{column}}{step['plain']}{lines[row][column + 1 :]}"
            column += 1
    return [line.rstrip() for line in lines if line.strip()]
