"""Cuts what is to be read into slices for several workers, so that all end together.

A slice is contiguous, in the order of the packs, so that git finds the base of a delta where it has
just been. Whoever is ready takes the next one, the largest first: what was misjudged of the large
ones the small ones even out. (Guided self-scheduling: Polychronopoulos and Kuck, 1987.)
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from breachkit.git.objects import ObjectEntry


Cost = Callable[[ObjectEntry], int]
"""Gives the work an object makes, in the same measure as that of inflating a byte."""
Slice = Sequence[ObjectEntry]

_OVERHEAD = 8_000
"""What is done for each object takes as long as inflating so many bytes."""
_PER_WORKER = 2
"""Into so many slices for each worker what is left would be cut, were they all of one size."""
_LEAST = 5_000_000
"""With less to do, some 20 ms, starting git for it costs more than an uneven end."""


def guided_slices(
    entries: Sequence[ObjectEntry], workers: int, cost: Cost | None = None
) -> list[Slice]:
    """Cut entries into slices, the largest first; none is empty.

    An object that is as much work as a slice is the last of one.

    Args:
        entries: In the order of the packs.
        workers: How many there are; one takes everything as it is.
        cost: How much work an object is; its size by default.
    """
    if workers == 1:
        return [entries] if entries else []
    costs = [_OVERHEAD + (cost(entry) if cost else entry.size) for entry in entries]
    cuts = sorted(_cuts(costs, workers), key=lambda cut: cut.cost, reverse=True)
    return [entries[cut.first : cut.end] for cut in cuts]


class _Cut(NamedTuple):
    first: int
    end: int
    cost: int


def _cuts(costs: Sequence[int], workers: int) -> Iterator[_Cut]:
    left = sum(costs)
    least = min(_LEAST, left // workers)
    wanted = max(left // (_PER_WORKER * workers), least)
    start = done = 0
    for at, cost in enumerate(costs):
        if at > start and (done >= wanted or (done >= least and done + cost > wanted)):
            yield _Cut(start, at, done)
            left -= done
            wanted = max(left // (_PER_WORKER * workers), least)
            start, done = at, 0
        done += cost
    if costs:
        yield _Cut(start, len(costs), done)
