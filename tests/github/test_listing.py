"""An account's public repositories are listed over HTTP: whole, though they move, and compared by id."""

import json
from datetime import timedelta

import pytest

from breachkit.actions.listing import Choice, Whereabouts
from breachkit.actions.listing_file import listing_from_json, listing_to_json
from breachkit.actions.sweeping import Standing
from breachkit.drill.hub import faults
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.github import listing as module
from breachkit.github.errors import HiddenError, LimitedError, UnreachableError
from breachkit.github.listing import GitHubCatalogue, NameTakenError, listed
from breachkit.workflows import listing as workflow
from breachkit.workflows.listing import look
from breachkit.workflows.sweep_targets import of_account
from tests.support.containing import Naps, a_client


ORG = "example-org"
LIST = f"/api/v3/orgs/{ORG}/repos"


@pytest.fixture
def account(hub):
    return Account(hub)


class Account:
    """An organisation whose repositories somebody lists from time to time."""

    def __init__(self, hub):
        self.hub = hub
        self.world = hub.small.world
        self.organisation = hub.small.organisation
        self.last = None
        self.naps = Naps()

    def look(self, *, token=None, login=ORG, keep=True, **more):
        """List as `sweep` would, and keep the listing as it would be kept."""
        self._settle()
        with a_client(self.hub, token, sleep=self.naps) as client:
            seen = look(
                GitHubCatalogue(client), login, self.world.hub.clock, before=self.last, **more
            )
        if keep:
            self.last = listing_from_json(json.loads(json.dumps(listing_to_json(seen.listing))))
        return seen

    def targets(self, folder, choice=None, token=None):
        """Give what `sweep` is about."""
        self._settle()
        with a_client(self.hub, token, sleep=self.naps) as client:
            catalogue, clock = GitHubCatalogue(client), self.world.hub.clock
            found = of_account(ORG, catalogue, clock, folder=folder, choice=choice or Choice())
        return found.repositories

    def sweeps(self, folder, choice=None):
        """Name what `sweep` is about, with why it need not be looked at; with nothing where it is."""
        return {
            one.name.partition("/")[2]: one.settled.reason if one.settled else ""
            for one in self.targets(folder, choice)
        }

    def add(self, name, owner=None, **more):
        more.setdefault("files", {"README.md": b"A study.\n"})
        return self.world.repository(owner or self.organisation, name, **more)

    def fill(self, number):
        """Make the organisation so large that its list has several pages."""
        return [self.add(f"study-{each:03}", files=None) for each in range(number)]

    def _settle(self):
        """Let everything that was pushed so far be some time ago."""
        clock = self.world.hub.clock
        clock._next += timedelta(hours=1)


def names(seen):
    """Give the names of what is to be looked at."""
    left_out = {one.id for one, _ in seen.listing.left_out()}
    listed = (one for one in seen.listing.repositories if one.id not in left_out)
    return [one.full_name.partition("/")[2] for one in listed]


def at(account, when):
    """Do something at the moment a request comes, before it is answered."""
    answer = account.hub.server.answer

    def watched(request):
        when(request)
        return answer(request)

    account.hub.server.answer = watched


def test_a_listing_gives_what_is_needed_to_scan_and_changes_nothing(account):
    account.hub.small.study.topics = ["research", "trial"]
    seen = account.look()

    (one,) = seen.listing.repositories
    assert one.full_name == "example-org/study"
    assert one.clone_url == account.hub.url()
    assert one.topics == ("research", "trial")
    assert one.default_branch == "main"
    assert one.pushed_at == account.hub.small.study.pushed_at.replace(microsecond=0)
    assert seen.listing.complete
    assert seen.listing.requests == len(account.hub.server.log) == 2
    assert account.hub.server.writes == []


def test_only_what_is_public_is_listed_whatever_the_token_sees(account):
    account.add("hidden", visibility="private")
    account.add("inside", visibility="internal")

    assert names(account.look()) == ["study"]
    assert names(account.look(token="", keep=False)) == ["study"]


