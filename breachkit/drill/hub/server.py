"""The stand-in's one port on 127.0.0.1: REST under `/api/v3`, git and web pages beside it.

A client is given `server.api` as its base URL and git `server.git_url("org/study")`; `server.faults`
says what goes wrong, and `server.log` what was asked.
"""

import base64
import binascii
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import urlsplit

from breachkit.drill.hub.answers import Answer, Problem, Request, not_found, number_in, parse_query
from breachkit.drill.hub.faults import Effect, Fault, Faults
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.state import Account, Hub, Repository, TokenLimits
from breachkit.drill.local_server import LocalServer


API = "/api/v3"
GRAPHQL = "/api/graphql"
"""Where GraphQL is; within, it counts as the operation `/graphql`."""
LIMIT, LIMIT_OF_STRANGERS = 5000, 60
"""Requests in an hour, with a token and without."""
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request, with who sent it."""

    hub: Hub
    request: Request
    person: Account | None
    """None for a stranger."""
    token: str | None = field(default=None, repr=False)

    @property
    def limits(self) -> TokenLimits:
        """What narrows the token; nothing for a stranger."""
        return self.hub.limits.get(self.token or "", TokenLimits())

    @property
    def is_read_only(self) -> bool:
        """Whether the token may change nothing, whatever its person may."""
        return self.limits.read_only

    def may_see(self, found: Repository) -> bool:
        """Say whether the caller, with this token, can see a repository at all."""
        only = self.limits.repositories
        if only is not None and found.id not in only and found.visibility != "public":
            return False
        return self.hub.may_see(self.person, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One line of the stand-in's log."""

    method: str
    path: str
    """Without `/api/v3` and without the query."""
    query: dict[str, str]
    template: str
    """Of the operation, as GitHub's description names it; empty where there is none."""
    body: bytes = field(repr=False)
    status: int
    answer: bytes = field(repr=False)
    login: str | None

    @property
    def is_write(self) -> bool:
        """Whether it was meant to change something."""
        return writes(self.method, self.path, self.body)


def writes(method: str, path: str, body: bytes) -> bool:
    """Say whether a request is meant to change something: what git and GraphQL only ask is sent by POST too."""
    asks = path.endswith("/git-upload-pack") or (path.endswith("/graphql") and _only_asks(body))
    return method in _WRITES and not asks


def _only_asks(body: bytes) -> bool:
    try:
        return not str(json.loads(body)["query"]).lstrip().startswith("mutation")
    except (ValueError, LookupError, TypeError):
        return False


Plain = Callable[[Call], Answer]


