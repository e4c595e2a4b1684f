"""Looks at objects one after the other, in this process, within limits."""

import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Generic, TypeAlias, TypeVar

from breachkit.git.limits import TimeLimit
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.model.errors import BreachkitError, TookTooLongError
from breachkit.model.records import dataclass


R = TypeVar("R")

Function = Callable[[ObjectEntry, bytes | Unread], R]
Contents = Callable[[Sequence[ObjectEntry]], Iterator[tuple[ObjectEntry, bytes | Unread]]]
"""Gives the content of each of them, in their order: from a repository, or of plain files."""
Slices: TypeAlias = Sequence[Sequence[ObjectEntry]]

_BATCH_OBJECTS = 128
_BATCH_BYTES = 4 << 20


class ReaderError(BreachkitError):
    """The function that looks at objects failed, which is a mistake in breachkit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[R]):
    """Some results at once."""

    results: list[R]
    objects: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Generic[R]):
    """What every worker of a call does."""

    contents: Contents
    function: Function[R]
    slices: Slices = ()
    """Those that whoever is ready is given, by their numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The function raised, somewhere."""

    what: str


def batches_of(
    job: Job[R], entries: Sequence[ObjectEntry], *, at: Callable[[int], None] = lambda _: None
) -> Iterator[Batch[R]]:
    """Look at objects one after the other and give what came of it, some at a time.

    Args:
        job: What to do.
        entries: With which objects.
        at: Told the number of objects that are done, after each.

    Raises:
        ReaderError: the function raised; the message says where, and nothing of the content.
    """
    results: list[R] = []
    size = 0
    limit = TimeLimit()
    with limit.available():
        for number, (entry, content) in enumerate(job.contents(entries)):
            results.append(_call(job.function, entry, content, limit))
            at(number + 1)
            size += entry.size
            if len(results) >= _BATCH_OBJECTS or size >= _BATCH_BYTES:
                yield Batch(results=results, objects=len(results), size=size)
                results, size = [], 0
    if results:
        yield Batch(results=results, objects=len(results), size=size)


def _call(
    function: Function[R], entry: ObjectEntry, content: bytes | Unread, limit: TimeLimit
) -> R:
    try:
        with limit.for_one():
            return function(entry, content)
    except MemoryError:
        return function(entry, Unread.LOST)
    except TookTooLongError:
        return function(entry, Unread.TOO_SLOW)
    except Exception as cause:  # noqa: BLE001 (its text may hold content)
        raise ReaderError(place_of(cause)) from None


def place_of(cause: Exception) -> str:
    """Say what failed where, without the message of the exception: it can quote a cell."""
    frames = traceback.extract_tb(cause.__traceback__)[1:]
    places = " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in frames[-4:])
    return (
        f"looking at an object failed with {type(cause).__name__} ({places}); "
        "this is a mistake in breachkit: please report it"
    )
