"""Keeping the register of copies: what people and verifications say of each copy, and what shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from breachkit.actions.copies import Copy, Found, Proof, UnprovenError, copy_with_id
from breachkit.actions.copies_reconcile import Reconciled, reconciled
from breachkit.actions.copy_changes import Change, Expires, Moved, Replayed, RuledOut, Searched
from breachkit.actions.trace import OWN_REFS, PULL_REQUESTS, Place, shared_with
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFileMissingError, CaseFolder
from breachkit.model.errors import UsageError, VerificationError
from breachkit.model.meant import meant
from breachkit.model.time import Clock
from breachkit.workflows.register import (
    REGISTER_FILE,
    change_register,
    file_as_it_is,
    load_register,
    put_back,
    rebuild_register,
    vouched_for,
)


class NoSuchPlaceError(UsageError):
    """The catalogue has no place of that code."""


class RegisterGapsError(VerificationError):
    """The journal does not tell the whole register any more."""


def set_copy(
    case: CaseFolder,
    copy_id: str,
    state: str,
    proof: Proof,
    *,
    expires: datetime | None = None,
) -> Copy:
    """Move a copy to a state.

    Args:
        case: Which.
        copy_id: Such as `K-031`.
        state: One of `copy_states.STATES`.
        proof: Who says so, when, and why.
        expires: When it is gone by itself, if that is known now.

    Raises:
        NoSuchCopyError: there is no such copy or state.
        MoveError: there is no way from the state that it is in.
        UnprovenError: the state closes the copy without what that needs.
    """
    return set_copies(case, (copy_id,), state, proof, expires=expires)[0]


def set_copies(
    case: CaseFolder,
    ids: Sequence[str],
    state: str,
    proof: Proof,
    *,
    expires: datetime | None = None,
) -> tuple[Copy, ...]:
    """Move several copies to one state by one proof; errors as `set_copy`, and then none moves."""
    moved = Moved(copies=tuple(dict.fromkeys(ids)), state=state, proof=proof)
    if expires is None:
        return _change(case, moved.copies, moved)
    ends = [Expires(copy=each, at=expires, proof=proof) for each in moved.copies]
    return _change(case, moved.copies, moved, *ends)


def accept_copy(
    case: CaseFolder, copy_id: str, *, by: str, role: str, reason: str, clock: Clock
) -> Copy:
    """Note that a named person accepts what cannot be closed; errors as `set_copy`.

    Args:
        case: Which.
        copy_id: Such as `K-019`.
        by: The person.
        role: As whom they may accept it.
        reason: Why nothing more can be done, or need be.
        clock: For the date.
    """
    proof = Proof(kind="decision", at=clock.now(), by=by, note=reason, role=role)
    return set_copy(case, copy_id, "residual_accepted", proof)


def rule_out_copies(case: CaseFolder, ids: Sequence[str], proof: Proof) -> tuple[Copy, ...]:
    """Record that places do not apply to this case; errors as `copies.rule_out`, and then all stay."""
    ruled_out = RuledOut(copies=tuple(dict.fromkeys(ids)), proof=proof)
    return _change(case, ruled_out.copies, ruled_out)


def add_copy(
    case: CaseFolder,
    place_code: str,
    label: str,
    *,
    holder: str | None = None,
    email: str | None = None,
    told: "Told | None" = None,
    places: Sequence[Place],
) -> Copy:
    """Put a copy into the register that somebody told us about.

    Args:
        case: Which.
        place_code: Of the catalogue, such as `C33`.
        label: What and where it is; never a value.
        holder: Who holds it.
        email: The holder's address.
        told: Who told us, how, and when it is gone by itself.
        places: The catalogue.

    Raises:
        NoSuchPlaceError: the catalogue has no such place.
    """
    place = next((p for p in places if p.code == place_code), None)
    if place is None:
        codes = [each.code for each in places]
        raise NoSuchPlaceError(
            f"no place {place_code!r}: choose one of {', '.join(codes)}.{meant(place_code, codes)}"
        )
    found = shared_with(place, label, holder=holder, email=email, since=case.incident.aware_at)
    how = told or Told()
    with case.lock("copies"):
        (added,) = _told(case, [replace(found, expires=how.expires)], by=how.by, note=how.note)
    return added


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How we know of a copy that no search shows."""

    by: str = ""
    note: str = ""
    expires: datetime | None = None


SHARED = "C33"
"""The place for what was handed on: in mails, chats, drives, on paper."""


