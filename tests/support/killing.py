"""Runs breachkit as a process of its own and ends it at a chosen moment, the same at every run.

A process counts what it does to the world: each program it starts, each file it begins to write,
each name it makes, moves or deletes. Just before the `step`-th of these a signal ends it.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.command_line import Ran


_DYING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell runs in the background ignores it
step, number, main_process = int(sys.argv[1]), int(sys.argv[2]), os.getpid()
changes = {"smtplib.send", "subprocess.Popen", "os.rename", "os.mkdir", "os.remove", "os.truncate", "shutil.rmtree"}
def writes(path, mode, flags):
    if str(path) == os.devnull:
        return False
    return bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))
def count(event, args):
    global step
    if os.getpid() == main_process and (event in changes or event == "open" and writes(*args)):
        step -= 1
        if step == 0:
            os.kill(main_process, number)
sys.addaudithook(count)
from breachkit.cli.app import main
code = main(sys.argv[3:])
sys.exit(code)
"""


class Terminal:
    """A user whose commands can be ended; everything a command may leave lies under `folder`."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.home, self.temporary = folder / "home", folder / "tmp"
        self.temporary.mkdir(parents=True, exist_ok=True)
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "BREACHKIT_HOME": str(self.home),
            "TMPDIR": str(self.temporary),
            "COLUMNS": "100",
            **env,
        }

    def __call__(self, *args: str | Path) -> Ran:
        """Run a command to its end."""
        return finish(self.start(*args))

    def expect(self, code: int, *args: str | Path) -> Ran:
        """Run a command and insist on its exit code."""
        ran = self(*args)
        assert ran.code == code, f"breachkit {' '.join(map(str, args))}: {ran.code}\n{ran.all}"
        return ran

    def ended(self, step: int, number: signal.Signals, *args: str | Path) -> Ran:
        """Run a command that a signal ends just before its `step`-th change of the world."""
        return finish(self.start(*args, step=step, number=number))

    def start(
        self,
        *args: str | Path,
        step: int = 0,
        number: signal.Signals = signal.SIGKILL,
    ) -> "subprocess.Popen[bytes]":
        """Start a command and go on."""
        return subprocess.Popen(
            [sys.executable, "-B", "-c", _DYING, str(step), str(number.value), *map(str, args)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            env=self.env,
        )

    def left_behind(self) -> list[str]:
        """Name what no command that has ended may leave."""
        places = (self.temporary, *self.home.glob("*/private/scratch"))
        found = [path.name for place in places for path in place.iterdir() if path.is_dir()]
        return found + [path.name for path in self.home.glob("*/private/*.partial*")]


def finish(process: "subprocess.Popen[bytes]") -> Ran:
    """Wait for a command that was started."""
    out, err = process.communicate(timeout=120)
    return Ran(process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