class HubServer(LocalServer):
    """Serves a hub while it is entered.

    Args:
        hub: The state.
        routers: The operations of REST.
        beside: What answers everything that is no REST: git, web pages, raw files.
        port: Where to listen; 0 for any that is free.
        kept: Is called after whatever may have changed the state, before that is answered.

    Raises:
        OSError: something else listens on that port.
    """

    def __init__(
        self,
        hub: Hub,
        routers: Iterable[Router],
        beside: Plain,
        *,
        port: int = 0,
        kept: Callable[[], None] = lambda: None,
    ) -> None:
        self.hub = hub
        self._kept = kept
        self.faults = Faults()
        self.log: list[Exchange] = []
        self._routers = tuple(routers)
        self._beside = beside
        self._before: Hub | None = None
        """The state before the last write, where stale reads are to come."""
        self._used: dict[str, int] = {}
        super().__init__(_handler(self), port)

    @property
    def base(self) -> str:
        """The address of web pages and git."""
        return f"http://{self.host}"

    @property
    def api(self) -> str:
        """The address of REST, for clients."""
        return self.base + API

    def git_url(self, full_name: str) -> str:
        """Give the URL that a repository is cloned from."""
        return f"{self.base}/{full_name}.git"

    @property
    def writes(self) -> list[Exchange]:
        """Every request so far that was meant to change something."""
        return [each for each in self.log if each.is_write]

    def answer(self, request: Request) -> Answer | None:
        """Answer one request, faults and log included; None where the connection just ends."""
        if request.path == GRAPHQL:
            request = replace(request, path=f"{API}/graphql")
        path = request.path
        if path.startswith(API):
            path = API + _by_name(path.removeprefix(API), self.hub)
        fault = self.faults.take(request.method, path, after_write=self._before is not None)
        if fault is not None and fault.effect is Effect.RESET:
            self._logged(request, "", Answer(status=0), self.hub)
            return None
        if fault is not None and fault.effect is Effect.ANSWER_INSTEAD:
            return self._logged(request, "", self._headed(fault.answer, request), self.hub)
        stale = fault is not None and fault.effect is Effect.STALE
        answer = self._carry_out(request, self._before if stale and self._before else self.hub)
        return answer if fault is None else _spoiled(answer, fault)

    def _carry_out(self, request: Request, hub: Hub) -> Answer:
        if not request.path.startswith(API + "/"):
            answer = self._guarded(self._beside, request, hub)
            self._kept()  # a push changes much, and a page that was looked at is remembered
            return self._logged(request, "", answer, hub)
        with self.hub.lock:
            is_write = writes(request.method, request.path, request.body)
            if is_write and self.faults.has(Effect.STALE):
                self._before = self.hub.copy()
            answer = self._rest(request, hub)
            if is_write:
                self._kept()
            return answer

    def _rest(self, request: Request, hub: Hub) -> Answer:
        path = _by_name(request.path.removeprefix(API), hub)
        method = "GET" if request.method == "HEAD" else request.method
        found = [match for router in self._routers if (match := router.find(method, path))]
        if not found:
            return self._logged(request, "", self._headed(not_found().answer, request), hub)
        route, values = max(found, key=lambda match: match[0].literal)
        answer = self._guarded(lambda call: route.handler(call, **values), request, hub)
        if method == "GET" and answer.status == 200:
            answer = _conditional(request, _linked_by_id(answer, values, hub))
        return self._logged(request, route.template, self._headed(answer, request), hub)

    def _guarded(self, handler: Plain, request: Request, hub: Hub) -> Answer:
        try:
            return handler(self.call(request, hub))
        except Problem as problem:
            return problem.answer

    def call(self, request: Request, hub: Hub) -> Call:
        """Find out who sends a request.

        Raises:
            Problem: with a token that nobody has.
        """
        token = _token(request.headers.get("authorization", ""))
        if token is None:
            return Call(hub=hub, request=request, person=None)
        if token not in hub.tokens:
            raise Problem(401, "Bad credentials")
        person = hub.accounts[hub.tokens[token]]
        return Call(hub=hub, request=request, person=person, token=token)

    def _headed(self, answer: Answer, request: Request) -> Answer:
        """Add what every answer of REST says: of limits, and of the scopes of a classic token."""
        token = _token(request.headers.get("authorization", "")) or ""
        limit = LIMIT if token in self.hub.tokens else LIMIT_OF_STRANGERS
        used = self._used.get(token, 0) + self._costs(answer, token)
        self._used[token] = used
        moment = self.hub.clock.now()
        now = int(moment.timestamp())
        scopes = self.hub.scopes.get(token)
        headers = {
            "Date": format_datetime(moment, usegmt=True),
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(max(0, limit - used)),
            "X-RateLimit-Used": str(used),
            "X-RateLimit-Reset": str(now + 3600),
            "X-RateLimit-Resource": "core",
            **({} if scopes is None else {"X-OAuth-Scopes": scopes}),
        }
        return _with(answer, {**headers, **answer.headers})

    def _costs(self, answer: Answer, token: str) -> int:
        """Say what an answer costs of the limit: nothing where nothing is new, and the caller is known."""
        return int(answer.status != 304 or token not in self.hub.tokens)

    def _logged(self, request: Request, template: str, answer: Answer, hub: Hub) -> Answer:
        token = _token(request.headers.get("authorization", ""))
        person = hub.accounts.get(hub.tokens.get(token or "", 0))
        self.log.append(
            Exchange(
                method=request.method,
                path=request.path.removeprefix(API),
                query=dict(request.query),
                template=template,
                body=request.body,
                status=answer.status,
                answer=answer.content(),
                login=person.login if person else None,
            )
        )
        return answer


