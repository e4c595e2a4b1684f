"""Files of text, opened: delimited tables, and those in logs, pages of Markdown and print-outs."""

import contextlib
from collections.abc import Sequence

from breachkit.documents.editing.delimited import DelimitedPlaces
from breachkit.documents.editing.editable import CannotEditError, Editable
from breachkit.documents.editing.encoded import EncodedText
from breachkit.documents.editing.printed import TracedPlaces
from breachkit.documents.editing.text_file import TextFile, tables_of, unread_of
from breachkit.documents.editing.tracing import trace
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Origin


def open_delimited(content: bytes, path: bytes) -> Editable:
    """Open a file that is one or more tables of delimited text."""
    return _delimited(EncodedText(content), path, read(content, (path,)), may_be_spaced=True)


def _delimited(
    text: EncodedText, path: bytes, documents: Sequence[Document], *, may_be_spaced: bool
) -> Editable:
    unread = unread_of(documents)
    places = DelimitedPlaces(text.text, tables_of(documents), is_whole=not unread)
    if places.is_spaced() and not may_be_spaced:
        raise CannotEditError("white space that is to stay aligned")
    above = any(any(map(str.isdecimal, lines)) for lines in places.lines_above())
    fixed = (*(["lines above the header"] if above else []), *unread)
    return TextFile(path, text, documents, places, fixed)


def open_text(content: bytes, path: bytes) -> Editable:
    """Open a file of text that may hold tables of any kind."""
    documents = read(content, (path,))
    text = EncodedText(content)
    tables = tables_of(documents)
    if all(found.part is None and found.origin is Origin.FILE for found in tables):
        with contextlib.suppress(CannotEditError):
            return _delimited(text, path, documents, may_be_spaced=False)
    traces = trace(text.text, path, tables)
    places = TracedPlaces(text.text, tables, traces)
    fixed = []
    if len(places.known) < len(tables):
        fixed.append("tables that cannot be found again in the text")
    if not all(map(places.is_of_a_cell, traces.digits)):
        fixed.append("numbers in running text")
    return TextFile(path, text, documents, places, (*fixed, *unread_of(documents)))
