"""A push through protections and rulesets: what gives way, for how long, and that all of it is back."""

import contextlib
import dataclasses

import pytest

from breachkit.actions.hosting import Topic
from breachkit.drill.hub import furnish, rulesets
from breachkit.drill.hub.answers import Answer
from breachkit.drill.hub.faults import Effect, Fault
from breachkit.drill.hub.server import writes
from breachkit.git.push import LeaseError, UnknownOutcomeError
from breachkit.git.remote import RemoteRefs
from breachkit.incident.case import Milestone
from breachkit.incident.states import Action, GuardRefusedError, missing
from breachkit.model.errors import AccessError, IncompleteError, RefusedError
from breachkit.workflows.answerable import ReasonMissingError
from breachkit.workflows.lifting import StillLiftedError, still_lifted
from breachkit.workflows.next_action import interrupted, next_action
from breachkit.workflows.platform_push import said_to_be_back
from breachkit.workflows.snapshot import take
from tests.support.containing import NAME
from tests.support.hubs import served, small_hub
from tests.support.pushing import FORCED, Scene, set_up


REWRITTEN = {*(f"refs/heads/{name}" for name in FORCED), "refs/tags/v1", "refs/tags/data"}
NO_REFS = RemoteRefs(refs={}, head=None, head_value=None)
GRAPHQL = "/api/v3/graphql"
RULESETS = f"/api/v3/repos/{NAME}/rulesets/.*"
RECEIVE = f"/{NAME}.git/git-receive-pack"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hub")
    small = small_hub(folder)
    with served(small.world) as server:
        yield set_up(small, tmp_path_factory.mktemp("case"), server)


@pytest.fixture
def scene(stage, tmp_path):
    return Scene(stage, tmp_path)


@contextlib.contextmanager
def watched(scene, look):
    """Call `look` with every request that is meant to change something, before it is answered."""
    answer = scene.server.answer

    def looking(request):
        if writes(request.method, request.path, request.body):
            look(request)
        return answer(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scene.server, "answer", looking)
        yield


def test_a_push_gets_through_and_everything_is_as_it_was(scene):
    pushed = scene.push()

    assert pushed.exit_code == 0
    assert scene.moved() == REWRITTEN
    assert scene.holds_data() == set()
    assert scene.rules == scene.rules_before
    assert pushed.differences == ()
    assert scene.case.incident.has(Milestone.PUSHED)
    assert scene.case.incident.open_intents == ()
    assert still_lifted(scene.case) is None


def test_t33_t37_refs_of_the_platform_are_told_and_stop_nothing(scene):
    pushed = scene.push()
    assert all(name.startswith(b"refs/pull/") for name in pushed.result.names("platform"))
    assert pushed.result.names("platform")
    assert pushed.result.complete


def test_only_what_refuses_a_ref_gives_way_and_only_as_far_as_it_has_to(scene):
    seen = []
    with watched(scene, lambda request: seen.append((request.path, scene.rules))):
        scene.push()

    (protections, own, theirs), *_ = [rules for path, rules in seen if path.endswith(RECEIVE)]
    before, own_before, theirs_before = scene.rules_before
    opened = {"allow_force_pushes": True, "enforce_admins": False}
    assert protections == {
        **before,
        "main": {**before["main"], **opened},
        "release/*": {**before["release/*"], **opened, "lock_branch": False, "force_pushers": []},
    }
    off = {one["name"] for one in own.values() if one["enforcement"] == "disabled"}
    assert off == {"keep tags", "no force"}
    assert {n: {**one, "enforcement": ""} for n, one in own.items()} == {
        n: {**one, "enforcement": ""} for n, one in own_before.items()
    }
    assert theirs == theirs_before


