"""What was read from a piece of a file before: the versions of a notebook repeat most of its outputs."""

import dataclasses
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator

from breachkit.documents.reader import Budget, Member
from breachkit.documents.table import Document, Table, Text
from breachkit.model.records import dataclass, field


MOST_CHARACTERS = 5_000_000
"""Of all pieces that are remembered; what is read from one takes some five times its room."""
_PIECE = 500
"""Characters that a piece counts for beside its own."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from a piece, and what that took of its file's budget."""

    documents: tuple[Document, ...] = field(repr=False)
    bytes: int
    cells: int
    room: int
    """What remembering it takes, in characters."""


class RepeatedParts:
    """Remembers what was read from parts of files; what was not met for longest is forgotten first."""

    def __init__(self, room: int = MOST_CHARACTERS) -> None:
        """Start with nothing; `room` is the number of characters of all that is remembered."""
        self._known: OrderedDict[bytes, tuple[str, _Read]] = OrderedDict()
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
            self._known.move_to_end(key)
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
            room = _PIECE + sum(map(_room, documents))
            self._keep(key, part, _Read(tuple(documents), *spent, room))

    def _keep(self, key: bytes, part: str, read: _Read) -> None:
        if read.room > self._most or key in self._known:
            return
        self._room -= read.room
        while self._room < 0:
            _, (_, forgotten) = self._known.popitem(last=False)
            self._room += forgotten.room
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
