"""From a table of counts to linear constraints between whole numbers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from breachkit.sdc.cells import Cell, Place, Released, Share, Sum, Suppressed, origins
from breachkit.sdc.intervals import ANY, Interval, Linear


def domain_of(cell: Cell) -> Interval:
    """Give what a cell says by itself about its number."""
    match cell:
        case Released():
            return origins(cell.count, cell.regime)
        case Suppressed():
            return cell.prior
        case _:
            return ANY


def constraints_of(relation: Sum | Share, index_of: Mapping[Place, int]) -> Iterable[Linear]:
    """Write a relation as constraints; none where the table does not have all of its cells.

    Args:
        relation: A sum is one constraint, a share is two.
        index_of: The numbers of the places, which the constraints' `terms` use.
    """
    match relation:
        case Sum():
            terms = _terms([(place, 1) for place in relation.parts], index_of)
            whole = _terms([(place, -1) for place in relation.whole], index_of)
            if terms is not None and whole is not None:
                yield _linear((*terms, *whole), 0, 0)
        case Share():
            # The part, times the scale, is at least low and at most high times the whole.
            for factor, low, high in ((relation.low, 0, None), (relation.high, None, 0)):
                pair = [(relation.part, relation.scale), (relation.whole, -factor)]
                terms = _terms(pair, index_of)
                if terms is not None:
                    yield _linear(terms, low, high)
        case _:
            assert_never(relation)


def _terms(
    pairs: Iterable[tuple[Place, int]], index_of: Mapping[Place, int]
) -> tuple[tuple[int, int], ...] | None:
    """Number the places; None where the table does not have one of them."""
    pairs = tuple(pairs)
    if any(place not in index_of for place, _ in pairs):
        return None
    return tuple((index_of[place], factor) for place, factor in pairs)


def _linear(terms: Iterable[tuple[int, int]], low: int | None, high: int | None) -> Linear:
    """Add up the factors of each number, and leave out those that cancel."""
    factors: dict[int, int] = {}
    for index, factor in terms:
        factors[index] = factors.get(index, 0) + factor
    return Linear(tuple((index, factor) for index, factor in factors.items() if factor), low, high)


def is_kept(constraint: Linear, total: int) -> bool:
    """Say whether a sum of factors times numbers is within a constraint's ends."""
    return (constraint.low is None or total >= constraint.low) and (
        constraint.high is None or total <= constraint.high
    )


def keeps(constraint: Linear, numbers: Sequence[int]) -> bool:
    """Say whether numbers keep a constraint."""
    return is_kept(constraint, sum(factor * numbers[index] for index, factor in constraint.terms))
