"""Plain lines drawn on a terminal: fitted to its width, with what matters most standing out.

The words are those that a pipe gets, so that no colour says what no word says.
"""

import re
from typing import IO, TYPE_CHECKING

from breachkit.report.colours import ALARM, AMBER, BADGE, GOOD, STRONG
from breachkit.report.fitting import fitted


if TYPE_CHECKING:
    from rich.text import Text


_BAD = (
    "NOT (?:GONE|CLEAN|READY|PROTECTED|WRITTEN|AS BEFORE|on guard)|STILL (?:SERVED|SEEN|LIFTED)"
    "|DOES NOT HOLD|TAINTED|CHANGED|STOP|LATE|REFUSED|FAILED|DIFFERS|DAMAGED|NOTHING READ"
    "|Nothing was pushed"
)
_UNSURE = "INCOMPLETE|UNKNOWN|NOBODY KNOWS|PREVIEW|DRAFT|warning|Not read|Asked in part"
_WELL = "GONE|CLEAN|READY|PROVEN|REDACTED"
_STYLES = (
    (
        re.compile(rf"^ *(?:{_BAD})\b|(?<=: )(?:{_BAD})$|\bOVERDUE\b|^(?:breachkit|Error):(?= )"),
        ALARM,
    ),
    (re.compile(rf"^ *(?:{_UNSURE})\b|(?<=: )(?:{_UNSURE})$"), AMBER),
    (re.compile(rf"^(?:{_WELL})\b|(?<=: )(?:{_WELL})$"), f"{STRONG} {GOOD}"),
    (re.compile(r"^Next:"), BADGE),
    (re.compile(r"(?<=^Next: )\S.*"), STRONG),
)


def draw(stream: IO[str], text: str) -> None:
    """Write lines as a person at a terminal reads them best.

    Args:
        stream: Where.
        text: Lines that are safe to show.
    """
    from breachkit.report.terminal import make_console

    console = make_console(stream)
    whole = text.rstrip("\n")
    lines = fitted(whole, console.width) if stream.isatty() else whole.split("\n")
    for above, line, below in zip(["", *lines], lines, [*lines[1:], ""], strict=False):
        console.print(_styled(line, is_heading=_is_heading(above, line, below)), soft_wrap=True)
    stream.flush()


def _is_heading(above: str, line: str, below: str) -> bool:
    """Say whether a line stands over others that are indented, and begins a part of the text."""
    begins = not above or line.endswith(":")
    return begins and bool(line) and line[0] != " " and below.startswith(" ")


def _styled(line: str, *, is_heading: bool) -> "Text":
    from rich.text import Text

    text = Text(line, STRONG if is_heading and not line.startswith("Next:") else "")
    for pattern, style in _STYLES:
        if found := pattern.search(line):
            text.stylize(style, *found.span())
    return text
