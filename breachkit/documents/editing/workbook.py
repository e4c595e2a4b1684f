"""Workbooks of Excel: other words into the cells of their sheets.

The XML of the sheets is changed where the cells stand in it, since every library that writes workbooks
leaves out what it does not know; all other parts keep their very bytes.
"""

from collections.abc import Iterator, Mapping, Sequence

from breachkit.documents.editing.chart_caches import Cell, ChartCache
from breachkit.documents.editing.editable import CannotEditError, Spot
from breachkit.documents.editing.placed import Placed, Wanted, are_rows, cell_of, numbers_gone
from breachkit.documents.editing.sheet_cells import (
    SheetCell,
    SheetCells,
    other_text,
    without_formula,
)
from breachkit.documents.editing.sheet_formulas import Changing, formulas_gone
from breachkit.documents.editing.workbook_parts import CalcChain, columns_renamed, strings_cleaned
from breachkit.documents.editing.workbook_rest import beside_cells, rest_of
from breachkit.documents.editing.xml_bytes import Piece, spliced
from breachkit.documents.editing.zip_bytes import rewritten
from breachkit.documents.formats.archive import Archive, Entry
from breachkit.documents.formats.office import UNREAD_MACROS
from breachkit.documents.formats.package import Package
from breachkit.documents.formats.spreadsheet import SHEETS, opened
from breachkit.documents.grid import tables_of
from breachkit.documents.reader import Budget, NotReadError, OverBudgetError
from breachkit.documents.readers import read
from breachkit.documents.table import Origin, Table, Unreadable


