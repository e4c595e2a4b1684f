"""Which cells of several tables count the same people, or parts of them, so that they are protected together.

Two tables are linked where their labels say so and their numbers agree: cells of one name
(`sdc.cell_names`) are one count only where what is printed under the same names agrees, and are the
parts of a whole only where they add up to it, or where names say that they are parts of it.

Source: A. Hundepool et al., "Statistical Disclosure Control" (2012), 4.5, linked tables; OpenSAFELY
documentation, 'Disclosure control' (2023), 'Secondary disclosure': a table of all people beside one
of men tells the counts of women.
"""

from collections.abc import Iterable, Mapping, Sequence

from breachkit.documents.table import Table
from breachkit.model.records import dataclass, field
from breachkit.sdc.cell_names import named_cells
from breachkit.sdc.cells import Cell, CountTable, Place, Relation, Released, Share, Sum, Unprinted
from breachkit.sdc.equal_cells import Counted, equal_cells
from breachkit.sdc.parts_of_tables import Part, parts_of_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTable:
    """A table, what its file is called, and its counts."""

    name: str = field(repr=False)
    """The path of its file as text, and the part of the file that holds it: both may say who is
    counted (`deaths_male.csv`)."""
    table: Table = field(repr=False)
    """Where the labels of the counts stand."""
    counted: CountTable
    """All its counts before redaction (also those that no relation holds), and how they add up.
    Places are rows and columns of `table`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What several tables tell about each other. Places are those that `place_in` gives."""

    relations: tuple[Relation, ...] = ()
    """Equal counts (one part, one whole), and parts of a whole that stands in another table."""
    rests: Mapping[Place, Cell] = field(default_factory=dict, repr=False)
    """Counts that nobody printed, and that follow from two tables: all people less the men.
    Those of few people are `Released`, since their number is known to whoever subtracts, and
    `primary`; others are `Unprinted`. Their rows are at most `LAST_REST`."""
    primary: frozenset[Place] = frozenset()
    """The rests that count 1 to threshold people: nobody may be able to work them out."""
    is_cut: bool = False
    """There were too many cells to compare all of them with each other, or too many labels to name them."""


COLUMNS = 1_000_000
"""Table n has the columns from n times this on: more than any table has of its own."""
LAST_REST = -1_000_000
"""Rests have this row, or one before it; numbers of a table that stand nowhere have later ones."""


def place_in(number: int, place: Place) -> Place:
    """Give the place that a cell of one table has among those of all.

    Rows stay as they are, so that a number that stands nowhere still has a negative one.

    Args:
        number: Which of the tables, counted from 0.
        place: Row and column in that table.
    """
    row, column = place
    return row, column + number * COLUMNS


def place_of(place: Place) -> tuple[int, Place] | None:
    """Give the number of the table (from 0) and the place in it; None for a rest, which has none."""
    row, column = place
    if row <= LAST_REST:
        return None
    number, own = divmod(column, COLUMNS)
    return number, (row, own)


def link(tables: Sequence[NamedTable], threshold: int) -> Links:
    """Find out what tables tell about each other, beyond what each tells by itself.

    Args:
        tables: Those of one call. Their places become those of `place_in`, by their order here.
        threshold: The largest count that may not be released.
    """
    counted = [_counted(number, named) for number, named in enumerate(tables)]
    equal, cut_equal = equal_cells(counted)
    parts, cut_parts = parts_of_tables(counted)
    relations = [Sum((place_in(*one),), (place_in(*other),), proven=True) for one, other in equal]
    rests: dict[Place, Cell] = {}
    for part in parts:
        places = [place_in(*cell) for cell in part.parts]
        whole = place_in(*part.whole)
        if not part.is_all:
            rest = (LAST_REST - len(rests), whole[1])
            rests[rest] = _rest(part, threshold)
            places.append(rest)
        relations.append(Sum(tuple(places), (whole,), part.is_all))
    return Links(
        relations=tuple(relations),
        rests=rests,
        primary=frozenset(place for place, cell in rests.items() if isinstance(cell, Released)),
        is_cut=cut_equal
        or cut_parts
        or (len(counted) > 1 and any(one.names.is_cut for one in counted)),
    )


def _counted(number: int, named: NamedTable) -> Counted:
    cells = named.counted.cells
    names = named_cells(named.name, named.table, cells)
    return Counted(number=number, header=named.table.header, names=names, cells=cells)


def _rest(part: Part, threshold: int) -> Cell:
    few = part.left is not None and 1 <= part.left <= threshold
    return Released(part.left) if few and part.left is not None else Unprinted()


def joined(tables: Sequence[NamedTable], links: Links) -> CountTable:
    """Give all counts of several tables, and all that is known about how they add up, as one.

    Args:
        tables: Those of one call.
        links: What `link` gave for them.

    Returns:
        The cells and relations of all tables with the places that `place_in` gives, and those of
        the links. It is cut if one of them is.
    """
    cells = dict(links.rests)
    relations: list[Relation] = []
    for number, named in enumerate(tables):
        cells |= {place_in(number, place): cell for place, cell in named.counted.cells.items()}
        relations += (_moved(relation, number) for relation in named.counted.relations)
    return CountTable(
        cells=cells,
        relations=(*relations, *links.relations),
        is_cut=links.is_cut or any(named.counted.is_cut for named in tables),
    )


def _moved(relation: Relation, number: int) -> Relation:
    if isinstance(relation, Share):
        part, whole = place_in(number, relation.part), place_in(number, relation.whole)
        return Share(part, whole, relation.low, relation.high, relation.scale, relation.proven)
    parts, total = _all_in(number, relation.parts), _all_in(number, relation.whole)
    return Sum(parts, total, relation.proven)


def _all_in(number: int, places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(place_in(number, place) for place in places)
