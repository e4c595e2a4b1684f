"""The JSON of commits, tags and comparisons, read from the objects themselves."""

import re
from typing import Any

from breachkit.drill.hub import gitstore, shapes
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Account, Repository
from breachkit.git.process import run_git
from breachkit.model.time import from_epoch, rfc3339


JSON = dict[str, Any]

_IDENT = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<epoch>-?\d+) [+-]\d{4}")
_UNVERIFIED = {
    "verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None,
}  # fmt: skip
_STATUS = {"A": "added", "M": "modified", "D": "removed", "T": "changed"}


def is_commit(found: Repository, oid: str) -> bool:
    """Say whether an id is one of a commit that the network holds."""
    held = gitstore.read(found, oid)
    return held is not None and held[0] == "commit"


def git_commit(call: Call, found: Repository, oid: str, content: bytes) -> JSON:
    """Give a `git-commit`."""
    headers, message = _parsed(content)
    address = _address(call, found)
    return {
        "sha": oid,
        "node_id": f"C_{oid}",
        "url": f"{address}/git/commits/{oid}",
        "html_url": _page(call, found, oid),
        "author": _ident(headers["author"][0]),
        "committer": _ident(headers["committer"][0]),
        "tree": _tree(address, headers["tree"][0]),
        "message": message,
        "parents": [
            {
                "sha": parent,
                "url": f"{address}/git/commits/{parent}",
                "html_url": _page(call, found, parent),
            }
            for parent in headers.get("parent", ())
        ],
        "verification": _UNVERIFIED,
    }


def commit(call: Call, found: Repository, oid: str, *, files: bool = False) -> JSON:
    """Give a `commit`, with the files it changes where they are asked for."""
    held = gitstore.read(found, oid)
    headers, message = _parsed(held[1] if held else b"")
    address = _address(call, found)
    author, committer = (_ident(headers[name][0]) for name in ("author", "committer"))
    shown: JSON = {
        "sha": oid,
        "node_id": f"C_{oid}",
        "url": f"{address}/commits/{oid}",
        "html_url": _page(call, found, oid),
        "comments_url": f"{address}/commits/{oid}/comments",
        "commit": {
            "url": f"{address}/git/commits/{oid}",
            "author": author,
            "committer": committer,
            "message": message,
            "comment_count": 0,
            "tree": _tree(address, headers["tree"][0]),
            "verification": _UNVERIFIED,
        },
        "author": _account(call, author["email"]),
        "committer": _account(call, committer["email"]),
        "parents": [
            {
                "sha": parent,
                "url": f"{address}/commits/{parent}",
                "html_url": _page(call, found, parent),
            }
            for parent in headers.get("parent", ())
        ],
    }
    return shown | (_changes(call, found, oid) if files else {})


def git_tag(call: Call, found: Repository, oid: str, content: bytes) -> JSON:
    """Give a `git-tag`."""
    headers, message = _parsed(content)
    kind, target = headers["type"][0], headers["object"][0]
    address = _address(call, found)
    return {
        "node_id": f"T_{oid}",
        "tag": headers["tag"][0],
        "sha": oid,
        "url": f"{address}/git/tags/{oid}",
        "message": message,
        "tagger": _ident(headers["tagger"][0]),
        "object": {"sha": target, "type": kind, "url": f"{address}/git/{kind}s/{target}"},
        "verification": _UNVERIFIED,
    }


def comparison(call: Call, found: Repository, base: str, head: str) -> JSON:
    """Give a `commit-comparison`."""
    common = run_git(["merge-base", base, head], git_dir=found.git_dir, check=False)
    merge_base = common.stdout.decode().strip() or base
    ahead, behind = _between(found, merge_base, head), _between(found, merge_base, base)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    address = f"{call.request.base}/{found.full_name}/compare/{base}...{head}"
    return {
        "url": f"{_address(call, found)}/compare/{base}...{head}",
        "html_url": address,
        "permalink_url": address,
        "diff_url": f"{address}.diff",
        "patch_url": f"{address}.patch",
        "base_commit": commit(call, found, base),
        "merge_base_commit": commit(call, found, merge_base),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit(call, found, one) for one in ahead[-250:]],
        "files": _files(call, found, merge_base, head),
    }


def _between(found: Repository, base: str, head: str) -> list[str]:
    args = ["rev-list", "--reverse", f"^{base}", head]
    return run_git(args, git_dir=found.git_dir).stdout.decode().split()


def _changes(call: Call, found: Repository, oid: str) -> JSON:
    files = _files(call, found, f"{oid}^", oid)
    added = sum(file["additions"] for file in files)
    deleted = sum(file["deletions"] for file in files)
    stats = {"additions": added, "deletions": deleted, "total": added + deleted}
    return {"stats": stats, "files": files}


def _files(call: Call, found: Repository, old: str, new: str) -> list[JSON]:
    """Give what differs between two commits; everything where the first has no parent."""
    args = ["diff-tree", "-r", "-z", "--no-renames", "--raw", "--numstat", "--root"]
    ends = [old, new] if gitstore.resolve(found, old) else [new, "--no-commit-id"]
    said = run_git([*args, *ends], git_dir=found.git_dir).stdout.decode("utf-8", "replace")
    parts = [part for part in said.split("\0") if part]
    raw = {}
    while parts and parts[0].startswith(":"):
        about, path = parts.pop(0).split(), parts.pop(0)
        raw[path] = about
    counts = {path: (added, gone) for added, gone, path in (part.split("\t") for part in parts)}
    return [_file(call, found, new, path, about, counts[path]) for path, about in raw.items()]


def _file(
    call: Call, found: Repository, new: str, path: str, about: list[str], counts: tuple[str, str]
) -> JSON:
    gone = about[4] == "D"
    added, deleted = (0 if count == "-" else int(count) for count in counts)
    web = f"{call.request.base}/{found.full_name}"
    return {
        "sha": about[2] if gone else about[3],
        "filename": path,
        "status": _STATUS[about[4]],
        "additions": added,
        "deletions": deleted,
        "changes": added + deleted,
        "blob_url": f"{web}/blob/{new}/{path}",
        "raw_url": f"{web}/raw/{new}/{path}",
        "contents_url": f"{_address(call, found)}/contents/{path}?ref={new}",
    }


def _parsed(content: bytes) -> tuple[dict[str, list[str]], str]:
    head, _, message = content.decode("utf-8", "replace").partition("\n\n")
    headers: dict[str, list[str]] = {}
    for line in head.split("\n"):
        name, _, value = line.partition(" ")
        headers.setdefault(name, []).append(value)
    return headers, message.removesuffix("\n")


def _ident(text: str) -> JSON:
    match = _IDENT.fullmatch(text)
    if match is None:
        return {"name": "", "email": "", "date": "1970-01-01T00:00:00Z"}
    when = rfc3339(from_epoch(int(match["epoch"])))
    return {"name": match["name"], "email": match["email"], "date": when}


def _account(call: Call, email: str) -> JSON | None:
    """Give the account that an address belongs to, as GitHub links commits to people."""
    accounts: list[Account] = list(call.hub.accounts.values())
    found = next((one for one in accounts if email and one.email == email), None)
    return None if found is None else shapes.user(found, call.request.base)


def _tree(address: str, oid: str) -> JSON:
    return {"sha": oid, "url": f"{address}/git/trees/{oid}"}


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"


def _page(call: Call, found: Repository, oid: str) -> str:
    return f"{call.request.base}/{found.full_name}/commit/{oid}"
