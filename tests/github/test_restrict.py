"""A repository is closed from the command line: what is planned, done, read back, and told."""

import json
import re
import stat
import subprocess

import pytest

from breachkit.actions.hosting import Topic
from breachkit.cli import containment
from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Answer, Problem
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.server import writes
from breachkit.drill.hub.state import TokenLimits
from breachkit.incident.case import Milestone
from breachkit.workflows.snapshot import FAST, SLOW
from tests.support.containing import CONFIRMED, NAME, Responder, files


STUDY = f"/api/v3/repos/{NAME}"


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Responder(hub, breachkit, monkeypatch)


def collaborators(jo):
    hub = jo.hub
    return {hub.small.world.hub.accounts[n].login for n in hub.small.study.collaborators}


def wrong(hub, effect=Effect.ANSWER_INSTEAD, method="PATCH", path=STUDY, **more):
    hub.server.faults.add(Fault(effect=effect, method=method, path=path, **more))


# --- snapshot --------------------------------------------------------------------------------


def test_a_snapshot_is_private_hashed_dated_and_changes_nothing(jo):
    ran = jo.run.expect(0, "snapshot", "--json")  # without the audit log, which the plan lacks

    said = json.loads(ran.out)
    folder = jo.case.private / "snapshots" / "001"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert {each["topic"] for each in manifest["topics"]} == {*map(str, Topic), "refs"}
    assert all(re.fullmatch("[0-9a-f]{64}", each["sha256"]) for each in manifest["topics"])
    assert all(each["read_at"] for each in manifest["topics"])
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(folder)} == {0o600}
    assert said["topics"]["forks"]["items"] == 2
    assert said["topics"]["audit-log"]["answered"] == "refused"
    assert "refs/pull/1/head" in (folder / "refs.json").read_text()
    assert jo.hub.server.writes == []
    assert "snapshot.recorded" in jo.kinds()


def test_a_fast_snapshot_reads_what_containment_destroys_and_is_complete(jo):
    ran = jo.run.expect(0, "snapshot", "--fast", "--json")

    assert set(json.loads(ran.out)["topics"]) == set(map(str, FAST))
    assert {*FAST, *SLOW} == set(Topic)


def test_every_topic_of_a_snapshot_is_accounted_for_on_the_screen(jo):
    jo.hub.small.study.pages = None
    jo.hub.small.study.hooks.clear()

    shown = " ".join(jo.run.expect(0, "snapshot", "--fast").out.split())

    assert f"{len(FAST) + 1} topics" in shown
    assert shown.endswith("- none of these: pages, hooks")
    assert [topic for topic in (*FAST, "refs") if str(topic) not in shown] == []


def test_a_snapshot_goes_on_past_what_fails_and_says_what_that_was(jo):
    wrong(jo.hub, method="GET", path=f"{STUDY}/stargazers", answer=faults.bad_gateway(), times=99)

    ran = jo.run.expect(5, "snapshot", "--fast")

    assert "Not read, or not all of it:\n  - stargazers" in ran.out
    assert jo.case.events()[-1].number("not_read") == 1
    assert jo.case.events()[-1].number("forks") == 2


def test_the_refs_of_a_private_repository_are_read_with_the_token_which_no_process_shows(
    jo, monkeypatch
):
    jo.hub.small.study.visibility = "private"
    started = []
    popen = subprocess.Popen.__init__

    def watched(self, args, *rest, **more):
        started.append(args)
        popen(self, args, *rest, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)

    said = json.loads(jo.run.expect(0, "snapshot", "--fast", "--json").out)

    assert said["refs"] == 5
    assert any("ls-remote" in each for args in started for each in map(str, args))
    assert jo.hub.small.token not in repr(started)


def test_a_snapshot_that_was_altered_is_not_believed(jo):
    jo.restrict()
    place = jo.case.private / "snapshots" / "001" / "forks.json"
    place.write_text(place.read_text().replace("eve", "eva"))

    assert "is not what was written" in jo.run.expect(3, "watch").err


# --- the plan --------------------------------------------------------------------------------


def test_t56_a_plan_sends_no_change_and_stands_on_a_screen_of_80_columns(jo):
    ran = jo.run.expect(0, "restrict", "--authorised", "dan")

    assert jo.hub.server.writes == []
    assert max(map(len, ran.out.splitlines())) <= 80
    order = ["make it private", "Pages site down", "invitation of gil", "collaborator cat", "Actions off",
             "deploy key", "webhook", "private forks", "What cannot be undone", "Who can still read"]  # fmt: skip
    places = [ran.out.index(each) for each in order]
    assert places == sorted(places)
    assert "dan (maintain): authorised" in ran.out


