"""The tables of a page of HTML, and where each of their cells stands in it.

The page is parsed twice by the reader's own parser: as it is, and with a label at every tag and in place
of every text that says where it stood. Both trees are of one shape, so each cell's place is known
without guessing how markup with mistakes is understood.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lxml import etree

from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.editing.page_tokens import Run, Tag, labelled, tag_at
from breachkit.documents.editing.placed import Placed
from breachkit.documents.formats.html import hiding_classes, parse_markup, print_outs
from breachkit.documents.formats.html_cut import cut, masked
from breachkit.documents.formats.html_tables import ATTRIBUTES, Element, Tables
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.spans import Cell, Row, header_levels
from breachkit.documents.table import Document, Table


MOST_TAGS = 700_000
"""Of one page: two of them are in memory while it changes, at some 400 bytes for each tag."""
_PLACE = "breachkit-place"
_LABEL = re.compile(r"@(\d+)-(\d+)@")
_UNREAD = frozenset({"script", "style", "template"})


class CellPlace(NamedTuple):
    """Where a cell stands: what belongs to it, but for tables within it."""

    tags: list[Tag]
    """Its own, and those of the elements in it."""
    row: Tag | None
    """That of its row."""
    shown: list[Run]
    """Its text as far as it is shown."""
    unseen: list[Run]
    """Its text in elements that are not shown."""
    unread: list[Run]
    """Its comments, and what stands in elements that are no part of a page."""


class PrintOut(NamedTuple):
    """What was printed in one piece, and stands in a page without markup in it."""

    number: int
    """As the reader counts them, from 1."""
    start: int
    """In bytes of the page in UTF-8, counted from 0."""
    end: int
    written: str
    """As it is written there."""
    text: str
    """As it is read."""


class Laid(NamedTuple):
    """A table as the reader gives it, of cells that know their places."""

    table: Table
    levels: Sequence[Sequence[str]]
    """The rows that the names of its columns are joined of; none where they are cells as they are."""

    def sources(self, column: int) -> list[Placed]:
        """Give the cells of which the name of a column is made."""
        name = self.table.header[column]
        if isinstance(name, Placed):
            return [name]
        cells = [row[column] for row in self.levels if column < len(row) and row[column]]
        return [cell for cell in dict.fromkeys(cells) if isinstance(cell, Placed)]

    def cells(self, column: int) -> list[Placed]:
        """Give all cells over a column, those too that say what another one said."""
        cells = [row[column] for row in self.levels if column < len(row)]
        return [cell for cell in cells if isinstance(cell, Placed)]


class _NotedTables(Tables):
    """Reads tables, and notes of which element each cell is made."""

    def __init__(self, hiding: Sequence[str], budget: Budget) -> None:
        super().__init__(None, budget, hiding)
        self._room = budget
        self.elements: list[Element] = []
        self.texts: list[str] = []
        self.laid: list[Laid] = []
        self._shown: Sequence[Row] = ()

    def cell(self, element: Element) -> Cell:
        made = super().cell(element)
        self.texts.append(made.text)
        made.text = Placed.at(len(self.elements), made.text)
        self.elements.append(element)
        return made

    def made(self, rows: Sequence[Row], part: str, *, hidden: bool) -> Iterator[Document]:
        if part.endswith(f"table {self.number}"):
            self._shown = rows
        elif part.endswith(ATTRIBUTES):
            rows = [self._beside(row, shown) for row, shown in zip(rows, self._shown, strict=True)]
        for table in super().made(rows, part, hidden=hidden):
            if isinstance(table, Table):
                self.laid.append(Laid(table, header_levels(rows, self._room)))
            yield table

    def _beside(self, row: Row, shown: Row) -> Row:
        cells: list[Cell] = []
        for cell, twin in zip(row.cells, shown.cells, strict=True):
            text = cell.text
            if not isinstance(text, Placed) and isinstance(twin.text, Placed):
                text = Placed.at(twin.text.place, text, is_beside=True)
            cells.append(Cell(text, cell.columns, cell.rows, cell.is_header))
        return Row(cells, row.in_head)


class Page:
    """A page, its tables, and the places of their cells.

    Attributes:
        markup: The page in UTF-8, blank where scripts, drawings and files stood.
        laid: Its tables, in the order of `documents.readers.read`.
    """

    def __init__(self, text: str) -> None:
        """Parse a page.

        Raises:
            CannotEditError: It is more than can be parsed, or nothing can be said of its places.
        """
        try:
            whole = text.encode()
            self._hiding = hiding_classes(cut(whole))
        except (NotReadError, UnicodeEncodeError) as error:
            raise CannotEditError("HTML: a page that cannot be read whole") from error
        self.markup = masked(whole)
        if self.markup.count(b"<") > MOST_TAGS:
            raise CannotEditError(f"HTML: more than {MOST_TAGS} tags")
        self._tables = _NotedTables(self._hiding, Budget.for_file(len(whole)))
        self._cells: Sequence[Element] = ()
        self._prints: Sequence[tuple[Element, str]] = ()
        plain = parse_markup(self.markup)[0]
        named = parse_markup(labelled(self.markup, _PLACE.encode()))[0]
        if plain is not None and named is not None:
            for _ in self._tables.of(plain):
                pass
            twins = _twins(plain, named)
            self._cells = [twins[element] for element in self._tables.elements]
            self._prints = [(twins[block], text) for block, text in print_outs(plain)]
            self._tables.elements.clear()  # and with them the first tree
        self.laid: Sequence[Laid] = self._tables.laid

    @property
    def texts(self) -> Sequence[str]:
        """The texts of all cells of its tables, by their numbers."""
        return self._tables.texts

    def print_outs(self) -> Iterator[PrintOut]:
        """Give what stands in the page as it was printed, where it is one piece of text."""
        for number, (block, text) in enumerate(self._prints, start=1):
            runs = _runs("".join(map(str, block.itertext())))
            if len(runs) == 1:
                start, end = runs[0][:2]
                yield PrintOut(number, start, end, self.markup[start:end].decode(), text)

    def place(self, number: int) -> CellPlace:
        """Give where a cell stands, by its number.

        Raises:
            CannotEditError: It does not stand in the page as it is.
        """
        element = self._cells[number]
        found = CellPlace([], self._row(element), [], [], [])
        hidden = unread = 0
        walker = etree.iterwalk(element, events=("start", "end", "comment"))
        for event, inner in walker:
            is_start, is_own = event == "start", inner is element
            if event == "comment":
                found.unread.extend(_runs(inner.text))
            elif inner.tag == "table":
                if is_start:
                    walker.skip_subtree()
            else:
                step = 1 if is_start else -1
                unread += step * (inner.tag in _UNREAD)
                hidden += step * (not is_own and self._tables.is_hidden(inner))
                if is_start:
                    found.tags.append(self._tag(inner))
            text = inner.text if is_start and inner.tag != "table" else None
            text = inner.tail if not is_start and not is_own else text
            into = found.unread if unread else found.unseen if hidden else found.shown
            into.extend(_runs(text))
        return found

    def _tag(self, element: Element) -> Tag:
        place = element.get(_PLACE)
        if place is None:
            raise CannotEditError("HTML: a cell that the page does not spell out")
        return tag_at(self.markup, int(place))

    def _row(self, cell: Element) -> Tag | None:
        row = cell.getparent()
        place = None if row is None else row.get(_PLACE)
        return None if place is None else tag_at(self.markup, int(place))


def _runs(text: str | None) -> list[Run]:
    return [Run(int(start), int(end)) for start, end in _LABEL.findall(text or "")]


_WITH_PLACES = frozenset({"td", "th", "pre", "textarea", "xmp"})


def _twins(plain: Element, named: Element) -> dict[Element, Element]:
    """Give for each cell and each print-out of a page the one at its place in the labelled page.

    Raises:
        CannotEditError: The two are not of one shape.
    """
    twins: dict[Element, Element] = {}
    for one, other in itertools.zip_longest(plain.iter(), named.iter()):
        if one is None or other is None or one.tag != other.tag:
            raise CannotEditError("HTML: a page whose markup cannot be followed")
        if one.tag in _WITH_PLACES:
            twins[one] = other
    return twins
