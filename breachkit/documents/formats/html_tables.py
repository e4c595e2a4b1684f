"""The tables of a parsed page, those that are hidden, and what their cells carry beside their text."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from lxml import etree

from breachkit.documents.formats.stated_size import with_rows_stated
from breachkit.documents.formats.typed_heads import without_types
from breachkit.documents.reader import Budget, inside
from breachkit.documents.spans import MAX_COLUMNS, Cell, Row, table_of
from breachkit.documents.table import Document, Embedded, Trait


Element = etree._Element  # noqa: SLF001 - the class of elements has no other name

MOST_TABLES = 2_000
ATTRIBUTES = "attributes"
"""What the part is called in which stands what cells carry beside their text."""
_SPACE = re.compile(r"\s+")
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)
_TOO_SMALL = re.compile(r"font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
"""Hides only what sets no size of its own, and so only what has no elements in it."""
_VALUE_ATTRIBUTES = (
    "data-order", "data-sort", "data-value", "data-val", "data-sort-value", "data-export", "data-raw",
    "sorttable_customkey", "data-original-title", "title",
)  # fmt: skip
_NO_TEXT = frozenset({"script", "style", "template", "table"})
_BREAKS = frozenset({"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "dt", "dd"})
_DIGIT = re.compile(r"\d\s*$")
_FOOTNOTE_MARK = 3
"""Characters of a raised mark behind a number."""


class Tables:
    """Reads the tables of one page, and numbers them."""

    def __init__(self, part: str | None, budget: Budget, hiding: Collection[str] = ()) -> None:
        """Read those of a page called `part`, whose style sheets hide the classes `hiding`."""
        self._part, self._budget = part, budget
        self._hiding = frozenset(hiding)
        self._telling = _Telling(self._hiding)
        self.number = 0
        self.hidden_cells = 0

    def of(self, root: Element, *, hidden: bool = False) -> Iterator[Document]:
        """Give the tables below an element; `hidden` if it is not shown itself."""
        for table in root.iter("table"):
            self.number += 1
            if self.number > MOST_TABLES:
                return
            is_hidden = hidden or any(map(self.is_hidden, [table, *table.iterancestors()]))
            yield from self._table(table, hidden=is_hidden)

    def traits(self) -> Iterator[Embedded]:
        """Say what the tables that were read carried."""
        if self.hidden_cells:
            yield Embedded(Trait.HIDDEN_CELLS, self._part, self.hidden_cells)

    def is_hidden(self, element: Element) -> bool:
        """Say whether an element is not shown, by its own doing."""
        attributes = element.attrib
        if not attributes:
            return element.tag == "template"
        if "hidden" in attributes or element.tag == "template":
            return True
        style, names = attributes.get("style"), attributes.get("class")
        if style and _HIDDEN_STYLE.search(str(style)):
            return True
        if style and not len(element) and _TOO_SMALL.search(str(style)):
            return True
        return bool(names and self._hiding and not self._hiding.isdisjoint(str(names).split()))

    def _table(self, table: Element, *, hidden: bool) -> Iterator[Document]:
        part = inside(self._part, f"table {self.number}")
        shown: list[Row] = []
        unseen: list[Row] = []
        raw: list[Row] = []
        for line, in_head in _rows(table):
            cells = list(line.iterchildren("td", "th"))
            written = [self.cell(cell) for cell in cells]
            row = Row(written, in_head)
            if not hidden and not in_head and self._hides(line):
                unseen.append(row)
                continue
            shown.append(row)
            told = [self._telling[tuple(cell.items())] for cell in cells]
            marked = list(compress(enumerate(cells), told))
            raw.append(_beside_of(marked, row))
            self.hidden_cells += sum(self.is_hidden(cell) for _, cell in marked) if not hidden else 0  # fmt: skip
        if "dataframe" in (table.get("class") or ""):
            plain = without_types(shown)
            shown, raw = (shown, raw) if len(plain) == len(shown) else (plain, plain)
        words = _words_below(table)
        for found in self.made(shown, part, hidden=hidden):
            yield with_rows_stated(found, words)
        if unseen:
            self.hidden_cells += sum(len(row.cells) for row in unseen)
            heads = [row for row in shown if row.in_head] or shown[:1]
            yield from self.made([*heads, *unseen], f"{part}, hidden rows", hidden=True)
        if any(a is not b and a != b for a, b in zip(raw, shown, strict=True)):
            yield from self.made(raw, f"{part}, {ATTRIBUTES}", hidden=True)

    def _hides(self, line: Element) -> bool:
        section = line.getparent()
        return self.is_hidden(line) or (
            section is not None and section.tag != "table" and self.is_hidden(section)
        )

    def cell(self, element: Element) -> Cell:
        """Give a cell as it is written; whoever edits notes here where it stands."""
        columns, rows = element.get("colspan"), element.get("rowspan")
        return Cell(
            words_of(element),
            _span(columns, 1) if columns else 1,
            _span(rows, 1) if rows else 1,
            element.tag == "th",
        )

    def made(self, rows: Sequence[Row], part: str, *, hidden: bool) -> Iterator[Document]:
        """Lay out rows; nothing where no cell holds anything."""
        made = table_of(rows, part, self._budget, hidden=hidden)
        if made is not None:
            yield made


class _Telling(dict[tuple[tuple[str | bytes, str | bytes], ...], bool]):
    """Whether attributes of a cell may hide it, or carry something beside its text: most cells look alike."""

    def __init__(self, hiding: Collection[str]) -> None:
        self._hiding = hiding

    def __missing__(self, attributes: tuple[tuple[str | bytes, str | bytes], ...]) -> bool:
        told = {str(name): str(value) for name, value in attributes}
        style, names = told.get("style", ""), told.get("class", "").split()
        self[attributes] = tells = (
            "hidden" in told
            or any(name in told for name in _VALUE_ATTRIBUTES)
            or any(hides.search(style) for hides in (_HIDDEN_STYLE, _TOO_SMALL))
            or any(name in self._hiding for name in names)
        )
        return tells


def _words_below(table: Element) -> str | None:
    """Give the paragraph that follows a table at once."""
    after = table.getnext()
    if after is None or after.tag != "p" or len(after) or (table.tail or "").strip():
        return None
    return after.text


def _rows(table: Element) -> Iterator[tuple[Element, bool]]:
    """Give the rows of a table, not those of tables in it, and whether each is of its head."""
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child, False
        else:
            for line in child.iterchildren("tr"):
                yield line, child.tag == "thead"


def _beside_of(marked: Sequence[tuple[int, Element]], row: Row) -> Row:
    """Give a row with what its cells carry in attributes; itself where they carry nothing.

    Args:
        marked: Those cells that may carry something, and where in the row each stands.
        row: The row as it is shown.
    """
    told = {at: text for at, cell in marked if (text := _beside(cell)) is not None}
    if not told:
        return row
    cells = [replace(cell, text=told.get(at, cell.text)) for at, cell in enumerate(row.cells)]
    return replace(row, cells=cells)


def _beside(cell: Element) -> str | None:
    """Give a value that a cell carries in an attribute, for sorting or on hovering; None without one."""
    for name in _VALUE_ATTRIBUTES:
        value = cell.get(name)
        if value is not None and any(map(str.isdigit, value)):
            return _SPACE.sub(" ", value).strip()
    return None


def _span(written: str, usual: int) -> int:
    written = written.strip()
    return (
        min(int(written), MAX_COLUMNS * 65) if written.isdecimal() and len(written) < 7 else usual
    )


def words_of(element: Element) -> str:
    """Give the text of an element as a person reads it, but for tables in it."""
    if not len(element):
        return " ".join((element.text or "").split())
    pieces: list[str] = []
    walker = etree.iterwalk(element, events=("start", "end", "comment"))
    for event, inner in walker:
        is_break = inner.tag in _BREAKS
        if event != "start":
            pieces += [" "] * is_break + [inner.tail or ""] * (inner is not element)
        elif inner.tag in _NO_TEXT and inner is not element:
            walker.skip_subtree()
        elif inner.tag == "sup" and _is_footnote(inner, pieces):
            pieces.append("*")  # or the mark of a footnote would be a digit of the number
            walker.skip_subtree()
        else:
            pieces += [" "] * is_break + [inner.text or ""]
    return _SPACE.sub(" ", "".join(pieces)).strip()


def _is_footnote(mark: Element, before: Sequence[str]) -> bool:
    text = "".join(map(str, mark.itertext())).strip()
    return len(text) <= _FOOTNOTE_MARK and bool(before) and _DIGIT.search(before[-1]) is not None
