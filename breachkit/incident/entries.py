"""The form of a journal entry on disk: written, read back, and checked against its own hash."""

import hashlib
import json
from datetime import datetime
from typing import Any

import rfc8785

from breachkit.incident.detail import MAX_INTEGER, clean_mapping, clean_text
from breachkit.incident.events import KINDS, VERSION, Actor, Draft, Event
from breachkit.model.time import parse_rfc3339, rfc3339


EVENT_KEYS = frozenset({"v", "seq", "id", "prev", "ts", "actor", "kind", "refs", "detail", "hash"})


class MalformedEntryError(ValueError):
    """A line of a journal is no entry, or not the one that was written; the text says why."""


def event_id(seq: int) -> str:
    """Name the entry with number `seq`, counted from 1."""
    return f"ev-{seq:04d}"


def encode(draft: Draft, *, seq: int, prev: str, now: datetime, actor: Actor) -> bytes:
    """Give the line for an entry, with its line end.

    Raises:
        ValueError: the kind is not in the catalogue, or the detail holds what JSON cannot.
    """
    if draft.kind not in KINDS:
        raise ValueError(f"no kind of entry is called {draft.kind!r}: see EventKind")
    body: dict[str, Any] = {
        "v": VERSION,
        "seq": seq,
        "id": event_id(seq),
        "prev": prev,
        "ts": rfc3339(now),
        "actor": clean_mapping({"name": actor.name, "how": actor.how}),
        "kind": str(draft.kind),
        "refs": [clean_text(ref) for ref in draft.refs],
        "detail": clean_mapping(draft.detail),
    }
    body["hash"] = hashlib.sha256(rfc8785.dumps(body)).hexdigest()
    return rfc8785.dumps(body) + b"\n"


def decode(line: bytes) -> Event:
    """Read one line, without its line end, and check it against its own hash.

    Raises:
        MalformedEntryError: it is not canonical JSON, not an entry, or its hash is another.
    """
    body = _parse(line)
    event = _event(body)
    _check_hash(body, line)
    return event


def follows(event: Event, *, seq: int, prev: str) -> str | None:
    """Say why `event` does not follow the entry with hash `prev` as number `seq`; None if it does."""
    if event.seq != seq:
        return f"entry {event.seq} stands where entry {seq} belongs"
    if event.prev != prev:
        return "it does not continue the entry before it"
    return None


def is_cut_short(tail: bytes) -> bool:
    """Say whether the end of a file can be what a crash left of an entry.

    What a crash leaves never holds a whole JSON object: an object followed by anything else was
    written by somebody else.
    """
    try:
        json.JSONDecoder().raw_decode(tail.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return True
    return False


def _parse(line: bytes) -> dict[str, Any]:
    try:
        body = _DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise MalformedEntryError("it is not the JSON of an entry") from None
    if not isinstance(body, dict) or not body.keys() >= EVENT_KEYS:
        raise MalformedEntryError("it lacks keys that every entry has")
    return body


def _no_fraction(_text: str) -> None:
    raise ValueError("a fraction")


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) > MAX_INTEGER:
        raise ValueError("more than RFC 8785 allows")
    return number


_DECODER = json.JSONDecoder(parse_float=_no_fraction, parse_constant=_no_fraction, parse_int=_whole)


def _check_hash(body: dict[str, Any], line: bytes) -> None:
    """Refuse a line that is not canonical, or whose hash is another."""
    if not _holds_plainly(body, line):
        _check_slowly(body, line)


_SORTED_ALIKE = 0xEE
"""Below it begin the characters that RFC 8785 and Python put into the same order, in UTF-8."""

_PLAIN = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _holds_plainly(body: dict[str, Any], line: bytes) -> bool:
    """Say whether the line holds, by the quick way; where it says no, the slow one decides.

    Python's own encoder, which is ten times as fast as one in Python, writes what RFC 8785 does
    but for the order of rare characters. Of a canonical line, what the hash is of is the line without its hash.
    """
    digest = body["hash"]
    if not isinstance(digest, str) or not (line.isascii() or max(line) < _SORTED_ALIKE):
        return False
    try:
        written = _PLAIN.encode(body).encode("utf-8", "surrogatepass")
    except RecursionError:
        return False
    if written != line:
        return False
    without = line.replace(b'"hash":"%b",' % digest.encode(), b"", 1)
    return hashlib.sha256(without).hexdigest() == digest


def _check_slowly(body: dict[str, Any], line: bytes) -> None:
    try:
        canonical = rfc8785.dumps(body)
        without = rfc8785.dumps({key: value for key, value in body.items() if key != "hash"})
    except (ValueError, RecursionError):
        raise MalformedEntryError("it cannot be written as canonical JSON") from None
    if hashlib.sha256(without).hexdigest() != body["hash"]:
        raise MalformedEntryError("it was altered: its hash is another")
    if canonical != line:
        raise MalformedEntryError("it was altered: it is not in canonical form")


_TYPES: dict[str, type] = {
    **dict.fromkeys(("v", "seq"), int),
    **dict.fromkeys(("id", "prev", "ts", "kind", "hash"), str),
    "actor": dict,
    "refs": list,
    "detail": dict,
}
_WANTED = list(_TYPES.values())


def _event(body: dict[str, Any]) -> Event:
    actor = body["actor"]
    if [type(body[key]) for key in _TYPES] != _WANTED:
        raise MalformedEntryError("its keys hold values of the wrong kind")
    if body["v"] == VERSION:
        _check_time(body["ts"])
    return Event(
        v=body["v"],
        seq=body["seq"],
        id=body["id"],
        prev=body["prev"],
        ts=body["ts"],
        actor=Actor(name=_text(actor.get("name")), how=_text(actor.get("how")) or "not given"),
        kind=body["kind"],
        refs=tuple(ref for ref in body["refs"] if isinstance(ref, str)),
        detail=body["detail"],
        hash=body["hash"],
    )


def _check_time(text: str) -> None:
    try:
        parse_rfc3339(text)
    except (ValueError, OverflowError):  # the latter: year 1 or 9999, and an offset beyond
        raise MalformedEntryError("its time is not RFC 3339") from None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