def test_private_repositories_in_an_answer_are_not_taken_for_public_ones(account):
    account.add("hidden", visibility="private")
    with a_client(account.hub) as client:
        items = client.pages(f"/orgs/{ORG}/repos", "the repositories", query={"type": "all"}).items

    assert {each["name"]: listed(each) is not None for each in items} == {
        "study": True,
        "hidden": False,
    }


def test_t51_what_became_public_or_came_in_is_swept_though_its_last_push_is_old(account, tmp_path):
    hidden = account.add("hidden", visibility="private")
    moved = account.add("moved", account.hub.login("eve"))
    assert account.sweeps(tmp_path) == {"study": ""}
    pushed = hidden.pushed_at, moved.pushed_at

    hidden.visibility = "public"
    account.world.transfer(moved, account.organisation)

    assert account.sweeps(tmp_path) == {"study": "", "hidden": "", "moved": ""}
    assert (hidden.pushed_at, moved.pushed_at) == pushed


def test_t52_no_date_settles_a_repository_nor_that_there_is_none(account, tmp_path):
    empty = account.add("empty", files=None)

    for _ in range(2):
        assert account.sweeps(tmp_path) == {"study": "", "empty": ""}
    assert empty.pushed_at is None


def test_t51_what_leaves_the_archive_is_swept_again_though_no_push_says_so(account, tmp_path):
    kept = account.add("kept")
    kept.archived = True
    choice = Choice(archived=False)
    assert account.sweeps(tmp_path, choice) == {"study": "", "kept": "is archived"}

    kept.archived = False

    assert account.sweeps(tmp_path, choice) == {"study": "", "kept": ""}


def test_t51_empty_blocked_and_archived_repositories_are_listed_as_such(account):
    account.add("empty", files=None)
    account.add("blocked").disabled = True
    account.add("archived").archived = True
    seen = account.look()

    found = {one.full_name: one for one in seen.listing.repositories}
    assert found["example-org/blocked"].blocked
    assert found["example-org/archived"].archived
    assert found["example-org/empty"].pushed_at is None
    assert not found["example-org/study"].blocked
    assert seen.listing.complete


def test_a_renamed_repository_is_the_same_one(account):
    account.look()
    account.world.rename(account.hub.small.study, "renamed")
    seen = account.look()

    assert names(seen) == ["renamed"]
    assert seen.missing == ()


def test_whoever_takes_a_name_over_is_not_taken_for_its_predecessor(account):
    account.look()
    study = account.hub.small.study
    account.world.transfer(study, account.hub.login("ada"))
    study.visibility = "private"
    study.former_names.clear()
    account.add("study")
    seen = account.look(token=account.hub.token("gil"))

    assert names(seen) == ["study"]
    assert [each.repository.id for each in seen.missing] == [study.id]


@pytest.mark.parametrize("what", ["private", "deleted", "transferred to where it is private"])
def test_of_what_vanished_it_is_said_that_nobody_can_tell_how(account, what):
    other = account.add("other")
    account.look()
    if what == "deleted":
        account.world.delete(other)
    else:
        other.visibility = "private"
    if what.startswith("transferred"):
        account.world.transfer(other, account.hub.login("eve"))
    seen = account.look(token=account.hub.token("gil"))

    (missing,) = seen.missing
    assert missing.whereabouts is Whereabouts.UNSEEN
    assert missing.says == (
        "private, deleted, or transferred to where it is private: which of them cannot be told"
    )
    assert missing.repository.full_name == "example-org/other"
    assert seen.listing.complete


def test_what_vanished_is_told_as_far_as_the_account_sees_it(account):
    for name in ("hidden", "moved"):
        account.add(name)
    account.look()
    hub = account.world.hub
    hub.repository(ORG, "hidden").visibility = "private"
    account.world.transfer(hub.repository(ORG, "moved"), account.hub.login("eve"))
    seen = account.look()

    told = {each.repository.full_name: each for each in seen.missing}
    assert told["example-org/hidden"].whereabouts is Whereabouts.PRIVATE
    assert told["example-org/moved"].whereabouts is Whereabouts.TRANSFERRED
    assert told["example-org/moved"].now.full_name == "eve/moved"


