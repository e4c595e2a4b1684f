"""Readings without what people wrote: somebody may have pasted the numbers into a title or a comment.

What the platform shows of a pull request, an event or a run quotes them, and containment destroys
none of it: so it is read for who, when and which, and its words stay on the platform.
"""

from typing import Any

from breachkit.actions.hosting import Topic


_WRITTEN = frozenset(
    {
        "body", "body_html", "body_text", "commit_message", "commit_title", "description",
        "display_title", "message", "summary", "title",
    }
)  # fmt: skip
_OF = {
    Topic.PULLS: _WRITTEN,
    Topic.EVENTS: _WRITTEN,
    Topic.RELEASES: _WRITTEN | {"name"},
    Topic.RUNS: _WRITTEN,
    Topic.DEPLOYMENTS: _WRITTEN | {"payload"},
}
"""What is taken out of each topic that quotes people, wherever in it that stands."""


def wordless(topic: Topic, items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give what was read of a topic without the words of people."""
    names = _OF.get(topic)
    return items if names is None else tuple(_without(item, names) for item in items)


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        kept = {name: part for name, part in value.items() if name not in names}
        return {name: _without(part, names) for name, part in kept.items()}
    return [_without(part, names) for part in value] if isinstance(value, list) else value
