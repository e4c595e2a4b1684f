"""JSON, one value or many: the tables in it, and the words that are in none."""

from collections.abc import Iterator

from breachkit.documents.json_text import parse
from breachkit.documents.printed import printed_tables
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.records import Finder
from breachkit.documents.table import Document, Table, Text, Unreadable


MOST_BYTES = 64 * 1024 * 1024
"""Of one file: what a parser makes of it takes about ten times the room."""


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the tables of a JSON file; those of a notebook, where it is one."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    try:
        value = parse(content)
    except NotReadError as stop:
        text = content.decode("utf-8", "replace")
        yield Text(text, part)
        printed = printed_tables(text, part)  # Python shows lists and dictionaries much like it
        yield from (found for found in printed if isinstance(found, Table))
        yield Unreadable(f"JSON: {stop}", part)
        return
    if isinstance(value, dict) and "nbformat" in value:
        from breachkit.documents.formats import notebook

        yield from notebook.documents_of(value, part, budget)
        return
    yield from documents_of(value, part, budget)


def documents_of(value: object, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the tables of a parsed value, and those of the markup in its strings."""
    finder = Finder(part, budget)
    finder.look(value)
    yield from finder.result()
    if finder.markup:
        from breachkit.documents.formats import html

        markup = "\n".join(finder.markup).encode("utf-8", "replace")
        yield from html.tables_in(markup, part, budget)
