"""Where a command's words go: results to stdout, everything else to stderr."""

import json
import logging
import sys
from collections.abc import Mapping
from typing import Any

from breachkit.report.escape import terminal


def emit(text: str) -> None:
    """Write a result to stdout, ending with a newline."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def emit_bytes(data: bytes) -> None:
    """Write a finished report to stdout as it is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def emit_json(data: Mapping[str, Any]) -> None:
    """Write one JSON object to stdout."""
    emit(json.dumps(data, ensure_ascii=False, indent=2))


def note(text: str, *, quiet: bool = False) -> None:
    """Say something to the person at the terminal, on stderr, every line made safe to show."""
    if not quiet:
        for line in text.split("\n"):
            sys.stderr.write(terminal(line) + "\n")


def following(command: str, why: str = "", *, quiet: bool = False) -> None:
    """Name the next command."""
    note(f"Next: {command}" + (f"\n      {why}" if why else ""), quiet=quiet)


def set_up_logging(verbose: int) -> None:
    """Send log lines to stderr: warnings, or with `-v` what is being done, with `-vv` everything."""
    level = {0: logging.WARNING, 1: logging.INFO}.get(verbose, logging.DEBUG)
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
