"""HiGHS, as all programs here use it: one thread, no output, the same result every time."""

from typing import Any

from breachkit.sdc.integer_bounds import MAX_FACTOR, solver
from breachkit.sdc.intervals import Linear


def new_model(**options: object) -> Any:
    """Give an empty program.

    Raises:
        SolverMissingError: HiGHS is not installed.
    """
    model = solver().Highs()
    same = {"output_flag": False, "threads": 1, "parallel": "off", "random_seed": 0}
    for name, value in {**same, **options}.items():
        model.setOptionValue(name, value)
    return model


def end(high: int | None) -> float:
    """Give an upper end as HiGHS wants it."""
    return float(solver().kHighsInf if high is None else high)


def add_row(model: Any, constraint: Linear, known: int = 0) -> None:
    """Add a constraint whose terms index the columns; of its sum, so much is known already."""
    low = -end(None) if constraint.low is None else float(constraint.low - known)
    high = end(None if constraint.high is None else constraint.high - known)
    indices, factors = zip(*constraint.terms, strict=True)
    model.addRow(low, high, len(indices), list(indices), list(map(float, factors)))


def is_trusted(constraint: Linear) -> bool:
    """Say whether floating point is good enough for a constraint; one less can only widen bounds."""
    return all(abs(factor) <= MAX_FACTOR for _, factor in constraint.terms)


def make_whole(model: Any, column: int) -> None:
    """Ask for whole numbers in a column."""
    model.changeColIntegrality(column, solver().HighsVarType.kInteger)


def run(model: Any, seconds: float) -> None:
    """Solve, for at most so many seconds from now.

    The clock that HiGHS compares its limit with goes on from one linear program of a model to the
    next; for an integer program it begins anew, so that this may be more.
    """
    model.setOptionValue("time_limit", model.getRunTime() + seconds)
    model.run()


def is_optimal(model: Any) -> bool:
    """Say whether the last solution is the best one."""
    return bool(model.getModelStatus() == solver().HighsModelStatus.kOptimal)


def is_infeasible(model: Any) -> bool:
    """Say whether there is no solution."""
    return bool(model.getModelStatus() == solver().HighsModelStatus.kInfeasible)
