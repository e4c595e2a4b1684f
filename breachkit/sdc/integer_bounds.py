"""The least and the most that numbers can be under linear constraints: integer programming.

HiGHS solves it, which `breachkit[formats]` installs. Only systems with circles come here (rows and
columns of a table at once); what holds there is found in a few milliseconds, since tables of sums
have nearly integral relaxations.

Source: Q. Huangfu and J. A. J. Hall, "Parallelizing the dual revised simplex method", Mathematical
Programming Computation 10 (2018) 119-142; M. Fischetti and J. J. Salazar, "Models and algorithms
for optimizing cell suppression in tabular data", JASA 95 (2000) 916-928, for the attacker's
problem: minimise and maximise each suppressed cell over all tables that agree with what is printed.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any

from breachkit.model.records import dataclass, field
from breachkit.sdc.intervals import Interval, Linear
from breachkit.sdc.systems import keeps


MAX_FACTOR = 10_000
"""Larger factors make floating point doubtful: constraints that have one are left out, which can
only widen the bounds."""
_TOLERANCE = 1e-6


class SolverMissingError(Exception):
    """HiGHS is not installed: `breachkit[formats]` brings it."""

    def __init__(self) -> None:
        super().__init__("needs breachkit[formats]")


class InfeasibleError(Exception):
    """No whole numbers keep the constraints."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be spent on one system; the defaults are for tables met by the thousand."""

    numbers: int = 600
    """Numbers in one system; larger ones are not solved."""
    constraints: int = 600
    nodes: int = 2_000
    """Of the search tree of one integer program."""
    seconds: float = 0.5
    """On one integer program."""


@dataclass(slots=True)
class Solves:
    """How many more integer programs may be solved; shared by all systems of one table."""

    left: int
    used: int = 0
    limits: Limits = Limits()

    def take(self) -> bool:
        """Take account of one; say whether it may be solved. After one that took too long, none may."""
        if self.left <= 0:
            return False
        self.left -= 1
        self.used += 1
        return True


@dataclass(frozen=True, slots=True)
class Bounded:
    """What a number can be."""

    interval: Interval = field(repr=False)
    proven: bool
    """Whether both ends are known to be taken by some solution."""
    shown: Interval | None = field(default=None, repr=False)
    """Ends that solutions take, where nobody asked for more."""


def solver() -> Any:
    """Give the module of HiGHS.

    Raises:
        SolverMissingError: it is not installed.
    """
    try:
        import highspy
    except ImportError:
        raise SolverMissingError from None
    return highspy


def integer_bounds(
    domains: Sequence[Interval],
    constraints: Sequence[Linear],
    wanted: Iterable[int],
    solves: Solves,
) -> dict[int, Bounded]:
    """Bound numbers as tightly as constraints allow.

    Args:
        domains: What each number may be, as narrow as propagation leaves it.
        constraints: Their `terms` index `domains`.
        wanted: The indices of the numbers to bound.
        solves: Where the work is accounted for.

    Raises:
        InfeasibleError: no whole numbers keep the constraints.
        SolverMissingError: HiGHS is not installed.
    """
    if len(domains) > solves.limits.numbers or len(constraints) > solves.limits.constraints:
        return {index: Bounded(domains[index], proven=False) for index in wanted}
    return _System(domains, constraints, solves).bound(wanted)


