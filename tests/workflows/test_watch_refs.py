"""`watch` notices, on any git server, a ref that leads to what was taken out."""

import json
from pathlib import Path

import pytest

from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.model.errors import BreachkitError
from breachkit.workflows.watch_refs import is_pushed, watch_refs
from tests.support.command_line import OUTPUT, SMALL_COUNTS, study
from tests.support.gitrepo import History, git, head_commit, oid
from tests.support.responding import (
    colleagues_clone,
    pushed_by_somebody,
    pushed_response,
    responding,
)


CONTACTS = Path(__file__).parents[1] / "support" / "contacts.toml"


@pytest.fixture
def world(tmp_path):
    """A case whose rewritten history is on the server, and a colleague's old clone."""
    return pushed_response(tmp_path)


@pytest.fixture
def old(tmp_path, world):
    return tmp_path / "colleague.git"


def watched(world):
    return watch_refs(world.case)


def test_after_the_push_nothing_is_back(world):
    found = watched(world)

    assert (found.returned, found.untold, found.exit_code) == ((), (), 0)
    assert found.examined == found.refs > 0


def test_r57_a_new_branch_from_an_old_clone_is_noticed(world, old):
    watched(world)
    git(old, "push", "-q", str(world.server), "main:refs/heads/new")

    found = watched(world)

    assert found.returned == (b"refs/heads/new",)
    assert found.exit_code == 7
    assert found.examined == 1


def test_r58_a_new_tag_on_an_old_commit_and_one_of_the_bad_file_itself_are_noticed(world, old):
    bad = oid(old, f"main~1:{OUTPUT.decode()}")
    git(old, "push", "-q", str(world.server), "main~1:refs/tags/v1", f"{bad}:refs/tags/v2")

    assert watched(world).returned == (b"refs/tags/v1", b"refs/tags/v2")


def test_r56_a_branch_that_was_moved_back_is_noticed(world, old):
    watched(world)
    git(old, "push", "-q", "--force", str(world.server), "main:main")

    assert watched(world).returned == (b"refs/heads/main",)


def test_r52_a_merge_with_the_old_history_is_noticed(world, old):
    git(old, "fetch", "-q", str(world.server), "main:refs/heads/theirs")
    tree = oid(old, "theirs^{tree}")
    merge = (
        git(old, "commit-tree", tree, "-p", "theirs", "-p", "main", "-m", "Merge").decode().strip()
    )
    git(old, "push", "-q", str(world.server), f"{merge}:refs/heads/main")

    assert watched(world).returned == (b"refs/heads/main",)


def test_the_bad_file_committed_anew_is_noticed_on_a_commit_nobody_knew(world):
    pushed_by_somebody(world.server, b"elsewhere/copy.csv", SMALL_COUNTS)

    assert watched(world).returned == (b"refs/heads/main",)


def test_the_same_file_with_other_line_ends_is_noticed(world):
    pushed_by_somebody(world.server, b"copy.csv", SMALL_COUNTS.replace(b"\n", b"\r\n"))

    assert watched(world).exit_code == 7


def test_work_that_goes_on_is_looked_at_once_and_is_no_recurrence(world):
    watched(world)
    pushed_by_somebody(world.server, b"more.md", b"more\n")

    assert (watched(world).examined, watched(world).examined) == (1, 0)
    assert world.case.incident.has(Milestone.PUSHED)


def test_what_came_back_is_journalled_once_and_takes_the_milestones_back(world, old):
    git(old, "push", "-q", str(world.server), "main:refs/heads/new")

    assert [watched(world).exit_code for _ in range(3)] == [7, 7, 7]

    assert world.case.incident.has(Milestone.RECURRED)
    for milestone in (Milestone.SCOPED, Milestone.REWRITTEN, Milestone.PUSHED, Milestone.VERIFIED):
        assert not world.case.incident.has(milestone)
    assert len(world.events(EventKind.CASE_RECURRED)) == 1
    assert [event.number("returned") for event in world.events(EventKind.WATCH_RECORDED)] == [1] * 3


def test_it_is_watched_on_after_the_case_was_taken_through_another_round(world, old):
    git(old, "push", "-q", str(world.server), "main:refs/heads/new")
    watched(world)
    world.scope(OUTPUT)
    world.rewrite()
    world.push()
    assert watched(world).exit_code == 0

    git(old, "push", "-q", str(world.server), "main:refs/tags/again")

    assert watched(world).returned == (b"refs/tags/again",)
    assert len(world.events(EventKind.CASE_RECURRED)) == 2


def test_what_the_platform_alone_can_move_is_told_apart_from_what_came_back(tmp_path):
    history = History()
    history.commit({b"README.md": b"# A study\n"})
    bad = history.commit({OUTPUT: SMALL_COUNTS})
    history.commit({OUTPUT: None})
    history.ref(b"refs/pull/1/head", bad)
    world = responding(tmp_path, history)
    old = colleagues_clone(world.server, tmp_path)
    world.scope(OUTPUT)
    world.rewrite()
    git(world.server, "config", "receive.hideRefs", "refs/pull")
    world.push()

    assert (watched(world).exit_code, watched(world).platform) == (0, 1)

    git(world.server, "config", "--unset", "receive.hideRefs")
    git(old, "push", "-q", str(world.server), "main:refs/pull/2/head")
    assert watched(world).returned == (b"refs/pull/2/head",)


def test_before_the_push_there_is_nothing_to_come_back(tmp_path):
    assert not is_pushed(responding(tmp_path).case)


def test_a_server_that_does_not_answer_is_not_called_clean(world):
    world.server.rename(world.server.with_name("gone.git"))

    with pytest.raises(BreachkitError):
        watched(world)


def test_what_is_fetched_is_gone_afterwards_and_the_server_is_unchanged(world, old):
    git(old, "push", "-q", str(world.server), "main:refs/heads/new")
    before = git(world.server, "for-each-ref"), head_commit(world.server)
    watched(world)

    assert (git(world.server, "for-each-ref"), head_commit(world.server)) == before
    assert not list(world.case.private.rglob("refs.git"))


def test_the_command_names_the_ref_without_ids_and_exits_with_7(breachkit, tmp_path):
    server = study(tmp_path / "study.git")
    old = colleagues_clone(server, tmp_path)
    tip = head_commit(old)
    breachkit.expect(0, "open", server, "--contacts", CONTACTS)
    breachkit.expect(0, "notify", "render", "alert")
    breachkit.expect(3, "watch")
    for number in ("N-001", "N-002"):
        breachkit("notify", "mark-sent", number, "--by", "Jo")
    breachkit.expect(0, "scope")
    breachkit.expect(0, "rewrite")
    breachkit.prepare()
    breachkit.expect(0, "rewrite", "--execute", "--confirm", "study")
    breachkit.expect(0, "push", "--execute", "--confirm", "study")
    breachkit.expect(0, "watch")
    git(old, "push", "-q", str(server), f"main:refs/tags/fetched/{tip}")

    ran = breachkit.expect(7, "watch")
    data = json.loads(breachkit.expect(7, "watch", "--json").out)

    assert "refs/tags/fetched/(id)" in ran.out
    assert tip[:7] not in ran.all
    assert data["refs"]["returned"] == ["refs/tags/fetched/(id)"]
    assert data["ok"] is False
    assert "scope" in data["next"]["command"]
