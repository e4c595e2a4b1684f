"""Calls a function in a forked process of its own for each of many things.

For work that takes seconds and may end its process: whatever happens in one call, the others go on. A
child ends when its parent does.
"""

import contextlib
import ctypes
import mmap
import multiprocessing
import os
import signal
import struct
import time
from collections.abc import Callable, Generator, Iterable
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, ForkProcess
from typing import Generic, NamedTuple, TypeAlias, TypeVar, cast

from breachkit.git.batches import place_of


T = TypeVar("T")
R = TypeVar("R")
Reader: TypeAlias = "Connection[object, object]"

_PATIENCE = 0.25
"""Seconds after which children that say nothing are looked after."""

OVERDUE = "it took too long, and was stopped"
"""The reason why a call that was given so many seconds has no result."""

Tell = Callable[[int, int], None]
"""Takes how much of a child's work is done, and how much there is."""
_DONE_OF_ALL = struct.Struct("qq")


class Died(NamedTuple):
    """A call did not come to an end."""

    reason: str
    """For people; holds nothing of what was worked on."""
    is_mistake: bool = False
    """Whether the function raised, so that calling it again would change nothing."""


class _Sent(NamedTuple):
    result: object


class _Child(Generic[T, R]):
    def __init__(
        self,
        context: ForkContext,
        function: Callable[[T, Tell], R],
        item: T,
        others: Iterable[Reader],
    ) -> None:
        self.item = item
        self.begun = time.monotonic()
        self.overdue = False
        self.connection, end_of_child = context.Pipe(duplex=False)
        self._far = mmap.mmap(-1, _DONE_OF_ALL.size)  # shared with the child
        self.process: ForkProcess = context.Process(
            target=_work,
            args=(function, item, end_of_child, self._far),
            kwargs={"inherited": [*others, self.connection], "parent": os.getpid()},
        )
        self.process.start()
        end_of_child.close()

    def result(self) -> R | Died:
        """Give what it sent, or how it ended."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            return Died(self._end())
        return cast("R", message.result) if isinstance(message, _Sent) else cast("Died", message)

    def _end(self) -> str:
        if self.overdue:
            return OVERDUE
        code = self.process.exitcode or 0
        if code >= 0:
            return f"its process ended by itself, with code {code}"
        with contextlib.suppress(ValueError):
            return f"its process was ended by {signal.Signals(-code).name}"
        return "its process was ended"

    def far(self) -> tuple[int, int]:
        """Give how much of its work is done, and how much there is; twice 0 before it knows."""
        done, every = _DONE_OF_ALL.unpack(self._far[:])
        return done, every

    def kill(self) -> None:
        """End it, and what it started where it made itself the head of a session."""
        if self.process.pid is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.kill()

    def stop(self) -> None:
        self.process.join(timeout=2)
        if self.process.is_alive():
            self.kill()
            self.process.join()
        self.process.close()
        self.connection.close()
        self._far.close()


def in_children(
    function: Callable[[T, Tell], R],
    items: Iterable[T],
    *,
    at_once: int,
    longest_s: float | None = None,
    on_progress: Callable[[T, int, int], None] | None = None,
) -> Generator[tuple[T, R | Died], None, None]:
    """Call a function with each item, some at once, and give each result as it comes.

    Args:
        function: Given an item, and whom to tell how far it is. Its results must be picklable.
        items: Asked for one at a time, when there is room for one more: whoever gives them can stop.
        at_once: How many children there are at most.
        longest_s: Seconds after which a child is stopped; None waits.
        on_progress: Told now and then, for each child, how much of its work is done, and how much there is.

    Yields:
        Each item with its result, or with the reason why there is none, in no order.
    """
    context = multiprocessing.get_context("fork")
    children: dict[object, _Child[T, R]] = {}
    waiting = iter(items)
    is_over = False
    try:
        while True:
            while not is_over and len(children) < at_once:
                try:
                    item = next(waiting)
                except StopIteration:
                    is_over = True
                    break
                readers = [each.connection for each in children.values()]
                child = _Child(context, function, item, readers)
                children[child.connection] = child
            if not children:
                return
            ready = _ready(children, longest_s)
            if on_progress is not None:
                for child in children.values():
                    on_progress(child.item, *child.far())
            for connection in ready:
                child = children.pop(connection)
                result = child.result()
                child.stop()
                yield child.item, result
    finally:
        for child in children.values():
            child.kill()
            child.stop()


def _ready(children: "dict[object, _Child[T, R]]", longest_s: float | None) -> list[object]:
    ready = wait(list(cast("dict[Reader, _Child[T, R]]", children)), _PATIENCE)
    now = time.monotonic()
    for child in children.values():
        if longest_s is not None and now - child.begun > longest_s and not child.overdue:
            child.overdue = True
            child.kill()
    return list(ready)


_PR_SET_PDEATHSIG = 1


def _work(
    function: Callable[[T, Tell], R],
    item: T,
    connection: Reader,
    far: mmap.mmap,
    inherited: Iterable[Reader],
    parent: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it is over
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for other in inherited:
        other.close()
    _end_with(parent)
    try:
        connection.send(_Sent(function(item, partial(_DONE_OF_ALL.pack_into, far, 0))))
    except BrokenPipeError:
        os._exit(1)
    except Exception as cause:  # noqa: BLE001 (its text may hold content)
        connection.send(Died(place_of(cause), is_mistake=True))


def _end_with(parent: int) -> None:
    """Let the system end this process when its parent ends, where it can."""
    with contextlib.suppress(OSError, AttributeError):  # Linux alone has it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
