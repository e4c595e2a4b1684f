"""Tables that say the same as one that was taken out, however they are written now.

A column is told by the multiset of its cells, keyed, so that neither the order of rows or columns
nor the names of columns nor the format of the file matters. A redacted table differs in the
column that was redacted, and is not told. Whoever has a print and its key can try guesses on it, as
with an old id: both lie in the same place.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator

from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.model.ids import GitPath


TablePrint = frozenset[str]
"""The prints of a table's columns."""

MAX_BYTES = 16 << 20
"""A larger file is compared by id alone."""
MAX_TABLES = 200
"""Of one list; what a secret of a CI service can hold is little."""

_FEWEST = 2
"""Rows, and columns that say something: less than that is told in many a harmless file."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")


def prints_of(content: bytes, paths: Iterable[GitPath], key: str) -> tuple[TablePrint, ...]:
    """Give the print of every table of a file that is large enough to be told from others.

    Args:
        content: The whole file.
        paths: Its names, by which it is read.
        key: Hexadecimal, at most 64 bytes.
    """
    if len(content) > MAX_BYTES:
        return ()
    tables = (each for each in read(content, tuple(paths)) if isinstance(each, Table))
    made = (frozenset(_columns(table, bytes.fromhex(key))) for table in tables)
    return tuple(each for each in made if len(each) >= _FEWEST)


def is_near(known: Collection[TablePrint], found: Iterable[TablePrint]) -> bool:
    """Say whether a table has every column of one that was taken out, whatever it has beside them."""
    return any(one <= other for other in found for one in known)


def _columns(table: Table, key: bytes) -> Iterator[str]:
    if len(table.rows) < _FEWEST or table.more_rows:
        return
    width = max(len(table.header), *map(len, table.rows))
    for number in range(width):
        cells = [_plain(row[number]) if number < len(row) else "" for row in table.rows]
        if any(cells) and not _only_counts_rows(cells):
            text = "\x1f".join(sorted(cells)).encode("utf-8", "surrogatepass")
            yield hashlib.blake2b(text, key=key, digest_size=8).hexdigest()


def _plain(cell: str) -> str:
    """Write a cell as another program would: `3.0`, `3` and `"3"` are the same, as are `1,234` and `1234`."""
    text = cell.strip().strip('"').strip()
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if _NUMBER.fullmatch(text) and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.casefold()


def _only_counts_rows(cells: list[str]) -> bool:
    """Whether a column is the number of the row, which some programs write and others leave out."""
    return any(cells == [str(start + each) for each in range(len(cells))] for start in (0, 1))
