"""Print-outs of consoles and logs to tables: what Stata, R, Python and databases print.

Text that holds no table costs a search for a few signs and a look at the lengths of its lines.
What is recognised first is left out by those who look later.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from breachkit.documents.printing import (
    aligned,
    dashed,
    framed,
    literals,
    r_matrices,
    r_prints,
    ruled,
    series,
    stata_words,
    stated,
)
from breachkit.documents.printing.page import Found, Page, PageSign, page_of
from breachkit.documents.reader import inside
from breachkit.documents.shape import ALIKE, shape_of
from breachkit.documents.table import Document, Origin, Table, Text, TextKind, Unreadable


MAX_TABLES = 5_000
"""Tables in one print-out; what is beyond is reported as not examined."""
MAX_CELLS = 3_000_000


class _Style(NamedTuple):
    """One way of printing tables."""

    sign: PageSign | None
    """What text must hold; None where the signs of its lines tell."""
    read: Callable[[Page], Iterator[Found]]


_STYLES = (
    _Style(stata_words.DETAIL_SIGN, stata_words.details),
    _Style(stata_words.CODEBOOK_SIGN, stata_words.tabulations),
    _Style(stata_words.COUNT_SIGN, stata_words.counts),
    _Style(r_matrices.CROSS_SIGN, r_matrices.cross_tables),
    _Style(None, ruled.ruled_tables),
    _Style(None, framed.framed_tables),
    _Style(None, r_prints.tibbles),
    _Style(r_prints.LISTED_SIGN, r_prints.listed),
    _Style(r_prints.SUMMARY_SIGN, r_prints.summaries),
    _Style(None, r_prints.levels),
    _Style(r_matrices.QUOTED_SIGN, r_matrices.quoted_matrices),
    _Style(r_matrices.ONE_SIGN, r_matrices.characteristics),
    _Style(None, dashed.dashed_tables),
    _Style(series.SERIES_SIGN, series.series),
    _Style(literals.LITERAL_SIGN, literals.literals),
    _Style(series.RECORD_SIGN, series.records),
    _Style(r_prints.VECTOR_SIGN, r_prints.vectors),
    _Style(None, aligned.aligned_tables),
    _Style(None, stated.statements),
)


def printed_tables(text: str, part: str | None) -> tuple[Document, ...]:
    """Find the tables that a console printed, and give them with the text that is left.

    Args:
        text: A log, or what a cell of a notebook printed.
        part: The part of the file that it is.

    Returns:
        A table for each print-out (its part ends in the line, counted from 1, on which it
        begins), in the order of the text, and the text without their lines. Nothing where there
        is nothing but white space.
    """
    if not text or text.isspace():
        return ()
    page = page_of(text)
    found = _found(page)
    tables = _tables(found, part, _said_of(text))
    left = Text(page.left(), part, TextKind.PRINTED)
    return (*tables, left, *_unread(found, page, part))


def _found(page: Page) -> Sequence[Found]:
    return sorted((each for style in _STYLES for each in _read(style, page)), key=_line)


# Stata prints the label of a data set when it opens it; programs write messages.
_DUMMY = re.compile(
    r"\bdummy[ _-](?:[a-z]{1,12}[ _-]){0,2}?(?:data(?:[ _-]?sets?)?|extract|cohort|population)\b",
    re.IGNORECASE,
)


def _says_dummy(text: str) -> bool:
    """Say whether a print-out calls its own data dummy data."""
    if "ummy" not in text:
        return False
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters of other alphabets
        return _DUMMY.search(text) is not None
    at = lowered.find("dummy")
    while at >= 0 and not _DUMMY.match(text, at):
        at = lowered.find("dummy", at + 1)
    return at >= 0


# What Stata says of each file that it imports, and pandas below a frame of which it prints some rows.
_ROWS_READ = re.compile(
    r"\(\d{1,3}(?:,\d{3})* vars?, (\d{1,12}|\d{1,3}(?:,\d{3}){1,3}) obs\)"
    r"|\[(\d{1,12}) rows x \d{1,6} columns\]"
)


def _rows_read(text: str) -> int:
    """Give how many rows the largest data set has that a print-out tells of; 0 if it tells of none."""
    if " obs)" not in text and " rows x " not in text:
        return 0
    told = [found[1] or found[2] for found in _ROWS_READ.finditer(text)]
    return max((int(rows.replace(",", "")) for rows in told), default=0)


class _Said(NamedTuple):
    """What a print-out says of its own data."""

    is_called_dummy: bool
    of_rows: int


def _said_of(text: str) -> _Said:
    return _Said(_says_dummy(text), _rows_read(text))


def _tables(found: Sequence[Found], part: str | None, said: _Said) -> Sequence[Document]:
    return [
        Table(
            each.header,
            each.rows,
            inside(part, f"line {each.first + 1}"),
            origin=Origin.PRINTED,
            is_called_dummy=said.is_called_dummy,
            of_rows=said.of_rows,
        )
        for each in found[: _kept(found)]
    ]


def _unread(found: Sequence[Found], page: Page, part: str | None) -> Iterator[Unreadable]:
    """Say what of a print-out was not read."""
    kept = _kept(found)
    if kept < len(found):
        yield Unreadable(f"only the first {kept} tables of a print-out were read", part)
    yield from (Unreadable(reason, part) for reason in dict.fromkeys(page.unread))


def said_with(tables: Sequence[Document], prints: Sequence[Document]) -> Sequence[Document]:
    """Give tables that stand in a print-out in another form, with what that says of its own data."""
    known = next((each for each in prints if isinstance(each, Table)), None)
    if known is None:
        return tables
    return [
        replace(each, is_called_dummy=known.is_called_dummy, of_rows=known.of_rows)
        if isinstance(each, Table)
        else each
        for each in tables
    ]


def _read(style: _Style, page: Page) -> Iterator[Found]:
    if style.sign is None or page.words & style.sign.bit:
        yield from islice(style.read(page), MAX_TABLES + 1)


def _line(found: Found) -> int:
    return found.first


def _kept(found: Sequence[Found]) -> int:
    """Give how many tables are kept before there are too many, or too many cells."""
    cells = 0
    for number, each in enumerate(found[:MAX_TABLES]):
        cells += (len(each.rows) + 1) * max(len(each.header), 1)
        if cells > MAX_CELLS:
            return number
    return min(len(found), MAX_TABLES)


_SAMPLE = 40


def delimiter_of(text: str) -> str:
    """Give the delimiter on which the first lines agree; nothing where only blanks part them."""
    shape = shape_of(_sample(text))
    return shape.delimiter if shape.remake is None else ""


def is_even(found: Document) -> bool:
    """Say whether nearly all rows of a table are as wide as its header.

    What R and pandas print has a column without a name: read at its blanks alone, the names would
    stand over the wrong columns.
    """
    if not isinstance(found, Table):
        return False
    alike = sum(len(row) == len(found.header) for row in found.rows)
    return alike >= ALIKE * len(found.rows)


def tables_beside(text: str, delimiter: str, part: str | None) -> Sequence[Document]:
    """Give the tables printed in text most of whose lines a delimiter cuts into cells.

    Lines of a log may all have a comma, in the time, and so be read as a table. What is made of
    nothing but such lines is no other table.
    """
    sample = [line.count(delimiter) for line in _sample(text)]
    usual = max(set(sample), key=sample.count)
    if all(line.count(delimiter) == usual or not line for line in text.split("\n")):
        return ()
    page = page_of(text)
    found = [
        each
        for each in _found(page)
        if any(line.count(delimiter) != usual for line in page.lines[each.first : each.end])
    ]
    return [*_tables(found, part, _said_of(text)), *_unread(found, page, part)]


def _sample(text: str) -> Sequence[str]:
    lines = text[: 64 * 1024].splitlines()
    return [line for line in lines if line.strip()][:_SAMPLE]
