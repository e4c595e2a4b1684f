"""Forked processes that look at objects, and what becomes of them: see `parallel`."""

import gc
import logging
import mmap
import multiprocessing
import os
import signal
import struct
import time
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, ForkProcess
from typing import Generic, TypeAlias, TypeVar, cast

from breachkit.git.batches import Batch, Failure, Job, ReaderError, batches_of, place_of
from breachkit.git.limits import limit_memory
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.git.slices import Shares
from breachkit.model.errors import BreachkitError


logger = logging.getLogger(__name__)

R = TypeVar("R")
Reader: TypeAlias = "Connection[object, object]"

_MOST_DEATHS = 20
"""After so many deaths the machine, not the content, is at fault."""
_PATIENCE = 1.0
"""Seconds after which a worker that says nothing is looked after."""
_LONGEST = 45.0
"""Seconds at one object after which a worker is killed: code in C that does not notice an alarm."""


class _Worker(Generic[R]):
    """A forked process at one slice."""

    def __init__(
        self,
        context: ForkContext,
        job: Job[R],
        entries: Sequence[ObjectEntry],
        siblings: "Sequence[Reader]",
        share: int,
    ) -> None:
        self.entries = entries
        self.share = share
        self.received = 0
        self._stuck, self._seen = 0.0, b""
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

    def watch(self, seconds: float) -> None:
        """Take note that it had so much more time; kill it if it has been too long at one object."""
        at = self._at[:8]
        self._stuck = 0.0 if at != self._seen else self._stuck + seconds
        self._seen = at
        if self._stuck > _LONGEST:
            self.process.kill()

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
        if number >= len(self.entries):  # it had looked at all, and not sent everything
            return None, self.entries[self.received :]
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
    job: Job[R],
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
    limit_memory()
    gc.disable()  # tables hold no cycles, and what was inherited is not looked through or copied
    pack = struct.Struct("q").pack_into

    def note(number: int) -> None:
        pack(at, 0, number)
        if os.getppid() != parent:  # it was killed, and nobody waits for the rest
            os._exit(1)

    try:
        while True:
            for batch in batches_of(job, entries, at=note):
                connection.send(batch)
            connection.send(None)
            number = connection.recv()
            if number is None:
                return
            entries = job.slices[cast("int", number)]
    except (BrokenPipeError, EOFError, MemoryError):
        os._exit(1)  # to the parent a death like any other
    except BreachkitError as cause:
        connection.send(Failure(what=str(cause)))
    except Exception as cause:  # noqa: BLE001 (a result that cannot be sent, above all)
        connection.send(Failure(what=place_of(cause)))


class Pool(Generic[R]):
    """The workers of one call.

    Args:
        job: What they do, with all slices.
        shares: Says which slice is next for whom.
    """

    def __init__(self, job: Job[R], shares: Shares) -> None:
        self._context = multiprocessing.get_context("fork")
        self._job = job
        self._workers: dict[object, _Worker[R]] = {}
        self._shares = shares
        self._deaths = 0

    def begin(self, share: int) -> None:
        """Start the worker of a share, where anything is left to do."""
        number = self._shares.take(share)
        if number is not None:
            self._start(self._job.slices[number], share)

    def _start(self, entries: Sequence[ObjectEntry], share: int) -> None:
        siblings = [each.connection for each in self._workers.values()]
        worker = _Worker(self._context, self._job, entries, siblings, share)
        self._workers[worker.connection] = worker

    def batches(self) -> Iterator[Batch[R]]:
        """Give batches as they come, until every worker has sent its last."""
        while self._workers:
            begun = time.monotonic()
            ready = wait(
                list(cast("dict[Connection[object, object], _Worker[R]]", self._workers)), _PATIENCE
            )
            waited = time.monotonic() - begun  # what else passes is not theirs
            for worker in self._workers.values():
                worker.watch(waited)
            for connection in ready:
                yield from self._receive(self._workers[connection])

    def stop(self) -> None:
        """Kill whatever still runs."""
        for worker in self._workers.values():
            worker.stop(kill=True)
        self._workers.clear()

    def _receive(self, worker: _Worker[R]) -> Iterator[Batch[R]]:
        try:
            message = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._bury(worker)
            return
        match message:
            case Batch():
                worker.received += message.objects
                yield message
            case Failure():
                raise ReaderError(message.what)
            case _ if worker.received < len(worker.entries):  # it says that it is done, and is not
                yield from self._bury(worker)
            case _:
                self._next(worker)

    def _next(self, worker: _Worker[R]) -> None:
        """Give a worker that has done its slice another, or let it end."""
        number = self._shares.take(worker.share)
        try:
            if number is not None:
                worker.go_on(number, self._job.slices[number])
                return
            worker.dismiss()
        except OSError:  # it died when it was done: what it was to do next is still to be done
            self._remove(worker, kill=True)
            if number is not None:
                self._start(self._job.slices[number], worker.share)
            return
        self._remove(worker)

    def _bury(self, worker: _Worker[R]) -> Iterator[Batch[R]]:
        culprit, rest = worker.left_over()
        self._remove(worker, kill=True)
        self._deaths += 1
        logger.warning("a worker died; %d objects of its slice are left", len(rest))
        lost = [culprit] if culprit else []
        if self._deaths >= _MOST_DEATHS:
            lost, rest = [*lost, *rest], ()
        if lost:
            results = [self._job.function(entry, Unread.LOST) for entry in lost]
            size = sum(entry.size for entry in lost)
            yield Batch(results=results, objects=len(lost), size=size)
        if rest:
            self._start(rest, worker.share)
        else:
            self.begin(worker.share)

    def _remove(self, worker: _Worker[R], *, kill: bool = False) -> None:
        del self._workers[worker.connection]
        worker.stop(kill=kill)
