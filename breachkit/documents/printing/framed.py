"""Tables in frames: Stata's `list`, the boxes and grids of databases and of Python, pipes of kable."""

import itertools
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from breachkit.documents.printing.columns import Span, columns_of, cut, name_of
from breachkit.documents.printing.page import MAX_LINE, TYPED, Found, LineSign, Page
from breachkit.model.patterns import regex


_RULE_SIGNS = frozenset("+-=|: ")
_TYPES = regex(
    r"-{3}|u?int\d{0,3}|i\d{1,3}|u\d{1,3}|f\d\d|float\d{0,2}|double|str|string|varchar|bool(?:ean)?|date(?:time)?"
    r"(?:\[.{0,20}\])?|timestamp.{0,20}|cat|bigint|smallint|tinyint|hugeint|decimal\(.{1,9}\)|object|"
)
_RECORD = regex(r"\s{0,9}(\d{1,9}\.)?\s{0,3}\|(.*)\|\s*")
_SHORT = 30
"""Lines of a frame that is remembered."""
_NUMBERED = regex(r"\s{0,9}\d{1,9}\. \|")


class _Box(NamedTuple):
    """The lines of one frame."""

    first: int
    end: int
    segments: tuple[tuple[str, ...], ...]
    """Lines between the rules."""
    rules: tuple[str, ...]


def framed_tables(page: Page) -> Iterator[Found]:
    """Give the tables of a page that stand in a frame, or whose lines begin and end with a bar."""
    waiting: Found | None = None
    end = 0
    for number in page.having(_RULES):
        if number < end or (box := _box(page, number)) is None:
            continue
        found, end = _read(box), box.end
        if found is None:
            continue
        page.take(box.first, box.end)
        if waiting and _goes_on(waiting, found):
            waiting = waiting._replace(end=found.end, rows=[*waiting.rows, *found.rows])
            continue
        if waiting:
            yield waiting
        waiting = found
    if waiting:
        yield waiting


def _goes_on(before: Found, found: Found) -> bool:
    """Say whether a frame holds the next records of the list in the frame before."""
    return found.first - before.end <= 1 and before.header == found.header and any(found.header)


def _is_rule(line: str) -> bool:
    if ("--" not in line and "==" not in line) or ("|" not in line and "+" not in line):
        return False
    inner = line.strip()
    return (
        3 < len(inner) <= MAX_LINE
        and inner[0] in "+|"
        and inner[-1] in "+|"
        and _RULE_SIGNS.issuperset(inner)
    )


_RULES = LineSign(_is_rule)


def _is_inside(page: Page, number: int) -> bool:
    if not page.is_free(number) or page.signs[number] & TYPED.bit:
        return False
    line = page.lines[number]
    return len(line) <= MAX_LINE and line.rstrip()[-1:] == "|"


def _box(page: Page, rule: int) -> _Box | None:
    """Collect a frame from its first rule; a header may stand over it, as in Markdown."""
    first = rule - 1 if _is_inside(page, rule - 1) else rule
    segments: list[list[str]] = [[page.lines[first]]] if first < rule else [[]]
    rules = []
    number = rule
    while number < len(page.lines):
        line = page.lines[number]
        if page.is_free(number) and page.signs[number] & _RULES.bit:
            rules.append(line)
            segments.append([])
            if len(rules) > 1 and line.strip()[0] == "+" and not _goes_below(page, number):
                number += 1
                break
        elif _is_inside(page, number):
            segments[-1].append(line)
        else:
            break
        number += 1
    filled = tuple(tuple(segment) for segment in segments if segment)
    return _Box(first, number, filled, tuple(rules)) if filled else None


def _goes_below(page: Page, number: int) -> bool:
    """Say whether the frame goes on under one of its rules."""
    return _is_inside(page, number + 1)


def _read(box: _Box) -> Found | None:
    size = box.end - box.first
    if size > _SHORT:
        return _table(box)
    found = _remembered(box._replace(first=0, end=size))
    return found and found._replace(first=box.first, end=box.end)


def _table(box: _Box) -> Found | None:
    if _NUMBERED.match(box.segments[0][0]) and len(box.segments[0]) == 2:
        return _records(box)
    bounds = _bounds(box)
    heads, body = _heads_and_body(box)
    if not body or not bounds:
        return None
    left = bounds[0][0] - 1
    if len(bounds) == 1:
        spans: Sequence[Span] = columns_of(heads, body, *bounds[0])
    else:
        spans = bounds
    numbers = [line[:left].strip() for line in body]
    header = [name_of(heads, span) for span in spans]
    rows = [cut(line, spans) for line in body]
    if any(numbers):
        header = ["", *header]
        rows = [(number, *row) for number, row in zip(numbers, rows, strict=True)]
    return Found(box.first, box.end, tuple(header), rows)


_remembered = lru_cache(maxsize=1 << 12)(_table)  # versions of a log print the same tables


def _bounds(box: _Box) -> Sequence[Span]:
    """Give the compartments between upright lines, which crosses or bars of a rule show."""
    rule = max(box.rules, key=lambda line: line.count("+") + line.count("|"))
    begin, end = rule.index(rule.strip()[0]), len(rule.rstrip()) - 1
    lines = [line for segment in box.segments for line in segment]
    places = [at for at, sign in enumerate(rule) if sign in "+|" and begin <= at <= end]
    if not all(len(line) > at and line[at] == "|" for line in lines for at in places):
        places = [
            at for at in range(begin, end + 1) if all(line[at : at + 1] == "|" for line in lines)
        ]
    return [(left + 1, right) for left, right in itertools.pairwise(places)]


def _heads_and_body(box: _Box) -> tuple[Sequence[str], Sequence[str]]:
    """Tell the header from the rows: it stands over a rule of its own."""
    heads, *others = box.segments
    if not others:
        return (), heads
    names = [line for line in heads if not _says_types(line)] or heads
    body = [line for segment in others for line in segment]
    while body and _says_types(body[0]):
        del body[0]
    return names[:3], body


def _says_types(line: str) -> bool:
    cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
    return all(map(_TYPES.fullmatch, cells))


def _records(box: _Box) -> Found | None:
    """Read what `list` prints where a row is too long for a line: names over values, for each one."""
    lines = [line for segment in box.segments for line in segment]
    header: list[str] = [""]
    rows: list[list[str]] = []
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        above, below = _RECORD.fullmatch(names), _RECORD.fullmatch(values)
        if above is None or below is None:
            return None
        if above[1]:
            rows.append([above[1]])
        if not rows:
            return None
        if len(rows) == 1:
            header += [name.strip() for name in above[2].split("|")]
        rows[-1] += [value.strip() for value in below[2].split("|")]
    return Found(box.first, box.end, tuple(header), [tuple(row) for row in rows])
