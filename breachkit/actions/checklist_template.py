"""The items of a checklist as a playbook writes them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, cast, get_args

from breachkit.actions.contacts import ROLES
from breachkit.model.errors import ConfigurationError


Evidence = Literal["event", "file", "proof", "ack", "decision"]
Blocks = Literal["rewrite", "push", "restore", "close", "none"]
OWNERS = frozenset({*ROLES, "discoverer", "handler", "admin", "everyone", "author"})

_DUE = re.compile(r"(aware|opened)\+(\d+)([mhd])")
_NAME = re.compile(r"\{([a-z]+)\}")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_KEYS = frozenset(
    {
        *("id", "group", "text", "role", "due", "evidence", "condition", "blocks", "help"),
        *("each", "places", "auto", "undone_by", "milestone"),
    }
)


class TemplateError(ConfigurationError):
    """A checklist of a playbook is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """A journal entry that shows an item done."""

    kind: str
    about: Mapping[str, str]
    """Texts the detail must hold for the entry to concern the item; `{contact}` stands for a contact's name."""
    outcome: Mapping[str, int | bool]
    """Numbers and truth values that the latest such entry must hold."""

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
    due_from: Literal["aware", "opened"]
    due_after: timedelta | None
    evidence: Evidence
    condition: str | None
    blocks: Blocks
    help: str
    """A command, or the file of the playbook that explains it."""
    each: Literal["copy", "contact"] | None
    places: frozenset[str]
    auto: tuple[Trigger, ...]
    undone_by: frozenset[str]
    milestone: str | None
    """What the case reaches when a person ticks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A playbook's checklist."""

    groups: tuple[tuple[str, str], ...]
    items: tuple[Item, ...]


def template_from_mapping(data: Mapping[str, Any]) -> Template:
    """Read a parsed `checklist.yaml`.

    Raises:
        TemplateError: something is missing or wrong; the message names the item and the key.
    """
    groups = tuple((str(key), str(title)) for key, title in data.get("groups", {}).items())
    items = tuple(_item(entry) for entry in data.get("items", ()))
    known = {letter for letter, _ in groups}
    seen: set[str] = set()
    for item in items:
        if item.group not in known:
            raise TemplateError(f"checklist.yaml: {item.id}: group: {item.group} is not in groups")
        if item.id in seen:
            raise TemplateError(f"checklist.yaml: {item.id}: id: stands twice; give it its own")
        seen.add(item.id)
    if not items:
        raise TemplateError("checklist.yaml: no items: put them back")
    return Template(groups=groups, items=items)


def _item(entry: Mapping[str, Any]) -> Item:
    name = str(entry.get("id", "item without id"))
    for key in entry:
        if key not in _KEYS:
            raise TemplateError(
                f"checklist.yaml: {name}: {key}: unknown key; known are {', '.join(sorted(_KEYS))}"
            )
    due_from, due_after = _due(name, entry.get("due"))
    return Item(
        id=_text(name, entry, "id"),
        group=_text(name, entry, "group"),
        text=_text(name, entry, "text"),
        role=_one_of(name, entry, "role", tuple(sorted(OWNERS))),
        due_from=due_from,
        due_after=due_after,
        evidence=cast("Evidence", _one_of(name, entry, "evidence", get_args(Evidence))),
        condition=entry.get("condition"),
        blocks=cast(
            "Blocks", _one_of(name, {"blocks": "none", **entry}, "blocks", get_args(Blocks))
        ),
        help=str(entry.get("help", "")),
        each=cast('Literal["copy", "contact"] | None', _each(name, entry)),
        places=frozenset(entry.get("places", ())),
        auto=tuple(_trigger(name, trigger) for trigger in entry.get("auto", ())),
        undone_by=frozenset(entry.get("undone_by", ())),
        milestone=entry.get("milestone"),
    )


def _each(name: str, entry: Mapping[str, Any]) -> str | None:
    return _one_of(name, entry, "each", ("copy", "contact")) if "each" in entry else None


def _trigger(name: str, entry: Mapping[str, Any]) -> Trigger:
    rest = {key: value for key, value in entry.items() if key != "kind"}
    return Trigger(
        kind=_text(name, entry, "kind"),
        about={key: value for key, value in rest.items() if isinstance(value, str)},
        outcome={key: value for key, value in rest.items() if isinstance(value, int)},
    )


def _due(name: str, text: object) -> tuple[Literal["aware", "opened"], timedelta | None]:
    if text is None:
        return "aware", None
    found = _DUE.fullmatch(str(text))
    if found is None:
        raise TemplateError(
            f"checklist.yaml: {name}: due: write it as aware+15m, aware+72h or opened+5d"
        )
    after = int(found.group(2)) * _UNITS[found.group(3)]
    return ("aware" if found.group(1) == "aware" else "opened"), after


def _text(name: str, entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value.strip():
        raise TemplateError(f"checklist.yaml: {name}: {key}: a text is needed")
    return " ".join(value.split())


def _one_of(name: str, entry: Mapping[str, Any], key: str, options: tuple[str, ...]) -> str:
    value = entry.get(key)
    if value not in options:
        raise TemplateError(f"checklist.yaml: {name}: {key}: choose one of {', '.join(options)}")
    return str(value)


def filled(text: str, names: Mapping[str, str]) -> str:
    """Put names in place of `{...}`; what a name holds is not looked at again."""
    return _NAME.sub(lambda match: names.get(match.group(1), match.group()), text)
