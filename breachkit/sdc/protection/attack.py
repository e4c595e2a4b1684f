"""What an attacker gets out of a table by linear programming, and which cells that rests on.

The greatest and the least a suppressed cell can be are linear programs. Their dual solutions price
every printed cell: as long as none of those with a price is taken out too, the attacker gets as far
as now, whatever else is. That gives the inequalities (`Cut`) that every protecting pattern keeps.

Source: M. Fischetti and J. J. Salazar, "Models and algorithms for optimizing cell suppression in
tabular data", JASA 95 (2000) 916-928: capacity constraints from extreme rays of the attacker's dual.
"""

import math
from collections.abc import Mapping
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


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How far an attacker gets on one side of a cell."""

    value: float = field(repr=False)
    """The least that the cell, or its negative, can be."""
    slopes: Mapping[int, float] = field(repr=False)
    """How much less it may be, at most, for each cell that is taken out too. What is out already is
    among them: so much more it would be otherwise."""


_NONE = 1e-7
_VIOLATED = 1e-6
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
        for index in self._taken ^ taken:
            instance = self._instance
            domain = instance.hidden(index) if index in taken else instance.printed[index]
            self._model.changeColBounds(index, float(domain.low), end(domain.high))
        self._taken = taken

    def cut(self, cell: int) -> Cut | None:
        """Give an inequality that the present pattern breaks, since the cell is not safe.

        None where real numbers would make it safe, and only whole ones do not.
        """
        low, high = self._end(cell, 1.0), self._end(cell, -1.0)
        if low is None or high is None:
            return None
        slopes = {
            index: low.slopes.get(index, 0.0) + high.slopes.get(index, 0.0)
            for index in sorted({*low.slopes, *high.slopes})
        }
        width = -high.value - low.value
        if width < self._instance.wanted_width(cell) - _VIOLATED:
            return self._capacity(cell, width, slopes)
        known = Interval(math.ceil(low.value - _VIOLATED), math.floor(-high.value + _VIOLATED))
        if self._instance.is_safe(cell, known):
            return None
        beside = {index: 1.0 for index in slopes if index not in self._taken}
        return Cut(cell=cell, weights=beside)

    def _capacity(self, cell: int, width: float, slopes: Mapping[int, float]) -> Cut:
        """Say that what the cells give that are taken out makes the cell wide enough."""
        given = sum(slope for index, slope in slopes.items() if index in self._taken)
        missing = self._instance.wanted_width(cell) - (width - given)
        weights = {index: min(1.0, slope / missing) for index, slope in slopes.items()}
        return Cut(cell=cell, weights=weights)

    def _end(self, cell: int, sign: float) -> End | None:
        """Solve for one end; None where there is none, or no solution was found."""
        model = self._model
        model.changeColCost(cell, sign)
        run(model, _SECONDS)
        optimal = is_optimal(model)
        value = model.getInfo().objective_function_value
        prices = list(model.getSolution().col_dual) if optimal else []
        model.changeColCost(cell, 0.0)
        if not optimal:
            return None
        slopes = {
            index: -math.inf if price < 0 else price * self._instance.printed[index].low
            for index, price in enumerate(prices)
            if abs(price) > _NONE and index != cell and index in self._instance.candidates
        }
        return End(
            value=value, slopes={index: abs(slope) for index, slope in slopes.items() if slope}
        )