class _System:
    """One system of constraints. Numbers are counted from their lower bounds, which keeps them small."""

    def __init__(
        self, domains: Sequence[Interval], constraints: Sequence[Linear], solves: Solves
    ) -> None:
        self._highs = solver()
        self._domains = domains
        self._constraints = constraints
        self._solves = solves
        self._taken: list[tuple[int, int]] | None = None
        self._is_endless = False
        """Whether the number that was asked about last grows without end."""
        self._model = self._built()

    def _built(self) -> Any:
        highs, model = self._highs, self._highs.Highs()
        options = {
            "output_flag": False,
            "threads": 1,  # a pool of threads would not survive the fork of a scan's workers
            "parallel": "off",
            "random_seed": 0,
            "time_limit": self._solves.limits.seconds,
            "mip_max_nodes": self._solves.limits.nodes,
            "mip_rel_gap": 0.0,
        }
        for name, value in options.items():
            model.setOptionValue(name, value)
        for index, domain in enumerate(self._domains):
            model.addVar(0.0, highs.kHighsInf if domain.width is None else float(domain.width))
            model.changeColIntegrality(index, highs.HighsVarType.kInteger)
        for constraint in self._constraints:
            if all(abs(factor) <= MAX_FACTOR for _, factor in constraint.terms):
                self._add(model, constraint)
        return model

    def _add(self, model: Any, constraint: Linear) -> None:
        shift = sum(factor * self._domains[index].low for index, factor in constraint.terms)
        infinity = self._highs.kHighsInf
        low = -infinity if constraint.low is None else float(constraint.low - shift)
        high = infinity if constraint.high is None else float(constraint.high - shift)
        indices, factors = zip(*constraint.terms, strict=True)
        model.addRow(low, high, len(indices), list(indices), list(map(float, factors)))

    def bound(self, wanted: Iterable[int]) -> dict[int, Bounded]:
        return {index: self._bound(index) for index in wanted}

    def _bound(self, index: int) -> Bounded:
        domain = self._domains[index]
        low, low_taken = self._end(index, domain.low, least=True)
        high, high_taken = self._end(index, domain.high, least=False)
        return Bounded(Interval(low or 0, high), proven=low_taken and high_taken)

    def _end(self, index: int, known: int | None, *, least: bool) -> tuple[int | None, bool]:
        """Give one end of a number, and whether a solution takes it."""
        if self._is_taken(index, known, least=least):
            return known, True
        if not self._solves.take():
            return known, False
        found = self._optimum(index, least=least)
        if found is None:
            return known, self._is_endless and known is None
        if known is not None:  # what is found in time may be worse than what was known
            found = max(found, known) if least else min(found, known)
        return found, self._is_taken(index, found, least=least)

    def _is_taken(self, index: int, end: int | None, *, least: bool) -> bool:
        if self._taken is None or end is None:
            return False
        return self._taken[index][0 if least else 1] == end

    def _optimum(self, index: int, *, least: bool) -> int | None:
        """Give a sound end of a number from the solver; None where it gives none."""
        highs, model = self._highs, self._model
        sense = highs.ObjSense.kMinimize if least else highs.ObjSense.kMaximize
        model.changeColCost(index, 1.0)
        model.changeObjectiveSense(sense)
        model.run()
        status, bound = model.getModelStatus(), model.getInfo().mip_dual_bound
        solution = list(model.getSolution().col_value)
        model.changeColCost(index, 0.0)
        without_end = status in _unbounded(highs)
        if status == highs.HighsModelStatus.kInfeasible or (least and without_end):
            raise InfeasibleError  # nothing is less than 0
        if status in (highs.HighsModelStatus.kTimeLimit, highs.HighsModelStatus.kSolutionLimit):
            self._solves.left = 0
        self._remember(solution)
        # With whole factors, what has no end in fractions has none in whole numbers, if there are any.
        self._is_endless = without_end and self._taken is not None
        if without_end or not math.isfinite(bound):
            return None
        rounded: int = math.ceil(bound - _TOLERANCE) if least else math.floor(bound + _TOLERANCE)
        return int(rounded + self._domains[index].low)

    def _remember(self, solution: Sequence[float]) -> None:
        """Widen what solutions have shown each number to take; those that do not check are left out."""
        if len(solution) != len(self._domains) or not all(map(math.isfinite, solution)):
            return
        numbers = [
            round(value) + domain.low for value, domain in zip(solution, self._domains, strict=True)
        ]
        if not self._keeps(numbers):
            return
        pairs = self._taken or [(number, number) for number in numbers]
        self._taken = [
            (min(low, number), max(high, number))
            for (low, high), number in zip(pairs, numbers, strict=True)
        ]

    def _keeps(self, numbers: Sequence[int]) -> bool:
        inside = itertools.starmap(Interval.holds, zip(self._domains, numbers, strict=True))
        return all(inside) and all(keeps(constraint, numbers) for constraint in self._constraints)


def _unbounded(highs: Any) -> tuple[Any, ...]:
    status = highs.HighsModelStatus
    return (status.kUnbounded, status.kUnboundedOrInfeasible)
