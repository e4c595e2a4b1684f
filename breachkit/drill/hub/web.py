"""Everything beside REST on the stand-in's port: web pages, raw files, archives, git, and support.

A page of a commit that was once looked at stays in the platform's memory: it is shown on after the
objects are gone, until support clears it.
"""

import html
import io
import zipfile

from breachkit.drill.hub import commits, gitstore, gitweb, objects, support
from breachkit.drill.hub.answers import Answer, Problem, number_in
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import Repository
from breachkit.git.process import run_git


router = Router()

_ON_NO_BRANCH = (
    "This commit does not belong to any branch on this repository, "
    "and may belong to a fork outside of the repository."
)
_KINDS = {"tar.gz": "application/x-gzip", "zip": "application/zip"}


def beside(call: Call) -> Answer:
    """Answer whatever is no REST."""
    if gitweb.serves(call.request.path):
        return gitweb.serve(call)
    match = router.find(
        "GET" if call.request.method == "HEAD" else call.request.method, call.request.path
    )
    if match is None:
        return _page(404, "Not Found")
    route, values = match
    try:
        return route.handler(call, **values)
    except Problem as problem:
        return _page(problem.answer.status, "Not Found")


@router.on("POST", "/__admin/support")
def ask_support(call: Call) -> Answer:
    """Let support act on a request."""
    wanted = call.request.json()
    owner, _, name = wanted["repository"].partition("/")
    found = call.hub.repository(owner, name)
    if found is None:
        raise Problem(404, "Not Found")
    done = support.act(call.hub, found, wanted["ids"], pulls=wanted.get("pulls"))
    return Answer(
        json={"removed": list(done.removed), "refused": done.refused, "left": list(done.left)},
        headers={"Content-Type": "application/json"},
    )


@router.on("GET", "/logs/{run_id}.zip")
def logs(call: Call, *, run_id: str) -> Answer:
    """Give the logs of a run, under the address that REST gave."""
    kept = (one.runs.get(number_in(run_id)) for one in call.hub.repositories.values())
    run = next((one for one in kept if one is not None), None)
    if run is None or not run["has_logs"]:
        return _page(404, "Not Found")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("tests/1_checkout.txt", f"HEAD is now at {run['head_sha']}\n")
    return Answer(body=content.getvalue(), headers={"Content-Type": "application/zip"})


@router.on("GET", "/raw/{owner}/{name}/{sha}/{path...}")
def raw(call: Call, *, owner: str, name: str, sha: str, path: str) -> Answer:
    """Give a file of a commit, as raw.githubusercontent.com does."""
    content = _file(call, owner, name, sha, path)
    return Answer(body=content, headers={"Content-Type": "text/plain; charset=utf-8"})


@router.on("GET", "/{owner}/{name}")
def front(call: Call, *, owner: str, name: str) -> Answer:
    """Show a repository."""
    found = _found(call, owner, name)
    if found.full_name.lower() != f"{owner}/{name}".lower():
        address = f"{call.request.base}/{found.full_name}"
        return Answer(status=301, body=b"", headers={"Location": address})
    return _page(200, found.full_name)


@router.on("GET", "/{owner}/{name}/commit/{sha}")
def commit(call: Call, *, owner: str, name: str, sha: str) -> Answer:
    """Show a commit, as a page or as a patch, from memory where it is gone."""
    found = _found(call, owner, name)
    bare, dot, form = sha.partition(".")
    oid = gitstore.resolve(found, bare)
    if oid is None or not commits.is_commit(found, oid):
        cached = next((one for one in sorted(found.cached_views) if _is_view(one, sha)), None)
        return _page(404, "Not Found") if cached is None else _page(200, cached, _ON_NO_BRANCH)
    if dot:
        found.cached_views.add(f"{oid}.{form}")
        shown = ["diff-tree", "-p", "--root", "--no-commit-id", oid]
        body = run_git(shown, git_dir=found.git_dir).stdout
        return Answer(body=body, headers={"Content-Type": "text/plain; charset=utf-8"})
    found.cached_views.add(oid)
    tips = [tip for ref, tip in gitstore.refs(found).items() if not ref.startswith("refs/pull/")]
    held = any(gitstore.is_ancestor(found, oid, tip) for tip in tips)
    return _page(200, oid, "" if held else _ON_NO_BRANCH)


