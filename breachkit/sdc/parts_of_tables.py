"""Counts of one table that are parts of a count of another: all people beside men and women.

Names say what may be parts; numbers decide. Parts that add up to their whole wherever both are
printed are all of it. Where the name of a file says that it is about some of the people of another
(`deaths_male.csv`, `deaths_all.csv`), the parts may also leave a rest, which counts the others.

Source: OpenSAFELY documentation, 'Disclosure control' (2023), 'Secondary disclosure'; how study
repositories name the files of their strata.
"""

from collections.abc import Iterator, Mapping, Sequence

from breachkit.model.patterns import regex
from breachkit.model.records import dataclass, field
from breachkit.sdc.cell_names import Name, said_by
from breachkit.sdc.cells import Place, Released, origins
from breachkit.sdc.equal_cells import (
    MAX_COMPARED,
    Counted,
    TableCell,
    is_evident,
    printed_under,
)
from breachkit.sdc.strata import header_tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Cells that are parts of a cell of another table."""

    parts: tuple[TableCell, ...]
    whole: TableCell
    is_all: bool
    """Whether they are all its parts."""
    left: int | None = field(default=None, repr=False)
    """How many people are in none of the parts; None where one of the numbers is missing."""


def parts_of_tables(tables: Sequence[Counted]) -> tuple[list[Part], bool]:
    """Give the cells of tables that are parts of a cell of another, and whether the search was cut."""
    found: dict[tuple[frozenset[TableCell], TableCell], Part] = {}
    compared = 0
    for family in (*_strata(tables), *_breakdowns(tables)):
        compared += _cells(family)
        if compared > MAX_COMPARED:
            return list(found.values()), True
        for part in _judged_in_turn(family, tables):
            found.setdefault((frozenset(part.parts), part.whole), part)
    return list(found.values()), False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """What may be parts of wholes, and is judged together."""

    candidates: Sequence[Part]
    may_leave_rest: bool
    otherwise: Sequence["_Family"] = ()
    """What to try where numbers speak against these."""


_CLASSES = (
    regex(r"male|female"),
    regex(r"white|black|asian|chinese|mixed"),
    regex(r"child(?:ren)?|adult|elderly|young|older|(?:over|under)\d{1,2}|\d{1,2}plu"),
    regex(r"vaccinated|unvaccinated"),
    regex(r"rural|urban"),
    regex(r"[a-z0-9]+"),
)
"""Words of strata that may be parts of one whole; those of the last stand for themselves."""


def _strata(tables: Sequence[Counted]) -> Iterator[_Family]:
    """Give the tables about some people together, by what they say of them, with the table of all."""
    for whole in tables:
        by_class: dict[int, dict[str, list[Counted]]] = {}
        for part in tables:
            word = _says_beyond(part, whole)
            if word is not None:
                by_class.setdefault(_class_of(word), {}).setdefault(word, []).append(part)
        for by_word in by_class.values():
            singles = [
                _Family(candidates=_of_strata(whole, [(word, part)]), may_leave_rest=True)
                for word, found in by_word.items()
                for part in found
            ]
            together = [(word, found[0]) for word, found in by_word.items()]
            yield _Family(
                candidates=_of_strata(whole, together), may_leave_rest=True, otherwise=singles
            )


def _says_beyond(part: Counted, whole: Counted) -> str | None:
    """Give the word by which one table, or its header, is about some of the people of another."""
    mine, theirs = part.names.stratum, whole.names.stratum
    if mine.is_part_of(theirs):
        said = mine.who - theirs.who
    elif mine == theirs and header_tells(part.header, whole.header):
        pairs = zip(part.header, whole.header, strict=True)
        said = frozenset().union(*(said_by(one) - said_by(other) for one, other in pairs))
    else:
        return None
    return next(iter(said)) if len(said) == 1 else None


def _class_of(word: str) -> int:
    return next(at for at, words in enumerate(_CLASSES) if words.fullmatch(word))


def _of_strata(whole: Counted, parts: Sequence[tuple[str, Counted]]) -> list[Part]:
    found_parts: list[Part] = []
    for name, place in whole.names.places.items():
        cells = [(part.number, part.names.places.get(name | {word})) for word, part in parts]
        known = tuple((number, found) for number, found in cells if found is not None)
        if len(known) == len(parts):
            found_parts.append(Part(parts=known, whole=(whole.number, place), is_all=True))
    return found_parts


def _breakdowns(tables: Sequence[Counted]) -> Iterator[_Family]:
    """Give breakdowns that one table has, without the total that another prints."""
    printed = printed_under(tables)
    for part in tables:
        for words in part.names.breakdowns:
            groups = {
                name: places
                for name, places in _grouped(part.names.places, words).items()
                if part.names.places.get(name) in {None, *places}  # no total of its own
            }
            for other in _with_totals(part, groups, printed):
                candidates = list(_of_groups(part, groups, tables[other]))
                if tables[other] is not part:
                    yield _Family(candidates=candidates, may_leave_rest=False)


def _with_totals(
    part: Counted,
    groups: Mapping[Name, Sequence[Place]],
    printed: Mapping[tuple[Name, int], Sequence[int]],
) -> list[int]:
    """Give the tables that print enough of the totals of a table's groups, by their numbers."""
    totals: dict[int, set[int]] = {}
    for name, places in groups.items():
        cells = [part.cells[place] for place in set(places)]
        total = sum(cell.count for cell in cells if isinstance(cell, Released))
        for other in printed.get((name, total), ()):
            totals.setdefault(other, set()).add(total)
    return [other for other, known in sorted(totals.items()) if is_evident(known)]


