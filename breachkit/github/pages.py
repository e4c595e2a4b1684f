"""Web pages and raw files of GitHub: whether they are there, without reading what they say."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field

from breachkit.github.transport import TIMEOUT_S, USER_AGENT
from breachkit.github.unredirected import OPENER
from breachkit.model.sensitive import Sensitive


ATTEMPTS = 2
PAUSE_S = 2.0
_READ_BYTES = 1 << 20
"""Of a page in which something is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came back."""

    status: int | None
    """None where nothing usable came."""
    location: str = field(default="", repr=False)
    found: bool = False
    """Whether it holds what was looked for."""


def look(
    url: str,
    *,
    token: Sensitive[str] | None = None,
    wanted: str = "",
    sleep: Callable[[float], None] = time.sleep,
) -> Page:
    """Ask for a page, again after a failure; no redirect is followed.

    Args:
        url: Whole.
        token: Shown to that host alone.
        wanted: What is looked for on the page; nothing is read without it.
        sleep: Waits for a number of seconds.
    """
    page = _once(url, token, wanted)
    for _ in range(ATTEMPTS - 1):
        if page.status is not None and page.status < 500:
            break
        sleep(PAUSE_S)
        page = _once(url, token, wanted)
    return page


def _once(url: str, token: Sensitive[str] | None, wanted: str) -> Page:
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})  # noqa: S310 - http(s): made from the checked address
    if token is not None:
        request.add_unredirected_header("Authorization", f"token {token.reveal()}")
    try:
        with OPENER.open(request, timeout=TIMEOUT_S) as answer:
            text = answer.read(_READ_BYTES) if wanted else b""
            return Page(status=answer.status, found=wanted.encode() in text)
    except urllib.error.HTTPError as answer:
        with answer:
            return Page(status=answer.code, location=answer.headers.get("Location", ""))
    except (OSError, http.client.HTTPException, ValueError):
        return Page(status=None)
