"""What an organisation holds beside repositories: Apps, rulesets, packages, codespaces, the audit log."""

from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import Answer, Problem, cursor_page, not_found, number_in, page
from breachkit.drill.hub.organisations import organisation, owned
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Account


router = Router()

JSON = dict[str, Any]


@router.on("GET", "/orgs/{org}/installations")
def installations(call: Call, *, org: str) -> Answer:
    """Give the Apps that were installed."""
    found = owned(call, org)
    listed = [_installation(call, found, one) for one in found.installations]
    return page(call.request, listed, key="installations")


@router.on("GET", "/orgs/{org}/audit-log")
def audit_log(call: Call, *, org: str) -> Answer:
    """Give the audit log, newest first; git's own events only where they are asked for."""
    found = owned(call, org)
    if found.plan != "enterprise":
        raise not_found()
    include = call.request.query.get("include", "web")
    words = call.request.query.get("phrase", "").split()
    lines = [
        one
        for one in reversed(found.audit_log)
        if include == "all" or one["action"].startswith("git.") == (include == "git")
        if all(_says(one, word) for word in words)
    ]
    return cursor_page(call.request, lines)


@router.on("GET", "/orgs/{org}/packages")
def packages(call: Call, *, org: str) -> Answer:
    """Give the packages of one kind, which only a classic token is told."""
    found = organisation(call, org)
    kind = call.request.query.get("package_type")
    if kind is None:
        raise Problem(400, "Invalid argument.")
    if "read:packages" not in call.hub.scopes.get(call.token or "", ""):
        raise Problem(403, "You need at least read:packages scope to list packages.")
    kept = [one for one in found.packages if one["package_type"] == kind]
    return page(call.request, [_package(call, found, one) for one in kept])


@router.on("GET", "/orgs/{org}/codespaces")
def codespaces(call: Call, *, org: str) -> Answer:
    """Give the codespaces that the organisation pays for; each holds a clone."""
    found = owned(call, org)
    return page(
        call.request, [_codespace(call, found, one) for one in found.codespaces], key="codespaces"
    )


@router.on("DELETE", "/orgs/{org}/members/{username}/codespaces/{codespace_name}")
def delete_codespace(call: Call, *, org: str, username: str, codespace_name: str) -> Answer:
    """Delete somebody's codespace; GitHub says 202."""
    found = owned(call, org)
    who = access.person(call, username)
    for one in found.codespaces:
        if one["name"] == codespace_name and one["owner"] == who.id:
            found.codespaces.remove(one)
            return Answer(status=202, json={})
    raise not_found()


@router.on("GET", "/orgs/{org}/rulesets")
def rulesets(call: Call, *, org: str) -> Answer:
    """Give the organisation's rulesets, without their rules."""
    found = owned(call, org)
    long = {"rules", "conditions", "bypass_actors"}
    listed = [_ruleset(found, one) for one in found.rulesets.values()]
    return page(call.request, [{k: v for k, v in one.items() if k not in long} for one in listed])


@router.on("GET", "/orgs/{org}/rulesets/{ruleset_id}")
def show_ruleset(call: Call, *, org: str, ruleset_id: str) -> Answer:
    """Give a ruleset of the organisation in full."""
    found = owned(call, org)
    return Answer(json=_ruleset(found, _of(found, ruleset_id)))


@router.on("PUT", "/orgs/{org}/rulesets/{ruleset_id}")
def put_ruleset(call: Call, *, org: str, ruleset_id: str) -> Answer:
    """Change a ruleset of the organisation."""
    found = owned(call, org)
    one = _of(found, ruleset_id)
    changeable = {"name", "target", "enforcement", "bypass_actors", "conditions", "rules"}
    wanted = call.request.json()
    one |= {name: value for name, value in wanted.items() if name in changeable}
    one["updated_at"] = shapes.time(call.hub.clock.now())
    return Answer(json=_ruleset(found, one))


def _says(line: JSON, word: str) -> bool:
    """Say whether a line of the audit log meets one `name:value` of a search."""
    name, _, value = word.partition(":")
    return not value or str(line.get(name, "")).startswith(value)


def _installation(call: Call, found: Account, one: JSON) -> JSON:
    address = f"{call.request.base}{API}/app/installations/{one['id']}"
    return {
        "id": one["id"],
        "account": shapes.user(found, call.request.base),
        "repository_selection": one["repository_selection"],
        "access_tokens_url": f"{address}/access_tokens",
        "repositories_url": f"{call.request.base}{API}/installation/repositories",
        "html_url": f"{call.request.base}/organizations/{found.login}/settings/installations/{one['id']}",
        "app_id": one["app_id"],
        "app_slug": one["app_slug"],
        "client_id": f"Iv1.{one['app_id']}",
        "target_id": found.id,
        "target_type": "Organization",
        "permissions": one.get("permissions", {"contents": "read", "metadata": "read"}),
        "events": ["push"],
        "created_at": "2021-01-01T00:00:00Z",
        "updated_at": "2021-01-01T00:00:00Z",
        "single_file_name": None,
        "suspended_by": None,
        "suspended_at": None,
    }


def _package(call: Call, found: Account, one: JSON) -> JSON:
    path = f"/orgs/{found.login}/packages/{one['package_type']}/{one['name']}"
    repository = call.hub.repositories.get(one.get("repository") or 0)
    shown: JSON = {
        "id": one["id"],
        "name": one["name"],
        "package_type": one["package_type"],
        "owner": shapes.user(found, call.request.base),
        "version_count": 1,
        "visibility": one["visibility"],
        "url": f"{call.request.base}{API}{path}",
        "html_url": f"{call.request.base}{path}",
        "created_at": "2021-01-01T00:00:00Z",
        "updated_at": "2021-01-01T00:00:00Z",
    }
    if repository is not None:
        shown["repository"] = shapes.minimal_repository(repository, call.request.base)
    return shown


def _codespace(call: Call, found: Account, one: JSON) -> JSON:
    address = f"{call.request.base}{API}/user/codespaces/{one['name']}"
    base = call.request.base
    return {
        "id": one["id"],
        "name": one["name"],
        "display_name": one["name"],
        "environment_id": None,
        "owner": shapes.user(call.hub.accounts[one["owner"]], base),
        "billable_owner": shapes.user(found, base),
        "repository": shapes.minimal_repository(call.hub.repositories[one["repository"]], base),
        "machine": None,
        "devcontainer_path": None,
        "prebuild": False,
        "created_at": one["created_at"],
        "updated_at": one["created_at"],
        "last_used_at": one["created_at"],
        "state": "Available",
        "url": address,
        "git_status": {"ahead": 0, "behind": 0, "has_unpushed_changes": False, "ref": "main"},
        "location": "WestEurope",
        "idle_timeout_minutes": 30,
        "web_url": f"{base}/codespaces/{one['name']}",
        **{f"{name}_url": f"{address}/{name}" for name in ("machines", "start", "stop")},
        "pulls_url": None,
        "recent_folders": [],
    }


def _of(found: Account, ruleset_id: str) -> JSON:
    one = found.rulesets.get(number_in(ruleset_id))
    if one is None:
        raise not_found()
    return one


def _ruleset(found: Account, one: JSON) -> JSON:
    return {
        "node_id": shapes.node_id("RRS", one["id"]),
        "source_type": "Organization",
        "source": found.login,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        **one,
    }
