"""Lines of text for a terminal of a given width: broken between words, later lines under the first.

A command to paste is never broken, nor is a path: the terminal goes on with it in its next row, and
whoever copies it there gets it whole.
"""

import re
import unicodedata
from collections.abc import Iterator


_NARROWEST = 30
_UNBROKEN = "\0"
_FARTHEST = 0.6
"""Of the width: a column that begins further right leaves too little room for its later lines."""
_DEEP = 6
"""Indented so far a line belongs to one above it already, and its own later lines stand under it."""
_ITEM = re.compile(r" *(?:[-*x>.+~]|\d{1,3}[.)]) +")
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")
_COMMANDS = re.compile(
    r"`[^`]*`"  # between backticks, wherever it stands
    r"|(?:^[ |]*(?:\$ )?|(?<=: ))(?:breachkit|git|age|pip|sh) (?:(?!  ).)+$"  # at the end, after a colon or alone
)
_REMARK = re.compile(r"(?P<command> *breachkit (?:(?!  ).)+)  +(?P<said>.+)")
"""A command at the start of a line that says something of it behind it."""


def fitted(text: str, columns: int) -> list[str]:
    """Break the lines of a text that are wider than the terminal.

    Args:
        text: Lines, each as it is where there is room enough.
        columns: How wide the terminal is.
    """
    return [part for line in text.split("\n") for part in _broken(line, columns)]


def _broken(line: str, columns: int) -> list[str]:
    if width(line) <= columns:
        return [line]
    if remark := _REMARK.fullmatch(line):
        under = " " * (_indent(line) + 2)
        return [remark["command"], *_broken(under + remark["said"], columns)]
    hang = _hang(line, columns)
    whole = _COMMANDS.sub(lambda command: command.group().replace(" ", _UNBROKEN), line)
    return [part.replace(_UNBROKEN, " ") for part in _filled(whole, columns, hang)]


def _hang(line: str, columns: int) -> int:
    """Say how far from the left the later lines of a paragraph, an item or a row stand."""
    if columns <= _NARROWEST:
        return 0
    indent = _indent(line)
    item = _ITEM.match(line)
    deeper = 2 if 0 < indent < _DEEP else 0
    hang = item.end() if item else indent + deeper
    starts = (width(line[: gap.end()]) for gap in _GAP.finditer(line))
    return max([hang, *(start for start in starts if start <= columns * _FARTHEST)])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _filled(line: str, columns: int, hang: int) -> Iterator[str]:
    """Put as many words on each line as there is room for; runs of spaces within it stay."""
    begun = ""
    for space, word in re.findall(r"( *)([^ ]+)", line):
        if begun.strip() and width(begun + space + word) > columns:
            yield begun
            begun = " " * min(hang, max(columns - width(word), 0)) + word
        else:
            begun += space + word
    yield begun


def width(text: str) -> int:
    """Give how many columns a text takes in a terminal, where some letters take two and some none."""
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