def _is_view(cached: str, sha: str) -> bool:
    """Say whether a page in memory is what an address means, whose id may be abbreviated."""
    one, _, form = cached.partition(".")
    bare, _, wanted = sha.partition(".")
    return one.startswith(bare) and form == wanted and ":" not in cached


@router.on("GET", "/{owner}/{name}/blob/{sha}/{path...}")
def blob(call: Call, *, owner: str, name: str, sha: str, path: str) -> Answer:
    """Show a file of a commit, from memory where it is gone."""
    found = _found(call, owner, name)
    try:
        content = _file(call, owner, name, sha, path)
    except Problem:
        if f"{sha}:{path}" not in found.cached_views:
            raise
        return _page(200, path, _ON_NO_BRANCH)
    found.cached_views.add(f"{sha}:{path}")
    return _page(200, path, content.decode("utf-8", "replace"))


@router.on("GET", "/{owner}/{name}/raw/{sha}/{path...}")
def raw_of_web(call: Call, *, owner: str, name: str, sha: str, path: str) -> Answer:
    """Say where a file itself is."""
    found = _found(call, owner, name)
    address = f"{call.request.base}/raw/{found.full_name}/{sha}/{path}"
    return Answer(status=302, body=b"", headers={"Location": address})


@router.on("GET", "/{owner}/{name}/legacy.{kind}/{ref...}")
def archive(call: Call, *, owner: str, name: str, kind: str, ref: str) -> Answer:
    """Give a commit's files as an archive, as codeload.github.com does."""
    found = call.hub.repository(owner, name)
    if found is None or call.request.query.get("token") != objects.archive_token(found, ref):
        found = _found(call, owner, name)
    oid = gitstore.resolve(found, ref)
    if oid is None or kind not in _KINDS:
        return _page(404, "Not Found")
    prefix = f"--prefix={found.owner.login}-{found.name}-{oid[:7]}/"
    command = ["archive", f"--format={kind}", prefix, oid]
    content = run_git(command, git_dir=found.git_dir).stdout
    return Answer(body=content, headers={"Content-Type": _KINDS[kind]})


@router.on("GET", "/{owner}/{name}/archive/{ref...}")
def archive_of_web(call: Call, *, owner: str, name: str, ref: str) -> Answer:
    """Say where an archive is, under the address that web pages show."""
    found = _found(call, owner, name)
    kind = "zip" if ref.endswith(".zip") else "tar.gz"
    rest = ref.removesuffix(f".{kind}")
    address = f"{call.request.base}/{found.full_name}/legacy.{kind}/{rest}"
    return Answer(status=302, body=b"", headers={"Location": address})


def _found(call: Call, owner: str, name: str) -> Repository:
    found = call.hub.repository(owner, name) or call.hub.formerly(owner, name)
    if found is None or not call.may_see(found):
        raise Problem(404, "Not Found")
    return found


def _file(call: Call, owner: str, name: str, sha: str, path: str) -> bytes:
    found = _found(call, owner, name)
    oid = gitstore.resolve(found, f"{sha}:{path}")
    held = None if oid is None else gitstore.read(found, oid)
    if held is None or held[0] != "blob":
        raise Problem(404, "Not Found")
    return held[1]


def _page(status: int, title: str, text: str = "") -> Answer:
    shown = "<!DOCTYPE html><html><head><title>{}</title></head><body><p>{}</p></body></html>"
    body = shown.format(html.escape(title), html.escape(text)).encode()
    return Answer(status=status, body=body, headers={"Content-Type": "text/html; charset=utf-8"})
