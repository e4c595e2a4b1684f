"""A branch protection as it has to be written, from how it is read: REST has two shapes for it.

What a PUT leaves out is switched off, so every field is there; whether commits must be signed is no part
of it. Source: GitHub's description of "Update branch protection" and "Get branch protection".
"""

from collections.abc import Mapping
from typing import Any


SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)
_ANY_APP = -1
"""Written for a check that any app may set, which is read as null."""
_REVIEWS = (
    "dismiss_stale_reviews",
    "require_code_owner_reviews",
    "required_approving_review_count",
    "require_last_push_approval",
)
_BY_NAME = {"users": "login", "teams": "slug", "apps": "slug"}


def put_body(shown: Mapping[str, Any]) -> dict[str, Any]:
    """Give the body of the PUT that makes a protection what a GET showed."""
    return {
        "required_status_checks": _checks(shown.get("required_status_checks")),
        "enforce_admins": _is_on(shown, "enforce_admins"),
        "required_pull_request_reviews": _reviews(shown.get("required_pull_request_reviews")),
        "restrictions": _people(shown.get("restrictions")),
        **{name: _is_on(shown, name) for name in SWITCHES},
    }


def _is_on(shown: Mapping[str, Any], name: str) -> bool:
    return bool((shown.get(name) or {}).get("enabled"))


def _checks(shown: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    checks = shown.get("checks")
    if checks is None:  # an older server, which knows names alone
        return {"strict": bool(shown.get("strict")), "contexts": list(shown["contexts"])}
    return {
        "strict": bool(shown.get("strict")),
        "contexts": [],  # only one of the two may be filled
        "checks": [
            {
                "context": one["context"],
                "app_id": _ANY_APP if one.get("app_id") is None else one["app_id"],
            }
            for one in checks
        ],
    }


def _reviews(shown: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    body: dict[str, Any] = {name: shown[name] for name in _REVIEWS if name in shown}
    body["dismissal_restrictions"] = _people(shown.get("dismissal_restrictions")) or {}
    if shown.get("bypass_pull_request_allowances"):
        allowed = _people(shown["bypass_pull_request_allowances"])
        body["bypass_pull_request_allowances"] = allowed
    return body


def _people(shown: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Give people, teams and apps by name, which are read whole."""
    if shown is None:
        return None
    return {kind: [one[name] for one in shown.get(kind) or ()] for kind, name in _BY_NAME.items()}
