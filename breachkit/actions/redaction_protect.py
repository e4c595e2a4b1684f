"""Which further counts have to go: tables that tell about each other as problems, and their answers.

Costs prefer few cells; among as many, cells inside a table to its totals, small counts to large ones, and
those without percentages that would go with them. A zero says that nobody is there, which may be
released, and goes last.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from breachkit.actions.redaction_rounding import Printed
from breachkit.actions.redaction_table import Judged
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, Place, Released, Sum, Unprinted
from breachkit.sdc.linking import LAST_REST, Links, NamedTable, joined, link, place_in, place_of
from breachkit.sdc.margins import places_of
from breachkit.sdc.protection.instance import NOT_ADDING_UP, already_out, separate
from breachkit.sdc.protection.problem import NoPatternError, Pattern, Problem
from breachkit.sdc.protection.protect import NOTHING_TO_DO


Protect = Callable[[Problem], Pattern]
Named = tuple[str, Judged, Printed]


@dataclass(slots=True, kw_only=True)
class Answer:
    """What was found for one table, alone or with others."""

    complementary: set[Place] = field(default_factory=set)
    open: set[Place] = field(default_factory=set)
    """Suppressed cells for which nothing was found."""
    disputed: set[Place] = field(default_factory=set)
    """Those of them about which printed counts contradict each other."""
    engines: set[str] = field(default_factory=set)
    cost: int = 0
    least: int | None = 0
    """No choice of cells of this table alone costs less; None where it is linked, or that is not known."""
    least_with_others: int | None = 0
    """No choice costs less for the tables that are linked with this one, and stand behind it."""
    is_linked: bool = False
    """Cells of other tables went with cells of this one."""
    is_proven: bool = True
    """The audit of all that is out (`Pattern.audit`) found it safe."""
    is_cut: bool = False
    """Not all that may add up was tried."""
    contradicts: bool = False
    """Totals that labels name do not agree with each other, and were not believed."""

    def with_proof_of(self, before: "Answer") -> "Answer":
        """Give this with an earlier proof in place of contradictions, where there was one."""
        is_disputed = self.contradicts or self.disputed
        if not (is_disputed and before.is_proven and not before.open):
            return self
        rest = self.open - self.disputed
        return dataclasses.replace(self, open=rest, disputed=set(), is_proven=not rest)


def named_together(engines: Iterable[str]) -> str:
    """Name those who chose, as reports say it."""
    return " and ".join(sorted({*engines} - {NOTHING_TO_DO})) or NOTHING_TO_DO


def protect_together(
    tables: Sequence[Named], threshold: int, protect: Protect, *, is_rounded: bool = False
) -> list[Answer]:
    """Find what else has to go from each of several tables.

    Args:
        tables: Each with the name of its file, which may say who is counted in it, and its counts as
            they will be printed.
        threshold: The largest count that may not be released.
        protect: Who solves a problem, as `sdc.protection.protect.protect` does.
        is_rounded: Whether the counts will be printed rounded.

    Returns:
        One answer for each table, in their order.
    """
    answers = [Answer(is_cut=judged.counted.is_cut) for _, judged, _ in tables]
    counting = [number for number, (_, judged, _) in enumerate(tables) if judged.counted.cells]
    chosen = [tables[number] for number in counting]
    problem = _problem(chosen, threshold, is_rounded=is_rounded)
    firm = _all_in([judged.kept for _, judged, _ in chosen])
    for part in separate(problem):
        _solve(part, firm, protect, [answers[number] for number in counting])
    return answers


def _solve(
    problem: Problem, firm: frozenset[Place], protect: Protect, answers: Sequence[Answer]
) -> None:
    """Find what goes from tables that hang together, and tell each of them.

    Totals that percentages tell stay if that is possible: those cells would go with them.
    """
    try:
        pattern = protect(problem)
    except NoPatternError as error:
        weaker = _weaker(problem, error.places) if error.args[:1] == (NOT_ADDING_UP,) else None
        if weaker is not None:
            for number in _by_table(problem.counted.cells):
                answers[number].contradicts = True
                answers[number].is_proven = False
            for part in separate(weaker):
                _solve(part, firm, protect, answers)
            return
        if problem.kept - firm:
            freer = dataclasses.replace(problem, kept=problem.kept & firm)
            _solve(freer, firm, protect, answers)
            return
        unknown = problem.primary | already_out(problem.counted)
        disputes = error.args[:1] == (NOT_ADDING_UP,)
        for number, places in _by_table(error.places or unknown).items():
            answers[number].open |= places
            answers[number].disputed |= places if disputes else set()
            answers[number].least = None
            answers[number].is_proven = False
    else:
        for number in _by_table(problem.counted.cells):
            answers[number].engines.add(pattern.engine)
        _share_out(answers, pattern, problem)


def _weaker(problem: Problem, places: Collection[Place]) -> Problem | None:
    """Believe less where printed counts contradict each other: no labels, then not the broken relation.

    Such a relation tells an attacker nothing either, unless it is known which of its numbers is wrong.
    """
    relations = problem.counted.relations
    broken = frozenset(places)
    believed = tuple(relation for relation in relations if relation.proven)
    if len(believed) == len(relations):
        believed = tuple(each for each in relations if frozenset(places_of(each)) != broken)
    if len(believed) == len(relations):
        believed = tuple(each for each in relations if broken.isdisjoint(places_of(each)))
    if len(believed) == len(relations):
        return None
    counted = dataclasses.replace(problem.counted, relations=believed)
    return dataclasses.replace(problem, counted=counted)


def _share_out(answers: Sequence[Answer], pattern: Pattern, problem: Problem) -> None:
    """Give each table its complementary cells; a bound of all of them is none of each."""
    taken = _by_table(pattern.complementary)
    if len(taken) > 1:
        first = answers[min(taken)]
        known = first.least_with_others is not None and pattern.least is not None
        total = (first.least_with_others or 0) + (pattern.least or 0)
        first.least_with_others = total if known else None
    for number, places in taken.items():
        answer = answers[number]
        answer.complementary |= places
        answer.is_linked = answer.is_linked or len(taken) > 1
        answer.cost += problem.cost(frozenset(place_in(number, place) for place in places))
        if answer.least is not None:
            alone = pattern.least if len(taken) == 1 else None
            answer.least = None if alone is None else answer.least + alone


def _problem(tables: Sequence[Named], threshold: int, *, is_rounded: bool) -> Problem:
    """Put all tables into one problem.

    Counts that nothing tells about are left out. What follows from subtracting one table from another is a count that nobody printed. Where
    counts are rounded, such differences are noise, which is what rounding is for.
    """
    named = [
        NamedTable(name=name, table=judged.table, counted=judged.counted)
        for name, judged, _ in tables
    ]
    links = link(named, threshold)
    rests = frozenset[Place]() if is_rounded else links.primary
    primary = rests | _all_in(
        [
            (place for place in judged.primary if _is_printed(judged, place))
            for _, judged, _ in tables
        ]
    )
    printed: dict[Place, Cell] = {place: Unprinted() for place in links.rests if place not in rests}
    costs: dict[Place, int] = {}
    for number, (_, judged, known) in enumerate(tables):
        printed |= {place_in(number, place): cell for place, cell in known.cells.items()}
        costs |= {place_in(number, place): cost for place, cost in _costs(judged)}
    counted = joined(_as_printed(tables, named, links), links)
    limits = tuple(_limits(tables, LAST_REST - len(links.rests)))
    printed |= {limit.parts[-1]: Unprinted() for limit in limits}
    counted = dataclasses.replace(counted, relations=(*counted.relations, *limits))
    told = {place for relation in counted.relations for place in places_of(relation)}
    cells = {place: cell for place, cell in {**counted.cells, **printed}.items() if place in told}
    return Problem(
        counted=dataclasses.replace(counted, cells=cells),
        primary=primary & told,
        threshold=threshold,
        kept=_all_in([judged.kept | judged.wholes for _, judged, _ in tables]) - primary,
        costs=costs,
    )


def _limits(tables: Sequence[Named], first: int) -> Iterator[Sum]:
    """Say that no numerator is larger than its denominator: the people between them are a number, too.

    Args:
        tables: Some.
        first: The row of the first of these numbers, which stand nowhere; the others follow downwards.
    """
    row = first
    for number, (_, judged, _) in enumerate(tables):
        for part, whole in _numerators(judged):
            places = place_in(number, part), (row, number)
            yield Sum(places, (place_in(number, whole),), proven=True)
            row -= 1


def _numerators(judged: Judged) -> Iterator[tuple[Place, Place]]:
    """Give numerators and their denominators, of columns in which none is larger, where sums tell of them."""
    counts = {
        place: cell.count
        for place, cell in judged.counted.cells.items()
        if isinstance(cell, Released)
    }
    pairs = [
        (ratio.place[1], ratio.part, ratio.whole[0])
        for ratio in judged.ratios
        if len(ratio.whole) == 1 and {ratio.part, ratio.whole[0]} <= counts.keys()
    ]
    larger = {index for index, part, whole in pairs if counts[part] > counts[whole]}
    summed = {place for relation in judged.sums for place in places_of(relation)}
    within = {(part, whole) for each in judged.sums for whole in each.whole for part in each.parts}
    for pair in dict.fromkeys(pair[1:] for pair in pairs if pair[0] not in larger):
        if pair[0] != pair[1] and pair not in within and not summed.isdisjoint(pair):
            yield pair


def _as_printed(
    tables: Sequence[Named], named: Sequence[NamedTable], links: Links
) -> list[NamedTable]:
    linked = _by_table(place for relation in links.relations for place in places_of(relation))
    return [
        dataclasses.replace(
            each,
            counted=dataclasses.replace(
                each.counted,
                relations=tuple(printed.relations(judged.sums, linked.get(number, set()))),
            ),
        )
        for number, (each, (_, judged, printed)) in enumerate(zip(named, tables, strict=True))
    ]


def _is_printed(judged: Judged, place: Place) -> bool:
    return isinstance(judged.counted.cells.get(place), Released)


def _all_in(places: Sequence[Iterable[Place]]) -> frozenset[Place]:
    """Give the places of several tables as those of all."""
    return frozenset(place_in(number, place) for number, own in enumerate(places) for place in own)


_CELL = 1_000
"""What a cell costs at least; what it costs beyond that settles which of as many cells go."""
_TOTAL = 200
_STATISTIC = 50
_DIGIT = 10
"""What a count costs more than half of it: bits, so that the size of a table does not matter."""
_ZERO = 20_000


def _costs(judged: Judged) -> Iterator[tuple[Place, int]]:
    totals = Counter(place for relation in judged.sums for place in relation.whole)
    made = [ratio for ratio in judged.ratios if len(ratio.whole) == 1]
    statistics = Counter(ratio.part for ratio in made if ratio.place != ratio.part)
    statistics += Counter(ratio.whole[0] for ratio in made if ratio.whole[0] not in judged.wholes)
    counts = Counter(ratio.whole[0] for ratio in made if ratio.whole[0] in judged.wholes)
    for place, cell in judged.counted.cells.items():
        if isinstance(cell, Released):
            size = _DIGIT * cell.count.bit_length() if cell.count else _ZERO
            extra = _TOTAL * (place in totals) + _STATISTIC * statistics[place]
            extra += _CELL * counts[place]
            yield place, _CELL + size + extra


def _by_table(places: Iterable[Place]) -> Mapping[int, set[Place]]:
    found: dict[int, set[Place]] = {}
    for place in places:
        known = place_of(place)
        if known is not None:
            found.setdefault(known[0], set()).add(known[1])
    return found
