"""The same writes by githubkit and by PyGithub, and what GitHub documents to follow from them."""

from typing import Any

import pytest
from githubkit.exception import RequestFailed

from breachkit.drill.hub.furnish import EVERY_PROTECTION
from tests.support.hubs import Served


AT = ("example-org", "study")


class ByGithubkit:
    """githubkit's own methods, which validate what they send."""

    def __init__(self, hub: Served) -> None:
        self._rest = hub.githubkit().rest

    def set_visibility(self, visibility: Any) -> str:
        return str(self._rest.repos.update(*AT, visibility=visibility).parsed_data.visibility)

    def rename(self, name: str) -> None:
        self._rest.repos.update(*AT, name=name)

    def add(self, login: str, role: str) -> int:
        return self._rest.repos.add_collaborator(*AT, login, permission=role).status_code

    def remove(self, login: str) -> None:
        self._rest.repos.remove_collaborator(*AT, login)

    def cancel_invitations(self) -> None:
        for one in self._rest.repos.list_invitations(*AT).parsed_data:
            self._rest.repos.delete_invitation(*AT, one.id)

    def replace_keys(self) -> list[bool]:
        for one in self._rest.repos.list_deploy_keys(*AT).parsed_data:
            self._rest.repos.delete_deploy_key(*AT, one.id)
            self._rest.repos.create_deploy_key(
                *AT, title=one.title, key=one.key, read_only=one.read_only
            )
        return [bool(one.read_only) for one in self._rest.repos.list_deploy_keys(*AT).parsed_data]

    def silence_hooks(self) -> None:
        for one in self._rest.repos.list_webhooks(*AT).parsed_data:
            self._rest.repos.update_webhook(*AT, one.id, active=False)

    def protect(self, branch: str, body: dict[str, Any]) -> None:
        self._rest.repos.update_branch_protection(*AT, branch, **body)

    def unprotect(self, branch: str) -> None:
        self._rest.repos.delete_branch_protection(*AT, branch)

    def is_protected(self, branch: str) -> bool:
        return self._rest.repos.get_branch(*AT, branch).parsed_data.protected

    def fork(self) -> int:
        return self._rest.repos.create_fork(*AT, data={"name": "my-fork"}).parsed_data.id

    def delete(self) -> None:
        self._rest.repos.delete(*AT)

    def delete_artifacts(self) -> None:
        for one in self._rest.actions.list_artifacts_for_repo(*AT).parsed_data.artifacts:
            self._rest.actions.delete_artifact(*AT, one.id)

    def delete_assets(self) -> None:
        for release in self._rest.repos.list_releases(*AT).parsed_data:
            for asset in release.assets:
                self._rest.repos.delete_release_asset(*AT, asset.id)

    def drop_team(self, slug: str) -> None:
        self._rest.teams.remove_repo_in_org("example-org", slug, *AT)

    def grant_team(self, slug: str, role: str) -> None:
        self._rest.teams.add_or_update_repo_permissions_in_org(
            "example-org", slug, *AT, permission=role
        )


class ByPyGithub:
    """PyGithub's methods on the same things."""

    def __init__(self, hub: Served) -> None:
        self._client = hub.pygithub()
        self._study = self._client.get_repo("example-org/study")

    def set_visibility(self, visibility: Any) -> str:
        self._study.edit(visibility=visibility)
        return str(self._study.visibility)

    def rename(self, name: str) -> None:
        self._study.edit(name=name)

    def add(self, login: str, role: str) -> int:
        return 204 if self._study.add_to_collaborators(login, role) is None else 201

    def remove(self, login: str) -> None:
        self._study.remove_from_collaborators(login)

    def cancel_invitations(self) -> None:
        for one in list(self._study.get_pending_invitations()):
            self._study.remove_invitation(one.id)

    def replace_keys(self) -> list[bool]:
        for one in list(self._study.get_keys()):
            one.delete()
            self._study.create_key(one.title, one.key, read_only=one.read_only)
        return [one.read_only for one in self._study.get_keys()]

    def silence_hooks(self) -> None:
        for one in self._study.get_hooks():
            self._study.requester.requestJsonAndCheck("PATCH", one.url, input={"active": False})

    def protect(self, branch: str, body: dict[str, Any]) -> None:
        url = f"{self._study.url}/branches/{branch}/protection"
        self._study.requester.requestJsonAndCheck("PUT", url, input=body)

    def unprotect(self, branch: str) -> None:
        self._study.get_branch(branch).remove_protection()

    def is_protected(self, branch: str) -> bool:
        return self._study.get_branch(branch).protected

    def fork(self) -> int:
        return self._study.create_fork(name="my-fork").id

    def delete(self) -> None:
        self._study.delete()

    def delete_artifacts(self) -> None:
        for one in list(self._study.get_artifacts()):
            one.delete()

    def delete_assets(self) -> None:
        for release in self._study.get_releases():
            for asset in list(release.get_assets()):
                asset.delete_asset()

    def drop_team(self, slug: str) -> None:
        self._client.get_organization("example-org").get_team_by_slug(slug).remove_from_repos(
            self._study
        )

    def grant_team(self, slug: str, role: str) -> None:
        self._client.get_organization("example-org").get_team_by_slug(slug).update_team_repository(
            self._study, role
        )


