"""`push` as its user meets it on GitHub: the plan, the result, whom to ask, and what is still lifted."""

import json

import pytest

from breachkit.cli import hosting
from breachkit.drill.hub import furnish
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.workflows.lifting import still_lifted
from tests.support.containing import CONFIRMED
from tests.support.hubs import served, small_hub
from tests.support.pushing import Scene, set_up


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    with served(small.world) as server:
        yield set_up(small, tmp_path_factory.mktemp("case"), server)


class AtWork(Scene):
    """Somebody at a terminal with the token of an owner of the organisation."""

    def __init__(self, stage, folder, breachkit, monkeypatch):
        super().__init__(stage, folder)
        self.breachkit, self.monkeypatch = breachkit, monkeypatch
        monkeypatch.setattr(hosting, "sleep", self.naps)
        monkeypatch.setenv("BREACHKIT_GITHUB_API", self.server.api)
        monkeypatch.setenv("HOME", str(folder))
        self.use(self.token)

    def use(self, token=None):
        for name in hosting.TOKENS:
            self.monkeypatch.delenv(name, raising=False)
        if token is not None:
            self.monkeypatch.setenv("GH_TOKEN", token)

    def logs_in_by_netrc(self, folder, login):
        token = self.small.world.token(self.small.people[login])
        line = f"machine 127.0.0.1 login {login} password {token}\n"
        (folder / ".netrc").write_text(line)

    def without_rulesets(self):
        self.small.study.rulesets.clear()

    def run(self, code, *args):
        return self.breachkit.expect(code, *args, "--case", self.case.path)


@pytest.fixture
def jo(stage, tmp_path, breachkit, monkeypatch):
    return AtWork(stage, tmp_path, breachkit, monkeypatch)


def test_the_plan_names_what_gives_way_and_changes_nothing(jo):
    ran = jo.run(0, "push")

    assert "To be lifted for as long as the push takes, and then put back (4 rules):" in ran.out
    assert "protection release/* (2 refs): takes force pushes, spares administrators" in ran.out
    assert "ruleset keep tags (2 refs): is off" in ran.out
    assert "clean" not in ran.out
    assert jo.server.writes == []
    shown = json.loads(jo.run(0, "push", "--json").out)
    assert shown["schema"] == "breachkit.push-plan/1"
    assert {each["name"]: each["lifted"] for each in shown["protections"]} == {
        "main": True,
        "release/*": True,
        "keep tags": True,
        "no force": True,
    }
    assert (shown["still_lifted"], shown["not_read"], shown["ask"]) == (False, [], None)


def test_the_result_says_that_all_is_back(jo):
    ran = jo.run(0, "push", *CONFIRMED)
    items = {each["id"]: each for each in json.loads(jo.run(0, "checklist", "show", "--json").out)["items"]}  # fmt: skip

    assert items["D07"]["state"] == items["D09"]["state"] == "done"
    assert "Pushed: 6 refs" in ran.out
    assert "4 rules put back and read back." in ran.out
    assert jo.rules == jo.rules_before
    again = json.loads(jo.run(0, "push", "--json", *CONFIRMED).out)
    assert (again["complete"], again["put_back"], again["not_as_before"]) == (True, 0, [])
    assert jo.token not in "".join(jo.breachkit.printed)


def test_a_name_that_is_not_typed_lifts_nothing(jo):
    jo.run(6, "push", "--execute")
    assert jo.server.log == []


def test_t30_a_rule_of_the_organisation_is_told_with_whom_to_ask_for_what(jo):
    furnish.ruleset(jo.small.world.hub, jo.small.organisation, "theirs", rules=["update"])

    plan = jo.run(0, "push")
    ran = jo.run(4, "push", *CONFIRMED)

    for said in (plan.out, ran.out):
        assert "Ask an owner of example-org" in said
        assert "add ada to the bypass list (always)" in said
        assert "the ruleset theirs: it holds for more than this repository" in said
    assert "REFUSED" in ran.out
    assert "1 ref as before, with the data" in ran.out
    assert jo.rules[0] == jo.rules_before[0]


