"""The cheapest set of cells that keeps all cuts found so far: a 0-1 program over the cells.

Source: M. Fischetti and J. J. Salazar, JASA 95 (2000) 916-928: the master problem, and "bridge"
constraints, by which no relation has a single cell out.
"""

import math

from breachkit.model.records import dataclass
from breachkit.sdc.intervals import Linear
from breachkit.sdc.protection.attack import Cut
from breachkit.sdc.protection.instance import Instance
from breachkit.sdc.protection.problem import NoPatternError
from breachkit.sdc.solving import end, is_infeasible, make_whole, new_model


_TOLERANCE = 1e-6
_GAP = 0.5
"""Costs are whole; what is left has to cover what `Preferences` adds."""
_DEARER = 0.0008
"""Divided by what the dearest cell costs; this leaves the bound as it is up to 600 such cells."""
_MOST_PENALTY = 4
_A_MOMENT = 0.01
_FEW = 5_000
"""Cells in all relations together, up to which all are asked about from the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the master problem proposes."""

    taken: frozenset[int] | None
    """None: no such set was found in time."""
    least: int
    """No set of cells that keeps the cuts costs less."""


class Master:
    """Cells that were named by no cut stay printed."""

    def __init__(self, instance: Instance, *, nodes: int, seconds: float) -> None:
        """Begin with what every relation asks by itself.

        Args:
            instance: The problem.
            nodes: Bound on the search tree of one choice.
            seconds: On all choices together.

        Raises:
            SolverMissingError: HiGHS is not installed.
        """
        self._instance = instance
        self._seconds = seconds
        self._model = new_model(mip_rel_gap=0.0, mip_abs_gap=_GAP, mip_max_nodes=nodes)
        self._preferences = Preferences(instance)
        self._columns: list[int | None] = []
        """The cell that each column stands for; None: the number of cells out in a relation."""
        self._column_of: dict[int, int] = {}
        self._bridges = [cells for row in instance.constraints if (cells := self._bridge(row))]
        for cells in self._bridges:
            if len(cells & instance.start) == 1:
                self.add(Cut(cell=min(cells & instance.start), weights=self._weights(cells)))
        self._bridges = [cells for cells in self._bridges if not cells & instance.start]
        if sum(map(len, self._bridges)) <= _FEW:
            for cells in self._bridges:
                self._forbid_single(cells)
            self._bridges = []

    def _bridge(self, row: Linear) -> frozenset[int]:
        """Give the cells of a relation of which a single one may not be out; none if one may."""
        instance = self._instance
        cells = frozenset(index for index, _ in row.terms)
        exact = all(instance.printed[index].is_exact for index in cells - instance.start)
        return cells if row.low == row.high == 0 and exact else frozenset()

    def _weights(self, cells: frozenset[int]) -> dict[int, float]:
        return dict.fromkeys(sorted(cells & self._instance.candidates), 1.0)

    def _column(self, cell: int) -> int:
        if cell not in self._column_of:
            self._column_of[cell] = self._new_column(cell, 1.0, self._preferences.cost(cell))
        return self._column_of[cell]

    def _new_column(self, cell: int | None, high: float, cost: float) -> int:
        column = len(self._columns)
        self._columns.append(cell)
        self._model.addVar(0.0, high)
        self._model.changeColCost(column, cost)
        make_whole(self._model, column)
        return column

    def add(self, cut: Cut) -> None:
        """Ask all choices from now on to keep a cut."""
        columns = list(map(self._column, cut.weights))
        weights = list(cut.weights.values())
        if cut.cell in self._instance.start:
            self._row(1.0, columns, weights)
        else:
            self._row(0.0, [*columns, self._column(cut.cell)], [*weights, -1.0])

    def _row(self, low: float, columns: list[int], weights: list[float]) -> None:
        self._model.addRow(low, end(None), len(columns), columns, weights)

    def choose(self) -> Choice:
        """Give the cheapest set of cells that keeps the cuts, or a cheap one if that takes long.

        Raises:
            NoPatternError: no set does.
        """
        while True:
            choice = self._chosen()
            taken = choice.taken or frozenset()
            alone = [cells for cells in self._bridges if len(cells & taken) == 1]
            if not alone:
                return choice
            for cells in alone:
                self._forbid_single(cells)
            self._bridges = [cells for cells in self._bridges if cells not in alone]

    def _forbid_single(self, cells: frozenset[int]) -> None:
        """Say that whichever cell of a relation is out, another one is."""
        cells &= self._instance.candidates
        number = self._new_column(None, float(len(cells)), 0.0)
        columns = [self._column(cell) for cell in sorted(cells)]
        self._model.addRow(
            0.0, 0.0, len(columns) + 1, [*columns, number], [*[1.0] * len(columns), -1.0]
        )
        for column in columns:
            self._row(0.0, [number, column], [1.0, -2.0])

    def _chosen(self) -> Choice:
        if not self._columns:
            return Choice(taken=frozenset(), least=0)
        model = self._model
        # An integer program has a clock of its own.
        model.setOptionValue("time_limit", max(_A_MOMENT, self._seconds - model.getRunTime()))
        model.run()
        if is_infeasible(model):
            raise NoPatternError("some cells can be worked out whatever else is taken out")
        info = model.getInfo()
        least = self._preferences.least(info.mip_dual_bound)
        if not math.isfinite(info.objective_function_value):
            return Choice(taken=None, least=least)
        pairs = zip(self._columns, model.getSolution().col_value, strict=True)
        taken = frozenset(cell for cell, value in pairs if cell is not None and value > 0.5)
        return Choice(taken=taken, least=least)


class Preferences:
    """Makes cells a little dearer that are likelier to need others, where all cost the same.

    Many choices cost the same, and most of them would be refused. A cell goes well with others if
    each of its relations has something out already, and if it can be less by as much as is asked.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._alone = dict.fromkeys(instance.candidates, 0)
        for constraint in instance.constraints:
            cells = [index for index, _ in constraint.terms]
            if instance.start.isdisjoint(cells):
                for index in cells:
                    self._alone[index] = self._alone.get(index, 0) + 1
        self._share = _DEARER / max(map(instance.cost, instance.candidates), default=1)

    def cost(self, cell: int) -> float:
        """Give a cell's cost, and a little of it more."""
        is_small = self._instance.printed[cell].low <= self._instance.threshold
        penalty = min(_MOST_PENALTY, self._alone[cell] + (2 if is_small else 0))
        return self._instance.cost(cell) * (1.0 + self._share * penalty / _MOST_PENALTY)

    def least(self, bound: float) -> int:
        """Give what a lower bound of these costs says of the true ones."""
        if not math.isfinite(bound):
            return 0
        return max(0, math.ceil(bound / (1.0 + self._share) - _TOLERANCE))
