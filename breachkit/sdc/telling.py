"""Which columns of words may name places, postcodes or addresses, told of all their cells at the speed of copying."""

from collections.abc import Sequence
from typing import NamedTuple

from breachkit.documents.table import Table
from breachkit.sdc.asking import of_column, of_table
from breachkit.sdc.count_cells import column, wordy_columns


class Told(NamedTuple):
    """What some cell of a column may be; where it says no, no cell is."""

    code: bool
    """A letter before eight digits."""
    place: bool
    """Words that end in what places are called by."""
    postcode: bool
    """Something that ends in a blank, a digit and two letters."""
    address: bool
    """Something with the sign of e-mail addresses."""


PLACE_ENDS = frozenset({
    "surgery", "centre", "practice", "group", "pcn", "network", "ccg", "icb", "stp", "board",
    "system", "council",
})  # fmt: skip
"""Last words of the names of places."""


@of_table
def told_of_words(table: Table) -> Sequence[tuple[int, Told]]:
    """Give the columns of the header (from 0) that hold more than numbers, with what they may hold."""
    return [
        (index, _told(column(table, index)))
        for index in wordy_columns(table)
        if index < len(table.header)
    ]


_SIGNS = bytes(
    ord("0") if 48 <= byte < 58 else ord("a") if chr(byte).isalpha() else byte
    for byte in range(128)
) + bytes(range(128, 256))
"""Makes a 0 of every digit and an `a` of every letter."""
_CODE, _POSTCODE = b"\na00000000\n", b" 0aa\n"
_ENDS = tuple(f"{word}\n" for word in sorted(PLACE_ENDS))


@of_column
def _told(cells: Sequence[str]) -> Told:
    text = "\n".join(("", *set(cells), ""))
    signs = text.encode("ascii", "replace").translate(_SIGNS)
    lower = text.lower()
    return Told(
        code=_CODE in signs,
        place=any(end in lower for end in _ENDS),
        postcode=_POSTCODE in signs,
        address="@" in text,
    )