def add_shared(
    case: CaseFolder, whom: Sequence[str], *, by: str, note: str, places: Sequence[Place]
) -> tuple[Copy, ...]:
    """Put everybody with whom the files were shared into the register, one entry for each.

    Naming somebody again adds nothing.

    Args:
        case: Which.
        whom: A person, group or place each, in words.
        by: Who answered the question with whom they were shared.
        note: How they answered: a mail, a call.
        places: The catalogue.
    """
    place = next(each for each in places if each.code == SHARED)
    since = case.incident.aware_at
    found = [
        shared_with(
            place, f"shared with {name.strip()}", holder=name.strip(), email=None, since=since
        )
        for name in whom
        if name.strip()
    ]
    with case.lock("copies"):
        return _told(case, found, by=by, note=note)


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
        moving = tuple(c.id for c in register if c.place in _SERVER_REFS and other(c))
        if moving:
            change_register(case, Moved(copies=moving, state=state, proof=proof))
    return len(moving)


def move_copies(case: CaseFolder, moves: Mapping[str, tuple[str, Proof]]) -> int:
    """Move copies to states, by what was found out about each.

    Args:
        case: Which; a case without a register stays without.
        moves: Id of a copy to its state and the proof.

    Returns:
        How many entries were moved.
    """
    together: dict[tuple[str, Proof], list[str]] = {}
    for copy_id, move in moves.items():
        together.setdefault(move, []).append(copy_id)
    changes = [
        Moved(copies=tuple(ids), state=state, proof=proof)
        for (state, proof), ids in together.items()
    ]
    if changes:
        with case.lock("copies"):
            change_register(case, *changes)
    return len(moves)


def reconciliation(case: CaseFolder, register: Sequence[Copy]) -> Reconciled:
    """Set the cloners that the latest search counted against the holders in the register."""
    counted = (
        event.detail
        for event in reversed(case.events())
        if event.known_kind is EventKind.TRACE_RECORDED and "cloners_at_least" in event.detail
    )
    return reconciled(next(counted, None), register)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What the journal says of the register."""

    told: Replayed
    differs: tuple[str, ...]
    """Ids of the copies that the file has in another way; all of them where it does not read."""
    written: bool


def rebuild(case: CaseFolder, *, write: bool) -> Rebuilt:
    """Tell the register from the journal, and put it back where its file is another.

    Args:
        case: Which.
        write: Whether to put it back.

    Raises:
        RegisterGapsError: the journal does not tell all of it, and it was to be put back.
    """
    told = rebuild_register(case)
    differs = _differences(told.register, _file_or_none(case))
    if not write:
        return Rebuilt(told=told, differs=differs, written=False)
    if told.gaps:
        raise RegisterGapsError(
            f"the journal does not tell the whole register: {'; '.join(told.gaps)}. Vouch for the file "
            "as it is with --vouch NOTE, or take the files named from a backup"
        )
    with case.lock("copies"):
        put_back(case, told.register)
    return Rebuilt(told=told, differs=differs, written=True)


def vouch(case: CaseFolder, *, by: str, note: str) -> tuple[Copy, ...]:
    """Take the file of the register as it is, because a person vouches for it.

    Where there is no file, what the journal still tells is taken.

    Raises:
        UnprovenError: there is no name or no reason.
        BrokenRegisterError: the file does not read as a register.
    """
    if not (by.strip() and note.strip()):
        raise UnprovenError("who vouches for the register, and why? give both")
    with case.lock("copies"):
        has_file = case.has_file(REGISTER_FILE)
        register = file_as_it_is(case) if has_file else rebuild_register(case).register
        vouched_for(case, register, by=by, note=note)
    return register


_SERVER_REFS = frozenset({OWN_REFS, PULL_REQUESTS})
_FRESH_MIRROR = "fresh_mirror"


def _is_open(copy: Copy) -> bool:
    return not copy.closed


def _is_closed_by_verify(copy: Copy) -> bool:
    return copy.closed and bool(copy.proof) and copy.proof[-1].kind == _FRESH_MIRROR


def _change(case: CaseFolder, ids: Sequence[str], *changes: Change) -> tuple[Copy, ...]:
    with case.lock("copies"):
        register = change_register(case, *changes)
    return tuple(copy_with_id(register, each) for each in ids)


def _told(case: CaseFolder, found: Sequence[Found], *, by: str, note: str) -> tuple[Copy, ...]:
    """Put in what somebody told us; without a name it stands under whoever is at the keyboard."""
    if not found:
        return ()
    known = {copy.key for copy in load_register(case)}
    told = Searched(found=tuple(found), now=None, by=by or "not given", note=note)
    is_new = any(entry.key not in known for entry in found)
    register = change_register(case, told) if is_new else load_register(case)
    by_key = {copy.key: copy for copy in register}
    return tuple(by_key[entry.key] for entry in found)


def _file_or_none(case: CaseFolder) -> tuple[Copy, ...] | None:
    try:
        return file_as_it_is(case)
    except (VerificationError, CaseFileMissingError):
        return None


def _differences(told: Sequence[Copy], file: Sequence[Copy] | None) -> tuple[str, ...]:
    if file is None:
        return tuple(copy.id for copy in told)
    ours, theirs = ({copy.id: copy for copy in register} for register in (told, file))
    return tuple(sorted(i for i in {*ours, *theirs} if ours.get(i) != theirs.get(i)))
