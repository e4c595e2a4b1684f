"""GitHub Actions: what may run, what ran, and what running left behind."""

from collections.abc import Mapping
from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem, not_found, number_in, page
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


router = Router()

_ACTIONS = "/repos/{owner}/{repo}/actions"


@router.on("GET", _ACTIONS + "/permissions")
def permissions(call: Call, *, owner: str, repo: str) -> Answer:
    """Say whether anything may run."""
    found = access.administered(call, owner, repo)
    shown = dict(found.actions)
    if shown.get("allowed_actions") == "selected":
        shown["selected_actions_url"] = f"{_address(call, found)}/permissions/selected-actions"
    if not shown["enabled"]:
        shown.pop("allowed_actions", None)
    return Answer(json=shown)


@router.on("PUT", _ACTIONS + "/permissions")
def set_permissions(call: Call, *, owner: str, repo: str) -> Answer:
    """Switch Actions on or off."""
    found = access.administered(call, owner, repo)
    wanted = call.request.json()
    if not isinstance(wanted.get("enabled"), bool):
        raise Problem(422, "Invalid request.", errors=["enabled: missing"])
    names = ("enabled", "allowed_actions", "sha_pinning_required")
    found.actions |= {name: wanted[name] for name in names if name in wanted}
    return NO_CONTENT


@router.on("GET", _ACTIONS + "/permissions/selected-actions")
def selected_actions(call: Call, *, owner: str, repo: str) -> Answer:
    """Give which actions are allowed, where only some are."""
    return Answer(json=_selective(call, owner, repo).selected_actions)


@router.on("PUT", _ACTIONS + "/permissions/selected-actions")
def set_selected_actions(call: Call, *, owner: str, repo: str) -> Answer:
    """Set which actions are allowed."""
    _selective(call, owner, repo).selected_actions = dict(call.request.json())
    return NO_CONTENT


