"""The size of a data frame, which pandas writes below one of which it shows but some rows.

Source: pandas, pandas.io.formats.html.NotebookFormatter and pandas.io.formats.string.
"""

import re
from dataclasses import replace

from breachkit.documents.table import Document, Table


_SIZE = re.compile(r"\s*(\d{1,12}) rows \u00d7 \d{1,6} columns\s*")


def with_rows_stated(found: Document, words: str | None) -> Document:
    """Give a table with the rows that the line below says its data have; anything else as it is."""
    size = _SIZE.fullmatch(words) if words else None
    if size is None or not isinstance(found, Table):
        return found
    return replace(found, of_rows=int(size[1]))
