"""What happened to a repository, as far as the platform tells: pushes, and events of the last days."""

from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import Answer, cursor_page, page
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import API, Call
from breachkit.drill.hub.state import Repository


router = Router()

_MOST_EVENTS = 300


@router.on("GET", "/repos/{owner}/{repo}/activity")
def activity(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what was pushed to branches, newest first."""
    found = access.find(call, owner, repo)
    query = call.request.query
    lines = [
        {**one, "actor": _actor(call, one["actor"])}
        for one in reversed(found.activity)
        if query.get("activity_type") in {None, one["activity_type"]}
        and query.get("ref") in {None, one["ref"], one["ref"].removeprefix("refs/heads/")}
    ]
    return cursor_page(call.request, lines)


@router.on("GET", "/repos/{owner}/{repo}/events")
def events(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what happened, newest first, at most three hundred."""
    found = access.find(call, owner, repo)
    listed = [_event(call, found, one) for one in found.events[::-1][:_MOST_EVENTS]]
    return page(call.request, listed)


@router.on("GET", "/networks/{owner}/{repo}/events")
def network_events(call: Call, *, owner: str, repo: str) -> Answer:
    """Give what happened in all public repositories of a network."""
    found = access.find(call, owner, repo)
    members = [
        each
        for each in call.hub.repositories.values()
        if each.network == found.network and each.visibility == "public"
    ]
    listed = [_event(call, each, one) for each in members for one in each.events]
    listed.sort(key=lambda one: one["created_at"], reverse=True)
    return page(call.request, listed[:_MOST_EVENTS])


def _actor(call: Call, number: int | None) -> dict[str, Any] | None:
    account = call.hub.accounts.get(number or 0)
    return None if account is None else shapes.user(account, call.request.base)


def _event(call: Call, found: Repository, one: dict[str, Any]) -> dict[str, Any]:
    base = call.request.base
    actor = call.hub.accounts.get(one["actor"] or 0, found.owner)
    address = f"{base}{API}"
    shown = {
        **one,
        "actor": {
            "id": actor.id,
            "login": actor.login,
            "display_login": actor.login,
            "gravatar_id": "",
            "url": f"{address}/users/{actor.login}",
            "avatar_url": f"{base}/avatars/{actor.id}",
        },
        "repo": {
            "id": found.id,
            "name": found.full_name,
            "url": f"{address}/repos/{found.full_name}",
        },
    }
    if one["type"] == "ForkEvent":
        forkee = call.hub.repositories.get(one["payload"]["forkee"]["id"])
        shown["payload"] = {
            "action": "forked",
            "forkee": shapes.repository(call.hub, forkee, base, None) if forkee else {},
        }
    return shown