class Workbook:
    """A workbook whose cells can be changed; see `editable.Editable`.

    Attributes:
        texts: Of all cells of all sheets, in the order of the sheets and their parts.
        others: The tables that are none of its sheets: of charts and pivot tables.
        charts: What charts keep, by the names of their parts.
        unused: The strings that no cell shows, by their numbers.
    """

    def __init__(self, content: bytes, path: bytes) -> None:
        """Read a workbook at a path.

        Raises:
            CannotEditError: It is none, or not one whose every cell has a place.
        """
        self._content, self._path = content, path
        try:
            self._package = _package(content)
            self._book = opened(self._package)
            self._entries: list[Entry | None] = [entry for entry, _ in self._book.sheets]
            self._sheets = [self._cells(entry) for entry in self._entries]
            states = [state for _, state in self._book.sheets]
            self.tables: tuple[Table, ...] = tuple(self._laid_out(states))
        except (NotReadError, OverBudgetError) as stop:
            raise CannotEditError(f"a workbook that cannot be read whole: {stop}") from stop
        self.texts = [cell.text for cell in self._all]
        strings = self._book.look.strings
        self.unused = {at: text for at, text in enumerate(strings.texts) if at not in strings.used}
        self.others = self._read_others()
        titles, cells = self._book.book.titles, dict(zip(self._places, self.texts, strict=True))
        self.charts = {
            entry.name: ChartCache(self._package.xml(entry), titles, cells)
            for entry in self._package.parts("chartSpace")
        }
        sheets = [sheet.content for sheet in self._sheets if sheet is not None]
        beside = (name for sheet in self._sheets if sheet is not None for name in beside_cells(sheet.beside))  # fmt: skip
        self.fixed: tuple[str, ...] = tuple(
            dict.fromkeys([*rest_of(self._package, self._book, sheets), *beside, *self._unknown()])
        )

    def _cells(self, entry: Entry | None) -> SheetCells | None:
        if entry is None:
            return None
        budget = self._package.budget
        return SheetCells(self._package.xml(entry), self._book.look, budget)

    @property
    def _all(self) -> list[SheetCell]:
        return [cell for sheet in self._sheets if sheet is not None for cell in sheet.cells]

    def _laid_out(self, states: Sequence[str]) -> Iterator[Table]:
        first = 0
        for number, (sheet, state) in enumerate(zip(self._sheets, states, strict=True), start=1):
            if sheet is None:
                continue
            rows = sheet.rows(first)
            first += len(sheet.cells)
            found = tables_of(
                rows, f"sheet {number}", origin=Origin.SHEET, hidden=state != "visible"
            )
            yield from (table for table in found if isinstance(table, Table))

    def _read_others(self) -> list[Table]:
        """Give the other tables that the reader gives.

        Raises:
            CannotEditError: It gives other tables of the sheets than this editor.
        """
        documents = read(self._content, (self._path,))
        self._unread = [one.reason for one in documents if isinstance(one, Unreadable)]
        found = [one for one in documents if isinstance(one, Table)]
        own = found[: len(self.tables)]
        if not all(map(_are_alike, self.tables, own)) or len(own) < len(self.tables):
            raise CannotEditError("a workbook whose sheets cannot be followed, or not read whole")
        return found[len(own) :]

    @property
    def _places(self) -> Iterator[Cell]:
        """The sheet, the row and the column of each cell, in the order of `texts`."""
        for number, sheet in enumerate(self._sheets):
            for cell in sheet.cells if sheet is not None else ():
                yield number, cell.row, cell.column

    def _unknown(self) -> Iterator[str]:
        if set(self._unread) - {UNREAD_MACROS}:
            yield "what could not be read of it"
        if not all(chart.is_followed for chart in self.charts.values()):
            yield "a figure, which keeps numbers that are no copies of cells"
        if any(cell.formula is not None and not cell.text for cell in self._all):
            yield "formulas whose results are not stored"

    def written(self, edits: Mapping[Spot, str]) -> bytes:
        """Give the workbook with other words in some cells; with none, the very same bytes."""
        wanted = self._wanted(edits)
        if not wanted:
            return self._content
        gone = self._formulas_gone(wanted)
        changed = dict(self._new_sheets(wanted, gone))
        changed |= self._new_strings(wanted)
        changed |= self._new_columns(wanted)
        changed |= self._new_charts(wanted)
        chain = CalcChain(self._package)
        out = chain.names if any(gone) else frozenset[str]()
        changed |= chain.taken_out() if out else ()
        content = rewritten(self._content, changed, out)
        self._check(Workbook(content, self._path), wanted)
        return content

    def _wanted(self, edits: Mapping[Spot, str]) -> Wanted:
        wanted = Wanted()
        for spot, text in edits.items():
            old = cell_of(self.tables, spot)
            if old == text:
                continue
            if not isinstance(old, Placed):
                raise CannotEditError("a cell of a sheet that holds nothing")
            wanted.add(old, text)
        self._take_twins(wanted)
        return wanted

    def _take_twins(self, wanted: Wanted) -> None:
        """Change whatever stands at the same place of a sheet again, where only the last is shown."""
        for sheet, numbers in self._numbered():
            by_place: dict[tuple[int, int], list[int]] = {}
            for number, cell in zip(numbers, sheet.cells, strict=True):
                by_place.setdefault((cell.row, cell.column), []).append(number)
            for twins in by_place.values():
                if len(twins) > 1 and (text := wanted.texts.get(twins[-1])) is not None:
                    wanted.texts.update(dict.fromkeys(twins, text))

    def _numbered(self) -> Iterator[tuple[SheetCells, range]]:
        """Give each sheet with the numbers of its cells."""
        first = 0
        for sheet in self._sheets:
            if sheet is not None:
                yield sheet, range(first, first := first + len(sheet.cells))

    def _formulas_gone(self, wanted: Wanted) -> list[set[int]]:
        places: dict[int, set[tuple[int, int]]] = {}
        first = 0
        for at, sheet in enumerate(self._sheets):
            for cell in sheet.cells if sheet is not None else ():
                if first in wanted.texts:
                    places.setdefault(at, set()).add((cell.row, cell.column))
                first += 1
        numbers = {
            number
            for place, new in wanted.texts.items()
            for number in numbers_gone(self.texts[place], new)
        }
        cells = [sheet.cells if sheet is not None else [] for sheet in self._sheets]
        return formulas_gone(cells, self._book.book.titles, Changing(places, numbers))

    def _new_sheets(self, wanted: Wanted, gone: Sequence[set[int]]) -> Iterator[tuple[str, bytes]]:
        first = 0
        for entry, sheet, formulas in zip(self._entries, self._sheets, gone, strict=True):
            if sheet is None or entry is None:
                continue
            pieces: list[Piece] = []
            for number, cell in enumerate(sheet.cells):
                new = wanted.texts.get(first + number)
                if new is not None:
                    pieces.append(other_text(sheet.content, cell, new, self._book.look))
                elif number in formulas:
                    pieces += without_formula(sheet.content, cell)
            first += len(sheet.cells)
            if pieces:
                yield entry.name, spliced(sheet.content, pieces)

    def _strings_gone(self, wanted: Wanted) -> frozenset[int]:
        """Give the shared strings that no cell shows any more, and those that none did and say the same."""
        old = {self.texts[number] for number in wanted.texts}
        left = {
            cell.value.strip()
            for number, cell in enumerate(self._all)
            if cell.kind == "s" and number not in wanted.texts
        }
        shown = {int(number) for number in left if number.isdecimal()}
        texts = enumerate(self._book.look.strings.texts)
        return frozenset(at for at, text in texts if at not in shown and text.strip() in old)

    def _new_strings(self, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
        unused = self._strings_gone(wanted)
        if unused:
            entry = self._package.parts("sst")[0]
            yield entry.name, strings_cleaned(self._package.xml(entry), unused)

    def _new_columns(self, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
        """Call the columns of tables as the cells are called that name them."""
        tables = {entry.name: entry for entry in self._package.parts("table")}
        first = 0
        for entry, sheet in zip(self._entries, self._sheets, strict=True):
            if sheet is None or entry is None:
                continue
            changed = {
                (cell.row, cell.column): wanted.texts[first + number]
                for number, cell in enumerate(sheet.cells)
                if first + number in wanted.texts
            }
            first += len(sheet.cells)
            for name in self._package.targets(entry.name).values() if changed else ():
                if name in tables:
                    content = self._package.xml(tables[name])
                    new = columns_renamed(content, changed)
                    if new != content:
                        yield name, new

    def _changed(self, wanted: Wanted) -> dict[Cell, str]:
        """Give the new texts by the places of the cells."""
        places = enumerate(self._places)
        return {place: wanted.texts[number] for number, place in places if number in wanted.texts}

    def _new_charts(self, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
        """Let charts keep what is in the cells now."""
        changed = self._changed(wanted)
        for name, chart in self.charts.items():
            pieces = list(chart.pieces(changed))
            if pieces:
                yield name, spliced(chart.content, pieces)

    def _check(self, after: "Workbook", wanted: Wanted) -> None:
        """Refuse what does not read as this workbook but for what was to change.

        Raises:
            CannotEditError: It does not.
        """
        texts = [wanted.texts.get(at, text) for at, text in enumerate(self.texts)]
        blank = dict.fromkeys(self._strings_gone(wanted), "")
        old = [table for table in self.tables if table.above is None]
        new = [table for table in after.tables if table.above is None]
        if (
            texts != after.texts
            or _without_charts(self.others) != _without_charts(after.others)
            or [chart.kept(self._changed(wanted)) for chart in self.charts.values()]
            != [chart.kept({}) for chart in after.charts.values()]
            or self.unused | blank != after.unused
            or len(old) != len(new)
            or not all(_reads_as(one, other, wanted) for one, other in zip(old, new, strict=True))
        ):
            raise CannotEditError("the changed workbook would not read as the same tables")


def _package(content: bytes) -> Package:
    """Open a package that can be written again.

    Raises:
        CannotEditError: It is no workbook, or not one that can be changed.
    """
    budget = Budget.for_file(len(content))
    archive = Archive(content, budget)
    if any(True for _ in archive.oddities(None)):
        raise CannotEditError(
            "a zip archive that programs may read differently: save the file anew"
        )
    if any(entry.encrypted for entry in archive.entries):
        raise CannotEditError("an encrypted archive: save it without a password")
    package = Package(archive, None, budget)
    if package.parts("macrosheet", "dialogsheet"):
        raise CannotEditError("a workbook with sheets of macros: save it as .xlsx")
    if package.parts("Signature"):
        raise CannotEditError("a signed workbook: take its signature off")
    if len(package.parts("workbook")) != 1 or len(package.parts("sst")) > 1:
        raise CannotEditError("no workbook of Excel: save the tables as .xlsx or .csv")
    if not package.parts(*SHEETS):
        raise CannotEditError("a workbook without sheets of cells")
    return package


def _without_charts(tables: Sequence[Table]) -> list[Table]:
    return [table for table in tables if table.origin is not Origin.FIGURE]


def _are_alike(table: Table, other: Table) -> bool:
    told = (table.header, table.part, table.above, table.hidden)
    rows = [tuple(row) for row in table.rows] == [tuple(row) for row in other.rows]
    return rows and told == (other.header, other.part, other.above, other.hidden)


def _reads_as(old: Table, new: Table, wanted: Wanted) -> bool:
    told = (old.part, old.hidden)
    rows = ((old.header, *old.rows), (new.header, *new.rows))
    return told == (new.part, new.hidden) and are_rows(*rows, wanted)
