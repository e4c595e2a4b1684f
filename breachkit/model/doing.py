"""What takes a while says how far it is, to whoever listens: nobody, unless a command wants to hear it.

Like logging, it is not handed from function to function. What is said are words of our own and
numbers: never a name, an id or content.
"""

import contextlib
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Protocol, TypeVar


T = TypeVar("T")


class Step(Protocol):
    """Something that is being done."""

    def tell(self, done: int, total: int | None = None, *, note: str = "") -> None:
        """Take note of how far it is.

        Args:
            done: So much is done.
            total: Of so much; None where nobody knows.
            note: What exactly is going on, or how much that was, such as `3.1 MB`.
        """
        ...


class Listener(Protocol):
    """Wants to hear what is being done."""

    def begin(self, what: str) -> contextlib.AbstractContextManager[Step]:
        """Hear that something begins; it ends when the context is left.

        Args:
            what: Such as `Copying the repository`.
        """
        ...


class _Unheard:
    """A step of which nobody hears."""

    def tell(self, done: int, total: int | None = None, *, note: str = "") -> None:
        """Do nothing."""


_UNHEARD = _Unheard()
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


def is_heard() -> bool:
    """Say whether anybody listens, where saying how far something is takes more than a call."""
    return _listener.get() is not None


@contextlib.contextmanager
def listening(listener: Listener | None) -> Iterator[None]:
    """Let somebody hear of everything that is done until the context is left, in this thread; None: nobody."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


@contextlib.contextmanager
def doing(what: str) -> Iterator[Step]:
    """Say that something begins which may take longer than a second.

    Args:
        what: Such as `Copying the repository`.
    """
    listener = _listener.get()
    if listener is None:
        yield _UNHEARD
        return
    with listener.begin(what) as step:
        yield step


def counted(things: Iterable[T], step: Step, total: int | None = None) -> Iterator[T]:
    """Give things one after the other, and say how many of them are done.

    Args:
        things: What is worked on, one by one.
        step: Is told.
        total: How many there are, where that is known.
    """
    every = max(total // _TIMES, 1) if total else _EVERY
    for done, thing in enumerate(things):
        if done % every == 0:
            step.tell(done, total)
        yield thing


_TIMES = 200
"""So often the whole is told of, or after so many things where nobody knows how many there are: a call
costs little, but not nothing."""
_EVERY = 64