def test_the_way_back_is_on_disk_and_each_change_in_the_journal_before_it_is_sent(scene):
    seen = []

    def look(request):
        lift = still_lifted(scene.case)
        kept = lift is not None and all(each.can_be_lifted for each in lift.hurdles)
        if "receive-pack" not in request.path:
            seen.append((scene.case.events()[-1].kind, kept))

    with watched(scene, look):
        scene.push()

    assert seen == [("lift.sending", True)] * 4 + [("unlift.sending", True)] * 4
    kinds = [event.kind for event in scene.case.events()]
    order = ["lift.intent", "push.intent", "push.done", "lift.done"]
    assert [kind for kind in kinds if kind in order] == order
    steps = {kind: [each.number("step") for each in scene.events(kind)] for kind in ("lift.sent", "unlift.sent")}  # fmt: skip
    assert steps == {"lift.sent": [1, 2, 3, 4], "unlift.sent": [4, 3, 2, 1]}
    (intent,), (done,) = scene.events("lift.intent"), scene.events("lift.done")
    assert (intent.number("round"), intent.number("steps")) == (1, 4)
    assert (done.number("steps"), done.number("differs")) == (4, 0)


def test_t56_a_plan_changes_nothing_and_says_what_gives_way(scene):
    with scene.pushing() as doing:
        plan = doing.plan()

    assert scene.server.writes == []
    assert scene.moved() == set()
    assert plan.survey.firm == ()
    assert {each.name: len(each.refs) for each in plan.survey.liftable} == {
        "main": 1,
        "release/*": 2,
        "keep tags": 2,
        "no force": 1,
    }
    assert plan.lifted is None
    assert plan.earlier is None


def test_pushing_again_lifts_nothing(scene):
    scene.push()
    before = len(scene.writes())
    scene.server.log.clear()

    again = scene.push()

    assert set(again.result.names("already")) == {name.encode() for name in REWRITTEN}
    assert before == 8
    assert {each.path for each in scene.server.log if each.template} == {f"/repos/{NAME}", "/user"}
    assert len(scene.events("lift.intent")) == 1


def test_t35_where_somebody_pushed_nothing_is_lifted(scene):
    scene.small.world.commit(scene.small.study, {"late.md": b"late\n"}, branch="topic")

    with pytest.raises(LeaseError):
        scene.push()

    assert scene.server.writes == []
    assert scene.rules == scene.rules_before


def test_t30_what_a_rule_of_the_organisation_refuses_is_left_out_and_the_rest_is_pushed(scene):
    furnish.ruleset(scene.small.world.hub, scene.small.organisation, "theirs", rules=["update"])
    before = scene.rules

    pushed = scene.push()

    assert pushed.exit_code == 4
    (firm,) = pushed.survey.firm
    assert (firm.name, firm.whom) == ("theirs", "organisation owner")
    assert pushed.result.names("refused") == (b"refs/heads/main",)
    assert scene.moved() == REWRITTEN - {"refs/heads/main"}
    assert scene.rules == before
    failed = scene.events("push.failed")[-1]
    assert (failed.number("refused"), failed.number("moved")) == (1, 0)
    assert not scene.case.incident.has(Milestone.PUSHED)
    assert scene.case.incident.open_intents == ()

    scene.small.organisation.rulesets.clear()
    assert scene.push().exit_code == 0
    assert scene.moved() == REWRITTEN


def test_t34_where_the_server_refuses_all_because_of_one_each_is_pushed_for_itself(scene):
    scene.small.world.hub.rejects_whole_pushes = True
    theirs = scene.small.organisation
    furnish.ruleset(scene.small.world.hub, theirs, "theirs", rules=["update"])

    pushed = scene.push()

    assert pushed.result.names("refused") == (b"refs/heads/main",)
    assert scene.moved() == REWRITTEN - {"refs/heads/main"}


