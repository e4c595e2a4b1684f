"""TOML, with the line of each value.

The standard library's parser keeps no positions. But each statement of TOML is a document of its own,
and none that goes over several lines is complete before its last: so the parser itself says where
each begins and ends.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from breachkit.actions.playbook_text import DEEPEST, Located, Place, PlaybookTextError


LONGEST = 400
"""Lines of one statement; nothing after a longer one has a line."""

DOTS = 100
"""In one line; no text of a playbook needs as many."""

_AT_LINE = re.compile(r"(.*) \(at line (\d+), column \d+\)", re.DOTALL)
_AT_END = re.compile(r"(.*) \(at end of document\)", re.DOTALL)


def plain_toml(text: str) -> dict[str, Any]:
    """Give the values of a TOML text.

    Raises:
        PlaybookTextError: it is no TOML, or nested too deep.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") > DOTS:  # a key of so many parts takes the square of them to read
            raise PlaybookTextError(f"more than {DOTS} dots in a line: nested too deep", number)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise _located(str(cause), text) from None
    except RecursionError:
        raise PlaybookTextError("nested too deep") from None
    if _is_deeper(data, DEEPEST):
        raise PlaybookTextError("nested too deep")
    return data


def read_toml(text: str) -> Located:
    """Read a TOML text; errors as `plain_toml`."""
    return Located(value=plain_toml(text), lines=toml_lines(text))


def toml_lines(text: str) -> Mapping[Place, int]:
    """Give the line, counted from 1, on which each key and table of a TOML text begins."""
    lines: dict[Place, int] = {}
    around = _Around()
    for number, statement, is_header in _statements(text):
        if is_header:
            around.enter(statement)
            places = [around.table]
        else:
            places = [(*around.table, *inner) for inner in _places(statement)]
        for place in places:
            for end in range(len(place) + 1):
                lines.setdefault(place[:end], number)
    return lines


def _statements(text: str) -> Iterator[tuple[int, dict[str, Any], bool]]:
    """Give the first line of each statement, what it says by itself, and whether it begins a table."""
    begun: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        begun.append(line.removesuffix("\r"))
        if len(begun) > LONGEST:
            return
        try:
            statement = tomllib.loads("\n".join(begun))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        if statement:
            yield number - len(begun) + 1, statement, begun[0].lstrip().startswith("[")
        begun.clear()


class _Around:
    """The table that statements belong to, as the order of the headers decides."""

    def __init__(self) -> None:
        self.table: Place = ()
        self._counts: dict[Place, int] = {}

    def enter(self, header: Mapping[str, Any]) -> None:
        """Go on in the table that a header such as `[a.b]` or `[[c]]` names."""
        self.table = ()
        value: Any = header
        while value:
            [(key, value)] = value.items()
            self.table = (*self.table, key)
            if isinstance(value, list):  # [[...]]: one more of them
                self._counts[self.table] = self._counts.get(self.table, 0) + 1
                value = value[0]
            if self.table in self._counts:
                self.table = (*self.table, self._counts[self.table] - 1)


def _places(value: object) -> Iterator[Place]:
    match value:
        case dict():
            inside = list(value.items())
        case list():
            inside = list(enumerate(value))
        case _:
            inside = []
    for key, each in inside:
        yield (key,)
        yield from ((key, *rest) for rest in _places(each))


def _is_deeper(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    inside = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(each, levels - 1) for each in inside)


def _located(message: str, text: str) -> PlaybookTextError:
    if found := _AT_LINE.fullmatch(message):
        return PlaybookTextError(f"not TOML: {found.group(1)}", int(found.group(2)))
    if found := _AT_END.fullmatch(message):
        return PlaybookTextError(f"not TOML: {found.group(1)}", max(1, len(text.splitlines())))
    return PlaybookTextError(f"not TOML: {message}")
