"""Patterns for tables of any size: one unsafe cell after the other gets its detour.

Then the cheapest of the cells that were taken are kept that protect without the others.
"""

import dataclasses
from collections.abc import Container, Iterable, Sequence
from collections.abc import Set as AbstractSet

from breachkit.sdc.cells import Place
from breachkit.sdc.integer_bounds import SolverMissingError
from breachkit.sdc.protection.auditing import open_cells, widest
from breachkit.sdc.protection.detours import Detours
from breachkit.sdc.protection.exact import Effort, cheapest
from breachkit.sdc.protection.instance import Instance, counts_of, instance_of
from breachkit.sdc.protection.problem import NoPatternError, Problem


_PRUNING = Effort(rounds=40, nodes=1_000, seconds=3.0)


class Heuristic:
    """Finds a pattern that protects, though not always the cheapest one."""

    name = "heuristic"

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        """Give complementary cells; no bound is known.

        Raises:
            NoPatternError: some cell can be worked out whatever goes.
            SolverMissingError: HiGHS is not installed, and this table needs it.
        """
        instance = instance_of(problem)
        try:
            return instance.at(protecting(instance, counts_of(instance))), None
        except SolverMissingError:
            return instance.at(by_neighbours(instance)), None


def protecting(
    instance: Instance, counts: Sequence[int], begun: Iterable[frozenset[int]] = ()
) -> frozenset[int]:
    """Give cheap complementary cells that protect.

    Args:
        instance: The problem.
        counts: Counts that its table may have.
        begun: Sets of complementary cells to begin with; none to begin from nothing.

    Raises:
        NoPatternError: some cell can be worked out whatever goes.
    """
    patterns = [
        pruned(instance, grown(instance, counts, some)) for some in (frozenset[int](), *begun)
    ]
    return min(patterns, key=lambda taken: (cost(instance, taken), sorted(taken)))


def cost(instance: Instance, taken: Iterable[int]) -> int:
    """Give what losing cells costs together."""
    return sum(map(instance.cost, taken))


def pruned(instance: Instance, taken: frozenset[int]) -> frozenset[int]:
    """Give back what protects without: the cheapest pattern within one, if that is soon found."""
    try:
        search = cheapest(dataclasses.replace(instance, candidates=taken), _PRUNING)
    except NoPatternError:
        return taken
    return taken if search.found is None else search.found


def by_neighbours(instance: Instance) -> frozenset[int]:
    """Give cells that protect without a linear program: the cheapest beside unsafe ones.

    Raises:
        NoPatternError: some cell can be worked out whatever goes.
        SolverMissingError: the audit needs HiGHS to say whether they protect.
    """
    taken: frozenset[int] = frozenset()
    while unsafe := open_cells(instance, taken):
        found = _beside(instance, unsafe, taken)
        if not found:
            return widest(instance)
        taken |= found
    for index in sorted(taken, key=lambda index: (-instance.cost(index), index)):
        if not open_cells(instance, taken - {index}):
            taken -= {index}
    return taken


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
    while unsafe := open_cells(instance, frozenset(taken)):
        found = _detours(detours, unsafe) or _beside(instance, unsafe, taken)
        if not found:  # it went through cells that can always be worked out themselves
            return widest(instance)
        for index in sorted(found):
            detours.take_out(index)
        taken |= found
    return frozenset(taken)


def _detours(detours: Detours, unsafe: Iterable[int]) -> set[int]:
    """Give the cells that flows around unsafe ones need; each flow goes through those of the last."""
    found: set[int] = set()
    for index in unsafe:
        around = detours.around(index) or frozenset()
        for beside in sorted(around):
            detours.take_out(beside)
        found |= around
    return found


def _beside(instance: Instance, unsafe: Container[int], taken: AbstractSet[int]) -> set[int]:
    """Give one more cell where no flow tells which: the cheapest that shares a relation, or any."""
    left = instance.candidates - taken
    near = {
        index
        for constraint in instance.constraints
        if any(at in unsafe for at, _ in constraint.terms)
        for index, _ in constraint.terms
    }
    some = left & near or left
    return {min(some, key=lambda index: (instance.cost(index), index))} if some else set()
