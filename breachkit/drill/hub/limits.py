"""Limits: of requests, which every answer counts, and of who may interact with a public repository."""

from datetime import timedelta

from breachkit.drill.hub import access, shapes
from breachkit.drill.hub.answers import NO_CONTENT, Answer, Problem
from breachkit.drill.hub.routing import Router
from breachkit.drill.hub.server import LIMIT, LIMIT_OF_STRANGERS, Call


router = Router()

_INTERACTION = "/repos/{owner}/{repo}/interaction-limits"
_EXPIRIES = {"one_day": 1, "three_days": 3, "one_week": 7, "one_month": 30, "six_months": 180}


@router.on("GET", "/rate_limit")
def rate_limit(call: Call) -> Answer:
    """Give how many requests are left; asking costs none."""
    left = LIMIT if call.person else LIMIT_OF_STRANGERS
    reset = int(call.hub.clock.now().timestamp()) + 3600
    one = {"limit": left, "used": 0, "remaining": left, "reset": reset}
    names = ("core", "search", "graphql", "integration_manifest")
    return Answer(json={"resources": dict.fromkeys(names, one), "rate": one})


@router.on("GET", _INTERACTION)
def interaction_limits(call: Call, *, owner: str, repo: str) -> Answer:
    """Give who may comment and open issues; empty for everybody."""
    return Answer(json=access.administered(call, owner, repo).interaction_limit or {})


@router.on("PUT", _INTERACTION)
def limit_interactions(call: Call, *, owner: str, repo: str) -> Answer:
    """Limit who may interact, for half a year at most."""
    found = access.administered(call, owner, repo)
    if found.visibility != "public":
        raise Problem(409, "Interaction limits can only be set for public repositories.")
    wanted = call.request.json()
    days = _EXPIRIES[wanted.get("expiry", "one_day")]
    found.interaction_limit = {
        "limit": wanted["limit"],
        "origin": "repository",
        "expires_at": shapes.time(call.hub.clock.now() + timedelta(days=days)),
    }
    return Answer(json=found.interaction_limit)


@router.on("DELETE", _INTERACTION)
def lift_interaction_limits(call: Call, *, owner: str, repo: str) -> Answer:
    """Let everybody interact again."""
    access.administered(call, owner, repo).interaction_limit = None
    return NO_CONTENT
