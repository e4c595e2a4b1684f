"""The register of copies of a case: made from what git, the platform and archives show, kept by people.

No person is contacted. What nothing shows stays unknown until a person looks.
"""

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from breachkit.actions.bad_set import BadSet
from breachkit.actions.copies import Copy
from breachkit.actions.copy_changes import Searched
from breachkit.actions.people import Person
from breachkit.actions.trace import (
    Place,
    PlacesError,
    Sources,
    find_copies,
    places_from_mapping,
)
from breachkit.git import layout
from breachkit.git.clone import local_path
from breachkit.git.people import namespaces, people_since, refs_by_namespace, remotes
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError
from breachkit.workflows.around import Around
from breachkit.workflows.copies import (
    NoSuchPlaceError,
    add_copy,
    move_copies,
    rule_out_copies,
    set_copy,
    settle_refs,
)
from breachkit.workflows.playbooks import DEFAULT_ORGANISATION, lineage, playbook_of, read_text
from breachkit.workflows.register import REGISTER_FILE, change_register, load_register


__all__ = [
    "REGISTER_FILE",
    "NoSuchPlaceError",
    "add_copy",
    "load_register",
    "move_copies",
    "rule_out_copies",
    "set_copy",
    "settle_refs",
]

LookAround = Callable[[Sequence[Person], BadSet | None], Around]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceResult:
    """What a search for copies found."""

    register: tuple[Copy, ...]
    new: tuple[Copy, ...]
    """Those that were not in the register before."""
    people: tuple[Person, ...]
    since: datetime | None
    """From when on people were counted; None where everybody was."""
    around: Around
    reopened: tuple[Copy, ...] = ()
    """Those that were said to be deleted and that the platform still shows."""

    @property
    def unreachable(self) -> tuple[Person, ...]:
        """People without an address that takes mail: they have to be reached in another way."""
        return tuple(p for p in self.people if not p.bot and p.email is None)


def trace(
    case: CaseFolder,
    git_dir: Path | None,
    bad: BadSet | None,
    *,
    look: LookAround | None = None,
    organisation: str | None = None,
    folder: Path | None = None,
) -> TraceResult:
    """Search a repository for people, refs and remotes that point at copies, and bring the register up to date.

    Running it again changes only what is found differently.

    Args:
        case: The case.
        git_dir: The repository as it was before the rewrite: the case's mirror, or the target. None
            leaves out what git shows, as long as there is no mirror.
        bad: What the scope found; None counts everybody who ever committed.
        look: Looks around the repository on its platform, and in archives; None leaves that out.
        organisation: Whose catalogue of places; None for that of the contacts that the case chose.
        folder: Playbooks of the caller's own.

    Raises:
        PlacesError: the catalogue is wrong.
        BrokenRegisterError: the stored register does not read as one.
        ConfigurationError: a snapshot of the case was altered.
    """
    places = load_places(
        organisation or playbook_of(case.incident.profile, folder=folder), folder=folder
    )
    since = bad.first_exposure if bad else None
    sources = _by_git(case, git_dir, bad)
    around = look(sources.people, bad) if look else Around()
    sources = replace(sources, accounts=around.accounts)
    with case.lock("trace"):
        before = load_register(case)
        found = find_copies(sources, places, since=case.incident.aware_at, shown=around.shown)
        register = change_register(case, Searched(found=found, now=around.at))
        known = {copy.id for copy in before}
        new = tuple(copy for copy in register if copy.id not in known)
        counted = {**_counts(sources, register, new), **around.counts, **_cloners(around)}
        case.record(EventKind.TRACE_RECORDED, counted)
    return TraceResult(
        register=register,
        new=new,
        people=tuple(sources.people),
        since=since,
        around=around,
        reopened=_reopened(before, register),
    )


def _by_git(case: CaseFolder, git_dir: Path | None, bad: BadSet | None) -> Sources:
    remotes_of_target = _remotes_of_target(case.incident.target)
    if git_dir is None:
        return Sources(refs={}, remotes=remotes_of_target)
    since, introduced_by = (bad.first_exposure, bad.introducers) if bad else (None, ())
    return Sources(
        refs=refs_by_namespace(git_dir),
        remotes=sorted({*remotes(git_dir), *remotes_of_target}),
        people=people_since(git_dir, exposed_at=since, introduced_by=introduced_by),
        holding=namespaces(bad.refs) if bad else None,
    )


def _reopened(before: Sequence[Copy], after: Sequence[Copy]) -> tuple[Copy, ...]:
    deleted = {copy.id for copy in before if copy.state == "deleted"}
    return tuple(copy for copy in after if copy.id in deleted and not copy.closed)


def load_places(
    organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> tuple[Place, ...]:
    """Read the catalogue of places, on top of those of the playbooks that it extends.

    Raises:
        PlacesError: it is no TOML, or something in it is missing or wrong.
    """
    places: tuple[Place, ...] = ()
    last = ""
    for each in reversed(lineage(organisation, folder=folder)):
        text = read_text("places.toml", each, folder=folder)
        if text != last:  # a playbook without places of its own has those of the one it extends
            places = _on_top(text, places, each)
        last = text
    return places


def _on_top(text: str, base: tuple[Place, ...], organisation: str) -> tuple[Place, ...]:
    try:
        return places_from_mapping(tomllib.loads(text), base)
    except tomllib.TOMLDecodeError as cause:
        raise PlacesError(f"{organisation}/places.toml is not TOML: {cause}; correct it") from cause


def _remotes_of_target(target: str) -> tuple[tuple[str, str], ...]:
    """Give the remotes of a target on this machine; the case's mirror has none of its own."""
    try:
        place = local_path(target)
        return remotes(layout.find(place).common_dir) if place is not None else ()
    except ConfigurationError:
        return ()  # it is gone or unreadable by now: mirrors stay to be looked up by hand


def _counts(sources: Sources, register: Sequence[Copy], new: Sequence[Copy]) -> dict[str, int]:
    return {
        "copies": len(register),
        "new": len(new),
        "people": sum(not person.bot for person in sources.people),
        "bots": sum(person.bot for person in sources.people),
        "refs": sum(sources.refs.values()),
        "remotes": len(sources.remotes),
        "unknown": sum(copy.applies == "unknown" for copy in register),
    }


def _cloners(around: Around) -> dict[str, object]:
    """Give the cloners that the platform counted, for the line that sets them against the register."""
    found = around.reconciliation
    if found is None or found.first is None or found.last is None:
        return {}
    return {
        "cloners_at_least": found.at_least,
        "cloners_at_most": found.at_most,
        "clones": found.clones,
        "first_day": found.first.isoformat(),
        "last_day": found.last.isoformat(),
        "days_not_counted": found.blind_days,
    }
