"""A print-out as lines: what marks it up taken off, what was typed told from what was printed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from breachkit.documents.printing.smcl import is_smcl, plain


class Found(NamedTuple):
    """A table and the lines of the page that it was printed on."""

    first: int
    """Counted from 0."""
    end: int
    """The line behind the last one."""
    header: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(slots=True)
class Page:
    """The lines of a print-out, and which of them some table was made of."""

    text: str = field(repr=False)
    shown: str = field(repr=False)
    """The text without markup, in plain characters."""
    lines: list[str] = field(repr=False)
    taken: bytearray = field(repr=False)
    """One byte a line: 1 where a table was made of it."""

    def take(self, first: int, end: int) -> None:
        """Remember that a table was made of lines."""
        self.taken[first:end] = b"\1" * (end - first)

    def is_free(self, number: int) -> bool:
        """Say whether there is such a line, and no table was made of it."""
        return 0 <= number < len(self.lines) and not self.taken[number]

    def left(self) -> str:
        """Give the text without the lines that tables were made of, which become empty."""
        number = self.taken.find(1)
        if number < 0:
            return self.text
        lines = self.lines.copy()
        while number >= 0:
            lines[number] = ""
            number = self.taken.find(1, number + 1)
        return "\n".join(lines)


MAX_LINE = 4_000
"""Characters of a line that are looked at; what prints tables breaks lines long before."""

_STAMPED = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z "
_STAMP = re.compile(_STAMPED)
_STAMPS = re.compile(f"^{_STAMPED}", re.MULTILINE)
_BODY_OF_LOOP = r"\s{0,3}\d{1,3}\. {2,}(?=[^|]*[=`({,])"
_ECHO = re.compile(rf"\. |\.$|>(?: |$|>> )|\+ |\.\.\. \S|In ?\[|{_BODY_OF_LOOP}")
_UPRIGHT = "│┃║┆┇┊┋╎╏▏"
_LEVEL = "─━═╌╍┄┅┈┉"
_FRAMES = {
    **dict.fromkeys(range(0x2500, 0x2580), "+"),
    **{ord(sign): "|" for sign in _UPRIGHT},
    **{ord(sign): "-" for sign in _LEVEL},
    0xA0: " ",
}
_DRAWN = re.compile("[\u2500-\u257f\u258f\xa0]")


def page_of(text: str) -> Page:
    """Take a print-out apart: lines without what marks them up, and frames in plain characters."""
    shown = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    if is_smcl(shown):
        shown = plain(shown)
    if not shown.isascii() and _DRAWN.search(shown):
        shown = shown.translate(_FRAMES)
    if _STAMP.match(shown):
        shown = _STAMPS.sub("", shown)
    lines = shown.split("\n")
    if "\t" in shown:
        lines = [line.expandtabs(8) if "\t" in line else line for line in lines]
    return Page(text, shown, lines, bytearray(len(lines)))


def is_echo(line: str) -> bool:
    """Say whether a line is what somebody typed, as Stata, R and Python repeat it."""
    return _ECHO.match(line) is not None
