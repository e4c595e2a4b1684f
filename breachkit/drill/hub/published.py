"""What a repository publishes beside its files: releases, deployments, environments, comments."""

from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, not_found, number_in, page
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


router = Router()

JSON = dict[str, Any]

_REPO = "/repos/{owner}/{repo}"


@router.on("GET", _REPO + "/releases")
def releases(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the releases, newest first."""
    found = access.find(call, owner, repo)
    listed = [_release(call, found, one) for one in reversed(found.releases.values())]
    return page(call.request, listed)


@router.on("GET", _REPO + "/releases/{release_id}")
def show_release(call: Call, *, owner: str, repo: str, release_id: str) -> Answer:
    """Give one release."""
    found = access.find(call, owner, repo)
    return Answer(json=_release(call, found, _of(found, release_id)))


@router.on("DELETE", _REPO + "/releases/{release_id}")
def delete_release(call: Call, *, owner: str, repo: str, release_id: str) -> Answer:
    """Delete a release; its tag stays."""
    found = access.pushed_to(call, owner, repo)
    del found.releases[_of(found, release_id)["id"]]
    return NO_CONTENT


@router.on("GET", _REPO + "/releases/{release_id}/assets")
def assets(call: Call, *, owner: str, repo: str, release_id: str) -> Answer:
    """Give the files of a release."""
    found = access.find(call, owner, repo)
    release = _of(found, release_id)
    return page(call.request, [_asset(call, found, release, one) for one in release["assets"]])


@router.on("DELETE", _REPO + "/releases/assets/{asset_id}")
def delete_asset(call: Call, *, owner: str, repo: str, asset_id: str) -> Answer:
    """Delete a file of a release."""
    found = access.pushed_to(call, owner, repo)
    for release in found.releases.values():
        for one in release["assets"]:
            if str(one["id"]) == asset_id:
                release["assets"].remove(one)
                return NO_CONTENT
    raise not_found()


@router.on("GET", _REPO + "/deployments")
def deployments(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what was deployed."""
    found = access.find(call, owner, repo)
    return page(call.request, [_deployment(call, found, one) for one in found.deployments[::-1]])


@router.on("GET", _REPO + "/environments")
def environments(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what can be deployed to."""
    found = access.find(call, owner, repo)
    listed = [_environment(call, found, one) for one in found.environments]
    return page(call.request, listed, key="environments")


@router.on("GET", _REPO + "/issues/comments")
def issue_comments(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the comments of all issues and pull requests."""
    found = access.find(call, owner, repo)
    return page(call.request, [_issue_comment(call, found, one) for one in _kind(found, "issue")])


@router.on("GET", _REPO + "/pulls/comments")
def review_comments(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the comments on lines of pull requests."""
    found = access.find(call, owner, repo)
    return page(call.request, [_review_comment(call, found, one) for one in _kind(found, "pull")])


@router.on("GET", _REPO + "/comments")
def commit_comments(call: Call, *, owner: str, repo: str) -> Answer:
    """Give the comments on commits."""
    found = access.find(call, owner, repo)
    return page(call.request, [_commit_comment(call, found, one) for one in _kind(found, "commit")])


def _of(found: Repository, release_id: str) -> JSON:
    release = found.releases.get(number_in(release_id))
    if release is None:
        raise not_found()
    return release


def _kind(found: Repository, kind: str) -> list[JSON]:
    return [one for one in found.comments if one["kind"] == kind]


def _address(call: Call, found: Repository) -> str:
    return f"{call.request.base}{API}/repos/{found.full_name}"


def _user(call: Call, number: int) -> JSON:
    return shapes.user(call.hub.accounts[number], call.request.base)


def _release(call: Call, found: Repository, one: JSON) -> JSON:
    url = f"{_address(call, found)}/releases/{one['id']}"
    web = f"{call.request.base}/{found.full_name}/releases/tag/{one['tag_name']}"
    return {
        "id": one["id"],
        "node_id": shapes.node_id("RE", one["id"]),
        "tag_name": one["tag_name"],
        "target_commitish": found.default_branch,
        "name": one["name"],
        "body": "",
        "draft": False,
        "prerelease": False,
        "immutable": False,
        "created_at": one["created_at"],
        "published_at": one["created_at"],
        "author": _user(call, one["author"]),
        "url": url,
        "html_url": web,
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "tarball_url": f"{_address(call, found)}/tarball/{one['tag_name']}",
        "zipball_url": f"{_address(call, found)}/zipball/{one['tag_name']}",
        "assets": [_asset(call, found, one, asset) for asset in one["assets"]],
    }


def _asset(call: Call, found: Repository, release: JSON, one: JSON) -> JSON:
    web = f"{call.request.base}/{found.full_name}/releases/download/{release['tag_name']}"
    return {
        "id": one["id"],
        "node_id": shapes.node_id("RA", one["id"]),
        "name": one["name"],
        "label": None,
        "state": "uploaded",
        "content_type": one.get("content_type", "application/octet-stream"),
        "size": one["size"],
        "digest": None,
        "download_count": one.get("download_count", 0),
        "created_at": release["created_at"],
        "updated_at": release["created_at"],
        "uploader": _user(call, release["author"]),
        "url": f"{_address(call, found)}/releases/assets/{one['id']}",
        "browser_download_url": f"{web}/{one['name']}",
    }


def _deployment(call: Call, found: Repository, one: JSON) -> JSON:
    url = f"{_address(call, found)}/deployments/{one['id']}"
    return {
        "id": one["id"],
        "node_id": shapes.node_id("DE", one["id"]),
        "sha": one["sha"],
        "ref": one["ref"],
        "task": "deploy",
        "payload": {},
        "environment": one["environment"],
        "description": None,
        "creator": _user(call, one["creator"]),
        "created_at": one["created_at"],
        "updated_at": one["created_at"],
        "url": url,
        "statuses_url": f"{url}/statuses",
        "repository_url": _address(call, found),
    }


def _environment(call: Call, found: Repository, one: JSON) -> JSON:
    web = f"{call.request.base}/{found.full_name}/deployments/activity_log?environments_filter="
    return {
        "id": one["id"],
        "node_id": shapes.node_id("EN", one["id"]),
        "name": one["name"],
        "url": f"{_address(call, found)}/environments/{one['name']}",
        "html_url": web + one["name"],
        "created_at": one["created_at"],
        "updated_at": one["created_at"],
        "protection_rules": [],
        "deployment_branch_policy": None,
    }


def _comment(call: Call, one: JSON, url: str, web: str) -> JSON:
    return {
        "id": one["id"],
        "node_id": shapes.node_id("C", one["id"]),
        "url": url,
        "html_url": f"{web}#comment-{one['id']}",
        "user": _user(call, one["user"]),
        "body": one["body"],
        "author_association": "CONTRIBUTOR",
        "created_at": one["created_at"],
        "updated_at": one["created_at"],
    }


def _issue_comment(call: Call, found: Repository, one: JSON) -> JSON:
    address = _address(call, found)
    web = f"{call.request.base}/{found.full_name}/issues/{one['number']}"
    shown = _comment(call, one, f"{address}/issues/comments/{one['id']}", web)
    return {**shown, "issue_url": f"{address}/issues/{one['number']}"}


def _review_comment(call: Call, found: Repository, one: JSON) -> JSON:
    address = _address(call, found)
    web = f"{call.request.base}/{found.full_name}/pull/{one['number']}"
    shown = _comment(call, one, f"{address}/pulls/comments/{one['id']}", web)
    pull = f"{address}/pulls/{one['number']}"
    links = {"self": shown["url"], "html": shown["html_url"], "pull_request": pull}
    return {
        **shown,
        "pull_request_review_id": None,
        "diff_hunk": "",
        "path": one["path"],
        "commit_id": one["commit_id"],
        "original_commit_id": one["commit_id"],
        "pull_request_url": pull,
        "_links": {name: {"href": link} for name, link in links.items()},
    }


def _commit_comment(call: Call, found: Repository, one: JSON) -> JSON:
    web = f"{call.request.base}/{found.full_name}/commit/{one['commit_id']}"
    shown = _comment(call, one, f"{_address(call, found)}/comments/{one['id']}", web)
    return {
        **shown,
        "path": one.get("path"),
        "position": None,
        "line": None,
        "commit_id": one["commit_id"],
    }
