"""The register of copies of a case: made from what git, the platform and archives show, kept by people.

No person is contacted. What nothing shows stays unknown until a person looks.
"""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from breachkit.actions import copies
from breachkit.actions.bad_set import BadSet
from breachkit.actions.copies import BrokenRegisterError, Copy, Proof
from breachkit.actions.people import Person
from breachkit.actions.trace import (
    OWN_REFS,
    PULL_REQUESTS,
    Place,
    PlacesError,
    Sources,
    find_copies,
    places_from_mapping,
    shared_with,
)
from breachkit.git import layout
from breachkit.git.clone import local_path
from breachkit.git.people import namespaces, people_since, refs_by_namespace, remotes
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, UsageError
from breachkit.model.time import Clock
from breachkit.workflows.around import Around
from breachkit.workflows.playbooks import DEFAULT_ORGANISATION, read_text


REGISTER_FILE = "copies.json"

LookAround = Callable[[Sequence[Person], BadSet | None], Around]


class NoSuchPlaceError(UsageError):
    """The catalogue has no place of that code."""


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
    organisation: str = DEFAULT_ORGANISATION,
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
        organisation: Whose catalogue of places.
        folder: Playbooks of the caller's own.

    Raises:
        PlacesError: the catalogue is wrong.
        BrokenRegisterError: the stored register does not read as one.
        ConfigurationError: a snapshot of the case was altered.
    """
    places = load_places(organisation, folder=folder)
    since = bad.first_exposure if bad else None
    sources = _by_git(case, git_dir, bad)
    around = look(sources.people, bad) if look else Around()
    sources = replace(sources, accounts=around.accounts)
    with case.lock("trace"):
        before = load_register(case)
        found = find_copies(sources, places, since=case.incident.aware_at, shown=around.shown)
        register = copies.merge(before, found, now=around.at)
        known = {copy.id for copy in before}
        new = tuple(copy for copy in register if copy.id not in known)
        _save(case, register)
        counted = {**_counts(sources, register, new), **around.counts}
        case.record(EventKind.TRACE_RECORDED, counted)
        _record(case, register)
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
    """Read the catalogue of places.

    Raises:
        PlacesError: it is no TOML, or something in it is missing or wrong.
    """
    text = read_text("places.toml", organisation, folder=folder)
    try:
        return places_from_mapping(tomllib.loads(text))
    except tomllib.TOMLDecodeError as cause:
        raise PlacesError(f"places.toml is not TOML: {cause}; correct it") from cause


def load_register(case: CaseFolder) -> tuple[Copy, ...]:
    """Give the register as it stands; empty before the first search.

    Raises:
        BrokenRegisterError: it does not read as one.
    """
    if not case.has_file(REGISTER_FILE):
        return ()
    try:
        data = json.loads(case.read_file(REGISTER_FILE))
    except ValueError as cause:
        raise BrokenRegisterError(
            "copies.json is not JSON: move it away and run `breachkit trace` again"
        ) from cause
    return copies.from_json(data)


def set_copy(case: CaseFolder, copy_id: str, state: str, proof: Proof) -> Copy:
    """Move a copy to a state.

    Raises:
        NoSuchCopyError: there is no such copy or state.
        UnprovenError: the state closes the copy without evidence.
    """
    return _change(
        case, copy_id, lambda register: copies.set_state(register, copy_id, state, proof)
    )


def settle_refs(case: CaseFolder, clock: Clock, *, gone: bool) -> int:
    """Bring the server's own refs in the register into line with what a verification found.

    Args:
        case: Which; a case without a register stays without.
        clock: For the date of the proof.
        gone: Whether no ref of the server leads to the data any more. If not, refs that an
            earlier verification closed are open again.

    Returns:
        How many entries were moved.
    """
    state, other = ("proven_clean", _is_open) if gone else ("confirmed", _is_closed_by_verify)
    note = "a fresh mirror of every ref held no old object" if gone else "the data are back"
    proof = Proof(kind=_FRESH_MIRROR, at=clock.now(), by="breachkit verify", note=note)
    with case.lock("copies"):
        register = load_register(case)
        moving = [copy.id for copy in register if copy.place in _SERVER_REFS and other(copy)]
        for copy_id in moving:
            register = copies.set_state(register, copy_id, state, proof)
        if moving:
            _save(case, register)
            _record(case, register, refs=moving, state=state)
    return len(moving)


def move_copies(case: CaseFolder, moves: Mapping[str, tuple[str, Proof]]) -> int:
    """Move copies to states, by what was found out about each.

    Args:
        case: Which; a case without a register stays without.
        moves: Id of a copy to its state and the proof.

    Returns:
        How many entries were moved.
    """
    if not moves:
        return 0
    with case.lock("copies"):
        register = load_register(case)
        for copy_id, (state, proof) in moves.items():
            register = copies.set_state(register, copy_id, state, proof)
        _save(case, register)
        _record(case, register, refs=list(moves))
    return len(moves)


_SERVER_REFS = frozenset({OWN_REFS, PULL_REQUESTS})
_FRESH_MIRROR = "fresh_mirror"


def _is_open(copy: Copy) -> bool:
    return not copy.closed


def _is_closed_by_verify(copy: Copy) -> bool:
    return copy.closed and bool(copy.proof) and copy.proof[-1].kind == _FRESH_MIRROR


def rule_out_copy(case: CaseFolder, copy_id: str, proof: Proof) -> Copy:
    """Record that a place does not apply to this case; errors as `set_copy`."""
    return _change(case, copy_id, lambda register: copies.rule_out(register, copy_id, proof))


def add_copy(
    case: CaseFolder,
    place_code: str,
    label: str,
    *,
    holder: str | None = None,
    email: str | None = None,
    places: Sequence[Place],
) -> Copy:
    """Put a copy into the register that somebody told us about.

    Raises:
        NoSuchPlaceError: the catalogue has no such place.
    """
    place = next((p for p in places if p.code == place_code), None)
    if place is None:
        raise NoSuchPlaceError(f"no place {place_code!r}: {', '.join(p.code for p in places)}")
    found = shared_with(place, label, holder=holder, email=email, since=case.incident.aware_at)
    with case.lock("copies"):
        register = copies.merge(load_register(case), [found])
        _save(case, register)
        _record(case, register)
    return next(copy for copy in register if copy.key == found.key)


def _remotes_of_target(target: str) -> tuple[tuple[str, str], ...]:
    """Give the remotes of a target on this machine; the case's mirror has none of its own."""
    try:
        place = local_path(target)
        return remotes(layout.find(place).common_dir) if place is not None else ()
    except ConfigurationError:
        return ()  # it is gone or unreadable by now: mirrors stay to be looked up by hand


def _change(
    case: CaseFolder, copy_id: str, change: Callable[[tuple[Copy, ...]], tuple[Copy, ...]]
) -> Copy:
    with case.lock("copies"):
        register = change(load_register(case))
        _save(case, register)
        changed = copies.copy_with_id(register, copy_id)
        _record(case, register, refs=[copy_id], state=changed.state, applies=changed.applies)
    return changed


def _save(case: CaseFolder, register: Sequence[Copy]) -> None:
    content = json.dumps(copies.to_json(register), indent=2, ensure_ascii=True)
    case.write_file(REGISTER_FILE, f"{content}\n".encode("ascii"))


def _record(
    case: CaseFolder, register: Sequence[Copy], refs: Sequence[str] = (), **detail: str
) -> None:
    numbers = {"copies": len(register), "open": len(copies.open_copies(register))}
    detail_all = {**numbers, "states": copies.counts(register), **detail}
    case.record(EventKind.COPIES_RECORDED, detail_all, refs=refs)


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
