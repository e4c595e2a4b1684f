"""Tables in aligned columns without a frame: data frames and `table()` of R, data frames of pandas.

What prints them pads every line to the same length, and that is how they are found. The columns
of numbers must then end (or begin) at the same place in every line, the header included: lines of
words that happen to be equally long do not.
"""

import operator
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from breachkit.documents.printing.columns import (
    Span,
    bound,
    columns_of,
    cut,
    is_number,
    is_value,
    is_whole,
    name_of,
    spans_of,
    unbound,
)
from breachkit.documents.printing.frequencies import FREQUENCY, by_cell, filled_down
from breachkit.documents.printing.page import MAX_LINE, TYPED, Found, LineSign, Page, is_echo


UNSURE = "total"
"""What a column of whole numbers is called that may count people or anything else."""

_DIGIT = re.compile(r"\d")
_CLASSES = re.compile(r"\s{0,400}(?:<[^<>\s]{1,30}>\s{0,400}){1,200}")
_STATISTICS = re.compile(
    r"\d{1,3}(?:\.\d{1,4})?%|Min\.?|Max\.?|Median|Mean|1st Qu\.|3rd Qu\.|min|max|mean|sd"
)
_DESCRIBED = ["n", "missing", "distinct"]
"""What Hmisc says of a variable: two numbers of people, and how many values they have."""
_MARGINS = frozenset({"All", "Total", "Sum", "total", "Totals"})
_SHORTEST = 3
_MOST_HEADS = 3
_MOST_BLOCKS = 60
_MOST_PARTS = 6
_LONG_RUN = 2_000
_SAMPLE = 200
_SHORT = 30
"""Lines of a table that is remembered."""
_WIDE_GAP = re.compile(r" {2,400}")


class _Cut(NamedTuple):
    """Lines that were cut into columns: those of labels, then those of values."""

    heads: Sequence[str]
    body: Sequence[str]
    spans: Sequence[Span]
    labels: int
    """How many of the columns name the row."""
    title: str = ""
    """What the categories in the header are called, where it says so."""


def aligned_tables(page: Page) -> Iterator[Found]:
    """Give the tables of a page whose lines are all as long as each other."""
    end = 0
    for first, last in _runs(page):
        if first < end:
            continue
        found = _read(page, first, last)
        if found is not None:
            page.take(found.first, found.end)
            end = found.end
            yield found


def _runs(page: Page) -> Iterator[tuple[int, int]]:
    """Give where lines of equal length stand one under the other, as first line and end."""
    lengths = list(map(len, page.lines))
    alike = bytes(map(operator.eq, lengths, lengths[1:]))
    begun = alike.find(1)
    while begun >= 0:
        end = alike.find(0, begun)
        end = len(alike) if end < 0 else end
        if _SHORTEST <= lengths[begun] <= MAX_LINE:
            yield from _printed(page, begun, end + 1)
        begun = alike.find(1, end)


