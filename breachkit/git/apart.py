"""Runs one of our own modules in a process that may crash, hang or print: native code of others.

Nothing that it says reaches anybody, since it may hold numbers of a table; what it found it leaves in
files of the folder it runs in. It ends at its time limit, and when whoever started it is gone.
"""

import contextlib
import fcntl
import os
import resource
import select
import signal
import subprocess
import sys
from pathlib import Path

from breachkit.git.process import environment


def run_apart(module: str, args: list[str], *, folder: Path, seconds: float) -> int | None:
    """Run a module in a fresh Python to its end, in a folder, with all that it says thrown away.

    Args:
        module: Its dotted name; the first thing it does is to call `limit_to`.
        args: Its arguments; they hold no content.
        folder: Where it runs. It is never looked into for modules.
        seconds: How long it may take.

    Returns:
        Its exit status, negative for the signal that ended it; None where it took too long.
    """
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *args],
        stdin=subprocess.PIPE,  # is never written to: it closes when this process ends
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=folder,
        start_new_session=True,
    )
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdin is not None:
            process.stdin.close()


def limit_to(*, seconds: float, memory_bytes: int) -> None:
    """Let this process end at a time limit and with whoever started it, and leave no core behind.

    The kernel sees to it all, since native code lets no handler of Python run: an alarm ends the
    process, and so does the signal that standard input sends once its other end is closed.

    Args:
        seconds: From now on.
        memory_bytes: What it may allocate; it fails where it wants more.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(ValueError, OSError):  # a limit that is lower already
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    fcntl.fcntl(0, fcntl.F_SETFL, flags | fcntl.FASYNC)
    if select.select([0], [], [], 0)[0]:  # it is closed already
        sys.exit(1)