def test_a_404_says_nothing_where_no_other_repository_answers(account):
    other = account.add("other")
    account.look()
    account.world.delete(other)
    path = r"/api/v3/repositories/\d+"
    account.hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=path, times=99, answer=Answer(status=404, json={}))
    )
    seen = account.look()

    (missing,) = seen.missing
    assert missing.whereabouts is Whereabouts.UNKNOWN


def test_where_everything_vanished_at_once_nothing_is_concluded(account):
    account.look()
    account.hub.small.study.visibility = "private"
    seen = account.look(token=account.hub.token("gil"))

    assert [each.whereabouts for each in seen.missing] == [Whereabouts.UNKNOWN]


def test_what_vanished_and_is_blocked_is_told(account):
    other = account.add("other")
    account.look()
    other.visibility, other.disabled = "private", True

    assert [each.whereabouts for each in account.look().missing] == [Whereabouts.BLOCKED]


def test_a_blocked_repository_is_no_control(account):
    other = account.add("other")
    account.add("third")
    account.look()
    account.hub.small.study.disabled = True
    account.world.delete(other)

    assert [each.whereabouts for each in account.look().missing] == [Whereabouts.UNSEEN]


def test_what_could_not_be_asked_for_makes_a_sweep_incomplete(account, tmp_path):
    account.sweeps(tmp_path)
    account.hub.small.study.visibility = "private"

    (target,) = account.targets(tmp_path, token=account.hub.token("gil"))

    assert target.settled.standing is Standing.FAILED
    assert target.settled.reason == "it could not be asked what became of it"


def test_of_a_great_many_that_vanished_only_some_are_asked_for_and_that_is_said(
    account, monkeypatch
):
    made = account.fill(5)
    account.look()
    for one in made:
        account.world.delete(one)
    monkeypatch.setattr(workflow, "MOST_ASKED", 2)
    seen = account.look()

    told = [each.whereabouts for each in seen.missing]
    assert told == [Whereabouts.UNSEEN] * 2 + [Whereabouts.UNKNOWN] * 3


# --- lists that move while they are read ------------------------------------------------------


def second_pages(account, change):
    """Do something once, between the first page of a list and the second."""
    done: list[int] = []

    def when(request):
        if request.path == LIST and request.query["page"] == "2" and not done:
            done.append(1)
            change()

    at(account, when)


def test_t13_what_is_deleted_while_pages_are_read_makes_the_list_skip_nothing(account):
    made = account.fill(120)
    second_pages(account, lambda: account.world.delete(made[3]))
    seen = account.look()

    assert seen.listing.complete
    assert len(seen.listing.repositories) == 120  # the study, and all but the one that is gone
    assert "study-100" in {one.full_name.partition("/")[2] for one in seen.listing.repositories}


def test_a_push_while_pages_are_read_neither_hides_nor_doubles_a_repository(account):
    made = account.fill(120)
    late = made[-1]
    second_pages(account, lambda: setattr(late, "pushed_at", account.world.hub.clock.now()))
    seen = account.look()

    numbers = [one.id for one in seen.listing.repositories]
    assert len(numbers) == len(set(numbers)) == 121
    assert late.id in numbers


def test_a_repository_that_is_made_while_pages_are_read_is_listed(account):
    account.fill(120)
    second_pages(account, lambda: account.add("late"))
    seen = account.look()

    assert "example-org/late" in {one.full_name for one in seen.listing.repositories}
    assert seen.listing.complete
    # it came last, so that nothing moved: two readings of two pages were enough
    assert len([each for each in account.hub.server.log if each.path.endswith("/repos")]) == 4


def test_a_list_that_never_stands_still_is_not_called_whole(account):
    made = account.fill(120)

    def when(request):
        if request.path == LIST and request.query["page"] == "2":
            account.world.delete(made.pop())

    at(account, when)
    seen = account.look()

    assert not seen.listing.complete
    assert "came and went" in seen.listing.problem


