"""Every operation of the stand-in against GitHub's own description."""

from typing import Any

import pytest

from breachkit.drill.hub.operations import ROUTERS
from breachkit.drill.hub.server import Exchange
from tests.support import githubkit_check
from tests.support.hubs import Served


READS = [route for router in ROUTERS for route in router.routes if route.method == "GET"]
ROUTES = [route for router in ROUTERS for route in router.routes]

FOUND = 200, 204, 302
"""What a read of something that is there answers."""


def _values(hub: Served) -> dict[str, str]:
    study = hub.small.study
    commit = hub.small.tip
    tree = hub.git("ls-remote", hub.url()).stdout
    assert commit in tree
    return {
        "org_id": str(hub.small.organisation.id), "account_id": str(hub.login("cat").id),
        "team_id": str(hub.small.organisation.teams["analysts"].id),
        "owner": "example-org", "repo": "study", "org": "example-org", "username": "cat",
        "repository_id": str(study.id), "branch": "main", "team_slug": "analysts",
        "ref": "heads/main", "commit_sha": commit, "tree_sha": commit,
        "hook_id": str(next(iter(study.hooks))), "ruleset_id": str(next(iter(study.rulesets))),
        "pull_number": "1", "run_id": str(next(iter(study.runs))),
        "artifact_id": str(next(iter(study.artifacts))),
        "release_id": str(next(iter(study.releases))),
        "basehead": f"{hub.small.lost}...{commit}",
    }  # fmt: skip


@pytest.fixture
def values(hub: Served) -> dict[str, str]:
    return _values(hub)


def test_the_stand_in_has_no_operation_that_github_has_not() -> None:
    own = {(route.method, route.template.replace("...}", "}")) for route in ROUTES}
    described = githubkit_check.described_operations()
    missing = {
        template
        for method, template in own
        if (method, githubkit_check.template_of(template)) not in described
    }
    assert missing == set(githubkit_check.UNDESCRIBED)


def test_every_read_answers_as_github_describes_it(hub: Served, values: dict[str, str]) -> None:
    client = hub.githubkit()
    special = {
        "/repos/{owner}/{repo}/git/blobs/{file_sha}": {"file_sha": _blob(hub)},
        "/repos/{owner}/{repo}/git/tags/{tag_sha}": {"tag_sha": _tag(hub)},
        "/repos/{owner}/{repo}/commits/{ref...}": {"ref": "main"},
        "/repos/{owner}/{repo}/contents/{path...}": {"path": "output/table.csv"},
        "/repos/{owner}/{repo}/tarball/{ref...}": {"ref": "main"},
        "/repos/{owner}/{repo}/zipball/{ref...}": {"ref": "main"},
        "/orgs/{org}/memberships/{username}": {"username": "bea"},
        "/orgs/{org}/rulesets/{ruleset_id}": {
            "ruleset_id": str(next(iter(hub.small.organisation.rulesets)))
        },
    }
    hub.small.organisation.plan = "enterprise"
    hub.small.study.actions["allowed_actions"] = "selected"
    hub.small.study.selected_actions = {"github_owned_allowed": True, "verified_allowed": False}
    query = {"/orgs/{org}/packages": {"package_type": "container"}}
    for route in READS:
        path = route.template.replace("...}", "}").format_map(
            {**values, **special.get(route.template, {})}
        )
        answer = client.request("GET", path, params=query.get(route.template))
        assert answer.status_code in FOUND, path
    assert {one.template for one in hub.server.log if one.template} == {
        route.template for route in READS
    }


def _blob(hub: Served) -> str:
    listed = hub.githubkit().rest.git.get_tree("example-org", "study", "main", recursive="1")
    return next(one.sha for one in listed.parsed_data.tree if one.type == "blob")


def _tag(hub: Served) -> str:
    clone = hub.folder / "clone"
    hub.git("clone", "--quiet", hub.url(), str(clone))
    hub.git("tag", "--annotate", "--message=first", "v0.1", cwd=clone)
    pushed = hub.git("push", hub.url(hub.small.token), "v0.1", cwd=clone)
    assert pushed.returncode == 0, pushed.stderr
    return hub.git("rev-parse", "v0.1", cwd=clone).stdout.strip()


def _exchange(**changed: Any) -> Exchange:
    plain = {
        "method": "PUT", "path": "/repos/a/b/collaborators/c", "query": {},
        "template": "/repos/{owner}/{repo}/collaborators/{username}", "body": b"{}",
        "status": 204, "answer": b"", "login": "ada",
    }  # fmt: skip
    return Exchange(**{**plain, **changed})


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"body": b'{"permission": 3}'}, "request is no"),
        ({"body": b'{"role": "push"}'}, "the body has 'role'"),
        ({"query": {"affiliation": "all"}}, "the query has 'affiliation'"),
        ({"status": 201, "answer": b'{"id": 1}'}, "answer is no RepositoryInvitation: repository"),
        ({"status": 201, "answer": b""}, "no content"),
        ({"status": 409, "answer": b'{"message": "no"}'}, "knows no such status"),
        ({"status": 422, "answer": b"[]"}, "error is no ValidationError"),
        ({"template": "/repos/{owner}/{repo}/friends"}, "no such operation"),
    ],
)
def test_the_check_notices_what_github_does_not_describe(
    changed: dict[str, Any], said: str
) -> None:
    assert githubkit_check.violations([_exchange()]) == []
    wrong = githubkit_check.violations([_exchange(**changed)])
    assert any(said in line for line in wrong), wrong