Hands = ByGithubkit | ByPyGithub


@pytest.fixture(params=[ByGithubkit, ByPyGithub])
def hands(hub: Served, request: pytest.FixtureRequest) -> Hands:
    made: Hands = request.param(hub)
    return made


def test_going_private_erases_stars_and_watchers_and_lets_public_forks_go(
    hub: Served, hands: Hands
) -> None:
    small = hub.small
    assert set(small.study.stars) >= {small.people["eve"].id}
    assert hands.set_visibility("private") == "private"
    assert not small.study.stars
    assert not small.study.watchers
    assert (small.fork.parent, small.fork.visibility) == (None, "public")
    assert small.grandfork.parent == small.fork.id
    assert small.fork.network == small.grandfork.network != small.study.network
    assert list(hub.pygithub().get_repo("example-org/study").get_forks()) == []


def test_going_private_and_public_again_brings_nothing_back(hub: Served, hands: Hands) -> None:
    hands.set_visibility("private")
    hub.small.study.stars[hub.login("ada").id] = hub.small.study.created_at
    hands.set_visibility("public")
    assert hub.small.study.stars == {}
    assert hub.small.fork.parent is None


def test_a_stranger_sees_a_private_repository_no_more_than_one_that_never_was(
    hub: Served, hands: Hands
) -> None:
    hands.set_visibility("private")
    stranger = hub.pygithub(token=hub.token("gil")).requester
    hidden = stranger.requestJson("GET", "/repos/example-org/study")
    never = stranger.requestJson("GET", "/repos/example-org/never")
    assert (hidden[0], hidden[2]) == (never[0], never[2])
    assert hub.pygithub(token="").requester.requestJson("GET", "/repos/example-org/study")[0] == 404


def test_pages_of_a_free_plan_go_when_the_repository_goes_private_and_others_stay(
    hub: Served, hands: Hands
) -> None:
    hands.set_visibility("private")
    assert hub.small.study.pages is not None
    hands.set_visibility("public")
    hub.small.organisation.plan = "free"
    hands.set_visibility("private")
    assert hub.small.study.pages is None


def test_push_rulesets_are_switched_off_on_the_way_back_to_public(
    hub: Served, hands: Hands
) -> None:
    first = next(iter(hub.small.study.rulesets.values()))
    first["target"] = "push"
    hands.set_visibility("private")
    assert first["enforcement"] == "active"
    hands.set_visibility("public")
    assert first["enforcement"] == "disabled"


def test_a_member_is_added_at_once_and_an_outsider_only_invited(hub: Served, hands: Hands) -> None:
    study, people = hub.small.study, hub.small.people
    assert hands.add("bea", "maintain") == 204
    assert study.collaborators[people["bea"].id] == "maintain"
    assert hands.add("EVE", "push") == 201
    assert people["eve"].id not in study.collaborators
    invited = [one for one in study.invitations.values() if one.invitee == people["eve"].id]
    assert [one.role for one in invited] == ["write"]


def test_an_invitation_counts_once_it_is_accepted(hub: Served, hands: Hands) -> None:
    hands.add("eve", "pull")
    mine = next(
        one for one in hub.small.study.invitations.values() if one.role == "read" and one.invitee
    )
    requester = hub.pygithub(hub.token("eve")).requester
    assert requester.requestJson("PATCH", f"/user/repository_invitations/{mine.id}")[0] == 204
    assert hub.small.study.collaborators[hub.login("eve").id] == "read"
    assert hands.add("eve", "admin") == 204


