"""Which cells have to go beside one so that it can be so much more, or less: linear programming.

A second table that agrees with all that is printed differs from the first by a flow: what one cell
gains, others of its row and column lose. Moving through cells that are out is free, through others
it costs what losing them costs, per unit. The cells that the cheapest flow goes through are those
that are taken out. In tables of rows and columns it is a path through them, as in network methods.

Source: L. H. Cox, "Network models for complementary cell suppression", JASA 90 (1995) 1453-1462;
J. P. Kelly, B. L. Golden and A. A. Assad, "Cell suppression: disclosure protection for sensitive
tabular data", Networks 22 (1992) 397-417.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.sdc.intervals import Interval, Linear
from breachkit.sdc.protection.instance import Instance
from breachkit.sdc.solving import add_row, end, is_optimal, is_trusted, new_model, run


_SOME = 1e-6
_SECONDS = 10.0
"""On one program."""


class Detours:
    """Finds the cells beside one that the cheapest flow through it needs."""

    def __init__(self, instance: Instance, counts: Sequence[int]) -> None:
        """Prepare for a table that has these counts.

        Raises:
            SolverMissingError: HiGHS is not installed.
        """
        self._instance = instance
        self._counts = counts
        self._out: set[int] = set()
        self._model = self._built()
        for index in sorted(instance.start):
            self.take_out(index)

    def _built(self) -> Any:
        """Each cell has three columns: units more and less, and what its rounding leaves open."""
        model = new_model(presolve="off")
        cells = zip(self._counts, self._instance.printed, strict=True)
        for index, (count, domain) in enumerate(cells):
            self._add_cell(model, index, count, domain)
        for constraint in filter(is_trusted, self._instance.constraints):
            now = sum(factor * self._counts[index] for index, factor in constraint.terms)
            terms = tuple(
                (3 * index + at, sign * factor)
                for index, factor in constraint.terms
                for at, sign in enumerate((1, -1, 1))
            )
            add_row(model, Linear(terms, constraint.low, constraint.high), now)
        return model

    def _add_cell(self, model: Any, index: int, count: int, domain: Interval) -> None:
        may_move = index in self._instance.candidates
        for column, most in ((3 * index, end(None)), (3 * index + 1, float(count))):
            model.addVar(0.0, most if may_move else 0.0)
            model.changeColCost(column, float(self._instance.cost(index)))
        high = None if domain.high is None else domain.high - count
        model.addVar(float(domain.low - count), end(high))

    def take_out(self, index: int) -> None:
        """Let flows go through a cell for nothing from now on."""
        self._out.add(index)
        self._move_freely(index)

    def _move_freely(self, index: int) -> None:
        known, count = self._instance.hidden(index), self._counts[index]
        high = None if known.high is None else known.high - count
        for column, most in ((3 * index, end(high)), (3 * index + 1, float(count - known.low))):
            self._model.changeColBounds(column, 0.0, most)
            self._model.changeColCost(column, 0.0)

    def around(self, index: int) -> frozenset[int] | None:
        """Give the cells that have to go beside a suppressed cell for it to be safe.

        None: there are no such cells.
        """
        for less, more in self._moves(index):
            found: set[int] = set()
            for column, units in ((3 * index, more), (3 * index + 1, less)):
                through = self._flow(index, column, units) if units else frozenset()
                if through is None:
                    break
                found |= through
            else:
                return frozenset(found)
        return None

    def _moves(self, index: int) -> Iterator[tuple[int, int]]:
        """Give how much less and more a cell has to be able to be, what is likeliest first."""
        count, known = self._counts[index], self._instance.hidden(index)
        wide = self._instance.threshold + 1
        downs = min(count - known.low, wide)
        for less in (0, downs, *range(1, downs)):
            for more in itertools.takewhile(
                lambda more: known.holds(count + more), range(wide + 1)
            ):
                if self._instance.is_safe(index, Interval(count - less, count + more)):
                    yield less, more
                    break

    def _flow(self, index: int, column: int, units: int) -> frozenset[int] | None:
        """Give the printed cells that the cheapest flow needs; None where there is no flow."""
        model = self._model
        other = 6 * index + 1 - column
        model.changeColBounds(other, 0.0, 0.0)
        model.changeColBounds(column, float(units), float(units))
        run(model, _SECONDS)
        optimal = is_optimal(model)
        values = model.getSolution().col_value if optimal else []
        self._move_freely(index)
        if not optimal:
            return None
        moved = (at // 3 for at, value in enumerate(values) if value > _SOME and at % 3 < 2)
        return frozenset(at for at in moved if at not in self._out)
