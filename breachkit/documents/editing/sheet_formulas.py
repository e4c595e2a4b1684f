"""Which formulas of a workbook have to go when some of its cells change.

A formula over a cell that is taken out would be computed anew when somebody opens the file: the sum of
what is left, beside the sum that was stored, gives the cell away. So a formula stays only where it is
sure that it refers to no cell that changes, and names none of the numbers that are gone; of any other
what it came to is left, which is what it showed.

Source: ECMA-376 part 1, 18.17 (formulas), 18.3.1.40 (f).
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from breachkit.documents.editing.placed import numbers_in
from breachkit.documents.editing.sheet_cells import SheetCell


_TEXT = re.compile(r'"(?:[^"]|"")*+"')
_SHEET = r"(?:'((?:[^']|'')++)'|([\w.]++))!"
_TOKEN = re.compile(
    rf"(?:{_SHEET})?(?:"
    r"(?P<cell>\$?[A-Z]{1,3}\$?[0-9]{1,7}(?::\$?[A-Z]{1,3}\$?[0-9]{1,7})?)(?![\w(.!])"
    r"|(?P<columns>\$?[A-Z]{1,3}:\$?[A-Z]{1,3})(?![\w(.!])"
    r"|(?P<rows>\$?[0-9]{1,7}:\$?[0-9]{1,7})(?![\w(.!]))"
    r"|(?P<function>(?:_xlfn\.)?[A-Z][A-Z0-9.]*+)\("
    r"|(?P<number>(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[Ee][-+]?[0-9]++)?)(?![\w.!])"
    r"|(?P<truth>TRUE|FALSE)\b(?![(!])"
    r"|(?P<sign>[-+*/^&=<>(),;%\s{}]++)"
)
_ELSEWHERE = frozenset(
    {"INDIRECT", "OFFSET", "CELL", "GETPIVOTDATA", "CALL", "EVALUATE", "LAMBDA", "LET", "INFO", "CUBEVALUE", "RTD"}
)  # fmt: skip
"""Functions that look at cells which they do not name."""
_ADDRESS = re.compile(r"\$?([A-Z]*)\$?([0-9]*)")
_LAST = 1 << 20


class Area(NamedTuple):
    """A rectangle of cells of a sheet, its last row and column included; all counted from 0."""

    sheet: int
    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Say whether a cell lies within."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


class Changing(NamedTuple):
    """What changes in a workbook."""

    cells: Mapping[int, Collection[tuple[int, int]]]
    """By sheet: rows and columns of cells."""
    numbers: Collection[str]
    """Those that are gone."""

    def touches(self, area: Area) -> bool:
        """Say whether a cell of an area changes."""
        return any(area.holds(*cell) for cell in self.cells.get(area.sheet, ()))


def formulas_gone(
    sheets: Sequence[Sequence[SheetCell]], titles: Sequence[str], changing: Changing
) -> list[set[int]]:
    """Give the cells of each sheet whose formula has to go, as numbers within the sheet.

    Args:
        sheets: The cells of each sheet.
        titles: What the sheets are called.
        changing: What changes.
    """
    by_title = {title.lower(): number for number, title in enumerate(titles)}
    return [_gone(sheet, cells, by_title, changing) for sheet, cells in enumerate(sheets)]


def _gone(
    sheet: int, cells: Sequence[SheetCell], titles: Mapping[str, int], changing: Changing
) -> set[int]:
    groups: dict[str, list[int]] = {}
    for number, cell in enumerate(cells):
        if cell.formula is not None:
            shared = cell.formula.kind == "shared"
            groups.setdefault(cell.formula.group if shared else f"at {number}", []).append(number)
    gone: set[int] = set()
    for numbers in groups.values():
        if _must_go(sheet, [cells[number] for number in numbers], titles, changing):
            gone.update(numbers)
    return gone


def _must_go(
    sheet: int, cells: Sequence[SheetCell], titles: Mapping[str, int], changing: Changing
) -> bool:
    """Say of cells with one formula whether it has to go from all of them."""
    owners = [cell for cell in cells if cell.formula is not None and cell.formula.text]
    if len(owners) != 1 or owners[0].formula is None:
        return True
    owner, formula = owners[0], owners[0].formula
    if any((cell.row, cell.column) in changing.cells.get(sheet, ()) for cell in cells):
        return True
    reach = area_of(sheet, formula.reach) if formula.reach else None
    if formula.kind not in {"", "shared"} and (reach is None or changing.touches(reach)):
        return True
    if formula.kind == "dataTable":
        return True
    found = list(references(formula.text, sheet, titles, changing.numbers))
    down = [cell.row - owner.row for cell in cells]
    across = [cell.column - owner.column for cell in cells]
    return any(area is None or changing.touches(_moved(area, down, across)) for area in found)


def _moved(area: Area, down: Sequence[int], across: Sequence[int]) -> Area:
    """Give all that a reference of a shared formula may refer to in any of its cells."""
    return Area(
        area.sheet,
        area.top + min(down),
        area.left + min(across),
        area.bottom + max(down),
        area.right + max(across),
    )


def references(
    text: str, sheet: int, titles: Mapping[str, int], numbers: Collection[str]
) -> Iterator[Area | None]:
    """Give what a formula refers to; None for what is not sure, or one of some numbers.

    Args:
        text: The formula, without `=`.
        sheet: On which it stands.
        titles: The numbers of sheets, by what they are called in lower case.
        numbers: Those that are looked for.
    """
    told = _TEXT.findall(text)
    if any(not _numbers(one).isdisjoint(numbers) for one in told):
        yield None
    bare, at = _TEXT.sub(",", text), 0
    while at < len(bare):
        found = _TOKEN.match(bare, at)
        if found is None:
            yield None
            return
        at = found.end()
        if found["function"]:
            yield from [None] * (found["function"].removeprefix("_xlfn.") in _ELSEWHERE)
        elif found["number"]:
            yield from [None] * (not _numbers(found["number"]).isdisjoint(numbers))
        elif reference := found["cell"] or found["columns"] or found["rows"]:
            title = (found[1] or "").replace("''", "'") or found[2]
            where = titles.get(title.lower()) if title else sheet
            yield None if where is None else area_of(where, reference)


def _numbers(text: str) -> frozenset[str]:
    return frozenset(numbers_in(text))


def area_of(sheet: int, reference: str) -> Area | None:
    """Give the cells that `B2`, `B2:C9`, `B:C` or `2:9` names."""
    first, _, last = reference.partition(":")
    one, other = _ADDRESS.fullmatch(first), _ADDRESS.fullmatch(last or first)
    if one is None or other is None:
        return None
    rows = [int(found[2]) - 1 for found in (one, other) if found[2]] or [0, _LAST]
    columns = [_column(found[1]) for found in (one, other) if found[1]] or [0, _LAST]
    return Area(sheet, min(rows), min(columns), max(rows), max(columns))


def _column(letters: str) -> int:
    number = 0
    for sign in letters:
        number = number * 26 + ord(sign) - 64
    return number - 1
