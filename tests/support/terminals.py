"""Runs breachkit at a terminal: what it writes there, colours and all."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def at_a_terminal(args: list[str | Path], env: Mapping[str, str]) -> tuple[int, str]:
    """Run one command with a terminal as its standard output, and give its code and what it wrote."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "breachkit", *map(str, args)],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
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
