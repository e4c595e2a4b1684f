"""Git over HTTP, by git's own `http-backend`: who may read and push what, and what a push leaves behind.

Each ref of a push is judged for itself, in a hook of git's that knows from here what to refuse; the
words reach whoever pushes as `remote: error: GH006: ...` before `[remote rejected]`.
"""

import gzip
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from breachkit.drill.hub import gitstore, pushes
from breachkit.drill.hub.answers import Answer, Problem
from breachkit.drill.hub.pushrules import Change, file_rules, refuses
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import ROLES, Repository
from breachkit.git.process import run_git


_UPLOAD, _RECEIVE = "git-upload-pack", "git-receive-pack"
_SERVICES = ("info/refs", _UPLOAD, _RECEIVE)
_NOTHING = "0" * 40
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="GitHub"'}

_UPDATE = """#!/bin/sh
# $1 ref, $2 old, $3 new: refused where the verdicts say so
while read -r when ref text; do
    [ "$ref" = "$1" ] || continue
    case "$when" in
    files:*) git log --format= --name-only "$3" --not --all 2>/dev/null | grep -qE "${when#files:}" || continue ;;
    esac
    if [ "$when" = forced ] && git merge-base --is-ancestor "$2" "$3" 2>/dev/null; then continue; fi
    if [ "$when" = forward ] && ! git merge-base --is-ancestor "$2" "$3" 2>/dev/null; then continue; fi
    printf '%b\\n' "error: $text" >&2
    exit 1
done <"$BREACHKIT_VERDICTS"
"""
_PRE_RECEIVE = """#!/bin/sh
status=0
while read -r old new ref; do
    "$BREACHKIT_UPDATE" "$ref" "$old" "$new" || status=1
done
exit $status
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What a push wants of one ref."""

    old: str
    new: str
    ref: str


def serves(path: str) -> bool:
    """Say whether a path is one of git's."""
    return _parts(path) is not None


def serve(call: Call) -> Answer:
    """Answer a request of git."""
    parts = _parts(call.request.path)
    if parts is None:
        return _plain(404, "Not Found")
    owner, name, service = parts
    found = call.hub.repository(owner, name.removesuffix(".wiki"))
    if found is None:
        former = call.hub.formerly(owner, name)
        return _denied(call) if former is None else _moved(call, former, service)
    if not call.may_see(found):
        return _denied(call)
    git_dir = _directory(found, name)
    if git_dir is None:
        return _denied(call)
    if _is_push(call, service):
        return _pushed(call, found, git_dir, service)
    return _run(call, git_dir, service, {})


def _parts(path: str) -> tuple[str, str, str] | None:
    for service in _SERVICES:
        before = path.removesuffix(f"/{service}")
        owner, _, name = before.removeprefix("/").partition("/")
        if before != path and name and "/" not in name:
            return owner, name.removesuffix(".git"), service
    return None


def _directory(found: Repository, name: str) -> Path | None:
    if not name.endswith(".wiki"):
        return found.git_dir
    return found.wiki if found.has_wiki else None


def _is_push(call: Call, service: str) -> bool:
    return service == _RECEIVE or call.request.query.get("service") == _RECEIVE


def _plain(status: int, text: str, headers: Mapping[str, str] | None = None) -> Answer:
    kind = {"Content-Type": "text/plain; charset=utf-8"}
    return Answer(status=status, body=f"{text}\n".encode(), headers={**kind, **(headers or {})})


def _denied(call: Call) -> Answer:
    """Answer for what is not there or must not be known to: strangers may try to log in."""
    if call.person is None:
        return _plain(401, "Authentication required", _CHALLENGE)
    return _plain(404, "Repository not found.")


def _moved(call: Call, found: Repository, service: str) -> Answer:
    if not call.may_see(found):
        return _denied(call)
    query = call.request.query.get("service")
    rest = f"/{service}" + (f"?service={query}" if query else "")
    return _plain(301, "Moved", {"Location": f"{call.request.base}/{found.full_name}.git{rest}"})


def _pushed(call: Call, found: Repository, git_dir: Path, service: str) -> Answer:
    if call.person is None:
        return _plain(401, "Authentication required", _CHALLENGE)
    if found.archived:
        return _plain(403, "ERROR: This repository was archived so it is read-only.")
    role = call.hub.role(call.person, found)
    writes = role is not None and (role not in ROLES or ROLES.index(role) >= ROLES.index("write"))
    if not writes or call.is_read_only:
        return _plain(403, f"Permission to {found.full_name}.git denied to {call.person.login}.")
    if service != _RECEIVE:
        return _run(call, git_dir, service, {})
    with call.hub.lock, tempfile.TemporaryDirectory() as scratch:
        return _received(call, found, git_dir, Path(scratch))