def test_t53_the_second_reading_of_a_list_costs_nothing_of_the_limit(account):
    account.fill(120)
    seen = account.look()

    statuses = [each.status for each in account.hub.server.log if each.path.endswith("/repos")]
    assert statuses == [200, 200, 304, 304]
    assert len(seen.listing.repositories) == 121


def test_t53_a_full_page_that_has_not_changed_is_followed_by_a_look_at_the_next(account):
    account.fill(99)
    with a_client(account.hub) as client:
        catalogue = GitHubCatalogue(client)
        owner = catalogue.owner(ORG)
        first = catalogue.repositories(owner)
        account.add("one-more")
        second = catalogue.repositories(catalogue.owner(ORG))

    assert (len(first.repositories), len(second.repositories)) == (100, 101)


def test_a_short_page_is_not_taken_for_the_last_where_another_is_named(account):
    account.fill(120)
    with a_client(account.hub) as client:
        items = list(client.pages(f"/orgs/{ORG}/repos", "the repositories").items)
    items.sort(key=lambda one: (one["created_at"], one["id"]))
    short = Answer(
        json=items[:99],
        headers={"Link": f'<{account.hub.server.api}/organizations/1/repos?page=2>; rel="next"'},
    )
    account.hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=short))
    seen = account.look()

    assert len(seen.listing.repositories) == 121
    assert seen.listing.complete


def test_what_belongs_to_another_account_is_not_listed_as_this_ones(account):
    with a_client(account.hub) as client:
        others = client.pages("/users/eve/repos", "the repositories").items
        own = client.pages(f"/orgs/{ORG}/repos", "the repositories").items
    both = Answer(json=[*others, *own])
    account.hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=both))

    assert [one.full_name for one in account.look().listing.repositories] == ["example-org/study"]


def test_a_list_with_less_than_the_platform_counts_is_not_called_whole(account):
    account.add("other")
    account.hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=Answer(json=[]))
    )
    seen = account.look()

    assert seen.listing.problem == "GitHub counts 2 public repositories and lists 0"
    assert not seen.listing.complete


def test_what_vanishes_between_the_count_and_the_list_is_counted_again(account):
    other = account.add("other")

    def when(request):
        if request.path == LIST and other.id in account.world.hub.repositories:
            account.world.delete(other)

    at(account, when)

    assert account.look().listing.complete


def test_a_list_that_breaks_off_is_partial_and_calls_nothing_gone_for_good(account):
    account.fill(120)
    account.look()
    account.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, path=LIST, skip=1, times=99, answer=faults.bad_gateway()
        )
    )
    seen = account.look()

    assert "502" in seen.listing.problem
    assert not seen.listing.complete
    assert seen.missing == ()  # asked by id, all of them are still there
    assert len(seen.listing.repositories) == 121


def test_a_list_that_does_not_answer_ends_as_incomplete(account):
    account.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, path=LIST, times=99,
            answer=faults.primary_limit(4_000_000_000),
        )
    )  # fmt: skip
    with pytest.raises(LimitedError, match="run the command again"):
        account.look()


NONSENSE = [
    Answer(json={"message": "Back soon"}),
    Answer(json=[]),
    Answer(json="study"),
    Answer(status=204),
    Answer(json={"id": "7", "login": None}),
]


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
def test_an_answer_that_is_no_account_ends_as_incomplete(account, answer):
    account.hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path="/api/v3/users/.*", answer=answer, times=99)
    )
    with pytest.raises(UnreachableError, match="no account: run it again"):
        account.look()


@pytest.mark.parametrize("answer", NONSENSE, ids=range(len(NONSENSE)))
def test_an_answer_that_is_no_repository_does_not_make_one_private(account, answer):
    other = account.add("other")
    account.look()
    other.visibility = "private"
    account.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD,
            path=f"/api/v3/repositories/{other.id}",
            answer=answer,
            times=99,
        )
    )

    (missing,) = account.look().missing
    assert missing.whereabouts is Whereabouts.UNKNOWN


