"""Git objects by REST: commits, blobs, trees, tags, refs, comparisons, and what holds a commit.

Everything comes from the network's store, as git serves it, so that the two cannot disagree: an id
that only a fork holds is answered through the parent as well.
"""

import base64
import hashlib
import re
from typing import Any

from breachkit.drill.hub import access, commits, gitstore, shapes
from breachkit.drill.hub.answers import Answer, Problem, not_found, page
from breachkit.drill.hub.protected import rule_of
from breachkit.drill.hub.pulls import simple, source
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository
from breachkit.git.process import run_git


router = Router()

_FULL_ID = re.compile("[0-9a-f]{40}")
_REPO = "/repos/{owner}/{repo}"


@router.on("GET", _REPO + "/git/commits/{commit_sha}")
def git_commit(call: Call, *, owner: str, repo: str, commit_sha: str) -> Answer:
    """Give a commit by its id."""
    found = access.find(call, owner, repo)
    return Answer(json=commits.git_commit(call, found, *_object(found, commit_sha, "commit")))


@router.on("GET", _REPO + "/git/blobs/{file_sha}")
def git_blob(call: Call, *, owner: str, repo: str, file_sha: str) -> Answer:
    """Give the content of a file by its id."""
    found = access.find(call, owner, repo)
    oid, content = _object(found, file_sha, "blob")
    return Answer(
        json={
            "sha": oid,
            "node_id": f"B_{oid}",
            "size": len(content),
            "url": f"{_address(call, found)}/git/blobs/{oid}",
            "content": base64.encodebytes(content).decode(),
            "encoding": "base64",
        }
    )


@router.on("GET", _REPO + "/git/trees/{tree_sha}")
def git_tree(call: Call, *, owner: str, repo: str, tree_sha: str) -> Answer:
    """Give a folder by its id, or by a commit or branch."""
    found = access.find(call, owner, repo)
    oid = gitstore.resolve(found, tree_sha)
    if oid is None:
        raise not_found()
    deep = ["-r", "-t"] if call.request.query.get("recursive") else []
    said = run_git(["ls-tree", "-z", "--long", *deep, oid], git_dir=found.git_dir, check=False)
    if said.code:
        raise not_found()
    lines = said.stdout.decode("utf-8", "replace").split("\0")
    entries = [_entry(call, found, line) for line in lines if line]
    url = f"{_address(call, found)}/git/trees/{oid}"
    return Answer(json={"sha": oid, "url": url, "tree": entries, "truncated": False})


@router.on("GET", _REPO + "/git/tags/{tag_sha}")
def git_tag(call: Call, *, owner: str, repo: str, tag_sha: str) -> Answer:
    """Give an annotated tag by its id."""
    found = access.find(call, owner, repo)
    return Answer(json=commits.git_tag(call, found, *_object(found, tag_sha, "tag")))


@router.on("GET", _REPO + "/git/ref/{ref...}")
def git_ref(call: Call, *, owner: str, repo: str, ref: str) -> Answer:
    """Give one ref."""
    found = access.find(call, owner, repo)
    oid = gitstore.refs(found, f"refs/{ref}").get(f"refs/{ref}")
    if oid is None:
        raise not_found()
    return Answer(json=_ref(call, found, f"refs/{ref}", oid))


@router.on("GET", _REPO + "/git/matching-refs/{ref...}")
def matching_refs(call: Call, *, owner: str, repo: str, ref: str) -> Answer:
    """Give every ref whose name begins so."""
    return _matching(call, access.find(call, owner, repo), ref)


@router.on("GET", _REPO + "/git/matching-refs/")
def all_refs(call: Call, *, owner: str, repo: str) -> Answer:
    """Give every ref of any kind."""
    return _matching(call, access.find(call, owner, repo), "")


