"""Rulesets of a repository, with those of its organisation that apply to it."""

from typing import Any

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, not_found, number_in, page
from breachkit.drill.hub.pushrules import applying, covers, may_bypass
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import Call
from breachkit.drill.hub.state import Repository


router = Router()


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


_LONG = frozenset({"rules", "conditions", "bypass_actors", "current_user_can_bypass"})


@router.on("GET", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def show_ruleset(call: Call, *, owner: str, repo: str, ruleset_id: str) -> Answer:
    """Give a ruleset in full; who may only read is not told who may bypass it."""
    found = _with_rules(call, owner, repo)
    for one in applying(found):
        if one["id"] == number_in(ruleset_id):
            return Answer(json=_ruleset(call, found, one))
    raise not_found()


@router.on("PUT", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def put_ruleset(call: Call, *, owner: str, repo: str, ruleset_id: str) -> Answer:
    """Change a ruleset of the repository itself."""
    found = _with_rules(call, owner, repo)
    access.at_least(call, found, "admin")
    ruleset = found.rulesets.get(number_in(ruleset_id))
    if ruleset is None:
        raise not_found()
    changeable = {"name", "target", "enforcement", "bypass_actors", "conditions", "rules"}
    wanted = call.request.json()
    ruleset |= {name: value for name, value in wanted.items() if name in changeable}
    ruleset["updated_at"] = shapes.time(call.hub.clock.now())
    return Answer(json=_ruleset(call, found, ruleset))


@router.on("GET", "/repos/{owner}/{repo}/rules/branches/{branch...}")
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


@router.on("DELETE", "/repos/{owner}/{repo}/rulesets/{ruleset_id}")
def delete_ruleset(call: Call, *, owner: str, repo: str, ruleset_id: str) -> Answer:
    """Delete a ruleset of the repository itself."""
    found = _with_rules(call, owner, repo)
    access.at_least(call, found, "admin")
    if found.rulesets.pop(number_in(ruleset_id), None) is None:
        raise not_found()
    return NO_CONTENT


@router.on("POST", "/repos/{owner}/{repo}/rulesets")
def create_ruleset(call: Call, *, owner: str, repo: str) -> Answer:
    """Add a ruleset, with a new id."""
    found = _with_rules(call, owner, repo)
    access.at_least(call, found, "admin")
    made: dict[str, Any] = {
        "target": "branch",
        "bypass_actors": [],
        "conditions": {"ref_name": {"include": [], "exclude": []}},
        "rules": [],
        **call.request.json(),
        "id": call.hub.next_id(),
    }
    found.rulesets[made["id"]] = made
    return Answer(status=201, json=_ruleset(call, found, made))


def _with_rules(call: Call, owner: str, repo: str) -> Repository:
    found = access.find(call, owner, repo)
    access.paid_or_public(found)
    return found


def _ruleset(call: Call, found: Repository, one: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "node_id": shapes.node_id("RRS", one["id"]),
        "source_type": "Repository",
        "source": found.full_name,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        **one,
    }
    shown["current_user_can_bypass"] = may_bypass(call.hub, call.person, found, one)
    if not _may_write(call, found, one):
        shown.pop("bypass_actors", None)
    return shown


def _may_write(call: Call, found: Repository, one: dict[str, Any]) -> bool:
    """Say whether the caller may change a ruleset, and so is told who passes it."""
    if one.get("source_type") == "Organization":
        return call.person is not None and found.owner.members.get(call.person.id) == "admin"
    return call.hub.role(call.person, found) == "admin"
