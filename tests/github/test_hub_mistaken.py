"""What the stand-in says to requests that make no sense: a 4xx, as GitHub does, and never nothing."""

import re
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from breachkit.drill.archives import WAYBACK, ArchiveServer, Taken
from breachkit.drill.hub import operations
from breachkit.drill.hub.answers import Answer, Request
from breachkit.drill.hub.routing import Route
from breachkit.drill.hub.server import API, HubServer
from tests.support.hubs import small_hub
from tests.support.worlds import Small


NO_NUMBERS = ("abc", "1.5", "-1", "0", "٣", "9" * 5000)
ROUTES = [route for router in operations.ROUTERS for route in router.routes]
KNOWN = {"owner": "example-org", "org": "example-org", "repo": "study", "username": "ada"}


class Asking:
    """Somebody who asks a hub, with everything that an administrator may."""

    def __init__(self, server: HubServer, small: Small) -> None:
        self.server = server
        self._headers = {"authorization": f"Bearer {small.token}"}

    def __call__(
        self, method: str, path: str, query: Mapping[str, str] | None = None, *, body: bytes = b""
    ) -> Answer:
        request = Request(
            method=method,
            path=API + path,
            query=query or {},
            headers=self._headers,
            body=body,
            base=self.server.base,
        )
        answer = self.server.answer(request)
        assert answer is not None
        return answer


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Asking]:
    small = small_hub(tmp_path)
    with small.world.serve() as server:
        yield Asking(server, small)


def path_of(route: Route, anything: str) -> str:
    return re.sub(
        r"\{(\w+)(?:\.\.\.)?\}",
        lambda name: quote(KNOWN.get(name[1], anything), safe=""),
        route.template,
    )


def numbered() -> list[Route]:
    return [route for route in ROUTES if re.search(r"(_id|_number)\}", route.template)]


def test_an_id_that_is_no_number_names_nothing(ask: Asking) -> None:
    found = {
        (route.method, route.template, wrong[:9]): ask(route.method, path_of(route, wrong)).status
        for route in numbered()
        for wrong in NO_NUMBERS
    }

    assert len(found) > 20 * len(NO_NUMBERS)
    assert {asked: status for asked, status in found.items() if status != 404} == {}


def test_a_number_that_names_something_is_found(ask: Asking) -> None:
    study = ask("GET", "/repos/example-org/study").json

    assert ask("GET", f"/repositories/{study['id']}").json == study
    assert ask("GET", "/repositories/abc/forks").status == 404


@pytest.mark.parametrize("name", ["page", "per_page"])
def test_a_page_that_is_no_number_is_the_one_that_comes_without(ask: Asking, name: str) -> None:
    lists = [
        path
        for route in ROUTES
        if route.method == "GET"
        and isinstance(ask("GET", path := path_of(route, "main")).json, list)
    ]

    assert len(lists) > 20
    for path in lists:
        plain = ask("GET", path)
        for wrong in NO_NUMBERS:
            answer = ask("GET", path, {name: wrong})
            assert (answer.status, answer.json) == (plain.status, plain.json), path


def test_a_page_that_is_a_number_is_another_one(ask: Asking) -> None:
    stars = "/repos/example-org/study/stargazers"
    everybody = ask("GET", stars).json

    assert len(everybody) > 1
    assert ask("GET", stars, {"per_page": "1", "page": "2"}).json == everybody[1:2]
    assert ask("GET", stars, {"page": "401"}).status == 422


def test_a_cursor_that_nobody_was_given_is_refused(ask: Asking) -> None:
    activity = "/repos/example-org/study/activity"

    assert ask("GET", activity, {"after": "c0"}).status == 200
    assert ask("GET", activity, {"after": "abc"}).status == 422
    document = '{ repository(owner: "example-org", name: "study") { branchProtectionRules(first: 1, after: "abc") { totalCount } } }'
    (error,) = ask(
        "POST", "/graphql", body=b'{"query": "%s"}' % document.replace('"', '\\"').encode()
    ).json["errors"]
    assert error["type"] == "INVALID_CURSOR_ARGUMENTS"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 100_000, 400),
        (b"[]", 400),
        (b"{}", 422),
        (b"", 422),
        (b'{"title": "of mine", "key": "ssh-ed25519 AAAA"}', 201),
    ],
)
def test_a_body_that_cannot_be_read_or_lacks_something_is_refused(
    ask: Asking, body: bytes, status: int
) -> None:
    assert ask("POST", "/repos/example-org/study/keys", body=body).status == status


@pytest.mark.parametrize("head", ["Content-Length: abc", "Transfer-Encoding: chunked"])
def test_a_length_that_is_none_is_answered_and_no_traceback_is_shown(
    ask: Asking, capfd: pytest.CaptureFixture[str], head: str
) -> None:
    host, _, port = ask.server.host.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(f"POST {API}/graphql HTTP/1.1\r\n{head}\r\n\r\nxyz\r\n".encode())
        answer = line.recv(4096)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("body", [b"zzzz", b"\x1f\x8bno"])
def test_what_no_push_begins_with_is_refused(ask: Asking, body: bytes) -> None:
    request = Request(
        method="POST",
        path="/example-org/study.git/git-receive-pack",
        query={},
        headers={**ask._headers, "content-encoding": "gzip" if body[:1] == b"\x1f" else ""},
        body=body,
        base=ask.server.base,
    )
    answer = ask.server.answer(request)

    assert answer is not None
    assert answer.status == 400


@pytest.mark.parametrize("name", ["resumeKey", "limit"])
def test_an_archive_refuses_a_place_in_its_index_that_is_no_number(name: str) -> None:
    def asked(value: str) -> int:
        query = {"url": "example.com", name: value}
        taken = Taken(archive=WAYBACK, path="/cdx/search/cdx", query=query, body=None)
        return archives.answer(taken).status

    with ArchiveServer() as archives:
        assert (asked("1"), asked("abc")) == (200, 400)