def test_t29_a_ruleset_that_cannot_be_put_back_exactly_is_not_switched_off(scene, monkeypatch):
    monkeypatch.setattr(rulesets, "_may_write", lambda *_: False)

    pushed = scene.push()

    assert {each.name: each.whom for each in pushed.survey.firm} == {
        "keep tags": "administrator",
        "no force": "administrator",
    }
    assert set(pushed.result.names("refused")) == {
        b"refs/heads/main",
        b"refs/tags/data",
        b"refs/tags/v1",
    }
    assert scene.rules == scene.rules_before


def test_who_does_not_administer_lifts_nothing_and_pushes_what_passes(stage, tmp_path):
    scene = Scene(stage, tmp_path, stage.small.world.token(stage.small.people["dan"]))
    scene.small.study.rulesets.clear()
    scene.small.organisation.rulesets.clear()

    pushed = scene.push()

    assert {each.name: each.whom for each in pushed.survey.firm} == {
        "main": "administrator",
        "release/*": "administrator",
    }
    assert pushed.survey.liftable == ()
    assert scene.moved() == {"refs/heads/topic", "refs/tags/v1", "refs/tags/data"}
    assert scene.writes() == []
    assert pushed.exit_code == 4
    assert scene.events("lift.intent") == []


def test_t26_on_a_free_plan_nothing_is_in_force_and_the_snapshot_says_what_will_be(scene):
    with scene.pushing() as doing:
        repository = doing.hosting.repository(NAME)
        take(
            doing.case,
            doing.hosting,
            repository,
            doing.clock,
            fast=True,
            list_refs=lambda _: NO_REFS,
        )
    scene.small.study.visibility = "private"
    scene.small.organisation.plan = "free"
    with scene.pushing() as doing:
        plan = doing.plan()

    assert plan.survey.hurdles == ()
    assert len(plan.survey.unread) == 2
    assert all("plan does not have this" in each for each in plan.survey.unread)
    assert plan.snapshot == "001"
    assert plan.earlier is not None
    assert {each.name for each in plan.earlier.hurdles} == {
        "main",
        "release/*",
        "keep tags",
        "no force",
    }

    pushed = scene.push()

    assert pushed.exit_code == 0
    assert scene.moved() == REWRITTEN
    assert scene.writes() == []
    assert pushed.survey.unread == plan.survey.unread


def test_protections_are_kept_where_that_is_asked_for(scene):
    pushed = scene.push(keep=True)

    assert scene.moved() == {"refs/heads/topic"}
    assert scene.writes() == []
    assert pushed.exit_code == 4


def test_a_push_whose_connection_breaks_puts_everything_back(scene):
    scene.server.faults.add(Fault(effect=Effect.RESET, method="POST", path=RECEIVE, times=9))

    with pytest.raises(UnknownOutcomeError):
        scene.push()

    assert scene.rules == scene.rules_before
    assert [each.what for each in scene.case.incident.open_intents] == ["push"]
    scene.server.faults.waiting.clear()
    assert scene.push().exit_code == 0
    assert scene.moved() == REWRITTEN


