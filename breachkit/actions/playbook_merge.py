"""A list of a playbook, put together from those of the playbooks that it extends.

What has the same id replaces, in its place; what is new comes at the end; `remove` takes ids away.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.actions.playbook_reader import Problem, named, suggestion
from breachkit.actions.playbook_text import Located


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """The file of one playbook."""

    playbook: str
    file: str
    located: Located


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All layers as one."""

    entries: list[dict[str, Any]]
    origins: Mapping[str, tuple[Layer, int]]
    """By id: the layer that an entry is from, and its number there, from 0."""


def merge(layers: Sequence[Layer], *, key: str, id_key: str) -> tuple[Merged, list[Problem]]:
    """Put layers together.

    Args:
        layers: The playbook's own first, then those it extends.
        key: Of the list.
        id_key: Of an entry: what tells it from others.

    Returns:
        With what is wrong in the layers as such; entries are judged by who reads them.
    """
    kept: dict[str, dict[str, Any]] = {}
    origins: dict[str, tuple[Layer, int]] = {}
    problems: list[Problem] = []
    for layer in reversed(layers):
        sheet = _Sheet(layer, problems)
        for number, own in enumerate(sheet.list("remove")):
            if own not in kept:
                what = f"there is none to remove{suggestion(str(own), kept)}"
                sheet.wrong(("remove", number), what)
            kept.pop(own, None)
        seen: set[str] = set()
        for number, entry in enumerate(sheet.list(key)):
            own = entry.get(id_key) if isinstance(entry, Mapping) else None
            if not isinstance(own, str) or not own:
                sheet.wrong((key, number), f"{id_key}: a text is needed")
            elif own in seen:
                sheet.wrong((key, number, id_key), "stands twice; give it its own")
            else:
                seen.add(own)
                kept[own] = dict(entry)
                origins[own] = (layer, number)
    return Merged(entries=list(kept.values()), origins=origins), problems


class _Sheet:
    """A layer, and where its problems are collected."""

    def __init__(self, layer: Layer, problems: list[Problem]) -> None:
        self._layer = layer
        self._problems = problems

    def list(self, key: str) -> list[Any]:
        values = self._layer.located.value
        found = values.get(key, []) if isinstance(values, Mapping) else None
        if isinstance(found, list):
            return found
        self.wrong((key,), "a list is needed")
        return []

    def wrong(self, place: tuple[str | int, ...], problem: str) -> None:
        layer = self._layer
        line = layer.located.line(place)
        self._problems.append(
            Problem(file=layer.file, line=line, key=named(place), problem=problem)
        )
