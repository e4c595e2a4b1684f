"""What was read from a piece of a file before: the versions of a notebook repeat most of its outputs."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from breachkit.documents.reader import Budget, Member
from breachkit.documents.table import Document


MOST_CHARACTERS = 3_000_000
"""Of all pieces that are remembered; what is read from one takes some five times its room."""
_LONGEST = 300_000
"""Of one piece."""
_PIECE = 500
"""Characters that a piece counts for beside its own."""


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read from a piece, and what that took of its file's budget."""

    documents: tuple[Document, ...] = field(repr=False)
    bytes: int
    cells: int


class Repeated:
    """Remembers what was read from short pieces until there are too many; then it begins anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str | None], _Read] = {}
        self._room = MOST_CHARACTERS

    def read(
        self,
        piece: str,
        part: str | None,
        budget: Budget,
        reader: Callable[[str, str | None, Budget], Iterable[Document | Member]],
    ) -> tuple[Document | Member, ...]:
        """Give what a reader makes of a piece, and take of the budget what that takes.

        Args:
            piece: The text.
            part: What reports call it.
            budget: Of the file that holds it.
            reader: Always the same one, and one that gives the same for the same piece.
        """
        known = self._known.get((piece, part)) if len(piece) <= _LONGEST else None
        if known is not None and known.cells <= budget.cells and known.bytes <= budget.bytes:
            budget.take_bytes(known.bytes)
            budget.take_cells(known.cells)
            return known.documents
        before = budget.bytes, budget.cells
        found = tuple(reader(piece, part, budget))
        documents = tuple(one for one in found if not isinstance(one, Member))
        if len(piece) <= _LONGEST and len(documents) == len(found):
            spent = before[0] - budget.bytes, before[1] - budget.cells
            self._keep(piece, part, _Read(documents, *spent))
        return found

    def _keep(self, piece: str, part: str | None, read: _Read) -> None:
        self._room -= len(piece) + _PIECE
        if self._room < 0:
            self._known.clear()
            self._room = MOST_CHARACTERS - len(piece) - _PIECE
        self._known[piece, part] = read
