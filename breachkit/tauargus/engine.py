"""Tau-Argus as an engine of `sdc.protection`: the optimal method, for tables whose counts are exact.

Tau-Argus protects a cell downwards and upwards from its number. What has to hold here is that enough
numbers stay open, and not only disclosive ones: that is kept by leaving 0 open, or a number beyond
the threshold. So each table is given to it three times: protected upwards, protected downwards,
and to what either way needs at least, which bounds the cost from below.

It takes any table whose counts add up, be they linked or with subtotals. Tables of rows and columns
are its strength (200 by 50 in 3 seconds, proven); those of three dimensions take it a minute from
some 500 cells on. Rounded tables are none, since sums of rounded counts do not add up.

Source: M. Fischetti and J. J. Salazar, JASA 95 (2000) 916-928, whose method `OPT` is; P.-P. de Wolf et
al., "Tau-Argus User's Manual" (2014).
"""

import math
from collections.abc import Callable, Sequence

from breachkit.model.records import dataclass
from breachkit.sdc.audit import Verdict, prove
from breachkit.sdc.cells import Place, Released
from breachkit.sdc.protection.instance import (
    Instance,
    already_out,
    counts_of,
    instance_of,
    published,
)
from breachkit.sdc.protection.problem import NoPatternError, Problem
from breachkit.sdc.systems import domain_of
from breachkit.tauargus.calls import RUNNER, SECONDS, TauArgusError, ask, is_installed
from breachkit.tauargus.systems import Line, Status, written


MAX_CELLS = 20_000
MAX_NUMBER = 50_000_000
"""Beyond this, its floating point cannot tell people apart."""
MAX_COST = 2_000_000_000
"""Of all cells together; it takes more for infinite."""
MAX_FACTOR = 100
"""Percentages of more digits make it go on for ever."""
MAX_ROUNDS = 4
"""How often cells that were taken out are protected themselves, where they tell too much."""

Levels = tuple[int, int]
"""How far below and above its number a cell is protected."""
_Way = Callable[[int, int], Levels]


def upwards(count: int, threshold: int) -> Levels:
    """Give levels that leave a number beyond the threshold open, and enough of them."""
    if not 1 <= count <= threshold:
        return _around(count, threshold)
    return max(0, count - 2), threshold + 1 - count


def downwards(count: int, threshold: int) -> Levels:
    """Give levels that leave 0 open, and enough numbers."""
    if not 1 <= count <= threshold:
        return _around(count, threshold)
    return count, max(0, threshold - 1 - count)


def at_least(count: int, threshold: int) -> Levels:
    """Give levels that every safe cell has: those of `upwards` and of `downwards` are no less."""
    if count > threshold:
        return 0, 0
    return 0, max(0, threshold - 1 - count)


