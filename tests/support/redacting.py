"""Plans of redaction for small tables, what comes of them, and what somebody else can make of that."""

from collections.abc import Mapping, Sequence

import highspy

from breachkit.actions.redaction import plan_redaction
from breachkit.actions.redaction_plan import (
    NamedTables,
    Options,
    Question,
    RedactionPlan,
    TablePlan,
    Why,
    redacted,
)
from breachkit.documents.editing.editable import Spot
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.sdc.marks import REDACTED
from breachkit.sdc.rounding import Regime
from tests.support.judging import POLICIES


FIVE_ALLOWED = POLICIES.choose("2020-12").at(None)
"""Counts up to 5 go, and nothing has to be rounded."""
TODAY = POLICIES.choose("2026-03").at(None)
"""Counts up to 7 go, and all are rounded."""
TO_FIVE = Options(rounding=Regime(5))
TO_MIDPOINTS = Options(rounding=Regime(6, midpoint=True))


class Redacted:
    """Files as text, with what was planned for them."""

    def __init__(
        self,
        files: str | Mapping[str, str],
        *,
        policy: Policy = TODAY,
        options: Options | None = None,
    ) -> None:
        named = {"released_outputs/table.csv": files} if isinstance(files, str) else files
        self.before = tuple(_tables(path, text) for path, text in named.items())
        self.plan: RedactionPlan = plan_redaction(self.before, policy, options)
        self.after = tuple(
            NamedTables(
                path=file.path,
                tables=tuple(
                    redacted(table, done.changes)
                    for table, done in zip(file.tables, made.tables, strict=True)
                ),
            )
            for file, made in zip(self.before, self.plan.files, strict=True)
        )
        self._policy, self._options = policy, options

    @property
    def table(self) -> TablePlan:
        """The plan of the first table."""
        return self.plan.files[0].tables[0]

    def text(self, file: int = 0) -> list[str]:
        """Give the rows of the first table of a file with its header, as they are then."""
        return text_of(self.after[file].tables[0])

    def why(self, file: int = 0) -> dict[tuple[int, int], Why]:
        """Give the reason of each change in the first table of a file, by row and column."""
        changes = self.plan.files[file].tables[0].changes
        return {(spot.row, spot.column): change.why for spot, change in changes.items()}

    def questions(self) -> list[Question]:
        """Give what is asked about the first table."""
        return list(self.table.questions)

    def rules_left(self) -> set[str]:
        """Give the rules that still find something at medium or worse."""
        return {found.hit.rule for _, found in self.plan.remaining}

    def again(self) -> RedactionPlan:
        """Plan for what came of it."""
        return plan_redaction(self.after, self._policy, self._options)

    def untouched(self) -> bool:
        """Say whether every cell outside the edits is as it was."""
        return all(
            _same(old, new, {(spot.row, spot.column) for spot in plan.changes})
            for was, now, file in zip(self.before, self.after, self.plan.files, strict=True)
            for old, new, plan in zip(was.tables, now.tables, file.tables, strict=True)
        )


def _tables(path: str, text: str) -> NamedTables:
    name = GitPath(path.encode())
    found = read(text.encode(), (name,))
    return NamedTables(path=name, tables=tuple(one for one in found if isinstance(one, Table)))


def text_of(table: Table) -> list[str]:
    """Write a table as lines with commas, unquoted."""
    return [",".join(row) for row in (table.header, *table.rows)]


def _same(old: Table, new: Table, changed: set[tuple[int, int]]) -> bool:
    before, after = (old.header, *old.rows), (new.header, *new.rows)
    return [len(row) for row in before] == [len(row) for row in after] and all(
        (one == other) != ((row, at) in changed)
        for row, (first, second) in enumerate(zip(before, after, strict=True), start=-1)
        for at, (one, other) in enumerate(zip(first, second, strict=True))
    )


def marked(lines: Sequence[str]) -> set[tuple[int, int]]:
    """Give row and column, from 0 under the header, of all marks."""
    return {
        (row, at)
        for row, line in enumerate(lines[1:])
        for at, cell in enumerate(line.split(","))
        if cell == REDACTED
    }


def known_of(
    lines: Sequence[str], *, slack: int = 0, totals: bool = True
) -> dict[tuple[int, int], tuple[float, float]]:
    """Give what somebody can work out of every mark in a table with totals at its right and its foot.

    They know that counts add up and are not negative. As the constraints of such a table are totally
    unimodular, what is possible for real numbers is possible for whole ones.

    Args:
        lines: The table as text; its first column holds names.
        slack: How far printed counts may be from the true ones.
        totals: Whether they take totals for those of the people, or for sums of what is printed.
    """
    grid = [line.split(",")[1:] for line in lines[1:]]
    rows, columns = len(grid), len(grid[0])
    at = {(row, index): row * columns + index for row in range(rows) for index in range(columns)}
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    for row, index in at:
        cell = grid[row][index]
        is_total = row == rows - 1 or index == columns - 1
        if cell == REDACTED or (is_total and not totals):
            solver.addVar(0.0, highspy.kHighsInf)
        else:
            solver.addVar(max(0.0, float(cell) - slack), float(cell) + slack)
    for row in range(rows):
        line = [at[row, index] for index in range(columns)]
        solver.addRow(0.0, 0.0, columns, line, [1.0] * (columns - 1) + [-1.0])
    for index in range(columns):
        line = [at[row, index] for row in range(rows)]
        solver.addRow(0.0, 0.0, rows, line, [1.0] * (rows - 1) + [-1.0])
    return {
        (row, index + 1): (_extreme(solver, number, 1.0), _extreme(solver, number, -1.0))
        for (row, index), number in at.items()
        if grid[row][index] == REDACTED
    }


def _extreme(solver: highspy.Highs, number: int, sign: float) -> float:
    solver.changeColCost(number, sign)
    solver.run()
    status = solver.getModelStatus()
    value = sign * solver.getObjectiveValue() if _is_solved(status) else float("inf")
    solver.changeColCost(number, 0.0)
    return value


def _is_solved(status: highspy.HighsModelStatus) -> bool:
    assert status in {
        highspy.HighsModelStatus.kOptimal,
        highspy.HighsModelStatus.kUnbounded,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    }
    return bool(status == highspy.HighsModelStatus.kOptimal)


__all__ = ["Redacted", "Spot", "known_of", "marked", "text_of"]
