"""What the audit says of patterns, by the numbers of an instance."""

from breachkit.sdc.audit import Audit, Judgement, Verdict, prove
from breachkit.sdc.integer_bounds import SolverMissingError
from breachkit.sdc.protection.instance import Instance, published
from breachkit.sdc.protection.problem import NoPatternError


def judged(instance: Instance, taken: frozenset[int]) -> Audit:
    """Audit a table of which some cells are out beside the start."""
    problem = instance.problem
    return prove(published(problem, instance.at(instance.start | taken)), instance.threshold)


def open_cells(instance: Instance, taken: frozenset[int]) -> dict[int, bool]:
    """Give the suppressed cells that are not proven safe, in order, and whether they are unsafe for sure.

    Bounds are sound whenever the audit stops, so that only what it calls safe can be in doubt.

    Raises:
        SolverMissingError: HiGHS is not installed, and the rest cannot be proven without.
    """
    audit = judged(instance, taken)
    if audit.solver_missing:
        raise SolverMissingError
    cells = audit.cells
    found = {index: cells[instance.places[index]] for index in sorted(instance.start | taken)}
    return {
        index: judgement.verdict is not Verdict.SAFE
        for index, judgement in found.items()
        if not _is_safe(judgement)
    }


def _is_safe(judgement: Judgement) -> bool:
    return judgement.verdict is Verdict.SAFE and judgement.decided


def widest(instance: Instance) -> frozenset[int]:
    """Give the largest set of complementary cells that protects.

    Suppressing more never narrows. So a cell that can be worked out while all that may go is out
    can always be, and without the complementary ones among such cells the rest is asked again.

    Raises:
        NoPatternError: no set protects; its places are the cells that can always be worked out.
    """
    taken = instance.candidates
    while unsafe := open_cells(instance, taken).keys():
        if lost := unsafe & instance.start:
            raise NoPatternError(
                "some cells can be worked out whatever else is taken out",
                tuple(sorted(instance.at(lost))),
            )
        taken -= unsafe
    return taken
