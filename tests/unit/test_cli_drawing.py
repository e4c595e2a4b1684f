"""What stands out of plain lines at a terminal, and that the words are the same as in a pipe."""

import io
import re

import pytest

from breachkit.cli.drawing import draw


ESCAPES = re.compile(r"\x1b\[([0-9;]*)m")
BOLD, RED = "1", "31"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")


def drawn(text, **more):
    terminal = Terminal()
    draw(terminal, text, **more)
    return terminal.getvalue()


def styled(written, codes):
    """Give what is written in a style that has all these codes."""
    found = re.findall(r"\x1b\[([0-9;]+)m([^\x1b]*)\x1b\[0m", written)
    return [text for style, text in found if set(codes) <= set(style.split(";"))]


SAID = """NOT GONE: see below where the data still are.
The mirror: GONE
A fresh clone: NOT GONE
  critical  a.csv  and more
What is left:
  - 2 refs
Next: breachkit verify --server"""


def test_the_words_are_those_of_a_pipe():
    assert ESCAPES.sub("", drawn(SAID, begins=True)) == SAID + "\n"


def test_verdicts_headings_and_the_next_command_stand_out():
    written = drawn(SAID, begins=True)

    assert styled(written, [BOLD, RED]) == ["NOT GONE", "NOT GONE"]
    assert "GONE" in styled(written, [BOLD, "32"])
    assert "What is left:" in styled(written, [BOLD])
    assert "breachkit verify --server" in styled(written, [BOLD])
    assert "critical" in "".join(styled(written, [BOLD, "37", "41"]))


def test_the_first_line_says_it_all_unless_it_is_a_row():
    assert styled(drawn("Two messages are waiting.", begins=True), [BOLD])
    assert not styled(drawn("N-001  written  alert", begins=True), [BOLD])
    assert not styled(drawn("sending N-001 ..."), [BOLD])


def test_a_word_in_the_middle_of_a_sentence_is_no_verdict():
    assert not ESCAPES.search(drawn("  gone with the token: STILL SERVED by others, not GONE yet"))


def test_no_colour_is_used_where_nobody_wants_any(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", drawn(SAID, begins=True))


def test_a_terminal_that_can_do_nothing_gets_the_words_alone(monkeypatch):
    monkeypatch.setenv("TERM", "dumb")

    assert drawn(SAID, begins=True) == SAID + "\n"


def test_what_looks_like_markup_is_a_name():
    assert "out/[red]x[/].csv :smile:" in drawn("  out/[red]x[/].csv :smile:")
