"""The way in: bytes and paths to documents. Never raises, whatever the bytes."""

import re
from collections.abc import Iterator, Sequence
from typing import assert_never

from breachkit.documents.compression import gunzip, inner_path, member_name
from breachkit.documents.delimited import read_delimited, read_if_table
from breachkit.documents.encoding import decode
from breachkit.documents.kinds import HEAD, Kind, Reading, is_output_path, kind_of
from breachkit.documents.table import Document, Table, Text, Unreadable


_MAX_DEPTH = 3
_PROSE = (b".md", b".rst", b".adoc")
# What Stata, R and pandas print; such text may hold a table that no delimiter shows.
_PRINTED = re.compile(
    r"^[^\S\n]*(?:log type:|name:\s+<unnamed>)|^# A tibble:|^[^\S\n]*Freq\.\s+Percent|^-{8,}\+-{8,}|^\[\d+ rows x ",
    re.MULTILINE,
)


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
    return (Text(words, "message"), *_pasted_tables(words, "message"))


def _read(
    content: bytes, paths: tuple[bytes, ...], part: str | None, depth: int
) -> tuple[Document, ...]:
    kind = kind_of(content[:HEAD], paths)
    match kind.reading:
        case Reading.NOTHING:
            return ()
        case Reading.TEXT:
            return _read_words(content, paths, part)
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


def _read_words(content: bytes, paths: tuple[bytes, ...], part: str | None) -> tuple[Document, ...]:
    """Read a program or prose; in the prose among outputs look for tables too."""
    text = Text(_text(content), part)
    if any(path.lower().endswith(_PROSE) and is_output_path(path) for path in paths):
        return (text, *_pasted_tables(text.text, part, ("|",)))
    return (text,)


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
        unread = Unreadable("no reader for printed text yet", part)
        return (*_pasted_tables(text, part), unread)
    return (Text(text, part),)


def _read_gzip(content: bytes, paths: tuple[bytes, ...], depth: int) -> tuple[Document, ...]:
    part = member_name(paths[0] if paths else None)
    if depth >= _MAX_DEPTH:
        return (Unreadable("compressed too many times over", part),)
    inner = gunzip(content)
    if isinstance(inner, Unreadable):
        return (Unreadable(inner.reason, part),)
    return _read(inner, tuple(map(inner_path, paths)), part, depth + 1)


def _pasted_tables(
    text: str, part: str | None, delimiters: Sequence[str] = (",", "\t", ";", "|")
) -> tuple[Document, ...]:
    """Find runs of lines that agree on a delimiter under a line that can be a header."""
    found: list[Document] = []
    for delimiter in delimiters:
        if delimiter not in text:
            continue
        for block in _blocks(text, delimiter):
            documents = read_if_table("\n".join(block), part)
            found += [table for table in documents if isinstance(table, Table) and _named(table)]
    return tuple(found)


def _blocks(text: str, delimiter: str) -> Iterator[list[str]]:
    """Give the runs of at least two lines that hold a delimiter equally often."""
    block: list[str] = []
    before = 0
    for raw in [*text.splitlines(), ""]:
        line = raw.strip()
        if delimiter == "|":
            if line and not line.strip("|:+- "):
                continue  # the line under the header of a table in Markdown
            line = line.strip("|")
        times = line.count(delimiter)
        if times == 0 or times != before:
            if len(block) > 1 and ", " not in block[0]:  # prose
                yield block
            block = []
        if times:
            block.append(line)
        before = times


def _named(table: Table) -> bool:
    return any(table.header) and not any(map(_is_number, table.header))


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).replace(",", "").isdecimal()
