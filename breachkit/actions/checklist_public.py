"""The checklist for eyes outside the response: no name, no note, no place, and nothing else that tells."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from breachkit.actions.checklist import Checklist, Task
from breachkit.model.errors import RefusedError


class TellsTooMuchError(RefusedError):
    """A checklist for outsiders would name the repository, an object or a path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What may not stand in a checklist for outsiders."""

    repository: str
    """`owner/name`, an address or a folder."""
    paths: tuple[str, ...] = ()
    """Files that have to go, as shown."""
    people: tuple[str, ...] = ()


def for_outsiders(checklist: Checklist) -> Checklist:
    """Give the checklist without names: of people, copies, places, and without notes.

    What is left names the case only by its id and codename, so it can stand where others read it.
    """
    return replace(checklist, tasks=tuple(map(_without_names, checklist.tasks)))


def refuse_telling(text: str, telling: Telling) -> None:
    """Refuse a text for outsiders in which the repository, an object id, a path or a person stands.

    Raises:
        TellsTooMuchError: at least one does; the message names the lines and never the text.
    """
    found = sorted(set(_found(text, telling)))
    if found:
        listed = ", ".join(f"{what} in line {line}" for line, what in found[:8])
        raise TellsTooMuchError(
            f"the public checklist was not written, because it would tell: {listed}. "
            "Change the playbook's own words, or export without --public"
        )


_ID = re.compile(
    r"(?<![0-9a-z])(?=[0-9a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,}(?![0-9a-z])", re.IGNORECASE
)
_LONG_ID = re.compile(r"[0-9a-f]{40,}", re.IGNORECASE)
_SHORTEST = 4
"""A name of fewer characters stands in ordinary words: only with its owner it is looked for."""


def _found(text: str, telling: Telling) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        folded = line.casefold()
        if any(_stands_in(name, folded) for name in _names(telling.repository)):
            yield number, "the repository"
        if _ID.search(line) or _LONG_ID.search(line):
            yield number, "an object id"
        if any(_stands_in(path, folded) for path in _paths(telling.paths)):
            yield number, "a path"
        if any(_stands_in(person, folded) for person in telling.people):
            yield number, "a person"


def _names(repository: str) -> Iterator[str]:
    shown = repository.rstrip("/").removesuffix(".git")
    parts = [part for part in re.split(r"[/:\\]+", shown) if part]
    yield shown
    yield "/".join(parts[-2:])
    if parts and len(parts[-1]) >= _SHORTEST:
        yield parts[-1]


def _paths(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield path
        base = path.rpartition("/")[2]
        if len(base) >= _SHORTEST:
            yield base


def _stands_in(name: str, folded: str) -> bool:
    wanted = name.casefold().strip()
    if not wanted or wanted not in folded:  # a pattern for each of thousands of paths takes long
        return False
    return re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", folded) is not None


def _without_names(task: Task) -> Task:
    base, _, entry = task.id.partition("/")
    shown_id = f"{base}/{entry}" if entry.startswith("K-") else base
    return replace(
        task, id=shown_id, text=task.text_for_outsiders, why=None, by=None, owner=None, copy=None
    )
