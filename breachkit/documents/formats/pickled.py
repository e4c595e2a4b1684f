"""Python's own files (pickle, joblib, npy): what is in them, without ever running them.

Unpickling runs whatever the file says. So the file is only followed (`pickle_machine`), and the data
frames, arrays, lists and dictionaries that it would build are read off the notes.
"""

import ast
from collections.abc import Iterator
from typing import Any

from breachkit.documents.compression import inflate
from breachkit.documents.formats.arrays import array_of, columns_of
from breachkit.documents.formats.frames import (
    MOST_CELLS,
    MOST_IN_ALL,
    data_set,
    hidden_text,
    numbered,
    rows_within,
)
from breachkit.documents.formats.pickle_frames import Found, tables_of
from breachkit.documents.formats.pickle_machine import follow
from breachkit.documents.formats.pickle_values import size_of
from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_NUMPY = b"\x93NUMPY"
_LONGEST_HEADER = 1 << 16
_COMPRESSED = (b"\x78", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")
_MOST_TABLES = 500


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the tables of a file, its words, and that it holds objects which were not rebuilt."""
    if content.startswith(_COMPRESSED):  # as joblib writes it
        inner = inflate(content, budget)
        content = inner.content
        if inner.missing:
            yield Unreadable(f"Python data: {inner.missing}", part)
    if content.startswith(_NUMPY):
        yield from _array(content, part, budget)
    else:
        yield from _pickle(content, part, budget)


def _array(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Read an array as numpy.save writes it: a header in Python's words, then the bytes.

    Source: NumPy, numpy.lib.format.
    """
    wide = 4 if content[6:7] > b"\1" else 2
    length = int.from_bytes(content[8 : 8 + wide], "little")
    start = 8 + wide
    if length > _LONGEST_HEADER or start + length > len(content):
        raise NotReadError("damaged, or cut off before its end")
    header = ast.literal_eval(content[start : start + length].decode("utf-8").strip())
    data = content[start + length :]
    if "O" in str(header["descr"]):
        yield from _pickle(data, part, budget)
        return
    kind = _kind(header["descr"])
    found = array_of(data, kind, header["shape"], by_columns=bool(header["fortran_order"]))
    names, columns, rows = columns_of(found, min(budget.cells, MOST_CELLS))
    rows_within(budget, len(columns[0]) if columns else 0, len(columns))
    yield from data_set(names, columns, part, budget, rows=rows)


def _kind(described: Any) -> Any:
    import numpy as np

    return np.dtype(
        [tuple(field) for field in described] if isinstance(described, list) else described
    )


def _pickle(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    root = follow(content, lambda call: size_of(call, content))
    found = Found(content, min(budget.cells, MOST_IN_ALL))
    tables_of(root, found)
    for number, table in enumerate(found.tables[:_MOST_TABLES], start=1):
        rows_within(budget, len(table.columns[0]) if table.columns else 0, len(table.columns))
        name = numbered(part, "table", number, len(found.tables))
        yield from data_set(table.header, table.columns, name, budget, rows=table.rows)
    yield from hidden_text(found.words, part)
    if found.objects:
        yield Embedded(Trait.OBJECTS, part, found.objects)
    if found.unread or len(found.tables) > _MOST_TABLES:
        yield Unreadable("Python data: objects that were not rebuilt", part)
