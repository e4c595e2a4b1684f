"""Access is given back as it was: every role, key, hook and setting, and what is not is told."""

import json

import pytest

from breachkit.drill.hub import faults, furnish
from breachkit.drill.hub.answers import Problem
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.incident.case import Milestone
from tests.support.cases import verified
from tests.support.containing import CONFIRMED, NAME, Responder


@pytest.fixture
def jo(hub, breachkit, monkeypatch):
    return Responder(hub, breachkit, monkeypatch)


def roles(jo):
    accounts = jo.hub.small.world.hub.accounts
    study = jo.hub.small.study
    waiting = {i.invitee: i.role for i in study.invitations.values() if i.invitee}
    found = {**study.collaborators, **waiting}
    return {accounts[number].login: role for number, role in found.items()}


def accept_all(jo):
    study = jo.hub.small.study
    for invitation in list(study.invitations.values()):
        if invitation.invitee is not None:
            study.collaborators[invitation.invitee] = invitation.role
            del study.invitations[invitation.id]


def test_after_giving_back_only_the_documented_losses_differ(jo):
    jo.restrict()

    said = json.loads(jo.restore(0, "--json").out)

    unexpected = [each for each in said["differences"] if not each["documented"]]
    assert unexpected == []
    lost = {(each["topic"], each["kind"]) for each in said["differences"]}
    assert lost == {
        ("repository", "changed"),
        ("forks", "missing"),
        ("stargazers", "missing"),
        ("subscribers", "missing"),
        ("collaborators", "missing"),
        ("invitations", "missing"),
        ("invitations", "new"),
    }
    assert jo.hub.small.study.visibility == "public"
    assert jo.case.incident.has(Milestone.RESTORED)


def test_what_differs_and_was_not_bound_to_is_told_and_in_the_exit_code(jo):
    jo.restrict()
    study = jo.hub.small.study
    furnish.protect(study, "main", enforce_admins=False)
    study.description = "another"

    ran = jo.restore(7)

    assert "DIFFERS from the snapshot before, and should not:" in ran.out
    assert "protections: main (changed)" in ran.out
    assert "repository: description (changed)" in ran.out


def test_t14_t15_every_role_comes_back_as_it_was_and_who_must_accept_is_named(jo):
    study, people = jo.hub.small.study, jo.hub.small.people
    given = {"cat": "triage", "dan": "maintain", "eve": "read", "fay": "admin", "gil": "write"}
    study.invitations.clear()
    study.collaborators = {people[login].id: role for login, role in given.items()}
    jo.restrict()
    assert roles(jo) == {}

    ran = jo.restore()

    assert roles(jo) == given
    assert "Only invited; access is back once they accept:" in ran.out
    assert "give cat the role triage again" in ran.out
    accept_all(jo)
    assert study.collaborators == {people[login].id: role for login, role in given.items()}


def test_t60_deploy_keys_keep_what_they_may_do_and_the_rest_its_settings(jo):
    study = jo.hub.small.study
    study.actions = {"enabled": True, "allowed_actions": "selected"}
    study.selected_actions = {
        "github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": ["a/*"],
    }  # fmt: skip
    study.pages = {**furnish.pages(study, cname="study.example.org")}
    before = (
        sorted((k["title"], k["key"], k["read_only"]) for k in study.keys.values()),
        dict(study.pages), dict(study.actions), dict(study.selected_actions),
        study.allow_forking, [h["active"] for h in study.hooks.values()],
    )  # fmt: skip
    jo.restrict()
    jo.restore()

    assert before == (
        sorted((k["title"], k["key"], k["read_only"]) for k in study.keys.values()),
        dict(study.pages or {}), dict(study.actions), dict(study.selected_actions),
        study.allow_forking, [h["active"] for h in study.hooks.values()],
    )  # fmt: skip


def test_a_team_that_was_shut_out_gets_its_role_again(jo):
    team = jo.hub.small.organisation.teams["analysts"]
    jo.restrict(0, "--team", "analysts")
    assert team.repositories == {}

    jo.restore()

    assert team.repositories == {jo.hub.small.study.id: "triage"}


def test_push_rulesets_that_the_platform_switches_off_are_switched_on_again(jo):
    world, study = jo.hub.small.world, jo.hub.small.study
    made = furnish.ruleset(world.hub, study, "no big files", target="push", include=[])
    jo.restrict()
    jo.restore()

    assert study.rulesets[made["id"]]["enforcement"] == "active"


def test_it_becomes_public_last_but_for_its_site(jo):
    jo.restrict()
    closed = len(jo.hub.server.writes)
    jo.restore()

    sent = [(each.method, each.body) for each in jo.hub.server.writes[closed:] if each.template]
    public = sent.index(("PATCH", b'{"visibility": "public"}'))
    assert [method for method, _ in sent[public + 1 :]] == ["POST", "PUT"]


