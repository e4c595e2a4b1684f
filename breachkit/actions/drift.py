"""What is no longer as containment left it: decided from readings, in words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from breachkit.actions.containment import Situation, plan


def open_again(situation: Situation) -> Iterator[str]:
    """Say who and what containment would take out once more.

    Args:
        situation: As it is now, with what was decided when access was restricted.
    """
    for step in plan(situation).steps:
        yield f"open: containment would {step.says}"


def new_forks(
    known: Collection[int], now: Collection[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    """Give the forks that no snapshot knows; a fork is known by its id, however it is called."""
    return tuple(each for each in now if each["id"] not in known)
