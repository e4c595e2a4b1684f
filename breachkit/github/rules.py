"""Branch protections as GraphQL has them: the rule behind each branch, and changes of single switches."""

from collections.abc import Mapping
from typing import Any

from breachkit.actions.hosting import HostedRepository, ReadBack
from breachkit.github import graphql
from breachkit.github.client import Client, Pages
from breachkit.github.errors import HiddenError


Detail = Mapping[str, Any]

SWITCHES = (
    "allowsDeletions", "allowsForcePushes", "blocksCreations", "dismissesStaleReviews",
    "isAdminEnforced", "lockAllowsFetchAndMerge", "lockBranch", "requireLastPushApproval",
    "requiresApprovingReviews", "requiresCodeOwnerReviews", "requiresCommitSignatures",
    "requiresConversationResolution", "requiresDeployments", "requiresLinearHistory",
    "requiresStatusChecks", "requiresStrictStatusChecks", "restrictsPushes",
    "restrictsReviewDismissals",
)  # fmt: skip
_ALLOWANCES = (
    "bypassForcePushAllowances",
    "bypassPullRequestAllowances",
    "pushAllowances",
    "reviewDismissalAllowances",
)
_PEOPLE = "(first: 100) { nodes { actor { ... on User { id login } ... on Team { id slug } ... on App { id slug } } } }"  # fmt: skip
_RULE = " ".join(
    (
        "id databaseId pattern requiredApprovingReviewCount requiredDeploymentEnvironments",
        "requiredStatusChecks { context app { slug databaseId } }",
        *SWITCHES,
        *(f"{name} {_PEOPLE}" for name in _ALLOWANCES),
    )
)
_OF = "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) { %s } }"  # fmt: skip
_RULES = _OF % (
    "branchProtectionRules(first: 50, after: $after)"
    f" {{ pageInfo {{ endCursor hasNextPage }} nodes {{ {_RULE} }} }}"
)
_BRANCHES = _OF % (
    'refs(refPrefix: "refs/heads/", first: 100, after: $after) { pageInfo { endCursor hasNextPage }'
    " nodes { name branchProtectionRule { id } refUpdateRule { pattern allowsDeletions"
    " allowsForcePushes requiresLinearHistory requiresSignatures viewerCanPush } } }"
)
_ONE = f"query($id: ID!) {{ node(id: $id) {{ ... on BranchProtectionRule {{ {_RULE} }} }} }}"
_CHANGE = (
    "mutation($input: UpdateBranchProtectionRuleInput!) { updateBranchProtectionRule(input: $input)"
    " { branchProtectionRule { id } } }"
)
FORCE_PUSHERS = "bypassForcePushActorIds"
_WHAT = "the branch protections"


def branch_rules(client: Client, repository: HostedRepository) -> Pages:
    """Give every rule with the `branches` that it holds for.

    Who does not administer the repository is told no rules but what they mean: `viewer` is then what
    GitHub says of them, and there is no `id`.
    """
    owner, _, name = repository.full_name.partition("/")
    names = {"owner": owner, "name": name}
    rules = graphql.listed(client, _RULES, names, _WHAT, "repository", "branchProtectionRules")
    found: dict[str, dict[str, Any]] = {one["id"]: {**one, "branches": []} for one in rules}
    for branch in graphql.listed(client, _BRANCHES, names, _WHAT, "repository", "refs"):
        rule, viewer = branch["branchProtectionRule"], branch["refUpdateRule"]
        if rule is not None and rule["id"] in found:
            found[rule["id"]]["branches"].append(branch["name"])
        elif viewer is not None:
            seen = found.setdefault(f"viewer of {viewer['pattern']}", {"branches": []})
            seen |= {"pattern": viewer["pattern"], "viewer": viewer}
            seen["branches"].append(branch["name"])
    return Pages(items=tuple(found.values()))


def set_rule(client: Client, _repository: HostedRepository, detail: Detail) -> None:
    """Change some switches of a rule: `id`, and `values` by their names in GraphQL."""
    given = {"branchProtectionRuleId": detail["id"], **detail["values"]}
    graphql.change(client, _CHANGE, {"input": given}, "a branch's protection")


def rule_set(client: Client, _repository: HostedRepository, detail: Detail) -> ReadBack:
    """Say whether a rule has the values it was given."""
    try:
        shown = graphql.ask(client, _ONE, {"id": detail["id"]}, "a branch's protection")["node"]
    except HiddenError:
        return ReadBack.NOT_DONE
    values = dict(detail["values"])
    pushers = values.pop(FORCE_PUSHERS, None)
    holds = shown is not None and all(shown[name] == value for name, value in values.items())
    if holds and pushers is not None:
        holds = sorted(pushers) == sorted(_ids(shown["bypassForcePushAllowances"]))
    return ReadBack.DONE if holds else ReadBack.NOT_DONE


def _ids(allowances: Mapping[str, Any]) -> list[str]:
    return [one["actor"]["id"] for one in allowances["nodes"] if one.get("actor")]
