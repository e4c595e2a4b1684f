"""The numbers at risk under a survival curve: a table of counts that a figure prints.

Rows of whole numbers at equal heights, below a heading or beside a name that says so. The ticks of
an axis are such a row too: they grow by equal steps, which numbers at risk never do.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from breachkit.documents.formats.svg_layout import Label, in_rows
from breachkit.documents.reader import inside
from breachkit.documents.table import Document, Origin, Table, Unreadable
from breachkit.model.records import dataclass, field


_HEADING = re.compile(
    r"\bat[\s-]{1,3}risk\b|\brisk\s+(?:table|set)s?\b|\b(?:number|no\.?|n)\s+(?:of\s+)?(?:events?|cens\w{0,8}|people|patients|deaths)\b"
    r"|\bcumulative\s+(?:number\s+of\s+)?(?:events?|cens\w{0,8}|deaths)\b|^\W{0,3}(?:n\.?(?:risk|event|censor))\W{0,3}$",
    re.IGNORECASE,
)
_LONGEST_HEADING = 80
_COUNT = re.compile(r"\d{1,3}(?:[, ]\d{3}){1,2}|\d{1,9}")
_WITH_EVENTS = re.compile(r"(\d[\d, ]{0,12}?)\s*\((\d[\d, ]{0,12})\)")
_FEWEST = 2
_MOST_TABLES = 100
_MOST_ROWS = 200
_SAME_ROW = 0.008
"""Share of the height of all labels within which two stand on one line."""
_NEAR = 0.02


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of counts, with what stands to the left of them."""

    name: str = field(repr=False)
    counts: Sequence[Label] = field(repr=False)


def is_heading(text: str) -> bool:
    """Say whether a label names numbers at risk, of events or of the censored."""
    return len(text) <= _LONGEST_HEADING and _HEADING.search(text) is not None


def risk_tables(labels: Sequence[Label], part: str | None) -> Iterator[Document]:
    """Give the tables of numbers at risk among the labels of a drawing; one for each heading."""
    if not any(is_heading(label.text) for label in labels):
        return
    height = max(label.y for label in labels) - min(label.y for label in labels)
    rows = list(in_rows(labels, max(height * _SAME_ROW, 0.5)))
    number = 0
    for at, row in enumerate(rows):
        if number >= _MOST_TABLES:
            yield Unreadable(f"figure: only the first {_MOST_TABLES} tables were read", part)
            return
        heading = next((label.text for label in row if is_heading(label.text)), None)
        if heading is None:
            continue
        lines = _lines(rows, at)
        if lines:
            number += 1
            yield _table(lines, _column_name(heading), inside(part, f"table {number}"))


def _column_name(heading: str) -> str:
    words = heading.lower()
    if "risk" in words:
        return "n at risk"
    return "n censored" if "cens" in words else "n events"


def _lines(rows: Sequence[Sequence[Label]], at: int) -> list[_Line]:
    """Give the rows of counts from a heading on, until something else stands there."""
    lines: list[_Line] = []
    for offset, row in enumerate(rows[at : at + _MOST_ROWS]):
        if offset and any(is_heading(label.text) for label in row):
            break
        counts = [label for label in row if _is_count(label.text)]
        if len(counts) >= _FEWEST and not _is_axis(counts):
            names = [
                label.text for label in row if not _is_count(label.text) and label.x <= counts[-1].x
            ]
            lines.append(_Line(" ".join(names), counts))
        elif lines and len(counts) < _FEWEST:
            break
    return lines


def _is_count(text: str) -> bool:
    return bool(_COUNT.fullmatch(text) or _WITH_EVENTS.fullmatch(text))


def _value(text: str) -> int:
    pair = _WITH_EVENTS.fullmatch(text)
    return int(re.sub(r"[, ]", "", pair[1] if pair else text))


def _is_axis(labels: Sequence[Label]) -> bool:
    """Say whether numbers grow by equal steps from the left to the right, anew for each panel."""
    values = [_value(label.text) for label in labels]
    steps = [after - before for before, after in itertools.pairwise(values)]
    growing = [step for step in steps if step > 0]
    begins = [after for after, step in zip(values[1:], steps, strict=True) if step <= 0]
    is_even = len(set(growing)) == 1 and all(begin == values[0] for begin in begins)
    return is_even and len(growing) > len(begins)


def _table(lines: Sequence[_Line], name: str, part: str) -> Table:
    """Put counts that stand below each other into one column."""
    places = sorted(label.x for line in lines for label in line.counts)
    near = max((places[-1] - places[0]) * _NEAR, 0.5)
    columns: list[float] = []
    for place in places:
        if not columns or place - columns[-1] > near:
            columns.append(place)
    with_events = any(_WITH_EVENTS.fullmatch(label.text) for line in lines for label in line.counts)
    rows: list[list[str]] = []
    for line in lines:
        cells = [""] * len(columns)
        for label in line.counts:
            nearest = min(range(len(columns)), key=lambda index: abs(columns[index] - label.x))
            cells[nearest] = label.text
        rows.append([line.name, *(_parts(cells) if with_events else cells)])
    names = ("n at risk", "n events") if with_events else (name,)
    header = [f"{each} {number}" for each in names for number in range(1, len(columns) + 1)]
    return Table(("", *header), rows, part, origin=Origin.FIGURE)


def _parts(cells: Sequence[str]) -> list[str]:
    """Part `12 (3)`, numbers at risk with those of events, into columns of their own."""
    pairs = [_WITH_EVENTS.fullmatch(cell) for cell in cells]
    first = [pair[1].strip() if pair else cell for pair, cell in zip(pairs, cells, strict=True)]
    return [*first, *(pair[2].strip() if pair else "" for pair in pairs)]
