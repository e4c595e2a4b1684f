"""The items of a checklist as a playbook writes them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from breachkit.actions.checklist_conditions import CONDITIONS, Condition, condition_from_text
from breachkit.actions.checklist_dates import MOMENTS, Due, Period, due_from_text, period_from_text
from breachkit.actions.contacts import ROLES
from breachkit.actions.copy_states import STATES
from breachkit.model.errors import ConfigurationError


Evidence = Literal["event", "file", "proof", "ack", "decision"]
Blocks = Literal["rewrite", "push", "restore", "close", "none"]
Each = Literal["copy", "contact", "holder", "expiry"]
OWNERS = frozenset({*ROLES, "discoverer", "handler", "admin", "everyone", "author"})

_NAME = re.compile(r"\{([a-z]+)\}")
_KEYS = frozenset(
    {
        *("id", "group", "text", "role", "due", "evidence", "condition", "blocks", "help"),
        *("each", "places", "auto", "auto_all", "closed_places", "undone_by", "milestone"),
        *("stale_after", "until", "copy_states"),
    }
)
_TOP = frozenset({"groups", "items", "remove"})


class TemplateError(ConfigurationError):
    """A checklist of a playbook is wrong.

    Attributes:
        place: Keys and, from 0, numbers in lists that lead to what is wrong.
    """

    def __init__(self, message: str, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A journal entry that shows an item done."""

    kind: str
    about: Mapping[str, str]
    """Texts the detail must hold for the entry to concern the item; `{contact}` stands for a contact's name."""
    outcome: Mapping[str, int | bool]
    """Numbers and truth values that the latest such entry must hold."""
    after: Due | None = None
    """From when on an entry counts; None where any does."""

    def is_about(self, detail: Mapping[str, Any], names: Mapping[str, str]) -> bool:
        """Say whether an entry of this kind concerns the item."""
        return all(detail.get(key) == filled(text, names) for key, text in self.about.items())

    def is_met(self, detail: Mapping[str, Any]) -> bool:
        """Say whether the entry shows the item done."""
        return all(detail.get(key) == value for key, value in self.outcome.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the playbook."""

    id: str
    group: str
    text: str
    role: str
    due: Due | None
    evidence: Evidence
    conditions: tuple[Condition, ...]
    blocks: Blocks
    help: str
    """A command, or the file of the playbook that explains it."""
    each: Each | None
    places: frozenset[str]
    """For items that stand once for each copy: only those in these places."""
    auto: tuple[Trigger, ...]
    """Any one of them shows it done."""
    auto_all: tuple[Trigger, ...]
    """All of them together do."""
    closed_places: tuple[str, ...]
    """It is done when every copy in these places is closed, and there are some."""
    copy_states: frozenset[str]
    """For items that stand once for each copy or holder: the states in which it is done, closed ones aside."""
    undone_by: frozenset[str]
    milestone: str | None
    """What the case reaches when a person ticks it."""
    stale_after: Period | None
    """How long what the journal shows holds: then it is to do again."""
    until: Due | None
    """From when on it need not be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A playbook's checklist."""

    groups: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]


def template_from_mapping(data: Mapping[str, Any], base: Template | None = None) -> Template:
    """Read a parsed `checklist.yaml`.

    Args:
        data: The file: `groups`, `items`, and where it builds on another's, the ids to `remove`.
        base: The checklist of the playbook that this one extends: an item with the same id is
            replaced, any other is added at the end of its group.

    Raises:
        TemplateError: something is missing or wrong; the message names the item and the key.
    """
    _check_top(data)
    groups = dict(base.groups) if base else {}
    groups |= {str(key): str(title) for key, title in (data.get("groups") or {}).items()}
    removed = _removed(data, base)
    items = {item.id: item for item in (base.items if base else ()) if item.id not in removed}
    seen: set[str] = set()
    for number, entry in enumerate(data.get("items") or ()):
        item = _Reader(entry, number).item()
        if item.group not in groups:
            raise _wrong(item.id, "group", f"{item.group} is not in groups", number)
        if item.id in seen:
            raise _wrong(item.id, "id", "stands twice; give it its own", number)
        seen.add(item.id)
        items[item.id] = item
    if not items:
        raise TemplateError("no items: put them back", ("items",))
    order = list(groups)
    return Template(
        groups=tuple(groups.items()),
        items=tuple(sorted(items.values(), key=lambda item: order.index(item.group))),
    )


def _check_top(data: object) -> None:
    if not isinstance(data, Mapping):
        raise TemplateError("a table with groups and items is needed")
    for key in data:
        if key not in _TOP:
            raise TemplateError(f"{key}: unknown key; known are {', '.join(sorted(_TOP))}", (key,))
    for key, kind in (("groups", Mapping), ("items", list), ("remove", list)):
        if data.get(key) is not None and not isinstance(data[key], kind):
            raise TemplateError(
                f"{key}: a {'table' if kind is Mapping else 'list'} is needed", (key,)
            )


