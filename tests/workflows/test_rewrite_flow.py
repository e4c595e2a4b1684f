"""From a scope to a proven history: what stops it, what it leaves, and what a second run does."""

import json
import shutil

import pyrage
import pytest

from breachkit.git.backup import restore_backup
from breachkit.incident.case import Milestone
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import GuardRefusedError
from breachkit.model.errors import BreachkitError, ConfigurationError, RefusedError
from breachkit.workflows import case_files, rewrite
from breachkit.workflows.case_files import NotYetError
from breachkit.workflows.rewrite import PlanChangedError, ProofFailedError
from tests.support.cases import SOMEBODY, said
from tests.support.command_line import OUTPUT, SMALL_COUNTS
from tests.support.gitrepo import blob_oid, git, refs
from tests.support.responding import OTHER, OTHER_COUNTS, pushed_by_somebody, responding


@pytest.fixture
def response(tmp_path):
    response = responding(tmp_path)
    response.scope()
    return response


def another_key():
    return str(pyrage.x25519.Identity.generate().to_public())


def kinds(response):
    return [event.kind for event in response.case.events()]


def test_a_plan_changes_nothing_and_is_journalled_in_numbers(response):
    before = refs(response.private("mirror.git"))

    plan = rewrite.plan(response.case)

    (event,) = response.events("rewrite.planned")
    assert said(event) == {
        "file": "private/rewrite-plan.json",
        "plan_hmac_sha256": case_files.fingerprint(response.case, plan.digest),
        "blobs": 1,
        "commits": 2,
        "kept": 1,
        "refs": 1,
        "replaced": 0,
        "reworded": 0,
        "renamed": 0,
        "signatures_lost": 0,
    }
    assert case_files.load_plan(response.case) == plan
    assert refs(response.private("mirror.git")) == before
    assert not response.private("rewritten.git").exists()


def test_a_plan_needs_a_scope(tmp_path):
    with pytest.raises(NotYetError, match="breachkit scope"):
        rewrite.plan(responding(tmp_path).case)


def test_a_plan_that_would_change_nothing_is_refused(response):
    mirror = response.private("mirror.git")
    git(mirror, "update-ref", "refs/heads/main", "main~2")

    with pytest.raises(RefusedError, match="nothing to rewrite"):
        rewrite.plan(response.case)

    assert response.events("rewrite.planned") == []


