"""Words at places on a page of a PDF to lines, and lines to rows of cells."""

import enum
import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, islice, pairwise
from operator import itemgetter, le
from typing import NamedTuple

from breachkit.documents.formats.pdf_library import Words


_GAP = 1.5
"""Between words, in widths of a character, from which on they are two cells. A blank is one at most."""
_SAME_LINE = 0.25
"""Of the height of the font, by which words of one line may be apart in height."""
_LEAST_APART = 2.0
"""Points by which they may be so in any font."""
_BETWEEN_COLUMNS = 0.3
"""Of the height of the font, that is free between columns in all lines."""
_LEAST_OF_IT = 0.1
"""Share of the characters of a page that run in another direction, from which on they are laid out."""
_ROWS = 2
_FEWEST_TICKS = 4
_TITLES = 2
"""Lines that are not cut, above a table; within it there is one less."""


class Cell(NamedTuple):
    """Words without a gap between them; the sides in points, along the line."""

    left: float
    right: float
    height: float
    text: str


Line = Sequence[Cell]
_DIGIT = re.compile(r"\d|[^\x00-\x7f]")
"""Or what may be one in another script."""


class _Way(enum.Enum):
    """Which way words run on the page."""

    RIGHT = enum.auto()
    UP = enum.auto()
    LEFT = enum.auto()
    DOWN = enum.auto()


_Spot = tuple[float, float, float, float, str]
"""A word as it stands once the page is turned so that it runs to the right: its base line, left, right,
height and text."""
_BASE, _LEFT, _HEIGHT, _TEXT = itemgetter(0), itemgetter(1), itemgetter(3), itemgetter(4)


def may_hold_rows(text: str) -> bool:
    """Say whether the text of a page may hold a table: two lines that may be rows of one."""
    rows = filter(_may_be_row, filter(_DIGIT.search, text.split("\n")))
    return sum(1 for _ in islice(rows, _ROWS)) == _ROWS


def _may_be_row(line: str) -> bool:
    """Say whether a line ends in a number, or half of it is numbers."""
    words = line.split()
    if _starts_with_digit(words[-1]):
        return True
    numbers = sum(map(_starts_with_digit, words))
    return numbers > 0 and numbers * 2 >= len(words)


def _starts_with_digit(word: str) -> bool:
    return word.lstrip("(<-")[:1].isdigit()


def lines_of(words: Words) -> Iterator[list[Cell]]:
    """Give the lines of a page from the top, cut into cells; then those that run another way."""
    if words.bases == words.end_bases and all(map(le, words.lefts, words.ends)):
        yield from _lines(_turned(words, _Way.RIGHT))
        return
    ways = list(map(_way, words.lefts, words.bases, words.ends, words.end_bases))
    sizes: Counter[_Way] = Counter()
    for text, way in zip(words.texts, ways, strict=True):
        if way is not None:
            sizes[way] += len(text)
    usual = max(sizes, key=sizes.__getitem__, default=_Way.RIGHT)
    for way in sorted(sizes.keys() | {usual}, key=lambda way: (way is not usual, way.value)):
        if way is usual or sizes[way] > _LEAST_OF_IT * sizes.total():
            yield from _lines(
                compress(_turned(words, way), ((its or usual) is way for its in ways))
            )


def _way(left: float, base: float, end: float, end_base: float) -> _Way | None:
    """Give the way in which a word runs; None for one of a single character."""
    along, up = end - left, end_base - base
    if not along and not up:
        return None
    if abs(up) > abs(along):
        return _Way.UP if up > 0 else _Way.DOWN
    return _Way.RIGHT if along > 0 else _Way.LEFT


def _turned(words: Words, way: _Way) -> Iterator[_Spot]:
    texts, xs, ys, boxes = words.texts, words.lefts, words.bases, words.boxes
    each = zip(texts, xs, ys, boxes, strict=True)
    match way:
        case _Way.RIGHT:
            return ((y, x, box[2], box[3] - box[1], text) for text, x, y, box in each)
        case _Way.UP:
            return ((-x, y, box[3], box[2] - box[0], text) for text, x, y, box in each)
        case _Way.LEFT:
            return ((-y, -x, -box[0], box[3] - box[1], text) for text, x, y, box in each)
        case _Way.DOWN:
            return ((x, -y, -box[1], box[2] - box[0], text) for text, x, y, box in each)


