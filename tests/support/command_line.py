"""Runs breachkit as its user does: in this process with what it prints kept, or as a process."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from breachkit.cli.app import main
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import SystemClock
from tests.support.gitrepo import History


@dataclass(frozen=True)
class Ran:
    """What a command gave back."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Everything it printed."""
        return self.out + self.err


class CommandLine:
    """A user at a terminal, with a home of their own for cases."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capture = capture
        self.printed: list[str] = []

    def __call__(self, *args: str | Path) -> Ran:
        """Run one command in this process."""
        self._capture.readouterr()
        code = main([str(arg) for arg in args])
        out, err = self._capture.readouterr()
        self.printed.append(out + err)
        return Ran(code, out, err)

    def expect(self, code: int, *args: str | Path) -> Ran:
        """Run one command and insist on its exit code."""
        ran = self(*args)
        assert ran.code == code, f"breachkit {' '.join(map(str, args))}\n{ran.all}"
        return ran

    def prepare(self) -> None:
        """Let each open case know who does the clean-up, and that whoever can push was asked to stop.

        As people do who are told by word of mouth; the messages themselves have tests of their own.
        """
        for folder in self.home.glob("BK-*"):
            case = CaseFolder(folder, SystemClock())
            case.record("fact.recorded", {"field": "engineer", "value": "Sam Engineer"})
            case.record("notify.sent", {"message": "freeze", "how": "by hand"})


def run_process(
    args: Sequence[str | Path], env: Mapping[str, str], *, cwd: Path | None = None
) -> Ran:
    """Run one command as a process of its own, with nothing on its standard input."""
    answer = subprocess.run(
        [sys.executable, "-m", "breachkit", *map(str, args)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], **env},
        timeout=120,
    )
    return Ran(
        answer.returncode,
        answer.stdout.decode("utf-8", "replace"),
        answer.stderr.decode("utf-8", "replace"),
    )


SMALL_COUNTS = b"region,patients\nLondon,364\nNorth East,3\nSouth West,2\nEast,128\n"
SAFE_COUNTS = b"region,patients\nLondon,364\nNorth East,230\nSouth West,225\nEast,128\n"
OUTPUT = b"released_outputs/output/by_region.csv"


def study(path: Path, bad: bytes = SMALL_COUNTS) -> Path:
    """Build a server whose history holds a table that was deleted again."""
    history = History()
    history.commit({b"README.md": b"# A study\n", b"analysis/model.py": b"print('hello')\n"})
    history.commit({OUTPUT: bad}, message="Add results")
    history.commit({b"analysis/model.py": b"print('better')\n"}, message="Improve the model")
    history.commit({OUTPUT: None}, message="Remove results with small numbers")
    return history.build(path)


def clean_study(path: Path) -> Path:
    """Build a repository in which there is nothing to find and everything can be read."""
    history = History()
    history.commit({b"README.md": b"# A study\n", OUTPUT: SAFE_COUNTS})
    return history.build(path)
