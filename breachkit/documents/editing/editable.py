"""A file whose tables can be changed cell by cell.

What is not named in an edit stays as it is: the dialect, the encoding, the ends of lines, formats,
other sheets. Each editor reads back what it wrote before it gives it out, with the reader that rules
use: the tables are the same but for the cells that were to change, or nothing is written.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from breachkit.documents.table import Table


class Spot(NamedTuple):
    """A cell of a file."""

    table: int
    """Which of `Editable.tables`, counted from 0."""
    row: int
    """Counted from 0 under the header; `HEADER` is the header itself."""
    column: int
    """Counted from 0."""


HEADER = -1


class CannotEditError(Exception):
    """A file, or one of its cells, that cannot be changed; the text names no content."""


class Editable(Protocol):
    """A file that was read so that its cells can be changed."""

    tables: tuple[Table, ...]
    """Those that can be changed, in the order of `documents.readers.read`, with the same headers, rows
    and parts."""
    fixed: tuple[str, ...]
    """What else the file holds that may show a count and cannot be changed (`a figure`, `running
    text`, `a pivot table`), without content. Whoever redacts has to say so."""

    def written(self, edits: Mapping[Spot, str]) -> bytes:
        """Give the file with other words in some cells; with none, the very same bytes.

        Args:
            edits: The whole new text of each cell. It stands for itself: quoting, escaping and
                padding are the editor's.

        Raises:
            CannotEditError: a spot is in no table, or reading back gives something else.
        """
        ...
