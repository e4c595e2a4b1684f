"""Pages of lists that are kept from one look to the next, and asked for by their tags.

GitHub answers 304 where a page is what it was, and counts nothing against the limit of whoever has a
token. What is kept of a page is only what is needed of it, and nothing is taken for the answer but what
GitHub has just said is still the answer.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from breachkit.actions.listing import KeptPage, PageMemory
from breachkit.github.client import Client, next_link
from breachkit.github.transport import API_VERSION, Reply


Part = Callable[[Any], Any]
"""Gives what is needed of an answer, which is the same for what it gave; None where it does not fit."""

_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{1,200}"')
"""Source: RFC 9110, 8.8.3, in ASCII."""
_MORE = '<kept>; rel="next"'


class KeptPages:
    """Reads answers of GitHub, each by the tag of what was answered the last time.

    Args:
        client: GitHub's REST API.
        memory: Keeps pages; None where none are kept.

    Attributes:
        recalled: Whether an answer was one that was kept from another time.
    """

    def __init__(self, client: Client, memory: PageMemory | None) -> None:
        self._client = client
        self._memory = memory
        self._known: dict[str, Reply] = {}
        self.recalled = False

    def get(
        self, path: str, what: str, part: Part, *, query: Mapping[str, Any] | None = None
    ) -> Reply:
        """Read an answer; errors as `Client.get`.

        Args:
            path: As for `Client.get`.
            what: As for `Client.get`.
            part: What of it is kept.
            query: Parameters.
        """
        if self._memory is None:
            return self._client.get(path, what, query=query)
        address = f"{API_VERSION} {self._client.api}{path} {sorted((query or {}).items())}"
        kept = self._known.get(address) or _reply(self._memory.recall(address), part)
        reply = self._client.get(path, what, query=query, kept=kept)
        if reply is kept and address not in self._known:
            self.recalled = True
        elif reply is not kept and (page := _page(reply, part)) is not None:
            self._memory.keep(address, page)
        self._known[address] = reply
        return reply

    def forget(self) -> None:
        """Forget all that was kept, so that the next answers are GitHub's own."""
        if self._memory is not None:
            self._memory.forget()
        self._client.forget()
        self._known.clear()
        self.recalled = False


def _reply(page: KeptPage | None, part: Part) -> Reply | None:
    """Give what was kept as the answer that it was; None where it does not fit."""
    if page is None or not _TAG.fullmatch(page.etag):
        return None
    try:
        content = json.loads(page.content)
    except (ValueError, RecursionError):
        return None
    if content is None or part(content) != content:
        return None
    headers = {"etag": page.etag, **({"link": _MORE} if page.more else {})}
    return Reply(status=200, headers=headers, json=content)


def _page(reply: Reply, part: Part) -> KeptPage | None:
    """Give what is to be kept of an answer; None where it has no tag, or does not fit."""
    etag, content = reply.headers.get("etag", ""), part(reply.json)
    if content is None or not _TAG.fullmatch(etag):
        return None
    more = next_link(reply.headers.get("link", "")) is not None
    return KeptPage(etag=etag, more=more, content=json.dumps(content))
