"""The tables of rich text: rows while they pass by, and rows to tables by the borders of their cells.

Every row says anew where each of its cells ends on its right, in twips from the left margin. A cell that
ends where another row has a later border spans columns, whether or not the row says so.

Source: Microsoft, Rich Text Format Specification 1.9.1: table definitions, nested tables.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from breachkit.documents.formats.rich_text_tokens import whole
from breachkit.documents.further import further_tables
from breachkit.documents.reader import Budget, OverBudgetError
from breachkit.documents.spans import MAX_COLUMNS, Cell, Row, table_of
from breachkit.documents.table import Document, Origin, Table
from breachkit.model.records import dataclass, field


_TOLERANCE = 40
"""Twips that two borders of one column may be apart."""
_MOST_HEADS = 6


@dataclass(slots=True)
class Words:
    """Pieces of text as it is, and as it was before the changes that are tracked."""

    now: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    def add(self, text: str, *, is_gone: bool = False, is_new: bool = False) -> None:
        """Take a piece in."""
        if not is_gone:
            self.now.append(text)
        if not is_new:
            self.before.append(text)

    def take(self, other: "Words") -> None:
        """Take over all that other words hold, and leave them empty."""
        self.now += other.now
        self.before += other.before
        other.now.clear()
        other.before.clear()

    def __bool__(self) -> bool:
        return any(map(str.strip, self.now)) or any(map(str.strip, self.before))

    def plain(self) -> tuple[str, str]:
        """Give both texts of a cell."""
        now = _plain(self.now)
        return now, now if self.now == self.before else _plain(self.before)


def _plain(pieces: Sequence[str]) -> str:
    return " ".join(whole("".join(pieces)).split())


@dataclass(slots=True)
class Border:
    """Where a cell ends, and what it says of its neighbours."""

    right: int
    goes_on_left: bool = False
    """Whether it is merged with the one before it."""
    goes_on_above: bool = False
    begins_below: bool = False
    """Whether those below may be merged with it."""


@dataclass(slots=True)
class Line:
    """One row as it is written."""

    cells: list[tuple[str, str]]
    """What is in each, now and before."""
    borders: list[Border]
    left: int
    is_head: bool


@dataclass(slots=True)
class Level:
    """A table while it passes by; one in a cell of another is a level of its own."""

    number: int
    lines: list[Line] = field(default_factory=list)
    cells: list[tuple[str, str]] = field(default_factory=list)
    cell: Words = field(default_factory=Words)
    borders: list[Border] = field(default_factory=list)
    next_border: Border = field(default_factory=lambda: Border(0))
    left: int = 0
    is_head: bool = False
    is_open: bool = False
    """Whether a row was begun and has not ended."""

    def begin_row(self) -> None:
        """Forget how the last row was cut."""
        self.borders = []
        self.next_border = Border(0)
        self.left = 0
        self.is_head = False
        self.is_open = True

    def end_cell(self) -> None:
        """Put what was gathered into a cell.

        Raises:
            OverBudgetError: The row has more cells than any program writes.
        """
        self.cells.append(self.cell.plain())
        self.cell = Words()
        if len(self.cells) > MAX_COLUMNS:
            raise OverBudgetError("a row of too many cells")

    def end_border(self, right: int) -> None:
        """Note where the next cell of the row ends."""
        if len(self.borders) < MAX_COLUMNS:
            self.next_border.right = right
            self.borders.append(self.next_border)
        self.next_border = Border(0)

    def end_row(self) -> None:
        """Put the cells into a row; how it was cut holds for the next one, too, unless that says."""
        if self.cell:
            self.end_cell()
        self.cell = Words()
        if self.cells:
            self.lines.append(Line(self.cells, self.borders, self.left, self.is_head))
        self.cells = []
        self.is_open = False


def tables_of_lines(lines: Sequence[Line], *, before: bool = False) -> Iterator[Sequence[Row]]:
    """Give the rows of each table: those that are cut in another way are of another.

    Args:
        lines: Rows with nothing between them.
        before: Whether to give what was in the cells before changes that are tracked.
    """
    start = 0
    known: list[int] = []
    for number, line in enumerate(lines):
        mine = _inner(line)
        apart = known and mine and not _agree(known, mine)
        is_anew = number > start and line.is_head and not lines[number - 1].is_head
        if apart or is_anew:
            yield _rows(lines[start:number], before=before)
            start, known = number, []
        known = known if len(known) >= len(mine) else mine
    if start < len(lines):
        yield _rows(lines[start:], before=before)


def documents_of(
    rows: Sequence[Row], part: str | None, budget: Budget, *, hidden: bool
) -> Iterator[Document]:
    """Give the table that rows are, and those further down in it."""
    made = table_of(rows, part, budget, hidden=hidden)
    if made is None:
        return
    yield made
    cells = [made.header, *made.rows]
    texts = [" ".join(row) for row in cells]
    for found in further_tables(lambda: cells, 0, texts, part):
        if isinstance(found, Table):
            yield replace(found, origin=Origin.MARKUP, hidden=hidden)
        else:
            yield found


def _inner(line: Line) -> list[int]:
    return [border.right for border in line.borders[:-1] if not border.goes_on_left]


def _agree(some: Sequence[int], others: Sequence[int]) -> bool:
    """Say whether rows share half of the borders within them, as those of one table do."""
    few, many = sorted((some, others), key=len)
    shared = sum(any(abs(right - other) <= _TOLERANCE for other in many) for right in few)
    return 2 * shared >= len(few)


@dataclass(slots=True)
class _Box:
    """A cell with the columns that it takes up, counted from 0."""

    texts: tuple[str, str]
    start: int
    end: int
    border: Border | None


def _rows(lines: Sequence[Line], *, before: bool) -> Sequence[Row]:
    columns = _columns(lines)
    which = 1 if before else 0
    heads = 0
    made: list[Row] = []
    tall: dict[int, tuple[Cell, int]] = {}
    for line in lines:
        cells: list[Cell] = []
        below: dict[int, tuple[Cell, int]] = {}
        at = 0
        for box in _boxes(line, columns):
            if box.start > at:
                cells.append(Cell("", columns=box.start - at))
            at = box.end
            above = tall.get(box.start)
            if _is_below(box, above, which) and above is not None:
                above[0].rows += 1
                below[box.start] = above
                continue
            cell = Cell(box.texts[which], columns=box.end - box.start)
            cells.append(cell)
            if box.border is not None and box.border.begins_below:
                below[box.start] = (cell, box.end)
        tall = below
        made.append(Row(cells, in_head=line.is_head))
    heads = _heads(made)
    return [Row(row.cells, in_head=row.in_head or at < heads) for at, row in enumerate(made)]


def _is_below(box: _Box, above: tuple[Cell, int] | None, which: int) -> bool:
    """Say whether a cell goes on from the one above it, and says nothing of its own."""
    if above is None or box.border is None or not box.border.goes_on_above:
        return False
    return above[1] == box.end and box.texts[which] in {"", above[0].text}


def _boxes(line: Line, columns: Sequence[int]) -> Sequence[_Box]:
    boxes: list[_Box] = []
    is_cut = len(line.cells) <= len(line.borders)  # or they are of another row
    at = bisect_left(columns, line.left) if is_cut and line.left > 0 else 0
    for number, texts in enumerate(line.cells):
        border = line.borders[number] if is_cut else None
        end = at + 1
        if border is not None and columns:
            end = max(end, bisect_left(columns, border.right) + 1)
        is_merged = border is not None and border.goes_on_left and boxes
        if is_merged and texts in {("", ""), boxes[-1].texts}:
            boxes[-1].end = end
        else:
            boxes.append(_Box(texts, at, end, border))
        at = end
    return boxes


def _columns(lines: Sequence[Line]) -> Sequence[int]:
    """Give where the columns of a table end; nothing where its rows do not say so, or not in order.

    A column ends at the last of those borders that stand close together.
    """
    steps = [_TOLERANCE * 2]
    borders: set[int] = set()
    for line in lines:
        rights = [border.right for border in line.borders]
        steps += [right - left for left, right in pairwise(rights)]
        borders.update(rights)
    tolerance = min(steps) // 2
    if min(steps) <= 0 or not borders:
        return ()
    columns: list[int] = []
    first = 0
    for right in sorted(borders):
        if columns and right - first <= tolerance:
            columns[-1] = right
        else:
            columns.append(right)
            first = right
    return columns if len(columns) <= MAX_COLUMNS else ()


def _heads(rows: Sequence[Row]) -> int:
    """Count the rows of a header whose first row has names over several; 0 where it has none.

    It ends above the first row in which a number stands.
    """
    start = 0
    while start < len(rows) and not any(cell.text for cell in rows[start].cells[1:]):
        start += 1  # titles
    if start == len(rows):
        return 0
    first = rows[start].cells
    if not any(cell.text and (cell.columns > 1 or cell.rows > 1) for cell in first):
        return 0
    if any(cell.text[:1].isdecimal() for cell in first):
        return 0
    for number in range(start + 1, min(start + _MOST_HEADS, len(rows))):
        if any(cell.text[:1].isdecimal() for cell in rows[number].cells):
            return number
    return 0
