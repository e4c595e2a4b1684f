"""A print-out as lines: what marks it up taken off, what was typed told from what was printed."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

from breachkit.documents.looks import Known
from breachkit.documents.printing.prefixes import without_prefixes
from breachkit.documents.printing.smcl import is_smcl, plain
from breachkit.model.records import dataclass, field


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
    lines: list[str] = field(repr=False)
    """Of the text without markup, in plain characters."""
    taken: bytearray = field(repr=False)
    """One byte a line: 1 where a table was made of it."""
    signs: bytes = field(repr=False)
    """One byte a line: the bits of the signs that it has."""
    words: int
    """The bits of the signs that the page has."""
    leavings: dict[int, str] = field(default_factory=dict, repr=False)
    """What stays of lines of which a table was made."""
    unread: list[str] = field(default_factory=list)
    """What was not looked at, as reasons."""

    def take(self, first: int, end: int, *, leaving: Sequence[str] = ()) -> None:
        """Remember that a table was made of lines.

        Args:
            first: The first of them.
            end: The line behind the last one.
            leaving: What the table does not tell of each; nothing where it tells all.
        """
        self.taken[first:end] = b"\1" * (end - first)
        for number, line in enumerate(leaving, start=first):
            if line:
                self.leavings[number] = line

    def is_free(self, number: int) -> bool:
        """Say whether there is such a line, and no table was made of it."""
        return 0 <= number < len(self.lines) and not self.taken[number]

    def having(self, sign: "LineSign") -> Iterator[int]:
        """Give the numbers of the lines that have a sign, and of which no table was made so far."""
        has = self.signs.translate(sign.bits)
        number = has.find(1)
        while number >= 0:
            if not self.taken[number]:
                yield number
            number = has.find(1, number + 1)

    def left(self) -> str:
        """Give the text without what tables were made of: their lines become empty, or what they leave."""
        number = self.taken.find(1)
        if number < 0:
            return self.text
        lines = self.lines.copy()
        while number >= 0:
            lines[number] = self.leavings.get(number, "")
            number = self.taken.find(1, number + 1)
        return "\n".join(lines)


class LineSign:
    """What some lines of print-outs have, told by the line alone; what a line has is remembered."""

    __slots__ = ("bit", "bits")

    def __init__(self, is_in: Callable[[str], object], holding: str = "") -> None:
        """Take what tells whether a line that holds some text has the sign: there are eight signs."""
        self.bit: int = _SIGNED.add(is_in, holding)
        self.bits = bytes(bool(signs & self.bit) for signs in range(256))
        """For each combination of signs, 1 if this one is among them."""


class PageSign:
    """Words of which one stands in every print-out of some style."""

    __slots__ = ("bit", "words")

    def __init__(self, *words: str) -> None:
        """Take the words, none of which goes beyond its line."""
        self.bit: int = _SIGNED.add_words(words)
        self.words = words


class Signed:
    """The signs of lines: the versions of a log repeat most of them."""

    def __init__(self) -> None:
        self._tell: list[tuple[Callable[[str], object], str]] = []
        self._words: list[Sequence[str]] = []
        self._known = Known(_MOST_CHARACTERS)

    def add(self, is_in: Callable[[str], object], holding: str) -> int:
        """Give the bit of one more sign of lines.

        Raises:
            ValueError: there is no bit left.
        """
        if len(self._tell) == _BITS:  # a ninth would be taken for the first sign of pages
            raise ValueError(f"lines have {_BITS} signs at most")
        self._tell.append((is_in, holding))
        self._known = Known(_MOST_CHARACTERS)
        return 1 << (len(self._tell) - 1)

    def add_words(self, words: Sequence[str]) -> int:
        """Give the bit of one more sign of pages."""
        self._words.append(words)
        self._known = Known(_MOST_CHARACTERS)
        return 1 << (_BITS + len(self._words) - 1)

    def of(self, lines: Sequence[str]) -> tuple[bytes, int]:
        """Give the signs of lines, one byte for each, and those of the page as bits above these."""
        known = self._known.signs
        fresh = set(lines).difference(known)
        if fresh:
            self._known.add(self._signs(fresh))
        signs = list(map(known.__getitem__, lines))
        self._known.make_room()
        together = reduce(or_, set(signs), 0)
        if together >> _BITS:
            return bytes([sign & _ALL for sign in signs]), together
        return bytes(signs), 0

    def _signs(self, lines: Collection[str]) -> Mapping[str, int]:
        signs = dict.fromkeys(lines, 0)
        for at, (is_in, holding) in enumerate(self._tell):
            some = [line for line in lines if holding in line] if holding else lines
            for line in filter(is_in, some):
                signs[line] |= 1 << at
        for at, words in enumerate(self._words, start=_BITS):
            for line in (line for word in words for line in lines if word in line):
                signs[line] |= 1 << at
        return signs


_BITS, _ALL = 8, 255
_MOST_CHARACTERS = 8_000_000
"""Of all lines that are remembered."""
_SIGNED = Signed()

MAX_LINE = 100_000
"""Characters of a line that are looked at; pandas prints all columns of a frame in one, if told to."""

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
    shown = without_prefixes(shown)
    lines = shown.split("\n")
    if "\t" in shown:
        lines = [line.expandtabs(8) if "\t" in line else line for line in lines]
    return Page(text, lines, bytearray(len(lines)), *_SIGNED.of(lines))


def is_echo(line: str) -> bool:
    """Say whether a line is what somebody typed, as Stata, R and Python repeat it."""
    return _ECHO.match(line) is not None


TYPED = LineSign(_ECHO.match)
