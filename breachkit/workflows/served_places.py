"""Which repositories may give the data away: the study, what it was forked from, and every fork there was.

Forks are found by their ids: a fork that was renamed, cut off or made private is in no list any more.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from breachkit.actions.copies import Copy
from breachkit.actions.hosting import Answered, HostedRepository, Hosting, Reading, Topic
from breachkit.actions.served import Place, Role
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import AccessError, BreachkitError
from breachkit.model.ids import display
from breachkit.workflows.snapshot import load_readings, numbers


NEVER_LISTED = (
    "no snapshot was taken while it was public, so that forks that were cut off are not known: ask who "
    "forked it, search by its name, and record it under C10 of the register of copies"
)
MOST_NETWORKS = 50
"""Networks of forks that were cut off and are looked through for more."""


@dataclass(slots=True)
class Places:
    """Repositories by id, and why some may be missing."""

    found: dict[int, Place]
    problems: list[str]
    networks: int = 0
    """Networks of forks that were cut off and looked through."""


def find_places(case: CaseFolder, hosting: Hosting, study: HostedRepository) -> Places:
    """Give every repository that may hold the data, with what the account sees of it now."""
    places = Places(found={}, problems=[])
    places.found[study.id] = _place(study, "study")
    shown = _read(hosting, Topic.REPOSITORY, study, places).only
    for name in ("source", "parent"):
        above = shown.get(name)
        if isinstance(above, Mapping) and isinstance(above.get("id"), int):
            _add(places, hosting, above, "parent")
    listed = _read(hosting, Topic.FORKS, study, places)
    for fork in listed.items:
        _note(places, fork)
    seen_open = _former(case, places, hosting, study)
    if study.visibility != "public" and not seen_open:
        places.problems.append(NEVER_LISTED)
    return places


def _read(hosting: Hosting, topic: Topic, of: HostedRepository, places: Places) -> Reading:
    reading = hosting.read(topic, of)
    if reading.answered is not Answered.COMPLETE:
        places.problems.append(f"{topic} of {display(of.full_name)}: {reading.reason}")
    return reading


def _former(case: CaseFolder, places: Places, hosting: Hosting, study: HostedRepository) -> bool:
    """Ask for every fork that a snapshot saw and no list shows now; say whether one saw it public."""
    seen_open = False
    for number in numbers(case):
        try:
            readings = load_readings(case, number)
        except BreachkitError as problem:
            places.problems.append(f"snapshot {number}: {problem}")
            continue
        listed = readings[Topic.FORKS]
        public = readings[Topic.REPOSITORY].only.get("visibility") == "public"
        seen_open |= public and listed.answered is Answered.COMPLETE
        pulls = readings.get(Topic.PULLS)
        _ask(places, hosting, listed.items)
        _ask(places, hosting, _heads(() if pulls is None else pulls.items, study))
    _ask(places, hosting, _heads(_read(hosting, Topic.PULLS, study, places).items, study))
    return seen_open


def _heads(
    pulls: Iterable[Mapping[str, Any]], study: HostedRepository
) -> Iterator[Mapping[str, Any]]:
    for pull in pulls:
        head = (pull.get("head") or {}).get("repo")
        if isinstance(head, Mapping) and head.get("id") != study.id:
            yield head


def _ask(places: Places, hosting: Hosting, forks: Iterable[Mapping[str, Any]]) -> None:
    """Ask for each fork that is not known yet by its id, and for the forks it has by now."""
    for fork in forks:
        number = fork.get("id")
        if not isinstance(number, int) or number in places.found:
            continue
        found = _add(places, hosting, fork, "fork")
        if found is None or not found.forks:
            continue
        places.networks += 1
        if places.networks > MOST_NETWORKS:
            places.problems.append(f"{display(found.full_name)}: its forks were not looked for")
            continue
        for each in _read(hosting, Topic.FORKS, found, places).items:
            _note(places, each)


def _add(
    places: Places, hosting: Hosting, shown: Mapping[str, Any], role: Role
) -> HostedRepository | None:
    number = shown["id"]
    if number in places.found:
        return None
    name = str(shown.get("full_name") or number)
    try:
        found = hosting.repository(number)
    except AccessError:
        hidden = Place(id=number, name=name, role=role, visibility="hidden")
        places.found[number] = hidden
        return None
    except BreachkitError as problem:
        places.problems.append(f"{display(name)}: {problem}")
        return None
    places.found[number] = _place(found, role)
    return found


def _note(places: Places, fork: Mapping[str, Any]) -> None:
    """Take a fork as a list shows it now."""
    number = fork.get("id")
    if not isinstance(number, int) or number in places.found:
        return
    places.found[number] = Place(
        id=number,
        name=str(fork["full_name"]),
        role="fork",
        visibility=str(fork.get("visibility") or ("private" if fork.get("private") else "public")),
        default_branch=str(fork.get("default_branch") or ""),
    )


def _place(repository: HostedRepository, role: Role) -> Place:
    return Place(
        id=repository.id,
        name=repository.full_name,
        role=role,
        visibility=repository.visibility,
        default_branch=repository.default_branch,
    )


def settled_by(register: Collection[Copy], places: Collection[Place]) -> frozenset[int]:
    """Give the hidden places of which the register of copies says that they are closed."""
    closed = [copy for copy in register if copy.closed]
    return frozenset(
        place.id
        for place in places
        if place.is_hidden and any(is_copy_of(copy, place) for copy in closed)
    )


def is_copy_of(copy: Copy, place: Place) -> bool:
    """Say whether an entry of the register is about a fork: by its id, or as somebody named it."""
    named = copy.place in _FORK_PLACES and place.name.casefold() in copy.label.casefold().split()
    return copy.key == f"fork:{place.id}" or named


_FORK_PLACES = frozenset({"C10", "C11"})


def accounts_for_unlisted(register: Collection[Copy]) -> bool:
    """Say whether somebody has closed the entry for forks that no list shows."""
    return any(copy.key == "C10:" and copy.closed and copy.proof for copy in register)
