"""Which further counts have to go: tables that tell about each other as problems, and their answers.

Costs prefer few cells; among as many, cells inside a table to its totals, small counts to large ones, and
those without percentages that would go with them. A zero says that nobody is there, which may be
released, and goes last.
"""

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from breachkit.actions.redaction_table import Judged
from breachkit.documents.editing.editable import HEADER
from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, Place, Released
from breachkit.sdc.linking import NamedTable, joined, link, place_in, place_of
from breachkit.sdc.protection.instance import separate
from breachkit.sdc.protection.problem import NoPatternError, Pattern, Problem
from breachkit.sdc.protection.protect import NOTHING_TO_DO


Protect = Callable[[Problem], Pattern]
Named = tuple[str, Judged, Mapping[Place, Cell]]


@dataclass(slots=True, kw_only=True)
class Answer:
    """What was found for one table, alone or with others."""

    complementary: set[Place] = field(default_factory=set)
    open: set[Place] = field(default_factory=set)
    """Suppressed cells for which nothing was found."""
    engines: set[str] = field(default_factory=set)
    cost: int = 0
    least: int | None = 0
    is_cut: bool = False
    """Not all that may add up was tried."""

    @property
    def engine(self) -> str:
        """Who chose, as reports say it."""
        return " and ".join(sorted(self.engines - {NOTHING_TO_DO})) or NOTHING_TO_DO


def protect_together(tables: Sequence[Named], threshold: int, protect: Protect) -> list[Answer]:
    """Find what else has to go from each of several tables.

    Args:
        tables: Each with the name of its file, which may say who is counted in it, and its counts as
            they will be printed.
        threshold: The largest count that may not be released.
        protect: Who solves a problem, as `sdc.protection.protect.protect` does.

    Returns:
        One answer for each table, in their order.
    """
    answers = [Answer(is_cut=judged.counted.is_cut) for _, judged, _ in tables]
    counting = [number for number, (_, judged, _) in enumerate(tables) if judged.counted.cells]
    found = _protected([tables[number] for number in counting], threshold, protect)
    for number, answer in zip(counting, found, strict=True):
        answers[number] = answer
    return answers


def _protected(tables: Sequence[Named], threshold: int, protect: Protect) -> list[Answer]:
    answers = [Answer(is_cut=judged.counted.is_cut) for _, judged, _ in tables]
    for problem in separate(_problem(tables, threshold)):
        try:
            pattern = protect(problem)
        except NoPatternError as error:
            for number, places in _by_table(error.places or problem.primary).items():
                answers[number].open |= places
                answers[number].least = None
        else:
            for number in _by_table(problem.counted.cells):
                answers[number].engines.add(pattern.engine)
            _share_out(answers, pattern, problem)
    return answers


def _share_out(answers: Sequence[Answer], pattern: Pattern, problem: Problem) -> None:
    """Give each table its complementary cells; a bound of all of them is none of each."""
    taken = _by_table(pattern.complementary)
    for number, places in taken.items():
        answer = answers[number]
        answer.complementary |= places
        answer.cost += problem.cost(frozenset(place_in(number, place) for place in places))
        if answer.least is not None:
            alone = pattern.least if len(taken) == 1 else None
            answer.least = None if alone is None else answer.least + alone


def _problem(tables: Sequence[Named], threshold: int) -> Problem:
    """Put all tables into one problem."""
    named = [
        NamedTable(name=name, table=judged.table, counted=judged.counted)
        for name, judged, _ in tables
    ]
    links = link([_printed_only(each) for each in named], threshold)
    primary = {
        place_in(number, place)
        for number, (_, judged, _) in enumerate(tables)
        for place in judged.small.places
        if isinstance(judged.counted.cells.get(place), Released)
    } | links.primary
    kept = {
        place_in(number, place)
        for number, (_, judged, _) in enumerate(tables)
        for place in judged.kept
    }
    costs = {
        place_in(number, place): cost
        for number, (_, judged, _) in enumerate(tables)
        for place, cost in _costs(judged)
    }
    printed = {
        place_in(number, place): cell
        for number, (_, _, cells) in enumerate(tables)
        for place, cell in cells.items()
    }
    counted = joined(named, links)
    return Problem(
        counted=dataclasses.replace(counted, cells={**counted.cells, **printed}),
        primary=frozenset(primary),
        threshold=threshold,
        kept=frozenset(kept - primary),
        costs=costs,
    )


def _printed_only(named: NamedTable) -> NamedTable:
    """Leave out totals that stand nowhere: they have no name to be known by."""
    cells = {place: cell for place, cell in named.counted.cells.items() if place[0] >= HEADER}
    counted = dataclasses.replace(named.counted, cells=cells)
    return dataclasses.replace(named, counted=counted)


_CELL = 1_000
"""What a cell costs at least; what it costs beyond that settles which of as many cells go."""
_TOTAL = 200
_STATISTIC = 50
_DIGIT = 10
"""What a count costs more than half of it: bits, so that the size of a table does not matter."""
_ZERO = 20_000


def _costs(judged: Judged) -> Iterator[tuple[Place, int]]:
    totals = Counter(place for relation in judged.sums for place in relation.whole)
    statistics = Counter(
        place
        for ratio in judged.ratios
        for place in {ratio.part, *ratio.whole[:1]}
        if len(ratio.whole) == 1 and ratio.place != ratio.part
    )
    for place, cell in judged.counted.cells.items():
        if isinstance(cell, Released):
            size = _DIGIT * cell.count.bit_length() if cell.count else _ZERO
            extra = _TOTAL * (place in totals) + _STATISTIC * statistics[place]
            yield place, _CELL + size + extra


def _by_table(places: Iterable[Place]) -> Mapping[int, set[Place]]:
    found: dict[int, set[Place]] = {}
    for place in places:
        known = place_of(place)
        if known is not None:
            found.setdefault(known[0], set()).add(known[1])
    return found
