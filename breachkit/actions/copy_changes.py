"""Changes of the register of copies as plain data, so that the journal alone can tell how it came about.

Each change is applied in the form in which the journal has it. So replaying them gives the register
to the last character, and a register that somebody else wrote is told from one that breachkit did.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias, assert_never

from breachkit.actions.copies import Copy, Found, Proof, expire, merge, move, rule_out
from breachkit.actions.copies_file import (
    entry_from_json,
    entry_to_json,
    proof_from_json,
    proof_to_json,
)
from breachkit.actions.events import JournalEvent
from breachkit.model.errors import BreachkitError, VerificationError
from breachkit.model.time import parse_rfc3339, rfc3339


class UnknownChangeError(VerificationError):
    """The journal holds a change of the register that this breachkit does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Copies went to a state."""

    copies: tuple[str, ...]
    state: str
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """Places do not apply."""

    copies: tuple[str, ...]
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Expires:
    """A copy is gone by itself on a day."""

    copy: str
    at: datetime
    proof: Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A search found places, or somebody told us of one."""

    found: tuple[Found, ...]
    now: datetime | None
    by: str = ""
    """Who told us; empty for a search."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Based:
    """The register is what it is said to be: an earlier breachkit's, or one that a person vouches for."""

    register: tuple[Copy, ...]
    by: str
    note: str


Change: TypeAlias = Moved | RuledOut | Expires | Searched | Based


def applied(register: Sequence[Copy], change: Change) -> tuple[Copy, ...]:
    """Give the register after a change; errors as those of `copies.move`, `rule_out`, `expire`."""
    match change:
        case Moved():
            return move(register, change.copies, change.state, change.proof)
        case RuledOut():
            return rule_out(register, change.copies, change.proof)
        case Expires():
            return expire(register, change.copy, change.at, change.proof)
        case Searched():
            return merge(register, change.found, now=change.now)
        case Based():
            return change.register
        case _:
            assert_never(change)


Detail: TypeAlias = Mapping[str, Any]


def to_detail(change: Change, file: str = "", sha256: str = "") -> dict[str, Any]:
    """Give what the journal keeps of a change.

    Args:
        change: Which.
        file: Where what is too long for the journal stands; empty for one entry that somebody told us of.
        sha256: Of that file.
    """
    match change:
        case Moved():
            moved = {"op": "set", "copies": list(change.copies), "state": change.state}
            return {**moved, "proof": proof_to_json(change.proof)}
        case RuledOut():
            ruled = {"op": "na", "copies": list(change.copies)}
            return {**ruled, "proof": proof_to_json(change.proof)}
        case Expires():
            proof = proof_to_json(change.proof)
            return {
                "op": "expires",
                "copies": [change.copy],
                "day": rfc3339(change.at),
                "proof": proof,
            }
        case Searched():
            kept = _kept(change, file, sha256)
            now = rfc3339(change.now) if change.now else None
            return {"op": "found", "now": now, "by": change.by, "note": change.note, **kept}
        case Based():
            about = {"by": change.by, "note": change.note}
            return {"op": "base", **about, "file": file, "file_sha256": sha256}
        case _:
            assert_never(change)


def _kept(change: Searched, file: str, sha256: str) -> dict[str, Any]:
    if file:
        return {"file": file, "file_sha256": sha256}
    return {"found": [entry_to_json(entry) for entry in change.found]}


def from_detail(
    detail: Detail,
    found_in: Callable[[str, str], tuple[Found, ...]],
    register_in: Callable[[str, str], tuple[Copy, ...]],
) -> Change:
    """Read a change as the journal has it.

    Args:
        detail: The part of the entry that tells the change.
        found_in: Gives what a search found, by the name and the SHA-256 of its file.
        register_in: Gives a register in the same way.

    Raises:
        UnknownChangeError: it is none that this breachkit knows.
        VerificationError: as what reads the files raises it.
    """
    try:
        return _read(detail, found_in, register_in)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise UnknownChangeError(
            "the journal holds a change of the register that this breachkit does not know: "
            "use the one that wrote it"
        ) from None


def _read(
    detail: Detail,
    found_in: Callable[[str, str], tuple[Found, ...]],
    register_in: Callable[[str, str], tuple[Copy, ...]],
) -> Change:
    match detail["op"]:
        case "set":
            return Moved(
                copies=tuple(detail["copies"]),
                state=detail["state"],
                proof=proof_from_json(detail["proof"]),
            )
        case "na":
            return RuledOut(copies=tuple(detail["copies"]), proof=proof_from_json(detail["proof"]))
        case "expires":
            return Expires(
                copy=detail["copies"][0],
                at=parse_rfc3339(detail["day"]),
                proof=proof_from_json(detail["proof"]),
            )
        case "found":
            inline = "found" in detail
            found = (
                tuple(map(entry_from_json, detail["found"]))
                if inline
                else found_in(detail["file"], detail["file_sha256"])
            )
            now = parse_rfc3339(detail["now"]) if detail["now"] else None
            return Searched(found=found, now=now, by=detail["by"], note=detail["note"])
        case "base":
            register = register_in(detail["file"], detail["file_sha256"])
            return Based(register=register, by=detail["by"], note=detail["note"])
        case _:
            raise ValueError("op")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The register as the journal tells it."""

    register: tuple[Copy, ...]
    gaps: tuple[str, ...]
    """What cannot be told any more, one line each; with any, the register is not what it was."""


def replay(entries: Iterable[JournalEvent], read: Callable[[Detail], Change]) -> Replayed:
    """Bring the register about again from its journal entries.

    Args:
        entries: All about the register, oldest first.
        read: As `from_detail`, with where files are.
    """
    register: tuple[Copy, ...] = ()
    gaps: list[str] = []
    for entry in entries:
        detail = entry.detail.get("change")
        if not isinstance(detail, Mapping):
            gaps.append(f"entry {entry.seq} of {entry.ts} keeps numbers alone, not what changed")
            continue
        try:
            change = read(detail)
            if isinstance(change, Based):
                gaps.clear()  # whatever came before does not matter any more
            register = applied(register, change)
        except BreachkitError as problem:
            gaps.append(_gap(entry, detail, problem))
    return Replayed(register=register, gaps=tuple(gaps))


def _gap(entry: JournalEvent, detail: Detail, problem: BreachkitError) -> str:
    what = {
        "found": "what a search found",
        "base": "the register that everything after it builds on",
        "set": "a move",
        "na": "that a place does not apply",
        "expires": "the day of an expiry",
    }.get(str(detail.get("op")), "a change")
    listed = detail.get("copies")
    of = f" of {', '.join(map(str, listed))}" if isinstance(listed, Sequence) else ""
    return f"entry {entry.seq} of {entry.ts}, {what}{of}: {problem}"
