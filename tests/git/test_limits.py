"""What takes too long is cut off where that can be done, and harms nobody where it cannot."""

import signal
import threading
import time

import pytest

from breachkit.git import limits
from breachkit.git.limits import TimeLimit
from breachkit.model.errors import TookTooLongError


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.02)


def busy(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def test_what_takes_too_long_is_cut_off() -> None:
    limit = TimeLimit()
    with limit.available(), pytest.raises(TookTooLongError), limit.for_one():
        busy(5)


def test_in_a_thread_of_a_service_no_alarm_is_set_that_would_end_the_process() -> None:
    alarms: list[tuple[float, float]] = []

    def look() -> None:
        limit = TimeLimit()
        with limit.available(), limit.for_one():
            alarms.append(signal.getitimer(signal.ITIMER_PROF))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()

    assert alarms == [(0.0, 0.0)]


def test_no_alarm_outlives_what_it_was_for() -> None:
    limit = TimeLimit()
    with limit.available():
        with limit.for_one():
            pass
        busy(0.1)

    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)
