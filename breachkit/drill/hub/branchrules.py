"""A branch protection as GraphQL shows it: a rule with a pattern, which REST shows by branch alone.

What reads by one name in REST has another here; both are views of the body that REST's PUT keeps.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from breachkit.drill.hub import gitstore, shapes
from breachkit.drill.hub.protected import rule_of
from breachkit.drill.hub.pushrules import may_push
from breachkit.drill.hub.state import Account, Hub, Repository


JSON = dict[str, Any]
Connect = Callable[[Iterable[Any]], Callable[..., JSON]]
"""Turns a list into the function that gives its pages."""

SWITCHES: Mapping[str, str] = {
    "allowsDeletions": "allow_deletions",
    "allowsForcePushes": "allow_force_pushes",
    "blocksCreations": "block_creations",
    "isAdminEnforced": "enforce_admins",
    "lockAllowsFetchAndMerge": "allow_fork_syncing",
    "lockBranch": "lock_branch",
    "requiresCommitSignatures": "required_signatures",
    "requiresConversationResolution": "required_conversation_resolution",
    "requiresLinearHistory": "required_linear_history",
}
"""What is a truth value in both."""

_REVIEWS: Mapping[str, str] = {
    "dismissesStaleReviews": "dismiss_stale_reviews",
    "requiresCodeOwnerReviews": "require_code_owner_reviews",
    "requireLastPushApproval": "require_last_push_approval",
}


def rule_id(found: Repository, pattern: str) -> str:
    """Give the id of the rule with a pattern."""
    return shapes.node_id("BPR", found.rule_numbers[pattern])


def find_rule(hub: Hub, node: str) -> tuple[Repository, str] | None:
    """Find a rule by its id: its repository, and its pattern."""
    for found in hub.repositories.values():
        for pattern in found.protections:
            if rule_id(found, pattern) == node:
                return found, pattern
    return None


def rule(hub: Hub, found: Repository, pattern: str, connect: Connect) -> JSON:
    """Give a `BranchProtectionRule`."""
    kept = found.protections[pattern]
    reviews = kept["required_pull_request_reviews"]
    checks = kept["required_status_checks"]
    environments = list(kept.get("environments", ()))
    people = _Allowed(hub, found, connect)
    return {
        "__typename": "BranchProtectionRule",
        "id": rule_id(found, pattern),
        "databaseId": found.rule_numbers[pattern],
        "pattern": pattern,
        **{name: bool(kept.get(rest)) for name, rest in SWITCHES.items()},
        **{name: bool((reviews or {}).get(rest)) for name, rest in _REVIEWS.items()},
        "requiresApprovingReviews": reviews is not None,
        "requiredApprovingReviewCount": (reviews or {}).get("required_approving_review_count"),
        "restrictsReviewDismissals": bool((reviews or {}).get("dismissal_restrictions")),
        "reviewDismissalAllowances": people((reviews or {}).get("dismissal_restrictions")),
        "bypassPullRequestAllowances": people(
            (reviews or {}).get("bypass_pull_request_allowances")
        ),
        "bypassForcePushAllowances": people({"users": kept.get("force_pushers", ())}),
        "restrictsPushes": kept["restrictions"] is not None,
        "pushAllowances": people(kept["restrictions"]),
        "requiresStatusChecks": checks is not None,
        "requiresStrictStatusChecks": bool((checks or {}).get("strict")),
        "requiredStatusChecks": [_check(found, one) for one in (checks or {}).get("checks") or ()],
        "requiresDeployments": bool(environments),
        "requiredDeploymentEnvironments": environments,
    }


def reference(
    hub: Hub, found: Repository, person: Account | None, branch: str, connect: Connect
) -> JSON:
    """Give a `Ref`; only an administrator is shown its rule, everybody what it means for them."""
    pattern = rule_of(found, branch)
    return {
        "__typename": "Ref",
        "id": f"REF_{found.id}_{branch}",
        "name": branch,
        "prefix": "refs/heads/",
        "branchProtectionRule": (
            rule(hub, found, pattern, connect)
            if pattern is not None and hub.role(person, found) == "admin"
            else None
        ),
        "refUpdateRule": None if pattern is None else _for(hub, found, person, pattern),
    }


def references(
    hub: Hub, found: Repository, person: Account | None, connect: Connect
) -> Iterable[JSON]:
    """Give every branch as a `Ref`."""
    return [reference(hub, found, person, name, connect) for name in gitstore.branches(found)]


def change(hub: Hub, found: Repository, pattern: str, wanted: Mapping[str, Any]) -> None:
    """Change what of a rule is named, and nothing else.

    Once everybody may push by force the list of who may is gone: a rule has the one or the other,
    which is our reading of what Terraform's provider asks for.
    """
    kept = found.protections[pattern]
    if wanted.get("allowsForcePushes") and "force_pushers" in kept:
        kept["force_pushers"] = []
    kept |= {SWITCHES[name]: value for name, value in wanted.items() if name in SWITCHES}
    if "bypassForcePushActorIds" in wanted:
        named = set(wanted["bypassForcePushActorIds"])
        everybody = hub.accounts.values()
        kept["force_pushers"] = [one.login for one in everybody if _account_id(one) in named]


def _for(hub: Hub, found: Repository, person: Account | None, pattern: str) -> JSON:
    kept = found.protections[pattern]
    reviews = kept["required_pull_request_reviews"] or {}
    checks = kept["required_status_checks"] or {}
    return {
        "pattern": pattern,
        "allowsDeletions": bool(kept.get("allow_deletions")),
        "allowsForcePushes": bool(kept.get("allow_force_pushes")),
        "blocksCreations": bool(kept.get("block_creations")),
        "requiredApprovingReviewCount": reviews.get("required_approving_review_count"),
        "requiredStatusCheckContexts": list(checks.get("contexts", ())),
        "requiresCodeOwnerReviews": bool(reviews.get("require_code_owner_reviews")),
        "requiresConversationResolution": bool(kept.get("required_conversation_resolution")),
        "requiresLinearHistory": bool(kept.get("required_linear_history")),
        "requiresSignatures": bool(kept.get("required_signatures")),
        "viewerAllowedToDismissReviews": hub.role(person, found) in {"write", "maintain", "admin"},
        "viewerCanPush": may_push(hub, person, found, kept),
    }


def _account_id(one: Account) -> str:
    return shapes.node_id("O" if one.is_organisation else "U", one.id)


def account(one: Account) -> JSON:
    """Give a `User` or an `Organization`."""
    kind = "Organization" if one.is_organisation else "User"
    return {
        "__typename": kind,
        "id": _account_id(one),
        "login": one.login,
        "databaseId": one.id,
    }


def _check(found: Repository, one: Mapping[str, Any]) -> JSON:
    apps = (_app(each) for each in found.owner.installations)
    known = next((app for app in apps if app["databaseId"] == one.get("app_id")), None)
    return {"context": one["context"], "app": known}


def _app(one: Mapping[str, Any]) -> JSON:
    return {
        "__typename": "App",
        "id": shapes.node_id("A", one["app_id"]),
        "slug": one["app_slug"],
        "databaseId": one["app_id"],
    }


class _Allowed:
    """Gives the people, teams and apps that a part of a protection names."""

    def __init__(self, hub: Hub, found: Repository, connect: Connect) -> None:
        self._hub, self._found, self._connect = hub, found, connect

    def __call__(self, named: Mapping[str, Any] | None) -> Callable[..., JSON]:
        listed = [
            {"id": f"{actor['id']}_allowance", "actor": actor}
            for actor in self._actors(named or {})
        ]
        return self._connect(listed)

    def _actors(self, named: Mapping[str, Any]) -> Iterable[JSON]:
        owner = self._found.owner
        people = (self._hub.account(login) for login in named.get("users", ()))
        yield from (account(one) for one in people if one)
        for slug in named.get("teams", ()):
            if team := owner.teams.get(slug):
                number = shapes.node_id("T", team.id)
                yield {"__typename": "Team", "id": number, "slug": slug, "databaseId": team.id}
        apps = set(named.get("apps", ()))
        yield from (_app(one) for one in owner.installations if one["app_slug"] in apps)
