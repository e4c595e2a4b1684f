"""Starts a program that the person at the terminal uses themself, such as their shell, and waits for it."""

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def attend(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> int:
    """Run a program at the terminal of this one until it ends, and give its exit status.

    Ctrl-C is the program's own while it runs. Where this process is told to end, so is the program.

    Args:
        command: The program and its arguments.
        environment: Everything that it gets to see.
        folder: Where it starts.

    Raises:
        OSError: it cannot be started.
    """

    def leave_to_it(_number: int, _frame: object) -> None:
        """Do nothing; unlike a signal that is ignored, the program does not inherit this."""

    before = signal.signal(signal.SIGINT, leave_to_it)
    try:
        process = subprocess.Popen(list(command), env=dict(environment), cwd=folder)
        try:
            return process.wait()
        except BaseException:
            process.send_signal(signal.SIGHUP)
            process.wait()
            raise
    finally:
        signal.signal(signal.SIGINT, before)
