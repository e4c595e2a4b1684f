"""Reads objects in several forked processes, each with a git of its own.

The objects are cut into slices (`slices`), of which each worker has some for itself. Results come
back in batches through a pipe, which holds a worker up when nobody reads, so that memory stays
bounded.

A worker that dies takes down one object, not a scan: the one it was at is reported as lost and a
new worker goes on after it. One that is too long at an object is killed.
"""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TypeVar

from breachkit.git.batches import Contents, Function, Job, batches_of
from breachkit.git.objects import DEFAULT_CAP, ObjectEntry, read_objects
from breachkit.git.repository import Repository
from breachkit.git.slices import Cost, Shares
from breachkit.git.workers import Pool


R = TypeVar("R")

Progress = Callable[[int, int], None]


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
        entries: What to read, best with what is alike together, and then in the order of the packs.
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
    return map_contents(
        partial(read_objects, repository, cap=cap),
        entries,
        function,
        workers=workers,
        cost=cost,
        on_progress=on_progress,
        meanwhile=meanwhile,
    )


def map_contents(
    contents: Contents,
    entries: Sequence[ObjectEntry],
    function: Function[R],
    *,
    workers: int,
    cost: Cost | None = None,
    on_progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[R]:
    """As `map_objects`, of contents from wherever they are; each worker calls `contents` for itself."""
    report, meanwhile = on_progress or _nothing, meanwhile or _idle
    if workers == 1 or "fork" not in multiprocessing.get_all_start_methods():
        meanwhile()
        for batch in batches_of(Job(contents=contents, function=function), entries):
            report(batch.objects, batch.size)
            yield from batch.results
        return
    shares = Shares(entries, workers, cost)
    pool = Pool(Job(contents=contents, function=function, slices=shares.slices), shares)
    try:
        for share in range(workers):
            pool.begin(share)
        meanwhile()
        for batch in pool.batches():
            report(batch.objects, batch.size)
            yield from batch.results
    finally:
        pool.stop()


def _nothing(_objects: int, _size: int) -> None:
    """Report no progress."""


def _idle() -> None:
    """Do nothing meanwhile."""
