"""The register of copies: every place the data may also be, and how far each is closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, get_args

from breachkit.model.errors import RefusedError, UsageError, VerificationError
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.copies/1"

CopyState = Literal[
    "suspected", "confirmed", "requested", "acknowledged", "cleaned", "deleted", "proven_clean", "unreachable", "refused", "residual_accepted"
]  # fmt: skip
"""`cleaned` is what a holder says; `proven_clean` is what evidence shows."""

Applies = Literal["yes", "unknown", "no"]
Risk = Literal["low", "medium", "high"]

_CLOSED: frozenset[CopyState] = frozenset({"deleted", "proven_clean", "residual_accepted"})
_NEEDS_PROOF: frozenset[CopyState] = frozenset({"deleted", "proven_clean"})
_TO_ASK: frozenset[CopyState] = frozenset({"suspected", "confirmed", "requested"})


class NoSuchCopyError(UsageError):
    """The register has no copy of that id."""


class UnprovenError(RefusedError):
    """A copy was to be closed without what closes it."""


class BrokenRegisterError(VerificationError):
    """The stored register does not read as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a copy's state is believed."""

    kind: str
    """Such as `verify_clone_json`, `http_absent`, `attestation`, `decision`."""
    at: datetime
    by: str
    note: str
    """Where the evidence is; never a value, never an object id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One place the data may also be."""

    id: str
    """`K-001`; stays the same for ever."""
    key: str
    """What makes the copy the same one at the next search."""
    place: str
    """Code of the catalogue, such as `C30`."""
    label: str
    holder: str | None = None
    email: str | None = None
    signal: str
    """Why it is in the register."""
    applies: Applies = "unknown"
    risk: Risk = "medium"
    state: CopyState = "suspected"
    due: datetime | None = None
    proof: tuple[Proof, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether nothing more has to be done about it."""
        return self.applies == "no" or self.state in _CLOSED

    @property
    def needs_request(self) -> bool:
        """Whether its holder still has to be asked."""
        return self.holder is not None and self.applies != "no" and self.state in _TO_ASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A copy as a search found it, before it has an id."""

    key: str
    place: str
    label: str
    signal: str
    applies: Applies
    risk: Risk
    due: datetime | None
    holder: str | None = None
    email: str | None = None
    looked: bool = True
    """False where nobody and nothing was asked: that says nothing against what was known before."""
    is_there: bool = False
    """Whether the platform shows the copy itself, now."""


def merge(
    register: Sequence[Copy], found: Iterable[Found], *, now: datetime | None = None
) -> tuple[Copy, ...]:
    """Bring a new search into the register.

    A copy that is known keeps its id, state, due date and proofs; what the search says about it is
    brought up to date. What was certain does not become uncertain, what a person decided stays, and nothing is removed.
    What a search ruled out, another search can bring back. What somebody said is deleted and the
    platform still shows is open again, with all that was said about it.

    Args:
        register: What is known.
        found: What a search found.
        now: When it was; None brings back nothing that was said to be deleted.
    """
    known = {copy.key: copy for copy in register}
    number = max((int(copy.id.removeprefix("K-")) for copy in register), default=0)
    for entry in found:
        if entry.key in known:
            known[entry.key] = _refreshed(_contradicted(known[entry.key], entry, now), entry)
        else:
            number += 1
            known[entry.key] = _registered(entry, f"K-{number:03d}")
    return tuple(sorted(known.values(), key=lambda copy: int(copy.id.removeprefix("K-"))))


def set_state(register: Sequence[Copy], copy_id: str, state: str, proof: Proof) -> tuple[Copy, ...]:
    """Move a copy to a state; `proof` says who says so, when and why.

    Raises:
        NoSuchCopyError: there is no such copy or no such state.
        UnprovenError: the state closes the copy and the note gives no evidence or reason.
    """
    copy = copy_with_id(register, copy_id)
    checked = next((s for s in get_args(CopyState) if s == state), None)
    if checked is None:
        raise NoSuchCopyError(f"no state {state!r}: choose one of {', '.join(get_args(CopyState))}")
    if checked in _CLOSED and not (proof.note.strip() and proof.by.strip()):
        raise UnprovenError(
            f"{copy.id} is closed only with a name and its evidence: add --by and --note"
        )
    if checked in _NEEDS_PROOF and proof.kind == "decision":
        raise UnprovenError(
            f"{copy.id}: a decision proves nothing; name the proof, or accept the residual"
        )
    moved = replace(copy, state=checked, proof=(*copy.proof, proof))
    return tuple(moved if c.id == copy.id else c for c in register)


def rule_out(register: Sequence[Copy], copy_id: str, proof: Proof) -> tuple[Copy, ...]:
    """Record that a place does not apply, with the reason in `proof.note`.

    Raises:
        NoSuchCopyError: there is no such copy.
        UnprovenError: no reason is given.
    """
    copy = copy_with_id(register, copy_id)
    if not (proof.note.strip() and proof.by.strip()):
        raise UnprovenError(
            f"{copy.id} is ruled out only with a name and a reason: add --by and --note"
        )
    moved = replace(copy, applies="no", proof=(*copy.proof, proof))
    return tuple(moved if c.id == copy.id else c for c in register)


def copy_with_id(register: Sequence[Copy], copy_id: str) -> Copy:
    """Give one copy of the register.

    Raises:
        NoSuchCopyError: there is none of that id.
    """
    for copy in register:
        if copy.id == copy_id:
            return copy
    raise NoSuchCopyError(f"no copy {copy_id!r}: `breachkit copies list` shows the register")


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


def to_json(register: Iterable[Copy]) -> dict[str, Any]:
    """Give the register in JSON's own types; `from_json` reads it back."""
    return {"schema": SCHEMA, "copies": [_copy_json(copy) for copy in register]}


def from_json(data: Mapping[str, Any]) -> tuple[Copy, ...]:
    """Read a stored register.

    Raises:
        BrokenRegisterError: it is no register, or one of another version.
    """
    try:
        if data["schema"] != SCHEMA:
            raise BrokenRegisterError(
                f"copies.json is not of version {SCHEMA}: use the breachkit that wrote it"
            )
        return tuple(map(_copy_from, data["copies"]))
    except (KeyError, TypeError, ValueError) as cause:
        raise BrokenRegisterError(
            f"copies.json: missing or wrong key ({type(cause).__name__}): "
            "move it away and run `breachkit trace` again"
        ) from cause


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
        due=entry.due,
    )