def test_the_fifty_first_invitation_of_a_repository_is_refused(hub: Served) -> None:
    world = hub.small.world
    repo = hub.pygithub().get_repo("example-org/study")
    logins = [world.person(f"guest-{number}").login for number in range(49)]
    statuses = [
        repo.requester.requestJson("PUT", f"{repo.url}/collaborators/{login}")[0]
        for login in logins
    ]
    assert statuses == [201] * 48 + [422]


def test_removing_somebody_takes_their_star_their_invitations_and_their_private_fork(
    hub: Served, hands: Hands
) -> None:
    small = hub.small
    cat = small.people["cat"]
    small.study.collaborators[cat.id] = "admin"
    hands.set_visibility("private")
    mine = small.world.fork(small.study, cat)
    small.study.stars[cat.id] = small.study.created_at
    kit = hub.githubkit(hub.token("cat"))
    kit.rest.repos.add_collaborator(*AT, "eve", permission="push")
    assert mine.id in small.world.hub.repositories
    hands.remove("cat")
    assert mine.id not in small.world.hub.repositories
    assert cat.id not in small.study.stars
    assert all(one.inviter != cat.id for one in small.study.invitations.values())


def test_a_public_fork_survives_the_removal_of_its_owner(hub: Served, hands: Hands) -> None:
    cat = hub.login("cat")
    fork = hub.small.world.fork(hub.small.study, cat)
    hands.remove("cat")
    assert fork.id in hub.small.world.hub.repositories


def test_a_team_that_loses_access_loses_the_private_forks_of_its_members(
    hub: Served, hands: Hands
) -> None:
    small = hub.small
    small.organisation.base_permission = "none"
    hands.set_visibility("private")
    fork = small.world.fork(small.study, small.people["bea"])
    hands.grant_team("analysts", "push")
    assert small.organisation.teams["analysts"].repositories[small.study.id] == "write"
    hands.drop_team("analysts")
    assert fork.id not in small.world.hub.repositories


def test_somebody_who_was_removed_may_still_read_by_the_base_permission(
    hub: Served, hands: Hands
) -> None:
    hands.add("bea", "admin")
    hands.remove("bea")
    kit = hub.githubkit().rest.repos
    said = kit.get_collaborator_permission_level(*AT, "bea").parsed_data
    assert (said.permission, said.role_name) == ("read", "triage")


def test_invitations_are_cancelled_those_by_address_too(hub: Served, hands: Hands) -> None:
    assert [one.invitee for one in hub.small.study.invitations.values()][-1] is None
    hands.cancel_invitations()
    assert hub.small.study.invitations == {}


def test_an_invitation_takes_another_role(hub: Served) -> None:
    first = next(iter(hub.small.study.invitations.values()))
    said = hub.githubkit().rest.repos.update_invitation(*AT, first.id, permissions="maintain")
    assert (said.parsed_data.permissions, first.role) == ("maintain", "maintain")


def test_a_deploy_key_comes_back_with_another_id_and_the_same_rights(
    hub: Served, hands: Hands
) -> None:
    before = dict(hub.small.study.keys)
    assert hands.replace_keys() == [True, False]
    after = hub.small.study.keys
    assert not set(before) & set(after)
    assert [one["key"] for one in after.values()] == [one["key"] for one in before.values()]


def test_a_hook_is_switched_off_and_keeps_a_secret_that_nobody_can_read(
    hub: Served, hands: Hands
) -> None:
    hands.silence_hooks()
    hook = next(iter(hub.small.study.hooks.values()))
    assert hook["active"] is False
    shown = hub.githubkit().rest.repos.get_webhook(*AT, hook["id"]).parsed_data
    assert shown.config.secret == "********" != hook["config"]["secret"]


def test_a_put_of_a_protection_replaces_all_of_it_but_signatures(hub: Served, hands: Hands) -> None:
    off = {
        "required_status_checks": None,
        "enforce_admins": False,
        "required_pull_request_reviews": None,
        "restrictions": None,
    }
    hands.protect("main", off)
    kept = hub.small.study.protections["main"]
    assert kept == {**off, "required_signatures": True}
    hands.protect("main", dict(EVERY_PROTECTION))
    assert hub.small.study.protections["main"] == {**EVERY_PROTECTION, "required_signatures": True}


