"""What an item of the checklist asks for: who does it, by when, what shows it done, and how."""

from collections.abc import Iterator
from typing import Any

from breachkit.actions.checklist_dates import Due, Period
from breachkit.actions.checklist_template import Item
from breachkit.model.ids import display
from breachkit.report.words import counted


_SINCE = {
    "aware": "the controller became aware",
    "opened": "the case was opened",
    "closed": "the case is closed",
    "restored": "access is given back",
    "publication": "a rule publishes the repository",
    "destroy_by": "the backup is to be destroyed",
}
_UNITS = {"m": "minute", "h": "hour", "d": "day", "wd": "working day"}
_SHOWN = {
    "event": "an entry of the journal",
    "file": "a file of the case",
    "proof": "a proof",
    "ack": "an answer of whoever was told",
    "decision": "a decision of a named person",
}
_EACH = {
    "copy": "once for each copy in the register",
    "contact": "once for each contact",
    "holder": "once for each holder of a copy",
    "expiry": "once for each copy that expires",
}


def item_text(item: Item, group: str, playbook: str) -> str:
    """Explain one item for a terminal.

    Args:
        item: Which.
        group: The title of its group.
        playbook: Whose checklist it is of.
    """
    return "\n".join(_lines(item, group, playbook)) + "\n"


def item_json(item: Item, group: str, playbook: str) -> dict[str, Any]:
    """Explain one item as `breachkit.item/1`."""
    return {
        "schema": "breachkit.item/1",
        "id": item.id,
        "group": group,
        "playbook": playbook,
        "text": item.text,
        "role": item.role,
        "due": _due(item.due),
        "only_if": [each.words for each in item.conditions],
        "evidence": item.evidence,
        "shown_by": _entries(item),
        "blocks": None if item.blocks == "none" else item.blocks,
        "milestone": item.milestone,
        "help": item.help,
    }


def _lines(item: Item, group: str, playbook: str) -> Iterator[str]:
    yield f"{item.id}: {display(item.text)}"
    yield f"In the group {display(group)}, of the playbook {display(playbook)}."
    yield ""
    for label, value in _facts(item):
        yield f"  {label:<10} {value}"


def _facts(item: Item) -> Iterator[tuple[str, str]]:
    yield "who", display(item.role.replace("_", " "))
    yield "when", _due(item.due) or "no date"
    if item.each:
        yield "how often", _EACH[item.each]
    if item.conditions:
        yield "only if", " and ".join(each.words for each in item.conditions)
    yield "shown by", _SHOWN[item.evidence]
    if entries := _entries(item):
        yield "ticked by", f"the journal's {', '.join(entries)}"
    if item.milestone:
        yield "reaches", f"the milestone {display(item.milestone)}"
    if item.blocks != "none":
        yield "holds up", item.blocks
    if item.help:
        yield "how", display(item.help)


def _entries(item: Item) -> list[str]:
    return list(dict.fromkeys(each.kind for each in (*item.auto, *item.auto_all)))


def _due(due: Due | None) -> str:
    if due is None:
        return ""
    since = _SINCE[due.since]
    return f"when {since}" if due.period is None else f"within {_length(due.period)} after {since}"


def _length(period: Period) -> str:
    return counted(period.number, _UNITS[period.unit])
