"""A suppression problem as numbered cells and constraints, as all engines need it."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from breachkit.model.records import dataclass
from breachkit.sdc.audit import Verdict, verdict_on
from breachkit.sdc.cells import Cell, CountTable, Place, Relation, Released, Suppressed
from breachkit.sdc.integer_bounds import InfeasibleError, Limits, Solves
from breachkit.sdc.intervals import (
    ANY,
    ContradictionError,
    Interval,
    Linear,
    components,
    propagate,
)
from breachkit.sdc.protection.problem import NoPatternError, Problem
from breachkit.sdc.systems import constraints_of, domain_of
from breachkit.sdc.witnesses import Witnesses


NOT_ADDING_UP = "the printed counts do not add up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A problem whose cells have numbers from 0, in the order of their places."""

    problem: Problem
    places: tuple[Place, ...]
    index_of: Mapping[Place, int]
    constraints: tuple[Linear, ...]
    printed: tuple[Interval, ...]
    """What is known of each cell as long as it is printed; of one that was out, what its mark says."""
    start: frozenset[int]
    """Cells that are out whatever else happens: primary ones, and those that were out already."""
    candidates: frozenset[int]
    """Cells that may go beside them."""

    @property
    def threshold(self) -> int:
        """The largest disclosive count."""
        return self.problem.threshold

    def cost(self, index: int) -> int:
        """Give what losing a cell costs."""
        return self.problem.costs.get(self.places[index], 1)

    def hidden(self, index: int) -> Interval:
        """Give what is known by itself of a cell that is out."""
        cell = self.problem.counted.cells[self.places[index]]
        return cell.prior if isinstance(cell, Suppressed) else ANY

    def is_safe(self, index: int, known: Interval) -> bool:
        """Say whether a suppressed cell is safe if so much is known of it."""
        return verdict_on(known, self.hidden(index), self.threshold) is Verdict.SAFE

    def wanted_width(self, index: int) -> int:
        """Give how far apart the ends have to be of what is known of a suppressed cell, at least."""
        most, wanted = self.hidden(index).width, max(1, self.threshold - 1)
        return wanted if most is None else min(wanted, most)

    def numbers(self, places: Iterable[Place]) -> frozenset[int]:
        """Give the numbers of places."""
        return frozenset(map(self.index_of.__getitem__, places))

    def at(self, indices: Iterable[int]) -> frozenset[Place]:
        """Give the places of numbers."""
        return frozenset(map(self.places.__getitem__, indices))


def instance_of(problem: Problem) -> Instance:
    """Number the cells of a problem."""
    places = tuple(sorted(problem.counted.cells))
    cells = problem.counted.cells
    index_of = {place: index for index, place in enumerate(places)}
    start = problem.primary | already_out(problem.counted)
    constraints = tuple(
        constraint
        for relation in problem.counted.relations
        for constraint in constraints_of(relation, index_of)
    )
    return Instance(
        problem=problem,
        places=places,
        index_of=index_of,
        constraints=constraints,
        printed=tuple(domain_of(cells[place]) for place in places),
        start=frozenset(index_of[place] for place in start),
        candidates=frozenset(
            index
            for index, place in enumerate(places)
            if isinstance(cells[place], Released) and place not in problem.kept | start
        ),
    )


def already_out(table: CountTable) -> frozenset[Place]:
    """Give the cells that were taken out of a table before."""
    return frozenset(place for place, cell in table.cells.items() if isinstance(cell, Suppressed))


def published(problem: Problem, suppressed: Collection[Place]) -> CountTable:
    """Give the table as an attacker sees it once cells are out."""
    hidden = frozenset(suppressed)
    cells: dict[Place, Cell] = {
        place: Suppressed() if place in hidden and isinstance(cell, Released) else cell
        for place, cell in problem.counted.cells.items()
    }
    return CountTable(
        cells=cells, relations=problem.counted.relations, is_cut=problem.counted.is_cut
    )


def counts_of(instance: Instance) -> list[int]:
    """Give counts that the whole table may have: the printed ones where they are exact.

    Raises:
        NoPatternError: no counts agree with all that is printed.
        SolverMissingError: some are not known, and HiGHS is not installed.
    """
    refuse_contradictions(instance)
    if all(domain.is_exact for domain in instance.printed):
        return [domain.low for domain in instance.printed]
    solves = Solves(10, limits=Limits(seconds=10.0, nodes=20_000))
    finder = Witnesses(instance.printed, instance.constraints, solves, radius=0)
    try:
        found = finder.show(range(len(instance.places)), lambda *_: True)
    except InfeasibleError:
        found = {}
    if not found:
        raise NoPatternError(NOT_ADDING_UP)
    return [found[index].low for index in range(len(instance.places))]


def refuse_contradictions(instance: Instance) -> None:
    """Make sure that printed counts add up as relations say.

    Raises:
        NoPatternError: some do not; its places are those of one relation.
    """
    try:
        propagate(instance.printed, instance.constraints)
    except ContradictionError as error:
        broken = instance.constraints[error.constraint]
        places = tuple(sorted(instance.at(index for index, _ in broken.terms)))
        raise NoPatternError(NOT_ADDING_UP, places) from None


def separate(problem: Problem) -> Iterator[Problem]:
    """Split a problem into those that no relation connects, each with cells that must not be seen."""
    counted = problem.counted
    places = sorted(counted.cells)
    index_of = {place: index for index, place in enumerate(places)}
    links = [
        (relation, linked)
        for relation in counted.relations
        for linked in constraints_of(relation, index_of)
        if linked.terms
    ]
    sets = components(len(places), [linked for _, linked in links])
    set_of = {index: number for number, members in enumerate(sets) for index in members}
    relations: dict[int, dict[Relation, None]] = {}
    for relation, linked in links:
        relations.setdefault(set_of[linked.terms[0][0]], {})[relation] = None
    start = problem.primary | already_out(counted)
    for number, members in enumerate(sets):
        inside = frozenset(places[index] for index in members)
        if inside & start:
            yield _part(problem, inside, tuple(relations.get(number, ())))


def _part(problem: Problem, inside: frozenset[Place], relations: tuple[Relation, ...]) -> Problem:
    cells = {place: cell for place, cell in problem.counted.cells.items() if place in inside}
    return Problem(
        counted=CountTable(cells=cells, relations=relations, is_cut=problem.counted.is_cut),
        primary=problem.primary & inside,
        threshold=problem.threshold,
        kept=problem.kept & inside,
        costs={place: cost for place, cost in problem.costs.items() if place in inside},
    )
