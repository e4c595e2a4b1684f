"""Tables under a line of dashes with crosses: Stata's `tab`, `table`, `summarize`, and psql's results."""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from breachkit.documents.printing.columns import (
    Span,
    columns_of,
    cut,
    is_number,
    is_value,
    is_whole,
    name_of,
)
from breachkit.documents.printing.frequencies import FREQUENCY, by_cell
from breachkit.documents.printing.page import MAX_LINE, TYPED, Found, LineSign, Page


_RULE = re.compile(r" {0,40}-{2,400}(?:\+-{2,400}){1,60} {0,40}")
_MOST_HEADS = 8
_SHORTEST_RULE = 3
_SHORT = 30
"""Rows of a table that is remembered."""
_ESTIMATES = re.compile(
    r"Std\. Err|Std\. err|Coef\.|Coefficient|Haz\. Ratio|Odds Ratio|Interval\]|z-value|P>\|"
)
_NO_FREQUENCY = re.compile(r"mean|median|min|max|sd\b|p50|percent|std", re.IGNORECASE)
_TOTAL = "total"
_REST_OF_WORD = 3
"""Letters that may be left of a word which was broken; as many may be a word of its own."""


class _Ruled(NamedTuple):
    """The lines of one table, as what is remembered is asked for."""

    heads: tuple[str, ...]
    body: tuple[str, ...]
    bounds: tuple[Span, ...]
    """The compartments between upright lines."""


_RULES = LineSign(lambda line: len(line) <= MAX_LINE and _RULE.fullmatch(line), holding="-+-")


def ruled_tables(page: Page) -> Iterator[Found]:
    """Give the tables of a page whose header stands over a line of dashes with crosses."""
    for number in page.having(_RULES):
        ruled = _lines_of(page, number)
        if ruled is None:
            continue
        first, end, lines = ruled
        page.take(first, end)
        if not _ESTIMATES.search("\n".join(lines.heads)):
            header, rows = (_remembered if len(lines.body) <= _SHORT else _table)(lines)
            if rows:
                yield Found(first, end, header, rows)


def _lines_of(page: Page, rule: int) -> tuple[int, int, _Ruled] | None:
    """Find the header above a rule and the rows under it, by the crosses that both must have.

    Returns:
        Where the table begins, where it ends, and its lines.
    """
    crosses = [at for at, sign in enumerate(page.lines[rule]) if sign == "+"]
    first = rule
    while rule - first < _MOST_HEADS and _has_bar(page, first - 1, crosses[0]):
        first -= 1
    if first == rule:
        return None
    end, body = _body_below(page, rule, crosses)
    if not body:
        return None
    edges = [-1, *crosses, max(map(len, [*body, page.lines[rule]]))]
    bounds = tuple((left + 1, right) for left, right in itertools.pairwise(edges))
    return first, end, _Ruled(tuple(page.lines[first:rule]), tuple(body), bounds)


def _has_bar(page: Page, number: int, place: int) -> bool:
    is_free = page.is_free(number)
    return is_free and page.lines[number][place : place + 1] == "|" and _goes_on(page, number, ())


def _body_below(page: Page, rule: int, crosses: Sequence[int]) -> tuple[int, list[str]]:
    """Give where a table ends, and its rows: a line of dashes without a cross closes it."""
    body: list[str] = []
    first, *others = crosses
    free = page.taken.find(1, rule + 1)
    end = rule
    for end in range(rule + 1, free if free >= 0 else len(page.lines)):
        line = page.lines[end]
        if line[first : first + 1] == "|" and _goes_on(page, end, others):
            body.append(line)
        elif line.strip("-+ ") or len(line.strip()) <= _SHORTEST_RULE:
            return end, body
        elif "+" not in line:
            return end + 1, body
    return end + 1, body


def _goes_on(page: Page, number: int, places: Sequence[int]) -> bool:
    """Say whether a line was printed, and has bars at some places."""
    line = page.lines[number]
    if places and (len(line) <= places[-1] or not all(line[at] == "|" for at in places)):
        return False
    return not page.signs[number] & TYPED.bit


def _table(ruled: _Ruled) -> tuple[tuple[str, ...], Sequence[tuple[str, ...]]]:
    label, *others = ruled.bounds
    spans = [span for bound in others for span in _spans(ruled, bound)]
    low = ruled.heads[-1:]
    header = [name_of(_whole_heads(ruled, span), span) for span in spans]
    title = _wrapped(ruled.heads, label) if len(ruled.heads) > 1 else name_of(low, label)
    if _is_two_way(ruled, spans):
        return _two_way(ruled, title, spans)
    rows = [(*cut(line, [label]), *cut(line, spans)) for line in ruled.body]
    rows = [row for row in rows if any(row[1:])]
    return (title, *header), rows


_remembered = lru_cache(maxsize=1 << 12)(_table)  # versions of a log print the same tables


def _wrapped(heads: Sequence[str], label: Span) -> str:
    """Give the name on the left, which Stata breaks within a word where its column ends."""
    pieces = [line[slice(*label)].strip() for line in heads]
    full = label[1] - label[0] - 1
    name = ""
    for before, piece in itertools.pairwise(["", *filter(None, pieces)]):
        is_full = len(before) >= full and before[-1:].isalpha()
        is_broken = is_full and len(piece) <= _REST_OF_WORD and piece.islower()
        name += piece if is_broken or not name else f" {piece}"
    return name


def _whole_heads(ruled: _Ruled, span: Span) -> Sequence[str]:
    """Give the header lines that name a column: the last, or all where a name runs over several."""
    return ruled.heads[-1:] if ruled.heads[-1][slice(*span)].strip() else ruled.heads


def _spans(ruled: _Ruled, bound: Span) -> Sequence[Span]:
    """Cut a compartment into columns, if numbers stand in all of them."""
    numbers = [line for line in ruled.body if line[slice(*bound)].strip()]
    inner = columns_of(ruled.heads[-1:], numbers, *bound)
    if len(inner) > 1 and all(is_number(cell) for line in numbers for cell in cut(line, inner)):
        return inner
    return [bound]


def _is_two_way(ruled: _Ruled, spans: Sequence[Span]) -> bool:
    """Say whether whole numbers stand under categories of a second variable, named above them."""
    names = [ruled.heads[-1][slice(*span)].strip() for span in spans]
    has_total = len(ruled.bounds) > 2 and names[-1].lower() == _TOTAL
    if FREQUENCY in names or (not has_total and any(map(_NO_FREQUENCY.search, names))):
        return False
    above = ruled.heads[-2][ruled.bounds[0][1] + 1 :].strip("| ") if len(ruled.heads) > 1 else ""
    if not has_total and not (above and len(spans) > 1):
        return False
    labelled = [line for line in ruled.body if line[slice(*ruled.bounds[0])].strip()]
    cells = [cell for line in labelled for cell in cut(line, spans)]
    return all(map(is_whole, cells)) and any(map(is_value, cells))


def _two_way(
    ruled: _Ruled, title: str, spans: Sequence[Span]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    names = [ruled.heads[-1][slice(*span)].strip() for span in spans]
    beside = ruled.bounds[0][1] + 1
    above = " ".join(line[beside:].strip("| ") for line in ruled.heads[:-1]).strip()
    rows: list[tuple[tuple[str, ...], list[tuple[str, ...]]]] = []
    for line in ruled.body:
        (label,) = cut(line, ruled.bounds[:1])
        cells = cut(line, spans)
        if label and any(cells):
            rows.append(((label,), [cells]))
        elif rows and any(cells):
            rows[-1][1].append(cells)
    return by_cell((title, above), names, rows)
