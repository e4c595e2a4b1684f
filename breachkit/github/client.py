"""Every request to GitHub goes through here: waits that end, pages, redirects, and what refusals mean.

An incident cannot wait for an hour: what would take longer than `LONGEST_WAIT_S` ends in an error that
says when to run the command again, and every command goes on where it stopped.
"""

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self
from urllib.parse import parse_qsl, urljoin, urlsplit

from breachkit.github.errors import (
    HiddenError,
    LimitedError,
    MovedError,
    UnreachableError,
    is_limit,
    message_of,
    refusal,
    wait_of,
)
from breachkit.github.transport import PER_PAGE, Reply, Transport, checked_address
from breachkit.model.errors import BreachkitError
from breachkit.model.sensitive import Sensitive
from breachkit.model.time import Clock, rfc3339


logger = logging.getLogger(__name__)

DEFAULT_API = "https://api.github.com"
LONGEST_WAIT_S = 60.0
"""For one request, all its attempts together."""
PATIENCE_S = 180.0
"""For all requests of one command: after that each is tried once."""
ATTEMPTS = 4
FIRST_PAUSE_S = 1.0
"""Between the first two attempts; each later one is `_LONGER` times as long."""
PAUSE_BETWEEN_WRITES_S = 1.0
"""What GitHub asks for once it has complained; before that nothing is held up."""
MOST_PAGES = 400
_KEPT_ANSWERS = 200
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 307, 308})
_RENAMED = _REDIRECTS - {302}
"""What a repository's old name answers; a 302 says where an archive is."""
_LONGER = 3.0

