"""Having a journal's head stamped by somebody whose clock and key this machine does not hold."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from breachkit.incident.events import Event, EventKind
from breachkit.incident.folder import CaseFileMissingError, CaseFolder
from breachkit.incident.stamps import (
    Stamp,
    StampCheck,
    StampRefusedError,
    StampsMissingError,
    check_stamp,
    request_stamp,
    stamp_detail,
)
from breachkit.model.errors import BreachkitError, ConfigurationError, RefusedError
from breachkit.model.ids import display


FOLDER = "stamps"

Post = Callable[[str, bytes], bytes]
"""Sends a request to an address and gives the body of the answer."""


class NoConsentError(RefusedError):
    """Nobody allowed that this host is asked."""


class NothingAskedError(ConfigurationError):
    """There is no request that an answer could be for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that was written."""

    id: str
    """`T-001`."""
    file: Path
    head: str
    entry: str
    """The entry that the head is the hash of: it and all before it are stamped."""
    nonce: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamped:
    """An answer that holds, and was journalled."""

    asked: Asked
    stamp: Stamp
    file: Path


def ask(case: CaseFolder) -> Asked:
    """Write a request for the head as it is now, without any network, and journal it.

    Raises:
        StampsMissingError: breachkit was installed without `breachkit[stamp]`.
        JournalDamagedError: the journal does not hold, so its head is worth nothing.
    """
    last = case.events()[-1]
    made = request_stamp(last.hash)
    number = 1 + sum(event.known_kind is EventKind.STAMP_REQUESTED for event in case.events())
    stamp_id = f"T-{number:03d}"
    file = case.write_file(f"{FOLDER}/{stamp_id}.tsq", made.data)
    case.record(
        EventKind.STAMP_REQUESTED,
        {
            "stamp": stamp_id,
            "head": last.hash,
            "entry": last.id,
            "nonce": str(made.nonce),
            "file": f"{FOLDER}/{stamp_id}.tsq",
        },
        refs=[last.id],
    )
    return Asked(id=stamp_id, file=file, head=last.hash, entry=last.id, nonce=made.nonce)


def take(case: CaseFolder, answer: bytes, trusted: bytes) -> Stamped:
    """Check the answer to one of the requests that wait for one, keep it and journal it.

    Args:
        case: Which.
        answer: As it came.
        trusted: Certificates in PEM: the authority's root, and those between.

    Raises:
        NothingAskedError: no request waits for an answer.
        StampRefusedError: it holds for none of them.
    """
    waiting = tuple(_waiting(case))
    if not waiting:
        raise NothingAskedError("no request waits for an answer: run `breachkit log stamp` first")
    asked, stamp = _which(waiting, answer, trusted)
    file = case.write_file(f"{FOLDER}/{asked.id}.tsr", answer)
    case.write_file(f"{FOLDER}/{asked.id}.pem", trusted)
    case.record(
        EventKind.STAMP_RECORDED,
        {
            "stamp": asked.id,
            "head": asked.head,
            "entry": asked.entry,
            "files": [f"{FOLDER}/{asked.id}.tsr", f"{FOLDER}/{asked.id}.pem"],
            **stamp_detail(stamp),
        },
        refs=[asked.entry],
    )
    return Stamped(asked=asked, stamp=stamp, file=file)


def send(case: CaseFolder, url: str, trusted: bytes, allow: Sequence[str], post: Post) -> Stamped:
    """Ask an authority over the network and take its answer.

    Args:
        case: Which.
        url: Where the authority answers.
        trusted: See `take`.
        allow: Hosts that may be asked, each with or without a port.
        post: Sends the request.

    Raises:
        NoConsentError: the host is not allowed.
        StampRefusedError: the answer does not hold; the request stays to be sent again.
    """
    parts = urlsplit(url)
    if not {parts.netloc.lower(), (parts.hostname or "").lower()} & {a.lower() for a in allow}:
        raise NoConsentError(
            f"a digest of the journal's head would go to {display(parts.netloc or url)}, and "
            f"nothing else: add --allow {display(parts.hostname or 'HOST')} if it may"
        )
    asked = ask(case)
    return take(case, post(url, asked.file.read_bytes()), trusted)


def check_stamps(case: CaseFolder) -> tuple[StampCheck, ...]:
    """Check again every stamp that the journal names, from the files of the case."""
    events = case.events()
    hashes = {event.hash for event in events}
    requests = {
        event.text("stamp"): event
        for event in events
        if event.known_kind is EventKind.STAMP_REQUESTED
    }
    return tuple(
        _checked(case, event, requests.get(event.text("stamp")), hashes)
        for event in events
        if event.known_kind is EventKind.STAMP_RECORDED
    )


def _checked(case: CaseFolder, event: Event, request: Event | None, hashes: set[str]) -> StampCheck:
    head, stamp_id = event.text("head") or "", event.text("stamp") or ""
    problem, unread = None, False
    if head not in hashes:
        problem = "no entry has the head that was stamped"
    else:
        try:
            check_stamp(
                case.read_file(f"{FOLDER}/{stamp_id}.tsr"),
                head,
                nonce=int((request.text("nonce") if request else None) or 0),
                trusted=case.read_file(f"{FOLDER}/{stamp_id}.pem"),
            )
        except StampRefusedError:
            problem = "its answer does not hold any more"
        except (StampsMissingError, BreachkitError, ValueError) as cause:
            problem, unread = _why_unread(cause), True
    return StampCheck(
        id=stamp_id,
        entry=event.text("entry") or "",
        stamped_at=event.text("stamped_at") or "",
        problem=problem,
        unread=unread,
    )


def _why_unread(cause: Exception) -> str:
    if isinstance(cause, StampsMissingError):
        return "breachkit[stamp] is not installed, so it was not looked at"
    if not isinstance(cause, CaseFileMissingError):
        return "its files cannot be read as what they were, so it was not looked at"
    return "its files are not in the case any more, so it was not looked at"


def _waiting(case: CaseFolder) -> Iterator[Asked]:
    """Give the requests without an answer, the newest first."""
    events = case.events()
    answered = {
        event.text("stamp") for event in events if event.known_kind is EventKind.STAMP_RECORDED
    }
    for event in reversed(events):
        if event.known_kind is EventKind.STAMP_REQUESTED and event.text("stamp") not in answered:
            stamp_id = event.text("stamp") or ""
            yield Asked(
                id=stamp_id,
                file=case.path / FOLDER / f"{stamp_id}.tsq",
                head=event.text("head") or "",
                entry=event.text("entry") or "",
                nonce=int(event.text("nonce") or 0),
            )


def _which(waiting: Sequence[Asked], answer: bytes, trusted: bytes) -> tuple[Asked, Stamp]:
    refused = None
    for asked in waiting:
        try:
            stamp = check_stamp(answer, asked.head, nonce=asked.nonce, trusted=trusted)
        except StampRefusedError as cause:
            refused = refused or cause
        else:
            return asked, stamp
    raise refused or AssertionError("no request to try")
