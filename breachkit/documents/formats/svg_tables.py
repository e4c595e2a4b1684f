"""Tables that a figure draws with words at places, heat maps with their numbers, and the numbers of bars.

Rows of words at equal heights that fall into the same columns are a table; a heat map has the names of
its columns below. Numbers elsewhere are those of bars, if they belong to no axis and some title says
what they count.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from breachkit.documents.formats.svg_layout import Label, in_rows
from breachkit.documents.reader import inside
from breachkit.documents.table import Origin, Table


_WHOLE = re.compile(r"\d{1,3}(?:,\d{3}){1,3}|\d{1,9}")
_VALUE = re.compile(r"[-+<]?\d[\d,.]*(?:\s?\(.{0,20}\)|%|/\d+)?|\[REDACTED\]|\*")
_FRAME = re.compile(r"[\s\u2500-\u257f|+-]*")
_COUNTED = re.compile(
    r"(?:number|no\.?|count)s? of (?:[a-z]{1,20} ){0,2}(?:patients?|people|persons?|individuals?|participants?|deaths?|events?|cases?|admissions)"
    r"|patients?|people|individuals|participants|(?:patient )?counts?|n|frequency",
    re.IGNORECASE,
)
_SAME_ROW = 0.004
"""Share of the height of all labels within which two stand on one line."""
_FEWEST_ROWS = 3
_MOST_LABELS = 20_000
_FEWEST_TICKS = 3

_Rows = Sequence[Sequence[Label]]


def drawn_tables(labels: Sequence[Label], part: str | None, *, bars: bool) -> Iterator[Table]:
    """Give the tables among the labels of a drawing, or else, with `bars`, the numbers that stand at its bars."""
    shown = [label for label in labels if not _FRAME.fullmatch(label.text)]
    if not _FEWEST_ROWS <= len(shown) <= _MOST_LABELS:
        return
    height = max(label.y for label in shown) - min(label.y for label in shown)
    title = next((label.text for label in shown if _COUNTED.fullmatch(label.text.strip())), "")
    of_axes = _of_axes(shown)
    placed = [label for label in shown if id(label) not in of_axes]
    rows = list(in_rows(placed, max(height * _SAME_ROW, 0.5)))
    number = 0
    for number, table in enumerate(_tables(rows, title), start=1):
        yield Table(*table, inside(part, f"drawn table {number}"), origin=Origin.FIGURE)
    if bars and title and not number:
        counts = [label.text for label in placed if _WHOLE.fullmatch(label.text)]
        if len(counts) > 1:
            name = inside(part, "numbers at bars")
            yield Table(("", title), [["", each] for each in counts], name, origin=Origin.FIGURE)


def _tables(rows: _Rows, title: str) -> Iterator[tuple[tuple[str, ...], list[list[str]]]]:
    start = 0
    while start < len(rows):
        end = start + 1
        while end < len(rows) and _are_columns(rows[start : end + 1]):
            end += 1
        body = rows[start:end]
        if len(body) >= _FEWEST_ROWS - 1 and len(body[0]) > 1:
            found = _named(body, rows[start - 1 : start], rows[end : end + 1], title)
            if found is not None:
                yield found
        start = end


def _are_columns(rows: _Rows) -> bool:
    """Say whether rows have as many labels each, none of which reaches into the next column."""
    if len({len(row) for row in rows}) != 1:
        return False
    columns = list(zip(*rows, strict=True))
    return all(
        max(label.x for label in left) < min(label.x for label in right)
        for left, right in itertools.pairwise(columns)
    )


def _named(
    body: _Rows, above: _Rows, below: _Rows, title: str
) -> tuple[tuple[str, ...], list[list[str]]] | None:
    """Give rows under their names: in the first of them, or in the row above or below."""
    cells = [[label.text for label in row] for row in body]
    width = len(cells[0])
    if not any(map(_VALUE.fullmatch, cells[0])):
        return (tuple(cells[0]), cells[1:]) if _holds_values(cells[1:]) else None
    for row in itertools.chain(above, below):
        names = [label.text for label in row]
        if len(names) in {width, width - 1} and not any(map(_WHOLE.fullmatch, names)):
            names = [""] * (width - len(names)) + names
            if title:
                names = [f"{name} {title}" if at else name for at, name in enumerate(names)]
            return (tuple(names), cells) if _holds_values(cells) else None
    return None


def _holds_values(cells: Sequence[Sequence[str]]) -> bool:
    return len(cells) > 1 and all(any(map(_VALUE.fullmatch, row)) for row in cells)


def _of_axes(labels: Sequence[Label]) -> set[int]:
    """Tell the whole numbers at axes and scales, by their identity."""
    numbers = [label for label in labels if _WHOLE.fullmatch(label.text)]
    of_axes: set[int] = set()
    for along, across in (("x", "y"), ("y", "x")):
        lines = defaultdict[int, list[Label]](list)
        for label in numbers:
            lines[round(getattr(label, across))].append(label)
        for line in lines.values():
            line.sort(key=lambda label: getattr(label, along))
            if len(line) >= _FEWEST_TICKS and _is_axis([_value(label) for label in line]):
                of_axes.update(map(id, line))
    return of_axes


def _value(label: Label) -> int:
    return int(label.text.replace(",", ""))


def _is_axis(values: Sequence[int]) -> bool:
    """Say whether numbers grow, or fall, by equal steps or by equal times, anew for each panel."""
    pairs = list(itertools.pairwise(values))
    steps = [after - before for before, after in pairs]
    usual = max(set(steps), key=steps.count)
    if usual and steps.count(usual) * 2 > len(steps):
        return True
    times = {after / before for before, after in pairs if before}
    return (
        len(times) == 1 and len(pairs) == len([each for each in values[:-1] if each]) and usual != 0
    )
