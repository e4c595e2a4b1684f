"""Files of R, written as R writes them: models, figures and environments have no other writer here.

Source: R Internals, "Serialization Formats".
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


_OBJECT, _ATTRIBUTES, _TAG = 1 << 8, 1 << 9, 1 << 10
_NA_INTEGER = -(2**31)
NULL = None


@dataclass
class R:
    """A value with attributes; `class_` is one of them."""

    value: Any
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Environment:
    """Variables by their names."""

    values: Mapping[str, Any]


@dataclass
class Folded:
    """What R keeps folded: its class, and its state."""

    name: str
    state: Any


def frame(columns: Mapping[str, Any], *classes: str, rows: list[str] | None = None) -> R:
    """Give a data frame."""
    first = next(iter(columns.values()))
    length = len(first.value if isinstance(first, R) else first)
    attributes: dict[str, Any] = {
        "names": list(columns),
        "class": [*classes, "data.frame"],
        "row.names": rows or [_NA_INTEGER, -length],
    }
    return R(Listed(columns.values()), attributes)


class Listed(list[Any]):
    """A list of R, whose values are objects; other lists are vectors."""


def factor(words: list[str | None], levels: list[str]) -> R:
    """Give a factor."""
    codes = [levels.index(word) + 1 if word else None for word in words]
    return R(codes, {"levels": levels, "class": ["factor"]})


def named(**values: Any) -> R:
    """Give a list with names."""
    return R(Listed(values.values()), {"names": list(values)})


def rds(value: Any) -> bytes:
    """Write one object."""
    return b"X\n" + _header() + _Writer().item(value)


def rdata(**values: Any) -> bytes:
    """Write a workspace of named objects."""
    writer = _Writer()
    return b"RDX3\nX\n" + _header() + writer.pairs(values)


def _header() -> bytes:
    return struct.pack(">4i", 3, 0x40300, 0x30500, 5) + b"UTF-8"


def _integers(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}i", *numbers)


class _Writer:
    def __init__(self) -> None:
        self._symbols: dict[str, int] = {}
        self._references = 0

    def item(self, value: Any) -> bytes:
        """Write an object and everything in it."""
        attributes: Mapping[str, Any] = {}
        if isinstance(value, R):
            value, attributes = value.value, value.attributes
        if isinstance(value, Environment):
            self._references += 1
            return _integers(4, 0, 242) + self.pairs(value.values) + _integers(254, 254)
        if isinstance(value, Folded):
            about = {"": Symbol(value.name), " ": Symbol("base"), "  ": [238]}
            return _integers(238) + self.pairs(about) + self.item(value.state) + _integers(254)
        if isinstance(value, Symbol):
            return self._symbol(value.name)
        if value is NULL:
            return _integers(254)
        kind, data = self._data(value)
        flags = (
            kind | (_ATTRIBUTES if attributes else 0) | (_OBJECT if "class" in attributes else 0)
        )
        return _integers(flags) + data + (self.pairs(attributes) if attributes else b"")

    def pairs(self, values: Mapping[str, Any]) -> bytes:
        """Write a pairlist."""
        parts = []
        for name, value in values.items():
            tag = self._symbol(name) if name.strip() else b""
            parts.append(_integers(2 | (_TAG if tag else 0)) + tag + self.item(value))
        return b"".join(parts) + _integers(254)

    def _symbol(self, name: str) -> bytes:
        if name in self._symbols:
            return _integers(255 | self._symbols[name] << 8)
        self._references += 1
        self._symbols[name] = self._references
        return _integers(1) + _word(name)

    def _data(self, value: Any) -> tuple[int, bytes]:
        if isinstance(value, Listed):
            return 19, _integers(len(value)) + b"".join(map(self.item, value))
        values = value if isinstance(value, list) else [value]
        length = _integers(len(values))
        known = [one for one in values if one is not None]
        if all(isinstance(one, bool) for one in known):
            return 10, length + _whole(values)
        if all(isinstance(one, int) for one in known):
            return 13, length + _whole(values)
        if all(isinstance(one, int | float) for one in known):
            numbers = (float("nan") if one is None else float(one) for one in values)
            return 14, length + struct.pack(f">{len(values)}d", *numbers)
        return 16, length + b"".join(map(_word, values))


@dataclass
class Symbol:
    """A name."""

    name: str


def _whole(values: list[Any]) -> bytes:
    return _integers(*(_NA_INTEGER if one is None else int(one) for one in values))


def _word(word: str | None) -> bytes:
    if word is None:
        return _integers(9, -1)
    raw = word.encode()
    return _integers(9 | 8 << 12, len(raw)) + raw