def _around(count: int, threshold: int) -> Levels:
    """Give levels for a count that may be known to be one of many: as many as there are small ones."""
    lower = min(count, (threshold - 1) // 2)
    return lower, threshold - 1 - lower


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Complementary cells, and what Tau-Argus says that such a pattern costs at least."""

    cells: frozenset[Place]
    least: int | None


class TauArgus:
    """Finds patterns with Tau-Argus; see `sdc.protection.problem.Engine`.

    Args:
        seconds: How long it may take for one table, each time it is asked.
        runner: The module that asks it.
    """

    name = "Tau-Argus"

    def __init__(self, *, seconds: float = SECONDS, runner: str = RUNNER) -> None:
        self._seconds = seconds
        self._runner = runner

    def protect(self, problem: Problem) -> tuple[frozenset[Place], int | None]:
        """Give complementary cells whose pattern stands the audit, and what any pattern costs at least.

        Raises:
            NoPatternError: Tau-Argus is not installed, cannot handle such a table, did not end in
                time, or found no pattern that stands the audit.
            SolverMissingError: HiGHS is not installed, and the audit needs it.
        """
        _refuse(problem)
        instance = instance_of(problem)
        _refuse_fine_shares(instance)
        counts = counts_of(instance)
        forced: frozenset[int] = frozenset()
        least: int | None = None
        for _ in range(MAX_ROUNDS):
            found = self._patterns(instance, counts, forced)
            if not forced:
                least = found[at_least].least if at_least in found else None
            unsafe: frozenset[int] = frozenset()
            for pattern in sorted(found.values(), key=lambda one: problem.cost(one.cells)):
                unsafe = _unsafe(instance, pattern.cells)
                if not unsafe:
                    return pattern.cells, least
            forced |= unsafe
        raise NoPatternError("Tau-Argus found no pattern that stands the audit")

    def _patterns(
        self, instance: Instance, counts: Sequence[int], forced: frozenset[int]
    ) -> dict[_Way, _Found]:
        """Ask for one pattern in each way.

        Raises:
            NoPatternError: Tau-Argus has no answer, or says that there is no pattern.
        """
        ways = (upwards, downwards, at_least)
        tables = [_table(instance, counts, forced, way) for way in ways]
        try:
            answers = ask("suppress", tables, seconds=self._seconds, runner=self._runner)
        except TauArgusError as error:
            raise NoPatternError(str(error)) from None
        found: dict[_Way, _Found] = {
            way: _Found(
                cells=instance.at(instance.candidates & (forced | set(answer["cells"]))),
                least=None if answer["least"] is None else math.ceil(answer["least"] - _NEARLY),
            )
            for way, answer in zip(ways, answers, strict=True)
            if answer is not None and answer["cells"] is not None
        }
        if not found:
            raise NoPatternError("Tau-Argus says that no cells protect this table")
        return found


_NEARLY = 1e-3


def _refuse(problem: Problem) -> None:
    """Leave to others what Tau-Argus cannot handle.

    Raises:
        NoPatternError: the problem is of such a kind.
    """
    cells = problem.counted.cells.values()
    if not is_installed():
        raise NoPatternError("Tau-Argus is not installed; breachkit[tauargus] brings it")
    if len(cells) > MAX_CELLS:
        raise NoPatternError("the table is too large for Tau-Argus")
    printed = [cell for cell in cells if isinstance(cell, Released)]
    if any(not domain_of(cell).is_exact for cell in printed):
        raise NoPatternError("rounded counts do not add up, which Tau-Argus needs")
    largest = max((cell.count for cell in printed), default=0)
    if largest > MAX_NUMBER or problem.cost(frozenset(problem.counted.cells)) > MAX_COST:
        raise NoPatternError("the counts are too large for Tau-Argus")


def _refuse_fine_shares(instance: Instance) -> None:
    factors = (abs(factor) for one in instance.constraints for _, factor in one.terms)
    if max(factors, default=0) > MAX_FACTOR:
        raise NoPatternError("percentages of so many digits are too fine for Tau-Argus")


def _table(instance: Instance, counts: Sequence[int], forced: frozenset[int], way: _Way) -> str:
    most = 2 * max(counts, default=0) + 1_000
    out = instance.numbers(instance.problem.primary) | forced
    lines = [
        _out(instance, index, count, most, way(count, instance.threshold))
        if index in out
        else _left(instance, index, count, most)
        for index, count in enumerate(counts)
    ]
    factors = (abs(factor) for one in instance.constraints for _, factor in one.terms)
    slack = Line(status=Status.PRIMARY, cost=0, most=most * max(factors, default=1))
    return written(lines, [one for one in instance.constraints if one.terms], slack)


def _left(instance: Instance, index: int, count: int, most: int) -> Line:
    """Give a cell that is printed, or of which nobody knows the number and nobody asks for it."""
    if index in instance.candidates:
        return Line(status=Status.SAFE, value=count, cost=instance.cost(index), most=most)
    if instance.printed[index].is_exact:
        return Line(status=Status.KEPT, value=count, most=most)
    return _out(instance, index, count, most, _UNPROTECTED)


def _out(instance: Instance, index: int, count: int, most: int, levels: Levels) -> Line:
    """Give a cell that is out whatever happens, protected to its levels.

    One whose mark says between what it lies is protected if it may be all of that.
    """
    known = instance.hidden(index)
    lower, upper = levels
    if known.high is not None and levels != _UNPROTECTED:
        lower, upper = count - known.low, known.high - count
    return Line(
        status=Status.PRIMARY,
        value=count,
        cost=0,
        least=known.low,
        most=most if known.high is None else known.high,
        lower=min(lower, count - known.low),
        upper=upper,
    )


_UNPROTECTED = (0, 0)


def _unsafe(instance: Instance, cells: frozenset[Place]) -> frozenset[int]:
    """Give the suppressed cells that are not proven to be safe once these are out too."""
    problem = instance.problem
    suppressed = problem.primary | already_out(problem.counted) | cells
    audit = prove(published(problem, suppressed), problem.threshold)
    return instance.numbers(
        place
        for place, found in audit.cells.items()
        if found.verdict is not Verdict.SAFE or not found.decided
    )
