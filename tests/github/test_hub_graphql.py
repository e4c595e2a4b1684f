"""GraphQL of the stand-in, asked by PyGithub: rules with patterns, and where access comes from."""

import github
import pytest

from breachkit.drill.hub import furnish
from breachkit.drill.hub.state import TokenLimits
from tests.support.hubs import Served


AT = {"owner": "example-org", "name": "study"}
REPOSITORY = "query($owner: String!, $name: String!, $after: String) { repository(owner: $owner, name: $name) { %s } }"  # fmt: skip
RULES = REPOSITORY % (
    "branchProtectionRules(first: 2, after: $after) { totalCount pageInfo { endCursor hasNextPage }"
    " nodes { id pattern allowsForcePushes isAdminEnforced requiresCommitSignatures"
    " requiredStatusChecks { context } pushAllowances(first: 9) { nodes { actor { ... on User { login } } } } } }"
)
REFS = REPOSITORY % (
    'refs(refPrefix: "refs/heads/", first: 100, after: $after) { nodes { name'
    " branchProtectionRule { pattern } refUpdateRule { pattern allowsForcePushes viewerCanPush } } }"
)
CHANGE = (
    "mutation($input: UpdateBranchProtectionRuleInput!) { updateBranchProtectionRule(input: $input)"
    " { branchProtectionRule { allowsForcePushes lockBranch } } }"
)


def asks(hub: Served, document: str, token: str | None = None, **variables):
    requester = hub.pygithub(token).requester
    return requester.graphql_query(document, {**AT, **variables})[1]["data"]


def rules(hub: Served, **more):
    return asks(hub, RULES, **more)["repository"]["branchProtectionRules"]


def refs(hub: Served, token: str | None = None):
    nodes = asks(hub, REFS, token)["repository"]["refs"]["nodes"]
    return {one["name"]: one for one in nodes}


def test_rules_come_page_by_page_with_what_rest_says_by_branch(hub: Served) -> None:
    for pattern in ("release/*", "v?"):
        furnish.protect(hub.small.study, pattern)

    first = rules(hub)
    second = rules(hub, after=first["pageInfo"]["endCursor"])

    assert [one["pattern"] for one in first["nodes"] + second["nodes"]] == [
        "main",
        "release/*",
        "v?",
    ]
    assert first["pageInfo"]["hasNextPage"]
    assert not second["pageInfo"]["hasNextPage"]
    main = first["nodes"][0]
    shown = hub.githubkit().rest.repos.get_branch_protection(**_named(), branch="main").json()
    assert main["isAdminEnforced"] is shown["enforce_admins"]["enabled"] is True
    assert main["requiresCommitSignatures"] is shown["required_signatures"]["enabled"] is True
    assert [one["context"] for one in main["requiredStatusChecks"]] == ["tests"]


def test_t32_the_rule_of_a_branch_is_its_own_before_the_oldest_pattern(hub: Served) -> None:
    world, study = hub.small.world, hub.small.study
    for name in ("release/1", "release/old/1", "other"):
        world.branch(study, name)
    furnish.protect(study, "release/**/*")
    furnish.protect(study, "*/*")
    furnish.protect(study, "release/1", allow_force_pushes=True)

    found = {
        name: (one["branchProtectionRule"] or {}).get("pattern") for name, one in refs(hub).items()
    }

    assert found == {
        "main": "main",
        "release/1": "release/1",
        "release/old/1": "release/**/*",
        "other": None,
    }
    listed = hub.githubkit().rest.repos.list_branches(**_named(), protected=True).parsed_data
    assert {one.name for one in listed} == {"main", "release/1", "release/old/1"}


def test_who_does_not_administer_is_told_no_rule_but_what_it_means_for_them(hub: Served) -> None:
    token = hub.token("cat")

    assert rules(hub, token=token)["nodes"] == []
    one = refs(hub, token)["main"]
    assert one["branchProtectionRule"] is None
    assert one["refUpdateRule"] == {
        "pattern": "main",
        "allowsForcePushes": False,
        "viewerCanPush": False,
    }


