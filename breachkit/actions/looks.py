"""What was read of a platform at several moments, brought together: containment hides what it showed before.

A snapshot taken while a repository was public knows its forks, stars and watchers; a later one knows
what became of its access. Whatever was seen once stays seen, with the moment at which it was.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from breachkit.actions.hosting import Answered, Reading, Topic


_WHOLE = frozenset({Answered.COMPLETE, Answered.ABSENT})
_USABLE = _WHOLE | {Answered.PARTIAL}

Key = Callable[[Mapping[str, Any]], Hashable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One reading, with when it was made."""

    snapshot: str
    """Number of the snapshot that it belongs to."""
    at: datetime
    reading: Reading

    @property
    def when(self) -> str:
        """The moment and the snapshot, in words."""
        return f"{self.at:%Y-%m-%d %H:%M} UTC, snapshot {self.snapshot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing, however often it was seen."""

    item: Mapping[str, Any]
    """As it was seen last."""
    first: Look
    last: Look
    is_there: bool
    """Whether the newest reading that is whole shows it, or no whole one is newer."""


class Evidence:
    """All readings of a case, oldest first."""

    def __init__(self, looks: Iterable[Look] = ()) -> None:
        ordered = sorted(looks, key=lambda look: (look.at, look.snapshot))
        self._of: dict[Topic, list[Look]] = {}
        for look in ordered:
            self._of.setdefault(look.reading.topic, []).append(look)

    def __bool__(self) -> bool:
        return bool(self._of)

    def looks(self, topic: Topic) -> tuple[Look, ...]:
        """Give every reading of a topic that can be used, whole or not, oldest first."""
        return tuple(each for each in self._of.get(topic, ()) if each.reading.answered in _USABLE)

    def newest(self, topic: Topic) -> Look | None:
        """Give the newest reading of a topic that is whole; None where there is none."""
        whole = [each for each in self._of.get(topic, ()) if each.reading.answered in _WHOLE]
        return whole[-1] if whole else None

    def last(self, topic: Topic) -> Look | None:
        """Give the newest reading of a topic, however it ended; None where there is none."""
        return self._of[topic][-1] if self._of.get(topic) else None

    def seen(self, topic: Topic, key: Key | None = None) -> tuple[Seen, ...]:
        """Give everything that any reading of a topic shows, once.

        Args:
            topic: A topic that is a list.
            key: What makes two items the same thing; their `id` unless given.
        """
        named = key or _identity
        found: dict[Hashable, list[tuple[Look, Mapping[str, Any]]]] = {}
        for look in self.looks(topic):
            for item in look.reading.items:
                found.setdefault(named(item), []).append((look, item))
        newest = self.newest(topic)
        return tuple(
            Seen(
                item=times[-1][1],
                first=times[0][0],
                last=times[-1][0],
                is_there=newest is None or times[-1][0].at >= newest.at,
            )
            for times in found.values()
        )

    def gap(self, topic: Topic) -> str:
        """Say why a topic is not known as it is now; empty where the newest reading of it is whole."""
        looks = self._of.get(topic, [])
        if not looks:
            return "it was never read"
        last = looks[-1]
        if last.reading.answered in _WHOLE:
            return ""
        said = f"{last.reading.answered.upper()} ({last.when}): {last.reading.reason}"
        whole = self.newest(topic)
        return said if whole is None else f"{said}; read in full {whole.when}"

    def in_snapshot(self, topic: Topic, snapshot: str) -> Mapping[str, Any]:
        """Give the single item of a topic that a snapshot shows; empty where it shows none."""
        for look in self.looks(topic):
            if look.snapshot == snapshot:
                return look.reading.only
        return {}

    def while_public(self, topic: Topic) -> Look | None:
        """Give the newest whole reading of a topic from a snapshot of the repository while it was public."""
        for look in reversed(self._of.get(topic, ())):
            shown = self.in_snapshot(Topic.REPOSITORY, look.snapshot)
            if look.reading.answered in _WHOLE and shown.get("visibility") == "public":
                return look
        return None


def _identity(item: Mapping[str, Any]) -> Hashable:
    found = item.get("id")
    return found if isinstance(found, int | str) else repr(sorted(item.items(), key=repr))


def moment(text: object) -> datetime | None:
    """Read a date as the platform writes it, `2024-05-01T09:30:00Z`; None where it is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo else None


def day(text: object) -> str:
    """Give the day of a date as the platform writes it, in words where there is none."""
    found = moment(text)
    return "unknown date" if found is None else found.date().isoformat()