Sleep = Callable[[float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Items of a list."""

    items: tuple[Any, ...]
    problem: BreachkitError | None = None
    """What kept the rest away; None where they are all there."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request, complete."""

    verb: str
    path: str
    what: str
    """What it is about, in words for errors."""
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)
    asks: bool = False
    """Whether it changes nothing, whatever its verb is."""

    @property
    def reads(self) -> bool:
        """Whether sending it again can do no harm."""
        return self.asks or self.verb in {"GET", "HEAD"}


class Client:
    """GitHub's REST API for one account, or for a stranger.

    Args:
        api: Its address.
        token: None for a stranger.
        clock: Tells how long a limit still lasts.
        sleep: Waits for a number of seconds.
        patience_s: For all waiting together; with 0 each request is tried once.

    Attributes:
        requests: How many were sent.
    """

    def __init__(
        self,
        api: str,
        token: Sensitive[str] | None,
        clock: Clock,
        *,
        sleep: Sleep = time.sleep,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.api = api.rstrip("/")
        self.requests = 0
        self._parts = checked_address(api)
        self._transport = Transport(api, token)
        self._clock = clock
        self._sleep = sleep
        self._pause_s = 0.0
        self._patience_s = patience_s
        self._known: dict[str, Reply] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def stranger(self) -> "Client":
        """Give a client without a token for the same API."""
        return Client(self.api, None, self._clock, sleep=self._sleep)

    def get(
        self,
        path: str,
        what: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        kept: Reply | None = None,
    ) -> Reply:
        """Read something, after limits and failures too, within `LONGEST_WAIT_S`.

        What was read before is asked for with its tag, which costs nothing where it is the same.

        Args:
            path: Such as `/repos/owner/name`, its parts quoted.
            what: What is read, in words for errors.
            query: Parameters.
            headers: On top of the usual ones.
            kept: What the same question was answered with at another time, with its tag; given back as
                it is where that is still the answer.

        Raises:
            AccessError, RefusedError, IncompleteError: as `errors.refusal` says.
        """
        asked = Ask("GET", path, what, query or {}, headers or {})
        key = f"{path} {sorted(asked.query.items())} {sorted(asked.headers.items())}"
        known = self._known.get(key, kept)
        if known is not None:
            asked = replace(
                asked, headers={**asked.headers, "If-None-Match": known.headers["etag"]}
            )
        reply = self._answered(asked)
        if reply.status == 304 and known is not None:
            return known
        if "etag" in reply.headers and (known is not None or len(self._known) < _KEPT_ANSWERS):
            self._known[key] = reply
        return reply

    def forget(self) -> None:
        """Ask for nothing by its tag that was read before now."""
        self._known.clear()

    def exists(self, path: str, what: str) -> bool:
        """Say whether GitHub answers a path with anything but 404.

        Raises:
            AccessError, RefusedError, IncompleteError: it gave neither answer.
        """
        try:
            self._answered(Ask("GET", path, what))
        except HiddenError:
            return False
        return True

    def answer(self, path: str, what: str, *, query: Mapping[str, Any] | None = None) -> Reply:
        """Give GitHub's last word on a question, a refusal too; only to a new name is it followed.

        Raises:
            IncompleteError: no usable answer came.
            MovedError: it leads to another server.
        """
        asked = Ask("GET", path, what, query or {})
        for _ in range(_MOST_REDIRECTS):
            reply = self._patiently(asked)
            if reply.status not in _RENAMED:
                return reply
            path, given = self._within(reply.headers.get("location", ""), asked.what)
            asked = replace(asked, path=path, query=given or asked.query)
        raise MovedError(f"{what}: GitHub's redirects lead in a circle")

    def ask(self, path: str, what: str, body: Any) -> Reply:
        """Read by POST, as GraphQL does, after limits and failures too.

        Raises:
            AccessError, RefusedError, IncompleteError: as for `get`.
        """
        return self._answered(Ask("POST", path, what, body=body, asks=True))

    def write(self, verb: str, path: str, what: str, body: Any = None) -> Reply:
        """Send a change; only what GitHub says it did not look at is sent again.

        Raises:
            AccessError, RefusedError: nothing was changed.
            LimitedError: nothing was changed, and waiting would take too long.
            UnreachableError: no usable answer; it may have happened or not.
        """
        if self._pause_s:
            self._sleep(self._pause_s)
        return self._answered(Ask(verb, path, what, body=body))

    def pages(
        self,
        path: str,
        what: str,
        *,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MOST_PAGES,
    ) -> Pages:
        """Read all pages of a list, whether they are numbered or walked by a cursor.

        Args:
            path: Of the list.
            what: What is read, in words for errors.
            key: Where the list stands in the answer, if it is wrapped.
            query: Parameters.
            headers: On top of the usual ones.
            most: Pages that are read at most.

        Raises:
            AccessError, RefusedError, IncompleteError: not even the first page came.
        """
        found: list[Any] = []
        asked = Ask("GET", path, what, {"per_page": PER_PAGE, **(query or {})}, headers or {})
        first = True
        try:
            for reply in self._walk(asked, most):
                found.extend(_listed(reply.json, key))
                first = False
        except BreachkitError as problem:
            if first:
                raise
            return Pages(items=tuple(found), problem=problem)
        return Pages(items=tuple(found))

    def _walk(self, asked: Ask, most: int) -> Iterator[Reply]:
        seen: set[str] = set()
        for _ in range(most):
            reply = self._answered(asked)
            yield reply
            following = next_link(reply.headers.get("link", ""))
            if following is None:
                return
            if following in seen:
                raise UnreachableError(f"{asked.what}: the pages lead in a circle")
            seen.add(following)
            path, query = self._within(following, asked.what)
            asked = replace(asked, path=path, query=query)
        raise UnreachableError(f"{asked.what}: more than {most} pages; the rest was not read")

    def _answered(self, asked: Ask) -> Reply:
        """Give the answer to a request, its redirects followed where it only reads."""
        for _ in range(_MOST_REDIRECTS):
            reply = self._patiently(asked)
            if asked.reads and reply.status in _REDIRECTS:
                path, query = self._within(reply.headers.get("location", ""), asked.what)
                asked = replace(asked, path=path, query=query or asked.query)
            elif reply.status == 304 or 200 <= reply.status < 300:
                return reply
            else:
                raise refusal(reply.status, reply.headers, reply.json, asked.what)
        raise MovedError(f"{asked.what}: GitHub's redirects lead in a circle")

    def _patiently(self, asked: Ask) -> Reply:
        """Send a request until it gets an answer that waiting would not change."""
        left, pause = LONGEST_WAIT_S, FIRST_PAUSE_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._once(asked)
            except (LimitedError, UnreachableError) as problem:
                unsure = isinstance(problem, UnreachableError) and not asked.reads
                wait = problem.wait_s if isinstance(problem, LimitedError) else pause
                if unsure or attempt == ATTEMPTS or wait > min(left, self._patience_s):
                    raise
            self._patience_s -= wait
            logger.info("waiting %d s for the platform", int(wait))
            self._sleep(wait)
            left, pause = left - wait, pause * _LONGER
        raise UnreachableError(f"{asked.what}: no answer; run the command again")

    def _once(self, asked: Ask) -> Reply:
        self.requests += 1
        reply = self._transport.send(asked.verb, asked.path, asked.query, asked.headers, asked.body)
        if is_limit(reply.status, reply.headers, message_of(reply.json)):
            self._pause_s = PAUSE_BETWEEN_WRITES_S
            raise self._limit(reply, asked.what)
        if reply.status >= 500:
            raise refusal(reply.status, reply.headers, reply.json, asked.what)
        if reply.status == 202 and asked.reads:
            raise UnreachableError(f"{asked.what}: GitHub is still working it out; run it again")
        return reply

    def _limit(self, reply: Reply, what: str) -> LimitedError:
        now = told_time(reply.headers) or self._clock.now()
        wait = wait_of(reply.headers, now.timestamp())
        if wait is None:  # GitHub's rule for it: at least a minute
            return LimitedError(
                f"{what}: GitHub takes no more requests for now; wait a few minutes, then run the "
                "command again: it goes on where it stopped",
                LONGEST_WAIT_S,
            )
        until = rfc3339((now + timedelta(seconds=wait)).replace(microsecond=0))
        return LimitedError(
            f"{what}: GitHub takes the next request at {until}; run the command again then: it "
            "goes on where it stopped",
            wait,
        )

    def _within(self, address: str, what: str) -> tuple[str, dict[str, str]]:
        """Give path and query of an address that GitHub gave, if it leads to the same API.

        Raises:
            MovedError: it leads to another host, scheme or port, where the token must not go.
        """
        parts = urlsplit(urljoin(f"{self.api}/", address))
        same = (parts.scheme, parts.hostname, parts.port) == (
            self._parts.scheme,
            self._parts.hostname,
            self._parts.port,
        )
        prefix = self._parts.path.rstrip("/")
        if not same or not parts.path.startswith(prefix + "/"):
            raise MovedError(
                f"{what}: GitHub's answer leads to another server, where the token must not go; "
                "check --github-api"
            )
        return parts.path.removeprefix(prefix), dict(parse_qsl(parts.query, keep_blank_values=True))


def told_time(headers: Mapping[str, str]) -> datetime | None:
    """Give the time by GitHub's clock, by which limits end: that of this machine may be wrong."""
    try:
        return parsedate_to_datetime(headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


_LINK = re.compile(r'<([^<>]*)>\s*;[^,]*\brel="?next"?')


def next_link(header: str) -> str | None:
    """Give the address of the next page that a `Link` header names."""
    found = _LINK.search(header)
    return found[1] if found else None


def _listed(json: Any, key: str | None) -> list[Any]:
    found = json.get(key) if key is not None and isinstance(json, Mapping) else json
    if not isinstance(found, list):
        raise UnreachableError("GitHub's answer is no list: run the command again")
    return found
