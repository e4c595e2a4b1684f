"""A wrapper for what must not be printed by accident."""

from typing import Generic, TypeVar

from breachkit.model.records import dataclass


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sensitive(Generic[T]):
    """A value that shows itself only to code that asks for it by name.

    Its text, its `repr` and its formatting are `<sensitive>`, so that a traceback, a log line or
    an assertion cannot carry it out.
    """

    _value: T

    def reveal(self) -> T:
        """Give the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "<sensitive>"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return "<sensitive>"
