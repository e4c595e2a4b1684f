"""What reports weave into Markdown: print-outs in fences or behind knitr's `##`, tables under dashes.

Source: knitr's `kable` and `comment`, pander, and pandoc's simple, multi-line and grid tables.
"""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from breachkit.documents.looks import Look
from breachkit.documents.printed import printed_tables
from breachkit.documents.reader import MAX_CELLS, inside
from breachkit.documents.table import Document, Origin, Table, Text, Unreadable


MOST_BLOCKS = 1_000
"""Blocks of one text that are read; what is beyond is reported as not examined."""

_MARK = re.compile(r"[ \t]{0,12}(?:##|#>)(?: |$)")
_FENCE = re.compile(
    r" {0,8}(?:```+|~~~+)[ \t]*(?:\{?\.?(?:text|output|console|plaintext|txt)?\}?)?[ \t]*"
)
_ANY_FENCE = re.compile(r" {0,8}(?:```|~~~)")
_PARTED = re.compile(
    r" {0,8}(?:-{2,400}(?: {1,60}-{2,400}){1,100}|={2,400}(?: {1,60}={2,400}){1,100}) {0,60}"
)
_THROUGH = re.compile(r" {0,8}-{6,4000} {0,60}")
_FENCES, _MARKS, _GAPS = ("```", "~~~"), ("##", "#>"), ("-- --", "--  --", "== ==", "==  ==")
_GROUP = re.compile(r"-+|=+")
_MOST_HEADS = 6
_SPACE = "&nbsp;"


def woven_tables(text: str, part: str | None, *, is_fenced: bool = True) -> tuple[Document, ...]:
    """Give the tables that a program printed into a report, and those that dashes rule.

    Args:
        text: Markdown, reStructuredText, or the words of a document.
        part: The part of the file that it is.
        is_fenced: Whether print-outs stand in or below fences; programs have marks, and no fence.
    """
    has_prints = _FENCED.may_hold(text) if is_fenced else any(map(text.__contains__, _MARKS))
    has_rules = _RULED.may_hold(text)
    if not (has_prints or has_rules):
        return ()
    lines = text.replace("\r\n", "\n").expandtabs(4).split("\n")
    found: list[Document] = []
    if has_prints:
        found += _printed(lines, part)
    if has_rules:
        found += _ruled(lines, part)
    if len(found) > MOST_BLOCKS:
        reason = f"only the first {MOST_BLOCKS} tables of a report were read"
        return (*found[:MOST_BLOCKS], Unreadable(reason, part))
    return tuple(found)


def _lines_with(text: str, signs: Sequence[str]) -> Iterator[int]:
    """Give a place in each line that holds one of some signs."""
    for sign in signs:
        at = text.find(sign)
        while at >= 0:
            yield at
            end = text.find("\n", at)
            at = text.find(sign, end) if end >= 0 else -1


_FENCED = Look(partial(_lines_with, signs=_FENCES))
_RULED = Look(partial(_lines_with, signs=_GAPS))


def _printed(lines: Sequence[str], part: str | None) -> Iterator[Document]:
    for first, block in _blocks(lines):
        where = inside(part, f"print-out of line {first + 1}")
        for each in printed_tables("\n".join(block), where):
            if not isinstance(each, Text):
                yield each


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    """Give what stands behind marks in several lines, and what stands in fences without a language."""
    number = 0
    while number < len(lines):
        first = number
        if _MARK.match(lines[first]):
            while number < len(lines) and _MARK.match(lines[number]):
                number += 1
            if number - first > 1:
                yield first, [_MARK.sub("", line, count=1) for line in lines[first:number]]
            continue
        number += 1
        if _ANY_FENCE.match(lines[first]):
            while number < len(lines) and not _ANY_FENCE.match(lines[number]):
                number += 1
            block = lines[first + 1 : number]
            number += 1
            if block and _FENCE.fullmatch(lines[first]) and not _MARK.match(block[0]):
                yield first + 1, block
            elif any(map(_MARK.match, block)):
                yield (
                    first + 1,
                    [_MARK.sub("", line, count=1) for line in block if _MARK.match(line)],
                )


def _ruled(lines: Sequence[str], part: str | None) -> Iterator[Document]:
    end = 0
    for number, line in enumerate(lines):
        if number < end or line.lstrip()[:2] not in {"--", "=="} or not _PARTED.fullmatch(line):
            continue
        found = _under(lines, number)
        if found is not None:
            header, rows, end = found
            where = inside(part, f"line {number + 1}")
            yield Table(header, rows, where, origin=Origin.MARKUP)
            if len(rows) == MAX_CELLS // len(header) and end < len(lines):
                reason = f"only the first {len(rows)} rows of a table were read: too many cells"
                yield Unreadable(reason, where)


def _under(
    lines: Sequence[str], rule: int
) -> tuple[tuple[str, ...], list[tuple[str, ...]], int] | None:
    """Read the header over a rule, or between two, and the rows under it."""
    edges = [found.start() for found in _GROUP.finditer(lines[rule])]
    spans = list(zip([0, *edges[1:]], [*edges[1:], None], strict=True))
    first = rule
    while rule - first < _MOST_HEADS and _is_words(lines, first - 1):
        first -= 1
    is_framed = _THROUGH.fullmatch(lines[first - 1]) is not None if first else False
    if first == rule:
        above = rule
        end = rule + 1
        while end - above < _MOST_HEADS and _is_words(lines, end):
            end += 1
        if end == above + 1 or end >= len(lines) or not _PARTED.fullmatch(lines[end]):
            return None
        first, rule = above + 1, end
    heads = lines[first:rule] if is_framed else lines[rule - 1 : rule]
    rows, end = _rows(lines, rule + 1, spans, is_framed=is_framed)
    header = tuple(map(_cell, zip(*(_cut(line, spans) for line in heads), strict=True)))
    return (header, rows, end) if rows and any(header) else None


_Spans = Sequence[tuple[int, int | None]]


def _rows(
    lines: Sequence[str], at: int, spans: _Spans, *, is_framed: bool
) -> tuple[list[tuple[str, ...]], int]:
    """Give the rows, one a line; or one a paragraph, where a rule ends the table."""
    rows: list[tuple[str, ...]] = []
    pending: list[Sequence[str]] = []
    most = MAX_CELLS // len(spans)
    while at < len(lines) and len(rows) < most:
        line = lines[at]
        at += 1
        is_blank = not line.strip()
        if not is_blank and not line.strip("-= "):
            break
        if is_blank and not is_framed:
            break
        if not is_blank:
            pending.append(_cut(line, spans))
        if pending and (is_blank or not is_framed):
            rows.append(tuple(map(_cell, zip(*pending, strict=True))))
            pending = []
    if pending:
        rows.append(tuple(map(_cell, zip(*pending, strict=True))))
    return rows, at


def _cut(line: str, spans: _Spans) -> Sequence[str]:
    return [line[start:end].strip() for start, end in spans]


def _cell(pieces: Sequence[str]) -> str:
    return " ".join(filter(None, pieces)).replace(_SPACE, "").strip("*").strip()


def _is_words(lines: Sequence[str], number: int) -> bool:
    if not 0 <= number < len(lines):
        return False
    line = lines[number]
    return bool(line.strip()) and bool(line.strip("-= "))
