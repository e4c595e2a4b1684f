"""Branch protections, rulesets and Pages: what stands between a push and a branch, and what is published.

A protection is kept as the body of the PUT that set it; GET gives another shape, and a PUT replaces
everything. Source: GitHub's description of "Branches" and "Rules".
"""

from typing import Any

from breachkit.drill.hub import access, commits, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem, not_found, page
from breachkit.drill.hub.gitstore import branches
from breachkit.drill.hub.pushrules import applying, covers
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


router = Router()

REQUIRED = (
    "required_status_checks",
    "enforce_admins",
    "required_pull_request_reviews",
    "restrictions",
)
SWITCHES = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip
_BRANCH = "/repos/{owner}/{repo}/branches/{branch}"


@router.on("GET", "/repos/{owner}/{repo}/branches")
def list_branches(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the branches, or those that are protected."""
    found = access.find(call, owner, repo)
    wanted = call.request.query.get("protected")
    listed = [
        {
            "name": name,
            "commit": {"sha": commit, "url": f"{_address(call, found)}/commits/{commit}"},
            "protected": name in found.protections,
        }
        for name, commit in branches(found).items()
    ]
    return page(
        call.request,
        [one for one in listed if wanted is None or one["protected"] == (wanted == "true")],
    )


@router.on("GET", _BRANCH)
def show_branch(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Give a branch with its last commit."""
    found = access.find(call, owner, repo)
    tip = branches(found).get(branch)
    if tip is None:
        raise Problem(404, "Branch not found")
    url = f"{_address(call, found)}/branches/{branch}"
    web = f"{call.request.base}/{found.full_name}/tree/{branch}"
    protected = branch in found.protections
    return Answer(
        json={
            "name": branch,
            "commit": commits.commit(call, found, tip),
            "_links": {"self": url, "html": web},
            "protected": protected,
            "protection": {"enabled": protected},
            "protection_url": f"{url}/protection",
        }
    )


@router.on("GET", _BRANCH + "/protection")
def show_protection(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Give a branch's protection, in the shape of GET."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    return Answer(json=_shown(call, found, branch))


@router.on("PUT", _BRANCH + "/protection")
def put_protection(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Set a branch's protection: what the body leaves out is off."""
    found = _protectable(call, owner, repo)
    if branch not in branches(found):
        raise Problem(404, "Branch not found")
    wanted = call.request.json()
    missing = [name for name in REQUIRED if name not in wanted]
    nulls = [name for name in SWITCHES if name in wanted and wanted[name] is None]
    if missing or set(nulls) - {"allow_force_pushes"}:
        raise Problem(
            422, "Invalid request.", errors=[f"{name}: wrong" for name in missing + nulls]
        )
    signed = found.protections.get(branch, {}).get("required_signatures", False)
    found.protections[branch] = {**wanted, "required_signatures": signed}
    return Answer(json=_shown(call, found, branch))


@router.on("DELETE", _BRANCH + "/protection")
def delete_protection(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Take a branch's protection off."""
    found = _protectable(call, owner, repo)
    if found.protections.pop(branch, None) is None:
        raise Problem(404, "Branch not protected")
    return NO_CONTENT


@router.on("GET", _BRANCH + "/protection/required_signatures")
def show_signatures(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Say whether commits of a protected branch must be signed."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    return Answer(json=_signatures(call, found, branch))


@router.on("POST", _BRANCH + "/protection/required_signatures")
def require_signatures(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let a protected branch take signed commits alone."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["required_signatures"] = True
    return Answer(json=_signatures(call, found, branch))


@router.on("DELETE", _BRANCH + "/protection/required_signatures")
def drop_signatures(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let a protected branch take any commits."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["required_signatures"] = False
    return NO_CONTENT


@router.on("GET", "/repos/{owner}/{repo}/rulesets")
def rulesets(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the rulesets that apply, those of the organisation too, without their rules."""
    found = _with_rules(call, owner, repo)
    parents = call.request.query.get("includes_parents", "true") == "true"
    listed = [
        {name: value for name, value in _ruleset(call, found, one).items() if name not in _LONG}
        for one in applying(found)
        if parents or one["source_type"] == "Repository"
    ]
    return page(call.request, listed)


_LONG = frozenset({"rules", "conditions", "bypass_actors"})


@router.on("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def show_ruleset(call: Call, *, owner: str, repo: str, ruleset_id: str) -> Answer:
    """Give a ruleset in full; who may only read is not told who may bypass it."""
    found = _with_rules(call, owner, repo)
    for one in applying(found):
        if one["id"] == int(ruleset_id):
            return Answer(json=_ruleset(call, found, one))
    raise not_found()


@router.on("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def put_ruleset(call: Call, *, owner: str, repo: str, ruleset_id: str) -> Answer:
    """Change a ruleset of the repository itself."""
    found = _with_rules(call, owner, repo)
    access.at_least(call, found, "admin")
    ruleset = found.rulesets.get(int(ruleset_id))
    if ruleset is None:
        raise not_found()
    changeable = {"name", "target", "enforcement", "bypass_actors", "conditions", "rules"}
    wanted = call.request.json()
    ruleset |= {name: value for name, value in wanted.items() if name in changeable}
    ruleset["updated_at"] = shapes.time(call.hub.clock.now())
    return Answer(json=_ruleset(call, found, ruleset))


@router.on("GET", "/repos/{owner}/{repo}/rules/branches/{branch}")
def rules_of_branch(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Give every rule in force for a branch."""
    found = _with_rules(call, owner, repo)
    return page(
        call.request,
        [
            {**rule, "ruleset_id": one["id"], "ruleset_source": one["source"],
             "ruleset_source_type": one["source_type"]}
            for one in applying(found)
            if one["enforcement"] == "active" and covers(one, f"refs/heads/{branch}", found)
            for rule in one["rules"]
        ],
    )  # fmt: skip


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


def _with_rules(call: Call, owner: str, repo: str) -> Repository:
    found = access.find(call, owner, repo)
    access.paid_or_public(found)
    return found


def _protectable(call: Call, owner: str, repo: str) -> Repository:
    found = access.administered(call, owner, repo)
    access.paid_or_public(found)
    return found


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"


def _ruleset(call: Call, found: Repository, one: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "node_id": shapes.node_id("RRS", one["id"]),
        "source_type": "Repository",
        "source": found.full_name,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        **one,
    }
    role = call.hub.role(call.person, found)
    if role not in {"write", "maintain", "admin"}:
        shown.pop("bypass_actors", None)
    return shown


def _signatures(call: Call, found: Repository, branch: str) -> dict[str, Any]:
    url = f"{_address(call, found)}/branches/{branch}/protection/required_signatures"
    return {"url": url, "enabled": bool(found.protections[branch].get("required_signatures"))}


def _shown(call: Call, found: Repository, branch: str) -> dict[str, Any]:
    kept = found.protections[branch]
    url = f"{_address(call, found)}/branches/{branch}/protection"
    shown: dict[str, Any] = {
        "url": url,
        "required_signatures": _signatures(call, found, branch),
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(kept["enforce_admins"])},
    }
    shown |= {name: {"enabled": bool(kept.get(name))} for name in SWITCHES}
    if kept["required_status_checks"] is not None:
        shown["required_status_checks"] = _checks(kept["required_status_checks"], url)
    if kept["required_pull_request_reviews"] is not None:
        shown["required_pull_request_reviews"] = _reviews(
            call, kept["required_pull_request_reviews"], url
        )
    if kept["restrictions"] is not None:
        shown["restrictions"] = _restrictions(call, kept["restrictions"], f"{url}/restrictions")
    return shown


def _checks(kept: dict[str, Any], url: str) -> dict[str, Any]:
    checks = kept.get("checks") or [
        {"context": name, "app_id": None} for name in kept.get("contexts", ())
    ]
    return {
        "url": f"{url}/required_status_checks",
        "strict": kept["strict"],
        "contexts": [check["context"] for check in checks],
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [{"app_id": None, **check} for check in checks],
    }


def _reviews(call: Call, kept: dict[str, Any], url: str) -> dict[str, Any]:
    address = f"{url}/required_pull_request_reviews"
    shown = {
        "url": address,
        "dismiss_stale_reviews": kept.get("dismiss_stale_reviews", False),
        "require_code_owner_reviews": kept.get("require_code_owner_reviews", False),
        "required_approving_review_count": kept.get("required_approving_review_count", 1),
        "require_last_push_approval": kept.get("require_last_push_approval", False),
    }
    if kept.get("dismissal_restrictions"):
        people = _restrictions(call, kept["dismissal_restrictions"], f"{address}/dismissal")
        shown["dismissal_restrictions"] = people
    if kept.get("bypass_pull_request_allowances"):
        allowed = _restrictions(call, kept["bypass_pull_request_allowances"], address)
        names = ("users", "teams", "apps")
        shown["bypass_pull_request_allowances"] = {name: allowed[name] for name in names}
    return shown


def _restrictions(call: Call, kept: dict[str, Any], url: str) -> dict[str, Any]:
    base = call.request.base
    owner = next((a for a in call.hub.accounts.values() if a.teams), None)
    teams = owner.teams if owner else {}
    users = [call.hub.account(login) for login in kept.get("users", ())]
    return {
        "url": url,
        "users_url": f"{url}/users",
        "teams_url": f"{url}/teams",
        "apps_url": f"{url}/apps",
        "users": [shapes.user(one, base) for one in users if one],
        "teams": [
            shapes.team(teams[slug], owner, "read", base)
            for slug in kept.get("teams", ())
            if owner and slug in teams
        ],
        "apps": [],
    }


def _site(call: Call, found: Repository) -> dict[str, Any]:
    assert found.pages is not None  # noqa: S101 - asked before
    pages = found.pages
    host = pages.get("cname") or f"{found.owner.login}.pages.test"
    return {
        "url": f"{_address(call, found)}/pages",
        "status": "built",
        "cname": pages.get("cname"),
        "custom_404": False,
        "html_url": f"https://{host}/{found.name}/",
        "build_type": pages.get("build_type", "legacy"),
        "source": pages.get("source", {"branch": found.default_branch, "path": "/"}),
        "public": True,
        "https_enforced": pages.get("https_enforced", True),
    }
