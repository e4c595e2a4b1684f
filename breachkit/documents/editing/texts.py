"""Files of text, opened: delimited tables, and those in logs, pages of Markdown and print-outs."""

import contextlib

from breachkit.documents.editing.delimited import DelimitedPlaces
from breachkit.documents.editing.editable import CannotEditError, Editable
from breachkit.documents.editing.encoded import EncodedText
from breachkit.documents.editing.printed import TracedPlaces
from breachkit.documents.editing.text_file import TextFile
from breachkit.documents.editing.tracing import trace
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table, Unreadable


def open_delimited(content: bytes, path: bytes) -> Editable:
    """Open a file that is one or more tables of delimited text."""
    documents = read(content, (path,))
    text = EncodedText(content)
    places = DelimitedPlaces(text.text, _tables(documents))
    above = any(any(map(str.isdecimal, lines)) for lines in places.lines_above())
    fixed = (*(["lines above the header"] if above else []), *_unread(documents))
    return TextFile(path, text, documents, places, fixed)


def open_text(content: bytes, path: bytes) -> Editable:
    """Open a file of text that may hold tables of any kind."""
    documents = read(content, (path,))
    with contextlib.suppress(CannotEditError):
        if all(found.part is None for found in _tables(documents)):
            return open_delimited(content, path)
    text = EncodedText(content)
    tables = _tables(documents)
    traces = trace(text.text, path, tables)
    places = TracedPlaces(text.text, tables, traces)
    fixed = []
    if len(places.known) < len(tables):
        fixed.append("tables that cannot be found again in the text")
    if not all(map(places.is_of_a_cell, traces.digits)):
        fixed.append("numbers in running text")
    return TextFile(path, text, documents, places, (*fixed, *_unread(documents)))


def _tables(documents: tuple[Document, ...]) -> list[Table]:
    return [found for found in documents if isinstance(found, Table)]


def _unread(documents: tuple[Document, ...]) -> list[str]:
    unread = any(isinstance(found, Unreadable) for found in documents)
    return ["what could not be read of it"] if unread else []