def test_a_protection_that_is_taken_off_is_gone_with_its_signatures(
    hub: Served, hands: Hands
) -> None:
    assert hands.is_protected("main")
    hands.unprotect("main")
    assert not hands.is_protected("main")
    assert "main" not in hub.small.study.protections


def test_a_fork_is_promised_and_shares_the_store(hub: Served, hands: Hands) -> None:
    number = hands.fork()
    made = hub.small.world.hub.repositories[number]
    assert (made.parent, made.network) == (hub.small.study.id, hub.small.study.network)
    assert hub.git("fetch", hub.url(name="ada/my-fork"), "main").returncode in {0, 128}
    listed = hub.git("ls-remote", hub.url(name="ada/my-fork")).stdout
    assert hub.small.tip in listed
    assert "refs/pull" not in listed


def test_a_private_repository_may_forbid_forks_and_a_public_one_may_not(hub: Served) -> None:
    rest, bea = hub.githubkit().rest.repos, hub.githubkit(hub.token("bea")).rest.repos
    rest.update(*AT, allow_forking=False)
    assert bea.create_fork(*AT).status_code == 202
    rest.update(*AT, visibility="private")
    with pytest.raises(RequestFailed) as caught:
        hub.githubkit(hub.token("cat")).rest.repos.create_fork(*AT)
    assert caught.value.response.status_code == 403


def test_public_forks_outlive_the_repository_and_one_of_them_leads(
    hub: Served, hands: Hands
) -> None:
    second = hub.small.world.fork(hub.small.study, hub.login("bea"))
    hands.delete()
    assert hub.small.study.id not in hub.small.world.hub.repositories
    assert hub.small.fork.parent is None
    assert second.parent == hub.small.fork.id
    fetched = hub.git("ls-remote", hub.url(name="eve/study"))
    assert fetched.returncode == 0


def test_what_is_deleted_of_actions_and_releases_is_gone(hub: Served, hands: Hands) -> None:
    hands.delete_artifacts()
    hands.delete_assets()
    assert hub.small.study.artifacts == {}
    assert [one["assets"] for one in hub.small.study.releases.values()] == [[]]
    assert hub.small.study.runs


def test_t01_a_renamed_repository_is_found_by_reads_and_refuses_writes_with_307(
    hub: Served, hands: Hands
) -> None:
    hands.rename("renamed")
    requester = hub.pygithub().requester
    read = requester.requestJson("GET", "/repos/example-org/study")  # which follows
    assert read[0] == 200
    asked = [one for one in hub.server.log if one.path == "/repos/example-org/study"]
    assert [one.status for one in asked][-1] == 301
    assert hub.server.log[-1].path == f"/repositories/{hub.small.study.id}"
    status, _, text = requester.requestJson(
        "PATCH", "/repos/example-org/study", input={"visibility": "private"}
    )
    assert (status, hub.small.study.visibility) == (307, "public")
    assert "Temporary Redirect" in text
    assert hub.pygithub().get_repo("example-org/study").full_name == "example-org/renamed"


def test_only_an_administrator_changes_settings(hub: Served) -> None:
    for login, status in (("cat", 403), ("dan", 403), ("bea", 404), ("gil", 404)):
        requester = hub.pygithub(hub.token(login)).requester
        said = requester.requestJson("PATCH", "/repos/example-org/study", input={"has_wiki": True})
        assert (login, said[0]) == (login, status)
    with pytest.raises(RequestFailed) as caught:
        hub.githubkit("wrong").rest.repos.update(*AT, has_wiki=True)
    assert caught.value.response.status_code == 401


def test_a_fork_changes_its_visibility_no_more_than_an_archived_repository_its_people(
    hub: Served,
) -> None:
    with pytest.raises(RequestFailed) as caught:
        hub.githubkit(hub.token("eve")).rest.repos.update("eve", "study", visibility="private")
    assert caught.value.response.status_code == 422
    rest = hub.githubkit().rest.repos
    rest.update(*AT, archived=True)
    with pytest.raises(RequestFailed) as caught:
        rest.delete_deploy_key(*AT, next(iter(hub.small.study.keys)))
    assert caught.value.response.status_code == 403
    assert rest.update(*AT, visibility="private").parsed_data.visibility == "private"
    rest.update(*AT, archived=False)
    rest.delete_deploy_key(*AT, next(iter(hub.small.study.keys)))
