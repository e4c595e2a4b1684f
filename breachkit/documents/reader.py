"""What a reader of a format is, and the bounds within which it works.

A reader gives documents and members. It may raise whatever it likes, since `documents.readers` turns
every exception into an `Unreadable` that names its type alone; it never executes anything, never
follows a reference, and asks the budget before it makes much out of little.
"""

from collections.abc import Iterator
from typing import Protocol

from breachkit.documents.table import Document
from breachkit.model.records import dataclass, field


MAX_BYTES = 128 * 1024 * 1024
"""Bytes that everything inside one file may grow to."""
MAX_RATIO = 400
"""How many times its size a file may grow, beyond `FREE_BYTES`."""
FREE_BYTES = 32 * 1024 * 1024
MAX_MEMBERS = 2_000
"""Members of archives in one file, at all depths."""
MAX_CELLS = 3_000_000
"""Cells in all tables of one file."""
MAX_DEPTH = 3
"""Files within files."""


class OverBudgetError(Exception):
    """A file is more than breachkit reads of one; the message says of what, and holds no content."""


class NotReadError(Exception):
    """A reader met what it does not read; the message is the reason, and holds no content."""


@dataclass(slots=True)
class Budget:
    """What reading one file of a repository may still cost, its members and theirs included."""

    bytes: int
    members: int = MAX_MEMBERS
    cells: int = MAX_CELLS

    @classmethod
    def for_file(cls, size: int) -> "Budget":
        """Give the budget of a file of so many bytes."""
        return cls(bytes=min(MAX_BYTES, max(FREE_BYTES, MAX_RATIO * size)))

    def take_bytes(self, number: int) -> None:
        """Take account of bytes that were inflated, or are about to be."""
        self.bytes -= number
        if self.bytes < 0:
            raise OverBudgetError("grows too much when decompressed")

    def take_member(self) -> None:
        """Take account of a member."""
        self.members -= 1
        if self.members < 0:
            raise OverBudgetError("too many members")

    def take_cells(self, number: int) -> None:
        """Take account of cells of a table."""
        self.cells -= number
        if self.cells < 0:
            raise OverBudgetError("too many cells")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A file within a file, still to be read."""

    content: bytes = field(repr=False)
    path: bytes
    """What it is called, or what its name would end in: it tells the format where bytes do not."""
    part: str
    """What reports call it: a kind and a number, since names inside a file are content."""


class Reader(Protocol):
    """Reads one format."""

    def __call__(
        self, content: bytes, part: str | None, budget: Budget
    ) -> Iterator[Document | Member]:
        """Give what a person could see in a file, and what it carries beside.

        Args:
            content: The whole file.
            part: What reports call this file, where it is a member of another.
            budget: Shared with the file that it is a member of.
        """
        ...


def inside(part: str | None, name: str) -> str:
    """Name a part of a part: `member 2, sheet 1`."""
    return f"{part}, {name}" if part else name
