"""What can be worked out about cells that were taken out of a table.

Every printed number, with its way of rounding, becomes an interval; so does every mark. Sums and
shares narrow them (`sdc.intervals`), and where relations overlap in circles, such as the rows and
columns of a table, integer programming gives the tightest bounds (`sdc.integer_bounds`).

Source: opensafely.md §8 (verdicts); Fischetti and Salazar 2000 (the attacker's problem).
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import Cell, CountTable, Place, Released, Share, Sum, Suppressed, origins
from breachkit.sdc.integer_bounds import InfeasibleError, SolverMissingError, Solves, integer_bounds
from breachkit.sdc.intervals import (
    ANY,
    ContradictionError,
    Interval,
    Linear,
    components,
    is_tree,
    propagate,
)


class Verdict(enum.Enum):
    """What becomes known of a suppressed cell. The words stand in findings."""

    EXACT = "EXACT"
    """One number only agrees with the table."""
    WITHIN_T = "WITHIN-T"
    """It is at least 1 and at most the threshold: it counts people, and few."""
    NARROW = "NARROW"
    """Fewer numbers agree with the table than lie from 1 to the threshold."""
    SAFE = "SAFE"
    """Nothing, or too little to matter."""
    INCONSISTENT = "INCONSISTENT"
    """No number agrees: the relations are wrong, or the table is."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What becomes known of one suppressed cell."""

    verdict: Verdict
    bounds: Interval = field(repr=False)
    """Sound always; as tight as they can be where `decided`."""
    decided: bool = True
    """False where only the solver could have said more, and it is missing or was out of budget."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What becomes known of all suppressed cells of a table."""

    cells: Mapping[Place, Judgement]
    conflicts: tuple[int, ...] = ()
    """Relations (counted from 0) that printed numbers break, or whose system has no solution."""
    solver_missing: bool = False
    """Some cell is undecided because HiGHS is not installed."""
    solves: int = 0
    """Integer programs that it took."""

    @property
    def decided(self) -> bool:
        """Whether every bound is as tight as it can be."""
        return all(judgement.decided for judgement in self.cells.values())

    def places(self, *verdicts: Verdict) -> tuple[Place, ...]:
        """Give the cells that have one of these verdicts, in order."""
        return tuple(
            sorted(place for place, found in self.cells.items() if found.verdict in verdicts)
        )


MAX_SOLVES = 200
"""Integer programs for one table."""


def audit(table: CountTable, threshold: int, *, max_solves: int = MAX_SOLVES) -> Audit:
    """Find out what a table tells about each of its suppressed cells. Never raises.

    Args:
        table: Its cells, and how they add up. Relations over cells that it does not have are
            left out.
        threshold: The largest count that may not be released.
        max_solves: Bound on the work beyond propagation.
    """
    return _Auditor(table, threshold, Solves(max_solves)).audit()


def verdict_on(bounds: Interval, prior: Interval, threshold: int) -> Verdict:
    """Judge what is known of a cell beyond what its mark says.

    Args:
        bounds: All that is known.
        prior: What its mark says by itself.
        threshold: The largest count that may not be released.
    """
    if bounds.is_empty:
        return Verdict.INCONSISTENT
    if bounds == prior:
        return Verdict.SAFE
    if bounds.is_exact:
        return Verdict.EXACT
    within = bounds.low >= 1 and bounds.high is not None and bounds.high <= threshold
    if within and not (prior.high is not None and prior.high <= threshold):
        return Verdict.WITHIN_T
    narrow = bounds.width is not None and bounds.width < threshold - 1
    return Verdict.NARROW if narrow else Verdict.SAFE


