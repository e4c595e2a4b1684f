"""Which outputs print the same counts, or parts of each other's, as their labels and numbers tell."""

from collections.abc import Iterator, Sequence

from breachkit.actions.request import Related
from breachkit.documents.table import Document, Table
from breachkit.model.ids import GitPath
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import CountTable, Released, Sum
from breachkit.sdc.count_grid import grid_over
from breachkit.sdc.counts import count_columns
from breachkit.sdc.linking import NamedTable, link, place_of


SAME_COUNTS = "it prints the same counts of the same people"
PARTS = "counts of one are parts of counts of the other"
MOST_TABLES = 300
"""Tables of one release that are compared with each other."""
_MOST_OF_FILE = 5
_MOST_CELLS = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparable:
    """The tables of a file that are compared with those of others; they cross processes."""

    tables: tuple[Table, ...] = field(default=(), repr=False)
    is_cut: bool = False
    """Some are too large, or too many."""


def comparable(documents: Sequence[Document]) -> Comparable:
    """Give the tables with counts, of those that are small enough to be compared."""
    tables = [each for each in documents if isinstance(each, Table) and each.above is None]
    counting = [each for each in tables if each.rows and count_columns(each)]
    small = [each for each in counting if len(each.rows) * len(each.header) <= _MOST_CELLS]
    return Comparable(
        tables=tuple(map(_plain, small[:_MOST_OF_FILE])),
        is_cut=len(counting) > len(small[:_MOST_OF_FILE]),
    )


def _plain(table: Table) -> Table:
    rows = tuple(map(tuple, table.rows))
    return Table(table.header, rows, part=table.part, origin=table.origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What comparing the counts of all files gave."""

    related: tuple[tuple[GitPath, Related], ...]
    cut: frozenset[GitPath]
    """The files of which not all tables were compared."""


def linked_outputs(files: Sequence[tuple[GitPath, Comparable]], threshold: int) -> Linked:
    """Find the files whose counts are those of another, or parts of them.

    Args:
        files: Each with its tables.
        threshold: The largest count that may not be released.
    """
    every = [(path, table) for path, each in files for table in each.tables]
    chosen = every[:MOST_TABLES]
    named = [_named(path, table) for path, table in chosen]
    links = link(named, threshold)
    paths = [path for path, _ in chosen]
    pairs = dict.fromkeys(
        pair for each in links.relations if isinstance(each, Sum) for pair in _pairs(each, paths)
    )
    return Linked(
        related=tuple((one, Related(path=other, how=how)) for one, other, how in pairs),
        cut=frozenset({path for path, each in files if each.is_cut})
        | {path for path, _ in (every if links.is_cut else every[MOST_TABLES:])},
    )


def _named(path: GitPath, table: Table) -> NamedTable:
    grid = grid_over(table, [found.index for found in count_columns(table)])
    cells = {place: cell for place, cell in grid.cells.items() if isinstance(cell, Released)}
    name = f"{path.decode('utf-8', 'replace')} {table.part or ''}"
    return NamedTable(name=name, table=table, counted=CountTable(cells=cells))


def _pairs(relation: Sum, paths: Sequence[GitPath]) -> Iterator[tuple[GitPath, GitPath, str]]:
    parts = {paths[found[0]] for place in relation.parts if (found := place_of(place))}
    wholes = {paths[found[0]] for place in relation.whole if (found := place_of(place))}
    how = SAME_COUNTS if len(relation.parts) == len(relation.whole) == 1 else PARTS
    for one in sorted(parts):
        for other in sorted(wholes):
            if one != other:
                yield one, other, how
                yield other, one, how
