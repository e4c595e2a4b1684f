"""Tables that were printed, and stand in a page as they were: of Stata, R or Python in a report."""

import contextlib
import html
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.editing.editable import CannotEditError, Editable, Spot
from breachkit.documents.editing.page import Page, PrintOut
from breachkit.documents.editing.page_cells import Piece
from breachkit.documents.editing.texts import open_text
from breachkit.documents.formats.html import without_mark
from breachkit.documents.table import Table


_MARK = "## "
"""What knitr writes before each line that was printed."""
_NAME = b"output/print.log"


class _Block(NamedTuple):
    """What was printed in one piece, as a text of its own."""

    found: PrintOut
    file: Editable
    mark: str
    end: str
    """What its lines end in."""

    def written(self, edits: Mapping[Spot, str]) -> str:
        """Write it as the page does."""
        lines = self.file.written(edits).decode().split("\n")
        marked = (self.mark + line if line or not self.mark else line for line in lines)
        return html.escape(self.end.join(marked), quote=False)


class PrintOuts:
    """The printed tables of a page, as far as it is known where their cells stand.

    Attributes:
        tables: Those, in the order of the reader.
        numbers: Where each is in the list of tables that it was looked for in.
    """

    def __init__(self, page: Page, others: Sequence[Table]) -> None:
        """Look for the tables of a page that are none of its markup."""
        self._at: list[tuple[_Block, int]] = []
        self.numbers: list[int] = []
        for found in page.print_outs():
            own = [at for at, table in enumerate(others) if _is_of(table, found.number)]
            block = _opened(found) if own else None
            for at in own:
                number = None if block is None else _same(others[at], block.file.tables)
                if block is not None and number is not None:
                    self._at.append((block, number))
                    self.numbers.append(at)
        self.tables: tuple[Table, ...] = tuple(others[at] for at in self.numbers)

    def pieces(self, edits: Mapping[Spot, str]) -> Iterator[Piece]:
        """Give the changes of the page that change cells, whose tables are counted among `tables`."""
        blocks: dict[int, tuple[_Block, dict[Spot, str]]] = {}
        for spot, words in edits.items():
            block, table = self._at[spot.table]
            _, own = blocks.setdefault(block.found.start, (block, {}))
            own[spot._replace(table=table)] = words
        for block, own in blocks.values():
            yield Piece(block.found.start, block.found.end, block.written(own))


def _is_of(table: Table, number: int) -> bool:
    name = f"print-out {number}"
    return table.part == name or (table.part or "").startswith(f"{name}, ")


def _opened(found: PrintOut) -> _Block | None:
    """Open what was printed as a text; None where the page spells it in another way than it would be again."""
    end = "\r\n" if "\r\n" in found.written else "\n"
    shown = html.unescape(found.written).replace(end, "\n")
    plain = without_mark(shown)
    mark = _MARK if plain != shown else ""
    if shown.removeprefix("\n") != found.text.removeprefix("\n") or not plain.isascii():
        return None
    with contextlib.suppress(CannotEditError):
        block = _Block(found, open_text(plain.encode(), _NAME), mark, end)
        if block.written({}) == found.written:
            return block
    return None


def _same(table: Table, others: Sequence[Table]) -> int | None:
    """Find a table among others by all that it shows."""
    told = _shown(table)
    return next((number for number, other in enumerate(others) if _shown(other) == told), None)


def _shown(table: Table) -> tuple[object, ...]:
    return table.header, table.above, [tuple(row) for row in table.rows]
