"""Whatever nests lists and objects (JSON, YAML, XML) to tables.

A list of objects is a table, and so are lists of the same length beside each other, an object of
objects and a list of lists. Everything is looked into; what is no table is kept as words.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from breachkit.documents.json_text import parsed
from breachkit.documents.plotted import Shape, shapes_in
from breachkit.documents.reader import Budget, inside
from breachkit.documents.table import Document, Origin, Table, Text, Unreadable
from breachkit.documents.typed_arrays import array_in


MOST_TABLES = 1_000
"""In one value; what is beyond is reported as not examined."""
MOST_WORDS = 1_000_000
"""Characters of the words of one value; what is beyond is reported as not examined."""
_DEEPEST = 60
_DEEPEST_NAME = 6
"""Objects within a record whose values become columns of it."""
_SPARSE = 8
"""One filled cell in so many: different things in one list, and no table."""
_MARKUP = re.compile(r"<t[dh]\b", re.IGNORECASE)
_TAKEN_OUT = "[REDACTED]"
"""Stands for a number that was taken out."""
_GEOMETRIES = frozenset({"coordinates", "arcs", "bbox"})
# Vega and Vega-Lite, version 5: what says how data are drawn.
_VEGA_LOOKS = frozenset(
    {
        "$schema", "autosize", "axes", "axis", "background", "config", "encode", "encoding", "layout", "legend", "legends",
        "mark", "padding", "params", "projection", "projections", "resolve", "scale", "scales", "selection", "signals",
        "transform", "usermeta", "width", "height",
    }
)  # fmt: skip
_WITHIN = "\x1f"
"""Between the names of an object and of what is in it."""


class Finder:
    """Finds the tables in values, and numbers them."""

    def __init__(self, part: str | None, budget: Budget) -> None:
        """Find what is in one file, called `part`, at the cost of `budget`."""
        self.documents: list[Document] = []
        self.markup: list[str] = []
        """Strings that may hold tables of HTML."""
        self._part, self._budget = part, budget
        self._words: list[str] = []
        self._room = MOST_WORDS
        self._tables = 0
        self._skipped: set[str] = set()
        self._set_up: set[str] = set()
        """Keys that say how a figure looks, and hold no data."""

    def look(self, value: object, name: str = "") -> None:
        """Look into one value.

        Args:
            value: As a JSON parser gives it: dicts, lists, strings, numbers, None.
            name: What it is called where it stands.
        """
        self._look(value, name, 0)

    def result(self) -> tuple[Document, ...]:
        """Give the tables, the words that are in none, and what was too much."""
        words = (Text("\n".join(self._words), self._part),) if self._words else ()
        unread = [Unreadable(reason, self._part) for reason in sorted(self._skipped)]
        return (*self.documents, *words, *unread)

    def _look(self, value: object, name: str, depth: int) -> None:
        if depth > _DEEPEST:
            self._skipped.add("nested too deep: only the outer values were read")
        elif isinstance(value, dict):
            self._budget.take_cells(1)
            self._object(value, name, depth)
        elif isinstance(value, list):
            self._budget.take_cells(1)
            self._list(value, name, depth)
        elif isinstance(value, str):
            self._say(value, depth)

    def _say(self, words: str, depth: int) -> None:
        if _MARKUP.search(words):
            self.markup.append(words)
        elif words[:1] in {"{", "["} and (value := parsed(words)) is not None:
            self._look(value, "", depth + 1)
        elif words and not words.isspace():
            if len(words) > self._room:
                self._skipped.add(f"only the first {MOST_WORDS} characters of its words were read")
            if self._room > 0:
                self._words.append(words[: self._room])
                self._room -= len(words) + 1

    def _object(
        self, value: Mapping[str, Any], name: str, depth: int, *, is_told: bool = False
    ) -> None:
        """Look into an object, whose own numbers are in a table already if `is_told`."""
        value = {str(key): self._decoded(inner) for key, inner in value.items()}
        if "vega" in str(value.get("$schema", "")):
            self._set_up |= _VEGA_LOOKS
        used = {*_GEOMETRIES, *self._set_up}
        for shape in shapes_in(value):
            self._shape(shape)
            used |= shape.used
        rest = {key: inner for key, inner in value.items() if key not in used}
        columns = _columns(rest)
        for group in columns:
            self._add(list(group), zip(*group.values(), strict=True))
        taken = {key for group in columns for key in group}
        rest = {key: inner for key, inner in rest.items() if key not in taken}
        if not is_told and _is_measured(rest):
            self._measured(rest, name)
        told = self._objects_within(rest)
        for key, inner in rest.items():
            if key not in told and not (key == "template" and isinstance(inner, dict)):
                self._look(inner, key, depth + 1)

    def _decoded(self, value: object) -> object:
        """Open numbers written as bytes, here and in the data of a figure."""
        if isinstance(value, dict):
            array = array_in(value, self._budget)
            return _opened(value) if array is None else array
        if isinstance(value, list) and value and isinstance(value[0], dict) and len(value) < 1000:
            return [
                {key: self._decoded_once(inner) for key, inner in one.items()}
                if isinstance(one, dict)
                else one
                for one in value
            ]
        return value

    def _decoded_once(self, value: object) -> object:
        array = array_in(value, self._budget) if isinstance(value, dict) else None
        return value if array is None else array

    def _measured(self, value: Mapping[str, Any], name: str) -> None:
        """Numbers by name: the names are columns, or they are rows under the name of the whole."""
        numbers = {key: inner for key, inner in value.items() if _is_scalar(inner)}
        self._add([*numbers], [list(numbers.values())])
        if name:
            self._add(["", name], [[key, inner] for key, inner in numbers.items()])

    def _objects_within(self, value: Mapping[str, Any]) -> set[str]:
        """Rows by name, or columns by name: only the reader of a table can tell, so give both.

        Returns the keys of the objects that have gone into the tables.
        """
        inner = {key: row for key, row in value.items() if _is_flat(row)}
        if len(inner) < 2:
            return set()
        keys = list(dict.fromkeys(key for row in inner.values() for key in row))
        if len(keys) * len(inner) > _SPARSE * sum(map(len, inner.values())):
            return set()
        if not all(map(_is_index, keys)):
            self._add(["", *keys], [[key, *map(row.get, keys)] for key, row in inner.items()])
        if not all(map(_is_index, inner)):
            columns = inner.values()
            self._add(["", *inner], [[key, *(row.get(key) for row in columns)] for key in keys])
        return set(inner)

    def _list(self, values: Sequence[Any], name: str, depth: int) -> None:
        objects = [value for value in values if isinstance(value, dict)]
        lists = [value for value in values if isinstance(value, list)]
        if objects:
            self._records(objects, name, depth)
        if lists and all(map(_is_scalars, lists)):
            self._matrix(lists, name)
        else:
            for value in lists:
                self._look(value, name, depth + 1)
        for value in values:
            if isinstance(value, str):
                self._say(value, depth)

    def _records(self, objects: Sequence[Mapping[str, Any]], name: str, depth: int) -> None:
        objects = [
            {str(key): self._decoded_once(inner) for key, inner in one.items()} for one in objects
        ]
        nested: dict[str, list[Any]] = {}
        is_table = not _is_sparse(objects)
        if is_table:
            self._add_records(objects, nested)
        if not is_table or len(objects) == 1 or any(map(_columns, objects[:3])):
            for value in objects:
                self._object(value, "" if is_table else name, depth + 1, is_told=is_table)
            return
        for key, values in nested.items():
            if all(map(_is_scalars, values)):
                self._matrix(values, key)
            elif all(isinstance(one, dict) for value in values for one in value):
                self._list([one for value in values for one in value], key, depth + 1)
            else:
                for value in values:
                    self._look(value, key, depth + 1)

    def _add_records(
        self, objects: Sequence[Mapping[str, Any]], nested: dict[str, list[Any]]
    ) -> None:
        flat = [_flat(value, nested) for value in objects]
        keys = dict.fromkeys(key for row in flat for key in row)
        if keys:
            self._add(_short(list(keys)), ([row.get(key) for key in keys] for row in flat))

    def _matrix(self, rows: Sequence[Sequence[Any]], name: str) -> None:
        first, *rest = rows
        if rest and len(first) > 1 and all(isinstance(cell, str) and cell for cell in first):
            self._add(first, rest)
        else:
            self._add([name] * max(map(len, rows)), rows)

    def _shape(self, shape: Shape) -> None:
        self._add(shape.header, shape.rows)

    def _add(self, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        if self._tables >= MOST_TABLES:
            self._skipped.add(f"only the first {MOST_TABLES} tables were read")
            return
        written: list[list[str]] = []
        for row in rows:
            self._budget.take_cells(len(row))
            written.append([_WRITERS.get(type(value), cell_of)(value) for value in row])
        if not any(map(any, written)):
            return
        self._tables += 1
        part = inside(self._part, f"table {self._tables}")
        names = tuple(str(name).strip() for name in header)
        self.documents.append(Table(names, written, part, origin=Origin.RECORDS))


def cell_of(value: object) -> str:
    """Write a value as a cell; what is nested in it is looked at elsewhere."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    return str(value) if isinstance(value, int) else ""


