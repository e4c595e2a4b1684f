"""Which columns of a table are called some kind of ratio, and hold decimals."""

import re
from collections.abc import Sequence

from breachkit.documents.table import Table
from breachkit.sdc.asking import Header, of_header, of_table
from breachkit.sdc.count_cells import column
from breachkit.sdc.stated import stated


_RATIO_NAME = re.compile(
    r"rate|ratio|per[ _.\d]|pct|perc|%|prop|incidence|prevalence|risk|share|fraction|value|coverage|uptake",
    re.IGNORECASE,
)
_SAMPLE = 48
"""Cells that tell of most columns that they hold decimals."""


@of_table
def ratio_columns(table: Table) -> tuple[int, ...]:
    """Give the columns (from 0) that are called some kind of ratio and hold decimals."""
    named = _named_ratios(table.header)
    return tuple([index for index in named if _holds_decimals(table, index)])


@of_header
def _named_ratios(header: Header) -> tuple[int, ...]:
    names = enumerate(header)
    return tuple([index for index, name in names if _RATIO_NAME.search(name[:100])])


def _holds_decimals(table: Table, index: int) -> bool:
    cells = column(table, index)
    return _hold_decimals(cells[:_SAMPLE]) or _hold_decimals(cells[_SAMPLE:])


def _hold_decimals(cells: Sequence[str]) -> bool:
    if "." not in "".join(cells):
        return False
    return any("." in cell and stated(cell, of=1) is not None for cell in cells)
