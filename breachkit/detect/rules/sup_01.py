"""SUP-01: suppressed counts that the rest of the table gives back."""

from collections.abc import Collection, Iterable, Iterator

from breachkit.detect.grading import UNDECIDED, by_path, location, undecided
from breachkit.detect.rule import About, FileContext, Need
from breachkit.documents.table import Table
from breachkit.model.findings import Confidence, Hit, Severity
from breachkit.sdc.audit import Judgement, Verdict
from breachkit.sdc.cells import Place
from breachkit.sdc.count_cells import column
from breachkit.sdc.count_grid import gaps_left_out, grid_of
from breachkit.sdc.recovery import Recovery, is_too_large, recover
from breachkit.sdc.suppressed import marks_left_out, suppression_of


class RecoverableCells:
    """Works out what totals, subtotals and percentages tell about cells that were taken out."""

    about = About(
        id="SUP-01",
        title="Suppressed counts that can be worked out",
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        why=(
            "A number that was taken out comes back where the others of its row or column and their "
            "total are printed: one subtraction gives it. The same goes for subtotals, for two "
            "breakdowns of the same people, for percentages, and for several gaps at once, which a "
            "computer solves like a puzzle. What it gives back is as good as printed."
        ),
        example=(
            "A column [REDACTED], 10, 15, 25 with the total 51. The verdicts: EXACT, one number "
            "only agrees with the table; WITHIN-T, all that agree are small counts of people; NARROW, "
            "only a few agree; SAFE; INCONSISTENT, none does, so that the totals are wrong."
        ),
        remedy=(
            "Take the file out of the whole history. Before releasing it again, take out further "
            "cells of the same rows and columns, or compute the totals again from what is left; "
            "then round. A total that is the sum of the printed cells tells nothing."
        ),
        source=(
            "OpenSAFELY documentation, docs/outputs/sdc.md, secondary disclosure: row and column "
            "totals are recalculated after redaction; Fischetti and Salazar, JASA 95 (2000) 916-928"
        ),
    )
    needs = Need.COUNTS_OR_MARKS

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give one hit for the small counts that come back, and one for those that nearly do."""
        hits = list(self._judged(table, context))
        yield from hits or self._left_out(table, context)

    def _judged(self, table: Table, context: FileContext) -> Iterator[Hit]:
        found = recover(table, context.policy.threshold)
        if found is None:
            yield from self._too_large(table, context)
            return
        kinds = Kinds(found, context.policy.threshold)
        hits = [
            self._hit(table, context, severity, places, found)
            for severity, places in (
                (Severity.HIGH, kinds.small),
                (Severity.MEDIUM, kinds.narrow),
                (Severity.LOW, kinds.large),
            )
            if places
        ]
        yield from hits or self._unsettled(table, context, found)

    def _hit(
        self,
        table: Table,
        context: FileContext,
        severity: Severity,
        places: list[Place],
        found: Recovery,
    ) -> Hit:
        verdicts = sorted({found.audit.cells[place].verdict.value for place in places})
        proven = all(place in found.proven and place in found.grid.strong for place in places)
        severity, reason = by_path(severity, table, context)
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.HIGH if proven else Confidence.MEDIUM,
            message=f"{_cells(len(places))} can be worked out from the rest of the table: {' and '.join(verdicts)}{reason}",
            location=location(table, by_column(places)),
        )

    def _left_out(self, table: Table, context: FileContext) -> Iterator[Hit]:
        places = [
            (row, index)
            for index in marks_left_out(table)
            for row, cell in enumerate(column(table, index))
            if suppression_of(cell)
        ]
        if places:
            yield self._not_judged(table, context, places, "the table is too large")

    def _too_large(self, table: Table, context: FileContext) -> Iterator[Hit]:
        grid = grid_of(table)
        if grid is None and gaps_left_out(table):
            yield undecided(
                self.about.id, "empty cells that other counts may give back", table, context
            )
        if grid is not None and grid.strong and is_too_large(grid):
            yield self._not_judged(table, context, grid.strong, "the table is too large")

    def _not_judged(
        self, table: Table, context: FileContext, places: Collection[Place], words: str
    ) -> Hit:
        severity, reason = by_path(Severity.LOW, table, context)
        return Hit(
            rule=self.about.id,
            severity=severity,
            confidence=Confidence.LOW,
            message=f"{_cells(len(places))} {UNDECIDED}: {words}{reason}",
            location=location(table, by_column(places)),
        )

    def _unsettled(self, table: Table, context: FileContext, found: Recovery) -> Iterator[Hit]:
        """Say what could not be judged: what was not examined must not pass for clean."""
        strong = {
            place: cell for place, cell in found.audit.cells.items() if place in found.grid.strong
        }
        broken = [place for place, cell in strong.items() if cell.verdict is Verdict.INCONSISTENT]
        undecided = [place for place, cell in strong.items() if not cell.decided]
        others = strong.keys() - {*broken, *undecided} if found.counted.is_cut else ()
        for places, words in (
            (broken, "INCONSISTENT: the printed totals contradict each other"),
            (undecided, _why_undecided(found)),
            (others, "the table is too large to try all that may add up"),
        ):
            if places:
                yield self._not_judged(table, context, places, words)


def _why_undecided(found: Recovery) -> str:
    if found.audit.solver_missing:
        return "not decided: needs breachkit[formats]"
    return "not decided: too many cells hang together"


class Kinds:
    """Cells that come back, by how much that matters."""

    def __init__(self, found: Recovery, threshold: int) -> None:
        self.small: list[Place] = []
        self.narrow: list[Place] = []
        self.large: list[Place] = []
        for place, cell in found.audit.cells.items():
            kind = self._kind(cell, threshold)
            strong = place in found.grid.strong
            if kind is not None and (strong or (kind is self.small and place in found.proven)):
                kind.append(place)

    def _kind(self, cell: Judgement, threshold: int) -> list[Place] | None:
        low, high = cell.bounds.low, cell.bounds.high
        is_small = low >= 1 and high is not None and high <= threshold
        match cell.verdict:
            case Verdict.EXACT | Verdict.WITHIN_T:
                return self.small if is_small else self.large if low else None
            case Verdict.NARROW:
                return self.narrow if low <= threshold and high else None
            case _:
                return None


def _cells(number: int) -> str:
    return "1 suppressed cell" if number == 1 else f"{number:,} suppressed cells"


def by_column(places: Iterable[Place]) -> dict[int, list[int]]:
    """Sort cells (row and column from 0) by column, with rows counted from 1 under the header."""
    found: dict[int, list[int]] = {}
    for row, index in sorted(places):
        found.setdefault(index, []).append(row + 1)
    return found
