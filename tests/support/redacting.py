"""Plans of redaction for small tables, what comes of them, and what somebody else can make of that."""

import re
from collections.abc import Mapping, Sequence

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
from breachkit.documents.readers import read
from breachkit.documents.table import Table
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.sdc.cells import Place, Relation, Share, Sum
from breachkit.sdc.marks import REDACTED
from breachkit.sdc.rounding import Regime
from tests.support.attacker import attack
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


_CELL = re.compile(r"(?P<count>[\d,]+)(?: \((?P<share>\d+(?:\.(?P<decimals>\d+))?)%\))?")


def known_of(
    lines: Sequence[str], *, regime: Regime | None = None
) -> dict[Place, tuple[int, int | None]]:
    """Give what somebody can work out of every mark in a table with totals at its right and its foot.

    They know that rows and columns add up, that percentages behind counts are of the last one of
    their row, and how it was rounded. Where it was, totals were added up again, and say nothing.

    Args:
        lines: The table as text, unquoted and without separators; its first column holds names.
        regime: How it was rounded; percentages are then of the rounded counts.
    """
    grid = [line.split(",")[1:] for line in lines[1:]]
    last = (len(grid) - 1, len(grid[0]) - 1)
    places = [(row, at) for row, cells in enumerate(grid) for at in range(len(cells))]
    seen: dict[Place, int] = {}
    relations: list[Relation] = [
        *(_sum([(row, at) for at in range(last[1] + 1)]) for row in range(last[0] + 1)),
        *(_sum([(row, at) for row in range(last[0] + 1)]) for at in range(last[1] + 1)),
    ]
    for place in places:
        found = _CELL.fullmatch(grid[place[0]][place[1]])
        if found is None:
            continue
        if regime is None or (place[0] < last[0] and place[1] < last[1]):
            seen[place] = int(found["count"].replace(",", ""))
        if found["share"] and regime is None:
            relations.append(_share(place, (place[0], last[1]), found))
    hidden = {place for place in places if grid[place[0]][place[1]] == REDACTED}
    bounds = attack(places, seen, relations, regime)
    return {place: found for place, found in bounds.items() if place in hidden}


def _sum(line: Sequence[Place]) -> Sum:
    return Sum(tuple(line[:-1]), (line[-1],))


def _share(part: Place, whole: Place, found: re.Match[str]) -> Share:
    decimals = len(found["decimals"] or "")
    twice = round(2 * float(found["share"]) * 10**decimals)
    return Share(part, whole, max(0, twice - 1), twice + 1, 2 * 100 * 10**decimals)