def test_t16_the_plan_says_who_can_still_read(jo):
    said = json.loads(jo.run.expect(0, "restrict", "--json").out)

    assert "owners of example-org" in said["readers"]
    assert "every member of example-org (base permission: read)" in said["readers"]
    assert "the team analysts (triage)" in said["readers"]


def test_t19_t20_who_acts_and_who_is_authorised_stay_however_their_login_is_written(jo):
    study, ada = jo.hub.small.study, jo.hub.login("ada")
    del jo.hub.small.organisation.members[ada.id]
    study.collaborators[ada.id] = "admin"
    said = json.loads(jo.run.expect(0, "restrict", "--authorised", "@DaN", "--json").out)

    removed = [each["says"] for each in said["steps"] if each["area"] == "collaborators"]
    assert removed == ["remove the outside collaborator cat (write)"]
    assert "ada (admin): acts here" in said["left_as_it_is"]
    assert said["not_found"] == []


def test_a_name_that_nobody_has_is_pointed_out(jo):
    ran = jo.run.expect(0, "restrict", "--authorised", "dam", "--team", "analyst")

    assert "Named, and not found there: dam, analyst" in ran.out


@pytest.mark.parametrize("kept", list(containment.Keep))
def test_whatever_is_kept_is_not_in_the_plan(jo, kept):
    said = json.loads(jo.run.expect(0, "restrict", "--keep", kept, "--json").out)

    assert kept not in {each["area"] for each in said["steps"]}
    assert f"{kept}: kept as asked" in said["left_as_it_is"]
    assert len({each["area"] for each in said["steps"]}) == 7


def test_a_team_loses_access_only_where_it_is_named(jo):
    assert "from the team" not in jo.run.expect(0, "restrict").out
    assert (
        "take access from the team analysts"
        in jo.run.expect(0, "restrict", "--team", "Analysts").out
    )


def test_what_could_not_be_read_is_in_the_plan_and_in_the_exit_code(jo):
    wrong(jo.hub, method="GET", path=f"{STUDY}/keys", answer=faults.bad_gateway(), times=99)

    assert "deploy-keys: failed" in jo.run.expect(5, "restrict").out


# --- confirmation, tokens, whom to ask -------------------------------------------------------


@pytest.mark.parametrize("given", [(), ("--confirm", "study"), ("--confirm", "example-org/other")])
def test_nothing_is_changed_before_the_whole_name_is_typed(jo, given):
    ran = jo.run.expect(6, "restrict", "--execute", *given)

    assert f"add --confirm {NAME}" in ran.err
    assert jo.hub.server.writes == []
    assert "restrict.intent" not in jo.kinds()


def test_t01_a_renamed_repository_is_confirmed_by_its_present_name(jo):
    jo.hub.small.world.rename(jo.hub.small.study, "study-2")

    assert "example-org/study-2" in jo.run.expect(6, "restrict", *CONFIRMED).err
    jo.run.expect(0, "restrict", "--execute", "--confirm", "example-org/study-2")

    assert jo.hub.small.study.visibility == "private"


@pytest.mark.parametrize("verb", ["snapshot", "restrict", "restore", "watch"])
def test_without_a_token_it_is_told_whom_to_ask_for_what(jo, verb):
    jo.monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")

    ran = jo.run.expect(4, verb)

    assert "No token" in ran.out
    assert "Administration" in ran.out
    assert f"{NAME}/settings: Danger Zone, Change visibility, Make private" in ran.out
    assert jo.hub.server.log == []
    said = json.loads(jo.run.expect(4, verb, "--json").out)
    assert said["schema"] == "breachkit.ask/1"


def test_t06_who_does_not_administer_it_gets_the_words_to_send(jo):
    jo.use(jo.hub.token("dan"))

    for more in ((), CONFIRMED):
        ran = jo.run.expect(4, "restrict", *more)
        assert "does not administer example-org/study" in ran.out
        assert "an owner of example-org" in ran.out
        assert "Please close example-org/study now" in ran.out
    assert jo.hub.server.writes == []


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GH_TOKEN"])
def test_a_token_may_stand_under_three_names(jo, name):
    jo.monkeypatch.setenv(name, jo.hub.small.token)
    jo.monkeypatch.delenv("BREACHKIT_GITHUB_TOKEN")

    jo.run.expect(0, "restrict")


def test_t54_t55_no_token_and_no_object_id_in_anything_that_is_shown_or_kept(jo):
    jo.run("snapshot")
    jo.run("restrict", "-vv")
    jo.restrict(0, "-vv")
    jo.run("watch", "-vv", "--json")
    jo.restore(0, "-vv")
    token = jo.hub.small.token

    printed = "".join(jo.run.printed)
    assert token not in printed
    assert jo.hub.small.lost not in printed
    kept = b"".join(path.read_bytes() for path in files(jo.case.path))
    assert token.encode() not in kept
    assert b"temp_clone_token" not in kept
    journal = (jo.case.path / "events.jsonl").read_text()
    assert not re.search(r"\b(cat|dan|gil)\b", journal)
    assert jo.hub.small.lost not in journal


