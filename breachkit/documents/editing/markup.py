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
from breachkit.documents.editing.page_prints import PrintOuts
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
        laid: The tables of its markup.
        others: Those that are none of it: of print-outs, comments and scripts.
        prints: Those among the others that were printed and can be changed.
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
        self.laid = tuple(laid.table for laid in self.page.laid)
        self.others = _others(documents, self.laid)
        self.prints = PrintOuts(self.page, self.others)
        self.tables: tuple[Table, ...] = (*self.laid, *self.prints.tables)
        left = [one for at, one in enumerate(self.others) if at not in self.prints.numbers]
        self.fixed: tuple[str, ...] = rest_of(documents, left, self.page, self._text.text)

    def written(self, edits: Mapping[Spot, str]) -> bytes:
        """Give the page with other words in some cells; with none, the very same bytes."""
        changed = {spot: text for spot, text in edits.items() if cell_of(self.tables, spot) != text}
        if not changed:
            return self._content
        first = len(self.laid)
        wanted = self._wanted({spot: new for spot, new in changed.items() if spot.table < first})
        printed = {
            spot._replace(table=spot.table - first): new
            for spot, new in changed.items()
            if spot.table >= first
        }
        pieces = dict.fromkeys([*self._pieces(wanted), *self.prints.pieces(printed)])
        content = self._text.spliced(_changes(self._text.text, pieces))
        after = MarkedUp(content, self._path)
        self._check_cells(after, wanted)
        self._check_others(after, printed)
        return content

    def _wanted(self, edits: Mapping[Spot, str]) -> Wanted:
        wanted = Wanted()
        for spot, text in edits.items():
            old = cell_of(self.tables, spot)
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

    def _check_others(self, after: "MarkedUp", edits: Mapping[Spot, str]) -> None:
        """Refuse what holds other tables beside its markup, but for what was to change of print-outs.

        Raises:
            CannotEditError: It does.
        """
        numbers = self.prints.numbers
        wanted = {spot._replace(table=numbers[spot.table]): new for spot, new in edits.items()}
        before = [_as_edited(at, table, wanted) for at, table in enumerate(self.others)]
        found = [_as_edited(at, table, {}) for at, table in enumerate(after.others)]
        if before != found:
            raise CannotEditError(_OTHERWISE)

    def _check_cells(self, after: "MarkedUp", wanted: Wanted) -> None:
        """Refuse what does not read as this page but for what was to change.

        Raises:
            CannotEditError: It does not.
        """
        texts = [wanted.texts.get(at, text) for at, text in enumerate(self.page.texts)]
        if texts != list(after.page.texts):
            raise CannotEditError(_OTHERWISE)
        old, new = _shown(self.page.laid), _shown(after.page.laid)
        if list(map(_shape, old)) != list(map(_shape, new)) or not all(
            are_rows(one.rows, other.rows, wanted) for one, other in zip(old, new, strict=True)
        ):
            raise CannotEditError(_OTHERWISE)
        before = _beside(self.laid)
        for place, value in _beside(after.laid).items():
            expected = wanted.beside.get(place, wanted.texts.get(place, before.get(place, value)))
            if value != expected:
                raise CannotEditError(_OTHERWISE)
        for number, text in wanted.texts.items():
            gone = numbers_gone(self.page.texts[number], text)
            if not gone.isdisjoint(numbers_told(after.page.markup, after.page.place(number))):
                raise CannotEditError("HTML: a number that stays in what is not shown of its cell")


_OTHERWISE = "the changed page would not read as the same tables"


def _as_edited(number: int, table: Table, edits: Mapping[Spot, str]) -> tuple[object, ...]:
    """Give what a table shows once some cells have changed; of a part of another one only that it is there."""
    if table.above is not None:
        return table.part, table.above
    rows = (
        tuple(edits.get(Spot(number, at, column), cell) for column, cell in enumerate(row))
        for at, row in enumerate((table.header, *table.rows), start=HEADER)
    )
    return table.part, table.hidden, table.origin, *rows


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
