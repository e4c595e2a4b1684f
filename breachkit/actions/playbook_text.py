"""Values of a playbook's file, each with the line that it stands on."""

from collections.abc import Mapping
from typing import Any

from breachkit.model.errors import ConfigurationError
from breachkit.model.records import dataclass


Place = tuple[str | int, ...]
"""Keys and, from 0, numbers in lists that lead to a value; empty for the whole file."""

LARGEST = 1_048_576
"""Bytes; a hundred times what a playbook's file needs."""
DEEPEST = 20
"""Lists and tables in one another."""


class PlaybookTextError(ConfigurationError):
    """A file of a playbook does not read as TOML or YAML.

    Attributes:
        line: Counted from 1; None where no line is to blame.
        problem: What is wrong, without the line.
    """

    def __init__(self, problem: str, line: int | None = None) -> None:
        super().__init__(problem if line is None else f"line {line}: {problem}")
        self.problem = problem
        self.line = line


class PlaybookValueError(ConfigurationError):
    """A value of a playbook's file makes no sense; the message says where.

    Attributes:
        place: Of the value that is to blame, as `Located` knows its line.
    """

    def __init__(self, problem: str, place: Place = ()) -> None:
        super().__init__(problem)
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """The values of a file."""

    value: Any
    """Tables as dict, lists as list."""
    lines: Mapping[Place, int]
    """Counted from 1."""

    def line(self, place: Place) -> int | None:
        """Give the line of a value, or of the nearest one around it that stands on a known line."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place)
