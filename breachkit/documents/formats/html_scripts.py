"""The data that scripts hold: of plotly, Vega, Bokeh, DataTables, ECharts, or in a variable.

A script is never run. Wherever a list or an object begins, it is read as JSON; a script that somebody
wrote by hand is first written anew as JSON would be (names in quotes, no comments).
"""

import json
import re
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from breachkit.documents.reader import OverBudgetError


MOST_VALUES = 5_000
"""Values that are looked for in one script."""
_WRITTEN_BY_HAND = 50_000
"""Characters of a script that somebody may have written."""
_WRITTEN_ANEW = 2_000_000
"""Characters of a script above which it is only read as it stands."""
_PATIENCE = 8
"""How many times a script may be read over in attempts that fail."""
_LEAST_LOOK = 1_000_000

_START = re.compile(r'(?:(\w{1,80})\s*=|[(,:=\[]|\breturn)\s*(?=\[\s*[\[{"\d-]|\{\s*")')
_PLOT = re.compile(r"\bPlotly\.(?:newPlot|plot|react)\(\s*[^,(){}\[\]]{1,200},\s*")
_NEXT_ARGUMENT = re.compile(r"\s*,\s*")
_IDENTIFIER = re.compile(r"\w{1,80}")
# In lower case.
_LIBRARY = (
    b"jquery", b"bootstrap", b"mathjax", b"require.js", b"requirejs", b"html5shiv", b"respond.js", b"highlight.js",
    b"hljs", b"tocify", b"htmlwidgets", b"plotly.js v", b"plotlyjs", b"vega v", b"vega-lite v", b"vega-embed v",
    b"@license", b"/*!", b"datatables", b"webpack", b"define.amd", b"typeof exports", b"crosstalk", b"clipboard.js",
    b"anchorjs", b"tippy", b"popper", b"leaflet", b"use strict", b"__esmodule", b"bokeh.org", b"codefolding",
    b"buildtabsets", b"crossfilter",
)  # fmt: skip
_BOILERPLATE = (
    b"mathjax", b"require.config", b"requirejs", b"require.undef", b"tabset", b"codefolding", b"header-section",
    b"managestickies", b"tocify", b"anchorjs", b"hljs", b"html5shiv", b"quarto", b"pandoc", b"plotlyconfig",
    b"cookieconsent", b"clipboard", b"gtag(", b"mermaid", b"ipython", b"jupyter.notebook", b"htmlwidgets",
    b"slideshow", b"webpack", b"define.amd", b"bootstrap", b"mutationobserver",
)  # fmt: skip
_LIBRARY_HEAD = 4_000
_LIBRARY_SIZE = 8_000
_LIBRARY_END = 20_000

_TOKEN = re.compile(
    r'"(?:[^"\\\n]|\\.)*+"'
    r"|'(?:[^'\\\n]|\\.)*+'"
    r"|/\*.*?\*/|//[^\n]*"
    r"|(?<![\w$.])(?:undefined|NaN|Infinity)\b"
    r"|(?:(?<=[:\[,])|(?<=[:\[,] ))(?P<value>[A-Za-z_$][\w$]*)(?=\s*[,}\]])"
    r"|[A-Za-z_$][\w$.]*(?=(?P<key>\s*:)?)"
    r"|,(?=\s*[\]}])",
    re.DOTALL,
)
_DEEPEST_NAME = 5
_FREELY_FILLED = 1_000_000
"""Values among which names of variables are looked for, however short the script; and four more a character."""
_MAY_BE_NAMED = (str, list, dict)
_WORDS = frozenset({"true", "false", "null"})


def is_library(body: bytes) -> bool:
    """Say whether a script is a library that reports carry inside themselves, and holds no data."""
    if len(body) <= _LIBRARY_SIZE or b"newPlot(" in body[-_LIBRARY_END:]:
        return False
    head = body[:_LIBRARY_HEAD].lower()
    return any(sign in head for sign in _LIBRARY)


def is_boilerplate(body: bytes) -> bool:
    """Say whether a script only sets a page up, as nbconvert, pandoc and R Markdown write them."""
    head = body[:_LIBRARY_END].lower()
    return not head.strip() or any(sign in head for sign in _BOILERPLATE)


_MOST_REMEMBERED = 1 << 14
_WITHOUT_VALUES: set[bytes] = set()
"""Digests of scripts that hold no value: reports carry the same libraries inside themselves."""


