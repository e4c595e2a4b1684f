"""Reads objects in several forked processes, each with a git of its own.

The objects are cut into contiguous slices, in the order of the packs, so that git finds the base of
a delta where it has just been: a large one for each worker first, then ever smaller ones for whoever
is ready, so that all end at about the same time. Results come back in batches through a pipe,
which holds a worker up when nobody reads, so that memory stays bounded.

A worker that dies takes down one object, not a scan: the one it was at is reported as lost and a
new worker goes on after it.
"""

import gc
import itertools
import logging
import mmap
import multiprocessing
import os
import signal
import struct
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, ForkProcess
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar, cast

from breachkit.git.objects import DEFAULT_CAP, ObjectEntry, Unread, read_objects
from breachkit.git.repository import Repository
from breachkit.model.errors import BreachkitError


logger = logging.getLogger(__name__)

R = TypeVar("R")

Function = Callable[[ObjectEntry, bytes | Unread], R]
Progress = Callable[[int, int], None]
Reader: TypeAlias = "Connection[object, object]"
_Slices: TypeAlias = Sequence[Sequence[ObjectEntry]]
Cost = Callable[[ObjectEntry], int]
"""Gives the work an object makes, in the same measure as that of inflating a byte."""

_BATCH_OBJECTS = 128
_BATCH_BYTES = 4 << 20
_MOST_DEATHS = 20
"""After so many deaths the machine, not the content, is at fault."""


class ReaderError(BreachkitError):
    """The function that looks at objects failed, which is a mistake in breachkit."""