def _lines(spots: Iterable[_Spot]) -> Iterator[list[Cell]]:
    line: list[_Spot] = []
    top = 0.0
    for spot in sorted(spots, key=_BASE, reverse=True):
        base = spot[0]
        if line and base != top and top - base > max(_LEAST_APART, _SAME_LINE * spot[3]):
            yield _cut(line)
            line = []
        if not line:
            top = base
        line.append(spot)
    if line:
        yield _cut(line)


def _cut(line: list[_Spot]) -> list[Cell]:
    """Join words up to a gap."""
    wide, characters, end = 0.0, 0, -math.inf
    for _, left, right, _, text in line:
        wide += abs(right - left)
        characters += len(text)
    gap = _GAP * wide / max(characters, 1)
    line.sort(key=_LEFT)
    cells: list[Cell] = []
    start = 0
    for number, (_, left, right, _, _) in enumerate(line):
        if left - end > gap:
            if number:
                cells.append(_joined(line[start:number], end))
            start, end = number, right
        elif right > end:
            end = right
    cells.append(_joined(line[start:], end))
    return cells


def _joined(spots: Sequence[_Spot], right: float) -> Cell:
    if len(spots) == 1:
        ((_, left, _, height, text),) = spots
        return Cell(left, right, max(1.0, height), text)
    height = max(map(_HEIGHT, spots))
    return Cell(spots[0][1], right, max(1.0, height), " ".join(map(_TEXT, spots)))


def rows_of(lines: Iterable[Line]) -> Iterator[list[tuple[str, ...]]]:
    """Give the rows of every table: runs of lines that wide gaps cut into cells.

    A line that is not cut may be the title of the table or of a group of rows, or a header with
    one name; two of them end the table.
    """
    block: list[Line] = []
    above: list[Line] = []
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


def _is_cut(line: Line) -> bool:
    return len(line) > 1


def _rows(block: Sequence[Line]) -> Iterator[list[tuple[str, ...]]]:
    cut = [line for line in block if _is_cut(line)]
    if len(cut) < _ROWS or not any(map(_holds_digit, cut)):
        return
    by_gaps = [tuple(cell.text for cell in line) for line in block]
    if _are_axes(by_gaps):
        return
    starts = _columns(cut)
    if len(starts) < max(map(len, by_gaps)):  # some line crosses the gaps of the others
        yield by_gaps
        return
    yield [_cells(line, starts) for line in block]


def _holds_digit(line: Line) -> bool:
    return any(map(str.isdigit, "".join(cell.text for cell in line)))


def _are_axes(rows: Sequence[tuple[str, ...]]) -> bool:
    """Say whether the longest row is the scale under a figure, or under several side by side.

    Scales are evenly spaced; a header of years is so too, but has other rows as long under it.
    Figures above each other repeat theirs.
    """
    most = max(map(len, rows))
    longest = {" ".join(row) for row in rows if len(row) == most}
    if most < _FEWEST_TICKS or len(longest) > 1:
        return False
    try:
        ticks = [float(tick.replace(",", "")) for tick in longest.pop().split()]
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


def _cells(line: Line, starts: Sequence[float]) -> tuple[str, ...]:
    """Put cells into columns, unless one goes on from its column into the next."""
    row = [""] * len(starts)
    for cell in line:
        column = max(bisect_right(starts, cell.left) - 1, 0)
        if column + 1 < len(starts) and cell.right > starts[column + 1]:
            return (" ".join(cell.text for cell in line),)
        row[column] = f"{row[column]} {cell.text}".strip()
    return tuple(row)


def _columns(lines: Sequence[Line]) -> list[float]:
    """Give where columns start: behind a blank that goes through all lines."""
    cells = sorted(cell for line in lines for cell in line)
    starts, end = [cells[0].left], cells[0].right
    for cell in cells:
        if cell.left - end > _BETWEEN_COLUMNS * cell.height:
            starts.append(cell.left)
        end = max(end, cell.right)
    return starts