def _contradicted(copy: Copy, entry: Found, now: datetime | None) -> Copy:
    """Open a copy again that is said to be deleted and that the platform shows all the same."""
    if now is None or not entry.is_there or copy.state != "deleted" or copy.applies == "no":
        return copy
    note = "said to be deleted, and the platform still shows it"
    shown = Proof(kind="still_there", at=now, by="breachkit trace", note=note)
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
    )


def _surer(copy: Copy, entry: Found) -> Applies:
    """Say whether a place applies, from what was known and what a search says."""
    untouched = not copy.proof and copy.state == "suspected"
    if copy.applies == "yes" or not entry.looked:
        return copy.applies
    if copy.applies == "unknown" and entry.applies == "no":
        return "no" if untouched else "unknown"
    return copy.applies if copy.applies == "no" and copy.proof else entry.applies


def _copy_json(copy: Copy) -> dict[str, Any]:
    return {
        "id": copy.id,
        "key": copy.key,
        "place": copy.place,
        "label": copy.label,
        "holder": copy.holder,
        "email": copy.email,
        "signal": copy.signal,
        "applies": copy.applies,
        "risk": copy.risk,
        "state": copy.state,
        "due": rfc3339(copy.due) if copy.due else None,
        "proof": [
            {"kind": p.kind, "at": rfc3339(p.at), "by": p.by, "note": p.note} for p in copy.proof
        ],
    }


def _copy_from(entry: Mapping[str, Any]) -> Copy:
    if (
        entry["state"] not in get_args(CopyState)
        or entry["applies"] not in get_args(Applies)
        or entry["risk"] not in get_args(Risk)
    ):
        raise ValueError("state")
    proofs = tuple(
        Proof(kind=p["kind"], at=parse_rfc3339(p["at"]), by=p["by"], note=p["note"])
        for p in entry["proof"]
    )
    due = parse_rfc3339(entry["due"]) if entry["due"] else None
    rest = {
        key: entry[key]
        for key in (
            "id",
            "key",
            "place",
            "label",
            "holder",
            "email",
            "signal",
            "applies",
            "risk",
            "state",
        )
    }
    return Copy(**rest, due=due, proof=proofs)
