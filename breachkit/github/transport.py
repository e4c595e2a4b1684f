"""One request to GitHub by PyGithub's requester, and nothing that it would do unasked.

PyGithub follows a 301 with any verb, without the query, and waits for ever while an answer is 202. It
takes the connection as a parameter: ours shows those two under numbers that it leaves alone.
"""

import json as json_text
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from github import Auth
from github.Requester import (
    HTTPRequestsConnectionClass,
    HTTPSRequestsConnectionClass,
    Requester,
    RequestsResponse,
)

from breachkit.github.errors import UnreachableError, WrongAddressError
from breachkit.model.sensitive import Sensitive


API_VERSION = "2022-11-28"
USER_AGENT = "breachkit"
TIMEOUT_S = 20
PER_PAGE = 100

_ASIDE = 1000
_LEFT_ALONE = frozenset({202, 301})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What GitHub answered."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    json: Any = field(default=None, repr=False)
    """None where there is none."""


class NoJsonError(UnreachableError):
    """An answer ends in the middle, or is no JSON where there should be some."""


class Transport:
    """Sends requests to one API, one after the other.

    Args:
        api: Its address, such as `https://api.github.com`.
        token: Of whoever acts; None for a stranger.

    Raises:
        WrongAddressError: the address is none.
    """

    def __init__(self, api: str, token: Sensitive[str] | None) -> None:
        silence()
        parts = checked_address(api)
        kind = (
            HTTPSRequestsConnectionClass if parts.scheme == "https" else HTTPRequestsConnectionClass
        )
        self._requester = Requester(
            auth=None if token is None else Auth.Token(token.reveal()),
            base_url=api.rstrip("/"),
            timeout=TIMEOUT_S,
            user_agent=USER_AGENT,
            per_page=PER_PAGE,
            verify=True,
            retry=0,
            pool_size=None,
            api_version=API_VERSION,
        )
        kept = kind(parts.hostname or "", parts.port, retry=0, timeout=TIMEOUT_S)
        self._connection: Any = _Connection(kept)

    def send(
        self, verb: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: Any
    ) -> Reply:
        """Send one request once, and give what came back, whatever its status.

        Raises:
            UnreachableError: nothing usable came back; it may have been carried out or not.
        """
        sent = {"Accept": "application/vnd.github+json", **headers}
        try:
            status, received, text = self._requester.requestJson(
                verb, path, dict(query), sent, body, cnx=self._connection
            )
        except (requests.exceptions.RequestException, OSError) as cause:
            name = type(cause).__name__
        else:
            status = status - _ASIDE if status >= _ASIDE else status
            return Reply(status=status, headers=received, json=_parsed(status, text))
        # outside of the handler, for the cause holds the request with its headers
        raise UnreachableError(
            f"GitHub could not be reached ({name}): check the network, then run the command again"
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._connection.close()
        self._requester.close()


class _Connection:
    """A connection of PyGithub's whose answers it takes as they are."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept
        self.host = kept.host

    def request(self, *args: Any) -> None:
        self._kept.request(*args)

    def getresponse(self) -> RequestsResponse:
        answer: RequestsResponse = self._kept.getresponse()
        if answer.status in _LEFT_ALONE:
            answer.status += _ASIDE
        return answer

    def close(self) -> None:
        self._kept.close()


def _parsed(status: int, text: str) -> Any:
    if not text:
        return None
    try:
        return json_text.loads(text)
    except (ValueError, RecursionError):
        if status >= 300:  # the page of a proxy: the status says enough
            return None
    raise NoJsonError("GitHub's answer is no whole JSON: run the command again")


def checked_address(api: str) -> Any:
    """Split the address of an API.

    Raises:
        WrongAddressError: it is none, or holds a user's name or password.
    """
    try:
        parts = urlsplit(api)
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or 1) > 0
    except ValueError:
        sound = False
        parts = urlsplit("")
    if not sound or parts.username or parts.password or parts.query or parts.fragment:
        raise WrongAddressError(
            "the address of the API is none: it looks like https://api.github.com, or "
            "https://HOST/api/v3 for GitHub Enterprise Server"
        )
    if parts.scheme == "http" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise WrongAddressError(
            "the address of the API has to begin with https:// so that nobody on the way reads the "
            "token"
        )
    return parts


def silence() -> None:
    """Keep PyGithub from logging what is sent."""
    logger = logging.getLogger("github")
    logger.setLevel(logging.CRITICAL + 1)
    logger.propagate = False
