"""Pages: the site that a repository publishes."""

from typing import Any

from breachkit.drill.hub import access
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem, not_found
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


router = Router()


@router.on("GET", "/repos/{owner}/{repo}/pages")
def show_pages(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the site of a repository."""
    found = access.pushed_to(call, owner, repo)
    if found.pages is None:
        raise not_found()
    return Answer(json=_site(call, found))


@router.on("DELETE", "/repos/{owner}/{repo}/pages")
def delete_pages(call: Call, *, owner: str, repo: str) -> Answer:
    """Take the site down."""
    found = access.administered(call, owner, repo)
    if found.pages is None:
        raise not_found()
    found.pages = None
    return NO_CONTENT


@router.on("POST", "/repos/{owner}/{repo}/pages")
def create_pages(call: Call, *, owner: str, repo: str) -> Answer:
    """Put a site up."""
    found = access.administered(call, owner, repo)
    access.paid_or_public(found)
    if found.pages is not None:
        raise Problem(409, "GitHub Pages is already enabled.")
    wanted = call.request.json()
    found.pages = {
        "build_type": wanted.get("build_type", "legacy"),
        "source": wanted.get("source", {"branch": found.default_branch, "path": "/"}),
        "cname": None,
        "https_enforced": True,
    }
    return Answer(status=201, json=_site(call, found))


@router.on("PUT", "/repos/{owner}/{repo}/pages")
def change_pages(call: Call, *, owner: str, repo: str) -> Answer:
    """Change a site."""
    found = access.administered(call, owner, repo)
    if found.pages is None:
        raise not_found()
    allowed = {"cname", "https_enforced", "build_type", "source"}
    wanted = call.request.json()
    found.pages |= {name: value for name, value in wanted.items() if name in allowed}
    return NO_CONTENT


def _site(call: Call, found: Repository) -> dict[str, Any]:
    assert found.pages is not None  # noqa: S101 - asked before
    pages = found.pages
    host = pages.get("cname") or f"{found.owner.login}.pages.test"
    return {
        "url": f"{call.request.base}{API}/repos/{found.full_name}/pages",
        "status": "built",
        "cname": pages.get("cname"),
        "custom_404": False,
        "html_url": f"https://{host}/{found.name}/",
        "build_type": pages.get("build_type", "legacy"),
        "source": pages.get("source", {"branch": found.default_branch, "path": "/"}),
        "public": True,
        "https_enforced": pages.get("https_enforced", True),
    }
