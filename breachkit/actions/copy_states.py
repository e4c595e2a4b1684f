"""How far a copy is closed: its states, the moves between them, and what each sort of proof is worth.

A person's word can close a copy, and is never shown as more than a word. What nobody can close is
accepted by somebody with a name and a role.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args


CopyState = Literal[
    "suspected", "confirmed", "requested", "acknowledged", "cleaned", "deleted", "proven_clean", "unreachable", "refused", "residual_accepted"
]  # fmt: skip
"""`cleaned` is what a holder says; `proven_clean` is what evidence shows."""

STATES: tuple[CopyState, ...] = get_args(CopyState)

CLOSED: frozenset[CopyState] = frozenset({"deleted", "proven_clean", "residual_accepted"})
NEEDS_PROOF: frozenset[CopyState] = frozenset({"deleted", "proven_clean"})

_TALKED: frozenset[CopyState] = frozenset(
    {"requested", "acknowledged", "cleaned", "unreachable", "refused"}
)

MOVES: Mapping[CopyState, frozenset[CopyState]] = {
    "suspected": frozenset({"confirmed", *_TALKED, *CLOSED}),
    "confirmed": _TALKED | CLOSED,
    "requested": _TALKED | CLOSED,
    "acknowledged": _TALKED | CLOSED,
    "cleaned": frozenset({"confirmed", *_TALKED, *CLOSED}),
    "unreachable": _TALKED | CLOSED,
    "refused": _TALKED | CLOSED,
    "deleted": frozenset({"confirmed", "proven_clean"}),
    "proven_clean": frozenset({"confirmed"}),
    "residual_accepted": frozenset({"confirmed", "deleted", "proven_clean"}),
}
"""Where a copy can go from each state; staying in one, with one more proof, is always possible.

What is certain never becomes a suspicion again. What is closed opens only as `confirmed`: somebody
saw it. What was accepted can still be proven gone; what is proven gone leaves nothing to accept.
"""


class Grade(enum.IntEnum):
    """What a proof is worth."""

    ACCEPTED = 0
    """Nothing shows that it is gone: a named person accepts that."""
    WORD = 1
    """Somebody says so."""
    SENT = 2
    """Others sent what shows it: a holder's script, a vendor's letter, a date that passed."""
    SHOWN = 3
    """breachkit or one of us looked, and a control shows that the look could have found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofKind:
    """One sort of proof."""

    name: str
    grade: Grade
    closes_as: frozenset[CopyState]
    """The states that it can close a copy in; empty where it closes none."""
    needs: str = ""
    """What has to come with it beside a note and a name: `control`, `file` or `expiry`."""
    by_hand: bool = True
    """Whether a person can name it for what they know; False for what only breachkit can find."""


_GONE: frozenset[CopyState] = frozenset({"proven_clean", "deleted"})
_DELETED: frozenset[CopyState] = frozenset({"deleted"})
_ACCEPTED: frozenset[CopyState] = frozenset({"residual_accepted"})
_NONE: frozenset[CopyState] = frozenset()

_ALL = (
    ProofKind(name="attestation", grade=Grade.WORD, closes_as=_DELETED),
    ProofKind(name="vendor_letter", grade=Grade.SENT, closes_as=_DELETED, needs="file"),
    ProofKind(name="http_absent", grade=Grade.SHOWN, closes_as=_GONE, needs="control"),
    ProofKind(name="mirror_blobset", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="api_list_empty", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="swh_known_false", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="expiry_passed", grade=Grade.SENT, closes_as=_DELETED, needs="expiry"),
    ProofKind(name="verify_clone_json", grade=Grade.SENT, closes_as=_GONE, by_hand=False),
    ProofKind(name="verify_clone", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="fresh_mirror", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="asked_with_control", grade=Grade.SHOWN, closes_as=_GONE, by_hand=False),
    ProofKind(name="still_there", grade=Grade.SHOWN, closes_as=_NONE, by_hand=False),
    ProofKind(name="decision", grade=Grade.ACCEPTED, closes_as=_ACCEPTED),
)

PROOF_KINDS: Mapping[str, ProofKind] = {kind.name: kind for kind in _ALL}

BY_HAND = tuple(kind.name for kind in _ALL if kind.by_hand)
"""What a person can name."""


def grade_of(kind: str) -> Grade:
    """Give what a sort of proof is worth; one that is not known is worth a word."""
    known = PROOF_KINDS.get(kind)
    return known.grade if known else Grade.WORD


GRADE_WORDS: Mapping[Grade, str] = {
    Grade.ACCEPTED: "accepted, not shown to be gone",
    Grade.WORD: "somebody's word alone",
    Grade.SENT: "shown by what others sent",
    Grade.SHOWN: "shown by a look of our own",
}
"""For every list, page and mail that says how a copy was closed."""


def absence(status: int, control: int, identity: str) -> str | None:
    """Say in words that an address is absent, or None where the answers do not show it.

    Args:
        status: What the address answered.
        control: What an address answered that must be there, in the same session.
        identity: Who asked: `anonymous`, or the account.

    Source: a 404 alone also comes from a private repository, a wrong token or a wrong address; 401,
    403, 429, 451 and 5xx say nothing about what is there.
    """
    if status not in _ABSENT or control != _THERE or not identity.strip():
        return None
    return f"asked as {identity.strip()}: {status}, where a control that must be there answered {control}"


_ABSENT = frozenset({404, 410})
_THERE = 200