_WRITERS: Mapping[type, Callable[[Any], str]] = {str: str.strip, int: str}
"""For most cells, which are quicker written without asking what else they may be."""


def _opened(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what Bokeh writes as a map, `{type: map, entries: [[key, value]]}`, as the object it is."""
    entries = value.get("entries")
    if value.get("type") != "map" or not isinstance(entries, list):
        return value
    pairs = [entry for entry in entries if isinstance(entry, list) and len(entry) == 2]
    return {str(key): inner for key, inner in pairs}


def _is_scalar(value: object) -> bool:
    return not isinstance(value, (dict, list))


def _is_scalars(value: object) -> bool:
    if not isinstance(value, list) or not value or isinstance(value[0], (dict, list)):
        return False
    return not any(issubclass(kind, (dict, list)) for kind in set(map(type, value)))


def _is_flat(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_scalar, value.values()))


def _is_index(key: str) -> bool:
    return key.isdecimal()


def _columns(value: Mapping[str, Any]) -> list[dict[str, list[Any]]]:
    """Give the lists of values, those of the same length together."""
    groups: dict[int, dict[str, list[Any]]] = {}
    for key, inner in value.items():
        if _is_scalars(inner) and any(map(_may_be_number, inner)):
            groups.setdefault(len(inner), {})[key] = inner
    for key, inner in value.items():
        if _is_scalars(inner) and len(inner) in groups:
            groups[len(inner)][key] = inner
    return [
        {key: group[key] for key in value if key in group}
        for length, group in groups.items()
        if len(group) > 1 or (length > 1 and not all(map(_is_words, group.values())))
    ]


def _may_be_number(value: object) -> bool:
    """Say whether a scalar is no text, or text that begins like a count: `5 (0.2%)`."""
    return not isinstance(value, str) or value[:1].isdecimal() or value == _TAKEN_OUT


def _is_words(values: Sequence[Any]) -> bool:
    return all(isinstance(value, str) and value != _TAKEN_OUT for value in values)


def _is_measured(value: Mapping[str, Any]) -> bool:
    """Say whether an object states numbers: more of them than of words and switches."""
    scalars = [one for one in value.values() if _is_scalar(one)]
    switches = sum(isinstance(one, bool) for one in scalars)
    numbers = sum(isinstance(one, (int, float)) or one == _TAKEN_OUT for one in scalars) - switches
    return numbers * 2 > len(scalars) and not switches


def _is_sparse(objects: Sequence[Mapping[str, Any]]) -> bool:
    keys = {key for value in objects for key in value}
    return len(keys) * len(objects) > _SPARSE * sum(map(len, objects))


def _flat(
    value: Mapping[str, Any], nested: dict[str, list[Any]], name: str = "", depth: int = 0
) -> dict[str, Any]:
    """Give the values of a record and of the objects in it, and put the lists in it into `nested`."""
    found: dict[str, Any] = {}
    for key, inner in value.items():
        called = f"{name}{_WITHIN}{key}" if name else str(key)
        if isinstance(inner, dict) and depth < _DEEPEST_NAME:
            if key != "geometry":
                found |= _flat(inner, nested, called, depth + 1)
        elif isinstance(inner, list):
            if inner and key not in _GEOMETRIES:
                nested.setdefault(called, []).append(inner)
        elif not isinstance(inner, dict):
            found[called] = inner
        else:
            nested.setdefault(called, []).append([inner])
    return found


def _short(keys: Sequence[str]) -> list[str]:
    """Leave out the names of outer objects where the inner ones tell the columns apart."""
    last = [key.rpartition(_WITHIN)[2] for key in keys]
    return last if len(set(last)) == len(last) else [key.replace(_WITHIN, " ") for key in keys]