# --- closing ---------------------------------------------------------------------------------


def test_closing_takes_a_snapshot_first_and_journals_each_change_before_it_is_sent(jo, monkeypatch):
    answer = jo.hub.server.answer
    begun = []

    def watched(request):
        if writes(request.method, request.path, request.body):
            begun.append(jo.kinds()[-1])
        return answer(request)

    monkeypatch.setattr(jo.hub.server, "answer", watched)
    jo.restrict()

    assert set(begun) == {"restrict.sending"}
    assert len(begun) == 11
    kinds = jo.kinds()
    assert kinds[1:3] == ["snapshot.recorded", "restrict.intent"]
    assert kinds[-1] == "restrict.done"
    assert jo.case.incident.has(Milestone.CONTAINED)


def test_closing_leaves_nothing_open_but_what_was_said(jo):
    ran = jo.restrict(0, "--authorised", "dan")

    study = jo.hub.small.study
    assert study.visibility == "private"
    assert study.pages is None
    assert study.invitations == {}
    assert study.keys == {}
    assert collaborators(jo) == {"dan"}
    assert study.actions["enabled"] is False
    assert [hook["active"] for hook in study.hooks.values()] == [False]
    assert study.allow_forking is False
    assert "api: not seen; git: not seen; web: not seen; raw: not seen" in ran.out
    assert not study.archived


def test_before_it_is_closed_a_stranger_sees_it_by_all_four_ways(jo):
    jo.restrict()
    jo.hub.small.study.visibility = "public"

    ran = jo.run.expect(7, "watch")

    assert all(f"strangers see it: {way}" in ran.out for way in ("api", "git", "web", "raw"))


def test_closing_again_changes_nothing_and_remembers_who_is_authorised(jo):
    jo.restrict(0, "--authorised", "dan")
    before = jo.writes()

    jo.restrict()

    assert jo.writes() == before
    assert collaborators(jo) == {"dan"}


def test_what_drifts_back_is_noticed_and_closed_again(jo):
    jo.restrict()
    study, cat = jo.hub.small.study, jo.hub.login("cat")
    jo.run.expect(0, "watch")
    study.collaborators[cat.id] = "write"
    furnish.key(jo.hub.small.world.hub, study, "new key")
    furnish.pages(study)

    ran = jo.run.expect(7, "watch")
    for each in ("outside collaborator cat", "deploy key 'new key'", "Pages"):
        assert each in ran.out
    assert not jo.case.incident.has(Milestone.CONTAINED)
    jo.restrict()

    assert cat.id not in study.collaborators
    assert jo.case.incident.has(Milestone.CONTAINED)
    jo.run.expect(0, "watch")


def test_t22_new_forks_are_noticed_though_the_platform_lists_none_any_more(jo):
    jo.restrict()
    world = jo.hub.small.world
    assert list(world.hub.forks(jo.hub.small.study)) == []
    world.fork(jo.hub.small.grandfork, world.person("zoe"), name="study-3")

    assert "a new fork: zoe/study-3" in jo.run.expect(7, "watch").out


def test_networks_of_forks_that_one_look_does_not_reach_are_said(jo, monkeypatch):
    jo.restrict()
    jo.run.expect(0, "watch")
    monkeypatch.setattr("breachkit.workflows.watch.MOST_NETWORKS", 1)

    assert "more were forked was not asked" in jo.run.expect(5, "watch").out


def test_t02_an_answer_of_200_that_leaves_it_public_is_told_loudly(jo):
    seen = json.dumps({"visibility": "private"}).encode()
    wrong(jo.hub, answer=Answer(body=seen), times=1)

    ran = jo.run.expect(7, "restrict", *CONFIRMED)

    assert "STOP: strangers still see it" in ran.out
    assert "example-org/study is public" in ran.out
    assert not jo.case.incident.has(Milestone.CONTAINED)
    assert jo.kinds()[-1] == "restrict.failed"
    jo.restrict()
    assert jo.case.incident.has(Milestone.CONTAINED)


def test_t03_what_caches_still_show_is_looked_at_again(jo):
    shown = Answer(json={"id": 1})
    path = rf"/api/v3/repositories/{jo.hub.small.study.id}"
    jo.run("restrict")
    hidden = jo.hub.small.world.hub
    answer = jo.hub.server.answer
    left = [2]

    def cached(request):
        private = jo.hub.small.study.visibility == "private"
        anonymous = "authorization" not in request.headers
        if private and anonymous and re.fullmatch(path, request.path) and left[0]:
            left[0] -= 1
            return shown
        return answer(request)

    jo.monkeypatch.setattr(jo.hub.server, "answer", cached)
    jo.restrict()

    assert left == [0]
    assert jo.naps.seconds == [2.0, 5.0]
    assert hidden.repositories[jo.hub.small.study.id].visibility == "private"


