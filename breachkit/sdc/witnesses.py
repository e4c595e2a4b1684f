"""Solutions of a system of constraints that show how far apart its numbers can be.

That a suppressed cell is safe needs no tightest bounds: two tables of whole numbers that agree with
all that is printed, and differ enough in the cell, prove it. One solution serves many cells at once.
All numbers are sent off from one solution, each a few units up or down, and those that went far
enough are done; what is left is then sent as far as it goes, one by one.

Every solution is checked in whole numbers before it counts, so that rounding errors prove nothing.

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928: a cell is protected where such two "congruent tables" exist.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from breachkit.sdc.integer_bounds import InfeasibleError, Solves
from breachkit.sdc.intervals import Interval, Linear
from breachkit.sdc.solving import (
    add_row,
    end,
    is_infeasible,
    is_trusted,
    make_whole,
    new_model,
    run,
)
from breachkit.sdc.systems import keeps


Enough = Callable[[int, Interval], bool]
"""Says of a number whether solutions that take both ends of an interval are all that is asked."""

_MOST_ROUNDS = 40
_ROUNDS_WITHOUT = 4
"""Rounds for all numbers at once, and those in a row that show nothing new, before each goes alone."""
_FRACTION = 1e-6


class Witnesses:
    """Looks for solutions of one system, and keeps what they show each number to take."""

    def __init__(
        self,
        domains: Sequence[Interval],
        constraints: Sequence[Linear],
        solves: Solves,
        *,
        radius: int,
    ) -> None:
        """Prepare the search.

        Args:
            domains: What each number may be.
            constraints: Their `terms` index `domains`.
            solves: Where the work is accounted for.
            radius: How far from the first solution numbers are sent together.

        Raises:
            SolverMissingError: HiGHS is not installed.
        """
        self._domains = domains
        self._constraints = constraints
        self._solves = solves
        self._radius = radius
        self._is_whole = False
        self._shown: list[Interval] | None = None
        self._model = self._built()

    def _built(self) -> Any:
        model = new_model(presolve="off", mip_max_nodes=self._solves.limits.nodes)
        for domain in self._domains:
            model.addVar(0.0, end(domain.width))
        for constraint in filter(is_trusted, self._constraints):
            known = sum(factor * self._domains[index].low for index, factor in constraint.terms)
            add_row(model, constraint, known)
        return model

    def show(self, wanted: Iterable[int], enough: Enough) -> dict[int, Interval]:
        """Give, for numbers, two ends that solutions take; fewer numbers where none was found.

        Args:
            wanted: The indices of the numbers.
            enough: What is asked of each.

        Raises:
            InfeasibleError: no numbers keep the constraints.
        """
        wanted = list(wanted)
        first = self._solution({})
        if first is None:
            return {}
        self._box(first)
        self._send_together(wanted, enough)
        self._unbox()
        for index in self._left(wanted, enough):
            self._send_alone(index, enough)
        shown = self._shown or []
        return {index: shown[index] for index in wanted}

    def _box(self, first: Sequence[int]) -> None:
        for index, (number, domain) in enumerate(zip(first, self._domains, strict=True)):
            near = Interval(max(0, number - self._radius), number + self._radius).meet(domain)
            self._limit(index, near)

    def _unbox(self) -> None:
        for index, domain in enumerate(self._domains):
            self._limit(index, domain)

    def _limit(self, index: int, interval: Interval) -> None:
        low = self._domains[index].low
        high = None if interval.high is None else interval.high - low
        self._model.changeColBounds(index, float(interval.low - low), end(high))

    def _left(self, wanted: Iterable[int], enough: Enough) -> list[int]:
        shown = self._shown or []
        return [index for index in wanted if not enough(index, shown[index])]

    def _send_together(self, wanted: Sequence[int], enough: Enough) -> None:
        left, fruitless = self._left(wanted, enough), 0
        for number in range(_MOST_ROUNDS):
            if not left or fruitless == _ROUNDS_WITHOUT:
                return
            sign = -1 if number % 2 else 1
            self._solution({index: sign * _direction(index, number // 2) for index in left})
            before, left = left, self._left(left, enough)
            fruitless = fruitless + 1 if len(left) == len(before) else 0

    def _send_alone(self, index: int, enough: Enough) -> None:
        for sign in (1, -1):
            if self._shown is not None and not enough(index, self._shown[index]):
                self._solution({index: sign})

    def _solution(self, weights: dict[int, int]) -> list[int] | None:
        """Give a solution with the least sum of weight times number, or one that is close to it.

        What is found is remembered.
        """
        numbers = self._solved(weights)
        if numbers is None and not self._is_whole:
            self._make_whole()
            numbers = self._solved(weights)
        if numbers is not None:
            self._remember(numbers)
        return numbers

    def _make_whole(self) -> None:
        self._is_whole = True
        for index in range(len(self._domains)):
            make_whole(self._model, index)

    def _solved(self, weights: dict[int, int]) -> list[int] | None:
        model = self._model
        if not self._solves.take():
            return None
        for index, weight in weights.items():
            model.changeColCost(index, float(weight))
        run(model, self._solves.limits.seconds)
        values = list(model.getSolution().col_value)
        for index in weights:
            model.changeColCost(index, 0.0)
        if is_infeasible(model):
            raise InfeasibleError
        return self._checked(values)

    def _checked(self, values: Sequence[float]) -> list[int] | None:
        """Give values as whole numbers; None where they are none, or do not keep the constraints."""
        if len(values) != len(self._domains) or not all(map(math.isfinite, values)):
            return None
        if any(abs(value - round(value)) > _FRACTION for value in values):
            return None
        numbers = [
            round(value) + domain.low for value, domain in zip(values, self._domains, strict=True)
        ]
        inside = map(Interval.holds, self._domains, numbers)
        kept = all(inside) and all(keeps(constraint, numbers) for constraint in self._constraints)
        return numbers if kept else None

    def _remember(self, numbers: Sequence[int]) -> None:
        if self._shown is None:
            self._shown = [Interval(number, number) for number in numbers]
            return
        for index, (number, shown) in enumerate(zip(numbers, self._shown, strict=True)):
            if not shown.holds(number):
                high = max(shown.high or 0, number)
                self._shown[index] = Interval(min(shown.low, number), high)


def _direction(index: int, number: int) -> int:
    """Give 1 or -1, as if by chance, and the same every time."""
    mixed = (index + 1) * 2654435761 ^ (number + 1) * 40503  # Knuth's multiplicative hashing
    return 1 if (mixed * 2246822519 >> 13) & 1 else -1
