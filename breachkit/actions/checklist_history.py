"""The journal as a checklist reads it: what was done last about each thing, and what was taken back."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from breachkit.actions.checklist_dates import Moments
from breachkit.actions.checklist_template import Item, Trigger, filled
from breachkit.actions.events import JournalEvent
from breachkit.model.time import parse_rfc3339


TICKED, NOT_APPLICABLE, REOPENED = "checklist.ticked", "checklist.na", "checklist.reopened"

_BY_HAND = frozenset({TICKED, NOT_APPLICABLE, REOPENED})
_CORRECTIONS = frozenset({"case.amended"})
"""What they supersede was said wrongly in one part, and happened all the same."""

Names = Mapping[str, str]


class History:
    """The entries of a journal, found again by what they are about."""

    def __init__(self, events: Iterable[JournalEvent]) -> None:
        """Take the entries in, oldest first."""
        self._events = tuple(events)
        taken_back = {
            event.detail.get("supersedes")
            for event in self._events
            if event.kind not in _CORRECTIONS
        }
        self._of: dict[str, list[JournalEvent]] = {}
        self._by_hand: dict[str, JournalEvent] = {}
        self._latest: dict[str, int] = {}
        for event in self._events:
            self._latest[event.kind] = event.seq
            if f"ev-{event.seq:04d}" in taken_back:
                continue
            self._of.setdefault(event.kind, []).append(event)
            if event.kind in _BY_HAND:
                self._by_hand[str(event.detail.get("item", ""))] = event
        self._indexes: dict[
            tuple[str, tuple[str, ...]], dict[tuple[object, ...], JournalEvent]
        ] = {}

    def by_hand(self, task_id: str, item: Item) -> JournalEvent | None:
        """Give what a person said last about a task, unless it was undone since."""
        event = self._by_hand.get(task_id)
        return None if event is None or self._is_undone(event, item) else event

    def shown(
        self, item: Item, names: Names, moments: Moments, *, since: int
    ) -> tuple[JournalEvent, ...]:
        """Give the entries that show an item done, the latest first; empty where they do not.

        Args:
            item: Which.
            names: What stands for `{contact}` and the like.
            moments: Of the case.
            since: The number of an entry before which nothing counts.
        """
        if not any(trigger.kind in self._of for trigger in (*item.auto, *item.auto_all)):
            return ()
        any_of = [self._met(each, names, moments) for each in item.auto]
        together = [self._met(each, names, moments) for each in item.auto_all]
        found = [event for event in any_of if event is not None]
        if together and None not in together:
            found += [event for event in together if event is not None]
            if not self._counts(together, item, since):
                found = [event for event in any_of if event is not None]
        kept = [e for e in found if e.seq > since and not self._is_undone(e, item)]
        return tuple(sorted(kept, key=lambda event: -event.seq))

    def _counts(self, events: Iterable[JournalEvent | None], item: Item, since: int) -> bool:
        return all(e is not None and e.seq > since and not self._is_undone(e, item) for e in events)

    def _is_undone(self, event: JournalEvent, item: Item) -> bool:
        return any(self._latest.get(kind, 0) > event.seq for kind in item.undone_by)

    def _met(self, trigger: Trigger, names: Names, moments: Moments) -> JournalEvent | None:
        """Give the latest entry of the trigger's kind and subject, if its outcome is the wanted one."""
        event = self._last(trigger, names)
        if event is None or not trigger.is_met(event.detail):
            return None
        if trigger.after is None:
            return event
        start = trigger.after.at(moments)
        return event if start is not None and at(event) >= start else None

    def _last(self, trigger: Trigger, names: Names) -> JournalEvent | None:
        keys = tuple(sorted(trigger.about))
        index = self._indexes.get((trigger.kind, keys))
        if index is None:
            events = self._of.get(trigger.kind, [])
            index = {tuple(map(_hashable, map(e.detail.get, keys))): e for e in events}
            self._indexes[trigger.kind, keys] = index
        return index.get(tuple(filled(trigger.about[key], names) for key in keys))


def at(event: JournalEvent) -> datetime:
    """Give the moment of an entry."""
    return parse_rfc3339(event.ts)


def _hashable(value: object) -> object:
    return value if isinstance(value, str | int) else repr(value)
