"""What was read from a piece of a file before: the versions of a notebook repeat most of its outputs."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from breachkit.documents.reader import Budget, Member
from breachkit.documents.table import Document, Table, Text


MOST_CHARACTERS = 3_000_000
"""Of all pieces that are remembered; what is read from one takes some five times its room."""
_PIECE = 500
"""Characters that a piece counts for beside its own."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from a piece, and what that took of its file's budget."""

    documents: tuple[Document, ...] = field(repr=False)
    bytes: int
    cells: int


class RepeatedParts:
    """Remembers what was read from parts of files, until that is too much; then it begins anew."""

    def __init__(self, room: int = MOST_CHARACTERS) -> None:
        """Start with nothing; `room` is the number of characters of all that is remembered."""
        self._known: dict[bytes, tuple[str, _Read]] = {}
        self._most = self._room = room

    def read(
        self,
        key: bytes,
        part: str,
        budget: Budget,
        reader: Callable[[], Iterable[Document | Member]],
    ) -> Iterator[Document | Member]:
        """Give what a reader makes of a part, and take of the budget what that takes.

        Args:
            key: What stands for all that the documents are made of.
            part: What reports call it, which is what those of all its documents begin with.
            budget: Of the file that holds it.
            reader: Reads it.
        """
        known = self._known.get(key)
        if known is not None and known[1].cells <= budget.cells and known[1].bytes <= budget.bytes:
            budget.take_bytes(known[1].bytes)
            budget.take_cells(known[1].cells)
            yield from (_renamed(one, known[0], part) for one in known[1].documents)
            return
        before = budget.bytes, budget.cells
        documents: list[Document] = []
        others = 0
        for one in reader():
            if isinstance(one, Member):
                others += 1
            else:
                documents.append(one)
            yield one
        if not others:
            spent = before[0] - budget.bytes, before[1] - budget.cells
            self._keep(key, part, _Read(tuple(documents), *spent))

    def _keep(self, key: bytes, part: str, read: _Read) -> None:
        room = _PIECE + sum(map(_room, read.documents))
        if room > self._most:
            return
        self._room -= room
        if self._room < 0:
            self._known.clear()
            self._room = self._most - room
        self._known[key] = part, read


_CELL = 30
"""Characters that a cell counts for beside its own."""


def _room(document: Document) -> int:
    if isinstance(document, Text):
        return len(document.text)
    if isinstance(document, Table):
        return sum(_CELL * len(row) + sum(map(len, row)) for row in document.rows)
    return 0


def _renamed(document: Document, before: str, part: str) -> Document:
    name = document.part
    if name is None or before == part:
        return document
    return dataclasses.replace(document, part=part + name.removeprefix(before))
