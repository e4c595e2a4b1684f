"""The register of copies: every place the data may also be, and how far each is closed."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from breachkit.actions.copies_file import SCHEMA, from_json, to_json
from breachkit.actions.copy_record import (
    Applies,
    BrokenRegisterError,
    Copy,
    Found,
    MoveError,
    NoSuchCopyError,
    Proof,
    Risk,
    UnprovenError,
)
from breachkit.actions.copy_states import (
    BY_HAND,
    CLOSED,
    MOVES,
    NEEDS_PROOF,
    PROOF_KINDS,
    STATES,
    CopyState,
    Grade,
    ProofKind,
)
from breachkit.model.meant import meant


__all__ = [
    "SCHEMA",
    "Applies",
    "BrokenRegisterError",
    "Copy",
    "CopyState",
    "Found",
    "Grade",
    "MoveError",
    "NoSuchCopyError",
    "Proof",
    "Risk",
    "UnprovenError",
    "from_json",
    "to_json",
]


def merge(
    register: Sequence[Copy], found: Iterable[Found], *, now: datetime | None = None
) -> tuple[Copy, ...]:
    """Bring a new search into the register.

    A copy that is known keeps its id, state, due date and proofs; what the search says about it is
    brought up to date. What was certain does not become uncertain, what a person decided stays, and nothing is removed.
    What a search ruled out, another search can bring back. What somebody said is deleted and the
    platform still shows is open again, with all that was said about it. A search closes nothing.

    Args:
        register: What is known.
        found: What a search found.
        now: When it was; None brings back nothing that was said to be deleted.
    """
    known = {copy.key: copy for copy in register}
    number = max((number_of(copy) for copy in register), default=0)
    for entry in found:
        if entry.key in known:
            known[entry.key] = _refreshed(_contradicted(known[entry.key], entry, now), entry)
        else:
            number += 1
            known[entry.key] = _registered(entry, f"K-{number:03d}")
    return tuple(sorted(known.values(), key=number_of))


def number_of(copy: Copy) -> int:
    """Give the number in a copy's id, by which the register is ordered."""
    return int(copy.id.removeprefix("K-"))


def move(
    register: Sequence[Copy], ids: Collection[str], state: str, proof: Proof
) -> tuple[Copy, ...]:
    """Move copies to a state; `proof` says who says so, when and why. Where one cannot move, none does.

    Raises:
        NoSuchCopyError: there is no such copy or no such state.
        MoveError: there is no way from the state that it is in.
        UnprovenError: the state closes the copy, or opens it again, without what that needs.
    """
    checked = next((s for s in STATES if s == state), None)
    if checked is None:
        raise NoSuchCopyError(
            f"no state {state!r}: choose one of {', '.join(STATES)}.{meant(state, STATES)}"
        )
    return _changed(register, ids, lambda copy: _moved(copy, checked, proof))


def rule_out(
    register: Sequence[Copy], ids: str | Collection[str], proof: Proof
) -> tuple[Copy, ...]:
    """Record that places do not apply, with the reason in `proof.note`.

    Raises:
        NoSuchCopyError: there is no such copy.
        UnprovenError: no reason is given.
    """
    return _changed(
        register, [ids] if isinstance(ids, str) else ids, lambda copy: _ruled_out(copy, proof)
    )


def expire(register: Sequence[Copy], copy_id: str, at: datetime, proof: Proof) -> tuple[Copy, ...]:
    """Note when a copy is gone by itself: a backup that is kept for so long.

    It stays open, and is due on that day: then somebody has to look.

    Raises:
        NoSuchCopyError: there is no such copy.
        UnprovenError: nobody says who gave the date, or where it is from.
        MoveError: nothing is left of it to expire.
    """
    return _changed(register, [copy_id], lambda copy: _expiring(copy, at, proof))


def copy_with_id(register: Iterable[Copy], copy_id: str) -> Copy:
    """Give one copy of the register.

    Raises:
        NoSuchCopyError: there is none of that id.
    """
    for copy in register:
        if copy.id == copy_id:
            return copy
    raise no_such(copy_id, register)


def no_such(copy_id: str, register: Iterable[Copy]) -> NoSuchCopyError:
    """Give the error for an id that the register does not have."""
    return NoSuchCopyError(
        f"no copy {copy_id!r}: `breachkit copies list` shows the register."
        f"{meant(copy_id, (copy.id for copy in register))}"
    )


def open_copies(register: Iterable[Copy]) -> tuple[Copy, ...]:
    """Give the copies that are not closed; a case cannot end while there are any."""
    return tuple(copy for copy in register if not copy.closed)


def counts(register: Iterable[Copy]) -> dict[str, int]:
    """Count the copies by state; places that do not apply count as `not_applicable`."""
    result: dict[str, int] = {}
    for copy in register:
        key = "not_applicable" if copy.applies == "no" else copy.state
        result[key] = result.get(key, 0) + 1
    return dict(sorted(result.items()))


def graded(register: Iterable[Copy]) -> dict[Grade, int]:
    """Count the closed copies by what closes them, what is worth least first."""
    result = dict.fromkeys(Grade, 0)
    for copy in register:
        if copy.grade is not None:
            result[copy.grade] += 1
    return result


def _changed(
    register: Sequence[Copy], ids: Collection[str], change: Callable[[Copy], Copy]
) -> tuple[Copy, ...]:
    wanted = set(ids)
    changed = tuple(change(copy) if copy.id in wanted else copy for copy in register)
    missing = wanted - {copy.id for copy in register}
    if missing:
        raise no_such(min(missing), register)
    return changed