class _Auditor:
    def __init__(self, table: CountTable, threshold: int, solves: Solves) -> None:
        self._threshold = threshold
        self._solves = solves
        self._places = sorted(table.cells)
        self._cells = [table.cells[place] for place in self._places]
        self._domains = list(map(_domain, self._cells))
        self._constraints: list[Linear] = []
        self._relation_of: list[int] = []
        self._conflicts: set[int] = set()
        self._found: dict[int, Judgement] = {}
        self._missing = False
        self._read_relations(table)

    def _read_relations(self, table: CountTable) -> None:
        index_of = {place: index for index, place in enumerate(self._places)}
        for number, relation in enumerate(table.relations):
            for constraint in _constraints(relation, index_of):
                folded = self._folded(constraint)
                if folded.terms:
                    self._constraints.append(folded)
                    self._relation_of.append(number)
                elif not _holds(folded):
                    self._conflicts.add(number)

    def _folded(self, constraint: Linear) -> Linear:
        """Take the numbers that are known out of a constraint."""
        known = sum(
            factor * self._domains[index].low
            for index, factor in constraint.terms
            if self._domains[index].is_exact
        )
        terms = tuple(term for term in constraint.terms if not self._domains[term[0]].is_exact)
        low = None if constraint.low is None else constraint.low - known
        high = None if constraint.high is None else constraint.high - known
        return Linear(terms, low, high)

    def audit(self) -> Audit:
        by_first: dict[int, list[int]] = {}
        sets = components(len(self._domains), self._constraints)
        set_of = {index: number for number, members in enumerate(sets) for index in members}
        for number, constraint in enumerate(self._constraints):
            by_first.setdefault(set_of[constraint.terms[0][0]], []).append(number)
        for number, members in enumerate(sets):
            self._judge_set(members, by_first.get(number, []))
        return Audit(
            cells={self._places[index]: found for index, found in sorted(self._found.items())},
            conflicts=tuple(sorted(self._conflicts)),
            solver_missing=self._missing,
            solves=self._solves.used,
        )

    def _judge_set(self, members: Sequence[int], numbers: Sequence[int]) -> None:
        """Judge the suppressed cells among numbers that are connected with each other only."""
        wanted = [index for index in members if isinstance(self._cells[index], Suppressed)]
        new_index = {index: position for position, index in enumerate(members)}
        constraints = [
            _renumbered(constraint, new_index)
            for constraint in map(self._constraints.__getitem__, numbers)
        ]
        domains = [self._domains[index] for index in members]
        try:
            bounds = self._bounds(domains, constraints, [new_index[index] for index in wanted])
        except (ContradictionError, InfeasibleError):
            self._conflicts.update(self._relation_of[number] for number in numbers)
            bounds = {new_index[index]: (Interval(1, 0), True) for index in wanted}
        for index in wanted:
            self._found[index] = self._judged(index, *bounds[new_index[index]])

    def _bounds(
        self, domains: Sequence[Interval], constraints: Sequence[Linear], wanted: Sequence[int]
    ) -> dict[int, tuple[Interval, bool]]:
        narrowed = propagate(domains, constraints)
        open_ends = [index for index in wanted if not narrowed[index].is_exact]
        found = {index: (narrowed[index], True) for index in wanted}
        # Exact numbers of a system with circles rest on it having a solution at all.
        to_solve = wanted[:1] if wanted and not open_ends else open_ends
        if not to_solve or is_tree(len(domains), constraints):
            return found
        try:
            solved = integer_bounds(narrowed, constraints, to_solve, self._solves)
        except SolverMissingError:
            self._missing = self._missing or bool(open_ends)
            return found | {index: (narrowed[index], False) for index in open_ends}
        return found | {
            index: (bounded.interval, bounded.proven) for index, bounded in solved.items()
        }

    def _judged(self, index: int, bounds: Interval, decided: bool) -> Judgement:  # noqa: FBT001 - a pair
        cell = self._cells[index]
        prior = cell.prior if isinstance(cell, Suppressed) else ANY
        return Judgement(verdict_on(bounds, prior, self._threshold), bounds, decided)


def _domain(cell: Cell) -> Interval:
    match cell:
        case Released():
            return origins(cell.count, cell.regime)
        case Suppressed():
            return cell.prior
        case _:
            return ANY


def _constraints(relation: Sum | Share, index_of: Mapping[Place, int]) -> Iterable[Linear]:
    match relation:
        case Sum():
            terms = _terms([(place, 1) for place in relation.parts], index_of)
            whole = _terms([(place, -1) for place in relation.whole], index_of)
            if terms is not None and whole is not None:
                yield _linear((*terms, *whole), 0, 0)
        case Share():
            # The part, times the scale, is at least low and at most high times the whole.
            for factor, low, high in ((relation.low, 0, None), (relation.high, None, 0)):
                pair = [(relation.part, relation.scale), (relation.whole, -factor)]
                terms = _terms(pair, index_of)
                if terms is not None:
                    yield _linear(terms, low, high)
        case _:
            assert_never(relation)


def _terms(
    pairs: Iterable[tuple[Place, int]], index_of: Mapping[Place, int]
) -> tuple[tuple[int, int], ...] | None:
    """Number the places; None where the table does not have one of them."""
    pairs = tuple(pairs)
    if any(place not in index_of for place, _ in pairs):
        return None
    return tuple((index_of[place], factor) for place, factor in pairs)


def _linear(terms: Iterable[tuple[int, int]], low: int | None, high: int | None) -> Linear:
    """Add up the factors of each number, and leave out those that cancel."""
    factors: dict[int, int] = {}
    for index, factor in terms:
        factors[index] = factors.get(index, 0) + factor
    return Linear(tuple((index, factor) for index, factor in factors.items() if factor), low, high)


def _holds(constraint: Linear) -> bool:
    return (constraint.low is None or constraint.low <= 0) and (
        constraint.high is None or constraint.high >= 0
    )


def _renumbered(constraint: Linear, new_index: Mapping[int, int]) -> Linear:
    terms = tuple((new_index[index], factor) for index, factor in constraint.terms)
    return Linear(terms, constraint.low, constraint.high)