def _printed(page: Page, begun: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a run where a line is empty, was typed, or belongs to another table."""
    others = page.signs[begun:end].translate(_NOT_PRINTED)
    first = begun
    while begun < end:
        stop = others.find(1, begun - first)
        stop = end if stop < 0 else stop + first
        taken = page.taken.find(1, begun, stop)
        stop = stop if taken < 0 else taken
        if stop - begun > 2 and page.lines[stop - 1] == page.lines[begun]:
            stop -= 1  # data.table prints the names again below many rows
        further = range(begun + 1, stop if stop - begun > 2 else 0)
        again = next((at for at in further if page.lines[at] == page.lines[begun]), 0)
        stop = again or stop  # as where the tail of a frame is printed below its head
        if stop - begun > 1 and page.signs[stop - 1] & _NUMBERED.bit:
            yield begun, stop
        begun = stop + (not again)


_OTHER = LineSign(re.compile(r"\[1\] |\s++\Z").match)
"""A vector of R, or nothing but white space."""
_NOT_PRINTED = bytes(other or typed for other, typed in zip(_OTHER.bits, TYPED.bits, strict=True))
_NUMBERED = LineSign(lambda line: "[REDACTED]" in line or _DIGIT.search(line))


def _read(page: Page, first: int, end: int) -> Found | None:
    """Read a run as one table, without a line or two of words above or below it if need be."""
    if end - first > _LONG_RUN and _cut(page.lines[first : first + _SAMPLE]) is None:
        return None
    for start, stop in ((first, end), (first + 1, end), (first + 2, end), (first, end - 1)):
        if stop - start > 1 and (found := _read_lines(page, start, stop)) is not None:
            return found
    return _repeated_blocks(page, first, end)


def _read_lines(page: Page, first: int, end: int) -> Found | None:
    lines = page.lines[first:end]
    if not _may_begin(lines):
        return None
    one_way = _one_way(page, first, lines)
    if one_way is not None:
        return one_way
    found = _cut(lines) if len(lines) > _SHORT else _remembered(tuple(lines))
    if found is None:
        return None
    two_way = _two_way(page, first, found)
    if two_way is not None:
        return two_way._replace(end=end)
    header, rows = _frame(found)
    return _with_next_blocks(page, Found(first, end, header, rows), found)


def _may_begin(lines: Sequence[str]) -> bool:
    """Say, at the least cost, whether the first line may be a header: it ends in a word.

    Or in one of nothing but numbers; or names of rows alone follow it.
    """
    names = lines[0].split()
    if not names or not is_value(names[-1]) or all(map(is_value, names[1:-1])):
        return True
    return _names_labels(lines[1])


def _repeated_blocks(page: Page, first: int, end: int) -> Found | None:
    """Read a run in which the same rows come again with further columns."""
    for parts in range(2, min(_MOST_PARTS, (end - first) // 2) + 1):
        size, rest = divmod(end - first, parts)
        found = None if rest else _read_lines(page, first, first + size)
        if found is not None and found.end == end:
            return found
    return None


def _one_way(page: Page, first: int, lines: Sequence[str]) -> Found | None:
    """Read labels over numbers: what `table()` prints of one variable, and `summary()`."""
    if len(lines) % 2 or len(lines) > 40:
        return None
    rows: list[tuple[str, str]] = []
    for names, numbers in zip(lines[::2], lines[1::2], strict=True):
        spans = columns_of([names], [numbers])
        labels, values = cut(names, spans), cut(numbers, spans)
        if not all(labels) or not all(map(is_value, values)) or _is_mixed(labels):
            return None
        if not _end_alike(names, numbers, spans):
            return None
        rows += zip(labels, values, strict=True)
    is_table = lines[0][-1:] == " " and _is_titled(page, first)
    rows = rows[:2] if [label for label, _ in rows[:3]] == _DESCRIBED else rows
    labels = tuple(label for label, _ in rows)
    if all(map(is_number, labels)) and not is_table:
        return None
    return Found(first, first + len(lines), ("", _kind(labels, rows, is_table=is_table)), rows)


def _kind(labels: Sequence[str], rows: Sequence[tuple[str, str]], *, is_table: bool) -> str:
    if any(map(_STATISTICS.fullmatch, labels)) or not all(is_whole(value) for _, value in rows):
        return "value"
    return FREQUENCY if is_table else UNSURE


def _is_titled(page: Page, first: int) -> bool:
    """Say whether an empty line, or the name of a variable alone, stands above."""
    above = page.lines[first - 1] if first else ""
    return not above.strip() or (len(above.split()) == 1 and not is_echo(above))


def _end_alike(names: str, numbers: str, spans: Sequence[Span]) -> bool:
    return all(names[end - 1] != " " and numbers[end - 1] != " " for _, end in spans)


def _cut(lines: Sequence[str]) -> _Cut | None:
    """Cut lines into columns; None where they are no table."""
    lines = [_unbroken(lines[0]), *(line for line in lines[1:] if not _CLASSES.fullmatch(line))]
    lines = bound(lines)
    most = min(_MOST_HEADS, len(lines) - 1)
    further = [number for number in range(2, most + 1) if _names_labels(lines[number - 1])]
    for number in (*further, 1):
        found = _under(lines[:number], lines[number:])
        if found is not None:
            return found
    return None


_remembered = lru_cache(maxsize=1 << 12)(_cut)  # versions of a log print the same tables


def _unbroken(line: str) -> str:
    """Take off the sign by which pandas says that further columns follow below."""
    return f"{line[:-1]} " if line.endswith("\\") else line


def _under(heads: Sequence[str], body: Sequence[str]) -> _Cut | None:
    title, heads = _without_title(heads, body) if len(heads) > 1 else ("", heads)
    spans = columns_of(heads, body)
    columns = [[line[start:end].strip() for line in body] for start, end in spans]
    numeric = [all(map(is_number, cells)) and any(map(is_value, cells)) for cells in columns]
    names = [name_of(heads[: max(len(heads) - 1, 1)], span) for span in spans]
    labels = sum(1 for _ in _leading_labels(names, heads, spans, numeric))
    if not any(numeric[labels:]) or not all(names[labels:]):
        return None
    if heads[1:] and any(map(str.strip, (heads[-1][slice(*span)] for span in spans[labels:]))):
        return None
    if not title and not _are_names(names, labels, body):
        return None
    numbers = (span for span, is_of in zip(spans, numeric, strict=True) if is_of)
    if not all(_lines_up(heads, body, span) for span in numbers):
        return None
    return _Cut(heads, body, spans, labels, title)


def _are_names(names: Sequence[str], labels: int, body: Sequence[str]) -> bool:
    """Say whether names are words, or all of them numbers that can be categories: years, doses.

    Where numbers stand behind a word, the line may be a row like the others: in R's tables the
    labels of rows are then further to the right than the name above them.
    """
    values = sum(map(is_value, names[labels:]))
    if values in {0, len(names) - labels}:
        is_indented = all(line[:2] == "  " for line in body)
        return not values or (labels > 0 and (is_indented or not any(names[:labels])))
    return False


def _is_mixed(labels: Sequence[str]) -> bool:
    return 0 < sum(map(is_value, labels)) < len(labels)


def _names_labels(line: str) -> bool:
    """Say whether a second line only names the labels of rows, as pandas and ftable print it."""
    return line[:1] != " " and line[-1:] == " " and not _DIGIT.search(line)


def _without_title(heads: Sequence[str], body: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Take off the name of the variable whose categories the header lists."""
    spans = spans_of([*heads, *body])
    starts = (
        start
        for start, end in spans
        if not heads[-1][start:end].strip()
        and all((cell := line[start:end].strip()) and is_number(cell) for line in body)
    )
    width = next(starts, 0)
    if any(_is_named_column(heads, body, span) for span in spans if span[1] <= width):
        return "", heads
    titles = [_WIDE_GAP.split(line[:width].strip())[0] for line in heads[:-1]]
    shorter = [
        line.replace(title, " " * len(title), 1) for line, title in zip(heads, titles, strict=False)
    ]
    return " ".join(filter(None, titles)), [*shorter, heads[-1]]


def _is_named_column(heads: Sequence[str], body: Sequence[str], span: Span) -> bool:
    """Say whether a column of words has its name in the first line, so that it names no row."""
    column = slice(*span)
    is_filled = any(line[column].strip() for line in body)
    return is_filled and bool(heads[0][column].strip()) and not heads[-1][column].strip()


def _leading_labels(
    names: Sequence[str], heads: Sequence[str], spans: Sequence[Span], numeric: Sequence[bool]
) -> Iterator[int]:
    """Give the columns that name the row: without a name, or with one of their own line."""
    for number, (name, span, is_of) in enumerate(zip(names, spans, numeric, strict=True)):
        own = len(heads) > 1 and heads[-1][slice(*span)].strip()
        if not (own or (not name and not number) or (not number and not is_of)):
            return
        yield number


def _lines_up(heads: Sequence[str], body: Sequence[str], span: Span) -> bool:
    """Say whether numbers begin or end at one place, and so does their name, perhaps at the other.

    R pads numbers to one width before it writes them under the beginning of a name.
    """
    start, end = span
    named = [line[start:end] for line in heads if line[start:end].strip()][-1:]
    cells = [line[start:end] for line in body if line[start:end].strip()]
    if not all(name[-1] != " " or name[0] != " " for name in named):
        return False
    return len({len(cell.rstrip()) for cell in cells}) < 2 or all(cell[0] != " " for cell in cells)


def _frame(found: _Cut) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    header = tuple(
        name_of(found.heads[-1:] if at < found.labels else found.heads, span)
        for at, span in enumerate(found.spans)
    )
    header = tuple(map(unbound, header))
    rows = [tuple(map(unbound, cut(line, found.spans))) for line in found.body]
    return header, [row for row in rows if not all(cell in {"..", "..."} for cell in row)]


def _two_way(page: Page, first: int, found: _Cut) -> Found | None:
    """Read whole numbers under the categories of one variable, beside those of others."""
    values = found.spans[found.labels :]
    cells = [cell for line in found.body for cell in cut(line, values)]
    if not found.labels or not values or not all(map(is_whole, cells)):
        return None
    categories = [name_of(found.heads[: max(len(found.heads) - 1, 1)], span) for span in values]
    title, start = _title(page, first, found)
    if title is None:
        return None
    labels = found.spans[: found.labels]
    names = tuple(name_of(found.heads[-1:], span) for span in labels)
    rows = [(cut(line, labels), [cut(line, values)]) for line in found.body]
    header, made = by_cell((*names, title), categories, filled_down(rows))
    is_sure = not found.title or any(map(_MARGINS.__contains__, categories))
    if not is_sure:
        header = tuple(UNSURE if name == FREQUENCY else name for name in header)
    return Found(start, first, header, made)


def _title(page: Page, first: int, found: _Cut) -> tuple[str | None, int]:
    """Give the name of the variable whose categories stand in the header, and its line.

    R writes it above the header, where the numbers begin; pandas and ftable in front of them.
    """
    if found.title:
        return found.title, first
    width = found.spans[found.labels - 1][1]
    if len(found.heads) > 1 or not first or not all(line[:2] == "  " for line in found.body):
        return None, first
    above = page.lines[first - 1]
    if not above.strip():
        return ("" if not found.heads[0][:width].strip() else None), first
    if len(above) - len(above.lstrip()) in {width, width + 1} and not is_echo(above):
        return above.strip(), first - 1
    return None, first


def _with_next_blocks(page: Page, found: Found, first: _Cut) -> Found:
    """Join what is printed further below of the same rows, where they are too wide for a line."""
    labels, count = first.spans[: first.labels], len(first.body)
    if not labels or count != len(found.rows):
        return found
    width = labels[-1][1]
    is_broken = page.lines[found.first].endswith("\\")
    for _ in range(_MOST_BLOCKS):
        start = found.end + is_broken
        lines = page.lines[start : start + 1 + count]
        wanted = [line[:width] for line in first.body]
        if len(lines) <= count or [line[:width] for line in lines[1:]] != wanted:
            return found
        more = _cut(lines)
        if more is None or more.spans[: more.labels] != labels:
            return found
        header, rows = _frame(more)
        if header == found.header:
            return found
        joined = [(*old, *new[more.labels :]) for old, new in zip(found.rows, rows, strict=True)]
        found = Found(
            found.first, start + 1 + count, (*found.header, *header[more.labels :]), joined
        )
    return found
