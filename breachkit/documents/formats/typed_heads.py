"""Data frames of polars in a page: their names stand over their types, and their words in quotes."""

import re
from collections.abc import Sequence

from breachkit.documents.spans import Cell, Row


_TYPE = re.compile(
    r"[iuf](?:8|16|32|64|128)|str|bool|date|time|datetime\[.{1,40}\]|duration\[.{1,10}\]|cat|enum|null|binary|object"
    r"|decimal\[.{1,20}\]|list\[.{1,60}\]|array\[.{1,60}\]|struct\[.{1,10}\]"
)
_QUOTES = '"\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}'


def without_types(rows: Sequence[Row]) -> list[Row]:
    """Give the rows of a data frame without the one of types and the quotes around words; of others, all as they are."""
    heads = [number for number, row in enumerate(rows) if row.in_head]
    types = heads[-1] if heads else 0
    if not types or not rows[types].cells or not all(map(_is_type, rows[types].cells)):
        return list(rows)
    left = [*rows[:types], *rows[types + 1 :]]
    for row in left[types:]:
        for cell in filter(_text_of, row.cells):
            if cell.text[:1] in _QUOTES:  # of the others an editor knows where they stand
                cell.text = cell.text.strip(_QUOTES)
    return left


def _is_type(cell: Cell) -> bool:
    return _TYPE.fullmatch(cell.text) is not None


def _text_of(cell: Cell) -> str:
    return cell.text
