"""Branches and their protections.

A protection is kept as the body of the PUT that set it; GET gives another shape, and a PUT replaces
everything. Where a branch meets a pattern, GET shows that rule and PUT makes one of the branch's own,
which is our reading: nothing documents it. Source: GitHub's description of "Branches" and "Rules".
"""

from breachkit.drill.hub import access, commits
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem, page
from breachkit.drill.hub.gitstore import branches
from breachkit.drill.hub.protected import SWITCHES, keep, protection, rule_of, signatures
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
_BRANCH = "/repos/{owner}/{repo}/branches/{branch...}"


@router.on("GET", "/repos/{owner}/{repo}/branches")
def list_branches(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the branches, or those that are protected."""
    found = access.find(call, owner, repo)
    wanted = call.request.query.get("protected")
    listed = [
        {
            "name": name,
            "commit": {"sha": commit, "url": f"{_address(call, found)}/commits/{commit}"},
            "protected": rule_of(found, name) is not None,
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
    protected = rule_of(found, branch) is not None
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
    if rule_of(found, branch) is None:
        raise Problem(404, "Branch not protected")
    return Answer(json=protection(call, found, branch))


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
    keep(found, branch, {**wanted, "required_signatures": signed})
    return Answer(json=protection(call, found, branch))


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
    if rule_of(found, branch) is None:
        raise Problem(404, "Branch not protected")
    return Answer(json=signatures(call, found, branch))


@router.on("POST", _BRANCH + "/protection/required_signatures")
def require_signatures(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let a protected branch take signed commits alone."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["required_signatures"] = True
    return Answer(json=signatures(call, found, branch))


@router.on("DELETE", _BRANCH + "/protection/required_signatures")
def drop_signatures(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let a protected branch take any commits."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["required_signatures"] = False
    return NO_CONTENT


@router.on("GET", _BRANCH + "/protection/enforce_admins")
def show_enforcement(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Say whether a protection holds for administrators too."""
    found = _protectable(call, owner, repo)
    if rule_of(found, branch) is None:
        raise Problem(404, "Branch not protected")
    return Answer(json=protection(call, found, branch)["enforce_admins"])


@router.on("POST", _BRANCH + "/protection/enforce_admins")
def enforce_for_admins(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let a protection hold for administrators too."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["enforce_admins"] = True
    return Answer(json=protection(call, found, branch)["enforce_admins"])


@router.on("DELETE", _BRANCH + "/protection/enforce_admins")
def spare_admins(call: Call, *, owner: str, repo: str, branch: str) -> Answer:
    """Let administrators pass a protection."""
    found = _protectable(call, owner, repo)
    if branch not in found.protections:
        raise Problem(404, "Branch not protected")
    found.protections[branch]["enforce_admins"] = False
    return NO_CONTENT


def _protectable(call: Call, owner: str, repo: str) -> Repository:
    found = access.administered(call, owner, repo)
    access.paid_or_public(found)
    return found


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"
