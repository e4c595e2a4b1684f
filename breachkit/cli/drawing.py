"""Plain lines drawn on a terminal: fitted to its width, with what matters most standing out.

The words are those that a pipe gets, so that no colour says what no word says.
"""

import re
from typing import IO, TYPE_CHECKING

from breachkit.report.colours import ALARM, AMBER, BADGE, GOOD, SEVERITIES, STRONG
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
    *(
        (re.compile(rf"^ +{severity.label}(?=  )"), style)
        for severity, style in SEVERITIES.items()
        if style
    ),
)
_GAP = "  "
"""Between the columns of a row, which is one of several and says nothing of the others."""


def draw(stream: IO[str], text: str, *, begins: bool = False) -> None:
    """Write lines as a person at a terminal reads them best.

    Args:
        stream: Where.
        text: Lines that are safe to show.
        begins: The first of them says what all of it comes to.
    """
    from breachkit.report.terminal import make_console

    console = make_console(stream)
    whole = text.rstrip("\n").split("\n")
    for above, line, below in zip(["", *whole], whole, [*whole[1:], ""], strict=False):
        is_strong = _is_heading(above, line, below)
        if begins and line is whole[0]:
            is_strong = _GAP not in line
        for part in fitted(line, console.width) if stream.isatty() else [line]:
            console.print(_styled(part, is_strong=is_strong), soft_wrap=True)
    stream.flush()


def _is_heading(above: str, line: str, below: str) -> bool:
    """Say whether a line stands over others that are indented, and begins a part of the text."""
    begins = not above or line.endswith(":")
    return begins and bool(line) and line[0] != " " and below.startswith(" ")


def _styled(line: str, *, is_strong: bool) -> "Text":
    from rich.text import Text

    text = Text(line, STRONG if is_strong and not line.startswith("Next:") else "")
    for pattern, style in _STYLES:
        if found := pattern.search(line):
            text.stylize(style, *found.span())
    return text