def _received(call: Call, found: Repository, git_dir: Path, scratch: Path) -> Answer:
    """Let git take a push, and write down what became of it."""
    commands = list(_commands(call.request.body, call.request.headers))
    if git_dir != found.git_dir:
        return _run(call, git_dir, _RECEIVE, {})  # a wiki keeps its own objects and has no rules
    before = gitstore.refs(found)
    verdicts = scratch / "verdicts"
    verdicts.write_text("".join(_verdicts(call, found, commands)), "utf-8")
    _install(scratch / "hooks", whole=call.hub.rejects_whole_pushes)
    settings = {
        **gitstore.writing_to(call.hub, found),
        "BREACHKIT_VERDICTS": str(verdicts),
        "BREACHKIT_UPDATE": str(scratch / "hooks" / "judge"),
    }
    answer = _run(call, git_dir, _RECEIVE, settings, hooks=scratch / "hooks")
    pushes.record(call.hub, found, call.person, before, gitstore.refs(found))
    return answer


def _install(folder: Path, *, whole: bool) -> None:
    """Write the hooks: one that judges ref by ref, or one that stops all of a push."""
    folder.mkdir()
    names = {"judge": _UPDATE, "pre-receive": _PRE_RECEIVE} if whole else {"update": _UPDATE}
    for name, script in names.items():
        (folder / name).write_text(script, "utf-8")
        (folder / name).chmod(0o700)


def _verdicts(call: Call, found: Repository, commands: list[Command]) -> Iterator[str]:
    """Give the lines that the hook reads: when a ref is refused, which, and in what words."""
    for command in commands:
        for when, change in _possible(command):
            said = refuses(call.hub, call.person, found, command.ref, change)
            if said:
                text = said.replace("\\", "\\\\").replace("\n", "\\n")
                yield f"{when} {command.ref} {text}\n"
        if command.new != _NOTHING:
            for pattern, said in file_rules(call.hub, call.person, found, command.ref):
                yield f"files:{pattern} {command.ref} {said}\n"


def _possible(command: Command) -> Iterator[tuple[str, Change]]:
    if command.new == _NOTHING:
        yield "always", Change.DELETE
    elif command.old == _NOTHING:
        yield "always", Change.CREATE
    else:
        yield "forced", Change.FORCE
        yield "forward", Change.UPDATE


def _commands(body: bytes, headers: Mapping[str, str]) -> Iterator[Command]:
    """Read what a push wants from the lines before its pack. Source: gitprotocol-pack(5).

    Raises:
        Problem: no push begins like this.
    """
    try:
        yield from _lines(gzip.decompress(body) if _is_gzip(headers) else body)
    except (ValueError, OSError, EOFError):
        raise Problem(400, "Bad Request") from None


def _is_gzip(headers: Mapping[str, str]) -> bool:
    return headers.get("content-encoding") == "gzip"


def _lines(body: bytes) -> Iterator[Command]:
    while len(body) >= 4 and (size := int(body[:4], 16)) > 4:
        line = body[4:size].partition(b"\0")[0].decode("utf-8", "surrogateescape")
        old, _, rest = line.strip().partition(" ")
        new, _, ref = rest.partition(" ")
        if ref:
            yield Command(old, new, ref)
        body = body[size:]


def _run(
    call: Call, git_dir: Path, service: str, settings: Mapping[str, str], hooks: Path | None = None
) -> Answer:
    request = call.request
    environment = {
        "GIT_PROJECT_ROOT": str(git_dir.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
        "PATH_INFO": f"/{git_dir.name}/{service}",
        "QUERY_STRING": f"service={request.query['service']}" if "service" in request.query else "",
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "REMOTE_USER": call.person.login if call.person else "",
        "REMOTE_ADDR": "127.0.0.1",
        **settings,
    }
    chosen = ["-c", f"core.hooksPath={hooks}"] if hooks else []
    command = [*chosen, "http-backend"]
    ran = run_git(command, stdin=request.body, check=False, extra_env=environment)
    return _answer(ran.stdout)


def _answer(said: bytes) -> Answer:
    """Turn the answer of a CGI program into one of HTTP."""
    head, _, content = said.partition(b"\r\n\r\n")
    pairs = (line.partition(": ") for line in head.decode().split("\r\n") if line)
    headers = {name: value for name, _, value in pairs}
    status = int(headers.pop("Status", "200" if head else "500").split()[0])
    headers.pop("Content-Length", None)
    return Answer(status=status, body=content, headers=headers)
