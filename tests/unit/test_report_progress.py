"""What is shown of something that takes a while, and when."""

import io
import re
import time

import pytest

from breachkit.model.doing import doing, is_heard, listening
from breachkit.report.progress import Bars
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
    return left_on_screen(terminal.getvalue())


def at_once(terminal):
    """Give bars that do not wait to see whether it takes long."""
    return Bars(terminal, after_s=0)


def until(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.01)
    pytest.fail("it did not happen within two seconds")


def test_who_is_not_listened_to_may_tell_all_the_same():
    assert not is_heard()

    with doing("Copying") as step:
        step.tell(1, 2)


def test_only_who_listens_now_hears(terminal):
    with listening(at_once(terminal)):
        assert is_heard()
        with listening(None):
            assert not is_heard()
    assert not is_heard()


def test_a_line_says_what_is_done_how_far_it_is_and_goes_away(terminal):
    bars = at_once(terminal)
    with bars.begin("Copying the repository") as step:
        step.tell(5, 10, note="1.5 MB")
        until(lambda: any("5 of 10, 1.5 MB" in line for line in shown(terminal)))
        assert shown(terminal)[0].startswith("Copying the repository")
    assert shown(terminal) == []


def test_where_no_total_is_known_the_line_says_how_long_it_has_taken(terminal):
    with at_once(terminal).begin("Making a backup") as step:
        step.tell(1_000)
        until(lambda: any(re.search(r"1,000 +0:00$", line) for line in shown(terminal)))


def test_the_time_that_is_left_is_told_once_it_can_be_reckoned(terminal):
    with at_once(terminal).begin("Reading files") as step:
        for done in range(20):
            step.tell(done, 1_000)
            time.sleep(0.02)
        until(lambda: any(re.search(r"0:\d\d left$", line) for line in shown(terminal)))


def test_what_is_over_at_once_is_never_shown(terminal):
    bars = Bars(terminal, after_s=30)
    for _ in range(3):
        with bars.begin("Looking") as step:
            step.tell(1, 2)

    assert terminal.getvalue() == ""


def test_what_follows_something_shown_is_shown_without_a_gap(terminal):
    bars = at_once(terminal)
    with bars.begin("One") as step:
        until(lambda: shown(terminal))
    bars._after_s = 30
    with bars.begin("Other") as step:
        step.tell(1, 2)
        assert shown(terminal)[0].startswith("Other")


def test_the_cursor_is_there_again_after_whatever_happened(terminal):
    def interrupted():
        until(lambda: shown(terminal))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), at_once(terminal).begin("Copying"):
        interrupted()

    hidden, shown_again = (terminal.getvalue().rfind(f"\x1b[?25{end}") for end in "lh")
    assert 0 <= hidden < shown_again
    assert shown(terminal) == []


def test_what_is_written_meanwhile_stands_on_lines_of_its_own(terminal):
    bars = at_once(terminal)
    with bars.begin("Sending"):
        until(lambda: shown(terminal))
        with bars.aside():
            terminal.write("N-001 is sent\n")
        until(lambda: len(shown(terminal)) == 2)
        assert shown(terminal)[0] == "N-001 is sent"
    assert shown(terminal) == ["N-001 is sent"]


def test_what_is_written_before_anything_is_shown_brings_nothing_up(terminal):
    bars = Bars(terminal, after_s=30)
    with bars.begin("Sending"), bars.aside():
        terminal.write("N-001 is sent\n")

    assert terminal.getvalue() == "N-001 is sent\n"


def test_on_a_narrow_terminal_the_words_have_the_room(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    with at_once(terminal).begin("Copying the server") as step:
        step.tell(5, 10)
        until(lambda: any("50%" in line for line in shown(terminal)))
        (line,) = shown(terminal)

    assert len(line) <= 40
    assert "Copying the server" in line


@pytest.mark.parametrize("force", [False, True])
def test_a_pipe_and_a_dumb_terminal_get_nothing(monkeypatch, force):
    if force:
        monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    for stream in (io.StringIO(), Terminal()):
        with at_once(stream).begin("Copying") as step:
            step.tell(5, 10)
            time.sleep(0.02)

        assert stream.getvalue() == ""
