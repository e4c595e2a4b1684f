"""Which columns of a table are called some kind of ratio, and hold decimals."""

import re

from breachkit.documents.table import Table
from breachkit.sdc.asking import Header, of_header, of_table
from breachkit.sdc.count_cells import column
from breachkit.sdc.stated import stated


_RATIO_NAME = re.compile(
    r"rate|ratio|per[ _.\d]|pct|perc|%|prop|incidence|prevalence|risk|share|fraction|value|coverage|uptake",
    re.IGNORECASE,
)
_SAMPLE = 48
"""Cells that are looked at for decimals."""


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
    return any(
        "." in cell and stated(cell, of=1) is not None for cell in column(table, index)[:_SAMPLE]
    )
