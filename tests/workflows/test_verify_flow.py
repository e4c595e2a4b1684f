"""Gone, present, changed or unknown: what is looked at, and what the journal is told."""

import functools
import json

import pytest

from breachkit.actions.verify import ObjectCheck, PlaceCheck
from breachkit.git.verify import check_server
from breachkit.incident.case import Milestone
from breachkit.model.ids import ObjectId, RefName
from breachkit.workflows.case_files import NotYetError, load_bad_set
from breachkit.workflows.verify import Verification, asked_for, old_objects
from tests.support.cases import said
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import blob_oid, git, refs
from tests.support.responding import (
    breached,
    colleagues_clone,
    pushed_by_somebody,
    responding,
)


PULL = RefName(b"refs/pull/7/head")
BRANCH = RefName(b"refs/heads/x")
ONE = ObjectId("1" * 40)


def place(name, verdict="gone", **changes):
    intact = None if name == "server" else True
    made = {"history_intact": intact, **changes}
    return PlaceCheck(place=name, objects=(ObjectCheck(id=ONE, verdict=verdict),), **made)


def verification(mirror=None, clone=None, server=None):
    return Verification(
        mirror=mirror or place("mirror"),
        clone=clone or place("clone"),
        server=server or place("server"),
    )


# --- what the answers mean ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "outcome", "code", "clean"),
    [
        (verification(), "gone", 0, True),
        (verification(server=place("server", "present")), "present", 7, True),
        (verification(server=place("server", "unknown")), "unknown", 5, True),
        (verification(clone=place("clone", "unknown")), "unknown", 5, False),
        (verification(clone=place("clone", problems=("shallow",))), "unknown", 5, False),
        (verification(mirror=place("mirror", "present")), "present", 7, False),
        (verification(mirror=place("mirror", "unknown")), "unknown", 5, False),
        (verification(mirror=place("mirror", history_intact=False)), "changed", 7, False),
        (verification(clone=place("clone", history_intact=False)), "changed", 7, False),
        (verification(clone=place("clone", history_intact=None)), "changed", 7, False),
        (verification(clone=place("clone", wrong_refs=(BRANCH,))), "changed", 7, False),
        (verification(clone=place("clone", "present", leftover_refs=(PULL,))), "present", 7, True),
        (verification(clone=place("clone", "present", leftover_refs=(BRANCH, PULL))), "present", 7, False),
        (verification(clone=place("clone", "present", leftover_refs=(PULL,), problems=("x",))), "present", 7, False),
        (verification(clone=place("clone", "present")), "present", 7, False),
    ],
)  # fmt: skip
def test_gone_takes_every_place_and_an_unchanged_history(found, outcome, code, clean):
    assert found.outcome == outcome
    assert found.exit_code == code
    assert found.clone_is_clean is clean


def test_branches_that_still_hold_the_data_are_told_from_the_platforms_refs():
    found = verification(clone=place("clone", "present", leftover_refs=(BRANCH, PULL)))

    assert found.leftover_branches == (BRANCH,)
    assert [each.place for each in found.places] == ["mirror", "clone", "server"]


# --- on a real server -----------------------------------------------------------------------


def test_before_a_rewrite_there_is_nothing_to_verify(tmp_path):
    response = responding(tmp_path)
    with pytest.raises(NotYetError, match="breachkit scope"):
        response.verify()
    response.scope()
    with pytest.raises(NotYetError, match="breachkit rewrite"):
        response.verify()