def values_of(body: bytes) -> list[Any]:
    """Give what `values_in` gives of a script, which is read once if it holds nothing.

    Raises:
        OverBudgetError: Reading the script takes more than its size is worth.
    """
    key = blake2b(body).digest()
    if key in _WITHOUT_VALUES:
        return []
    found = values_in(body.decode("utf-8", "replace"))
    if not found:
        if len(_WITHOUT_VALUES) >= _MOST_REMEMBERED:
            _WITHOUT_VALUES.clear()
        _WITHOUT_VALUES.add(key)
    return found


def values_in(script: str) -> list[Any]:
    """Give the lists and objects that a script holds, with names of variables in them filled in.

    Raises:
        OverBudgetError: Reading the script takes more than its size is worth.
    """
    found = _Reader(script).values() if len(script) > _WRITTEN_BY_HAND else []
    if found or len(script) > _WRITTEN_ANEW:
        return found
    return _Reader(_TOKEN.sub(_as_json, script)).values()


def _as_json(token: re.Match[str]) -> str:
    """Write a token of a script as JSON would."""
    text = token[0]
    first = text[0]
    if first == '"':
        return text
    if first == "'":
        return json.dumps(text[1:-1].replace("\\'", "'"))
    if first in "/,":
        return " "
    if text in {"undefined", "NaN", "Infinity"}:
        return "null"
    is_named = token["key"] is not None or (token["value"] is not None and text not in _WORDS)
    return f'"{text}"' if is_named else text


class _Reader:
    """Reads the values of one script."""

    def __init__(self, script: str) -> None:
        self._script = script
        self._decoder = json.JSONDecoder()
        self._patience = _PATIENCE * len(script) + _LEAST_LOOK
        self._named: dict[str, Any] = {}
        self._room = 4 * len(script) + _FREELY_FILLED

    def values(self) -> list[Any]:
        found: list[Any] = []
        for name, value in self._all():
            if name:
                self._named[name] = value
            found.append(value)
        plots = list(self._plots())
        parts = [part for plot in plots for part in plot.values()]
        rest = (
            value for value in found if not any(value is part or value == part for part in parts)
        )
        return [*plots, *(self._filled(value, _DEEPEST_NAME) for value in rest)]

    def _all(self) -> Iterator[tuple[str, Any]]:
        position = 0
        for _ in range(MOST_VALUES):
            start = _START.search(self._script, position)
            if start is None:
                return
            read = self._at(start.end())
            position = start.end() if read is None else read[1]
            if read is not None and read[0]:
                yield start[1] or "", read[0]
        raise OverBudgetError("a script of too many values")

    def _at(self, position: int) -> tuple[Any, int] | None:
        """Read the value that begins at a place, and say where it ends; None where there is none."""
        try:
            return self._decoder.raw_decode(self._script, position)
        except json.JSONDecodeError as error:
            self._patience -= error.pos - position
        except (RecursionError, StopIteration):
            self._patience -= len(self._script) // 4
        if self._patience < 0:
            raise OverBudgetError("a script that is too hard to read")
        return None

    def _plots(self) -> Iterator[Any]:
        """Put together what is plotted and how its axes are called."""
        for call in _PLOT.finditer(self._script):
            data = self._argument(call.end())
            comma = _NEXT_ARGUMENT.match(self._script, data[1]) if data else None
            layout = self._argument(comma.end()) if comma else None
            if data and isinstance(data[0], list):
                told = layout[0] if layout and isinstance(layout[0], dict) else {}
                yield {"data": data[0], "layout": told}

    def _argument(self, position: int) -> tuple[Any, int] | None:
        name = _IDENTIFIER.match(self._script, position)
        read = (name[0], name.end()) if name else self._at(position)
        return read and (self._filled(read[0], _DEEPEST_NAME), read[1])

    def _filled(self, value: Any, depth: int) -> Any:
        """Put the values of variables in place of their names.

        Raises:
            OverBudgetError: So many stand for so much that it is no picture of the script any more.
        """
        if not depth or not self._named:
            return value
        if isinstance(value, str):
            return self._filled(self._named[value], depth - 1) if value in self._named else value
        if isinstance(value, list):
            self._spend(len(value))
            return [
                self._filled(inner, depth - 1) if isinstance(inner, _MAY_BE_NAMED) else inner
                for inner in value
            ]
        if isinstance(value, dict):
            self._spend(len(value))
            return {key: self._filled(inner, depth - 1) for key, inner in value.items()}
        return value

    def _spend(self, number: int) -> None:
        self._room -= number
        if self._room < 0:
            raise OverBudgetError("a script whose variables stand in too many places")
