"""The way in: bytes and paths to documents. Never raises, whatever the bytes."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from hashlib import blake2b
from typing import NamedTuple, assert_never, cast

from breachkit.documents.compression import inflate, inner_path, member_name
from breachkit.documents.delimited import read_delimited, read_if_table
from breachkit.documents.encoding import UNSEEN_BYTES, decode
from breachkit.documents.kinds import (
    BINARY,
    COMPILED,
    HEAD,
    Kind,
    Reading,
    is_output_path,
    kind_by_name,
    kind_of,
)
from breachkit.documents.markup import not_in, pipe_tables, tables_in_text
from breachkit.documents.pasted import pasted_tables, tables_in_program
from breachkit.documents.printed import (
    delimiter_of,
    is_even,
    printed_tables,
    said_with,
    tables_beside,
)
from breachkit.documents.printing.prefixes import is_logged
from breachkit.documents.reader import (
    MAX_DEPTH,
    Budget,
    Member,
    NotReadError,
    OverBudgetError,
    Reader,
    inside,
)
from breachkit.documents.table import Document, Embedded, Table, Text, TextKind, Unreadable
from breachkit.documents.woven import woven_tables
from breachkit.model.errors import TookTooLongError


def read(content: bytes, paths: Sequence[bytes]) -> tuple[Document, ...]:
    """Give what a person would see in a file.

    Args:
        content: The whole file.
        paths: Every path it ever had; may be empty.

    Returns:
        Its tables and texts, and an `Unreadable` for whatever of it was not examined. Nothing
        where the file is empty.
    """
    return tuple(_read(content, tuple(paths), None, _Within(Budget.for_file(len(content)))))


def read_message(text: bytes) -> tuple[Document, ...]:
    """Give the words of a commit's or tag's message, and the tables that were pasted into it."""
    words = decode(text) or decode(text.translate(None, UNSEEN_BYTES))
    if words is None:
        return (Unreadable("a message that is no text", "message"),)
    return (Text(words, "message", TextKind.MESSAGE), *pasted_tables(words, "message"))


class _Within(NamedTuple):
    """How deep inside a file something is, and what reading it may still cost."""

    budget: Budget
    depth: int = 0


def _read(
    content: bytes, paths: tuple[bytes, ...], part: str | None, within: _Within
) -> Iterator[Document]:
    kind = kind_of(content[:HEAD], paths)
    match kind.reading:
        case Reading.NOTHING:
            return
        case Reading.TEXT:
            yield from _with_sql(_read_words(content, part), part, within.budget)
            yield from _promised(paths, part)
        case Reading.TABLE:
            yield from read_delimited(content, part)
        case Reading.MAYBE_TABLE:
            found = _read_text_or_table(content, paths, part)
            yield from _with_sql(found, part, within.budget)
            yield from _promised(paths, part)
        case Reading.COMPRESSED:
            yield from _read_compressed(kind, content, paths, part, within)
        case Reading.FORMAT:
            yield from _read_format(kind, content, part, within)
        case Reading.NONE:
            inner = "something within it: " if within.depth else ""
            yield Unreadable(f"{inner}{_no_reader(kind)}", part)
        case _:
            assert_never(kind.reading)


def _read_format(
    kind: Kind, content: bytes, part: str | None, within: _Within
) -> Iterator[Document]:
    """Let the reader of a format work, and turn whatever stops it into a reason."""
    try:
        for item in _reader(kind.reader)(content, part, within.budget):
            if isinstance(item, Member):
                yield from _read_member(item, within)
            elif isinstance(item, Embedded):
                yield replace(item, carrier=kind.name)
            else:
                yield item
    except ModuleNotFoundError:
        yield Unreadable(f"{kind.name}: not read, because this needs breachkit[formats]", part)
    except (OverBudgetError, NotReadError) as stop:
        yield Unreadable(f"{kind.name}: {stop}", part)
    except TookTooLongError:
        yield Unreadable(f"{kind.name}: takes too long to read", part)
    except Exception as error:  # noqa: BLE001 - whatever a library makes of hostile bytes is one unread file
        yield Unreadable(f"{kind.name}: damaged, or of an unknown version ({_type(error)})", part)


@cache
def _reader(name: str) -> Reader:
    return cast("Reader", importlib.import_module(f"breachkit.documents.formats.{name}").read)


def _type(error: Exception) -> str:
    """Name the type of an exception, whose text may hold content."""
    return type(error).__name__


def _read_member(member: Member, within: _Within) -> Iterator[Document]:
    if within.depth >= MAX_DEPTH:
        yield Unreadable("files within files, too deep", member.part)
        return
    within.budget.take_member()
    key = blake2b(member.content, key=blake2b(member.path).digest()).digest()
    if key in _WITH_NOTHING:
        return
    left = replace(within.budget)
    inner = _Within(within.budget, within.depth + 1)
    found = list(_read(member.content, (member.path,), member.part, inner))
    yield from found
    if not found and within.budget == left:
        _remember(key)


_MOST_REMEMBERED = 1 << 16
_WITH_NOTHING: set[bytes] = set()
"""Digests of members in which nothing is: most pictures, which many versions of a notebook hold."""


def _remember(key: bytes) -> None:
    if len(_WITH_NOTHING) >= _MOST_REMEMBERED:
        _WITH_NOTHING.clear()
    _WITH_NOTHING.add(key)


def _promised(paths: tuple[bytes, ...], part: str | None) -> tuple[Unreadable, ...]:
    """Name what no reader exists for, where another name of the file says that it is that.

    A program that is text was read, whatever its name says of a compiler.
    """
    kinds = (kind_by_name(path) for path in paths)
    unread = {kind for kind in kinds if kind is not None and kind.reading is Reading.NONE}
    unread.discard(COMPILED)
    return tuple(Unreadable(_no_reader(kind), part) for kind in sorted(unread, key=_no_reader))


def _read_words(content: bytes, part: str | None) -> tuple[Document, ...]:
    """Read a program or prose, and the tables that were pasted into it."""
    words = decode(content)
    if words is None or b"\0" in content:
        return (Unreadable("binary content under the name of a program or of prose", part),)
    pasted = tables_in_program(words, part)  # looks at it for those who read markup, too
    drawn = tables_in_text(words, part)
    drawn = (*drawn, *not_in(drawn, woven_tables(words, part)))
    tables = not_in(drawn, pasted)
    return (Text(words, part), *tables, *drawn)


_SQL_SIGNS = ("INSERT ", "insert ", "Insert ", "REPLACE INTO ", "replace into ", " FROM stdin")


def _with_sql(found: Sequence[Document], part: str | None, budget: Budget) -> Iterator[Document]:
    """Give what was read, and the tables that the texts in it would fill in a database."""
    yield from found
    for each in found:
        if isinstance(each, Text) and any(sign in each.text for sign in _SQL_SIGNS):
            from breachkit.documents.formats.sql_dump import tables_of_sql

            try:
                yield from tables_of_sql(each.text, part, budget)
            except OverBudgetError as stop:
                yield Unreadable(f"SQL: {stop}", part)


def _no_reader(kind: Kind) -> str:
    return kind.name if kind is BINARY else f"no reader for {kind.name} yet"


def _read_text_or_table(
    content: bytes, paths: tuple[bytes, ...], part: str | None
) -> tuple[Document, ...]:
    text = decode(content)
    if text is None:
        return (Unreadable(BINARY.name, part),)
    whole = () if is_logged(text) else read_if_table(text, part)
    if whole and (delimiter := delimiter_of(text)):
        return (*whole, *tables_beside(text, delimiter, part))
    printed = printed_tables(text, part)
    if whole and not _is_print_out(whole[0], printed):
        return whole
    is_output = any(map(is_output_path, paths))
    found = tuple(_with_pasted(printed, part, is_output=is_output))
    drawn = list(not_in(found, tuple(pipe_tables(text, part, "|"))))
    return (*found, *said_with(drawn, printed))


def _is_print_out(whole: Document, printed: Sequence[Document]) -> bool:
    """Say whether a text that was cut at its blanks is rather what a console printed.

    It is where the blanks cut its lines unevenly, or make fewer columns or rows of them: in a header
    two names may have one blank between them where the values below have several, so that a row is
    taken for the header.
    """
    tables = [found for found in printed if isinstance(found, Table)]
    if not isinstance(whole, Table) or not is_even(whole):
        return bool(tables)
    rows, columns = len(whole.rows), len(whole.header)
    if whole.header[:1] == ("",):  # nothing stands over the names of rows, as in most print-outs
        return sum(len(found.rows) for found in tables) >= rows
    return any(
        (len(found.rows) >= rows and len(found.header) > columns)
        or (len(found.rows) > rows and len(found.header) == columns)
        for found in tables
    )


def _with_pasted(
    printed: Sequence[Document], part: str | None, *, is_output: bool
) -> Iterator[Document]:
    """Give what was printed, and what the text that is left of it holds."""
    is_log = is_output or any(isinstance(found, Table) for found in printed)
    for found in printed:
        if isinstance(found, Text):
            yield found if is_log else replace(found, kind=TextKind.PROSE)
            drawn = tables_in_text(found.text, part)
            yield from not_in(drawn, pasted_tables(found.text, part))
            yield from drawn
        else:
            yield found


def _read_compressed(
    kind: Kind, content: bytes, paths: tuple[bytes, ...], part: str | None, within: _Within
) -> Iterator[Document]:
    """Read what is inside; inside another file its name is content, and is not used."""
    part = inside(part, "content") if part else member_name(paths[0] if paths else None)
    if within.depth >= MAX_DEPTH:
        yield Unreadable("compressed too many times over", part)
        return
    try:
        within.budget.take_member()
        inner = inflate(content, within.budget)
    except (OverBudgetError, NotReadError) as stop:
        yield Unreadable(f"{kind.name}: {stop}", part)
        return
    except ModuleNotFoundError:
        yield Unreadable(f"{kind.name}: not read, because this needs breachkit[formats]", part)
        return
    deeper = _Within(within.budget, within.depth + 1)
    yield from _read(inner.content, tuple(map(inner_path, paths)), part, deeper)
    if inner.missing is not None:
        yield Unreadable(f"{kind.name}: {inner.missing}", part)
