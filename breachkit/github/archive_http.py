"""One request to a public archive: bounded, over https, and never on to another host."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from breachkit.github.errors import WrongAddressError
from breachkit.github.transport import TIMEOUT_S, USER_AGENT
from breachkit.github.unredirected import OPENER
from breachkit.model.errors import IncompleteError


MOST_BYTES = 8 * 1024 * 1024
"""Of one answer."""
LONGEST_WAIT_S = 60.0
_MOST_REDIRECTS = 3
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class NoAnswerError(IncompleteError):
    """An archive gave no usable answer.

    Attributes:
        is_limit: Whether it takes no more questions for now.
    """

    def __init__(self, text: str, *, is_limit: bool = False) -> None:
        super().__init__(text)
        self.is_limit = is_limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """Names of media types."""

    posted: str
    wanted: str


JSON = Media(posted="application/json", wanted="application/json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What an archive answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def wait_s(self) -> float:
        """Seconds after which the next request is taken; more than anybody waits where it does not say."""
        after = self.headers.get("retry-after", "")
        return float(after) if after.isdecimal() else LONGEST_WAIT_S + 1

    @property
    def json(self) -> Any:
        """The body, parsed.

        Raises:
            NoAnswerError: it is no whole JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise NoAnswerError("the answer is no whole JSON") from None


def checked_base(what: str, base: str) -> Any:
    """Split the address under which an archive is reached.

    Raises:
        WrongAddressError: it is none, or sends what is asked in the open.
    """
    try:
        parts = urlsplit(base)
        sound = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        parts, sound = urlsplit(""), False
    near = parts.hostname in _LOOPBACK
    if (
        not sound
        or parts.username
        or parts.query
        or parts.scheme not in {"https", "http" if near else ""}
    ):
        raise WrongAddressError(
            f"the address of {what} is none: it looks like https://archive.example.org"
        )
    return parts


def exchange(url: str, body: bytes | None, *, follow: bool, media: Media = JSON) -> Reply:
    """Send a request and follow redirects within the same host.

    Args:
        url: The whole address.
        body: What to post; None reads.
        follow: Whether redirects are followed; else they are the answer.
        media: What is posted, and what is wanted.

    Raises:
        NoAnswerError: nothing came, it was too long, or it leads elsewhere.
    """
    here = urlsplit(url)
    for _ in range(_MOST_REDIRECTS):
        reply = _once(url, body, media)
        if not follow or not 300 <= reply.status < 400:
            return reply
        url = urljoin(url, reply.headers.get("location", ""))
        there = urlsplit(url)
        if body is not None or (there.scheme, there.netloc) != (here.scheme, here.netloc):
            raise NoAnswerError("the answer leads to another host, which was not allowed")
    raise NoAnswerError("the redirects lead in a circle")


def _once(url: str, body: bytes | None, media: Media) -> Reply:
    headers = {
        "User-Agent": USER_AGENT,
        "Accept": media.wanted,
        "Accept-Encoding": "identity",
    }
    headers |= {} if body is None else {"Content-Type": media.posted}
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310 - http(s): made from a checked base
    try:
        with OPENER.open(request, timeout=TIMEOUT_S) as answer:
            return _reply(answer.status, answer.headers, answer.read(MOST_BYTES + 1))
    except urllib.error.HTTPError as problem:
        with problem:
            return _reply(problem.code, problem.headers, problem.read(MOST_BYTES + 1))
    except (OSError, http.client.HTTPException) as cause:
        name = type(cause).__name__
    raise NoAnswerError(f"it could not be reached ({name})", is_limit=True)


def _reply(status: int, headers: Any, body: bytes) -> Reply:
    if len(body) > MOST_BYTES:
        raise NoAnswerError("its answer is too long")
    named = {name.lower(): value for name, value in headers.items()}
    return Reply(status=status, headers=named, body=body)
