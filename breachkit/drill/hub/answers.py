"""What the stand-in answers with: JSON, pages, redirects and errors, in the form GitHub gives them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, parsed."""

    method: str
    path: str
    """Still quoted, without the query."""
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(default=b"", repr=False)
    base: str = ""
    """The stand-in's own address, which every URL it gives begins with."""

    def json(self) -> dict[str, Any]:
        """Give the body of a request that must be a JSON object; empty where there is none.

        Raises:
            Problem: it is none; and later, where a member is asked for that was not sent.
        """
        try:
            found = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            raise Problem(400, "Problems parsing JSON") from None
        if not isinstance(found, dict):
            raise Problem(400, "Body should be a JSON object")
        return _Sent(found)


class _Sent(dict[str, Any]):
    """What a client sent; to do without a member that an operation needs is the client's fault."""

    def __missing__(self, name: str) -> Any:
        raise Problem(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer."""

    status: int = 200
    json: Any = None
    """Anything that JSON can hold; None sends no body, unless `body` does."""
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        """Give what is sent behind the headers."""
        if self.body is not None:
            return self.body
        return b"" if self.json is None else json.dumps(self.json).encode()

    def etag(self, asked_as: Sequence[str] = ()) -> str:
        """Give the tag that a later request may ask with whether anything is new.

        Args:
            asked_as: What of the request the answer differs by.
        """
        asked = hashlib.sha256("\0".join(asked_as).encode())
        asked.update(self.content())
        return f'W/"{asked.hexdigest()}"'


NO_CONTENT = Answer(status=204)


class Problem(Exception):  # noqa: N818 - an answer that ends a request, not a fault of the program
    """A request that ends in an error, with GitHub's words for it."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.answer = Answer(
            status=status,
            json={
                "message": message,
                "documentation_url": "https://docs.github.com/rest",
                "status": str(status),
                **more,
            },
        )


def invalid(resource: str, field_name: str, message: str = "is invalid") -> Problem:
    """Give the answer to a request whose content GitHub refuses: a `validation-error`."""
    about = {"resource": resource, "field": field_name, "code": "custom", "message": message}
    return Problem(422, "Validation Failed", errors=[about])


def not_found() -> Problem:
    """Give the answer to whatever does not exist or must not be known to."""
    return Problem(404, "Not Found")


_LONGEST_NUMBER = 18
"""Digits; GitHub's ids are signed integers of 64 bits."""


def number_in(text: str) -> int:
    """Give a number that a path names.

    Raises:
        Problem: it is none, as whatever GitHub has no operation for.
    """
    if not _is_number(text):
        raise not_found()
    return int(text)


def page_number(request: Request) -> int:
    """Give the page that a request asks for, counted from 1."""
    return _asked(request, "page", 1)


def page(request: Request, items: Sequence[Any], *, key: str | None = None) -> Answer:
    """Give the page of a list that a request asks for, with links to the others.

    Args:
        request: Which may carry `page` and `per_page` (30 by default, 100 at most); what is no
            number of a page is taken for the default, as GitHub does.
        items: All of it.
        key: Where the list is wrapped: the name that it has beside `total_count`.
    """
    size, at = _size(request), page_number(request)
    shown = items[(at - 1) * size : at * size]
    last = max(1, -(-len(items) // size))
    links: dict[str, int] = {}
    if at > 1:
        links |= {"prev": at - 1, "first": 1}
    if at < last:
        links |= {"next": at + 1, "last": last}
    headers = {"Link": _links(request, links, "page")} if links else {}
    listed = list(shown)
    json_ = listed if key is None else {"total_count": len(items), key: listed}
    return Answer(json=json_, headers=headers)


def cursor_page(request: Request, items: Sequence[Any]) -> Answer:
    """Give a page of a list that is walked by `after`, whose value is opaque to the client.

    Raises:
        Problem: such a value was never given.
    """
    size, start = _size(request), cursor(request.query.get("after", "c0"))
    if start is None:
        raise invalid("Cursor", "after")
    links = {"next": f"c{start + size}"} if start + size < len(items) else {}
    headers = {"Link": _links(request, links, "after")} if links else {}
    return Answer(json=list(items[start : start + size]), headers=headers)


def cursor(text: str) -> int | None:
    """Give how many items come before what a cursor points at; None where it is none."""
    place = text.removeprefix("c")
    return int(place) if text.startswith("c") and _is_number(place) else None


def _size(request: Request) -> int:
    return min(100, _asked(request, "per_page", 30))


def _asked(request: Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return (int(text) if _is_number(text) else 0) or default


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER


def _links(request: Request, links: Mapping[str, Any], name: str) -> str:
    parts = []
    for relation, value in links.items():
        query = urlencode({**request.query, name: value})
        parts.append(f'<{request.base}{request.path}?{query}>; rel="{relation}"')
    return ", ".join(parts)


def parse_query(text: str) -> dict[str, str]:
    """Give the parameters of a query."""
    return dict(parse_qsl(text, keep_blank_values=True))
