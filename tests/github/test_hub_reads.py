"""The same reads by two clients that nobody here wrote: githubkit and PyGithub see the same."""

from collections.abc import Callable
from typing import Any

import pytest
from github.Repository import Repository as Study

from tests.support.hubs import Served


class Kit:
    """githubkit on the study, with the names of its methods alone."""

    def __init__(self, hub: Served) -> None:
        self._kit = hub.githubkit()
        self.hub = hub

    def __call__(self, area: str, method: str, *args: Any, **more: Any) -> Any:
        call = getattr(getattr(self._kit.rest, area), method)
        return call("example-org", "study", *args, **more).parsed_data


Reading = tuple[str, Callable[[Kit], Any], Callable[[Study], Any]]

READINGS: tuple[Reading, ...] = (
    (
        "repository",
        lambda kit: [
            (one.id, one.full_name, one.visibility, one.permissions.admin, one.default_branch)
            for one in [kit("repos", "get")]
        ],
        lambda study: [
            (
                study.id,
                study.full_name,
                study.visibility,
                study.permissions.admin,
                study.default_branch,
            )
        ],
    ),
    (
        "forks",
        lambda kit: [(one.id, one.owner.login) for one in kit("repos", "list_forks")],
        lambda study: [(one.id, one.owner.login) for one in study.get_forks()],
    ),
    (
        "stargazers",
        lambda kit: [one.login for one in kit("activity", "list_stargazers_for_repo")],
        lambda study: [one.login for one in study.get_stargazers()],
    ),
    (
        "subscribers",
        lambda kit: [one.login for one in kit("activity", "list_watchers_for_repo")],
        lambda study: [one.login for one in study.get_subscribers()],
    ),
    (
        "outside collaborators",
        lambda kit: [
            (one.login, one.role_name)
            for one in kit("repos", "list_collaborators", affiliation="outside")
        ],
        lambda study: [
            (one.login, study.get_collaborator_role_name(one))
            for one in study.get_collaborators(affiliation="outside")
        ],
    ),
    (
        "invitations",
        lambda kit: [
            (one.id, one.permissions, one.inviter.login) for one in kit("repos", "list_invitations")
        ],
        lambda study: [
            (one.id, one.permissions, one.inviter.login) for one in study.get_pending_invitations()
        ],
    ),
    (
        "teams",
        lambda kit: [(one.slug, one.permission) for one in kit("repos", "list_teams")],
        lambda study: [(one.slug, one.permission) for one in study.get_teams()],
    ),
    (
        "keys",
        lambda kit: [
            (one.id, one.title, one.read_only) for one in kit("repos", "list_deploy_keys")
        ],
        lambda study: [(one.id, one.title, one.read_only) for one in study.get_keys()],
    ),
    (
        "hooks",
        lambda kit: [(one.id, one.active, one.config.url) for one in kit("repos", "list_webhooks")],
        lambda study: [(one.id, one.active, one.config["url"]) for one in study.get_hooks()],
    ),
    (
        "deliveries",
        lambda kit: [
            one.guid
            for hook in kit("repos", "list_webhooks")
            for one in kit("repos", "list_webhook_deliveries", hook.id)
        ],
        lambda study: [
            one.guid for hook in study.get_hooks() for one in study.get_hook_deliveries(hook.id)
        ],
    ),
    (
        "protection",
        lambda kit: [
            (
                one.enforce_admins.enabled,
                one.required_pull_request_reviews.required_approving_review_count,
                one.required_linear_history.enabled,
            )
            for one in [kit("repos", "get_branch_protection", "main")]
        ],
        lambda study: [
            (
                one.enforce_admins,
                one.required_pull_request_reviews.required_approving_review_count,
                one.required_linear_history,
            )
            for one in [study.get_branch("main").get_protection()]
        ],
    ),
    (
        "clones",
        lambda kit: [kit("repos", "get_clones").count],
        lambda study: [one.count for one in [study.get_clones_traffic()] if one],
    ),
    (
        "views",
        lambda kit: [kit("repos", "get_views").uniques],
        lambda study: [one.uniques for one in [study.get_views_traffic()] if one],
    ),
    (
        "paths",
        lambda kit: [(one.path, one.count) for one in kit("repos", "get_top_paths")],
        lambda study: [(one.path, one.count) for one in study.get_top_paths() or ()],
    ),
    (
        "pull requests",
        lambda kit: [
            (one.number, one.head.sha, one.head.repo and one.head.repo.id)
            for one in kit("pulls", "list", state="all")
        ],
        lambda study: [
            (one.number, one.head.sha, one.raw_data["head"]["repo"] and one.head.repo.id)
            for one in study.get_pulls(state="all")
        ],
    ),
    (
        "events",
        lambda kit: [(one.id, one.type) for one in kit("activity", "list_repo_events")],
        lambda study: [(one.id, one.type) for one in study.get_events()],
    ),
    (
        "releases",
        lambda kit: [
            (one.id, [asset.name for asset in one.assets]) for one in kit("repos", "list_releases")
        ],
        lambda study: [
            (one.id, [asset.name for asset in one.get_assets()]) for one in study.get_releases()
        ],
    ),
    (
        "runs",
        lambda kit: [
            (one.id, one.head_sha)
            for one in kit("actions", "list_workflow_runs_for_repo").workflow_runs
        ],
        lambda study: [(one.id, one.head_sha) for one in study.get_workflow_runs()],
    ),
    (
        "artifacts",
        lambda kit: [
            (one.id, one.name) for one in kit("actions", "list_artifacts_for_repo").artifacts
        ],
        lambda study: [(one.id, one.name) for one in study.get_artifacts()],
    ),
    (
        "deployments",
        lambda kit: [(one.id, one.sha) for one in kit("repos", "list_deployments")],
        lambda study: [(one.id, one.sha) for one in study.get_deployments()],
    ),
    (
        "environments",
        lambda kit: [one.name for one in kit("repos", "get_all_environments").environments],
        lambda study: [one.name for one in study.get_environments()],
    ),
    (
        "comments of issues",
        lambda kit: [one.body for one in kit("issues", "list_comments_for_repo")],
        lambda study: [one.body for one in study.get_issues_comments()],
    ),
    (
        "comments of pull requests",
        lambda kit: [one.path for one in kit("pulls", "list_review_comments_for_repo")],
        lambda study: [one.path for one in study.get_pulls_review_comments()],
    ),
    (
        "comments of commits",
        lambda kit: [one.commit_id for one in kit("repos", "list_commit_comments_for_repo")],
        lambda study: [one.commit_id for one in study.get_comments()],
    ),
    (
        "commits",
        lambda kit: [
            (one.sha, one.commit.message, one.commit.author.email)
            for one in kit("repos", "list_commits")
        ],
        lambda study: [
            (one.sha, one.commit.message, one.commit.author.email) for one in study.get_commits()
        ],
    ),
    (
        "files of a lost commit",
        lambda kit: [
            (one.filename, one.status, one.changes)
            for one in kit("repos", "get_commit", kit.hub.small.lost).files
        ],
        lambda study: [("output/table.csv", "modified", 2)],
    ),
    (
        "comparison",
        lambda kit: [
            (one.status, one.ahead_by, one.behind_by)
            for one in [kit("repos", "compare_commits", f"{kit.hub.small.lost}...main")]
        ],
        lambda study: [("diverged", 1, 1)],
    ),
    (
        "refs",
        lambda kit: sorted(one.ref for one in kit("git", "list_matching_refs", "heads")),
        lambda study: sorted(one.ref for one in study.get_git_matching_refs("heads")),
    ),
    (
        "tree",
        lambda kit: [
            (one.path, one.sha) for one in kit("git", "get_tree", "main", recursive="1").tree
        ],
        lambda study: [
            (one.path, one.sha) for one in study.get_git_tree("main", recursive=True).tree
        ],
    ),
)


