"""Clones turn up months later: what they are compared with outlives the mirror, and its key lies elsewhere."""

import shutil

import pytest

from breachkit.actions.clone_list import NoListError
from breachkit.git.backup import BackupError, make_key
from breachkit.workflows import guard
from breachkit.workflows.afterwards import left_after_the_end
from breachkit.workflows.case_files import NotYetError
from breachkit.workflows.decisions import Word, decide
from breachkit.workflows.held import still_held
from breachkit.workflows.late_clones import has_whole_list
from breachkit.workflows.standing import what_next
from breachkit.workflows.verify_clone import (
    list_in_script,
    list_of_case,
    seal_verifier,
    verify_clone,
)
from breachkit.workflows.watch_refs import watch_refs
from tests.support.command_line import OUTPUT
from tests.support.gitrepo import git, oid
from tests.support.responding import pushed_response, responding


@pytest.fixture
def pushed(tmp_path):
    """A response whose rewritten history is on the server, and a colleague's old clone."""
    return pushed_response(tmp_path)


@pytest.fixture
def before(pushed):
    """What clones are compared with while the mirror is there."""
    return list_of_case(pushed.case)


@pytest.fixture
def ended(pushed, before):
    """A response whose data are destroyed on this machine: mirror, backup and rewritten history."""
    shutil.rmtree(pushed.private("mirror.git"))
    shutil.rmtree(pushed.private("rewritten.git"))
    pushed.private("backup.age").unlink()
    answer = Word(about="retention", answer="destroyed", by="Ros", reason="deleted")
    decide(pushed.case, answer, pushed.clock)
    return pushed


def test_a_late_clone_is_compared_with_the_same_list_without_the_mirror(tmp_path, ended, before):
    wanted = list_of_case(ended.case)

    assert (wanted.text, wanted.token, wanted.seed) == (
        before.text,
        before.token,
        before.seed,
    )
    assert has_whole_list(ended.case)
    assert still_held(ended.case) == ()
    assert verify_clone(tmp_path / "colleague.git", wanted, ended.clock).verdict == "tainted"
    assert verify_clone(ended.server, wanted, ended.clock).verdict == "tainted"  # not purged
    ended.purge()
    assert verify_clone(ended.server, wanted, ended.clock).verdict == "clean"


def test_watch_and_guards_go_on_without_the_mirror(tmp_path, ended):
    assert watch_refs(ended.case).exit_code == 0
    git(tmp_path / "colleague.git", "push", "-q", str(ended.server), "main:refs/heads/late")

    assert watch_refs(ended.case).returned == (b"refs/heads/late",)
    old = oid(tmp_path / "colleague.git", f"main~1:{OUTPUT.decode()}")
    assert old in guard.guard_list(ended.case).ids


def test_pull_requests_that_are_as_before_are_no_return_without_the_mirror(tmp_path):
    response = responding(tmp_path)
    old = oid(response.server, "main~1")
    git(response.server, "update-ref", "refs/pull/7/head", old)
    response.scope(OUTPUT)
    response.rewrite()
    response.push()
    git(response.server, "update-ref", "refs/pull/7/head", old)  # a platform lets nobody move it
    with_mirror = watch_refs(response.case)
    shutil.rmtree(response.private("mirror.git"))

    without = watch_refs(response.case)

    assert (with_mirror.platform, with_mirror.exit_code) == (1, 0)
    assert (without.platform, without.exit_code) == (1, 0)


def test_a_sealed_verifier_outlives_the_private_part_and_opens_by_its_key_alone(
    tmp_path, ended, before
):
    key, other = tmp_path / "keys" / "own", tmp_path / "keys" / "other"
    sealed = seal_verifier(ended.case, (make_key(key),))
    assert sealed.parent == ended.case.path
    content = sealed.read_bytes()
    assert not any(one.encode() in content for one in before.objects)
    assert still_held(ended.case) == ()

    shutil.rmtree(ended.case.path / "private")

    with pytest.raises(NotYetError, match=r"verify-clone PATH --list \S+verifier\.age --key"):
        list_of_case(ended.case)
    with pytest.raises(NoListError, match="sealed: add --key"):
        list_in_script(sealed)
    make_key(other)
    with pytest.raises(BackupError, match="does not open with this key"):
        list_in_script(sealed, other)
    wanted = list_in_script(sealed, key)
    assert wanted.text == before.text
    assert verify_clone(tmp_path / "colleague.git", wanted, ended.clock).verdict == "tainted"


def test_what_is_overdue_to_be_destroyed_is_sealed_first(ended):
    case, clock = ended.case, ended.clock
    case.record("case.closed", {"reason": "x", "decider": "Jo", "destroy_by": "2026-06-04"})
    clock.move(days=91)
    seal = f"breachkit verifier --seal --case {case.incident.id}"
    assert what_next(case, clock).command == seal
    assert f"`{seal}`" in left_after_the_end(case)[-1]

    seal_verifier(case, (make_key(ended.keys / "late"),))
    assert what_next(case, clock).command.startswith("breachkit decide retention")
    assert "--seal" not in left_after_the_end(case)[-1]

    shutil.rmtree(case.path / "private")
    assert what_next(case, clock).command.startswith("breachkit log verify")