def test_a_short_limit_is_waited_for(account):
    account.hub.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=faults.secondary_limit(9))
    )

    assert account.look().listing.complete
    assert account.naps.seconds == [9.0]


def test_what_is_no_repository_makes_a_list_incomplete(account):
    with a_client(account.hub) as client:
        items = list(client.pages(f"/orgs/{ORG}/repos", "the repositories").items)
    for wrong in ({"full_name": "../../etc"}, {"clone_url": "ext::sh -c id"}, {"id": None},
                  {"clone_url": "https://me:pw@git.example.org/a/b.git"}):  # fmt: skip
        answer = Answer(json=[{**items[0], **wrong}])
        account.hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=answer))
        assert account.look(keep=False).listing.problem == (
            "the list holds something that is no repository"
        )


# --- accounts ---------------------------------------------------------------------------------


def test_a_person_is_listed_as_an_organisation_is(account):
    eve = account.hub.login("eve")
    account.add("own", eve)
    account.add("apart", eve, visibility="private")
    seen = account.look(login="EVE", token=account.hub.token("eve"))

    assert set(names(seen)) == {"own", "study"}
    assert not seen.listing.owner.is_organisation
    assert seen.listing.complete


def test_forks_in_the_organisation_are_listed_as_such_and_can_be_left_out(account):
    account.world.fork(account.hub.small.fork, account.organisation, name="forked")

    assert "forked" in names(account.look(keep=False))
    seen = account.look(choice=Choice(forks=False))
    assert names(seen) == ["study"]
    assert [(one.full_name, why) for one, why in seen.listing.left_out()] == [
        ("example-org/forked", "is a fork")
    ]


def test_a_topic_that_is_set_over_the_api_leaves_a_repository_out(account):
    kit = account.hub.githubkit().rest.repos
    account.add("website")
    kit.replace_all_topics(ORG, "website", names=["non-research"])
    assert kit.get_all_topics(ORG, "website").parsed_data.names == ["non-research"]
    choice = Choice(skip_topics=frozenset({"non-research"}))

    assert names(account.look(choice=choice)) == ["study"]
    kit.replace_all_topics(ORG, "website", names=[])

    assert set(names(account.look(choice=choice))) == {"study", "website"}


def test_an_account_with_another_name_is_found_by_its_id(account):
    account.look()
    account.organisation.login = "example-institute"
    seen = account.look()

    assert seen.listing.owner.login == "example-institute"
    assert [one.full_name for one in seen.listing.repositories] == ["example-institute/study"]
    assert seen.missing == ()


def test_an_account_whose_name_somebody_else_took_is_still_found_by_its_id(account):
    account.look()
    account.organisation.login = "example-institute"
    account.world.organisation(ORG)

    assert account.look().listing.owner.login == "example-institute"


def test_an_account_that_is_gone_is_not_confused_with_who_has_its_name_now(account):
    account.look()
    del account.world.hub.accounts[account.organisation.id]
    account.world.organisation(ORG)

    with pytest.raises(NameTakenError, match="another account now"):
        account.look()


def test_an_account_that_is_not_there_says_so(account):
    with pytest.raises(HiddenError, match="the account nobody"):
        account.look(login="nobody")


def test_a_listing_reads_no_more_pages_than_are_allowed(account, monkeypatch):
    monkeypatch.setattr(module, "MOST_PAGES", 1)
    account.fill(120)
    seen = account.look()

    assert "more than 1 pages" in seen.listing.problem


def test_what_a_list_leaves_out_although_it_is_there_is_listed_all_the_same(account):
    account.add("other")
    account.look()
    with a_client(account.hub) as client:
        (study, _) = sorted(
            client.pages(f"/orgs/{ORG}/repos", "the repositories").items, key=lambda one: one["id"]
        )
    short = Answer(json=[study])
    account.hub.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, path=LIST, answer=short))
    seen = account.look()

    assert set(names(seen)) == {"study", "other"}
    assert seen.missing == ()
    assert not seen.listing.complete
