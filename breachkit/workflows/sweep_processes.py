"""Does a sweep's errands on this machine, each in a process of its own and each for a limited time.

A server may send a byte now and then for as long as it likes. What takes too long is ended from within,
so that the git it started ends with it and what it had half fetched is deleted.
"""

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from breachkit.actions.sweeping import Errand, Outcome, Standing
from breachkit.git.children import OVERDUE, Died, in_children
from breachkit.model.time import Clock


if TYPE_CHECKING:
    from breachkit.workflows.sweep import OnProgress, Runs, Work


LONGEST = timedelta(hours=1)
"""For one repository, where nobody says: the largest known study repository takes two minutes."""
_GRACE_S = 60.0
"""After which a process that does not end from within is killed."""


class _TooLongError(BaseException):
    """The time for an errand is over; nothing that makes the best of a failure may catch it."""


def in_processes(
    workers: int,
    work: "Work",
    *,
    get_ready: Callable[[], None] = lambda: None,
    longest: timedelta | None = None,
) -> "Runs":
    """Do errands on this machine, each in a process of its own.

    Args:
        workers: How many at once.
        work: What does an errand.
        get_ready: Called once before the first.
        longest: After which one is given up; None: `LONGEST`.
    """
    longest_s = (LONGEST if longest is None else longest).total_seconds()

    def run(
        errands: Iterable[Errand], clock: Clock, on_progress: "OnProgress"
    ) -> Iterator[Outcome]:
        get_ready()
        for errand, outcome in in_children(
            lambda errand, tell: _within(longest_s, errand, lambda: work(errand, clock, tell)),
            errands,
            at_once=workers,
            longest_s=longest_s + _GRACE_S,
            on_progress=lambda errand, done, every: on_progress(errand.name, done, every),
        ):
            yield _died(errand, outcome, longest_s) if isinstance(outcome, Died) else outcome

    return run


def _within(longest_s: float, errand: Errand, do: Callable[[], Outcome]) -> Outcome:
    """Do something in the process of one errand, and end it after so many seconds."""
    signal.signal(signal.SIGALRM, _too_long)
    signal.setitimer(signal.ITIMER_REAL, longest_s)
    with contextlib.suppress(_TooLongError):
        outcome = do()
        signal.setitimer(signal.ITIMER_REAL, 0)
        return outcome
    return _failed(errand, _stopped(longest_s))


def _died(errand: Errand, died: Died, longest_s: float) -> Outcome:
    return _failed(errand, _stopped(longest_s) if died.reason == OVERDUE else died.reason)


def _stopped(longest_s: float) -> str:
    return (
        f"it took longer than {_length(longest_s)}, and was stopped: see whether its server is slow; "
        "--longest gives it more time, and `breachkit scan` takes what it needs"
    )


def _length(seconds: float) -> str:
    """Say a length of time in the largest unit that it is a whole number of."""
    for unit, name in ((3600, "h"), (60, "min")):
        if seconds >= unit and not seconds % unit:
            return f"{seconds / unit:g} {name}"
    return f"{seconds:g} s"


def _too_long(_number: int, _frame: object) -> None:
    raise _TooLongError


def _failed(errand: Errand, reason: str) -> Outcome:
    return Outcome(key=errand.key, name=errand.name, standing=Standing.FAILED, reason=reason)
