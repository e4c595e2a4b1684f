"""Gone is said of what was looked for everywhere, and of nothing else."""

import json
from pathlib import Path

import pytest

from breachkit.actions.verify import PlaceCheck
from breachkit.git.push import push
from breachkit.git.verify import (
    check_fresh_clone,
    check_repository,
    check_server,
    choose_controls,
)
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, blob_oid, git, oid
from tests.support.rewriting import BAD, Rewrite, copy_of, rewrite_server


PULL = b"refs/pull/1/head"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Rewrite:
    folder = tmp_path_factory.mktemp("original")
    history = History()
    history.commit({b"code.py": b"one", b"out/b.csv": b"fine"})
    bad = history.commit({b"out/a.csv": BAD})
    history.commit({b"code.py": b"two"})
    history.ref(PULL, bad)
    server = history.build(folder / "server.git")
    git(server, "config", "receive.hideRefs", "refs/pull")
    result = rewrite_server(server, [blob_oid(server, BAD)], folder)
    push(str(server), result.target, result.done, result.mirror.leases)
    return result


@pytest.fixture
def rewritten(original: Rewrite, tmp_path: Path) -> Rewrite:
    return copy_of(original, tmp_path)


def support_removes_pull_requests(result: Rewrite) -> None:
    """What the platform's support does: the refs go, and unreachable objects are collected."""
    git(result.server, "update-ref", "-d", PULL.decode())
    git(result.server, "gc", "-q", "--prune=now")


def clone_check(result: Rewrite) -> PlaceCheck:
    check = check_fresh_clone(str(result.server), result.plan.bad, done=result.done)
    assert PlaceCheck.from_json(json.loads(json.dumps(check.to_json()))) == check
    return check


def server_check(result: Rewrite, protocol: int = 2) -> PlaceCheck:
    wanted = [*result.plan.bad, *result.plan.introducers]
    controls = choose_controls(result.target)
    return check_server(str(result.server), wanted, controls, protocol=protocol)


def test_the_rewritten_repository_is_clean_and_as_recorded(rewritten: Rewrite):
    gone = [old for old, _ in rewritten.done.commits]

    check = check_repository(rewritten.target, rewritten.plan.bad, done=rewritten.done, gone=gone)

    assert check.ok
    assert check.history_intact
    assert len(check.objects) == 3


def test_a_mirror_from_before_holds_the_blob_and_the_refs_are_named(rewritten: Rewrite):
    check = check_repository(rewritten.mirror.path, rewritten.plan.bad)

    assert check.verdict == "present"
    assert set(check.leftover_refs) == {b"refs/heads/main", PULL}
    assert check.history_intact is None


def test_a_pull_request_ref_that_still_holds_the_blob_is_named_as_the_platforms(rewritten: Rewrite):
    check = clone_check(rewritten)

    assert check.verdict == "present"
    assert check.leftover_refs == check.platform_refs == (PULL,)
    assert check.wrong_refs == ()
    assert check.history_intact


def test_a_fresh_clone_is_clean_once_support_has_removed_the_pull_request(rewritten: Rewrite):
    support_removes_pull_requests(rewritten)

    assert clone_check(rewritten).ok


def test_trap_50_a_server_still_gives_the_blob_by_id_until_it_collects(rewritten: Rewrite):
    git(rewritten.server, "update-ref", "-d", PULL.decode())

    assert clone_check(rewritten).ok  # a clone sees nothing of it
    assert server_check(rewritten).verdict == "present"
    git(rewritten.server, "gc", "-q", "--prune=now")
    assert server_check(rewritten).verdict == "gone"
    assert {check.verdict for check in server_check(rewritten).objects} == {"gone"}


def test_a_server_that_gives_nothing_by_id_is_unknown_and_not_gone(rewritten: Rewrite):
    git(rewritten.server, "update-ref", "-d", PULL.decode())

    check = server_check(rewritten, protocol=0)

    assert check.verdict == "unknown"
    assert any("does not give objects by id" in problem for problem in check.problems)
    assert any("an old protocol" in problem for problem in check.problems)


def test_a_server_that_gives_reachable_commits_only_is_unknown_too(rewritten: Rewrite):
    git(rewritten.server, "config", "uploadpack.allowReachableSHA1InWant", "true")
    git(rewritten.server, "update-ref", "-d", PULL.decode())

    check = server_check(rewritten, protocol=0)

    assert {each.id: each.verdict for each in check.objects} == {
        rewritten.plan.bad[0]: "present",  # of blobs it does not ask who reaches them
        rewritten.plan.introducers[0]: "unknown",
    }


def test_without_a_control_nothing_is_gone(rewritten: Rewrite):
    support_removes_pull_requests(rewritten)

    check = check_server(str(rewritten.server), rewritten.plan.bad, [])

    assert check.verdict == "unknown"
    assert any("no harmless object" in problem for problem in check.problems)


def test_a_server_that_cannot_be_reached_is_unknown(rewritten: Rewrite, tmp_path: Path):
    controls = choose_controls(rewritten.target)

    check = check_server(str(tmp_path / "nothing.git"), rewritten.plan.bad, controls)

    assert check.verdict == "unknown"
    assert "the server does not answer" in check.problems


def test_a_control_is_served_and_no_ref_points_at_it(rewritten: Rewrite):
    (control,) = choose_controls(rewritten.target)

    assert control == oid(rewritten.server, "refs/heads/main:code.py") or control == oid(
        rewritten.server, "refs/heads/main:out/b.csv"
    )
    assert server_check(rewritten).controls == ((control, "served"),)


