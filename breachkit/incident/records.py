"""Making a large frozen record anew in half the time, where a journal is replayed entry by entry."""

import dataclasses
import functools
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar


T = TypeVar("T")


def replaced(record: T, **changes: Any) -> T:
    """Give `record` with some fields changed, as `dataclasses.replace` does.

    For frozen dataclasses with slots whose making checks nothing: they are copied field by field.

    Raises:
        AttributeError: there is no field of that name.
    """
    kind: type = type(record)
    names, read = _fields(kind)
    made: T = object.__new__(kind)
    for name, value in zip(names, read(record), strict=True):
        object.__setattr__(made, name, value)
    for name, value in changes.items():
        object.__setattr__(made, name, value)
    return made


@functools.cache
def _fields(kind: type) -> tuple[tuple[str, ...], Callable[[Any], tuple[Any, ...]]]:
    names = tuple(field.name for field in dataclasses.fields(kind))
    return names, attrgetter(*names)
