"""The cheapest set of cells that keeps all cuts found so far: a 0-1 program over the cells.

Source: M. Fischetti and J. J. Salazar, JASA 95 (2000) 916-928: the master problem, and "bridge"
constraints, by which no relation has a single cell out.
"""

import math

from breachkit.model.records import dataclass
from breachkit.sdc.integer_bounds import solver
from breachkit.sdc.intervals import Linear
from breachkit.sdc.protection.attack import Cut
from breachkit.sdc.protection.instance import Instance
from breachkit.sdc.protection.problem import NoPatternError


_TOLERANCE = 1e-6
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
        self._highs = solver()
        self._instance = instance
        self._seconds = seconds
        self._model = self._highs.Highs()
        for name, value in {
            "output_flag": False,
            "threads": 1,
            "parallel": "off",
            "random_seed": 0,
            "mip_rel_gap": 0.0,
            "mip_abs_gap": 0.999,  # costs are whole
            "mip_max_nodes": nodes,
        }.items():
            self._model.setOptionValue(name, value)
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
            self._column_of[cell] = self._new_column(cell, 1.0, self._instance.cost(cell))
        return self._column_of[cell]

    def _new_column(self, cell: int | None, high: float, cost: float) -> int:
        column = len(self._columns)
        self._columns.append(cell)
        self._model.addVar(0.0, high)
        self._model.changeColCost(column, float(cost))
        self._model.changeColIntegrality(column, self._highs.HighsVarType.kInteger)
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
        self._model.addRow(low, self._highs.kHighsInf, len(columns), columns, weights)

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
        number = self._new_column(None, float(len(cells)), 0)
        columns = [self._column(cell) for cell in sorted(cells)]
        self._model.addRow(
            0.0, 0.0, len(columns) + 1, [*columns, number], [*[1.0] * len(columns), -1.0]
        )
        for column in columns:
            self._row(0.0, [number, column], [1.0, -2.0])

    def _chosen(self) -> Choice:
        if not self._columns:
            return Choice(taken=frozenset(), least=0)
        highs, model = self._highs, self._model
        model.setOptionValue("time_limit", max(0.01, self._seconds - model.getRunTime()))
        model.run()
        status, info = model.getModelStatus(), model.getInfo()
        if status == highs.HighsModelStatus.kInfeasible:
            raise NoPatternError("some cells can be worked out whatever else is taken out")
        bound = info.mip_dual_bound
        least = math.ceil(bound - _TOLERANCE) if math.isfinite(bound) else 0
        if not math.isfinite(info.objective_function_value):
            return Choice(taken=None, least=max(0, least))
        values = model.getSolution().col_value
        pairs = zip(self._columns, values, strict=True)
        taken = frozenset(cell for cell, value in pairs if cell is not None and value > 0.5)
        return Choice(taken=taken, least=max(0, least))
