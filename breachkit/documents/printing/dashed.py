"""Tables under a line of dashes that gaps part into columns, or one that runs through: databases, SAS.

reStructuredText writes such lines of equal signs, one of them above the header and one below the rows.
"""

import re
from collections.abc import Iterator

from breachkit.documents.printing.columns import (
    Span,
    columns_of,
    cut,
    is_number,
    is_value,
    name_of,
)
from breachkit.documents.printing.page import MAX_LINE, TYPED, Found, LineSign, Page


_PARTED = re.compile(
    r" {0,60}(?:-{1,400}(?: {1,60}-{1,400}){1,100}|={1,400}(?: {1,60}={1,400}){1,100}) {0,60}"
)
_THROUGH = re.compile(r" {0,60}-{6,400} {0,60}")
_MOST_HEADS = 3


_RULES = LineSign(
    lambda line: ("--" in line or "==" in line) and len(line) <= MAX_LINE and not line.strip("-= ")
)


def dashed_tables(page: Page) -> Iterator[Found]:
    """Give the tables whose header stands over dashes."""
    for number in page.having(_RULES):
        line = page.lines[number]
        if _PARTED.fullmatch(line):
            found = _parted(page, number)
        elif _THROUGH.fullmatch(line):
            found = _through(page, number)
        else:
            found = None
        if found is not None:
            page.take(found.first, found.end)
            yield found


def _parted(page: Page, rule: int) -> Found | None:
    """Read the rows under dashes that show where each column is."""
    if not _is_printed(page, rule - 1) or _is_above_header(page, rule):
        return None
    dashes = [(each.start(), each.end()) for each in re.finditer("-+|=+", page.lines[rule])]
    ends = [*(start for start, _ in dashes[1:]), MAX_LINE]
    spans: list[Span] = [(start, end - 1) for (start, _), end in zip(dashes, ends, strict=True)]
    spans[0] = (0, spans[0][1])
    gaps = [start - 1 for start, _ in dashes[1:]]
    end = rule + 1
    while _is_printed(page, end) and not _is_rule(page.lines[end]):
        if any(page.lines[end][at : at + 1].strip() for at in gaps):
            break
        end += 1
    if end == rule + 1:
        return None
    header = cut(page.lines[rule - 1], spans)
    return Found(rule - 1, end, header, [cut(line, spans) for line in page.lines[rule + 1 : end]])


def _is_above_header(page: Page, rule: int) -> bool:
    """Say whether the same line comes again below the next one, which it frames as a header."""
    lines = page.lines[rule : rule + 3]
    return len(lines) > 2 and lines[0].rstrip() == lines[2].rstrip()


def _through(page: Page, rule: int) -> Found | None:
    """Read aligned rows under a header that dashes underline, as SAS prints them."""
    first = rule
    while rule - first < _MOST_HEADS and _is_printed(page, first - 1):
        if _is_rule(page.lines[first - 1]):
            break
        first -= 1
    end = rule + 1
    while _is_printed(page, end) and not _is_rule(page.lines[end]):
        end += 1
    heads, body = page.lines[first:rule], page.lines[rule + 1 : end]
    if not heads or not body:
        return None
    spans = columns_of(heads, body)
    columns = [[line[start:stop].strip() for line in body] for start, stop in spans]
    numeric = [all(map(is_number, cells)) and any(map(is_value, cells)) for cells in columns]
    header = tuple(name_of(heads, span) for span in spans)
    if len(spans) < 2 or not all(numeric[1:]) or any(map(is_value, header)) or not all(header[1:]):
        return None
    return Found(first, end, header, [cut(line, spans) for line in body])


def _is_rule(line: str) -> bool:
    return not line.strip("-= ")


def _is_printed(page: Page, number: int) -> bool:
    if not page.is_free(number):
        return False
    line = page.lines[number]
    return bool(line.strip()) and len(line) <= MAX_LINE and not page.signs[number] & TYPED.bit
