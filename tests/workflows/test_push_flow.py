"""From a proven history to the server: leases, the platform's refs, and what a failure leaves."""

import json

import pytest

from breachkit.git.push import LeaseError, PushRejectedError, UnknownOutcomeError
from breachkit.incident.case import Milestone
from breachkit.incident.states import GuardRefusedError
from breachkit.model.errors import UsageError
from breachkit.workflows import case_files, push, rewrite
from breachkit.workflows.next_action import next_action
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import git, refs
from tests.support.responding import breached, pushed_by_somebody, responding


PULL = b"refs/pull/7/head"


def with_a_pull_request():
    history = breached()
    history.commit({b"x": b"x\n"}, ref=PULL, parents=[2])
    return history


@pytest.fixture
def response(tmp_path):
    response = responding(tmp_path)
    response.scope()
    response.rewrite()
    return response


def hide_pull_requests(server):
    git(server, "config", "receive.hideRefs", "refs/pull")


def test_a_plan_says_what_becomes_of_each_ref_and_changes_nothing(tmp_path):
    response = responding(tmp_path, with_a_pull_request())
    response.scope()
    response.rewrite()
    before = refs(response.server)

    plan = push.plan(response.case)

    assert [change.name for change in plan.pushed] == [b"refs/heads/main"]
    assert [change.name for change in plan.platform] == [PULL]
    assert plan.leases.holds
    assert plan.already == frozenset()
    assert refs(response.server) == before
    (event,) = response.events("push.planned")
    assert event.detail == {
        "plan_hmac_sha256": case_files.fingerprint(
            response.case, case_files.load_plan(response.case).digest
        ),
        "refs": 1,
        "platform_refs": 1,
        "moved": 0,
    }


def test_a_push_brings_the_rewritten_history_and_says_what_stays_hidden(tmp_path):
    response = responding(tmp_path, with_a_pull_request())
    hide_pull_requests(response.server)
    response.scope()
    response.rewrite()
    response.push()

    assert refs(response.server)[b"refs/heads/main"] == refs(response.private("rewritten.git"))[b"refs/heads/main"]  # fmt: skip
    intent, done = response.case.events()[-2:]
    assert (intent.kind, intent.detail["refs"]) == ("push.intent", 2)
    assert intent.detail["plan_hmac_sha256"] == response.events("push.planned")[0].detail["plan_hmac_sha256"]  # fmt: skip
    assert (done.kind, done.detail) == (
        "push.done",
        {"pushed": 1, "already": 0, "hidden_refs": 1},
    )
    states = {name: state for name, state, _ in json.loads(response.private("push.json").read_text())["outcomes"]}  # fmt: skip
    assert states == {"refs/heads/main": "done", PULL.decode(): "platform"}


def test_pushing_again_finds_everything_done(response):
    response.push()
    result = push.execute(response.case)

    assert result.names("already") == (b"refs/heads/main",)
    assert response.events("push.done")[-1].detail["already"] == 1
    assert push.plan(response.case).already == {b"refs/heads/main"}


def test_a_plan_needs_a_proven_rewrite_but_no_alert(tmp_path):
    response = responding(tmp_path, told=False)
    response.scope()
    with pytest.raises(GuardRefusedError, match="no rewritten history"):
        push.plan(response.case)
    response.rewrite(override="the contact is in the room")

    assert push.plan(response.case).leases.holds
    with pytest.raises(GuardRefusedError, match="no alert to the contacts"):
        push.execute(response.case)
    with pytest.raises(UsageError):
        push.execute(response.case, override="")
    assert not response.case.incident.has(Milestone.PUSHED)

    push.execute(response.case, override="the contact is in the room")

    assert response.events("override")[-1].detail["action"] == "push"
    assert response.case.incident.has(Milestone.PUSHED)


def test_a_server_on_which_somebody_pushed_is_left_alone(response):
    moved = pushed_by_somebody(response.server, b"x", b"x\n")
    before = refs(response.server)

    plan = push.plan(response.case)
    assert plan.leases.moved == (b"refs/heads/main",)
    assert response.events("push.planned")[-1].detail["moved"] == 1
    assert next_action(response.case.incident).command.startswith("breachkit scope")

    with pytest.raises(LeaseError):
        push.execute(response.case)
    assert refs(response.server) == before
    assert before[b"refs/heads/main"] == moved
    assert response.events("push.failed")[-1].detail == {"reason": "LeaseError", "moved": 1}
    assert response.case.incident.open_intents == ()
    assert next_action(response.case.incident).command.startswith("breachkit scope")

    response.scope()
    assert not next_action(response.case.incident).command.startswith("breachkit scope")
    response.rewrite()
    response.push()
    assert response.case.incident.has(Milestone.PUSHED)


def test_once_the_server_is_as_it_was_the_push_is_next_again(response):
    first = refs(response.server)[b"refs/heads/main"]
    pushed_by_somebody(response.server, b"x", b"x\n")
    push.plan(response.case)
    git(response.server, "update-ref", "refs/heads/main", first)
    push.plan(response.case)

    assert "push" in next_action(response.case.incident).command


def test_the_leases_are_those_of_the_rewrite_whatever_mirror_was_made_since(response):
    """A colleague's new branch with the data must not slip in behind a scope that failed."""
    pushed_by_somebody(response.server, OUTPUT, SMALL_COUNTS, ref="refs/heads/late")
    with pytest.raises(UsageError):
        response.scope(b"none")
    response.private("mirror.git").rename(response.private("mirror-old.git"))
    response.private("mirror-next.git").rename(response.private("mirror.git"))

    assert push.plan(response.case).leases.appeared == (b"refs/heads/late",)
    with pytest.raises(LeaseError):
        push.execute(response.case)


def test_a_server_that_refuses_keeps_its_refs_and_the_reason_is_journalled(response):
    hook = response.server / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(PushRejectedError):
        response.push()

    assert response.events("push.failed")[-1].detail == {"reason": "PushRejectedError", "moved": 0}
    assert not response.case.incident.has(Milestone.PUSHED)
    assert "push" in next_action(response.case.incident).command


def test_a_connection_that_breaks_leaves_the_push_begun_until_it_is_run_again(response):
    hook = response.server / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)

    with pytest.raises(UnknownOutcomeError):
        response.push()

    assert response.events("push.failed") == []
    assert [intent.what for intent in response.case.incident.open_intents] == ["push"]
    assert "interrupted" in next_action(response.case.incident).why
    hook.unlink()
    push.execute(response.case)
    assert response.case.incident.open_intents == ()


def test_a_rewrite_planned_anew_on_the_same_history_can_still_be_pushed(response):
    rewrite.plan(response.case)

    response.push()

    assert response.case.incident.has(Milestone.PUSHED)