@pytest.mark.parametrize(
    ("by_githubkit", "by_pygithub"),
    [pytest.param(kit, gh, id=name) for name, kit, gh in READINGS],
)
def test_both_clients_read_the_same(
    hub: Served, by_githubkit: Callable[[Kit], Any], by_pygithub: Callable[[Study], Any]
) -> None:
    seen = by_githubkit(Kit(hub))
    assert seen
    assert seen == by_pygithub(hub.pygithub().get_repo("example-org/study"))


def test_t12_lists_of_more_than_a_page_are_read_to_the_end_by_both(hub: Served) -> None:
    study = hub.small.study
    people = [hub.small.world.person(f"many-{number}") for number in range(130)]
    study.collaborators |= {one.id: "read" for one in people}
    kit = Kit(hub)
    pages = [
        kit("repos", "list_collaborators", per_page=50, page=number, affiliation="direct")
        for number in (1, 2, 3, 4)
    ]
    assert [len(page) for page in pages] == [50, 50, 32, 0]
    repo = hub.pygithub().get_repo("example-org/study")
    logins = [one.login for one in repo.get_collaborators(affiliation="direct")]
    assert logins == [one.login for page in pages for one in page]
    assert len(set(logins)) == 132


def test_the_organisation_lists_its_repositories_as_asked(hub: Served) -> None:
    world = hub.small.world
    world.repository(hub.small.organisation, "empty")
    world.repository(hub.small.organisation, "hidden", files={"a": b"a"}, visibility="private")
    kit = hub.githubkit()
    listed = kit.rest.repos.list_for_org(
        "example-org", type="all", sort="full_name", direction="asc"
    ).parsed_data
    assert [one.name for one in listed] == ["empty", "hidden", "study"]
    organisation = hub.pygithub().get_organization("example-org")
    public = organisation.get_repos(type="public", sort="pushed", direction="desc")
    assert [one.name for one in public] == ["study", "empty"]
    assert next(one for one in listed if one.name == "empty").pushed_at is None


def test_an_empty_repository_has_no_commits_to_list(hub: Served) -> None:
    hub.small.world.repository(hub.small.organisation, "empty")
    answer = hub.pygithub().requester.requestJson("GET", "/repos/example-org/empty/commits")
    assert answer[0] == 409


def test_t53_an_answer_that_has_not_changed_is_not_sent_again(hub: Served) -> None:
    requester = hub.pygithub().requester
    _, headers, _ = requester.requestJson("GET", "/repos/example-org/study/keys")
    tag = {"If-None-Match": headers["etag"]}
    status, _, text = requester.requestJson("GET", "/repos/example-org/study/keys", headers=tag)
    assert (status, text) == (304, "")
    hub.small.study.keys.popitem()
    assert requester.requestJson("GET", "/repos/example-org/study/keys", headers=tag)[0] == 200
