"""The traps of GitHub's API that the stand-in lays: faults on the way, plans, tokens, stale answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import github
import pytest
import requests
from githubkit.exception import RequestFailed

from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.state import TokenLimits
from tests.support import worlds
from tests.support.hubs import Served, SteppingClock, served


STUDY = "/api/v3/repos/example-org/study"
AT = ("example-org", "study")


def send(hub: Served, method: str, path: str = STUDY, **more: Any) -> requests.Response:
    """Send a request as ada, with nothing between that would try again or follow."""
    headers = {"Authorization": f"Bearer {hub.small.token}"}
    return requests.request(
        method, hub.server.base + path, headers=headers, json=more or None,
        allow_redirects=False, timeout=5,
    )  # fmt: skip


def test_t02_an_answer_of_200_may_leave_a_repository_public(hub: Served) -> None:
    shown = send(hub, "GET").content
    hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, method="PATCH", path=STUDY, answer=Answer(body=shown))
    )
    assert send(hub, "PATCH", visibility="private").status_code == 200
    assert hub.small.study.visibility == "public"


def test_t03_reads_after_a_write_show_the_old_state_for_a_while(hub: Served) -> None:
    hub.server.faults.add(Fault(effect=Effect.STALE, path=STUDY, method="GET", times=2))
    assert send(hub, "GET").json()["visibility"] == "public"
    assert send(hub, "PATCH", visibility="private").json()["visibility"] == "private"
    seen = [send(hub, "GET").json()["visibility"] for _ in range(3)]
    assert seen == ["public", "public", "private"]


def test_t04_an_internal_repository_that_is_to_be_private_stays_internal(hub: Served) -> None:
    hub.small.study.visibility = "internal"
    assert send(hub, "PATCH", private=True).json()["visibility"] == "internal"
    assert send(hub, "PATCH", visibility="private").json()["visibility"] == "private"


def test_t05_an_organisation_may_keep_visibility_to_its_owners(hub: Served) -> None:
    small = hub.small
    small.study.collaborators[small.people["cat"].id] = "admin"
    small.organisation.members_may_change_visibility = False
    kit = hub.githubkit(hub.token("cat")).rest.repos
    with pytest.raises(RequestFailed) as caught:
        kit.update(*AT, visibility="private")
    assert caught.value.response.status_code == 422
    assert small.study.visibility == "public"
    assert send(hub, "PATCH", visibility="private").status_code == 200


def test_t06_no_rights_no_sight_and_no_sign_on_answer_differently(hub: Served) -> None:
    limits = TokenLimits(needs_sso=True)
    token = hub.small.world.token(hub.login("ada"), limits=limits)
    client = hub.pygithub(token)
    with pytest.raises(github.GithubException) as caught:
        client.get_repo("example-org/study")
    assert caught.value.status == 403
    assert str((caught.value.headers or {})["x-github-sso"]).startswith("required; url=")
    narrow = TokenLimits(repositories=frozenset())
    hub.small.study.visibility = "private"
    blind = hub.small.world.token(hub.login("ada"), scopes=None, limits=narrow)
    with pytest.raises(github.UnknownObjectException):
        hub.pygithub(blind).get_repo("example-org/study")


def test_a_classic_token_says_its_scopes_and_a_fine_grained_one_does_not(hub: Served) -> None:
    classic = hub.pygithub()
    classic.get_user().login  # noqa: B018 - asks
    assert classic.oauth_scopes == ["admin:org", " delete_repo", " read:packages", " repo"] or (
        classic.oauth_scopes and "repo" in classic.oauth_scopes
    )
    fine = hub.pygithub(hub.small.world.token(hub.login("ada"), scopes=None))
    fine.get_user().login  # noqa: B018
    assert fine.oauth_scopes is None


LIMITS = {
    "secondary": (faults.secondary_limit(), 403, None),
    "secondary with a wait": (faults.secondary_limit(3), 403, "3"),
    "bare 429": (faults.too_many_requests(), 429, None),
    "429 with a wait": (faults.too_many_requests(2), 429, "2"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_t07_t08_a_limit_turns_a_write_away_once(hub: Served, name: str) -> None:
    answer, status, wait = LIMITS[name]
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, method="PATCH", answer=answer))
    said = send(hub, "PATCH", visibility="private")
    assert (said.status_code, said.headers.get("Retry-After")) == (status, wait)
    assert hub.small.study.visibility == "public"
    assert send(hub, "PATCH", visibility="private").status_code == 200


def test_t07_pygithub_takes_the_secondary_limit_for_what_it_is(hub: Served) -> None:
    answer = faults.secondary_limit()
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, method="GET", answer=answer))
    with pytest.raises(github.RateLimitExceededException):
        hub.pygithub().get_repo("example-org/study")


def test_t11_the_primary_limit_says_when_it_ends(hub: Served) -> None:
    answer = faults.primary_limit(1_900_000_000)
    hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, times=2, answer=answer))
    for _ in range(2):
        said = send(hub, "GET")
        assert (said.status_code, said.headers["X-RateLimit-Remaining"]) == (403, "0")
        assert said.headers["X-RateLimit-Reset"] == "1900000000"
    plain = send(hub, "GET")
    assert plain.status_code == 200
    assert int(plain.headers["X-RateLimit-Remaining"]) > 4000


@pytest.mark.parametrize(
    ("effect", "applied"), [(Effect.ANSWER_INSTEAD, False), (Effect.ANSWER_AFTER, True)]
)
def test_t09_a_bad_gateway_tells_nothing_of_what_was_applied(
    hub: Served, effect: Effect, applied: bool
) -> None:
    hub.server.faults.add(Fault(effect=effect, method="PATCH", answer=faults.bad_gateway()))
    assert send(hub, "PATCH", visibility="private").status_code == 502
    assert (hub.small.study.visibility == "private") is applied


@pytest.mark.parametrize(("effect", "applied"), [(Effect.RESET, False), (Effect.RESET_AFTER, True)])
def test_t10_a_connection_that_ends_tells_nothing_of_what_was_applied(
    hub: Served, effect: Effect, applied: bool
) -> None:
    hub.server.faults.add(Fault(effect=effect, method="PATCH"))
    with pytest.raises(requests.exceptions.ConnectionError):
        send(hub, "PATCH", visibility="private")
    assert (hub.small.study.visibility == "private") is applied
    assert hub.server.log[-1].method == "PATCH"


def test_an_answer_may_end_in_the_middle_come_late_be_a_page_or_a_promise(hub: Served) -> None:
    for effect, answer in (
        (Effect.TRUNCATE, Answer()),
        (Effect.ANSWER_INSTEAD, faults.unavailable_page()),
        (Effect.ANSWER_INSTEAD, faults.accepted()),
        (Effect.ANSWER_INSTEAD, faults.temporary_redirect(hub.server.api + "/repositories/1")),
    ):
        hub.server.faults.add(Fault(effect=effect, method="GET", answer=answer))
    with pytest.raises(requests.exceptions.JSONDecodeError):
        send(hub, "GET").json()
    page = send(hub, "GET")
    assert (page.status_code, page.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert [send(hub, "GET").status_code for _ in range(3)] == [202, 307, 200]
    hub.server.faults.add(Fault(effect=Effect.DELAY, method="GET", seconds=0.2))
    began = time.monotonic()
    assert send(hub, "GET").status_code == 200
    assert time.monotonic() - began >= 0.2


def test_a_fault_may_wait_for_a_later_request(hub: Served) -> None:
    hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, skip=1, times=2, answer=faults.bad_gateway())
    )
    assert [send(hub, "GET").status_code for _ in range(4)] == [200, 502, 502, 200]


def test_t14_every_role_is_told_by_its_own_name(hub: Served) -> None:
    study, world = hub.small.study, hub.small.world
    for role in ("read", "triage", "write", "maintain", "admin", "security-reviewer"):
        study.collaborators[world.person(f"has-{role}").id] = role
    listed = hub.githubkit().rest.repos.list_collaborators(*AT, affiliation="outside").parsed_data
    told = {one.login: one.role_name for one in listed if one.login.startswith("has-")}
    assert len(told) == 6
    assert all(login == f"has-{role}" for login, role in told.items())
    said = hub.githubkit().rest.repos.get_collaborator_permission_level(*AT, "has-maintain")
    assert (said.parsed_data.permission, said.parsed_data.role_name) == ("write", "maintain")


def test_t15_t18_an_invitation_may_be_accepted_between_list_and_delete(hub: Served) -> None:
    kit = hub.githubkit().rest.repos
    first = kit.list_invitations(*AT).parsed_data[0]
    gil = hub.pygithub(hub.token("gil"))
    gil.get_user().accept_invitation(first.id)
    assert kit.get_collaborator_permission_level(*AT, "gil").parsed_data.role_name == "write"
    with pytest.raises(RequestFailed) as caught:
        kit.delete_invitation(*AT, first.id)
    assert caught.value.response.status_code == 404


def test_t17_an_invitation_by_address_names_nobody(hub: Served) -> None:
    listed = hub.githubkit().rest.repos.list_invitations(*AT).parsed_data
    assert [one.invitee and one.invitee.login for one in listed] == ["gil", None]


def test_t16_roles_come_from_the_highest_of_all_grants(hub: Served) -> None:
    study, bea = hub.small.study, hub.login("bea")
    hub.small.organisation.base_permission = "write"
    study.collaborators[bea.id] = "read"
    listed = hub.githubkit().rest.repos.list_collaborators(*AT, affiliation="direct").parsed_data
    assert {one.login: one.role_name for one in listed} == {
        "bea": "write", "cat": "write", "dan": "maintain",
    }  # fmt: skip
    sources = hub.small.world.hub.sources(bea, study)
    assert dict(sources) == {
        "repository": "read", "organisation": "write", "team:analysts": "triage",
    }  # fmt: skip


def test_t20_names_are_found_in_any_case(hub: Served) -> None:
    repo = hub.pygithub().get_repo("Example-Org/STUDY")
    assert repo.full_name == "example-org/study"
    assert repo.has_in_collaborators("CAT")


def test_t21_forks_of_forks_are_only_found_by_asking_the_forks(hub: Served) -> None:
    repo = hub.pygithub().get_repo("example-org/study")
    (fork,) = repo.get_forks()
    assert (fork.full_name, fork.forks_count) == ("eve/study", 1)
    (second,) = fork.get_forks()
    assert second.full_name == "fay/study-again"
    source = hub.pygithub().get_repo(second.full_name).source
    assert source
    assert source.id == repo.id


def test_t23_a_fork_is_compared_by_the_name_of_its_owner(hub: Served) -> None:
    kit = hub.githubkit().rest.repos
    found = kit.compare_commits(*AT, f"{hub.small.lost}...eve:main").parsed_data
    assert (found.status, found.ahead_by) == ("ahead", 1)
    assert [one.filename for one in found.files or ()] == ["notes.md"]
    with pytest.raises(RequestFailed):
        kit.compare_commits(*AT, "main...nobody:main")


def test_t24_stargazers_are_not_listed_for_ever(hub: Served) -> None:
    requester = hub.pygithub().requester
    status, _, _ = requester.requestJson("GET", f"{STUDY[7:]}/stargazers?page=401")
    assert status == 422


def test_t25_traffic_is_for_those_who_may_push(hub: Served) -> None:
    assert hub.pygithub(hub.token("cat")).get_repo("example-org/study").get_clones_traffic()
    with pytest.raises(github.GithubException) as caught:
        hub.pygithub(hub.token("bea")).get_repo("example-org/study").get_clones_traffic()
    assert caught.value.status == 403


def test_strangers_have_fewer_requests_and_are_asked_who_they_are(hub: Served) -> None:
    said = requests.get(hub.server.base + STUDY, timeout=5)
    assert (said.status_code, said.headers["X-RateLimit-Limit"]) == (200, "60")
    assert requests.get(f"{hub.server.base}{STUDY}/traffic/clones", timeout=5).status_code == 401
    assert send(hub, "HEAD").headers["X-RateLimit-Limit"] == "5000"


def test_t26_protections_of_a_private_repository_of_a_free_plan_answer_403(hub: Served) -> None:
    hub.small.organisation.plan = "free"
    kit = hub.githubkit().rest.repos
    assert kit.get_branch_protection(*AT, "main").status_code == 200
    kit.update(*AT, visibility="private")
    for path in ("branches/main/protection", "rulesets"):
        said = send(hub, "GET", f"{STUDY}/{path}")
        assert said.status_code == 403
        assert said.json()["message"].startswith("Upgrade to GitHub Pro or make this repository")
    kit.update(*AT, visibility="public")
    assert kit.get_branch_protection(*AT, "main").status_code == 200


def test_t28_a_protection_is_shown_with_every_field_that_was_set(hub: Served) -> None:
    people = {"users": ["dan"], "teams": ["analysts"], "apps": ["example-app"]}
    body = {**furnish.EVERY_PROTECTION, "restrictions": people}
    reviews = {
        **furnish.EVERY_PROTECTION["required_pull_request_reviews"],
        "dismissal_restrictions": people,
        "bypass_pull_request_allowances": people,
    }
    hub.githubkit().rest.repos.update_branch_protection(
        *AT, "main", **{**body, "required_pull_request_reviews": reviews}
    )
    shown = send(hub, "GET", f"{STUDY}/branches/main/protection").json()
    assert shown["required_status_checks"]["checks"] == [{"context": "tests", "app_id": 15368}]
    for place in (
        shown["restrictions"],
        shown["required_pull_request_reviews"]["dismissal_restrictions"],
        shown["required_pull_request_reviews"]["bypass_pull_request_allowances"],
    ):
        assert [one["login"] for one in place["users"]] == ["dan"]
        assert [one["slug"] for one in place["teams"]] == ["analysts"]
        assert [one["slug"] for one in place["apps"]] == ["example-app"]
    switches = {name: value for name, value in body.items() if isinstance(value, bool)}
    assert {name: shown[name]["enabled"] for name in switches} == switches
    assert shown["required_signatures"]["enabled"] is True


def test_t28_a_lift_that_sends_nulls_is_no_valid_request(hub: Served) -> None:
    said = send(
        hub, "PUT", f"{STUDY}/branches/main/protection",
        required_status_checks=None, enforce_admins=None, required_pull_request_reviews=None,
        restrictions=None, allow_force_pushes=True, allow_deletions=None,
    )  # fmt: skip
    assert said.status_code == 422


def test_t28_pygithubs_own_lift_sends_nulls_and_is_refused(hub: Served) -> None:
    branch = hub.pygithub().get_repo("example-org/study").get_branch("main")
    with pytest.raises(github.GithubException) as caught:
        branch.edit_protection(allow_force_pushes=True)
    assert caught.value.status == 422
    assert hub.small.study.protections["main"]["allow_force_pushes"] is False


def test_events_are_told_of_the_last_three_hundred(hub: Served) -> None:
    study = hub.small.study
    study.events += [dict(study.events[0], id=str(number)) for number in range(400)]
    events = list(hub.pygithub().get_repo("example-org/study").get_events())
    assert [one.id for one in events] == [str(number) for number in range(399, 99, -1)]


def test_t29_who_may_not_write_is_not_told_who_may_bypass_a_ruleset(hub: Served) -> None:
    number = next(iter(hub.small.study.rulesets))
    kit = hub.githubkit().rest.repos
    assert "bypass_actors" in kit.get_repo_ruleset(*AT, number).json()
    reader = hub.githubkit(hub.token("bea")).rest.repos
    assert "bypass_actors" not in reader.get_repo_ruleset(*AT, number).json()


def test_t30_a_ruleset_of_the_organisation_is_not_changed_through_the_repository(
    hub: Served,
) -> None:
    number = next(iter(hub.small.organisation.rulesets))
    listed = hub.githubkit().rest.repos.get_repo_rulesets(*AT).parsed_data
    assert {one.id: one.source_type for one in listed}[number] == "Organization"
    with pytest.raises(RequestFailed):
        hub.githubkit().rest.repos.update_repo_ruleset(*AT, number, enforcement="disabled")
    hub.githubkit().rest.repos.update_org_ruleset("example-org", number, enforcement="disabled")
    assert hub.small.organisation.rulesets[number]["enforcement"] == "disabled"


def test_t31_a_branch_with_a_slash_and_beyond_ascii_has_its_protection(hub: Served) -> None:
    name = "ada/größe"
    hub.small.world.branch(hub.small.study, name)
    furnish.protect(hub.small.study, name)
    branch = hub.pygithub().get_repo("example-org/study").get_branch(name)
    assert branch.get_protection().enforce_admins


def test_t49_every_link_of_a_page_leads_back_to_the_stand_in(hub: Served) -> None:
    said = send(hub, "GET", f"{STUDY}/collaborators?per_page=1")
    links = said.headers["Link"].split(", ")
    assert len(links) == 2
    assert all(link.startswith(f"<{hub.server.api}/repositories/") for link in links)
    second = links[0].split(">")[0].removeprefix("<" + hub.server.base)
    assert len(send(hub, "GET", second).json()) == 1


def test_the_activity_is_walked_by_cursor(hub: Served) -> None:
    first = send(hub, "GET", f"{STUDY}/activity?per_page=2")
    assert 'rel="next"' in first.headers["Link"]
    assert "page=" not in first.headers["Link"].replace("per_page=", "")
    second = requests.get(
        first.headers["Link"].split(">")[0].removeprefix("<"), timeout=5,
    )  # fmt: skip
    assert {one["id"] for one in first.json()}.isdisjoint(one["id"] for one in second.json())


def test_t51_an_organisation_holds_empty_blocked_archived_and_moved_repositories(
    hub: Served,
) -> None:
    world, organisation = hub.small.world, hub.small.organisation
    blocked = world.repository(organisation, "blocked", files={"a": b"a"})
    blocked.disabled = True
    moved = world.repository(hub.login("ada"), "moved", files={"a": b"a"})
    world.transfer(moved, organisation)
    assert send(hub, "GET", "/api/v3/repos/example-org/blocked").status_code == 451
    assert send(hub, "GET", "/api/v3/repos/ada/moved").status_code == 301
    assert send(hub, "GET", "/api/v3/repos/example-org/moved").status_code == 200


def test_the_audit_log_is_for_the_enterprise_plan_and_git_events_are_asked_for(
    hub: Served,
) -> None:
    path = "/api/v3/orgs/example-org/audit-log"
    assert send(hub, "GET", path).status_code == 404
    hub.small.organisation.plan = "enterprise"
    web = send(hub, "GET", path).json()
    git = send(hub, "GET", f"{path}?include=git&phrase=repo:example-org/study").json()
    assert [one["action"] for one in web] == ["repo.download_zip"]
    assert [one["action"] for one in git] == ["git.push", "git.clone"]


def test_packages_are_told_to_classic_tokens_with_their_scope(hub: Served) -> None:
    kit = hub.githubkit().rest.packages
    assert kit.list_packages_for_organization("example-org", package_type="container").parsed_data
    fine = hub.small.world.token(hub.login("ada"), scopes=None)
    with pytest.raises(RequestFailed):
        hub.githubkit(fine).rest.packages.list_packages_for_organization(
            "example-org", package_type="container"
        )


@pytest.fixture
def large(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "hub"
    folder.mkdir()
    built = worlds.large(folder, SteppingClock())
    small = worlds.Small(
        world=built.world, organisation=built.organisation, study=built.study, fork=built.study,
        grandfork=built.study, people={}, token=built.token, tip="", lost="",
        orphan=None,  # type: ignore[arg-type]
    )  # fmt: skip
    with served(built.world) as server:
        given = Served(small, server, tmp_path)
        yield given
        given.close()


def test_t12_three_hundred_forks_in_three_levels_are_read_in_seconds(large: Served) -> None:
    began = time.monotonic()
    waiting = [large.pygithub().get_repo("example-org/study")]
    found = []
    while waiting:
        forks = list(waiting.pop().get_forks())
        found += forks
        waiting += [fork for fork in forks if fork.forks_count]
    assert len({fork.id for fork in found}) == 300
    repo = large.pygithub().get_repo("example-org/study")
    assert len(list(repo.get_collaborators(affiliation="outside"))) == 120
    assert sum(branch.protected for branch in repo.get_branches()) == 20
    assert time.monotonic() - began < 20