def test_from_before_the_push_to_gone(tmp_path):
    response = responding(tmp_path)
    response.scope()
    result = response.rewrite()
    early = response.verify()

    assert early.outcome == "present"
    assert early.mirror.ok
    assert early.leftover_branches == (b"refs/heads/main",)
    assert response.events("verify.recorded")[-1].detail["held"] is True
    assert not response.case.incident.has(Milestone.RECURRED)

    response.push()
    kept = response.verify()

    assert kept.outcome == "present"  # the server keeps what no ref shows
    assert kept.clone_is_clean
    assert response.case.incident.has(Milestone.VERIFIED)
    assert not response.case.incident.has(Milestone.SERVER_PURGED)
    asked = asked_for(load_bad_set(response.case), result.done)
    served = response.events("verify.recorded")[-1].detail["served_by_id"]
    assert served == len(asked)

    response.purge()
    assert response.verify().outcome == "gone"
    event = response.events("verify.recorded")[-1]
    assert said(event) == {
        "ok": True,
        "held": False,
        "outcome": "gone",
        "file": "private/verify.json",
        "hidden_refs": 0,
        "served_by_id": 0,
        "server_gone": True,
        "objects": event.detail["objects"],
    }
    assert (event.number("objects") or 0) > 0
    assert response.case.incident.has(Milestone.SERVER_PURGED)
    kept_file = json.loads(response.private("verify.json").read_text())
    assert kept_file["schema"] == "breachkit.verify/1"
    assert {kept_file[each]["place"] for each in ("mirror", "clone", "server")} == {"mirror", "clone", "server"}  # fmt: skip
    assert not list(response.private("").glob("breachkit-verify-*"))


def test_the_bad_blobs_who_brought_them_and_the_old_tips_are_asked_for(tmp_path):
    response = responding(tmp_path)
    old = refs(response.server)[b"refs/heads/main"]
    response.scope()
    done = response.rewrite().done
    history = git(response.server, "rev-list", "main").decode().split()

    asked = asked_for(load_bad_set(response.case), done)

    assert asked == {blob_oid(response.server, SMALL_COUNTS), old, history[1]}
    assert set(old_objects(done)) == set(history[:2])


def test_a_platforms_hidden_ref_keeps_the_server_unpurged_and_no_branch_blamed(tmp_path):
    history = breached()
    history.commit({b"x": b"x\n"}, ref=PULL, parents=[2])
    response = responding(tmp_path, history)
    git(response.server, "config", "receive.hideRefs", "refs/pull")
    found = response.all_of_it()

    assert found.outcome == "present"
    assert found.clone_is_clean
    detail = response.events("verify.recorded")[-1].detail
    assert (detail["ok"], detail["held"], detail["hidden_refs"]) == (True, False, 1)
    assert response.case.incident.has(Milestone.VERIFIED)
    assert not response.case.incident.has(Milestone.SERVER_PURGED)


def test_a_server_that_gives_nothing_by_id_leaves_it_unknown(tmp_path, monkeypatch):
    response = responding(tmp_path)
    assert response.all_of_it().outcome == "gone"
    old_protocol = functools.partial(check_server, protocol=0)
    monkeypatch.setattr("breachkit.workflows.verify.check_server", old_protocol)

    found = response.verify()

    assert (found.outcome, found.exit_code) == ("unknown", 5)
    assert found.server.problems
    detail = response.events("verify.recorded")[-1].detail
    assert (detail["ok"], detail["outcome"], detail["server_gone"]) == (True, "unknown", False)
    assert response.case.incident.has(Milestone.VERIFIED)
    assert not response.case.incident.has(Milestone.SERVER_PURGED)


def test_work_that_goes_on_is_a_change_and_no_recurrence(tmp_path):
    response = responding(tmp_path)
    assert response.all_of_it().exit_code == 0
    pushed_by_somebody(response.server, b"new.txt", b"harmless\n")

    found = response.verify()

    assert (found.outcome, found.exit_code) == ("changed", 7)
    assert found.clone.wrong_refs == (b"refs/heads/main",)
    assert response.events("verify.recorded")[-1].detail["held"] is False
    assert response.case.incident.has(Milestone.VERIFIED)
    assert not response.case.incident.has(Milestone.RECURRED)


def test_a_clone_that_pushes_the_old_history_is_a_recurrence(tmp_path):
    response = responding(tmp_path)
    clone = colleagues_clone(response.server, tmp_path)
    assert response.all_of_it().exit_code == 0
    git(clone, "push", "-q", "origin", "main:refs/heads/back")

    found = response.verify()

    assert (found.outcome, found.exit_code) == ("present", 7)
    assert found.leftover_branches == (b"refs/heads/back",)
    assert response.case.incident.has(Milestone.RECURRED)
    assert not response.case.incident.has(Milestone.VERIFIED)
    assert OUTPUT in git(clone, "log", "--all", "--name-only", "--format=").split(b"\n")
