"""From counts that may not be seen to the cells that have to go with them.

Tables that nothing connects are protected one by one. Each engine that is asked gives complementary
cells; what counts is the audit of all that is out then (`sdc.audit.prove`), whoever found it.
"""

from collections.abc import Sequence

from breachkit.model.records import dataclass
from breachkit.sdc.audit import Audit, Verdict, prove
from breachkit.sdc.cells import Place
from breachkit.sdc.integer_bounds import SolverMissingError
from breachkit.sdc.protection.auditing import open_cells
from breachkit.sdc.protection.exact import Effort, Exact, cheapest
from breachkit.sdc.protection.heuristic import Heuristic, by_neighbours, protecting
from breachkit.sdc.protection.instance import (
    NOT_ADDING_UP,
    Instance,
    already_out,
    counts_of,
    instance_of,
    published,
    refuse_contradictions,
    separate,
)
from breachkit.sdc.protection.problem import Engine, NoPatternError, Pattern, Problem


NOTHING_TO_DO = "nothing to do"


DEFAULT = Effort()


def protect(
    problem: Problem, *, engines: Sequence[Engine] | None = None, effort: Effort = DEFAULT
) -> Pattern:
    """Find which cells have to be taken out so that no suppressed cell can be worked out.

    Args:
        problem: Tables, and what of them may not be seen.
        engines: Whom to ask, in order; the first whose pattern stands the audit is taken. None:
            the exact search, and a heuristic where that takes too long.
        effort: What the exact search may take for each table.

    Returns:
        A pattern all of whose suppressed cells are safe, which its audit proves.

    Raises:
        NoPatternError: there is no such pattern, no engine found one, or the counts do not add up.
        SolverMissingError: HiGHS is not installed, and a table has rows and columns that add up.
            One that has rows only, or columns, is protected without; then no bound is known.
    """
    _refuse_printed_elsewhere(problem)
    start = problem.primary | already_out(problem.counted)
    parts = [_protected(part, engines, effort) for part in separate(problem)]
    complementary = frozenset[Place]().union(*(part.complementary for part in parts))
    leasts = [part.least for part in parts]
    return Pattern(
        suppressed=start | complementary,
        complementary=complementary,
        engine=_named(parts),
        cost=problem.cost(complementary),
        least=None if None in leasts else sum(least or 0 for least in leasts),
        audit=_safe(problem, complementary),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What was found for one table, or several that are linked."""

    complementary: frozenset[Place]
    engine: str
    least: int | None


def _protected(problem: Problem, engines: Sequence[Engine] | None, effort: Effort) -> _Part:
    instance = instance_of(problem)
    refuse_contradictions(instance)
    if not open_cells(instance, frozenset()):
        return _Part(complementary=frozenset(), engine=NOTHING_TO_DO, least=0)
    return _searched(instance, effort) if engines is None else _asked(problem, engines)


def _searched(instance: Instance, effort: Effort) -> _Part:
    """Look for the cheapest pattern, and take one that comes close where that takes too long."""
    counts = counts_of(instance)
    try:
        search = cheapest(instance, effort)
    except SolverMissingError:
        taken = instance.at(by_neighbours(instance))
        return _Part(complementary=taken, engine=Heuristic.name, least=None)
    found, engine = search.found, Exact.name
    if found is None:
        found, engine = protecting(instance, counts, search.proposals[-1:]), Heuristic.name
    return _Part(complementary=instance.at(found), engine=engine, least=search.least)


def _asked(problem: Problem, engines: Sequence[Engine]) -> _Part:
    refused = NoPatternError("nobody was asked")
    for engine in engines:
        try:
            found, least = engine.protect(problem)
            _safe(problem, found)
        except NoPatternError as error:
            refused = error
        else:
            return _Part(complementary=found, engine=engine.name, least=least)
    raise refused


def _safe(problem: Problem, complementary: frozenset[Place]) -> Audit:
    """Give the audit of a pattern.

    Raises:
        NoPatternError: some suppressed cell is not safe, or that is not proven.
        SolverMissingError: HiGHS is not installed.
    """
    suppressed = problem.primary | already_out(problem.counted) | complementary
    audit = prove(published(problem, suppressed), problem.threshold)
    if audit.solver_missing:
        raise SolverMissingError
    if audit.places(Verdict.INCONSISTENT):
        raise NoPatternError(NOT_ADDING_UP, audit.places(Verdict.INCONSISTENT))
    unsafe = audit.places(Verdict.EXACT, Verdict.WITHIN_T, Verdict.NARROW)
    undecided = (place for place, found in audit.cells.items() if not found.decided)
    if places := (*unsafe, *sorted(set(undecided) - set(unsafe))):
        raise NoPatternError("some cells can still be worked out", places)
    return audit


def _refuse_printed_elsewhere(problem: Problem) -> None:
    if elsewhere := tuple(sorted(problem.primary & problem.kept)):
        raise NoPatternError("some cells are printed elsewhere too", elsewhere)


def _named(parts: Sequence[_Part]) -> str:
    names = sorted({part.engine for part in parts} - {NOTHING_TO_DO})
    return " and ".join(names) or NOTHING_TO_DO
