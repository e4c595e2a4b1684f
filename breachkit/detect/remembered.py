"""Which small tables and texts were looked at already, so that the next version is judged by its changes.

Versions of a log print the same tables again, and every rule on each of them is most of what judging
a log costs; those of a notebook hold the same cells. Of rules only "nothing found" is remembered: when a file was first committed, and how large
it is, weigh what is found (`detect.invented`) but find nothing and clear nothing. No content is kept,
only digests, and the sketches of tables, which hold none either (`sdc.sketch`).
"""

import dataclasses
import itertools
import marshal
from hashlib import blake2b
from operator import attrgetter

from breachkit.detect.rule import FileContext
from breachkit.documents.table import Table, Text, TextKind
from breachkit.sdc.sketch import TableSketch


_MOST_CELLS = 400
_MOST_CHARACTERS = 4_000
_MOST_REMEMBERED = 1 << 17
_MOST_SKETCHES = 1 << 12
_BYTES = 16
_WITHOUT_REFERENCES = 2
"""The version of `marshal` that writes equal values as equal bytes, wherever they lie in memory."""

_told = attrgetter(
    *(
        each.name
        for each in dataclasses.fields(FileContext)
        if each.name not in {"first_date", "size"}
    )
)
"""All that rules on tables and texts are told of a file, its date and size apart."""


def digest(table: Table) -> bytes | None:
    """Give what stands for all that rules see of a table; None where it is too large to be remembered."""
    rows = table.rows
    if table.above is not None or len(rows) * len(table.header) > _MOST_CELLS:
        return None
    cells = list(map(tuple, rows))
    if sum(map(len, cells)) > _MOST_CELLS:
        return None
    beside = (
        table.origin.name,
        table.hidden,
        table.more_rows,
        table.is_called_dummy,
        table.of_rows,
    )
    written = marshal.dumps((tuple(table.header), cells, beside), _WITHOUT_REFERENCES)
    return blake2b(written, digest_size=_BYTES).digest()


def digest_of_text(text: Text) -> bytes | None:
    """Give what stands for all that rules see of a text; None where it is not worth remembering.

    Longer texts and the messages of commits hardly ever come again as they are.
    """
    if len(text.text) > _MOST_CHARACTERS or text.kind is TextKind.MESSAGE:
        return None
    about = f"{text.kind.name} {text.part if text.part in _TOLD_APART else ''}\n".encode()
    return blake2b(about + text.text.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()


_TOLD_APART = frozenset({"message", "name"})
"""Parts of which rules on texts look at the name."""


class Clean:
    """The small tables and texts in which every rule found nothing, as long as this process lives."""

    def __init__(self) -> None:
        self._known: set[tuple[bytes, int]] = set()
        self._scopes: dict[tuple[object, ...], int] = {}
        self._numbers = itertools.count()
        self._last: tuple[FileContext | None, int] = (None, -1)

    def scope(self, context: FileContext) -> int:
        """Give what stands for all that rules are told of a file, its date and size apart."""
        if context is not self._last[0]:
            told = _told(context)
            if told not in self._scopes:
                self._scopes[told] = next(self._numbers)
            self._last = context, self._scopes[told]
        return self._last[1]

    def holds(self, digest: bytes, scope: int) -> bool:
        """Say whether nothing was found before in what has a digest, in such a file."""
        return (digest, scope) in self._known

    def add(self, digest: bytes, scope: int) -> None:
        """Remember that nothing was found in what has a digest."""
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
            self._scopes.clear()
        self._known.add((digest, scope))


class Sketches:
    """The sketches of small tables, as long as the secret stays the same and there are not too many."""

    def __init__(self) -> None:
        self._key = b""
        self._known: dict[bytes, TableSketch] = {}

    def of(self, table: bytes, part: str | None, key: bytes) -> TableSketch | None:
        """Give the sketch of the table of a digest, under the name of another part of a file."""
        known = self._known.get(table) if key == self._key else None
        if known is None or known.part == part:
            return known
        return dataclasses.replace(known, part=part)

    def add(self, table: bytes, sketch: TableSketch, key: bytes) -> None:
        """Remember a sketch made with a key."""
        if key != self._key or len(self._known) >= _MOST_SKETCHES:
            self._known.clear()
            self._key = key
        self._known[table] = sketch
