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


_MARKS = ("## ", "##")
"""What knitr writes before each line that was printed."""
_NAME = b"output/print.log"
_ABOVE = ("", "This was printed by a program, and stands in a page.\n\n")
"""What may stand above a print-out while it is changed: words, so that the whole is not read as one table."""


class _Block(NamedTuple):
    """What was printed in one piece, as a text of its own."""

    found: PrintOut
    file: Editable
    plain: str
    """The text of the file."""
    above: int
    """How many lines of it stand above what was printed."""

    def written(self, edits: Mapping[Spot, str]) -> str:
        """Write it as the page does; lines in which nothing changes are the same.

        Raises:
            CannotEditError: It has other lines.
        """
        old = self.plain.split("\n")[self.above :]
        new = self.file.written(edits).decode().split("\n")[self.above :]
        lines = self.found.written.split("\n")
        if not len(old) == len(new) == len(lines):
            raise CannotEditError("HTML: a print-out that would have other lines")
        pairs = zip(lines, old, new, strict=True)
        return "\n".join(
            line if before == after else _written(line, after) for line, before, after in pairs
        )


def _written(line: str, text: str) -> str:
    """Write a line as another one is written."""
    mark = next((mark for mark in _MARKS if line.startswith(mark)), "")
    mark = "" if text.startswith("##") else mark
    return mark + html.escape(text, quote=False) + "\r" * line.endswith("\r")


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
            known = _known(found, [others[at] for at in own]) if own else []
            for at, place in zip(own, known, strict=False):
                if place is not None:
                    self._at.append(place)
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


def _known(found: PrintOut, tables: Sequence[Table]) -> Sequence[tuple[_Block, int] | None]:
    """Give for each table of a print-out which one it is of a text, in the way that shows the most of them."""
    best: list[tuple[_Block, int] | None] = [None] * len(tables)
    for above in _ABOVE:
        block = _opened(found, above)
        if block is not None and None in best:
            numbers = [_same(table, block.file.tables) for table in tables]
            places = [None if number is None else (block, number) for number in numbers]
            best = min(best, places, key=lambda known: known.count(None))
    return best


def _opened(found: PrintOut, above: str) -> _Block | None:
    """Open what was printed as a text; None where no editor knows its way in it."""
    shown = html.unescape(found.written).replace("\r\n", "\n")
    if shown.removeprefix("\n") != found.text.removeprefix("\n"):
        return None
    plain = above + without_mark(shown)
    with contextlib.suppress(CannotEditError):
        return _Block(found, open_text(plain.encode(), _NAME), plain, above.count("\n"))
    return None


def _same(table: Table, others: Sequence[Table]) -> int | None:
    """Find a table among others by all that it shows."""
    told = _shown(table)
    return next((number for number, other in enumerate(others) if _shown(other) == told), None)


def _shown(table: Table) -> tuple[object, ...]:
    return table.header, table.above, [tuple(row) for row in table.rows]