def test_who_does_not_administer_is_told_whom_to_ask(jo):
    jo.use(jo.small.world.token(jo.small.people["dan"]))
    jo.without_rulesets()

    ran = jo.run(4, "push", *CONFIRMED)

    assert "Ask somebody who administers example-org/study:" in ran.out
    assert "give dan the role Admin for an hour" in ran.out
    assert "the branch protection main: this account does not administer" in ran.out
    assert "refs/heads/topic" in jo.moved()
    assert jo.writes() == []


def test_without_a_token_what_passes_is_pushed_and_a_token_is_asked_for(jo, tmp_path):
    jo.use()
    jo.logs_in_by_netrc(tmp_path, "dan")
    jo.without_rulesets()

    plan = jo.run(0, "push")
    ran = jo.run(4, "push", *CONFIRMED)

    for said in (plan.out, ran.out):
        assert "No token" in said
        assert "read and write: Administration, Contents" in said
    assert jo.moved() == {"refs/heads/topic", "refs/tags/v1", "refs/tags/data"}
    assert "REFUSED" in ran.out


def test_without_token_and_credentials_nothing_is_pushed_and_a_token_is_asked_for(jo):
    jo.use()
    ran = jo.run(4, "push", *CONFIRMED)
    assert "Nothing was pushed" in ran.out
    assert "No token" in ran.out
    assert jo.moved() == set()
    said = json.loads(jo.run(4, "push", "--json", *CONFIRMED).out)
    assert said["schema"] == "breachkit.ask/1"


def test_what_is_refused_by_something_unseen_is_said_with_who_can_look(jo):
    bad = Answer(json={"errors": [{"type": "INSUFFICIENT_SCOPES", "message": "read:org"}]})
    jo.server.faults.add(
        Fault(effect=Effect.ANSWER_INSTEAD, path="/api/v3/graphql", times=9, answer=bad)
    )
    ran = jo.run(4, "push", *CONFIRMED)
    assert "Not known: the branch protections" in ran.out
    assert "Something that this account does not see refuses them" in ran.out
    assert jo.rules == jo.rules_before
    assert "refs/heads/topic" in jo.moved()


def left_lifted(jo):
    """Let the connection be gone once git has pushed."""
    answer = jo.server.answer

    def answering(request):
        if request.path.endswith("/git-receive-pack"):
            fault = Fault(effect=Effect.RESET, path="/api/v3/(graphql|repos/.*/rulesets/.*)", times=99)  # fmt: skip
            jo.server.faults.add(fault)
        return answer(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jo.server, "answer", answering)
        ran = jo.run(5, "push", *CONFIRMED)
    jo.server.faults.waiting.clear()
    return ran


def test_t27_what_is_still_lifted_is_said_loudly_by_every_command_and_comes_back(jo):
    assert "NOT all back (GitHub could not be reached" in left_lifted(jo).err

    assert "STILL LIFTED" in jo.run(0, "next").out
    assert "lifting protections of the server" in jo.run(0, "status").out
    assert "STILL LIFTED since" in jo.run(5, "push").out
    assert json.loads(jo.run(5, "push", "--json").out)["still_lifted"] is True

    jo.use()
    assert "NOT all back" in jo.run(5, "push", *CONFIRMED).err
    jo.use(jo.token)
    ran = jo.run(0, "push", *CONFIRMED)

    assert "Before it, 4 rules put back and read back." in ran.out
    assert jo.rules == jo.rules_before
    assert "STILL LIFTED" not in jo.run(0, "next").out


def test_what_was_put_back_by_hand_is_journalled_with_a_reason(jo):
    left_lifted(jo)
    jo.run(2, "push", "--back-by-hand", " ")
    jo.run(0, "push", "--back-by-hand", "Jo set every rule by her notes")
    assert still_lifted(jo.case) is None
    jo.run(6, "push", "--back-by-hand", "again")


def test_protections_are_kept_where_that_is_asked_for(jo):
    plan = jo.run(0, "push", "--keep-protections")
    assert "In the way, and left as it is:" in plan.out
    ran = jo.run(4, "push", "--keep-protections", *CONFIRMED)
    assert jo.moved() == {"refs/heads/topic"}
    assert "REFUSED" in ran.out
    assert jo.writes() == []