def test_t04_an_internal_repository_is_made_private_and_made_internal_again(jo):
    jo.hub.small.study.visibility = "internal"

    assert "make it private (it is internal)" in jo.run.expect(0, "restrict").out
    jo.restrict()

    kept = json.loads(jo.case.read_private("containment.json"))
    first = kept["rounds"][0]["steps"][0]
    assert first["inverse"] == {"kind": "set-visibility", "detail": {"visibility": "internal"}}


def test_t05_where_only_owners_may_change_visibility_the_rest_is_closed_and_they_are_named(jo):
    refused = Problem(422, "Visibility can't be changed by this user.").answer
    wrong(jo.hub, answer=refused, times=1)

    ran = jo.run.expect(7, "restrict", *CONFIRMED)

    assert "lets only its owners change who can see a repository" in ran.out
    assert "role%3Aowner" in ran.out
    assert jo.hub.small.study.keys == {}
    assert collaborators(jo) == set()
    assert not jo.case.incident.has(Milestone.CONTAINED)


def test_what_is_refused_does_not_stop_the_rest_and_is_in_the_exit_code(jo):
    wrong(
        jo.hub, method="DELETE", path=f"{STUDY}/keys/.*", times=1,
        answer=Problem(403, "Must have admin rights to Repository.").answer,
    )  # fmt: skip

    ran = jo.run.expect(4, "restrict", *CONFIRMED)

    assert "NOT done:\n  - delete the deploy key 'backup server'" in ran.out
    assert jo.hub.small.study.allow_forking is False
    assert len(jo.hub.small.study.keys) == 1
    jo.restrict()
    assert jo.hub.small.study.keys == {}


def test_t11_a_limit_in_the_middle_ends_and_goes_on_when_it_is_run_again(jo):
    reset = int(jo.hub.small.world.hub.clock.now().timestamp()) + 10**9
    wrong(jo.hub, method="DELETE", path=f"{STUDY}/collaborators/.*", times=1,
          answer=faults.primary_limit(reset))  # fmt: skip

    ran = jo.run.expect(5, "restrict", *CONFIRMED)

    assert "GitHub takes the next request at" in ran.err
    assert jo.hub.small.study.visibility == "private"
    assert [each.what for each in jo.case.incident.open_intents] == ["restrict"]
    before = jo.writes()
    jo.restrict()
    assert jo.writes()[: len(before)] == before
    assert len(set(jo.writes())) == len(jo.writes()) - 1  # the repository itself is changed twice


def test_t18_who_accepts_an_invitation_meanwhile_is_removed_after_all(jo):
    study, gil = jo.hub.small.study, jo.hub.login("gil")
    answer = jo.hub.server.answer

    def accepting(request):
        if request.method == "DELETE" and "/invitations/" in request.path:
            number = int(request.path.rpartition("/")[2])
            waiting = study.invitations.get(number)
            if waiting is not None and waiting.invitee == gil.id:
                del study.invitations[number]
                study.collaborators[gil.id] = "write"
        return answer(request)

    jo.monkeypatch.setattr(jo.hub.server, "answer", accepting)
    jo.restrict()

    assert collaborators(jo) == set()
    jo.run.expect(0, "watch")


def test_t20_somebody_who_changed_their_login_meanwhile_is_removed_all_the_same(jo):
    cat = jo.hub.login("cat")
    answer = jo.hub.server.answer

    def renaming(request):
        if request.method == "PATCH":
            cat.login = "cat-two"
        return answer(request)

    jo.monkeypatch.setattr(jo.hub.server, "answer", renaming)
    jo.restrict()

    assert collaborators(jo) == set()


def test_t26_on_a_free_plan_pages_go_with_visibility_and_protections_are_in_the_snapshot(jo):
    jo.hub.small.organisation.plan = "free"

    jo.restrict()

    kept = json.loads(jo.case.read_private("snapshots/001/protections.json"))
    assert kept["items"][0]["branch"] == "main"
    assert jo.hub.small.study.pages is None
    assert ("DELETE", f"/repos/{NAME}/pages") not in jo.writes()


def test_a_token_that_may_only_read_is_refused_and_nothing_is_done(jo):
    ada = jo.hub.login("ada")
    jo.use(jo.hub.small.world.token(ada, limits=TokenLimits(read_only=True)))

    ran = jo.run.expect(7, "restrict", *CONFIRMED)

    assert "token lacks the permission" in " ".join(ran.out.split())
    assert jo.writes() == []
    assert jo.hub.small.study.visibility == "public"
