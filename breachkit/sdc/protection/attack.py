"""What an attacker gets out of a table by linear programming, and which cells that rests on.

The greatest and the least a suppressed cell can be are linear programs. Their dual solutions price
every printed cell: as long as none of those with a price is taken out too, the attacker gets as far
as now, whatever else is. That gives the inequalities (`Cut`) that every protecting pattern keeps.

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928: capacity constraints from extreme rays of the attacker's dual.
"""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from breachkit.model.records import dataclass, field
from breachkit.sdc.intervals import Interval
from breachkit.sdc.protection.instance import Instance
from breachkit.sdc.solving import add_row, end, is_optimal, is_trusted, new_model, run


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Of a pattern that takes out `cell`, the weights of the other cells it takes out reach 1."""

    cell: int
    weights: Mapping[int, float] = field(repr=False)

    def is_kept(self, taken: Collection[int]) -> bool:
        """Say whether a pattern keeps it that takes out its cell."""
        return sum(weight for index, weight in self.weights.items() if index in taken) >= _REACHED


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How far an attacker gets on one side of a cell, by one dual solution."""

    value: float = field(repr=False)
    """The least that the cell, or its negative, can be now."""
    base: float = field(repr=False)
    """What it is at least if nothing is out but the start and the cell."""
    slopes: Mapping[int, float] = field(repr=False)
    """How much less it may be then, at most, for each cell that is taken out too."""


_NONE = 1e-7
_VIOLATED = 1e-6
_REACHED = 0.98
_A_LITTLE = 0.01
_SECONDS = 10.0
"""On one program."""


class Attack:
    """The attacker's programs for one table; which cells are out can change."""

    def __init__(self, instance: Instance) -> None:
        """Prepare for a table of which only the start is out.

        Raises:
            SolverMissingError: HiGHS is not installed.
        """
        self._instance = instance
        self._taken: frozenset[int] = frozenset()
        self._moving: frozenset[int] = frozenset()
        self._model = self._built()

    def _built(self) -> Any:
        model, instance = new_model(presolve="off"), self._instance
        for index, printed in enumerate(instance.printed):
            domain = instance.hidden(index) if index in instance.start else printed
            model.addVar(float(domain.low), end(domain.high))
        for constraint in filter(is_trusted, instance.constraints):
            add_row(model, constraint)
        return model

    def take_out(self, taken: frozenset[int]) -> None:
        """Say which cells are out beside the start."""
        hidden = {index: self._instance.hidden(index) for index in sorted(taken)}
        self._limit({index: (float(at.low), end(at.high)) for index, at in hidden.items()})
        self._taken = taken

    def _limit(self, limits: Mapping[int, tuple[float, float]]) -> None:
        """Let these cells be within such ends, and all others beside the start what is printed."""
        for index in sorted(self._moving - limits.keys()):
            printed = self._instance.printed[index]
            self._model.changeColBounds(index, float(printed.low), end(printed.high))
        for index, (low, high) in limits.items():
            self._model.changeColBounds(index, low, high)
        self._moving = frozenset(limits)

    def lean_cuts(self, taken: frozenset[int], cells: Iterable[int]) -> dict[int, Cut]:
        """Give inequalities that a pattern breaks and that ask for few cells, where there are some.

        All other cells may be off by a little. So of all dual solutions that price what is out
        alike, the one is found that prices the others least.
        """
        self._limit(
            {index: self._nearly(index, taken) for index in sorted(self._instance.candidates)}
        )
        found = {cell: self._capacity(cell) for cell in cells}
        return {cell: cut for cell, cut in found.items() if cut and not cut.is_kept(taken)}

    def _nearly(self, index: int, taken: frozenset[int]) -> tuple[float, float]:
        printed = self._instance.printed[index]
        off = self._instance.wanted_width(index) * (1.0 if index in taken else _A_LITTLE)
        return printed.low - min(off, printed.low), end(printed.high) + off

    def cut(self, cell: int) -> Cut | None:
        """Give an inequality that the present pattern breaks, since the cell is not safe.

        None where real numbers would make it safe, and only whole ones do not.
        """
        low, high = self._end(cell, 1.0), self._end(cell, -1.0)
        if low is None or high is None:
            return None
        if -high.value - low.value < self._instance.wanted_width(cell) - _VIOLATED:
            return self._asking(cell, low, high)
        known = Interval(math.ceil(low.value - _VIOLATED), math.floor(-high.value + _VIOLATED))
        if self._instance.is_safe(cell, known):
            return None
        beside = sorted({*low.slopes, *high.slopes} - self._taken)
        return Cut(cell=cell, weights=dict.fromkeys(beside, 1.0))

    def _capacity(self, cell: int) -> Cut | None:
        low, high = self._end(cell, 1.0), self._end(cell, -1.0)
        return None if low is None or high is None else self._asking(cell, low, high)

    def _asking(self, cell: int, low: End, high: End) -> Cut | None:
        """Say that what the cells give that are taken out makes a cell wide enough."""
        missing = self._instance.wanted_width(cell) + low.base + high.base
        if not missing > _VIOLATED:
            return None
        slopes: dict[int, float] = {}
        for index, slope in (*low.slopes.items(), *high.slopes.items()):
            slopes[index] = slopes.get(index, 0.0) + slope
        weights = {index: min(1.0, slope / missing) for index, slope in sorted(slopes.items())}
        return Cut(cell=cell, weights=weights)

    def _end(self, cell: int, sign: float) -> End | None:
        """Solve for one end; None where there is none, or no solution was found."""
        model = self._model
        model.changeColCost(cell, sign)
        run(model, _SECONDS)
        value = model.getInfo().objective_function_value
        solved = list(model.getSolution().col_dual) if is_optimal(model) else []
        model.changeColCost(cell, 0.0)
        if not solved:
            return None
        prices = {index: price for index, price in enumerate(solved) if abs(price) > _NONE}
        base = sum(self._least(cell, index, price) for index, price in prices.items())
        slopes = {
            index: math.inf if price < 0 else price * self._instance.printed[index].low
            for index, price in prices.items()
            if index != cell and index in self._instance.candidates
        }
        found = {index: slope for index, slope in slopes.items() if slope}
        return End(value=value, base=base, slopes=found)

    def _least(self, cell: int, index: int, price: float) -> float:
        """Give what a number, times its price, is at least if only the start and a cell are out."""
        instance = self._instance
        is_out = index == cell or index in instance.start
        domain = instance.hidden(index) if is_out else instance.printed[index]
        return price * (float(domain.low) if price > 0 else end(domain.high))
