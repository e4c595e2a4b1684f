"""Cuts what is to be read into slices for several workers, so that all end together.

What stands together is alike: versions of a file, files of a kind. Much of what one worker finds out
of one it need not find out of the next, so that each has a share of its own, which it reads from
beginning to end. Slices are contiguous, and fall in size: whoever has done its share takes the largest
that another has not begun, and what was misjudged of the large ones the small ones even out. (Guided
self-scheduling with affinity: Polychronopoulos and Kuck, 1987; Markatos and LeBlanc, 1994.)
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from breachkit.git.objects import ObjectEntry


Cost = Callable[[ObjectEntry], int]
"""Gives the work an object makes, in the same measure as that of inflating a byte."""
Slice = Sequence[ObjectEntry]

_OVERHEAD = 8_000
"""What is done for each object takes as long as inflating so many bytes."""
_PER_SHARE = 2
"""Into so many slices what is left of a share would be cut, were they all of one size."""
_LEAST = 5_000_000
"""With less to do, some 20 ms, starting git for it costs more than an uneven end."""


class Shares:
    """What each of several workers is to read, in slices that nobody has taken yet.

    An object that is as much work as a slice is the last of one.

    Args:
        entries: In an order in which what is alike stands together.
        workers: How many there are; one takes everything as it is.
        cost: How much work an object is; its size by default.
    """

    def __init__(
        self, entries: Sequence[ObjectEntry], workers: int, cost: Cost | None = None
    ) -> None:
        costs = [_OVERHEAD + (cost(entry) if cost else entry.size) for entry in entries]
        self.slices: list[Slice] = []
        """None is empty; together they are all entries."""
        self._left: list[list[_Waiting]] = []
        least = _LEAST if workers > 1 else sum(costs)
        for first, end in _parts(costs, workers):
            cuts = sorted(_cuts(costs, first, end, least), key=lambda cut: cut.cost)
            self._left.append([])
            for cut in cuts:
                self._left[-1].append(_Waiting(cut.cost, len(self.slices)))
                self.slices.append(entries[cut.first : cut.end])

    def take(self, share: int) -> int | None:
        """Give the number of the slice that a worker does next; None where nothing is left.

        Args:
            share: The number of its own, counted from 0.
        """
        if share < len(self._left) and self._left[share]:
            return self._left[share].pop().number
        richest = max(
            (left for left in self._left if left), key=lambda left: left[-1], default=None
        )
        return richest.pop().number if richest else None


class _Waiting(NamedTuple):
    cost: int
    number: int


class _Cut(NamedTuple):
    first: int
    end: int
    cost: int


def _parts(costs: Sequence[int], workers: int) -> Iterator[tuple[int, int]]:
    """Part what there is into as many shares as there are workers, of about the same cost."""
    ends = list(accumulate(costs))
    total = ends[-1] if ends else 0
    start = 0
    for number in range(1, workers + 1):
        end = min(bisect_left(ends, total * number / workers) + 1, len(costs))
        if end > start:
            yield start, end
            start = end


def _cuts(costs: Sequence[int], first: int, end: int, least: int) -> Iterator[_Cut]:
    left = sum(costs[first:end])
    least = min(least, left)
    wanted = max(left // _PER_SHARE, least)
    start, done = first, 0
    for at in range(first, end):
        if at > start and (done >= wanted or (done >= least and done + costs[at] > wanted)):
            yield _Cut(start, at, done)
            left -= done
            wanted = max(left // _PER_SHARE, least)
            start, done = at, 0
        done += costs[at]
    yield _Cut(start, end, done)