def _by_name(path: str, hub: Hub) -> str:
    """Give the path with a name of one that names a repository by its id, which GitHub takes anywhere."""
    number, slash, rest = path.removeprefix("/repositories/").partition("/")
    if not slash or not path.startswith("/repositories/"):
        return path
    with contextlib.suppress(Problem):  # then it names no operation, which is answered as such
        found = hub.repositories.get(number_in(number))
        return path if found is None else f"/repos/{found.full_name}/{rest}"
    return path


def _linked_by_id(answer: Answer, values: Mapping[str, str], hub: Hub) -> Answer:
    """Let the links to other pages name the repository by its id, as GitHub's do."""
    found = hub.repository(values.get("owner", ""), values.get("repo", ""))
    if found is None or "Link" not in answer.headers:
        return answer
    named = f"{API}/repos/{values['owner']}/{values['repo']}/"
    links = answer.headers["Link"].replace(named, f"{API}/repositories/{found.id}/")
    return _with(answer, {**answer.headers, "Link": links})


def _spoiled(answer: Answer, fault: Fault) -> Answer | None:
    match fault.effect:
        case Effect.RESET_AFTER:
            return None
        case Effect.ANSWER_AFTER:
            return fault.answer
        case Effect.TRUNCATE:
            content = answer.content()
            return _with(answer, answer.headers, body=content[: len(content) // 2])
        case Effect.DELAY:
            time.sleep(fault.seconds)
            return answer
        case _:
            return answer


_VARY = ("Accept", "Authorization", "Cookie", "X-GitHub-OTP")
"""What GitHub's tags differ by: that of one token says nothing to another."""


def _conditional(request: Request, answer: Answer) -> Answer:
    """Answer 304 where the client has it already. Source: RFC 9110, 13.1.2: tags are compared weakly."""
    asked_as = [request.headers.get(name.lower(), "") for name in _VARY]
    tag = answer.etag(asked_as)
    headers = {"ETag": tag, "Vary": ", ".join(_VARY)}
    known = request.headers.get("if-none-match", "").split(",")
    if {each.strip().removeprefix("W/") for each in known} & {tag.removeprefix("W/"), "*"}:
        return Answer(status=304, headers=headers)
    return _with(answer, {**answer.headers, **headers})


def _with(answer: Answer, headers: Any, *, body: bytes | None = None) -> Answer:
    kept = answer.body if body is None else body
    return Answer(status=answer.status, json=answer.json, body=kept, headers=headers)


def _token(authorization: str) -> str | None:
    """Give the token of a header: of the API, or the password that git sends."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() in {"token", "bearer"}:
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return None


def _handler(server: HubServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # or headers and body go in two packets, and the second waits 40 ms

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            try:
                body = _body(self)
            except ValueError:  # a length that is none
                self.send_error(400)
                return
            request = Request(
                method=self.command,
                path=parts.path,
                query=parse_query(parts.query),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=body,
                base=server.base,
            )
            answer = server.answer(request)
            if answer is None:
                self.close_connection = True
                return
            content = answer.content()
            self.send_response_only(answer.status)  # for the date is that of the hub's clock
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _answer  # noqa: N815 - names the library asks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            """Keep quiet: `HubServer.log` has it all."""

    return Handler


def _body(request: BaseHTTPRequestHandler) -> bytes:
    """Read a request's body, whole or in chunks, as git sends large ones."""
    if request.headers.get("Transfer-Encoding", "").lower() == "chunked":
        pieces = []
        while size := int(request.rfile.readline().split(b";")[0], 16):
            pieces.append(request.rfile.read(size))
            request.rfile.readline()
        request.rfile.readline()
        return b"".join(pieces)
    return request.rfile.read(int(request.headers.get("Content-Length") or 0))