@router.on("GET", _REPO + "/commits")
def list_commits(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the commits of a branch, newest first; 409 where there is none at all."""
    found = access.find(call, owner, repo)
    oid = gitstore.resolve(found, call.request.query.get("sha", "HEAD"))
    if oid is None:
        raise Problem(409, "Git Repository is empty.")
    listed = run_git(["rev-list", "--max-count=300", oid], git_dir=found.git_dir).stdout.decode()
    answer = page(call.request, listed.split())
    shown = [commits.commit(call, found, one) for one in answer.json]
    return Answer(json=shown, headers=answer.headers)


@router.on("GET", _REPO + "/commits/{commit_sha}/branches-where-head")
def branches_where_head(call: Call, *, owner: str, repo: str, commit_sha: str) -> Answer:
    """Give the branches that end in a commit."""
    found = access.find(call, owner, repo)
    oid = _commit(found, commit_sha)
    listed = [
        {
            "name": name,
            "commit": {"sha": oid, "url": f"{_address(call, found)}/commits/{oid}"},
            "protected": rule_of(found, name) is not None,
        }
        for name, tip in gitstore.branches(found).items()
        if tip == oid
    ]
    return Answer(json=listed)


@router.on("GET", _REPO + "/commits/{commit_sha}/pulls")
def pulls_of_commit(call: Call, *, owner: str, repo: str, commit_sha: str) -> Answer:
    """Give the pull requests that a commit is part of."""
    found = access.find(call, owner, repo)
    oid = _commit(found, commit_sha)
    kept = [pull for pull in found.pulls.values() if gitstore.is_ancestor(found, oid, pull.head)]
    return page(call.request, [simple(call, found, pull) for pull in kept])


@router.on("GET", _REPO + "/commits/{ref...}")
def show_commit(call: Call, *, owner: str, repo: str, ref: str) -> Answer:
    """Give a commit by id, abbreviated id, branch or tag, with the files it changes."""
    found = access.find(call, owner, repo)
    return Answer(json=commits.commit(call, found, _commit(found, ref), files=True))


@router.on("GET", _REPO + "/contents/{path...}")
def contents(call: Call, *, owner: str, repo: str, path: str) -> Answer:
    """Give a file, or list a folder, as it is in a commit or at the end of a branch."""
    found = access.find(call, owner, repo)
    ref = call.request.query.get("ref", found.default_branch)
    oid = gitstore.resolve(found, ref)
    if oid is None:
        raise Problem(404, f"No commit found for the ref {ref}")
    held = gitstore.resolve(found, f"{oid}:{path.strip('/')}")
    content = None if held is None else gitstore.read(found, held)
    if held is None or content is None:
        raise not_found()
    if content[0] == "blob":
        body = base64.encodebytes(content[1]).decode()
        shown = _content(call, found, ref, (path, held, len(content[1])))
        return Answer(json={**shown, "encoding": "base64", "content": body})
    said = run_git(["ls-tree", "-z", "--long", held], git_dir=found.git_dir).stdout
    lines = filter(None, said.decode("utf-8", "replace").split("\0"))
    return Answer(json=[_listed(call, found, ref, path, line) for line in lines])


@router.on("GET", _REPO + "/compare/{basehead...}")
def compare(call: Call, *, owner: str, repo: str, basehead: str) -> Answer:
    """Compare two commits, also of different forks."""
    found = access.find(call, owner, repo)
    base, dots, head = basehead.partition("...")
    ends = [_end(call, found, end) for end in (base, head)]
    if not dots or None in ends:
        raise not_found()
    common = ["merge-base", str(ends[0]), str(ends[1])]
    if run_git(common, git_dir=found.git_dir, check=False).code:
        raise Problem(404, f"No common ancestor between {base} and {head}.")
    return Answer(json=commits.comparison(call, found, str(ends[0]), str(ends[1])))


@router.on("GET", _REPO + "/tarball/{ref...}")
def tarball(call: Call, *, owner: str, repo: str, ref: str) -> Answer:
    """Say where the archive of a commit is."""
    return _archive(call, access.find(call, owner, repo), "tar.gz", ref)


@router.on("GET", _REPO + "/zipball/{ref...}")
def zipball(call: Call, *, owner: str, repo: str, ref: str) -> Answer:
    """Say where the archive of a commit is."""
    return _archive(call, access.find(call, owner, repo), "zip", ref)


def _archive(call: Call, found: Repository, kind: str, ref: str) -> Answer:
    if gitstore.resolve(found, ref) is None:
        raise not_found()
    full = f"refs/heads/{ref}" if ref in gitstore.branches(found) else ref
    address = f"{call.request.base}/{found.full_name}/legacy.{kind}/{full}"
    if found.visibility != "public":
        address += f"?token={archive_token(found, full)}"
    return Answer(status=302, body=b"", headers={"Location": address})


def archive_token(found: Repository, ref: str) -> str:
    """Give what lets anybody who was told the address of a private archive have it."""
    return hashlib.sha256(f"{found.id} {ref}".encode()).hexdigest()[:29].upper()


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"


def _object(found: Repository, oid: str, kind: str) -> tuple[str, bytes]:
    """Give a full id with the content of its object, which must be of a kind."""
    held = gitstore.read(found, oid) if _FULL_ID.fullmatch(oid) else None
    if held is None or held[0] != kind:
        raise not_found()
    return oid, held[1]


def _commit(found: Repository, name: str) -> str:
    if not gitstore.refs(found):
        raise Problem(409, "Git Repository is empty.")
    oid = gitstore.resolve(found, name)
    if oid is None or not commits.is_commit(found, oid):
        raise Problem(422, f"No commit found for SHA: {name}")
    return oid


def _end(call: Call, found: Repository, end: str) -> str | None:
    """Give the commit that one end of a comparison names: `sha`, `branch` or `owner:branch`."""
    login, _, name = end.rpartition(":")
    held = source(call, found, login)
    return None if held is None else gitstore.resolve(held, name)


def _entry(call: Call, found: Repository, line: str) -> dict[str, Any]:
    about, _, path = line.partition("\t")
    mode, kind, oid, size = about.split()
    rest = "trees" if kind == "tree" else "blobs"
    entry: dict[str, Any] = {"path": path, "mode": mode, "type": kind, "sha": oid}
    entry["url"] = f"{_address(call, found)}/git/{rest}/{oid}"
    return entry | ({"size": int(size)} if size != "-" else {})


def _content(
    call: Call, found: Repository, ref: str, about: tuple[str, str, int | None]
) -> dict[str, Any]:
    """Give a `content-file`, or an entry of a `content-directory`, which has no size for folders."""
    path, oid, size = about
    address, web = _address(call, found), f"{call.request.base}/{found.full_name}"
    kind, page = ("dir", "tree") if size is None else ("file", "blob")
    git = f"{address}/git/{'trees' if size is None else 'blobs'}/{oid}"
    links = {
        "self": f"{address}/contents/{path}?ref={ref}",
        "git": git,
        "html": f"{web}/{page}/{ref}/{path}",
    }
    raw = None if size is None else f"{call.request.base}/raw/{found.full_name}/{ref}/{path}"
    return {
        "type": kind,
        "size": size or 0,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": oid,
        "url": links["self"],
        "git_url": git,
        "html_url": links["html"],
        "download_url": raw,
        "_links": links,
    }


def _listed(call: Call, found: Repository, ref: str, folder: str, line: str) -> dict[str, Any]:
    about, _, name = line.partition("\t")
    _, _, oid, size = about.split()
    path = f"{folder.strip('/')}/{name}"
    return _content(call, found, ref, (path, oid, None if size == "-" else int(size)))


def _ref(call: Call, found: Repository, ref: str, oid: str) -> dict[str, Any]:
    held = gitstore.read(found, oid)
    kind = held[0] if held else "commit"
    address = _address(call, found)
    return {
        "ref": ref,
        "node_id": shapes.node_id("REF", found.id),
        "url": f"{address}/git/{ref}",
        "object": {"type": kind, "sha": oid, "url": f"{address}/git/{kind}s/{oid}"},
    }


def _matching(call: Call, found: Repository, beginning: str) -> Answer:
    listed = gitstore.refs(found)
    kept = {ref: oid for ref, oid in listed.items() if ref.startswith(f"refs/{beginning}")}
    return Answer(json=[_ref(call, found, ref, oid) for ref, oid in kept.items()])