def test_lost_signatures_of_commits_and_tags_are_journalled(tmp_path):
    response = responding(tmp_path)
    tip = refs(response.server)[b"refs/heads/main"]
    commit = git(response.server, "cat-file", "commit", tip)
    signed = commit.replace(b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\n", 1)  # fmt: skip
    made = git(response.server, "hash-object", "-w", "-t", "commit", "--stdin", stdin=signed)
    git(response.server, "update-ref", "refs/heads/main", made.decode().strip())
    tag = b"object %s\ntype commit\ntag v1\ntagger A <a@b> 0 +0000\n\nx\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n" % made.strip()  # fmt: skip
    tagged = git(response.server, "hash-object", "-w", "-t", "tag", "--stdin", stdin=tag)
    git(response.server, "update-ref", "refs/tags/v1", tagged.decode().strip())
    response.scope()

    rewrite.plan(response.case)

    assert response.events("rewrite.planned")[0].detail["signatures_lost"] == 2


def test_the_rewritten_history_is_proven_and_every_step_is_journalled(response):
    result = response.rewrite()

    assert result.proof.ok
    assert kinds(response)[-5:] == [
        "rewrite.planned",
        "backup.made",
        "rewrite.intent",
        "rewrite.done",
        "proof.recorded",
    ]
    fingerprint = case_files.fingerprint(response.case, result.plan.digest)
    backup, intent, done, proof = response.case.events()[-4:]
    assert intent.detail == {"plan_hmac_sha256": fingerprint}
    assert done.detail == {"commits": 2, "refs": 1, "plan_hmac_sha256": fingerprint}
    assert said(proof) == {
        "ok": True,
        "file": "private/proof.json",
        "failures": 0,
        "commits": 2,
        "trees": result.proof.counts.trees,
        "refs": 1,
        "objects": result.proof.counts.objects,
    }
    assert said(backup) == {
        "file": "private/backup.age",
        "bytes": result.backup.size,
        "recipients": 1,
        "destroy_by": "2026-04-05T12:00:00Z",
    }
    assert response.case.incident.has(Milestone.REWRITTEN)
    assert json.loads(response.private("proof.json").read_text())["ok"] is True


def test_the_backup_gives_the_old_history_back_and_its_key_is_not_in_the_case(response, tmp_path):
    result = response.rewrite()

    restore_backup(result.backup.path, result.key, tmp_path / "old.bundle")
    git(tmp_path, "clone", "-q", "--mirror", "old.bundle", "old.git")
    assert refs(tmp_path / "old.git") == refs(response.server)
    assert not result.key.is_relative_to(response.case.path)
    assert result.key.name == f"{response.case.incident.id}.agekey"


def test_more_people_can_be_given_the_backup_also_later(response):
    first = response.rewrite()
    both = (another_key(), another_key())

    second = response.rewrite(recipients=both)
    third = response.rewrite(recipients=both[:1])

    assert set(both) < set(second.backup.recipients)
    assert first.backup.recipients[0] in second.backup.recipients
    assert third.backup == second.backup
    assert [event.detail["recipients"] for event in response.events("backup.made")] == [1, 3]


def test_running_again_finds_the_work_done_and_proves_it_once_more(response):
    first = response.rewrite()
    inode = response.private("rewritten.git").stat().st_ino

    second = rewrite.execute(response.case, response.clock, response.keys)

    assert second.done == first.done
    assert second.backup == first.backup
    assert response.private("rewritten.git").stat().st_ino == inode
    assert len(response.events("backup.made")) == 1
    assert len(response.events("proof.recorded")) == 2


def lose_the_key(response, result):
    result.key.unlink()


def change_the_key(response, result):
    result.key.write_text(str(pyrage.x25519.Identity.generate()) + "\n")


def lose_the_backup(response, result):
    result.backup.path.unlink()


def damage_the_backup(response, result):
    data = result.backup.path.read_bytes()
    result.backup.path.write_bytes(data[:-20] + bytes(20))


def forget_the_backup(response, result):
    response.private("backup.json").unlink()


@pytest.mark.parametrize(
    "accident",
    [lose_the_key, change_the_key, lose_the_backup, damage_the_backup, forget_the_backup],
)
def test_a_backup_that_no_longer_opens_is_made_again(response, tmp_path, accident):
    accident(response, response.rewrite())

    result = response.rewrite()

    restore_backup(result.backup.path, result.key, tmp_path / "old.bundle")
    assert len(response.events("backup.made")) == 2


def test_a_backup_is_of_the_mirror_that_is_rewritten(response, tmp_path):
    response.rewrite()
    with_more = pushed_by_somebody(response.private("mirror.git"), b"x", b"x\n")

    result = response.rewrite()

    restore_backup(result.backup.path, result.key, tmp_path / "old.bundle")
    assert with_more in git(tmp_path, "bundle", "list-heads", "old.bundle").decode()


def test_a_case_that_was_moved_finds_its_backup(response, tmp_path):
    response.rewrite()
    shutil.move(response.case.path, tmp_path / "moved")
    moved = CaseFolder(tmp_path / "moved", response.clock, SOMEBODY)

    result = rewrite.execute(moved, response.clock, response.keys)

    assert result.backup.path == tmp_path / "moved" / "private" / "backup.age"
    assert sum(event.kind == "backup.made" for event in moved.events()) == 1


def test_what_was_shown_is_what_is_done(response):
    rewrite.plan(response.case)
    pushed_by_somebody(response.private("mirror.git"), OTHER, OTHER_COUNTS)

    with pytest.raises(PlanChangedError, match="`breachkit rewrite`"):
        rewrite.execute(response.case, response.clock, response.keys)

    assert "backup.made" not in kinds(response)
    assert "rewrite.intent" not in kinds(response)


def test_a_new_scope_needs_a_new_plan(response):
    rewrite.plan(response.case)
    response.scope(b"README.md")

    with pytest.raises(NotYetError, match="breachkit rewrite"):
        rewrite.execute(response.case, response.clock, response.keys)


def test_the_result_of_another_plan_gives_way(response):
    response.rewrite()
    pushed_by_somebody(response.private("mirror.git"), b"x", b"x\n")

    result = response.rewrite()

    assert result.proof.ok
    assert case_files.rewritten_of(response.case).plan == result.plan.digest


def test_a_rewrite_waits_for_the_contacts_or_a_reason_that_is_journalled(tmp_path):
    response = responding(tmp_path, told=False)
    response.scope()

    with pytest.raises(GuardRefusedError, match="no alert to the contacts"):
        response.rewrite()
    with pytest.raises(BreachkitError, match="reason"):
        response.rewrite(override=" ")
    assert "backup.made" not in kinds(response)

    result = response.rewrite(override="the contact is in the room")

    assert result.proof.ok
    (event,) = response.events("override")
    assert event.detail == {
        "action": "rewrite",
        "guards": ["alerted", "engineer", "freeze"],
        "reason": "the contact is in the room",
    }


def test_a_proof_that_fails_is_kept_and_lets_nothing_be_pushed(response):
    response.rewrite()
    rewritten = response.private("rewritten.git")
    blob = git(rewritten, "hash-object", "-w", "--stdin", stdin=SMALL_COUNTS).decode().strip()
    assert blob == blob_oid(response.server, SMALL_COUNTS)

    with pytest.raises(ProofFailedError, match="must not be pushed"):
        rewrite.execute(response.case, response.clock, response.keys)

    assert response.events("proof.recorded")[-1].detail["ok"] is False
    assert json.loads(response.private("proof.json").read_text())["failed"] == 1
    with pytest.raises(GuardRefusedError, match="no proof"):
        response.push()


def test_a_failed_rewrite_is_journalled_by_the_name_of_the_error(response):
    response.private("rewritten.git").mkdir()

    with pytest.raises(RefusedError):
        response.rewrite()

    assert response.events("rewrite.failed")[0].detail == {"reason": "RefusedError"}
    assert response.case.incident.open_intents == ()


def test_a_scope_ends_what_was_begun_on_an_earlier_one(response):
    response.case.record("rewrite.intent", {})
    response.case.record("restrict.intent", {})
    response.case.record("push.intent", {})

    response.scope()

    assert [intent.what for intent in response.case.incident.open_intents] == ["restrict"]


def test_a_wrong_recipient_is_refused_before_anything_is_done(response):
    with pytest.raises(ConfigurationError, match=r"no age public key .* nothing was rewritten"):
        response.rewrite(recipients=("age1nonsense",))

    assert "rewrite.intent" not in kinds(response)
    assert not response.private("backup.age").exists()


def test_the_old_files_are_in_the_mirror_and_not_in_the_rewritten_history(response):
    response.rewrite()
    listed = git(response.private("rewritten.git"), "log", "--all", "--name-only", "--format=")

    assert OUTPUT not in listed.split(b"\n")
    assert OUTPUT in git(response.private("mirror.git"), "log", "--all", "--name-only", "--format=").split(b"\n")  # fmt: skip
