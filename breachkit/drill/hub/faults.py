"""What goes wrong on the way: one fault for each request it is meant for, then no more."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from breachkit.drill.hub.answers import Answer


class Effect(enum.Enum):
    """How a request goes wrong."""

    ANSWER_INSTEAD = enum.auto()
    """The answer of the fault is given, and the request is never looked at."""
    ANSWER_AFTER = enum.auto()
    """The request is carried out, and the answer of the fault is given."""
    RESET = enum.auto()
    """The connection is closed, and the request is never looked at."""
    RESET_AFTER = enum.auto()
    """The request is carried out, and the connection is closed without an answer."""
    TRUNCATE = enum.auto()
    """The answer ends in the middle."""
    DELAY = enum.auto()
    """The answer comes late."""
    STALE = enum.auto()
    """A read shows everything as it was before the last write; it waits for that write."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """Something that goes wrong with some requests."""

    effect: Effect
    method: str = "*"
    path: str = ".*"
    """A regular expression for the whole path; further pages are met under the repository's name."""
    skip: int = 0
    """How many matching requests go well before."""
    times: int = 1
    """How many go wrong."""
    answer: Answer = field(default_factory=Answer)
    seconds: float = 0.0

    def meets(self, method: str, path: str) -> bool:
        """Say whether this request is one that goes wrong, and take account of it."""
        if self.method not in {"*", method} or re.fullmatch(self.path, path) is None:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0


@dataclass(slots=True)
class Faults:
    """All faults that wait for their request."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Let something go wrong."""
        self.waiting.append(fault)

    def has(self, effect: Effect) -> bool:
        """Say whether a fault of a kind still waits."""
        return any(one.effect is effect and one.times > 0 for one in self.waiting)

    def take(self, method: str, path: str, *, after_write: bool = True) -> Fault | None:
        """Give the fault of a request, if it has one.

        Args:
            method: Of the request.
            path: Of the request.
            after_write: Whether there was a write that a stale read can lag behind.
        """
        for fault in self.waiting:
            late = fault.effect is Effect.STALE and not after_write
            if fault.times > 0 and not late and fault.meets(method, path):
                return fault
        return None


def secondary_limit(retry_after_s: int | None = None) -> Answer:
    """Give GitHub's answer to too many requests at once."""
    headers: Mapping[str, str] = (
        {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    )
    message = (
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    )
    return Answer(status=403, json={"message": message}, headers=headers)


def primary_limit(reset_epoch_s: int) -> Answer:
    """Give GitHub's answer once the requests of an hour are used up."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(reset_epoch_s)}
    return Answer(
        status=403, json={"message": "API rate limit exceeded for user."}, headers=headers
    )


def too_many_requests(retry_after_s: int | None = None) -> Answer:
    """Give the other answer to too many requests, which GitHub documents beside the 403."""
    headers: Mapping[str, str] = (
        {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    )
    return Answer(status=429, json={"message": "Too many requests"}, headers=headers)


def bad_gateway() -> Answer:
    """Give what a proxy says that lost the server behind it."""
    return Answer(status=502, json={"message": "Server Error"})


def unavailable_page() -> Answer:
    """Give the page of an outage, which is no JSON at all."""
    page = b"<!DOCTYPE html><html><title>Unicorn! GitHub</title><p>No server is available.</html>"
    return Answer(status=503, body=page, headers={"Content-Type": "text/html; charset=utf-8"})


def accepted() -> Answer:
    """Give the answer to what is still being worked out."""
    return Answer(status=202, json={})


def temporary_redirect(address: str) -> Answer:
    """Give the answer to a write at an old name, which says no more than where to go."""
    body = {"message": "Temporary Redirect", "url": address}
    return Answer(status=307, json=body, headers={"Location": address})
