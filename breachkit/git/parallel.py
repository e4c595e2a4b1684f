"""Reads objects in several forked processes, each with a git of its own.

The objects are cut into contiguous slices of about equal bytes, in the order of the packs, so that
git finds the base of a delta where it has just been. Results come back in batches through a pipe,
which holds a worker up when nobody reads, so that memory stays bounded.

A worker that dies takes down one object, not a scan: the one it was at is reported as lost and a
new worker goes on after it.
"""

import gc
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
    slices = [part for part in balanced_slices(entries, workers, cost) if part]
    if len(slices) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        for batch in _batches(repository, entries, function, cap=cap):
            report(batch.objects, batch.size)
            yield from batch.results
        return
    pool = _Pool(repository, function, cap=cap)
    try:
        for part in slices:
            pool.start(part)
        for batch in pool.batches():
            report(batch.objects, batch.size)
            yield from batch.results
    finally:
        pool.stop()


def balanced_slices(
    entries: Sequence[ObjectEntry], count: int, cost: Cost | None = None
) -> list[Sequence[ObjectEntry]]:
    """Cut entries into contiguous slices, some maybe empty, of about equal cost.

    Each object costs something beside its content, as much as so many bytes.
    """
    overhead = 8_000  # what is done for each object takes as long as inflating so many bytes
    costs = [overhead + (cost(entry) if cost else entry.size) for entry in entries]
    total = sum(costs) or 1
    ends, done = [0] * count, 0
    for one in costs:
        ends[min(count - 1, done * count // total)] += 1
        done += one
    slices, start = [], 0
    for length in ends:
        slices.append(entries[start : start + length])
        start += length
    return slices


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch(Generic[R]):
    results: list[R]
    objects: int
    size: int


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
        repository: Repository,
        entries: Sequence[ObjectEntry],
        function: Function[R],
        cap: int,
        siblings: "Sequence[Reader]",
    ) -> None:
        self.entries = entries
        self.received = 0
        self._at = mmap.mmap(-1, 8)  # shared with the child: the number of the object it is at
        self.connection, sender = context.Pipe(duplex=False)
        self.process: ForkProcess = context.Process(
            target=_work,
            args=(repository, entries, function, cap, sender, self._at),
            kwargs={"inherited": [*siblings, self.connection], "parent": os.getpid()},
            daemon=True,
        )
        self.process.start()
        sender.close()

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
    repository: Repository,
    entries: Sequence[ObjectEntry],
    function: Function[R],
    cap: int,
    sender: "Connection[object, object]",
    at: mmap.mmap,
    inherited: "Sequence[Reader]",
    parent: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when a scan is over
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for connection in inherited:  # else it would itself be who still could read what it sends
        connection.close()
    gc.disable()  # tables hold no cycles, and what was inherited is not looked through or copied
    pack = struct.Struct("q").pack_into

    def note(number: int) -> None:
        pack(at, 0, number)
        if os.getppid() != parent:  # it was killed, and nobody waits for the rest
            os._exit(1)

    try:
        for batch in _batches(repository, entries, function, cap=cap, at=note):
            sender.send(batch)
    except (BrokenPipeError, MemoryError):
        os._exit(1)  # to the parent a death like any other
    except BreachkitError as cause:
        sender.send(_Failure(what=str(cause)))
    except Exception as cause:  # noqa: BLE001 (a result that cannot be sent, above all)
        sender.send(_Failure(what=_where(cause)))
    sender.send(None)


class _Pool(Generic[R]):
    """The workers of one call."""

    def __init__(self, repository: Repository, function: Function[R], *, cap: int) -> None:
        self._context = multiprocessing.get_context("fork")
        self._repository = repository
        self._function = function
        self._cap = cap
        self._workers: dict[object, _Worker[R]] = {}
        self._deaths = 0

    def start(self, entries: Sequence[ObjectEntry]) -> None:
        """Begin with a slice."""
        siblings = [each.connection for each in self._workers.values()]
        worker = _Worker(
            self._context, self._repository, entries, self._function, self._cap, siblings
        )
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
            results = [self._function(entry, Unread.LOST) for entry in lost]
            size = sum(entry.size for entry in lost)
            yield _Batch(results=results, objects=len(lost), size=size)
        if rest:
            self.start(rest)

    def _remove(self, worker: _Worker[R]) -> None:
        del self._workers[worker.connection]
        worker.stop(kill=False)
