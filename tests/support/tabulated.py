"""Tables of counts with margins, of two and more ways, with subtotals, and linked ones."""

import itertools
import math
from collections.abc import Mapping, Sequence
from random import Random

from breachkit.sdc.cells import CountTable, Place, Relation, Released, Sum
from breachkit.sdc.protection.problem import Problem


Code = tuple[int, ...]
Tree = Mapping[int, tuple[int, ...]]
"""Of each total of one variable, its parts, which come first; codes count from 0."""


def flat(size: int) -> Tree:
    """Give a variable of so many categories and their total."""
    return {size: tuple(range(size))}


def halved(size: int) -> Tree:
    """Give a variable whose categories have two subtotals, which have a total."""
    half = size // 2
    return {
        size: tuple(range(half)),
        size + 1: tuple(range(half, size)),
        size + 2: (size, size + 1),
    }


def tabulated(
    inner: Mapping[Code, int], trees: Sequence[Tree]
) -> tuple[dict[Place, int], tuple[Relation, ...]]:
    """Give all counts of a table with its margins, and how they add up.

    Args:
        inner: Counts of the finest categories, one for each combination.
        trees: The totals of each variable.
    """
    counts = dict(inner)
    codes = [sorted({key[at] for key in inner}) for at in range(len(trees))]
    sums: list[tuple[list[Code], Code]] = []
    for at, tree in enumerate(trees):
        for whole, parts in tree.items():
            for key in itertools.product(*codes[:at], [whole], *codes[at + 1 :]):
                below = [(*key[:at], part, *key[at + 1 :]) for part in parts]
                counts[key] = sum(counts[each] for each in below)
            codes[at] = [*codes[at], whole]
    for at, tree in enumerate(trees):
        for whole, parts in tree.items():
            for key in itertools.product(*codes[:at], [whole], *codes[at + 1 :]):
                below = [(*key[:at], part, *key[at + 1 :]) for part in parts]
                sums += [(below, key)]
    sizes = [len(all_) for all_ in codes]
    relations = tuple(
        Sum(tuple(_place(part, sizes) for part in parts), (_place(whole, sizes),))
        for parts, whole in sums
    )
    return {_place(key, sizes): count for key, count in counts.items()}, relations


def _place(key: Code, sizes: Sequence[int]) -> Place:
    row = 0
    for code, size in zip(key[:-1], sizes[:-1], strict=True):
        row = row * size + code
    return row, key[-1]


def filled(chance: Random, sizes: Sequence[int], threshold: int, small: float) -> dict[Code, int]:
    """Give random inner counts; a share of them is small, and some are 0."""
    return {
        key: chance.randint(1, threshold)
        if chance.random() < small
        else chance.choice((0, *(chance.randint(threshold + 1, 300) for _ in range(9))))
        for key in itertools.product(*map(range, sizes))
    }


def in_clusters(chance: Random, sizes: Sequence[int], mean: float) -> dict[Code, int]:
    """Give inner counts as a cross of rare and common categories has them."""
    rates = [[chance.lognormvariate(0, 1) for _ in range(size)] for size in sizes]
    return {
        key: _poisson(chance, mean * math.prod(rates[at][code] for at, code in enumerate(key)))
        for key in itertools.product(*map(range, sizes))
    }


def _poisson(chance: Random, mean: float) -> int:
    if mean > 50:
        return max(0, round(chance.gauss(mean, math.sqrt(mean))))
    left, number = math.exp(-mean), -1
    product = 1.0
    while product > left:
        product *= chance.random()
        number += 1
    return number


def problem(counts: Mapping[Place, int], relations: Sequence[Relation], threshold: int) -> Problem:
    """Give the problem of a table all of whose small counts may not be seen."""
    return Problem(
        counted=CountTable(
            cells={place: Released(count) for place, count in counts.items()},
            relations=tuple(relations),
        ),
        primary=frozenset(place for place, count in counts.items() if 1 <= count <= threshold),
        threshold=threshold,
    )


def linked(
    one: tuple[dict[Place, int], tuple[Relation, ...]],
    other: tuple[dict[Place, int], tuple[Relation, ...]],
    same: Mapping[Place, Place],
) -> tuple[dict[Place, int], tuple[Relation, ...]]:
    """Put two tables together; `same` names cells of one, and those of the other that equal them."""
    shift = 1 + max(row for row, _ in one[0])
    moved = {(row + shift, at): count for (row, at), count in other[0].items()}
    relations = [
        Sum(
            tuple((row + shift, at) for row, at in relation.parts),
            tuple((row + shift, at) for row, at in relation.whole),
        )
        for relation in other[1]
        if isinstance(relation, Sum)
    ]
    equal = [Sum((first,), ((row + shift, at),)) for first, (row, at) in same.items()]
    return {**one[0], **moved}, (*one[1], *relations, *equal)