def _grouped(places: Mapping[Name, Place], words: Name) -> dict[Name, list[Place]]:
    groups: dict[Name, list[Place]] = {}
    for name, place in places.items():
        said = name & words
        if len(said) == 1:
            groups.setdefault(name - said, []).append(place)
    return groups


def _of_groups(
    part: Counted, groups: Mapping[Name, Sequence[Place]], whole: Counted
) -> Iterator[Part]:
    for name, places in groups.items():
        place = whole.names.places.get(name)
        if place is not None:
            cells = tuple((part.number, found) for found in dict.fromkeys(places))
            yield Part(parts=cells, whole=(whole.number, place), is_all=True)


_LEAST_COMPARED = 3
"""Wholes that must be no smaller than their parts, where names say so: by chance 1 in 8. Of a table that
has fewer, all of them."""
_MOST_SMALLER = 0.5
"""Share of the wholes that must be larger than their parts: a copy has the same counts."""


def _cells(family: _Family) -> int:
    own = sum(len(part.parts) for part in family.candidates)
    return own + sum(map(_cells, family.otherwise))


def _judged_in_turn(family: _Family, tables: Sequence[Counted]) -> Iterator[Part]:
    found = list(_judged(family, tables))
    yield from found
    for other in () if found else family.otherwise:
        yield from _judged(other, tables)


def _judged(family: _Family, tables: Sequence[Counted]) -> Iterator[Part]:
    sums = [_Compared.of(part, tables) for part in family.candidates]
    agreeing = {found.total for found in sums if found.left == 0 and found.total}
    if all(found.may_agree for found in sums) and is_evident(agreeing):
        yield from family.candidates
        return
    known = [found for found in sums if found.left is not None and found.total]
    smaller = sum(1 for found in known if found.left)
    if (
        family.may_leave_rest
        and len(known) >= min(_LEAST_COMPARED, _counts_people(family, tables))
        and all(found.is_exact and found.may_leave for found in sums)
        and smaller >= _MOST_SMALLER * len(known)
    ):
        for part, found in zip(family.candidates, sums, strict=True):
            yield Part(parts=part.parts, whole=part.whole, is_all=False, left=found.left)


def _counts_people(family: _Family, tables: Sequence[Counted]) -> int:
    """Give how many counts of the table of the wholes are not 0; 1 at least."""
    wholes = {part.whole[0] for part in family.candidates}
    cells = [cell for number in wholes for cell in tables[number].cells.values()]
    return max(1, sum(1 for cell in cells if isinstance(cell, Released) and cell.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Compared:
    """A whole beside its parts."""

    total: int | None = field(repr=False)
    left: int | None = field(repr=False)
    may_agree: bool
    may_leave: bool
    is_exact: bool

    @classmethod
    def of(cls, part: Part, tables: Sequence[Counted]) -> "_Compared":
        cells = [tables[number].cells[place] for number, place in part.parts]
        whole = tables[part.whole[0]].cells[part.whole[1]]
        printed = [cell for cell in cells if isinstance(cell, Released)]
        least, most = _range(printed)
        low, high = _range([whole] if isinstance(whole, Released) else [])
        all_known = len(printed) == len(cells)
        is_known = isinstance(whole, Released)
        total = whole.count if isinstance(whole, Released) else None
        return cls(
            total=total,
            left=total - sum(cell.count for cell in printed)
            if all_known and total is not None
            else None,
            may_agree=not is_known or (least <= high and (low <= most or not all_known)),
            may_leave=not is_known or least <= high,
            is_exact=not any(
                isinstance(cell, Released) and cell.regime is not None for cell in (*cells, whole)
            ),
        )


def _range(cells: Sequence[Released]) -> tuple[int, int]:
    boxes = [origins(cell.count, cell.regime) for cell in cells]
    return sum(box.low for box in boxes), sum(box.high or 0 for box in boxes)