def test_a_push_that_is_interrupted_at_the_keyboard_puts_everything_back(scene, monkeypatch):
    def interrupted_push(*_args, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr("breachkit.git.push.push", interrupted_push)
    with pytest.raises(KeyboardInterrupt):
        scene.push()

    assert scene.rules == scene.rules_before
    assert still_lifted(scene.case) is None


def fail_to_put_back(scene):
    """Let the connection be gone once the push is through."""

    def look(request):
        if request.path.endswith("git-receive-pack"):
            for path in (GRAPHQL, RULESETS):
                scene.server.faults.add(Fault(effect=Effect.RESET, path=path, times=99))

    with watched(scene, look), pytest.raises(IncompleteError) as caught:
        scene.push()
    scene.server.faults.waiting.clear()
    return caught.value


def test_what_is_not_back_is_said_everywhere_and_comes_back_first(scene):
    problem = fail_to_put_back(scene)

    assert problem.exit_code == 5
    assert scene.rules != scene.rules_before
    incident = scene.case.incident
    assert "STILL LIFTED" in next_action(incident).why
    assert "push" in next_action(incident).command
    assert any("lifting protections" in line for line in interrupted(incident))
    assert "protected" in {each.name for each in missing(incident, Action.CLOSE)}
    with scene.pushing() as doing:
        plan = doing.plan()
    assert plan.lifted is not None

    pushed = scene.push()

    assert pushed.before is not None
    assert pushed.exit_code == 0
    assert scene.rules == scene.rules_before
    assert scene.case.incident.open_intents == ()
    assert "protected" not in {each.name for each in missing(scene.case.incident, Action.CLOSE)}


def test_what_was_lifted_without_an_answer_comes_back_too(scene):
    """The change is made, its answer is lost, and then there is no connection for a while."""
    scene.server.faults.add(Fault(effect=Effect.RESET_AFTER, method="PUT", path=RULESETS))
    scene.server.faults.add(Fault(effect=Effect.RESET, path=RULESETS, skip=6, times=99))

    with pytest.raises(StillLiftedError):
        scene.push()
    assert scene.rules != scene.rules_before
    assert scene.moved() == set()
    scene.server.faults.waiting.clear()

    pushed = scene.push()

    assert pushed.exit_code == 0
    assert pushed.differences == ()
    assert scene.rules == scene.rules_before
    assert scene.moved() == REWRITTEN


def test_what_is_lifted_comes_back_though_the_guards_refuse_the_push(scene):
    fail_to_put_back(scene)
    scene.case.record("case.closed", {"reason": "over", "decider": "Jo"})

    with pytest.raises(GuardRefusedError):
        scene.push()

    assert scene.rules == scene.rules_before


def test_what_another_rewrite_lifted_comes_back_before_this_one_is_pushed(scene, monkeypatch):
    monkeypatch.setattr("breachkit.workflows.platform_push._put_back", lambda _lifting: None)
    scene.push()
    assert scene.rules != scene.rules_before
    monkeypatch.undo()
    monkeypatch.setattr("breachkit.workflows.push.fingerprint", lambda _case: "another")

    pushed = scene.push()

    assert pushed.before is not None
    assert scene.rules == scene.rules_before


def while_lifted(scene, change):
    """Let somebody change something while the push runs."""
    done: list[object] = []

    def look(request):
        if request.path.endswith("git-receive-pack") and not done:
            done.append(change())

    return watched(scene, look)


def test_a_protection_that_somebody_deleted_meanwhile_is_made_anew(scene):
    study = scene.small.study
    before = study.rule_numbers["main"]
    with while_lifted(scene, lambda: study.protections.pop("main")):
        pushed = scene.push()

    assert pushed.exit_code == 0
    assert study.rule_numbers["main"] != before
    with scene.pushing() as doing:
        reading = doing.hosting.read(Topic.PROTECTIONS, pushed.repository)
    assert pushed.back is not None
    was = pushed.back.lift.before[Topic.PROTECTIONS]
    assert reading.items == was.items
    assert pushed.differences == ()


def test_a_pattern_that_somebody_deleted_meanwhile_has_to_be_set_by_hand(scene):
    study = scene.small.study
    with (
        while_lifted(scene, lambda: study.protections.pop("release/*")),
        pytest.raises(StillLiftedError, match="NOT all back"),
    ):
        scene.push()
    with pytest.raises(StillLiftedError):
        scene.push()
    assert "release/*" not in study.protections
    assert study.protections["main"] == scene.rules_before[0]["main"]

    with pytest.raises(ReasonMissingError):
        said_to_be_back(scene.case, " ")
    said_to_be_back(scene.case, "Jo set it by hand")

    assert still_lifted(scene.case) is None
    assert scene.events("lift.failed")[-1].detail == {"round": 1, "reason": "Jo set it by hand"}
    with pytest.raises(RefusedError, match="nothing is lifted"):
        said_to_be_back(scene.case, "Jo set it by hand")


def test_what_differs_from_before_is_told(scene):
    study = scene.small.study

    def change():
        furnish.protect(study, "new/*")
        study.protections["main"]["required_linear_history"] = False

    with while_lifted(scene, change):
        pushed = scene.push()

    assert {(each.topic, each.name, each.kind) for each in pushed.differences} == {
        (Topic.RULES, "main", "changed"),
        (Topic.RULES, "new/*", "new"),
    }
    assert pushed.exit_code == 7


def test_what_cannot_be_compared_is_not_said_to_be_the_same(scene):
    lost = Fault(effect=Effect.RESET, method="GET", path=RULESETS.removesuffix("/.*"), times=99)

    def look(_request):
        last = scene.case.events()[-1]
        if last.kind == "unlift.sending" and last.number("step") == 1:  # the last to come back
            scene.server.faults.add(lost)

    with watched(scene, look):
        pushed = scene.push()

    assert {each.kind for each in pushed.differences} == {"not read"}
    assert pushed.exit_code == 5
    assert scene.rules == scene.rules_before


def test_git_falls_back_to_its_own_credentials_where_the_token_may_not_push(scene):
    with scene.pushing() as doing:
        right = doing.settings[0]
        wrong = {**right, "GIT_CONFIG_VALUE_0": "Authorization: Basic eDp5"}
        pushed = dataclasses.replace(doing, settings=(wrong, right)).execute()
    assert pushed.exit_code == 0
    assert scene.moved() == REWRITTEN


def test_where_git_may_not_push_at_all_nothing_is_lifted(scene):
    with scene.pushing() as doing, pytest.raises(AccessError, match="not allowed"):
        dataclasses.replace(doing, settings=({}, {})).execute()
    assert scene.server.writes == []
    assert scene.rules == scene.rules_before


def test_t54_the_token_is_in_no_file_of_the_case(scene):
    scene.push()
    files = [path for path in scene.case.path.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if scene.token.encode() in path.read_bytes()]


@pytest.mark.parametrize("path", [GRAPHQL, RULESETS])
def test_a_lift_that_the_platform_refuses_is_told_and_the_rest_goes_on(scene, path):
    def look(request):
        last = scene.case.events()[-1]
        if last.kind == "lift.sending" and last.number("step") == {GRAPHQL: 1, RULESETS: 3}[path]:
            body = {"message": "Resource not accessible by personal access token"}
            if path == GRAPHQL:
                answer = Answer(json={"errors": [{"type": "FORBIDDEN", **body}]})
            else:
                answer = Answer(status=403, json=body)
            scene.server.faults.add(Fault(effect=Effect.ANSWER_INSTEAD, method=request.method, path=path, answer=answer))  # fmt: skip

    with watched(scene, look):
        pushed = scene.push()

    (refused,) = pushed.not_lifted
    assert "token lacks the permission" in refused.reason
    assert pushed.exit_code == 4
    assert 0 < len(scene.moved()) < len(REWRITTEN)
    assert scene.rules == scene.rules_before
    assert scene.case.incident.open_intents == ()


def test_a_push_ruleset_that_looks_at_files_gives_way_to_every_ref(scene):
    study = scene.small.study
    study.visibility = "private"
    study.protections.clear()
    study.rulesets.clear()
    made = furnish.ruleset(scene.small.world.hub, study, "no tables", target="push", include=[])
    made["rules"] = [
        {
            "type": "file_extension_restriction",
            "parameters": {"restricted_file_extensions": [".md"]},
        }
    ]
    before = scene.rules
    kept = scene.push(keep=True)
    assert kept.result.names("refused") == (b"refs/heads/main",)  # the one with new commits

    pushed = scene.push()

    assert [each.name for each in pushed.survey.liftable] == ["no tables"]
    assert pushed.exit_code == 0
    assert scene.moved() == REWRITTEN
    assert scene.rules == before