def _removed(data: Mapping[str, Any], base: Template | None) -> frozenset[str]:
    known = {item.id for item in base.items} if base else set()
    for number, name in enumerate(data.get("remove") or ()):
        if name not in known:
            raise TemplateError(f"remove: {name} is no item of what it extends", ("remove", number))
    return frozenset(data.get("remove") or ())


def _wrong(name: str, key: str, problem: str, number: int) -> TemplateError:
    return TemplateError(f"{name}: {key}: {problem}", ("items", number, key))


class _Reader:
    """Reads one item, and says where it is wrong."""

    def __init__(self, entry: object, number: int) -> None:
        self._number = number
        if not isinstance(entry, Mapping):
            raise TemplateError("an item is a table", ("items", number))
        self._entry: Mapping[str, Any] = entry
        self._name = str(entry.get("id", "item without id"))

    def item(self) -> Item:
        for key in self._entry:
            if key not in _KEYS:
                raise self._error(key, f"unknown key; known are {', '.join(sorted(_KEYS))}")
        return Item(
            id=self._text("id"),
            group=self._text("group"),
            text=self._text("text"),
            role=self._one_of("role", tuple(sorted(OWNERS))),
            due=self._due("due", self._entry.get("due")),
            evidence=cast("Evidence", self._one_of("evidence", get_args(Evidence))),
            conditions=tuple(self._conditions()),
            blocks=cast("Blocks", self._one_of("blocks", get_args(Blocks), "none")),
            help=str(self._entry.get("help", "")),
            each=self._each(),
            places=frozenset(self._words("places")),
            auto=self._triggers("auto"),
            auto_all=self._triggers("auto_all"),
            closed_places=tuple(self._words("closed_places")),
            copy_states=self._states(),
            undone_by=frozenset(self._words("undone_by")),
            milestone=self._entry.get("milestone"),
            stale_after=self._period(),
            until=self._due("until", self._entry.get("until")),
        )

    def _error(self, key: str, problem: str) -> TemplateError:
        return _wrong(self._name, key, problem, self._number)

    def _text(self, key: str) -> str:
        value = self._entry.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._error(key, "a text is needed")
        return " ".join(value.split())

    def _words(self, key: str) -> Sequence[str]:
        value = self._entry.get(key) or ()
        if isinstance(value, str) or not all(isinstance(each, str) for each in value):
            raise self._error(key, "a list of words is needed")
        return tuple(value)

    def _one_of(self, key: str, options: tuple[str, ...], default: str | None = None) -> str:
        value = self._entry.get(key, default)
        if value not in options:
            raise self._error(key, f"choose one of {', '.join(options)}")
        return str(value)

    def _each(self) -> Each | None:
        return cast("Each", self._one_of("each", get_args(Each))) if "each" in self._entry else None

    def _conditions(self) -> Sequence[Condition]:
        value = self._entry.get("condition")
        texts = [] if value is None else value if isinstance(value, list) else [value]
        found = [condition_from_text(str(text)) for text in texts]
        if None in found:
            raise self._error(
                "condition", f"choose of {', '.join(CONDITIONS)}, or `not` before one"
            )
        return [each for each in found if each is not None]

    def _due(self, key: str, text: object) -> Due | None:
        if text is None:
            return None
        due = due_from_text(str(text))
        if due is None:
            moments = ", ".join(MOMENTS)
            raise self._error(
                key, f"write it as aware+15m, opened+5d or closed+5wd; moments are {moments}"
            )
        return due

    def _states(self) -> frozenset[str]:
        states = frozenset(self._words("copy_states"))
        if not states <= set(STATES):
            raise self._error("copy_states", f"choose of {', '.join(STATES)}")
        return states

    def _period(self) -> Period | None:
        text = self._entry.get("stale_after")
        period = None if text is None else period_from_text(str(text))
        if text is not None and period is None:
            raise self._error("stale_after", "write it as 12h, 7d or 5wd")
        return period

    def _triggers(self, key: str) -> tuple[Trigger, ...]:
        entries = self._entry.get(key) or ()
        if not isinstance(entries, list | tuple) or not all(
            isinstance(e, Mapping) for e in entries
        ):
            raise self._error(key, "a list of tables is needed")
        return tuple(self._trigger(key, entry) for entry in entries)

    def _trigger(self, key: str, entry: Mapping[str, Any]) -> Trigger:
        rest = {name: value for name, value in entry.items() if name not in {"kind", "after"}}
        if not isinstance(entry.get("kind"), str):
            raise self._error(key, "each names a kind of journal entry")
        return Trigger(
            kind=entry["kind"],
            about={name: value for name, value in rest.items() if isinstance(value, str)},
            outcome={name: value for name, value in rest.items() if isinstance(value, int)},
            after=self._due(key, entry.get("after")),
        )


def filled(text: str, names: Mapping[str, str]) -> str:
    """Put names in place of `{...}`; what a name holds is not looked at again."""
    if "{" not in text:
        return text
    return _NAME.sub(lambda match: names.get(match.group(1), match.group()), text)
