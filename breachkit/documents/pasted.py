"""Tables inside text: pasted into a message, a page of Markdown, a program's comment, a log."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from breachkit.documents.delimited import read_if_table
from breachkit.documents.looks import Look
from breachkit.documents.shape import has_delimiter, without_quoted
from breachkit.documents.table import Document, Table, Unreadable


MOST_TABLES = 1_000
"""Tables in one program; what is beyond is reported as not examined."""

_DELIMITERS = (",", "\t", ";", "|")
_RULE_LINE = "|:+- "
_TAKEN_OUT = "[REDACTED]"
"""Stands for a number that was taken out."""

# What stands before each line of a table in a program's comment; and a line of names, as no line
# of a program that sets or calls anything is.
_COMMENT = r"[ \t]*+(?:#+'?|//+|--+|\*+|%+)?+[ \t]*+"
_NAME = r" ?\"?[^\W\d][^,;|\t\n\"'(){}\[\]=<>]{0,79}+(?:\(%\))?\"?"
_COMMENT_MARK = re.compile(_COMMENT)
_HEADER = re.compile(
    rf"{_COMMENT}\|?(?P<header>{_NAME}(?P<delimiter>[,;|\t]){_NAME}(?:(?P=delimiter){_NAME})*)\|?[ \r]*"
)

# For each byte: a digit, a delimiter, a line's end, what only programs have, or nothing.
_SIGNS = bytes.maketrans(b"0123456789(){}[]=", b"0000000000(((((((")
_DROPPED = bytes(set(range(256)) - set(b",;|\t\n0123456789(){}[]="))
# A line that can be a header, over one that holds a number in a cell.
_ROWS = re.compile(
    rb"^(?=[0(]*[,;|\t])(?:[,;|\t0]|\(\()+(?=\n(?:[|\t]*\n)?(?=[,;|\t(]*0)[0(]*[,;|\t][,;|\t0(]*$)",
    re.MULTILINE,
)


def pasted_tables(text: str, part: str | None) -> tuple[Document, ...]:
    """Find runs of lines that agree on a delimiter under a line that can be a header."""
    found: list[Document] = []
    lines = text.splitlines()
    for delimiter in _DELIMITERS:
        if delimiter not in text:
            continue
        for block in _blocks(lines, delimiter):
            found += _read_block(block, part)
    return tuple(found)


def tables_in_program(text: str, part: str | None) -> tuple[Document, ...]:
    """Find tables that stand in a program, a page of prose or a comment as they would in a file.

    The first line has to be a list of nothing but names: programs have many lines that agree on
    their commas, and none of them is a table.

    Args:
        text: The file; where it cannot hold a table, that is told at the speed of copying.
        part: The member of the file.
    """
    found: list[Document] = []
    for paragraphs in _TABLES.parts_of(text):
        found += islice(_tables(paragraphs, part), MOST_TABLES + 1 - len(found))
    if len(found) <= MOST_TABLES:
        return tuple(found)
    reason = f"only the first {MOST_TABLES} tables in a program were read"
    return (*found[:MOST_TABLES], Unreadable(reason, part))


def _tables(text: str, part: str | None) -> Iterator[Document]:
    lines: Sequence[str] | None = None
    end = 0
    for number in _candidates(text):
        lines = text.split("\n") if lines is None else lines
        header = _header(lines[number]) if end <= number < len(lines) else None
        if header is not None:
            block, end = _block_below(lines, number, header)
            yield from _read_block(block, part)


def _header(line: str) -> re.Match[str] | None:
    if line.rstrip()[-1:] in {",", ";"}:  # what a program lists, one or more a line
        return None
    if "=" in line or ("(" in line and "(%)" not in line):  # most lines: what no name holds
        return None
    return _HEADER.fullmatch(line)


def _candidates(text: str) -> Iterator[int]:
    """Give the numbers of lines, from 0, that may be headers, at the speed of copying."""
    if _TAKEN_OUT in text:
        text = text.replace(_TAKEN_OUT, "0")
    signs = text.encode("utf-8", "replace").translate(_SIGNS, _DROPPED)
    number = position = 0
    for found in _ROWS.finditer(signs):
        number += signs.count(b"\n", position, found.start())
        position = found.start()
        yield number


def _headers(text: str) -> Iterator[int]:
    """Give where the lines begin that may be headers."""
    start = 0
    for line in text.split("\n"):
        if has_delimiter(line) and "=" not in line and _header(line) is not None:
            yield start
        start += len(line) + 1


def _within(text: str) -> Iterator[int]:
    """Give a place for each table: none goes beyond an empty line."""
    yield from (0 for _ in _tables(text, None))


_TABLES = Look(_within, beside=Look(_headers))


def _block_below(lines: Sequence[str], number: int, header: re.Match[str]) -> tuple[list[str], int]:
    """Give a header with the lines below it that have as many cells, and where they end."""
    delimiter = header["delimiter"]
    block, end = [header["header"].strip()], number + 1
    wanted = block[0].count(delimiter)
    while end < len(lines):
        line = _plain(_COMMENT_MARK.sub("", lines[end], count=1).strip(), delimiter)
        if line is not None and without_quoted(line).count(delimiter) != wanted:
            break
        if line is not None:
            block.append(line)
        end += 1
    return block, end


def _plain(line: str, delimiter: str) -> str | None:
    """Take off what Markdown puts around a row; None for the line under the header."""
    if delimiter != "|":
        return line
    return line.strip("|") if line.strip(_RULE_LINE) or not line else None


def _blocks(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """Give the runs of at least two lines that hold a delimiter equally often."""
    block: list[str] = []
    before = 0
    last = -1
    for number in _holding(lines, delimiter):
        line = _plain(lines[number].strip(), delimiter)
        is_next, last = number == last + 1, number
        if line is None and is_next:
            continue
        times = line.count(delimiter) if line else 0
        if not is_next or times == 0 or times != before:
            if len(block) > 1:
                yield block
            block = []
        if times and line:
            block.append(line)
        before = times
    if len(block) > 1:
        yield block


def _holding(lines: Sequence[str], delimiter: str) -> Sequence[int]:
    """Give the numbers of the lines, from 0, that hold a delimiter, or may be Markdown's dashes."""
    if delimiter == "|":
        return [number for number, line in enumerate(lines) if "|" in line or "-" in line]
    return [number for number, line in enumerate(lines) if delimiter in line]


def _read_block(block: Sequence[str], part: str | None) -> Iterator[Document]:
    if len(block) > 1 and any(map(_holds_number, block[1:])):
        for document in read_if_table("\n".join(block), part):
            if not isinstance(document, Table) or _named(document):
                yield document


def _holds_number(line: str) -> bool:
    return any(map(str.isdigit, line)) or _TAKEN_OUT in line


def _named(table: Table) -> bool:
    return any(table.header) and not any(map(_is_number, table.header))


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace(",", "").isdecimal()
