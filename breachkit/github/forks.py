"""Forks of forks of forks: the platform lists direct ones alone, and shows those of others by asking them."""

from collections import deque
from collections.abc import Mapping
from typing import Any

from breachkit.github.client import Client, Pages
from breachkit.github.errors import HiddenError
from breachkit.github.paths import path_of
from breachkit.model.errors import BreachkitError, IncompleteError


MOST_LISTS = 1000
"""Repositories whose forks are asked for, so that a network of ten thousand ends."""


def all_forks(client: Client, full_name: str) -> Pages:
    """Give the forks of all levels, each with the `parent` that it was found under.

    A fork that vanishes while its own forks are asked for stays in the list, with `vanished`.

    Raises:
        AccessError, IncompleteError: not even the direct ones could be read.
    """
    found: dict[int, dict[str, Any]] = {}
    first = _direct(client, full_name)
    problem = first.problem
    waiting = deque(_noted(found, first, full_name))
    lists = 1
    while waiting:
        fork = waiting.popleft()
        if lists == MOST_LISTS:
            problem = IncompleteError(f"more than {lists} repositories have forks")
            break
        lists += 1
        try:
            pages = _direct(client, fork["full_name"])
        except HiddenError:
            fork["vanished"] = True
            continue
        except BreachkitError as error:
            problem = error
            continue
        problem = pages.problem or problem
        waiting.extend(_noted(found, pages, fork["full_name"]))
    return Pages(items=tuple(found.values()), problem=problem)


def _direct(client: Client, full_name: str) -> Pages:
    owner, _, name = full_name.partition("/")
    path = path_of("repos", owner, name, "forks")
    return client.pages(path, "the forks", query={"sort": "oldest"})


def _noted(found: dict[int, dict[str, Any]], pages: Pages, parent: str) -> list[dict[str, Any]]:
    """Keep forks not met before, and give those that have forks themselves."""
    new = []
    for item in pages.items:
        if not isinstance(item, Mapping) or item.get("id") in found:
            continue
        fork = {**item, "parent": parent}
        found[fork["id"]] = fork
        if fork.get("forks_count"):
            new.append(fork)
    return new
