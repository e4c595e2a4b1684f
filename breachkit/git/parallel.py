"""Reads objects in several forked processes, each with a git of its own.

The objects are cut into contiguous slices, in the order of the packs, so that git finds the base of
a delta where it has just been: a large one for each worker first, then ever smaller ones for whoever
is ready, so that all end at about the same time. Results come back in batches through a pipe,
which holds a worker up when nobody reads, so that memory stays bounded.

A worker that dies takes down one object, not a scan: the one it was at is reported as lost and a
new worker goes on after it. One that is too long at an object is killed.
"""

import itertools
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from breachkit.git.batches import Function, Job, batches_of
from breachkit.git.objects import DEFAULT_CAP, ObjectEntry
from breachkit.git.repository import Repository
from breachkit.git.workers import Pool


R = TypeVar("R")

Progress = Callable[[int, int], None]
Cost = Callable[[ObjectEntry], int]
"""Gives the work an object makes, in the same measure as that of inflating a byte."""


def map_objects(
    repository: Repository,
    entries: Sequence[ObjectEntry],
    function: Function[R],
    *,
    workers: int,
    cap: int = DEFAULT_CAP,
    cost: Cost | None = None,
    on_progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[R]:
    """Call a function with the content of every object and give what it returns.

    Args:
        repository: Where.
        entries: What to read, best in the order of the packs.
        function: Called once for each entry, with its content or the reason why there is none. Its
            results must be picklable. It should not raise.
        workers: How many processes; with 1 nothing is forked.
        cap: Size in bytes from which on an object is not loaded.
        cost: How much work an object is, so that workers end together; its size by default.
        on_progress: Called with the number of objects and of bytes that have been done since the
            last call.
        meanwhile: Called once, in this process, as soon as the others are at work.

    Yields:
        One result for each entry; with more than one worker in no order.

    Raises:
        ReaderError: the function raised; the message says where, and nothing of the content.
    """
    report, meanwhile = on_progress or _nothing, meanwhile or _idle
    slices = [part for part in guided_slices(entries, workers, cost) if part]
    if len(slices) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        meanwhile()
        for batch in batches_of(Job(repository=repository, function=function, cap=cap), entries):
            report(batch.objects, batch.size)
            yield from batch.results
        return
    job = Job(repository=repository, function=function, cap=cap, slices=slices[workers:])
    pool = Pool(job)
    try:
        for part in slices[:workers]:
            pool.start(part)
        meanwhile()
        for batch in pool.batches():
            report(batch.objects, batch.size)
            yield from batch.results
    finally:
        pool.stop()


_SHARES = (0.5, 0.25, 0.13, 0.08, 0.04)
"""Of the work, that are handed out in one round each: what is left to the last evens out what was
misjudged before."""
_FEWEST = 2_000
"""With fewer objects, starting a process again costs more than an uneven end."""


def guided_slices(
    entries: Sequence[ObjectEntry], workers: int, cost: Cost | None = None
) -> list[Sequence[ObjectEntry]]:
    """Cut entries into contiguous slices, some maybe empty, of falling cost: `workers` of each size.

    Each object costs something beside its content, as much as so many bytes.
    """
    if workers == 1:
        return [entries]
    shares = _SHARES if len(entries) >= _FEWEST else (1.0,)
    borders = list(
        itertools.accumulate(share / workers for share in shares for _ in range(workers))
    )
    overhead = 8_000  # what is done for each object takes as long as inflating so many bytes
    costs = [overhead + (cost(entry) if cost else entry.size) for entry in entries]
    total = sum(costs)
    slices: list[Sequence[ObjectEntry]] = []
    start = done = 0
    for end, one in enumerate(costs):
        while done >= borders[len(slices)] * total and len(slices) < len(borders) - 1:
            slices.append(entries[start:end])
            start = end
        done += one
    return [*slices, entries[start:]]


def _nothing(_objects: int, _size: int) -> None:
    """Report no progress."""


def _idle() -> None:
    """Do nothing meanwhile."""