def test_an_old_history_without_files_at_its_tip_has_a_control_further_back(tmp_path: Path):
    history = History()
    history.commit({b"out/b.csv": b"fine"})
    history.commit({b"out/b.csv": None, b"out/a.csv": BAD})
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert choose_controls(result.target) == (blob_oid(server, b"fine"),)


def test_what_a_ref_points_at_is_no_control_and_neither_is_a_commit(tmp_path: Path):
    history = History()
    history.commit({b"fine.csv": b"fine", b"out/a.csv": BAD})
    history.commit({})
    history.ref(b"refs/odd/blob", "refs/heads/main:fine.csv")
    history.ref(b"refs/odd/tree", "refs/heads/main^{tree}")
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert choose_controls(result.target) == ()


def test_a_history_without_any_file_left_has_no_control(tmp_path: Path):
    history = History()
    history.commit({b"out/a.csv": BAD})
    server = history.build(tmp_path / "server.git")
    result = rewrite_server(server, [blob_oid(server, BAD)], tmp_path)

    assert choose_controls(result.target) == ()


@pytest.mark.parametrize("change", ["moved", "deleted", "added"])
def test_a_ref_that_is_not_what_the_rewrite_made_is_named(rewritten: Rewrite, change):
    support_removes_pull_requests(rewritten)
    match change:
        case "moved":
            git(rewritten.server, "update-ref", "refs/heads/main", "refs/heads/main~1")
        case "deleted":
            git(rewritten.server, "update-ref", "refs/heads/other", "refs/heads/main")
            git(rewritten.server, "symbolic-ref", "HEAD", "refs/heads/other")
            git(rewritten.server, "update-ref", "-d", "refs/heads/main")
        case _:
            git(rewritten.server, "update-ref", "refs/heads/other", "refs/heads/main")

    check = clone_check(rewritten)

    assert check.verdict == "gone"
    assert not check.ok
    assert check.wrong_refs


def test_a_history_brought_back_by_an_old_clone_is_present(rewritten: Rewrite):
    support_removes_pull_requests(rewritten)
    git(
        rewritten.mirror.path,
        "push",
        "-q",
        str(rewritten.server),
        "refs/heads/main:refs/heads/back",
    )

    check = clone_check(rewritten)

    assert check.verdict == "present"
    assert check.leftover_refs == (b"refs/heads/back",)


@pytest.mark.parametrize("kind", ["commit", "tag"])
def test_refs_to_old_commits_that_hold_no_data_themselves_are_named(rewritten: Rewrite, kind: str):
    old = oid(rewritten.mirror.path, "refs/heads/main")
    child = git(rewritten.mirror.path, "commit-tree", f"{old}^{{tree}}", "-p", old, "-m", "x")
    git(rewritten.mirror.path, "update-ref", "refs/heads/later", child.decode().strip())
    if kind == "tag":
        git(rewritten.mirror.path, "tag", "-a", "-m", "x", "late", "refs/heads/later")
    names = ["refs/heads/main", *(["refs/tags/late"] if kind == "tag" else [])]
    gone = [ObjectId(oid(rewritten.mirror.path, name)) for name in names]

    check = check_repository(rewritten.mirror.path, [], gone=gone)

    named = {b"refs/heads/main", b"refs/heads/later", *([b"refs/tags/late"] if kind == "tag" else [])}  # fmt: skip
    assert set(check.leftover_refs) == named


def test_an_old_tag_of_a_commit_that_may_stay_is_named(rewritten: Rewrite):
    git(rewritten.target, "tag", "-a", "-m", "old words", "v1", "refs/heads/main")

    check = check_repository(
        rewritten.target, [], gone=[ObjectId(oid(rewritten.target, "refs/tags/v1"))]
    )

    assert check.verdict == "present"
    assert check.leftover_refs == (b"refs/tags/v1",)


def test_a_shallow_repository_is_unknown_even_without_the_blob(rewritten: Rewrite, tmp_path: Path):
    shallow = tmp_path / "shallow.git"
    url = f"file://{rewritten.server}"
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", url, str(shallow))

    check = check_repository(shallow, rewritten.plan.bad)

    assert check.verdict == "unknown"
    assert any("shallow" in problem for problem in check.problems)


def test_a_partial_repository_is_unknown_even_without_the_blob(rewritten: Rewrite, tmp_path: Path):
    partial = tmp_path / "partial.git"
    git(rewritten.server, "config", "uploadpack.allowFilter", "true")
    url = f"file://{rewritten.server}"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", url, str(partial))

    assert check_repository(partial, rewritten.plan.bad).verdict == "unknown"


def test_a_damaged_repository_is_unknown(rewritten: Rewrite):
    for file in (rewritten.target / "objects" / "pack").iterdir():
        file.chmod(0o600)
        file.unlink()

    assert check_repository(rewritten.target, rewritten.plan.bad).verdict == "unknown"


def test_an_unreachable_blob_is_present(rewritten: Rewrite):
    git(rewritten.target, "hash-object", "-w", "--stdin", stdin=BAD)

    assert check_repository(rewritten.target, rewritten.plan.bad).verdict == "present"


def test_nothing_to_look_for_is_not_gone(rewritten: Rewrite):
    assert check_repository(rewritten.target, []).verdict == "unknown"
