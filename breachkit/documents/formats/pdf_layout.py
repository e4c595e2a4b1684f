"""Words at places on a page of a PDF to lines, and lines to rows of cells."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from pypdf import PageObject


_Piece = tuple[float, float, float, str]
"""Height on the page and place in the line in points, size of the font, text."""

_GAP = re.compile(r" {2,}")
_MOST_STREAM = 1 << 22
"""Bytes of a page up to which it is laid out by pypdf, which takes its time."""
_MOST_OF_IT = 0.9
"""Share of the characters of a page that its lines have to hold."""
_WIDTH = 0.5
"""Of a character, in heights of the font, where nothing tells it."""
_SAME_LINE = 2.0
"""Points by which words of one line may be apart in height."""
_ROWS = 2
_FEWEST_TICKS = 4
_TITLES = 2
"""Lines that are not cut, above a table; within it there is one less."""


def shown_lines(page: "PageObject") -> tuple[str, list[str]]:
    """Give all text of a page in the order of the file, and its lines as they look.

    Gaps in the lines are as wide as on the page. There are no lines where none can be a table's row,
    since pypdf takes its time to lay a page out.
    """
    text = page.extract_text()
    if sum(map(_may_be_row, text.split("\n"))) < _ROWS:
        return text, []
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) <= _MOST_STREAM:
        lines = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
        if _length(lines) >= _MOST_OF_IT * _length(text):
            return text, lines.split("\n")
    return text, list(_placed(_pieces(page)))


def _pieces(page: "PageObject") -> list[_Piece]:
    """Give every piece of text with its place, turned ones and those of forms too."""
    pieces: list[_Piece] = []

    def visit(text: str, _: Any, matrix: Sequence[float], __: Any, size: float) -> None:
        if text.strip():
            pieces.append((matrix[5], matrix[4], abs(size) or 1.0, text.strip("\n")))

    page.extract_text(visitor_text=visit)
    return pieces


def _may_be_row(line: str) -> bool:
    """Say whether a line ends in a number, or half of it is numbers."""
    words = line.split()
    numbers = sum(map(_starts_with_digit, words))
    return numbers > 0 and (_starts_with_digit(words[-1]) or numbers * 2 >= len(words))


def _starts_with_digit(word: str) -> bool:
    return word.lstrip("(<-")[:1].isdigit()


def _length(text: str) -> int:
    return sum(map(len, text.split()))


def _placed(pieces: Sequence[_Piece]) -> Iterator[str]:
    """Make lines of pieces of text by where they stand: height, place in the line, size of font."""
    ordered = sorted(pieces, key=lambda piece: (-round(piece[0] / _SAME_LINE), piece[1]))
    for _, line in groupby(ordered, key=lambda piece: round(piece[0] / _SAME_LINE)):
        joined, end = "", 0.0
        for _, left, size, text in line:
            gap = left - end
            joined += ("  " if gap > size else " ") if joined else ""
            joined += text.replace("\n", " ")
            end = left + len(text) * size * _WIDTH
        yield joined


def rows_of(lines: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    """Give the rows of every table: runs of lines that wide gaps cut into cells.

    A line that is not cut may be the title of the table or of a group of rows, or a header with
    one name; two of them end the table.
    """
    block: list[str] = []
    above: list[str] = []
    for line in lines:
        if _is_cut(line):
            block += [*above, line]
            above = []
        else:
            above = [*above, line][-_TITLES:]
            if len(above) == _TITLES:
                yield from _rows(block)
                block = []
    yield from _rows(block)


def _is_cut(line: str) -> bool:
    return _GAP.search(line.strip()) is not None


def _rows(block: Sequence[str]) -> Iterator[list[tuple[str, ...]]]:
    cut = [line for line in block if _is_cut(line)]
    if len(cut) < _ROWS or not any(map(str.isdigit, "".join(cut))):
        return
    starts = _columns(cut)
    by_gaps = [tuple(_GAP.split(line.strip())) for line in block]
    if _are_axes(by_gaps):
        return
    if len(starts) < max(map(len, by_gaps)):  # some line crosses the gaps of the others
        yield by_gaps
        return
    ends = [*starts[1:], max(map(len, block)) + 1]
    spans = list(zip(starts, ends, strict=True))
    yield [_cells(line, spans) for line in block]


def _are_axes(rows: Sequence[tuple[str, ...]]) -> bool:
    """Say whether the longest row is the scale under a figure, or under several side by side.

    Scales are evenly spaced; a header of years is so too, but has rows as long under it.
    """
    *others, longest = sorted(rows, key=len)
    if len(longest) < _FEWEST_TICKS or (others and len(others[-1]) >= len(longest)):
        return False
    try:
        ticks = [float(cell.replace(",", "")) for cell in longest]
    except ValueError:
        return False
    scales = [[ticks[0]]]
    for before, after in pairwise(ticks):
        if after <= before:
            scales.append([])
        scales[-1].append(after)
    return all(map(_is_scale, scales))


def _is_scale(ticks: Sequence[float]) -> bool:
    steps = [after - before for before, after in pairwise(ticks)]
    return len(steps) > 1 and all(math.isclose(step, steps[0], rel_tol=0.01) for step in steps)


def _cells(line: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Cut a line at columns, unless its words go on from one into the next."""
    if any(line[end - 1 : end + 1].strip() and line[end - 1 : end] != " " for _, end in spans):
        return (line.strip(),)
    return tuple(line[start:end].strip() for start, end in spans)


def _columns(lines: Sequence[str]) -> list[int]:
    """Give where columns start: behind a blank that goes through all lines, two wide or more."""
    width = max(map(len, lines))
    blank = [all(at >= len(line) or line[at] == " " for line in lines) for at in range(width)]
    starts = [at for at in range(width) if not blank[at] and (at == 0 or blank[at - 1])]
    return [at for at in starts if at < _ROWS or blank[at - 2] or at == starts[0]]
