"""YAML as plain values: no tag makes an object of it, and an alias costs what it stands for.

The parser of libyaml gives one event after the other, and what they make is put together here: the
loader that comes with it ends the process on values that are nested deep enough.
"""

import re
from collections.abc import Iterator
from typing import Any

from breachkit.documents.reader import Budget, NotReadError
from breachkit.model.records import dataclass, field


DEEPEST = 200
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][\d_]{0,17})")
_DECIMAL = re.compile(r"[-+]?(?:\d[\d_]{0,17})?\.?\d{1,18}(?:[eE][-+]?\d{1,3})?")
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_SWITCH = frozenset({"true", "True", "TRUE", "false", "False", "FALSE", "yes", "no", "on", "off"})


@dataclass(slots=True)
class _Open:
    """A list or an object that is being read."""

    value: Any
    anchor: str | None
    key: str | None = field(default=None, repr=False)
    size: int = 1
    """Values in it, those that aliases stand for included."""

    def add(self, value: object, size: int) -> None:
        self.size += size
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is None:
            self.key = str(value) if not isinstance(value, (dict, list)) else ""
        else:
            self.value[self.key], self.key = value, None


def documents_in(text: str, budget: Budget) -> Iterator[Any]:
    """Give the value of each document of a YAML file.

    Raises:
        NotReadError: The text is no YAML, or nested too deep.
        OverBudgetError: There are too many values, or aliases stand for too many.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    reader = _Reader(budget)
    try:
        for event in yaml.parse(text, Loader=loader):
            yield from reader.take(event)
    except yaml.YAMLError:
        raise NotReadError("not valid") from None


class _Reader:
    """Puts the values of one file together."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._open: list[_Open] = []
        self._known: dict[str, tuple[Any, int]] = {}

    def take(self, event: Any) -> Iterator[Any]:
        """Take one event; give a value where it ends one that is in no other."""
        kind = type(event).__name__
        if kind in {"SequenceStartEvent", "MappingStartEvent"}:
            if len(self._open) >= DEEPEST:
                raise NotReadError("nested too deep")
            self._open.append(_Open([] if kind.startswith("S") else {}, event.anchor))
        elif kind in {"SequenceEndEvent", "MappingEndEvent"}:
            done = self._open.pop()
            yield from self._ended(done.value, done.size, done.anchor)
        elif kind == "ScalarEvent":
            value = plain_value(event.value) if event.implicit[0] else event.value
            yield from self._ended(value, 1, event.anchor)
        elif kind == "AliasEvent":
            value, size = self._known.get(event.anchor, ("", 1))
            yield from self._ended(value, size, None)

    def _ended(self, value: object, size: int, anchor: str | None) -> Iterator[Any]:
        self._budget.take_cells(size)
        if anchor is not None:
            self._known[anchor] = value, size
        if self._open:
            self._open[-1].add(value, size)
        else:
            yield value


def plain_value(written: str) -> Any:
    """Give what a word without quotes stands for: nothing, a switch, a number, or itself."""
    if written in _NOTHING:
        return None
    if written in _SWITCH:
        return written.lower() in {"true", "yes", "on"}
    if _INTEGER.fullmatch(written):
        return int(written)
    return float(written) if _DECIMAL.fullmatch(written) and "_" not in written else written
