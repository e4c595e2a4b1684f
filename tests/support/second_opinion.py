"""What others than breachkit's own auditor find of suppressed cells: Tau-Argus, and a solver of whole numbers.

Both are asked with what the table says alone. Tau-Argus's audit allows fractions of people, so its
intervals hold the true ones; Z3 counts in whole numbers, in exact arithmetic, and shares no code with
HiGHS, which both breachkit and Tau-Argus use.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import z3

from breachkit.sdc.audit import Audit, Judgement, Verdict, audit, verdict_on
from breachkit.sdc.cells import (
    Cell,
    CountTable,
    Place,
    Relation,
    Released,
    Share,
    Suppressed,
    origins,
)
from breachkit.sdc.intervals import Interval
from breachkit.tauargus.auditing import Opinion, second_opinions


def disagreements(
    tables: Sequence[CountTable], threshold: int, *, most_solves: int = 5_000
) -> list[str]:
    """Give what the auditor and others find differently, a line each; nothing where they agree.

    Args:
        tables: With what was taken out of them.
        threshold: The largest count that may not be released.
        most_solves: Budget of the auditor; it has to decide on every cell within it.
    """
    found = [audit(table, threshold, max_solves=most_solves) for table in tables]
    return [
        f"table {number}: {line}"
        for number, (table, own, theirs) in enumerate(
            zip(tables, found, second_opinions(tables), strict=True)
        )
        for line in _of_one(table, own, theirs)
    ]


def _of_one(table: CountTable, own: Audit, theirs: Opinion) -> list[str]:
    if theirs is None:
        return [] if own.conflicts else ["Tau-Argus finds no numbers, and the auditor some"]
    return [
        f"{place}: {line}"
        for place, judgement in own.cells.items()
        for line in _of_cell(table, place, judgement, theirs)
    ]


def _of_cell(
    table: CountTable, place: Place, own: Judgement, theirs: Mapping[Place, Interval]
) -> list[str]:
    if not own.decided:
        return ["the auditor does not decide"]
    if own.verdict is Verdict.INCONSISTENT:
        return [] if whole_bounds(table, place) is None else ["only the auditor finds no number"]
    if theirs[place] == own.bounds:
        return []
    exact = whole_bounds(table, place)
    if exact != own.bounds:
        return [f"{own.bounds.low} to {own.bounds.high}, and Z3 finds another interval"]
    return [] if own.bounds.meet(theirs[place]) == own.bounds else ["Tau-Argus excludes more"]


def whole_bounds(table: CountTable, place: Place) -> Interval | None:
    """Give the least and the most whole number of a suppressed cell, by Z3; None where there is none."""
    least, most = (_end(table, place, largest=largest) for largest in (False, True))
    return None if least is None else Interval(int(least), None if most == "oo" else int(most or 0))


def _end(table: CountTable, place: Place, *, largest: bool) -> str | None:
    solver = z3.Optimize()
    numbers = {other: z3.Int(str(other)) for other in table.cells}
    for other, cell in table.cells.items():
        _bound(solver, numbers[other], _known(cell))
    for relation in table.relations:
        _keep(solver, relation, numbers)
    wanted = (solver.maximize if largest else solver.minimize)(numbers[place])
    return str(wanted.value()) if solver.check() == z3.sat else None


def _known(cell: Cell) -> Interval:
    if isinstance(cell, Released):
        return origins(cell.count, cell.regime)
    return cell.prior if isinstance(cell, Suppressed) else Interval()


def _bound(solver: Any, number: Any, known: Interval) -> None:
    solver.add(number >= known.low)
    if known.high is not None:
        solver.add(number <= known.high)


def _keep(solver: Any, relation: Relation, numbers: Mapping[Place, Any]) -> None:
    if isinstance(relation, Share):
        part, whole = relation.scale * numbers[relation.part], numbers[relation.whole]
        solver.add(part >= relation.low * whole, part <= relation.high * whole)
    elif all(place in numbers for place in (*relation.parts, *relation.whole)):
        parts = z3.Sum([numbers[place] for place in relation.parts])
        solver.add(parts == z3.Sum([numbers[place] for place in relation.whole]))


class Watcher:
    """Keeps every table that `protect` gave back as safe, and has others judge them all at once."""

    most_cells = 2_000
    most_suppressed = 150
    """Auditing larger ones would take longer than the tests do."""

    def __init__(self) -> None:
        self.seen: list[tuple[CountTable, int, Audit]] = []

    def watching(self, prove: Callable[..., Audit]) -> Callable[..., Audit]:
        """Give what can stand in the place of `sdc.audit.prove`, and answers the same."""

        def watched(table: CountTable, threshold: int, **limits: int) -> Audit:
            found = prove(table, threshold, **limits)
            is_safe = {judgement.verdict for judgement in found.cells.values()} == {Verdict.SAFE}
            if (
                is_safe
                and found.decided
                and len(table.cells) <= self.most_cells
                and len(found.cells) <= self.most_suppressed
            ):
                self.seen.append((table, threshold, found))
            return found

        return watched

    def objections(self) -> list[str]:
        """Give the cells that others call unsafe, or that they narrow further; none where they agree."""
        if not self.seen:
            return []
        opinions = second_opinions([table for table, _, _ in self.seen], seconds=120)
        return [
            f"table {number}: {line}"
            for number, ((table, threshold, found), theirs) in enumerate(
                zip(self.seen, opinions, strict=True)
            )
            for line in _objections(table, threshold, found, theirs)
        ]


def _objections(table: CountTable, threshold: int, found: Audit, theirs: Opinion) -> list[str]:
    if theirs is None:
        return ["no numbers agree with it"]
    lines = []
    for place, judgement in found.cells.items():
        own = judgement.shown or judgement.bounds
        if own.meet(theirs[place]) != own:
            lines += _narrower(table, place, own, theirs[place])
        elif verdict_on(theirs[place], _known(table.cells[place]), threshold) is not Verdict.SAFE:
            lines.append(f"{place}: unsafe")
    return lines


def _narrower(table: CountTable, place: Place, own: Interval, theirs: Interval) -> list[str]:
    """Object that not all is possible that the auditor shows, unless exact arithmetic finds that it is.

    Tau-Argus finds ends with errors, and takes a far one for none.
    """
    exact = whole_bounds(table, place)
    if exact is not None and own.meet(exact) == own:
        return []
    said = f"{own.low} to {own.high}, of which Tau-Argus leaves {theirs.low} to {theirs.high}"
    return [f"{place}: the auditor shows {said} and Z3 {exact}; all that is known: {table}"]
