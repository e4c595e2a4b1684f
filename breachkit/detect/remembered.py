"""Which small tables were found clean already, so that the next version of a file is judged by its changes.

Versions of a log print the same tables again, and every rule on each of them is most of what judging
a log costs. Only "nothing found" is remembered: when a file was first committed, and how large it is,
weigh what is found (`detect.invented`) but find nothing and clear nothing. No content is kept, only digests.
"""

import dataclasses
from hashlib import blake2b

from breachkit.detect.rule import FileContext
from breachkit.documents.table import Table


_MOST_CELLS = 400
_MOST_REMEMBERED = 1 << 17
_BYTES = 16


class CleanTables:
    """The small tables in which every rule found nothing, as long as this process lives."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()

    def scope(self, context: FileContext) -> bytes:
        """Give what stands for all that rules on tables are told of a file, its date and size apart."""
        return _digest(repr(dataclasses.replace(context, first_date=None, size=0)), b"")

    def key(self, table: Table, scope: bytes) -> bytes | None:
        """Give what stands for a table in such a file; None where it is too large to be remembered."""
        rows = table.rows
        cells = len(rows) * len(table.header)
        if table.above is not None or cells > _MOST_CELLS or sum(map(len, rows)) > _MOST_CELLS:
            return None
        cells_apart = dataclasses.replace(table, part=None, rows=())
        return _digest(repr((cells_apart, [tuple(row) for row in rows])), scope)

    def __contains__(self, key: bytes | None) -> bool:
        """Say whether nothing was found in a table before."""
        return key in self._known

    def add(self, key: bytes) -> None:
        """Remember that nothing was found in a table."""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known.add(key)


def _digest(text: str, scope: bytes) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=scope).digest()
