"""The bars of a sweep: how far all of it is, who is on their way, and what names do to them."""

import io
import re

import pytest

from breachkit.actions.sweeping import Standing
from breachkit.report.progress import SweepProgress
from tests.support.reporting import HOSTILE
from tests.support.swept import record, repository, seen
from tests.support.terminals import left_on_screen


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    return Terminal()


def shown(terminal):
    """Give what stands on the screen, without colours."""
    return left_on_screen(terminal.getvalue())


def refresh(bars):
    bars._progress.refresh()


def test_the_bar_for_all_counts_what_is_done_new_and_failed(terminal):
    with SweepProgress(terminal) as bars:
        bars.start(10, 3)
        for name, standing in (("a", Standing.SCANNED), ("b", Standing.FAILED)):
            bars.begin(name)
            bars.done(repository(name, record(seen(1)), standing=standing))
        refresh(bars)
        (all_of_it,) = shown(terminal)

        assert "5 of 10: 2 new, 1 failed" in all_of_it
    assert shown(terminal) == []


def test_each_on_its_way_has_a_bar_and_moves_the_one_for_all(terminal):
    with SweepProgress(terminal) as bars:
        bars.start(2, 0)
        bars.begin("one")
        bars.begin("other")
        bars.progress("one", 750, 1000)
        refresh(bars)
        all_of_it, one, other = shown(terminal)

        assert "750 of 1,000 objects" in one
        assert "asking for its refs" in other
        (task,) = (each for each in bars._progress.tasks if each.description == "Sweeping")
        assert task.completed == 0.75
        assert "0 of 2" in all_of_it


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_keeps_to_its_line_and_does_nothing(terminal, name):
    with SweepProgress(terminal) as bars:
        bars.start(1, 0)
        bars.begin(name)
        bars.progress(name, 10**9, 2 * 10**9)
        refresh(bars)
        lines = shown(terminal)

        assert len(lines) == 2
        assert max(map(len, lines)) <= 80
    bare = re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", terminal.getvalue())
    assert all(each.isprintable() for each in re.split(r"[\r\n]", bare))


def test_more_at_once_than_fit_leave_the_bar_for_all_in_sight(terminal):
    with SweepProgress(terminal) as bars:
        bars.start(90, 0)
        for number in range(64):
            bars.begin(f"study-{number}")
        refresh(bars)
        lines = shown(terminal)

        assert lines[0].startswith("Sweeping")
        assert len(lines) <= 24
    assert shown(terminal) == []
