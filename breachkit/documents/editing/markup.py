"""Pages of HTML: other words into the cells of their tables.

Nothing but those words changes: what is shown in the cells, and what repeats their numbers in
comments and attributes of the same cells.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence

from breachkit.documents.editing.editable import HEADER, CannotEditError, Spot
from breachkit.documents.editing.encoded import Change, EncodedText
from breachkit.documents.editing.page import Laid, Page
from breachkit.documents.editing.page_cells import (
    Piece,
    attributes_rewritten,
    numbers_told,
    rewritten,
)
from breachkit.documents.editing.page_rest import rest_of
from breachkit.documents.editing.placed import (
    Placed,
    Wanted,
    are_rows,
    cell_of,
    numbers_gone,
    split_name,
)
from breachkit.documents.formats.html_tables import ATTRIBUTES
from breachkit.documents.readers import read
from breachkit.documents.table import Document, Table


class MarkedUp:
    """A page whose cells can be changed; see `editable.Editable`.

    Attributes:
        page: The page as it was parsed.
        others: The tables that are none of its markup: of print-outs, comments and scripts.
    """

    def __init__(self, content: bytes, path: bytes) -> None:
        """Read a page at a path.

        Raises:
            CannotEditError: It is no page whose every cell has a place.
        """
        self._content, self._path = content, path
        documents = read(content, (path,))
        self._text = EncodedText(content)
        self.page = Page(self._text.text)
        self.tables: tuple[Table, ...] = tuple(laid.table for laid in self.page.laid)
        self.others = _others(documents, self.tables)
        self.fixed: tuple[str, ...] = rest_of(documents, self.others, self.page, self._text.text)

    def written(self, edits: Mapping[Spot, str]) -> bytes:
        """Give the page with other words in some cells; with none, the very same bytes."""
        wanted = self._wanted(edits)
        if not wanted:
            return self._content
        pieces = list(dict.fromkeys(self._pieces(wanted)))
        content = self._text.spliced(_changes(self._text.text, pieces))
        self._check(MarkedUp(content, self._path), wanted)
        return content

    def _wanted(self, edits: Mapping[Spot, str]) -> Wanted:
        wanted = Wanted()
        for spot, text in edits.items():
            old = cell_of(self.tables, spot)
            if old == text:
                continue
            if spot.row == HEADER:
                _take_name(self.page.laid[spot.table], spot.column, text, wanted)
            elif isinstance(old, Placed):
                wanted.add(old, text)
            else:
                raise CannotEditError("HTML: a cell that is part of a wider one, or of none")
        return wanted

    def _pieces(self, wanted: Wanted) -> Iterator[Piece]:
        markup = self.page.markup
        for number in sorted({*wanted.texts, *wanted.beside}):
            place, old = self.page.place(number), self.page.texts[number]
            new = wanted.texts.get(number)
            if new is not None:
                yield from rewritten(markup, place, old, new)
            beside = wanted.beside.get(number, new)
            if beside is not None:
                yield from attributes_rewritten(markup, place, old, beside)

    def _check(self, after: "MarkedUp", wanted: Wanted) -> None:
        """Refuse what does not read as this page but for what was to change.

        Raises:
            CannotEditError: It does not.
        """
        texts = [wanted.texts.get(at, text) for at, text in enumerate(self.page.texts)]
        if texts != list(after.page.texts) or self.others != after.others:
            raise CannotEditError(_OTHERWISE)
        old, new = _shown(self.page.laid), _shown(after.page.laid)
        if list(map(_shape, old)) != list(map(_shape, new)) or not all(
            are_rows(one.rows, other.rows, wanted) for one, other in zip(old, new, strict=True)
        ):
            raise CannotEditError(_OTHERWISE)
        before = _beside(self.tables)
        for place, value in _beside(after.tables).items():
            expected = wanted.beside.get(place, wanted.texts.get(place, before.get(place, value)))
            if value != expected:
                raise CannotEditError(_OTHERWISE)
        for number, text in wanted.texts.items():
            gone = numbers_gone(self.page.texts[number], text)
            if not gone.isdisjoint(numbers_told(after.page.markup, after.page.place(number))):
                raise CannotEditError("HTML: a number that stays in what is not shown of its cell")


_OTHERWISE = "the changed page would not read as the same tables"


def _shown(laid: Sequence[Laid]) -> list[Table]:
    """Give the tables but for those of what cells carry beside their text."""
    return [one.table for one in laid if not (one.table.part or "").endswith(ATTRIBUTES)]


def _shape(table: Table) -> tuple[object, ...]:
    return table.part, table.hidden, len(table.header)


def _beside(tables: Iterable[Table]) -> dict[int, str]:
    """Give what stands in attributes of cells, by the numbers of the cells."""
    cells = (cell for table in tables for row in table.rows for cell in row)
    return {cell.place: cell for cell in cells if isinstance(cell, Placed) and cell.is_beside}


def _take_name(laid: Laid, column: int, text: str, wanted: Wanted) -> None:
    """Take the new name of a column, which may be made of several cells."""
    sources = laid.sources(column)
    if not sources:
        raise CannotEditError("HTML: a name of a column that is no cell")
    names = list(dict.fromkeys(sources))
    for number, level in split_name(names, text).items():
        for cell in laid.cells(column) or sources:
            if cell == names[number]:
                wanted.add(cell, level)


def _others(documents: Iterable[Document], own: Sequence[Table]) -> Sequence[Table]:
    """Give the tables of a page that are no markup of it: of print-outs, comments, scripts.

    Raises:
        CannotEditError: The reader gives other tables of it than the editor.
    """
    found = [document for document in documents if isinstance(document, Table)]
    for table, other in zip(own, found, strict=False):
        if (table.header, table.part, table.hidden) != (other.header, other.part, other.hidden):
            raise CannotEditError("HTML: a page whose markup cannot be followed")
    if [tuple(map(tuple, t.rows)) for t in own] != [tuple(map(tuple, t.rows)) for t in found[: len(own)]]:  # fmt: skip
        raise CannotEditError("HTML: a page whose markup cannot be followed")
    return found[len(own) :]


def _changes(text: str, pieces: Iterable[Piece]) -> Iterator[Change]:
    """Give changes at their places in the text, of those at places in its bytes."""
    ordered = sorted(pieces)
    places = sorted({place for piece in ordered for place in (piece.start, piece.end)})
    whole = text.encode()
    characters, at, count = [], 0, 0
    for place in places:
        count += len(whole[at:place].decode())
        at = place
        characters.append(count)
    for piece in ordered:
        start, end = (characters[bisect_left(places, at)] for at in (piece.start, piece.end))
        yield Change(start, end, piece.text)