def _moved(copy: Copy, state: CopyState, proof: Proof) -> Copy:
    leaving = copy.applies == "no" or (copy.state in CLOSED and state not in CLOSED)
    _check_move(copy, state)
    if (state in CLOSED or leaving) and not (proof.note.strip() and proof.by.strip()):
        what = "is opened again" if leaving else "is closed"
        raise UnprovenError(f"{copy.id} {what} only with a name and its evidence: add --by, --note")
    if state in CLOSED:
        _check_proof(copy, state, proof)
    applies = "yes" if state == "confirmed" else copy.applies
    kept = replace(proof, state=state)
    return replace(copy, state=state, applies=applies, proof=(*copy.proof, kept))


def _check_move(copy: Copy, state: CopyState) -> None:
    if copy.applies == "no":
        ways: Collection[str] = {"confirmed"}
    else:
        ways = {copy.state, *MOVES[copy.state]}
    if state not in ways:
        now = "does not apply" if copy.applies == "no" else f"is {copy.state}"
        listed = ", ".join(each for each in STATES if each in ways)
        raise MoveError(f"{copy.id} {now}, and from there it can become {listed}")


def _check_proof(copy: Copy, state: CopyState, proof: Proof) -> None:
    """Refuse what does not close a copy in that state.

    Source of what closes: a copy is closed when it is proven clean, is deleted by proof or word, or
    when a named person accepts what is left.
    """
    kind = PROOF_KINDS.get(proof.kind)
    if kind is None:
        raise UnprovenError(
            f"no proof is called {proof.kind!r}: choose one of {', '.join(BY_HAND)}"
        )
    if state not in kind.closes_as:
        raise UnprovenError(f"{copy.id}: {_why_not(state, kind)}")
    if state == "residual_accepted" and not proof.role.strip():
        raise UnprovenError(
            f"{copy.id}: what is left is accepted by name, role and reason: "
            f"`breachkit copies accept {copy.id} --by NAME --role ROLE --reason TEXT`"
        )
    lacking = {
        "control": not proof.control.strip(),
        "file": not proof.file.strip(),
        "expiry": copy.expires is None or copy.expires > proof.at,
    }
    if lacking.get(kind.needs):
        raise UnprovenError(f"{copy.id}: {_LACKING[kind.needs]}")


_LACKING = {
    "control": "an absence proves nothing without a control that must be there, and is: add --status, --control and --seen-as",
    "file": "a letter is shown, not told: add --file",
    "expiry": "no day on which it expires is known to have passed: `breachkit copies set` takes --expires",
}


def _why_not(state: CopyState, kind: ProofKind) -> str:
    if state in NEEDS_PROOF and kind.grade is Grade.ACCEPTED:
        return (
            "a decision proves nothing; name the proof, or accept what is left with `copies accept`"
        )
    if state == "proven_clean":
        return "a word proves nothing clean; it can be `deleted` by somebody's word, and is shown as such"
    if state == "residual_accepted":
        return "what is left is accepted by a decision: `breachkit copies accept`"
    return f"{kind.name} does not show that it is {state}"


def _ruled_out(copy: Copy, proof: Proof) -> Copy:
    if not (proof.note.strip() and proof.by.strip()):
        raise UnprovenError(
            f"{copy.id} is ruled out only with a name and a reason: add --by and --note"
        )
    return replace(copy, applies="no", proof=(*copy.proof, proof))


def _expiring(copy: Copy, at: datetime, proof: Proof) -> Copy:
    if copy.closed:
        raise MoveError(f"{copy.id} is closed: nothing of it is left to expire")
    if not (proof.note.strip() and proof.by.strip()):
        raise UnprovenError(f"{copy.id}: who says when it expires, and where? add --by and --note")
    return replace(copy, expires=at, due=at, proof=(*copy.proof, proof))


def _registered(entry: Found, copy_id: str) -> Copy:
    return Copy(
        id=copy_id,
        key=entry.key,
        place=entry.place,
        label=entry.label,
        holder=entry.holder,
        email=entry.email,
        signal=entry.signal,
        applies=entry.applies,
        risk=entry.risk,
        state="confirmed" if entry.applies == "yes" else "suspected",
        due=entry.expires or entry.due,
        expires=entry.expires,
    )


def _contradicted(copy: Copy, entry: Found, now: datetime | None) -> Copy:
    """Open a copy again that is said to be deleted and that the platform shows all the same."""
    if now is None or not entry.is_there or copy.state != "deleted" or copy.applies == "no":
        return copy
    note = "said to be deleted, and the platform still shows it"
    shown = Proof(kind="still_there", at=now, by="breachkit trace", note=note, state="confirmed")
    return replace(copy, state="confirmed", proof=(*copy.proof, shown))


def _refreshed(copy: Copy, entry: Found) -> Copy:
    applies = _surer(copy, entry)
    certain = applies == "yes" and copy.applies != "yes"
    kept = not entry.looked or (copy.applies == "yes" and entry.applies == "unknown")
    return replace(
        copy,
        label=entry.label,
        holder=entry.holder or copy.holder,
        email=entry.email or copy.email,
        signal=copy.signal if kept else entry.signal,
        applies=applies,
        state="confirmed" if certain and copy.state == "suspected" else copy.state,
        due=copy.due or entry.due,
        expires=copy.expires or entry.expires,
    )


def _surer(copy: Copy, entry: Found) -> Applies:
    """Say whether a place applies, from what was known and what a search says."""
    untouched = not copy.proof and copy.state == "suspected"
    if copy.applies == "yes" or not entry.looked:
        return copy.applies
    if copy.applies == "unknown" and entry.applies == "no":
        return "no" if untouched else "unknown"
    return copy.applies if copy.applies == "no" and copy.proof else entry.applies
