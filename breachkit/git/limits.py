"""What looking at one object may cost a process: its time by an alarm, memory by the system.

The time is that of the processor: on a busy machine nothing is cut off that would not be elsewhere.

Content is hostile: whatever takes too long is cut off and reported as not examined. Code in C does
not notice an alarm; then the process is killed from outside (`parallel`), which costs its one object.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from breachkit.model.errors import TookTooLongError


SECONDS = 10.0
"""Of the processor's time: after so long a reader or a rule is cut off. Real files take a fifth at most."""
AGAIN = 1.0
"""Whatever goes on with the same object is cut off after as much again."""
MEMORY_BYTES = 3 << 29
"""Data of one process, beside what it inherits from the one that started it. Beyond it an allocation
fails, and the object counts as not examined."""


class TimeLimit:
    """Raises `TookTooLongError` in whatever runs too long; nowhere else than in a main thread."""

    def __init__(self) -> None:
        self._is_available = self._armed = False

    @contextlib.contextmanager
    def available(self) -> Iterator[None]:
        """Hold the alarm of the process ready, and give it back as it was."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGPROF, self._ring)
        self._is_available = True
        try:
            yield
        finally:
            self._is_available = False
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    @contextlib.contextmanager
    def for_one(self) -> Iterator[None]:
        """Limit what is done inside; without `available` around it, nothing is."""
        if not self._is_available:  # an alarm that nobody hears would end the process
            yield
            return
        self._armed = True
        signal.setitimer(signal.ITIMER_PROF, SECONDS, AGAIN)
        try:
            yield
        finally:
            self._armed = False
            signal.setitimer(signal.ITIMER_PROF, 0)

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise TookTooLongError


def limit_memory() -> None:
    """Let allocations of this process fail before those of the machine do."""
    try:
        import resource
    except ImportError:  # not on every system
        return
    with contextlib.suppress(ValueError, OSError):  # a lower limit was set by whoever started us
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        limit = MEMORY_BYTES + _inherited_bytes()
        limit = limit if most == resource.RLIM_INFINITY else min(limit, most)
        resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


def _inherited_bytes() -> int:
    """Give what this process has mapped as data already, which the system's limit counts too.

    A large one that forks, such as a service with breachkit in it, would otherwise leave a worker
    nothing: the interpreter itself ends without a word where it gets no memory for its stack.
    """
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[5])
    except (OSError, ValueError, IndexError):  # not on every system
        return 0
    return pages * os.sysconf("SC_PAGESIZE")
