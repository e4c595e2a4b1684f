"""Stand-ins for public archives on 127.0.0.1: Software Heritage, the Wayback Machine, Zenodo.

    with ArchiveServer() as archives:
        archives.origins["https://github.com/owner/name"] = "2024-05-01"
        archives.base("heritage")     # what BREACHKIT_SOFTWARE_HERITAGE is set to

They answer as the archives document it: an unknown origin by 404 with `NotFoundExc`, objects by `known`
flags, the index of captures by the beginning of an address with a key to go on with.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from breachkit.actions.archives import CONTROL
from breachkit.drill.local_server import LocalServer


HERITAGE, WAYBACK, ZENODO = "heritage", "wayback", "zenodo"
_GET, _VISIT = "/get/", "/visit/latest/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One answer of a stand-in."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One request that a stand-in got."""

    archive: str
    path: str
    """Unquoted, without the query."""
    query: dict[str, str]
    body: Any
    """Parsed JSON; None where nothing was posted."""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """Names in lower case."""


Fault = Callable[[Taken], Given | None]


class ArchiveServer(LocalServer):
    """Serves all three, under one host and port, while it is entered.

    Attributes:
        origins: Addresses that Software Heritage has, each with the day of its last visit.
        objects: What it has of objects, such as `swh:1:cnt:` and a hash.
        captures: Time (14 digits) and address of every capture of the Wayback Machine.
        excluded: Beginnings of addresses that it does not show.
        records: Metadata of Zenodo's records.
        badges: Number of a repository to its DOI.
        fault: What happens instead of an answer; None from it lets the answer through.
        taken: Every request so far.

    Args:
        port: Where to listen; 0 for any that is free.
    """

    def __init__(self, port: int = 0) -> None:
        self.origins: dict[str, str] = {}
        self.objects: set[str] = {CONTROL}
        self.captures: list[tuple[str, str]] = [("20200101000000", "https://example.com/")]
        self.excluded: set[str] = set()
        self.records: list[dict[str, Any]] = [{"title": "Some software"}]
        self.badges: dict[str, str] = {}
        self.fault: Fault = lambda _taken: None
        self.taken: list[Taken] = []
        super().__init__(_handler(self), port)

    def base(self, archive: str) -> str:
        """Give the address under which one of them is reached."""
        return f"http://{self.host}/{archive}"

    def answer(self, taken: Taken) -> Given:
        """Answer one request."""
        self.taken.append(taken)
        given = self.fault(taken)
        if given is not None:
            return given
        match taken.archive:
            case "heritage":
                return self._heritage(taken)
            case "wayback":
                return self._wayback(taken)
            case "zenodo":
                return self._zenodo(taken)
            case _:
                return Given(status=404)

    def _heritage(self, taken: Taken) -> Given:
        if taken.path == "/api/1/known/":
            return _json({each: {"known": each in self.objects} for each in taken.body})
        asked = taken.path.removeprefix("/api/1/origin/")
        for ending in (_GET, _VISIT):
            origin = asked.removesuffix(ending)
            if asked.endswith(ending) and origin in self.origins:
                return _json({"url": origin, "date": f"{self.origins[origin]}T00:00:00+00:00"})
        said = {"exception": "NotFoundExc", "reason": f"Origin with url {asked} not found!"}
        return _json(said, status=404)

    def _wayback(self, taken: Taken) -> Given:
        wanted, query = taken.query.get("url", "").lower(), taken.query
        if any(wanted.startswith(each) for each in self.excluded):
            why = "org.archive.util.io.RuntimeIOException: AdministrativeAccessControlException"
            return Given(status=403, body=why.encode())
        found = sorted((when, url) for when, url in self.captures if _bare(url).startswith(wanted))
        try:
            start = int(query.get("resumeKey", "0"))
            end = start + int(query.get("limit", "150000"))
        except ValueError:
            return Given(status=400)
        rows: list[list[str]] = [list(each) for each in found[start:end]]
        if rows and end < len(found):
            rows += [[], [str(end)]]
        return _json([["timestamp", "original"], *rows] if rows else [])

    def _zenodo(self, taken: Taken) -> Given:
        number = taken.path.removeprefix("/badge/latestdoi/")
        if number in self.badges:
            to = f"https://doi.org/{self.badges[number]}"
            return Given(status=302, headers={"Location": to})
        if taken.path != "/api/records":
            return Given(status=404)
        words = taken.query.get("q", "").strip('"').lower()
        hits = [{"metadata": each} for each in self.records if words in json.dumps(each).lower()]
        return _json({"hits": {"hits": hits, "total": len(hits)}})


def _bare(url: str) -> str:
    return url.partition("://")[2].lower()


def _json(data: Any, *, status: int = 200) -> Given:
    return Given(status=status, body=json.dumps(data).encode())


def _handler(server: ArchiveServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            parts = urlsplit(self.path)
            archive, _, path = parts.path.removeprefix("/").partition("/")
            size = int(self.headers.get("Content-Length") or 0)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            body = json.loads(self.rfile.read(size)) if size else None
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken = Taken(
                archive=archive,
                path=f"/{unquote(path)}",
                query=query,
                body=body,
                headers=headers,
            )
            given = server.answer(taken)
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.body)))
            self.end_headers()
            self.wfile.write(given.body)

        do_GET = do_POST = _answer  # noqa: N815 - names the library asks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Keep quiet: `ArchiveServer.taken` has it all."""

    return Handler
