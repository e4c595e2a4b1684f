"""A line of delimited text to cells and the places where they stand: quoted, unquoted, badly quoted."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple


class Piece(NamedTuple):
    """A cell as it is written in a line."""

    start: int
    """Counted from 0 in the line; quotes and white space around it belong to it."""
    end: int
    shown: str
    """What the reader of tables shows for it."""

    def reads_as(self, cell: str) -> bool:
        """Say whether it is the cell that was read: of `="x"` a spreadsheet shows `x`."""
        shown = self.shown
        return shown == cell or (shown.startswith('="') and shown[1:].strip('"') == cell)


Cut = Callable[[str, str], Iterator[Piece]]
"""Cuts a line, or the lines of one record, at a delimiter."""


def quoted_cells(line: str, delimiter: str) -> Iterator[Piece]:
    """Cut at each delimiter that is not within quotes; blanks may stand before a quote."""
    if '"' not in line:
        return plain_cells(line, delimiter)
    return (_quoted(line, *found.span()) for found in _cells(line, delimiter, " *"))


def tightly_quoted_cells(line: str, delimiter: str) -> Iterator[Piece]:
    """Cut at each delimiter that is not within quotes; a quote behind a blank is a sign like others."""
    return (_quoted(line, *found.span()) for found in _cells(line, delimiter, ""))


def plain_cells(line: str, delimiter: str) -> Iterator[Piece]:
    """Cut at every delimiter, whatever quotes there are; those around a cell are not shown."""
    at = 0
    for cell in line.split(delimiter):
        yield Piece(at, at + len(cell), cell.strip().strip('"'))
        at += len(cell) + len(delimiter)


def spaced_cells(line: str, _delimiter: str) -> Iterator[Piece]:
    """Cut at white space."""
    return (Piece(*found.span(), found[0]) for found in re.finditer(r"\S+", line))


def aligned_cells(line: str, _delimiter: str) -> Iterator[Piece]:
    """Cut at tabs, and at gaps of two blanks or more."""
    return (Piece(*found.span(), found[0]) for found in _BETWEEN_GAPS.finditer(line))


CUTS: Sequence[Cut] = (quoted_cells, tightly_quoted_cells, plain_cells)
"""For lines that a delimiter cuts, the usual one first."""
SPACE_CUTS: Sequence[Cut] = (aligned_cells, spaced_cells)

_BETWEEN_GAPS = re.compile(r"[^ \t\xa0]+(?:[ \xa0][^ \t\xa0]+)*")
_LINE_END = re.compile("\r\n|\r")


def _cells(line: str, delimiter: str, before: str) -> Iterator[re.Match[str]]:
    cell, at = _cell(delimiter, before), 0
    while found := cell.match(line, at):
        yield found
        at = found.end() + 1
        if at > len(line):
            return


@cache
def _cell(delimiter: str, before: str) -> re.Pattern[str]:
    other = f"[^{re.escape(delimiter)}]*"
    return re.compile(f'{before}"(?:[^"]|"")*+(?:"{other}|\\Z)|{other}')


def _quoted(line: str, start: int, end: int) -> Piece:
    written = line[start:end]
    inner = written.lstrip(" ")
    if inner[:1] == '"':
        return Piece(start, end, _shown(inner))
    return Piece(start, end, written.strip())


def _shown(quoted: str) -> str:
    """Give what the reader shows of a cell that begins with a quote; words may follow the second."""
    pieces = quoted[1:].replace('""', "\0").split('"', 1)
    words = "".join(pieces).replace("\0", '"')
    return _LINE_END.sub("\n", words).strip()
