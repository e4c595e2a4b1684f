"""Which protection holds for a branch, and its JSON, which has another shape than it was set in.

Source: GitHub's "Managing a branch protection rule": one rule holds for a branch, the one with its
very name or else the oldest whose pattern it meets.
"""

from typing import Any

from breachkit.actions.ref_patterns import is_exact, matches
from breachkit.drill.hub import shapes
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


SWITCHES = (
    "required_linear_history", "allow_force_pushes", "allow_deletions", "block_creations",
    "required_conversation_resolution", "lock_branch", "allow_fork_syncing",
)  # fmt: skip


def rule_of(found: Repository, branch: str) -> str | None:
    """Give the pattern of the protection that holds for a branch; None where it has none."""
    if branch in found.protections:
        return branch
    return next((p for p in found.protections if not is_exact(p) and matches(p, branch)), None)


def keep(found: Repository, pattern: str, body: dict[str, Any]) -> None:
    """Set a protection, with a number of its own where it is new."""
    if pattern not in found.protections:
        last = max(found.rule_numbers.values(), default=found.id * 1000)
        found.rule_numbers[pattern] = last + 1
    found.protections[pattern] = body


_ANY_APP = -1


def signatures(call: Call, found: Repository, branch: str) -> dict[str, Any]:
    """Say whether commits of a protected branch must be signed."""
    url = f"{_address(call, found)}/branches/{branch}/protection/required_signatures"
    return {"url": url, "enabled": bool(_kept(found, branch).get("required_signatures"))}


def protection(call: Call, found: Repository, branch: str) -> dict[str, Any]:
    """Give a `protected-branch`."""
    kept = _kept(found, branch)
    url = f"{_address(call, found)}/branches/{branch}/protection"
    shown: dict[str, Any] = {
        "url": url,
        "required_signatures": signatures(call, found, branch),
        "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": bool(kept["enforce_admins"])},
    }
    shown |= {name: {"enabled": bool(kept.get(name))} for name in SWITCHES}
    if kept["required_status_checks"] is not None:
        shown["required_status_checks"] = _checks(kept["required_status_checks"], url)
    if kept["required_pull_request_reviews"] is not None:
        shown["required_pull_request_reviews"] = _reviews(
            call, found, kept["required_pull_request_reviews"], url
        )
    if kept["restrictions"] is not None:
        shown["restrictions"] = _restrictions(
            call, found, kept["restrictions"], f"{url}/restrictions"
        )
    return shown


def _kept(found: Repository, branch: str) -> dict[str, Any]:
    return found.protections[rule_of(found, branch) or branch]


def _checks(kept: dict[str, Any], url: str) -> dict[str, Any]:
    checks = kept.get("checks") or [
        {"context": name, "app_id": None} for name in kept.get("contexts", ())
    ]
    return {
        "url": f"{url}/required_status_checks",
        "strict": kept["strict"],
        "contexts": [check["context"] for check in checks],
        "contexts_url": f"{url}/required_status_checks/contexts",
        "checks": [
            {**check, "app_id": None if check.get("app_id") == _ANY_APP else check.get("app_id")}
            for check in checks
        ],
    }


def _reviews(call: Call, found: Repository, kept: dict[str, Any], url: str) -> dict[str, Any]:
    address = f"{url}/required_pull_request_reviews"
    shown = {
        "url": address,
        "dismiss_stale_reviews": kept.get("dismiss_stale_reviews", False),
        "require_code_owner_reviews": kept.get("require_code_owner_reviews", False),
        "required_approving_review_count": kept.get("required_approving_review_count", 1),
        "require_last_push_approval": kept.get("require_last_push_approval", False),
    }
    if kept.get("dismissal_restrictions"):
        people = _restrictions(call, found, kept["dismissal_restrictions"], f"{address}/dismissal")
        shown["dismissal_restrictions"] = people
    if kept.get("bypass_pull_request_allowances"):
        allowed = _restrictions(call, found, kept["bypass_pull_request_allowances"], address)
        names = ("users", "teams", "apps")
        shown["bypass_pull_request_allowances"] = {name: allowed[name] for name in names}
    return shown


def _restrictions(call: Call, found: Repository, kept: dict[str, Any], url: str) -> dict[str, Any]:
    base, owner = call.request.base, found.owner
    users = [call.hub.account(login) for login in kept.get("users", ())]
    teams = (owner.teams.get(slug) for slug in kept.get("teams", ()))
    installed = {one["app_slug"]: one for one in owner.installations}
    return {
        "url": url,
        "users_url": f"{url}/users",
        "teams_url": f"{url}/teams",
        "apps_url": f"{url}/apps",
        "users": [shapes.user(one, base) for one in users if one],
        "teams": [shapes.team(one, owner, "read", base) for one in teams if one],
        "apps": [
            _app(call, found, installed[slug]) for slug in kept.get("apps", ()) if slug in installed
        ],
    }


def _app(call: Call, found: Repository, one: dict[str, Any]) -> dict[str, Any]:
    web = f"{call.request.base}/apps/{one['app_slug']}"
    return {
        "id": one["app_id"],
        "slug": one["app_slug"],
        "node_id": shapes.node_id("A", one["app_id"]),
        "name": one["app_slug"],
        "owner": shapes.user(found.owner, call.request.base),
        "description": None,
        "external_url": web,
        "html_url": web,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "permissions": {"contents": "write"},
        "events": ["push"],
    }


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"
