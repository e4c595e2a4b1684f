"""What can be worked out about cells that were taken out of a table.

Every printed number, with its way of rounding, becomes an interval; so does every mark. Sums and
shares narrow them (`sdc.intervals`), and where relations overlap in circles, such as the rows and
columns of a table, integer programming gives the tightest bounds (`sdc.integer_bounds`).

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928, for the attacker's problem. The verdicts are our own names.
"""

import enum
import itertools
from collections.abc import Mapping, Sequence

from breachkit.model.records import dataclass, field
from breachkit.sdc.cells import CountTable, Place, Suppressed
from breachkit.sdc.integer_bounds import (
    Bounded,
    InfeasibleError,
    Limits,
    SolverMissingError,
    Solves,
    integer_bounds,
)
from breachkit.sdc.intervals import (
    ContradictionError,
    Interval,
    Linear,
    components,
    is_tree,
    propagate,
)
from breachkit.sdc.systems import constraints_of, domain_of, is_kept
from breachkit.sdc.witnesses import Witnesses


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
    """Sound always; as tight as they can be where `decided` and nothing is `shown`."""
    decided: bool = True
    """False where only the solver could have said more, and it is missing or was out of budget."""
    shown: Interval | None = field(default=None, repr=False)
    """Two tables of whole numbers agree with all that is known, and have these ends in the cell.
    They prove that it is safe, so that nobody asked for tighter `bounds`. None: not needed."""


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
        """Whether every verdict is final."""
        return all(judgement.decided for judgement in self.cells.values())

    def places(self, *verdicts: Verdict) -> tuple[Place, ...]:
        """Give the cells that have one of these verdicts, in order."""
        return tuple(
            sorted(place for place, found in self.cells.items() if found.verdict in verdicts)
        )


MAX_SOLVES = 200
"""Integer programs for one table."""
PROOF = Limits(numbers=200_000, constraints=50_000, nodes=20_000, seconds=10.0)
"""What a proof may take: the table is one that somebody redacts, and waits for."""
PROOF_SOLVES = 100_000


def audit(table: CountTable, threshold: int, *, max_solves: int = MAX_SOLVES) -> Audit:
    """Find out what a table tells about each of its suppressed cells. Never raises.

    Args:
        table: Its cells, and how they add up. Relations over cells that it does not have are
            left out.
        threshold: The largest count that may not be released.
        max_solves: Bound on the work beyond propagation.
    """
    return _Auditor(table, threshold, Solves(max_solves)).audit()


def prove(table: CountTable, threshold: int, *, max_solves: int = PROOF_SOLVES) -> Audit:
    """Find out whether each suppressed cell of a table is safe, however large it is. Never raises.

    The verdicts are those of `audit`, and final where that would have been out of budget. Of safe
    cells there are the tables that prove it (`Judgement.shown`) instead of the tightest bounds.

    Args:
        table: As for `audit`.
        threshold: The largest count that may not be released.
        max_solves: Bound on the linear and integer programs.
    """
    return _Prover(table, threshold, Solves(max_solves, limits=PROOF)).audit()


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
        self._domains = list(map(domain_of, self._cells))
        self._constraints: list[Linear] = []
        self._relation_of: list[int] = []
        self._conflicts: set[int] = set()
        self._found: dict[int, Judgement] = {}
        self._missing = False
        self._read_relations(table)

    def _read_relations(self, table: CountTable) -> None:
        index_of = {place: index for index, place in enumerate(self._places)}
        for number, relation in enumerate(table.relations):
            for constraint in constraints_of(relation, index_of):
                folded = self._folded(constraint)
                if folded.terms:
                    self._constraints.append(folded)
                    self._relation_of.append(number)
                elif not is_kept(folded, 0):
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
        new_index = {index: position for position, index in enumerate(members)}
        constraints = [
            _renumbered(constraint, new_index)
            for constraint in map(self._constraints.__getitem__, numbers)
        ]
        cells = [self._cells[index] for index in members]
        wanted = {at: cell for at, cell in enumerate(cells) if isinstance(cell, Suppressed)}
        domains = [self._domains[index] for index in members]
        try:
            bounds = self._bounds(domains, constraints, wanted)
        except (ContradictionError, InfeasibleError):
            self._conflicts.update(self._relation_of[number] for number in numbers)
            bounds = dict.fromkeys(wanted, Bounded(Interval(1, 0), proven=True))
        for at, cell in wanted.items():
            self._found[members[at]] = self._judged(cell, bounds[at])

    def _bounds(
        self,
        domains: Sequence[Interval],
        constraints: Sequence[Linear],
        wanted: Mapping[int, Suppressed],
    ) -> dict[int, Bounded]:
        narrowed = propagate(domains, constraints)
        open_ends = {at: cell for at, cell in wanted.items() if not narrowed[at].is_exact}
        found = {at: Bounded(narrowed[at], proven=True) for at in wanted}
        # Exact numbers of a system with circles rest on it having a solution at all.
        to_solve = open_ends or dict(itertools.islice(wanted.items(), 1))
        if not to_solve or is_tree(len(domains), constraints):
            return found
        try:
            return found | self._solved(narrowed, constraints, to_solve)
        except SolverMissingError:
            self._missing = self._missing or bool(open_ends)
            return found | {at: Bounded(narrowed[at], proven=False) for at in open_ends}

    def _solved(
        self,
        domains: Sequence[Interval],
        constraints: Sequence[Linear],
        wanted: Mapping[int, Suppressed],
    ) -> dict[int, Bounded]:
        return integer_bounds(domains, constraints, wanted, self._solves)

    def _judged(self, cell: Suppressed, bounded: Bounded) -> Judgement:
        known = bounded.interval if bounded.shown is None else bounded.shown
        verdict = verdict_on(known, cell.prior, self._threshold)
        return Judgement(verdict, bounded.interval, bounded.proven, bounded.shown)


class _Prover(_Auditor):
    """Asks for the tightest bounds only of cells that no solutions show to be safe."""

    def _solved(
        self,
        domains: Sequence[Interval],
        constraints: Sequence[Linear],
        wanted: Mapping[int, Suppressed],
    ) -> dict[int, Bounded]:
        def enough(at: int, shown: Interval) -> bool:
            return verdict_on(shown, wanted[at].prior, self._threshold) is Verdict.SAFE

        radius = self._threshold + 1
        found = Witnesses(domains, constraints, self._solves, radius=radius).show(wanted, enough)
        safe = {
            at: Bounded(domains[at], proven=True, shown=shown)
            for at, shown in found.items()
            if enough(at, shown)
        }
        rest = {at: cell for at, cell in wanted.items() if at not in safe}
        return safe | super()._solved(domains, constraints, rest)


def _renumbered(constraint: Linear, new_index: Mapping[int, int]) -> Linear:
    terms = tuple((new_index[index], factor) for index, factor in constraint.terms)
    return Linear(terms, constraint.low, constraint.high)
