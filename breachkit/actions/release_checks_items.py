"""The items of a release's checklist, as the `release-checks.toml` of playbooks words them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from breachkit.actions.playbook_text import Place, PlaybookValueError
from breachkit.actions.release_checks import Item
from breachkit.actions.release_checks_rules import DECIDED
from breachkit.model.records import dataclass


RELEASE_CHECKS = "release-checks.toml"
_TEXTS = ("id", "title", "remedy", "source")
_LONGEST_HOLD = 366


class ItemsError(PlaybookValueError):
    """A playbook's checklist of a release says something that makes no sense."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The checklist of a release."""

    items: tuple[Item, ...] = ()
    answers_hold: timedelta = timedelta(days=90)
    """For how long an answer without an end holds."""


def items_from_mapping(data: Mapping[str, Any], base: Items | None = None) -> Items:
    """Read the parsed file of a playbook.

    Args:
        data: The file.
        base: The checklist of the playbook that this one extends: an item with the same id is
            replaced where it stands, one that `remove` names is left out, none can be added that
            nothing decides.

    Raises:
        ItemsError: a key is missing, wrong or unknown.
    """
    base = base or Items()
    if unknown := sorted(set(data) - {"item", "remove", "answers_hold_days"}):
        raise ItemsError(f"no key {unknown[0]}: correct its spelling")
    entries = enumerate(_list(data, "item"))
    own = {item.id: item for at, entry in entries for item in (_item(entry, ("item", at)),)}
    if len(own) != len(data.get("item", ())):
        raise ItemsError("an id stands twice: give each item its own", ("item",))
    removed = _removed(_list(data, "remove"), base)
    kept = {item.id: item for item in base.items if item.id not in removed}
    return Items(items=tuple((kept | own).values()), answers_hold=_hold(data, base))


def _list(data: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = data.get(key, [])
    if not isinstance(found, list):
        raise ItemsError(f"{key}: a list is needed")
    return found


def _removed(ids: Sequence[Any], base: Items) -> frozenset[str]:
    known = {item.id for item in base.items}
    for each in ids:
        if each not in known:
            raise ItemsError(f"remove: there is no {each} in what it extends", ("remove",))
    return frozenset(ids)


def _item(entry: Any, place: Place) -> Item:
    if not isinstance(entry, Mapping):
        raise ItemsError("item: a table is needed", place)
    name = entry.get("id", "?")
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise ItemsError(f"item {name}: {key} is missing, or no text", (*place, key))
    if unknown := sorted(set(entry) - {*_TEXTS, "as_of"}):
        raise ItemsError(f"item {name}: no key {unknown[0]}: correct its spelling", place)
    if name not in DECIDED:
        raise ItemsError(
            f"item {name}: nothing decides it; known are {', '.join(sorted(DECIDED))}", place
        )
    as_of = entry.get("as_of")
    if not isinstance(as_of, date) or isinstance(as_of, datetime):
        raise ItemsError(f"item {name}: as_of is missing, or no date such as 2026-03-01", place)
    return Item(**{key: entry[key] for key in _TEXTS}, as_of=as_of)


def _hold(data: Mapping[str, Any], base: Items) -> timedelta:
    days = data.get("answers_hold_days", base.answers_hold.days)
    if not isinstance(days, int) or not 1 <= days <= _LONGEST_HOLD:
        raise ItemsError(
            f"answers_hold_days: a number from 1 to {_LONGEST_HOLD} is needed",
            ("answers_hold_days",),
        )
    return timedelta(days=days)