def map_objects(
    repository: Repository,
    entries: Sequence[ObjectEntry],
    function: Function[R],
    *,
    workers: int,
    cap: int = DEFAULT_CAP,
    cost: Cost | None = None,
    on_progress: Progress | None = None,
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

    Yields:
        One result for each entry; with more than one worker in no order.

    Raises:
        ReaderError: the function raised; the message says where, and nothing of the content.
    """
    report = on_progress or _nothing
    slices = [part for part in guided_slices(entries, workers, cost) if part]
    if len(slices) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        for batch in _batches(repository, entries, function, cap=cap):
            report(batch.objects, batch.size)
            yield from batch.results
        return
    job = _Job(repository=repository, function=function, cap=cap, slices=slices[workers:])
    pool = _Pool(job)
    try:
        for part in slices[:workers]:
            pool.start(part)
        for batch in pool.batches():
            report(batch.objects, batch.size)
            yield from batch.results
    finally:
        pool.stop()


_SHARES = (0.72, 0.18, 0.1)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch(Generic[R]):
    results: list[R]
    objects: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job(Generic[R]):
    """What every worker of a call does."""

    repository: Repository
    function: Function[R]
    cap: int
    slices: _Slices
    """Those that whoever is ready is given, by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    """The function raised, somewhere."""

    what: str


def _batches(
    repository: Repository,
    entries: Sequence[ObjectEntry],
    function: Function[R],
    *,
    cap: int,
    at: Callable[[int], None] = lambda _: None,
) -> Iterator[_Batch[R]]:
    results: list[R] = []
    size = 0
    for number, (entry, content) in enumerate(read_objects(repository, entries, cap=cap)):
        results.append(_call(function, entry, content))
        at(number + 1)
        size += entry.size
        if len(results) >= _BATCH_OBJECTS or size >= _BATCH_BYTES:
            yield _Batch(results=results, objects=len(results), size=size)
            results, size = [], 0
    if results:
        yield _Batch(results=results, objects=len(results), size=size)


def _call(function: Function[R], entry: ObjectEntry, content: bytes | Unread) -> R:
    try:
        return function(entry, content)
    except MemoryError:
        return function(entry, Unread.LOST)
    except Exception as cause:  # noqa: BLE001 (its text may hold content)
        raise ReaderError(_where(cause)) from None


def _where(cause: Exception) -> str:
    """Say what failed where, without the message of the exception: it can quote a cell."""
    frames = traceback.extract_tb(cause.__traceback__)[1:]
    places = " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-4:])
    return (
        f"looking at an object failed with {type(cause).__name__} ({places}); "
        "this is a mistake in breachkit: please report it"
    )


def _nothing(_objects: int, _size: int) -> None:
    """Report no progress."""


class _Worker(Generic[R]):
    """A forked process at one slice."""

    def __init__(
        self,
        context: ForkContext,
        job: _Job[R],
        entries: Sequence[ObjectEntry],
        siblings: "Sequence[Reader]",
    ) -> None:
        self.entries = entries
        self.received = 0
        self._at = mmap.mmap(-1, 8)  # shared with the child: the number of the object it is at
        self.connection, end_of_child = context.Pipe()
        self.process: ForkProcess = context.Process(
            target=_work,
            args=(job, entries, end_of_child, self._at),
            kwargs={"inherited": [*siblings, self.connection], "parent": os.getpid()},
            daemon=True,
        )
        self.process.start()
        end_of_child.close()

    def go_on(self, number: int, entries: Sequence[ObjectEntry]) -> None:
        """Give it another slice, named by its number, when it has sent the results of the last."""
        self.entries, self.received = entries, 0
        self._at[:8] = bytes(8)
        self.connection.send(number)

    def dismiss(self) -> None:
        """Let it end."""
        self.connection.send(None)

    def left_over(self) -> tuple[ObjectEntry | None, Sequence[ObjectEntry]]:
        """After its death: the object it died at, and what else it sent no result for."""
        (number,) = struct.unpack("q", self._at[:8])
        if number >= len(self.entries):
            return None, ()
        rest = [*self.entries[self.received : number], *self.entries[number + 1 :]]
        return self.entries[number], rest

    def stop(self, *, kill: bool) -> None:
        """Let it end, or kill it; its git ends by itself when nobody reads."""
        self.process.join(timeout=0 if kill else 2)
        self.process.kill()
        self.process.join()
        self.process.close()
        self.connection.close()
        self._at.close()


def _work(
    job: _Job[R],
    entries: Sequence[ObjectEntry],
    connection: "Connection[object, object]",
    at: mmap.mmap,
    inherited: "Sequence[Reader]",
    parent: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when a scan is over
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for other in inherited:  # else it would itself be who still could read what it sends
        other.close()
    gc.disable()  # tables hold no cycles, and what was inherited is not looked through or copied
    pack = struct.Struct("q").pack_into

    def note(number: int) -> None:
        pack(at, 0, number)
        if os.getppid() != parent:  # it was killed, and nobody waits for the rest
            os._exit(1)

    try:
        while True:
            for batch in _batches(job.repository, entries, job.function, cap=job.cap, at=note):
                connection.send(batch)
            connection.send(None)
            number = connection.recv()
            if number is None:
                return
            entries = job.slices[cast("int", number)]
    except (BrokenPipeError, EOFError, MemoryError):
        os._exit(1)  # to the parent a death like any other
    except BreachkitError as cause:
        connection.send(_Failure(what=str(cause)))
    except Exception as cause:  # noqa: BLE001 (a result that cannot be sent, above all)
        connection.send(_Failure(what=_where(cause)))


class _Pool(Generic[R]):
    """The workers of one call."""

    def __init__(self, job: _Job[R]) -> None:
        self._context = multiprocessing.get_context("fork")
        self._job = job
        self._workers: dict[object, _Worker[R]] = {}
        self._waiting = list(range(len(job.slices)))[::-1]
        self._deaths = 0

    def start(self, entries: Sequence[ObjectEntry]) -> None:
        """Begin with a slice."""
        siblings = [each.connection for each in self._workers.values()]
        worker = _Worker(self._context, self._job, entries, siblings)
        self._workers[worker.connection] = worker

    def batches(self) -> Iterator[_Batch[R]]:
        """Give batches as they come, until every worker has sent its last."""
        while self._workers:
            for ready in wait(
                list(cast("dict[Connection[object, object], _Worker[R]]", self._workers))
            ):
                yield from self._receive(self._workers[ready])

    def stop(self) -> None:
        """Kill whatever still runs."""
        for worker in self._workers.values():
            worker.stop(kill=True)
        self._workers.clear()

    def _receive(self, worker: _Worker[R]) -> Iterator[_Batch[R]]:
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(worker)
            return
        match message:
            case _Batch():
                worker.received += message.objects
                yield message
            case _Failure():
                raise ReaderError(message.what)
            case _ if worker.received < len(worker.entries):  # it says that it is done, and is not
                yield from self._bury(worker)
            case _:
                self._next(worker)

    def _next(self, worker: _Worker[R]) -> None:
        """Give a worker that has done its slice another, or let it end."""
        try:
            if self._waiting:
                number = self._waiting.pop()
                worker.go_on(number, self._job.slices[number])
                return
            worker.dismiss()
        except OSError:  # it died when it was done
            ...
        self._remove(worker)

    def _bury(self, worker: _Worker[R]) -> Iterator[_Batch[R]]:
        culprit, rest = worker.left_over()
        self._remove(worker)
        self._deaths += 1
        logger.warning("a worker died; %d objects of its slice are left", len(rest))
        lost = [culprit] if culprit else []
        if self._deaths >= _MOST_DEATHS:
            lost, rest = [*lost, *rest], ()
        if lost:
            results = [self._job.function(entry, Unread.LOST) for entry in lost]
            size = sum(entry.size for entry in lost)
            yield _Batch(results=results, objects=len(lost), size=size)
        if rest:
            self.start(rest)
        elif self._waiting:
            self.start(self._job.slices[self._waiting.pop()])

    def _remove(self, worker: _Worker[R]) -> None:
        del self._workers[worker.connection]
        worker.stop(kill=False)
