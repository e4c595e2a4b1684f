"""One copy of the register: where it may be, how far it is closed, and what shows that."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from breachkit.actions.copy_states import CLOSED, CopyState, Grade, grade_of
from breachkit.model.errors import RefusedError, UsageError, VerificationError


Applies = Literal["yes", "unknown", "no"]
Risk = Literal["low", "medium", "high"]

_TO_ASK: frozenset[CopyState] = frozenset({"suspected", "confirmed", "requested"})


class NoSuchCopyError(UsageError):
    """The register has no copy of that id."""


class UnprovenError(RefusedError):
    """A copy was to be closed without what closes it."""


class MoveError(RefusedError):
    """A copy cannot go from the state that it is in to the one that was asked for."""


class BrokenRegisterError(VerificationError):
    """The stored register does not read as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Why a copy's state is believed."""

    kind: str
    """One of `copy_states.PROOF_KINDS`, such as `verify_clone_json`, `http_absent`, `attestation`."""
    at: datetime
    by: str
    note: str
    """Where the evidence is; never a value, never an object id."""
    role: str = ""
    """Of whoever accepts what is left: such a decision needs an office, not just a name."""
    control: str = ""
    """What shows that the look could have found the copy, had it been there."""
    file: str = ""
    """The letter or listing, within the case."""
    state: CopyState | None = None
    """What the copy became by it; None where it moved nothing."""

    @property
    def grade(self) -> Grade:
        """What it is worth."""
        return grade_of(self.kind)


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
    expires: datetime | None = None
    """When a backup that holds it is gone by itself."""
    proof: tuple[Proof, ...] = ()

    @property
    def closed(self) -> bool:
        """Whether nothing more has to be done about it."""
        return self.applies == "no" or self.state in CLOSED

    @property
    def needs_request(self) -> bool:
        """Whether its holder still has to be asked."""
        return self.holder is not None and self.applies != "no" and self.state in _TO_ASK

    @property
    def grade(self) -> Grade | None:
        """What the proof that closes it is worth; None where it is open or does not apply."""
        if self.applies == "no" or self.state not in CLOSED:
            return None
        latest = itertools.takewhile(
            lambda p: p.state is None or p.state in CLOSED, self.proof[::-1]
        )
        return max((p.grade for p in latest if p.state == self.state), default=Grade.WORD)


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
    expires: datetime | None = None
    looked: bool = True
    """False where nobody and nothing was asked: that says nothing against what was known before."""
    is_there: bool = False
    """Whether the platform shows the copy itself, now."""
