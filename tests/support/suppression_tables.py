"""Tables whose protection is published, or follows from what is: what every engine and auditor has to get right.

Where the source states which complementary cells are the best, or what the best cost, a case says so.
Numbers are those of the sources, which invented them.
"""

import itertools
from collections.abc import Mapping, Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, CountTable, Place, Relation, Released, Sum, Unprinted
from breachkit.sdc.protection.problem import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A table to protect."""

    name: str
    source: str
    problem: Problem
    optimum: int | None = None
    """What the best complementary cells cost, by `problem.costs`, where the source states it."""
    pattern: frozenset[Place] | None = None
    """The complementary cells that the source prints. They protect, and are the best if there is an
    `optimum`."""
    rows: tuple[tuple[str, ...], ...] = ()
    """The table as text with its header, where it is one of rows and columns: cell (r, c) of the
    problem is `rows[r + 1][c]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A table in which cells are out already, with what the source says of them."""

    name: str
    source: str
    problem: Problem
    """Its primary cells are all that are out."""
    bounds: Mapping[Place, tuple[int, int]] = field(default_factory=dict)
    """The least and the most that the source gives for cells."""


def two_way(counts: Sequence[Sequence[int]], *, first: Place = (0, 0)) -> CountTable:
    """Give a table whose last row and last column are totals.

    Args:
        counts: Rows of counts, totals included.
        first: The place of the first of them.
    """
    top, left = first
    cells: dict[Place, Cell] = {
        (top + row, left + column): Released(count)
        for row, line in enumerate(counts)
        for column, count in enumerate(line)
    }
    rows = range(top, top + len(counts))
    columns = range(left, left + len(counts[0]))
    across = [_sum([(row, column) for column in columns]) for row in rows]
    down = [_sum([(row, column) for row in rows]) for column in columns]
    return CountTable(cells=cells, relations=(*across, *down))


def _sum(line: Sequence[Place]) -> Sum:
    return Sum(tuple(line[:-1]), (line[-1],), proven=True)


Tree = Mapping[str, Sequence[str]]
"""A total, and the codes below it, each of which may be a total too. The first is that of all."""


def cube(
    inner: Mapping[tuple[str, ...], int], trees: Sequence[Tree]
) -> tuple[CountTable, dict[tuple[str, ...], Place]]:
    """Give a table of several dimensions with all its totals, and the place of each cell.

    Args:
        inner: The counts of the finest cells, by their codes.
        trees: How the codes of each dimension add up.
    """
    codes = [_codes(tree) for tree in trees]
    leaves = [
        {code: _leaves(tree, code) for code in known}
        for tree, known in zip(trees, codes, strict=True)
    ]
    places: dict[tuple[str, ...], Place] = {
        key: (number, 0) for number, key in enumerate(itertools.product(*codes))
    }
    cells: dict[Place, Cell] = {
        place: Released(
            sum(
                inner.get(cell, 0)
                for cell in itertools.product(
                    *(below[code] for below, code in zip(leaves, key, strict=True))
                )
            )
        )
        for key, place in places.items()
    }
    relations: list[Relation] = []
    for at, tree in enumerate(trees):
        for key, place in places.items():
            if key[at] in tree:
                parts = tuple(places[(*key[:at], code, *key[at + 1 :])] for code in tree[key[at]])
                relations.append(Sum(parts, (place,), proven=True))
    return CountTable(cells=cells, relations=tuple(relations)), places


def _codes(tree: Tree) -> list[str]:
    (top, *_) = tree
    return list(dict.fromkeys([top, *itertools.chain.from_iterable(tree.values())]))


def _leaves(tree: Tree, code: str) -> list[str]:
    if code not in tree:
        return [code]
    return [leaf for child in tree[code] for leaf in _leaves(tree, child)]


def small(table: CountTable, threshold: int) -> frozenset[Place]:
    """Give the cells that count 1 to threshold people."""
    return frozenset(
        place
        for place, cell in table.cells.items()
        if isinstance(cell, Released) and 1 <= cell.count <= threshold
    )


def by_count(table: CountTable) -> dict[Place, int]:
    """Let each cell cost its count, and 1 at least."""
    return {
        place: max(1, cell.count)
        for place, cell in table.cells.items()
        if isinstance(cell, Released)
    }


def _problem(
    table: CountTable,
    threshold: int,
    primary: frozenset[Place] | None = None,
    *,
    counted: bool = False,
) -> Problem:
    return Problem(
        counted=table,
        primary=small(table, threshold) if primary is None else primary,
        threshold=threshold,
        costs=by_count(table) if counted else {},
    )


def _text(
    counts: Sequence[Sequence[int]], names: Sequence[str], header: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    lines = [(name, *map(str, line)) for name, line in zip(names, counts, strict=True)]
    return (tuple(header), *lines)


_SDC = "OpenSAFELY documentation, docs/outputs/sdc.md"
_BANDS = ("21-30", "31-40", "41-50", "51+")
_PRIMARY = ((1, 1), (10, 100), (15, 90), (25, 85), (51, 276))


def _opensafely_columns() -> Case:
    """Two columns with totals below, and none beside: each is a table of its own."""
    cells: dict[Place, Cell] = {
        (row, column + 1): Released(count)
        for row, line in enumerate(_PRIMARY)
        for column, count in enumerate(line)
    }
    columns = [Sum(tuple((row, at) for row in range(4)), ((4, at),), proven=True) for at in (1, 2)]
    table = CountTable(cells=cells, relations=tuple(columns))
    return Case(
        name="opensafely: a count of one in a column with its total",
        source=f"{_SDC}, 'Primary disclosure'; one more cell of each column is the least by counting",
        problem=_problem(table, 7),
        optimum=2,
        rows=_text(_PRIMARY, (*_BANDS, "Total"), ("Age band", "Heart disease", "Population")),
    )


_ALL, _MALE = (8, 10, 15, 25), (7, 5, 8, 13)


def _opensafely_difference() -> Case:
    """All people beside men: what is left counts women, whom nobody printed."""
    cells: dict[Place, Cell] = {}
    relations: list[Relation] = []
    for column, counts in ((1, (*_ALL, sum(_ALL))), (1_000_001, (*_MALE, sum(_MALE)))):
        cells |= {(row, column): Released(count) for row, count in enumerate(counts)}
        relations.append(Sum(tuple((row, column) for row in range(4)), ((4, column),), proven=True))
    primary = {(0, 1_000_001), (1, 1_000_001)}
    for row, (everyone, men) in enumerate(
        zip((*_ALL, sum(_ALL)), (*_MALE, sum(_MALE)), strict=True)
    ):
        rest, left = (-1_000_000 - row, 1), everyone - men
        cells[rest] = Released(left) if left <= 7 else Unprinted()
        if left <= 7:
            primary.add(rest)
        relations.append(Sum(((row, 1_000_001), rest), ((row, 1),)))
    return Case(
        name="opensafely: men beside all",
        source=f"{_SDC}, 'Secondary disclosure': the heart disease of men and of all",
        problem=_problem(
            CountTable(cells=cells, relations=tuple(relations)), 7, frozenset(primary)
        ),
    )


_FISCHETTI = ((20, 50, 10, 80), (8, 19, 22, 49), (17, 32, 12, 61), (45, 101, 44, 190))


def _fischetti_salazar() -> Case:
    table = two_way(_FISCHETTI, first=(0, 1))
    return Case(
        name="fischetti and salazar: three activities in three regions",
        source=(
            "M. Fischetti and J. J. Salazar, 'Models and algorithms for optimizing cell suppression in"
            " tabular data', JASA 95 (2000) 916-928, figure 1: 59 in four cells, of which 22 is primary"
        ),
        problem=_problem(table, 7, frozenset({(1, 3)}), counted=True),
        optimum=37,
        pattern=frozenset({(1, 1), (2, 1), (2, 3)}),
        rows=_text(
            _FISCHETTI,
            ("Activity I", "Activity II", "Activity III", "Total"),
            ("", "A", "B", "C", "Total"),
        ),
    )


_MICRODATA1 = ((18, 2, 20), (14, 19, 33), (12, 10, 22), (11, 14, 25), (55, 45, 100))


def _sdctable_regions() -> Case:
    table = two_way(_MICRODATA1, first=(0, 1))
    return Case(
        name="sdctable: four regions by sex",
        source="sdcTable 0.34, microdata1 and tests/testthat/test-protectTable.r: OPT by frequency",
        problem=_problem(table, 7, counted=True),
        optimum=40,
        pattern=frozenset({(0, 1), (2, 1), (2, 2)}),
        rows=_text(
            _MICRODATA1, ("A", "B", "C", "D", "Total"), ("region", "male", "female", "total")
        ),
    )


def _sdctable_linked() -> Case:
    """One breakdown by county and one by size, of the same regions."""
    counts = {"A": 2, "B": 2, "I": 8, "J": 8, "K": 3, "L": 3, "M": 3, "N": 7}
    groups = {
        "county-1": "ABIJ", "county-2": "KLMN", "big": "LM", "small": "ABIJKN",
    }  # fmt: skip
    place: dict[str, Place] = {
        name: (row, 1) for row, name in enumerate((*counts, *groups, "Total"))
    }
    totals = {name: sum(counts[one] for one in members) for name, members in groups.items()}
    cells: dict[Place, Cell] = {
        place[name]: Released(count)
        for name, count in {**counts, **totals, "Total": sum(counts.values())}.items()
    }
    relations = [
        Sum(tuple(place[one] for one in members), (place[name],), proven=True)
        for name, members in groups.items()
    ]
    relations += [
        Sum((place[one], place[other]), (place["Total"],), proven=True)
        for one, other in (("county-1", "county-2"), ("big", "small"))
    ]
    return Case(
        name="sdctable: two breakdowns of the same regions",
        source="sdcTable 0.34, tests/testthat/test-linked-tables.r: one more cell, region N",
        problem=_problem(CountTable(cells=cells, relations=tuple(relations)), 3),
        optimum=1,
        pattern=frozenset({place["N"]}),
    )


_COUNTIES = (
    (15, 1, 3, 1, 20),
    (20, 10, 10, 15, 55),
    (3, 10, 10, 2, 25),
    (12, 14, 7, 2, 35),
    (50, 35, 30, 20, 135),
)
_COUNTY_NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Total")
_COUNTY_HEADER = ("County", "Low", "Medium", "High", "Very high", "Total")
_WP22 = (
    "Federal Committee on Statistical Methodology, Statistical Policy Working Paper 22, chapter II,"
    " delinquent children by county and education"
)


def _counties() -> Case:
    return Case(
        name="working paper 22: four counties by education",
        source=f"{_WP22}: fewer than 5 are sensitive; the printed pattern protects from exact disclosure",
        problem=_problem(two_way(_COUNTIES, first=(0, 1)), 4),
        rows=_text(_COUNTIES, _COUNTY_NAMES, _COUNTY_HEADER),
    )


_VIGNETTE = {
    "A": ((12, 16, 11, 13, 6, 22), (19, 21, 15, 11, 13, 10)),
    "Ba": ((18, 15, 26, 7, 13, 18), (12, 12, 10, 13, 15, 16)),
    "Bb": ((18, 10, 15, 15, 9, 18), (12, 6, 21, 12, 21, 16)),
    "Bc": ((10, 17, 7, 13, 14, 19), (18, 12, 21, 16, 11, 18)),
    "C": ((11, 12, 11, 8, 10, 14), (16, 12, 15, 14, 17, 10)),
    "D": ((13, 10, 14, 14, 12, 16), (19, 16, 11, 8, 9, 15)),
}


def _sdctable_hierarchy() -> Case:
    inner: dict[tuple[str, ...], int] = {
        (region, sex, group): count
        for region, lines in _VIGNETTE.items()
        for sex, line in zip("mw", lines, strict=True)
        for group, count in zip("abcdef", line, strict=True)
    }
    trees: tuple[Tree, ...] = (
        {"Tot": ("A", "B", "C", "D"), "B": ("Ba", "Bb", "Bc")},
        {"Tot": ("m", "w")},
        {"Tot": tuple("abcdef")},
    )
    table, _ = cube(inner, trees)
    return Case(
        name="sdctable: three dimensions, one of them with subtotals",
        source="sdcTable 0.34, the example of its vignette, 168 cells; at 7 and fewer, four are primary",
        problem=_problem(table, 7, counted=True),
    )


def _gauss_hierarchy() -> Case:
    """Countries within and outside the European Union, by age; one count is 0 and stays."""
    inner: dict[tuple[str, ...], int] = {
        ("young", "Spain"): 5, ("young", "Iceland"): 2, ("young", "Portugal"): 0,
        ("old", "Spain"): 6, ("old", "Iceland"): 3, ("old", "Portugal"): 4,
    }  # fmt: skip
    trees: tuple[Tree, ...] = (
        {"Total": ("young", "old")},
        {"Total": ("EU", "nonEU"), "EU": ("Spain", "Portugal"), "nonEU": ("Iceland",)},
    )
    table, _ = cube(inner, trees)
    return Case(
        name="gausssuppression: a subtotal of one country",
        source="GaussSuppression, vignette 'Small count frequency table suppression', dataset_a with eu",
        problem=_problem(table, 2),
    )


def _three_way() -> Case:
    """Two by two by two, one of them small: the opposite corners go together, or not at all."""
    inner: dict[tuple[str, ...], int] = {
        (a, b, c): count
        for (a, b, c), count in zip(
            itertools.product("pq", "rs", "tu"), (3, 20, 21, 22, 23, 24, 25, 26), strict=True
        )
    }
    table, places = cube(inner, ({"T": "pq"}, {"T": "rs"}, {"T": "tu"}))
    corners = frozenset(places[key] for key in inner) - {places["p", "r", "t"]}
    return Case(
        name="a cube of two by two by two",
        source=(
            "A. Hundepool et al., 'Statistical Disclosure Control' (2012), 4.5, the hypercube: with all"
            " totals kept, only the whole cube protects one of its corners"
        ),
        problem=Problem(
            counted=table,
            primary=frozenset({places["p", "r", "t"]}),
            threshold=7,
            kept=frozenset(table.cells) - corners - {places["p", "r", "t"]},
        ),
        optimum=7,
        pattern=corners,
    )


CASES: tuple[Case, ...] = (
    _opensafely_columns(),
    _opensafely_difference(),
    _fischetti_salazar(),
    _sdctable_regions(),
    _sdctable_linked(),
    _counties(),
    _gauss_hierarchy(),
    _three_way(),
    _sdctable_hierarchy(),
)
"""All of them, the quickest first."""


_GEURTS = ((5, 2, 7), (1, 2, 3), (3, 3, 6), (9, 7, 16))
_UNPROTECTED = frozenset({(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (2, 1), (2, 4), (3, 1), (3, 4)})
_PROTECTED = frozenset({(0, 2), (0, 3), (0, 4), (2, 1), (2, 2), (2, 4), (3, 1), (3, 3), (3, 4)})

AUDITED: tuple[Audited, ...] = (
    Audited(
        name="handbook: the interval of one cell",
        source=(
            "Handbook on Statistical Disclosure Control, 2nd edition (2024), 4.2, example 3, after"
            " Geurts (1992): from 3 to 6. The numbers behind the marks are not printed there"
        ),
        problem=_problem(two_way(_GEURTS), 4, frozenset({(0, 0), (0, 1), (1, 0), (1, 1)})),
        bounds={(0, 0): (3, 6)},
    ),
    Audited(
        name="working paper 22: suppressed, and yet disclosed",
        source=f"{_WP22}: two rows less two columns give one cell",
        problem=_problem(two_way(_COUNTIES, first=(0, 1)), 4, _UNPROTECTED),
        bounds={(0, 4): (1, 1)},
    ),
    Audited(
        name="working paper 22: suppressed, and protected",
        source=f"{_WP22}: no cell can be worked out",
        problem=_problem(two_way(_COUNTIES, first=(0, 1)), 4, _PROTECTED),
    ),
    Audited(
        name="fischetti and salazar: the published pattern",
        source="JASA 95 (2000) 916-928, figure 1: the attacker finds 5 to 30 for the primary cell",
        problem=_problem(
            two_way(_FISCHETTI, first=(0, 1)), 7, frozenset({(1, 3), (1, 1), (2, 1), (2, 3)})
        ),
        bounds={(1, 3): (5, 30)},
    ),
    Audited(
        name="opensafely: one redaction in a column with its total",
        source=f"{_SDC}, 'Secondary disclosure': 51 less 10, 15 and 25",
        problem=_problem(_opensafely_columns().problem.counted, 7),
        bounds={(0, 1): (1, 1), (0, 2): (1, 1)},
    ),
)
