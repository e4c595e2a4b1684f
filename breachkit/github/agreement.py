"""Whether what GitHub shows of a setting is what was written: it reads in another shape than it is written."""

from collections.abc import Mapping, Sequence
from typing import Any


_NAMES = ("login", "slug", "context", "actor_id", "id", "type")
"""What stands for a thing in a list, the first that it has."""


def agrees(wanted: Any, shown: Any) -> bool:
    """Say whether a setting reads as it was written.

    What is shown beside it, such as addresses, does not matter. A switch is written as a truth value
    and read as `{"enabled": ...}`; null is written where nothing is read; people, teams and apps are
    written by name and read whole; the order of a list does not matter.
    """
    if isinstance(shown, Mapping) and "enabled" in shown and not isinstance(wanted, Mapping):
        return bool(wanted) is bool(shown["enabled"])
    if wanted is None or wanted is False:
        return not shown
    if isinstance(wanted, Mapping):
        there = shown if isinstance(shown, Mapping) else {}
        return all(agrees(value, there.get(name)) for name, value in wanted.items())
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        return _same_lists(wanted, shown)
    return bool(wanted == shown)


def _same_lists(wanted: Sequence[Any], shown: Any) -> bool:
    there = list(shown or ())
    if len(wanted) != len(there):
        return False
    for each in wanted:
        matching = next((one for one in there if _same(each, one)), None)
        if matching is None:
            return False
        there.remove(matching)
    return True


def _same(wanted: Any, shown: Any) -> bool:
    if isinstance(wanted, str) and isinstance(shown, Mapping):
        names = (str(shown[name]) for name in _NAMES if name in shown)
        return wanted.lower() == next(names, "").lower()
    return agrees(wanted, shown)


def same_key(one: str, other: str) -> bool:
    """Say whether two public keys are the same, whatever comment stands behind them."""
    return one.split()[:2] == other.split()[:2]
