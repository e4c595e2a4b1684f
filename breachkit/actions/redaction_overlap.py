"""Tables that are read more than once from one file: as a whole, and in parts under their own headers.

A cell that changes in one of them changes in the others, for it is the same cell of the file.
"""

from collections.abc import Mapping, Sequence

from breachkit.actions.redaction_plan import Change
from breachkit.documents.editing.editable import Spot
from breachkit.documents.table import Table


Changes = Mapping[Spot, Change]


def wholes(tables: Sequence[Table]) -> dict[int, int]:
    """Give, for each table that is part of another, which one that is; both counted from 0."""
    found: dict[int, int] = {}
    last: dict[str | None, int] = {}
    for number, table in enumerate(tables):
        if table.above is None:
            last[table.part] = number
        elif table.part in last:
            found[number] = last[table.part]
    return found


def mirrored(tables: Sequence[Table], changes: Sequence[Changes]) -> list[dict[Spot, Change]]:
    """Give the changes of each table with those that the tables around it, or in it, bring.

    Where two say something else of one cell, it is taken out if one of them says so; what else it
    becomes is for the part to say, which has its own header.
    """
    part_of = wholes(tables)
    covered = {
        _in_whole(tables[part], Spot(part, row, column), whole)
        for part, whole in part_of.items()
        for row in range(-1, len(tables[part].rows))
        for column in range(len(tables[part].header))
    }
    found = [
        {
            spot: change
            for spot, change in each.items()
            if change.why.takes_out or spot not in covered
        }
        for each in changes
    ]
    for part, whole in part_of.items():
        for spot, change in changes[part].items():
            _put(found[whole], _in_whole(tables[part], spot, whole), change, tables[whole])
    for part, whole in part_of.items():
        for spot, change in list(found[whole].items()):
            _put(found[part], _in_part(tables[part], spot, part), change, tables[part])
    return found


def _in_whole(part: Table, spot: Spot, whole: int) -> Spot:
    return Spot(whole, spot.row + (part.above or 0), spot.column)


def _in_part(part: Table, spot: Spot, number: int) -> Spot:
    return Spot(number, spot.row - (part.above or 0), spot.column)


def _put(found: dict[Spot, Change], spot: Spot, change: Change, table: Table) -> None:
    rows = [table.header] if spot.row == -1 else table.rows[spot.row : spot.row + 1]
    if spot.row < -1 or not rows or spot.column >= len(rows[0]):
        return
    if spot not in found or not found[spot].why.takes_out:
        found[spot] = change