def test_t56_the_plan_of_a_restore_changes_nothing_and_says_what_it_waits_for(jo):
    jo.restrict()
    before = jo.writes()

    ran = jo.run.expect(0, "restore")

    assert jo.writes() == before
    assert "It waits for this:\n  - no fresh clone was found clean" in ran.out
    assert "cannot be undone: cancel the invitation of somebody by e-mail (read)" in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80


def test_t58_it_is_refused_while_the_data_are_served_or_copies_are_open(jo):
    jo.restrict()
    before = jo.writes()
    verified(jo.case, hidden_refs=1)

    refused = jo.run.expect(6, "restore", *CONFIRMED, "--override", "the owner wants it")
    assert "copies are open" in refused.err
    jo.case.record("copies.recorded", {"open": 0})
    refused = jo.run.expect(6, "restore", *CONFIRMED)
    assert "still holds data" in refused.err
    assert jo.writes() == before

    jo.run.expect(0, "restore", *CONFIRMED, "--override", "support promised it for today")

    assert "override" in jo.kinds()
    assert jo.hub.small.study.visibility == "public"


@pytest.mark.parametrize("given", [(), ("--confirm", "example-org/other")])
def test_nothing_is_given_back_before_the_whole_name_is_typed(jo, given):
    jo.restrict()

    jo.run.expect(6, "restore", "--execute", *given)

    assert jo.hub.small.study.visibility == "private"


def test_t57_giving_back_twice_finds_nothing_to_do(jo):
    jo.restrict()
    jo.restore()
    before = jo.writes()

    named = ("--case", jo.case.incident.id)
    assert "still to be given back" in jo.run.expect(3, "restore", *CONFIRMED, *named).err
    assert "nothing to watch" in jo.run.expect(3, "watch", *named).err
    assert jo.writes() == before


def test_what_was_closed_twice_is_given_back_once_as_it_was_at_first(jo):
    study, cat = jo.hub.small.study, jo.hub.login("cat")
    jo.restrict()
    study.collaborators[cat.id] = "admin"
    study.visibility = "public"
    jo.restrict()

    jo.restore()

    assert roles(jo)["cat"] == "write"
    puts = [each for each in jo.writes() if each[1].endswith("/collaborators/cat")]
    assert puts == [
        ("DELETE", f"/repos/{NAME}/collaborators/cat"),
        ("DELETE", f"/repos/{NAME}/collaborators/cat"),
        ("PUT", f"/repos/{NAME}/collaborators/cat"),
    ]


def test_what_the_platform_refuses_to_give_back_is_told_and_tried_again(jo):
    jo.restrict()
    jo.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, method="POST", path=f"/api/v3/repos/{NAME}/keys",
            answer=Problem(422, "Validation Failed").answer,
        )
    )  # fmt: skip

    ran = jo.restore(4)

    assert "NOT done:\n  - add the deploy key" in ran.out
    assert not jo.case.incident.has(Milestone.RESTORED)
    jo.restore(0)
    assert len(jo.hub.small.study.keys) == 2
    assert jo.case.incident.has(Milestone.RESTORED)


def test_without_rights_nothing_is_given_back(jo):
    jo.restrict(0, "--authorised", "dan")
    before = jo.writes()
    jo.use(jo.hub.token("dan"))

    jo.restore(4)

    assert jo.writes() == before


def test_a_network_that_fails_leaves_it_to_be_run_again(jo):
    jo.restrict()
    jo.hub.server.faults.add(
        Fault(
            effect=Effect.ANSWER_INSTEAD, method="PATCH", times=3,
            path=f"/api/v3/repos/{NAME}", answer=faults.bad_gateway(),
        )
    )  # fmt: skip

    jo.restore(5)
    assert [each.what for each in jo.case.incident.open_intents] == ["restore"]
    jo.restore()

    assert jo.hub.small.study.visibility == "public"


@pytest.mark.parametrize("more", [["--json", "-vv"], ["--json", "-q"]])
def test_every_command_prints_one_object_with_a_schema_and_the_next_command(jo, more):
    schemas = []
    for args, code in (
        (["snapshot", "--fast"], 0),
        (["restrict"], 0),
        (["restrict", *CONFIRMED], 0),
        (["watch"], 0),
        (["restore"], 0),
    ):
        ran = jo.run.expect(code, *args, *more)
        data = json.loads(ran.out)
        assert data["next"]["command"].startswith("breachkit ")
        assert "-q" not in more or ran.err == ""
        schemas.append(data["schema"])
    schemas.append(json.loads(jo.restore(0, *more).out)["schema"])

    assert schemas == [
        "breachkit.snapshot-result/1",
        "breachkit.restrict-plan/1",
        "breachkit.restrict-result/1",
        "breachkit.watch/1",
        "breachkit.restore-plan/1",
        "breachkit.restore-result/1",
    ]
