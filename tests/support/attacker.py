"""Somebody who has a redacted table and wants the counts that were taken out of it.

Shares nothing with the package but the words for tables: whole numbers are sought with HiGHS' own
way of writing programs, or by trying all of them.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import highspy

from breachkit.sdc.cells import Place, Relation, Share, Sum
from breachkit.sdc.rounding import Regime


Seen = Mapping[Place, int]
"""What is printed; places that are missing were taken out."""


def attack(
    places: Sequence[Place],
    seen: Seen,
    relations: Sequence[Relation],
    regime: Regime | None = None,
) -> dict[Place, tuple[int, int | None]]:
    """Give the least and the most that each hidden count can be; None without end.

    Args:
        places: All cells.
        seen: What is printed of them.
        relations: How they add up.
        regime: How what is printed was rounded.
    """
    found = {}
    for place in sorted(set(places) - set(seen)):
        low, high = (_end(places, seen, relations, regime, place, most) for most in (False, True))
        assert low is not None
        found[place] = (low, high)
    return found


def _end(
    places: Sequence[Place],
    seen: Seen,
    relations: Sequence[Relation],
    regime: Regime | None,
    wanted: Place,
    most: bool,
) -> int | None:
    program = highspy.Highs()
    program.silent()
    program.setOptionValue("mip_rel_gap", 0.0)
    numbers = {place: _number(program, seen.get(place), regime) for place in places}
    for relation in relations:
        for constraint in _constraints(relation, numbers):
            program.addConstr(constraint)
    (program.maximize if most else program.minimize)(numbers[wanted])
    status = program.getModelStatus()
    if status in (
        highspy.HighsModelStatus.kUnbounded,
        highspy.HighsModelStatus.kUnboundedOrInfeasible,
    ):
        return None
    assert status == highspy.HighsModelStatus.kOptimal, status
    value: float = program.val(numbers[wanted])
    return round(value)


def _number(program: Any, shown: int | None, regime: Regime | None) -> Any:
    low, high = (0, highspy.kHighsInf) if shown is None else before_rounding(shown, regime)
    return program.addIntegral(lb=low, ub=high)


def before_rounding(shown: int, regime: Regime | None) -> tuple[int, int]:
    """Give the least and the most that is rounded to a number, by trying."""
    if regime is None:
        return shown, shown
    near = range(max(0, shown - regime.base), shown + regime.base + 1)
    able = [count for count in near if shown in roundings(count, regime)]
    return able[0], able[-1]


def roundings(count: int, regime: Regime) -> set[int]:
    """Give what a count may be rounded to: a half goes either way."""
    base = regime.base
    if regime.midpoint:
        return {-(-count // base) * base - base // 2 if count else 0}
    return {base * ((2 * count + base) // (2 * base)), -base * ((base - 2 * count) // (2 * base))}


def _constraints(relation: Relation, numbers: Mapping[Place, Any]) -> Iterator[Any]:
    if isinstance(relation, Sum):
        parts = sum(numbers[place] for place in relation.parts)
        yield parts == sum(numbers[place] for place in relation.whole)
        return
    part, whole = numbers[relation.part], numbers[relation.whole]
    yield relation.scale * part >= relation.low * whole
    yield relation.scale * part <= relation.high * whole


def by_trying(
    places: Sequence[Place], seen: Seen, relations: Sequence[Relation], most: int
) -> dict[Place, tuple[int, int]]:
    """Give the same for tables without rounding, by filling all hidden cells with 0 to `most`."""
    hidden = sorted(set(places) - set(seen))
    kept = [
        filling
        for filling in itertools.product(range(most + 1), repeat=len(hidden))
        if _agrees({**seen, **dict(zip(hidden, filling, strict=True))}, relations)
    ]
    columns = zip(*kept, strict=True)
    return {place: (min(all_), max(all_)) for place, all_ in zip(hidden, columns, strict=True)}


def _agrees(counts: Seen, relations: Sequence[Relation]) -> bool:
    return all(_holds(relation, counts) for relation in relations)


def _holds(relation: Relation, counts: Seen) -> bool:
    if isinstance(relation, Share):
        part, whole = relation.scale * counts[relation.part], counts[relation.whole]
        return relation.low * whole <= part <= relation.high * whole
    return sum(counts[at] for at in relation.parts) == sum(counts[at] for at in relation.whole)


def is_narrowed(low: int, high: int | None, threshold: int) -> bool:
    """Say whether so much is known of a hidden count that it should have been hidden better."""
    if high is None:
        return False
    few = low >= 1 and high <= threshold
    return low == high or high - low < threshold - 1 or few
