"""From a method and a path to the function that answers.

Paths are matched segment by segment while still quoted, so that a branch called `a/b` stays one
segment as `a%2Fb`; a last `{name...}` takes all that is left.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import unquote

from breachkit.drill.hub.answers import Answer


P = ParamSpec("P")
C = TypeVar("C")

Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    method: str
    template: str
    """As in GitHub's description: `/repos/{owner}/{repo}/forks`."""
    pattern: re.Pattern[str]
    handler: Handler

    @property
    def literal(self) -> int:
        """How many characters of the template stand for themselves: the more, the closer it fits."""
        return len(re.sub(r"\{[^}]*\}", "", self.template))


class Router:
    """Collects routes and finds the one for a request."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def on(
        self, method: str, template: str
    ) -> Callable[[Callable[Concatenate[C, P], Answer]], Callable[Concatenate[C, P], Answer]]:
        """Register a function; parts of the template in braces become its keyword arguments."""

        def register(
            handler: Callable[Concatenate[C, P], Answer],
        ) -> Callable[Concatenate[C, P], Answer]:
            self.routes.append(Route(method, template, _pattern(template), handler))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """Give the route of a request and the values in its path, unquoted."""
        matching = [
            (route, values) for route, values in self._matching(path) if route.method == method
        ]
        return max(matching, key=lambda match: match[0].literal, default=None)

    def _matching(self, path: str) -> Iterator[tuple[Route, dict[str, str]]]:
        for route in self.routes:
            match = route.pattern.fullmatch(path)
            if match:
                yield route, {name: unquote(value) for name, value in match.groupdict().items()}


def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"(\{\w+(?:\.\.\.)?\})", template)
    return re.compile("".join(map(_piece, pieces)))


def _piece(piece: str) -> str:
    if not piece.startswith("{"):
        return re.escape(piece)
    name = piece.strip("{}.")
    return f"(?P<{name}>.+)" if piece.endswith("...}") else f"(?P<{name}>[^/]+)"