@router.on("GET", _ACTIONS + "/runs")
def runs(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what ran, newest first."""
    found = access.find(call, owner, repo)
    listed = [_run(call, found, one) for one in reversed(found.runs.values())]
    return page(call.request, listed, key="workflow_runs")


@router.on("GET", _ACTIONS + "/runs/{run_id}")
def show_run(call: Call, *, owner: str, repo: str, run_id: str) -> Answer:
    """Give one run."""
    found = access.find(call, owner, repo)
    return Answer(json=_run(call, found, _one(found.runs, run_id)))


@router.on("DELETE", _ACTIONS + "/runs/{run_id}")
def delete_run(call: Call, *, owner: str, repo: str, run_id: str) -> Answer:
    """Delete a run, with its logs and artifacts."""
    found = access.pushed_to(call, owner, repo)
    one = _one(found.runs, run_id)
    del found.runs[one["id"]]
    left = {key: value for key, value in found.artifacts.items() if value["run"] != one["id"]}
    found.artifacts = left
    return NO_CONTENT


@router.on("GET", _ACTIONS + "/runs/{run_id}/logs")
def logs(call: Call, *, owner: str, repo: str, run_id: str) -> Answer:
    """Say where the logs of a run are; 404 once they were deleted."""
    found = access.find(call, owner, repo)
    if call.person is None or not _one(found.runs, run_id)["has_logs"]:
        raise not_found()
    address = f"{call.request.base}/logs/{run_id}.zip"
    return Answer(status=302, body=b"", headers={"Location": address})


@router.on("DELETE", _ACTIONS + "/runs/{run_id}/logs")
def delete_logs(call: Call, *, owner: str, repo: str, run_id: str) -> Answer:
    """Delete the logs of a run."""
    found = access.pushed_to(call, owner, repo)
    run = _one(found.runs, run_id)
    if run["status"] != "completed":
        raise Problem(403, "Cannot delete logs of a run that is not completed.")
    run["has_logs"] = False
    return NO_CONTENT


@router.on("GET", _ACTIONS + "/artifacts")
def artifacts(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what runs kept."""
    found = access.find(call, owner, repo)
    listed = [_artifact(call, found, one) for one in reversed(found.artifacts.values())]
    return page(call.request, listed, key="artifacts")


@router.on("GET", _ACTIONS + "/runs/{run_id}/artifacts")
def artifacts_of_run(call: Call, *, owner: str, repo: str, run_id: str) -> Answer:
    """Give what one run kept."""
    found = access.find(call, owner, repo)
    run = _one(found.runs, run_id)
    kept = [one for one in found.artifacts.values() if one["run"] == run["id"]]
    return page(call.request, [_artifact(call, found, one) for one in kept], key="artifacts")


@router.on("GET", _ACTIONS + "/artifacts/{artifact_id}")
def show_artifact(call: Call, *, owner: str, repo: str, artifact_id: str) -> Answer:
    """Give one artifact."""
    found = access.find(call, owner, repo)
    return Answer(json=_artifact(call, found, _one(found.artifacts, artifact_id)))


@router.on("DELETE", _ACTIONS + "/artifacts/{artifact_id}")
def delete_artifact(call: Call, *, owner: str, repo: str, artifact_id: str) -> Answer:
    """Delete an artifact."""
    found = access.pushed_to(call, owner, repo)
    del found.artifacts[_one(found.artifacts, artifact_id)["id"]]
    return NO_CONTENT


@router.on("GET", _ACTIONS + "/caches")
def caches(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what runs keep for the next ones, each for the ref it ran on."""
    found = access.find(call, owner, repo)
    query = call.request.query
    listed = [
        one
        for one in found.caches.values()
        if one["key"].startswith(query.get("key", "")) and query.get("ref") in {None, one["ref"]}
    ]
    return page(call.request, listed, key="actions_caches")


@router.on("DELETE", _ACTIONS + "/caches")
def delete_caches_by_key(call: Call, *, owner: str, repo: str) -> Answer:
    """Delete the caches of a key, which is answered with what they were."""
    found = access.pushed_to(call, owner, repo)
    query = call.request.query
    gone = [
        one
        for one in found.caches.values()
        if one["key"] == query.get("key") and query.get("ref") in {None, one["ref"]}
    ]
    if not gone:
        raise not_found()
    for one in gone:
        del found.caches[one["id"]]
    return Answer(json={"total_count": len(gone), "actions_caches": gone})


@router.on("DELETE", _ACTIONS + "/caches/{cache_id}")
def delete_cache(call: Call, *, owner: str, repo: str, cache_id: str) -> Answer:
    """Delete one cache."""
    found = access.pushed_to(call, owner, repo)
    del found.caches[_one(found.caches, cache_id)["id"]]
    return NO_CONTENT


def _selective(call: Call, owner: str, repo: str) -> Repository:
    found = access.administered(call, owner, repo)
    if found.actions.get("allowed_actions") != "selected":
        raise Problem(409, "The repository does not allow only selected actions.")
    return found


def _one(kept: Mapping[int, dict[str, Any]], number: str) -> dict[str, Any]:
    one = kept.get(number_in(number))
    if one is None:
        raise not_found()
    return one


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}/actions"


def _run(call: Call, found: Repository, run: dict[str, Any]) -> dict[str, Any]:
    url = f"{_address(call, found)}/runs/{run['id']}"
    minimal = shapes.minimal_repository(found, call.request.base)
    names = ("id", "name", "head_branch", "head_sha", "event", "status", "conclusion", "created_at")
    return {
        **{name: run[name] for name in names},
        "node_id": shapes.node_id("WFR", run["id"]),
        "path": ".github/workflows/main.yml",
        "run_number": run["number"],
        "run_attempt": 1,
        "workflow_id": found.id,
        "display_title": run["name"],
        "url": url,
        "html_url": f"{call.request.base}/{found.full_name}/actions/runs/{run['id']}",
        "pull_requests": [],
        "updated_at": run["created_at"],
        "check_suite_url": f"{call.request.base}{API}/repos/{found.full_name}/check-suites/1",
        "workflow_url": f"{_address(call, found)}/workflows/{found.id}",
        **{
            f"{name}_url": f"{url}/{name}"
            for name in ("jobs", "logs", "artifacts", "cancel", "rerun")
        },
        "head_commit": None,
        "repository": minimal,
        "head_repository": minimal,
    }


def _artifact(call: Call, found: Repository, one: dict[str, Any]) -> dict[str, Any]:
    url = f"{_address(call, found)}/artifacts/{one['id']}"
    names = ("id", "name", "size_in_bytes", "expired", "created_at", "expires_at")
    run = found.runs.get(one["run"])
    about: dict[str, Any] = {"workflow_run": None}
    if run is not None:
        about["workflow_run"] = {
            "id": run["id"],
            "repository_id": found.id,
            "head_repository_id": found.id,
            "head_branch": run["head_branch"],
            "head_sha": run["head_sha"],
        }
    return {
        **{name: one[name] for name in names},
        "node_id": shapes.node_id("A", one["id"]),
        "url": url,
        "archive_download_url": f"{url}/zip",
        "updated_at": one["created_at"],
        **about,
    }