def test_a_mutation_changes_what_it_names_and_nothing_else(hub: Served) -> None:
    before = dict(hub.small.study.protections["main"])
    (main,) = rules(hub)["nodes"]

    wanted = {"branchProtectionRuleId": main["id"], "allowsForcePushes": True}
    done = asks(hub, CHANGE, input=wanted)

    shown = done["updateBranchProtectionRule"]["branchProtectionRule"]
    assert shown == {"allowsForcePushes": True, "lockBranch": False}
    assert hub.small.study.protections["main"] == {**before, "allow_force_pushes": True}
    assert [each.path for each in hub.server.writes] == ["/graphql"]  # asking was no write


def test_a_rule_that_is_made_again_has_another_id(hub: Served) -> None:
    (before,) = rules(hub)["nodes"]
    branch = {**_named(), "branch": "main"}
    kit = hub.githubkit().rest.repos
    kit.delete_branch_protection(**branch)
    kit.update_branch_protection(
        **branch,
        required_status_checks=None,
        enforce_admins=None,
        required_pull_request_reviews=None,
        restrictions=None,
    )
    (after,) = rules(hub)["nodes"]
    assert after["id"] != before["id"]


@pytest.mark.parametrize(
    ("document", "variables", "kind"),
    [
        (RULES.replace("allowsForcePushes", "allowsMagic"), {}, None),
        (RULES.replace("first: 2", "first: 101"), {}, "EXCESSIVE_PAGINATION"),
        (RULES.replace("first: 2, ", ""), {}, "MISSING_PAGINATION_BOUNDARIES"),
        (RULES, {"name": "none"}, "NOT_FOUND"),
        (CHANGE, {"input": {"branchProtectionRuleId": "BPR_1"}}, "NOT_FOUND"),
        (CHANGE, {"input": {"allowsForcePushes": True}}, None),
    ],
)
def test_what_githubs_schema_does_not_take_is_refused_with_200(
    hub: Served, document: str, variables, kind: str | None
) -> None:
    with pytest.raises(github.GithubException) as caught:
        asks(hub, document, **variables)
    errors = caught.value.data["errors"]
    assert {one.get("type") for one in errors} == {kind}
    assert hub.server.log[-1].status == 200


def test_a_token_that_may_only_read_changes_no_rule(hub: Served) -> None:
    (main,) = rules(hub)["nodes"]
    limits = TokenLimits(read_only=True)
    token = hub.small.world.token(hub.login("ada"), scopes=None, limits=limits)
    with pytest.raises(github.GithubException, match="not accessible"):
        asks(hub, CHANGE, token, input={"branchProtectionRuleId": main["id"], "lockBranch": True})
    assert not hub.small.study.protections["main"]["lock_branch"]


def test_t16_access_is_told_apart_by_where_it_comes_from(hub: Served) -> None:
    hub.small.study.collaborators[hub.login("bea").id] = "write"
    document = REPOSITORY % (
        "collaborators(first: 100, affiliation: ALL, after: $after) { edges { node { login }"
        " permissionSources { permission roleName source { __typename ... on Team { slug } } } } }"
    )
    edges = asks(hub, document)["repository"]["collaborators"]["edges"]
    sources = {
        one["node"]["login"]: [
            (each["source"]["__typename"], each["roleName"]) for each in one["permissionSources"]
        ]
        for one in edges
    }
    assert ("Repository", "write") in sources["bea"]
    assert ("Team", "triage") in sources["bea"]
    assert ("Organization", "read") in sources["bea"]
    assert sources["cat"] == [("Repository", "write")]
    assert ("Organization", "admin") in sources["ada"]


def test_strangers_are_not_answered(hub: Served) -> None:
    with pytest.raises(github.GithubException) as caught:
        asks(hub, RULES, "")
    assert caught.value.status == 401


def _named():
    return {"owner": "example-org", "repo": "study"}
