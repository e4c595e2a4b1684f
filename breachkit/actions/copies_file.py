"""The register of copies and what searches found, as JSON: on disk, in the journal and for machines."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, get_args

from breachkit.actions.copy_record import Applies, BrokenRegisterError, Copy, Found, Proof, Risk
from breachkit.actions.copy_states import STATES
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.copies/1"
FOUND_SCHEMA = "breachkit.found/1"


def to_json(register: Iterable[Copy]) -> dict[str, Any]:
    """Give the register in JSON's own types; `from_json` reads it back."""
    return {"schema": SCHEMA, "copies": [_copy_json(copy) for copy in register]}


def from_json(data: Mapping[str, Any]) -> tuple[Copy, ...]:
    """Read a stored register.

    Raises:
        BrokenRegisterError: it is no register, or one of another version.
    """
    try:
        _check_schema(data, SCHEMA)
        return tuple(map(_copy_from, data["copies"]))
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise BrokenRegisterError(
            f"copies.json: missing or wrong key ({type(cause).__name__}): "
            "`breachkit copies rebuild` puts back what the journal says"
        ) from cause


def found_to_json(found: Iterable[Found]) -> dict[str, Any]:
    """Give what a search found in JSON's own types; `found_from_json` reads it back."""
    return {"schema": FOUND_SCHEMA, "found": [entry_to_json(entry) for entry in found]}


def found_from_json(data: Mapping[str, Any]) -> tuple[Found, ...]:
    """Read what a search found.

    Raises:
        BrokenRegisterError: it is something else.
    """
    try:
        _check_schema(data, FOUND_SCHEMA)
        return tuple(map(entry_from_json, data["found"]))
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise BrokenRegisterError(
            f"what a search found does not read as such ({type(cause).__name__}): take it from a backup"
        ) from cause


def entry_to_json(entry: Found) -> dict[str, Any]:
    """Give one entry of a search in JSON's own types."""
    return {
        **{name: getattr(entry, name) for name in (*_TEXTS, *_MAYBE, "looked", "is_there")},
        **{name: _moment_json(getattr(entry, name)) for name in ("due", "expires")},
    }


def entry_from_json(data: Mapping[str, Any]) -> Found:
    """Read one entry of a search.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    _check_words(data)
    return Found(
        **{name: data[name] for name in (*_TEXTS, *_MAYBE, "looked", "is_there")},
        due=_moment_from(data["due"]),
        expires=_moment_from(data["expires"]),
    )


def proof_to_json(proof: Proof) -> dict[str, Any]:
    """Give a proof in JSON's own types."""
    return {**{name: getattr(proof, name) for name in _PROOF}, "at": rfc3339(proof.at)}


def proof_from_json(data: Mapping[str, Any]) -> Proof:
    """Read a proof; what an earlier version did not write is empty.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    if data.get("state") not in {None, *STATES}:
        raise ValueError("state")
    return Proof(
        at=parse_rfc3339(data["at"]),
        **{name: data[name] for name in ("kind", "by", "note")},
        **{name: data.get(name, "") for name in ("role", "control", "file")},
        state=data.get("state"),
    )


_PROOF = ("kind", "by", "note", "role", "control", "file", "state")
_TEXTS = ("key", "place", "label", "signal", "applies", "risk")
_MAYBE = ("holder", "email")


def _copy_json(copy: Copy) -> dict[str, Any]:
    return {
        **{name: getattr(copy, name) for name in ("id", *_TEXTS, *_MAYBE, "state")},
        **{name: _moment_json(getattr(copy, name)) for name in ("due", "expires")},
        "proof": [proof_to_json(proof) for proof in copy.proof],
    }


def _copy_from(data: Mapping[str, Any]) -> Copy:
    _check_words(data)
    if data["state"] not in STATES or int(data["id"].removeprefix("K-")) < 0:
        raise ValueError("state")
    return Copy(
        **{name: data[name] for name in ("id", *_TEXTS, *_MAYBE, "state")},
        due=_moment_from(data["due"]),
        expires=_moment_from(data.get("expires")),
        proof=tuple(map(proof_from_json, data["proof"])),
    )


def _check_schema(data: Mapping[str, Any], schema: str) -> None:
    if data["schema"] != schema:
        raise BrokenRegisterError(
            f"copies.json is not of version {schema}: use the breachkit that wrote it"
        )


def _check_words(data: Mapping[str, Any]) -> None:
    if data["applies"] not in _APPLIES or data["risk"] not in _RISKS:
        raise ValueError("applies")


_APPLIES, _RISKS = get_args(Applies), get_args(Risk)


def _moment_json(moment: datetime | None) -> str | None:
    return rfc3339(moment) if moment else None


def _moment_from(text: str | None) -> datetime | None:
    return parse_rfc3339(text) if text else None
