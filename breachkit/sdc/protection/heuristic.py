"""Patterns for tables of any size: one unsafe cell after the other gets its detour."""

from collections.abc import Sequence

from breachkit.sdc.audit import Audit, Verdict, prove
from breachkit.sdc.cells import Place
from breachkit.sdc.protection.detours import Detours
from breachkit.sdc.protection.instance import Instance, counts_of, instance_of, published
from breachkit.sdc.protection.problem import NoPatternError, Problem


class Heuristic:
    """Finds a pattern that protects, though not always the cheapest one."""

    name = "heuristic"

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        """Give complementary cells; no bound is known.

        Raises:
            NoPatternError: some cell can be worked out whatever goes.
            SolverMissingError: HiGHS is not installed.
        """
        instance = instance_of(problem)
        return instance.at(grown(instance, counts_of(instance))), None


def grown(
    instance: Instance, counts: Sequence[int], begun: frozenset[int] = frozenset()
) -> frozenset[int]:
    """Give complementary cells so that all suppressed cells are safe.

    Args:
        instance: The problem.
        counts: Counts that its table may have.
        begun: Complementary cells to begin with.

    Raises:
        NoPatternError: some cell can be worked out whatever goes.
    """
    detours = Detours(instance, counts)
    taken = set(begun)
    for index in sorted(begun):
        detours.take_out(index)
    while unsafe := unsafe_cells(instance, frozenset(taken)):
        before = len(taken)
        for index in unsafe:
            around = detours.around(index)
            for found in sorted(around or ()):
                detours.take_out(found)
                taken.add(found)
        if len(taken) == before:
            taken |= _beside(instance, detours, unsafe, taken)
    return frozenset(taken)


def _beside(
    instance: Instance, detours: Detours, unsafe: Sequence[int], taken: set[int]
) -> set[int]:
    """Give one more cell where no flow tells which: the cheapest that shares a relation, or any."""
    left = instance.candidates - taken
    near = {
        index
        for constraint in instance.constraints
        if any(at in unsafe for at, _ in constraint.terms)
        for index, _ in constraint.terms
    }
    for some in (left & near, left):
        if some:
            found = min(some, key=lambda index: (instance.cost(index), index))
            detours.take_out(found)
            return {found}
    places = tuple(instance.places[index] for index in unsafe)
    raise NoPatternError("some cells can be worked out whatever else is taken out", places)


def judged(instance: Instance, taken: frozenset[int]) -> Audit:
    """Audit a pattern."""
    problem = instance.problem
    return prove(published(problem, instance.at(instance.start | taken)), instance.threshold)


def unsafe_cells(instance: Instance, taken: frozenset[int]) -> tuple[int, ...]:
    """Give the suppressed cells that are not known to be safe, in order."""
    cells = judged(instance, taken).cells
    return tuple(
        index
        for index in sorted(instance.start | taken)
        if cells[instance.places[index]].verdict is not Verdict.SAFE
        or not cells[instance.places[index]].decided
    )
