"""The way in: bytes and paths to documents. Never raises, whatever the bytes."""

import re
from collections.abc import Sequence
from typing import assert_never

from breachkit.documents.compression import gunzip, inner_path, member_name
from breachkit.documents.delimited import decode, read_delimited, read_if_table
from breachkit.documents.kinds import HEAD, Kind, Reading, is_output_path, kind_of
from breachkit.documents.table import Document, Table, Text, Unreadable


_MAX_DEPTH = 3
# What Stata, R and pandas print; such text may hold a table that no delimiter shows.
_PRINTED = re.compile(
    r"^\s*(?:log type:|name:\s+<unnamed>)|^# A tibble:|^\s*Freq\.\s+Percent|^-{8,}\+-{8,}|^\[\d+ rows x ",
    re.MULTILINE,
)
_MIN_TABLE_LINES = 2


def read(content: bytes, paths: Sequence[bytes]) -> tuple[Document, ...]:
    """Give what a person would see in a file.

    Args:
        content: The whole file.
        paths: Every path it ever had; may be empty.

    Returns:
        Its tables and texts, and an `Unreadable` for whatever of it was not examined. Nothing
        where the file is empty.
    """
    return _read(content, tuple(paths), None, 0)


def read_message(text: bytes) -> tuple[Document, ...]:
    """Give the words of a commit's or tag's message, and the tables that were pasted into it."""
    words = decode(text)
    if words is None:
        return (Unreadable("a message that is no text", "message"),)
    return (Text(words, "message"), *_pasted_tables(words))


def _read(
    content: bytes, paths: tuple[bytes, ...], part: str | None, depth: int
) -> tuple[Document, ...]:
    kind = kind_of(content[:HEAD], paths)
    match kind.reading:
        case Reading.NOTHING:
            return ()
        case Reading.TEXT:
            return (Text(_text(content), part),)
        case Reading.TABLE:
            return read_delimited(content, part)
        case Reading.MAYBE_TABLE:
            return _read_text_or_table(content, paths, part)
        case Reading.GZIP:
            return _read_gzip(content, paths, depth)
        case Reading.NONE:
            return (Unreadable(_no_reader(kind), part),)
        case _:
            assert_never(kind.reading)


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _no_reader(kind: Kind) -> str:
    return f"no reader for {kind.name} yet"


def _read_text_or_table(
    content: bytes, paths: tuple[bytes, ...], part: str | None
) -> tuple[Document, ...]:
    text = decode(content)
    if text is None:
        return (Unreadable("binary content of an unknown kind", part),)
    table = read_if_table(text, part)
    if table:
        return table
    if any(map(is_output_path, paths)) or _PRINTED.search(text[:65536]):
        return (Unreadable("no reader for printed text yet", part),)
    return (Text(text, part),)


def _read_gzip(content: bytes, paths: tuple[bytes, ...], depth: int) -> tuple[Document, ...]:
    part = member_name(paths[0] if paths else None)
    if depth >= _MAX_DEPTH:
        return (Unreadable("compressed too many times over", part),)
    inner = gunzip(content)
    if isinstance(inner, Unreadable):
        return (Unreadable(inner.reason, part),)
    return _read(inner, tuple(map(inner_path, paths)), part, depth + 1)


def _pasted_tables(text: str) -> tuple[Document, ...]:
    """Find paragraphs of a message that read as a table with a header."""
    found: list[Document] = []
    for paragraph in re.split(r"\n[^\S\n]*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        for start in range(len(lines)):
            tables = read_if_table("\n".join(lines[start:]), "message")
            if len(lines) - start >= _MIN_TABLE_LINES and _has_header(tables):
                found += tables
                break
    return tuple(found)


def _has_header(tables: Sequence[Document]) -> bool:
    return any(
        isinstance(table, Table) and all(table.header) and not any(map(_is_number, table.header))
        for table in tables
    )


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace(",", "").isdecimal()
