"""How a clone from before the rewrite brings the data back, and how it is cleaned with its work kept.

The numbers are those of the traps that the response was designed against. Each test first shows
what the trap does to a server that was cleaned, then cleans the clone by the advice made for it.
"""

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.clone_traps import TRAPS, put
from tests.support.clones import (
    BAD,
    OUTPUT,
    REDACTED,
    World,
    breached,
    follow,
    looked,
    run_verifier,
    world,
)
from tests.support.gitrepo import ENVIRONMENT, git, oid


WORK = b"own = 1\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return world(tmp_path_factory.mktemp("redacted"))


@pytest.fixture(scope="module")
def made_bad_to_the_tip(tmp_path_factory):
    return world(tmp_path_factory.mktemp("bad"), breached(redacted_at_tip=False))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    old = world(tmp_path_factory.mktemp("old"))
    new = world(tmp_path_factory.mktemp("new"))
    new.clean_up()
    return old, new


@pytest.fixture
def stale(made, tmp_path):
    """A world whose server was cleaned after somebody had cloned it and worked on."""
    return stale_in(made, tmp_path)


def stale_in(made: World, folder: Path) -> tuple[World, Path]:
    own = made.copied_to(folder)
    clone = own.clone(folder / "clone")
    commit(clone, "own.py", WORK)
    own.clean_up()
    return own, clone


def commit(clone: Path, name: str, content: bytes, message: str = "Work of my own") -> None:
    put(clone, name, content)
    git(clone, "add", name)
    git(clone, "commit", "-q", "-m", message)


def tried(clone: Path, *args: str) -> int:
    """Run a git command that may fail, as somebody does who has not heard of anything."""
    env = {**ENVIRONMENT, "GIT_EDITOR": "true"}
    command = ["git", "-C", str(clone), *args]
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode


def clean(own: World, clone: Path, folder: Path, *, verdict: int = 7) -> None:
    """Follow the advice made for a clone; then both ways of looking call it clean."""
    bins = folder / "bins"
    bins.mkdir(exist_ok=True)
    ran = run_verifier(own.script, clone, bins=bins)
    assert ran.returncode == verdict, ran.stdout
    done = follow(ran.stdout, folder)
    assert done.returncode == 0, (done.stderr, ran.stdout)
    assert looked(clone, own.wanted, bins).verdict == "clean", ran.stdout


def survived(clone: Path, branch: str = "main", upstream: str = "origin/main") -> bool:
    """Whether a branch has its own work, once, on top of the new history."""
    ahead = git(clone, "log", "--format=%s", f"{upstream}..{branch}").decode().splitlines()
    behind = git(clone, "rev-list", f"{branch}..{upstream}").decode().split()
    content = git(clone, "show", f"{branch}:own.py")
    return ahead == ["Work of my own"] and behind == [] and content == WORK


def harmless_push(own: World, clone: Path, *args: str) -> bool:
    assert tried(clone, "push", "-q", "origin", *args) == 0
    return not own.is_contaminated()


def test_r51_pull_refuses_as_the_histories_parted(stale, tmp_path):
    own, clone = stale

    assert tried(clone, "pull") != 0
    assert tried(clone, "push", "origin", "main") != 0
    assert not own.is_contaminated()

    clean(own, clone, tmp_path)
    assert survived(clone)
    assert harmless_push(own, clone, "main")


def test_r52_pull_that_merges_and_push_bring_everything_back_without_a_conflict(stale, tmp_path):
    own, clone = stale

    assert tried(clone, "pull", "--no-rebase", "--no-edit") == 0
    assert tried(clone, "push", "origin", "main") == 0
    assert own.is_contaminated()


def test_r52_a_clone_that_merged_is_cleaned_with_its_work(stale, tmp_path):
    own, clone = stale
    tried(clone, "pull", "--no-rebase", "--no-edit")
    commit(clone, "more.py", b"more = 1\n", "More work of my own")

    clean(own, clone, tmp_path)

    assert git(clone, "show", "main:own.py") == WORK
    assert git(clone, "show", "main:more.py") == b"more = 1\n"
    assert len(git(clone, "rev-list", "origin/main..main").split()) == 2
    assert harmless_push(own, clone, "main")


def test_r53_pull_that_merges_conflicts_where_the_tip_was_not_redacted(
    made_bad_to_the_tip, tmp_path
):
    own, clone = stale_in(made_bad_to_the_tip, tmp_path)

    assert tried(clone, "pull", "--no-rebase", "--no-edit") != 0
    assert not own.is_contaminated()
    tried(clone, "checkout", "--ours", ".")
    tried(clone, "commit", "-q", "-a", "--no-edit")
    assert tried(clone, "push", "origin", "main") == 0
    assert own.is_contaminated()


def test_r53_a_clone_of_a_tip_that_was_not_redacted_is_cleaned(made_bad_to_the_tip, tmp_path):
    own, clone = stale_in(made_bad_to_the_tip, tmp_path)
    tried(clone, "pull", "--no-rebase", "--no-edit")
    tried(clone, "merge", "--abort")

    clean(own, clone, tmp_path)

    assert survived(clone)
    assert (clone / os.fsdecode(OUTPUT)).read_bytes() == REDACTED


def test_r54_pull_that_rebases_pushes_nothing_bad_but_leaves_it_in_the_clone(stale, tmp_path):
    own, clone = stale

    assert tried(clone, "pull", "--rebase") == 0
    assert harmless_push(own, clone, "main")

    clean(own, clone, tmp_path)
    assert git(clone, "show", "main:own.py") == WORK


def test_r55_rebase_without_the_fork_point_replays_the_old_history(made_bad_to_the_tip, tmp_path):
    own, clone = stale_in(made_bad_to_the_tip, tmp_path)
    tried(clone, "fetch", "-q", "origin")

    assert tried(clone, "rebase", "--no-fork-point", "origin/main") != 0
    assert tried(clone, "checkout", "--theirs", ".") == 0
    tried(clone, "add", "-A")
    assert tried(clone, "rebase", "--continue") == 0
    assert tried(clone, "push", "origin", "main") == 0
    assert own.is_contaminated()


def test_r55_the_advice_is_the_same_as_a_rebase_with_the_fork_point(stale, tmp_path):
    own, clone = stale
    by_hand = own.clone(tmp_path / "other")
    git(by_hand, "fetch", "-q", str(clone), "main")
    tried(clone, "fetch", "-q", "origin")

    clean(own, clone, tmp_path)

    assert survived(clone)
    git(by_hand, "checkout", "-q", "-B", "main", "origin/main")
    git(by_hand, "cherry-pick", "FETCH_HEAD")
    assert oid(by_hand, "main^{tree}") == oid(clone, "main^{tree}")


def test_r56_push_with_force_brings_everything_back(stale, tmp_path):
    own, clone = stale

    assert tried(clone, "push", "--force", "origin", "main") == 0
    assert own.is_contaminated()

    own.clean_up()
    clean(own, clone, tmp_path)
    assert survived(clone)


def test_r57_a_new_branch_brings_everything_back_without_force(stale, tmp_path):
    own, clone = stale
    git(clone, "checkout", "-q", "-b", "idea")

    assert tried(clone, "push", "-u", "origin", "idea") == 0
    assert own.is_contaminated()

    own.clean_up()
    clean(own, clone, tmp_path)
    assert survived(clone, "idea")
    assert harmless_push(own, clone, "idea")


def test_r58_a_new_tag_brings_everything_back_and_a_known_one_is_refused(stale, tmp_path):
    own, clone = stale

    assert tried(clone, "push", "origin", "--tags") != 0
    assert not own.is_contaminated()
    git(clone, "tag", "mine")
    assert tried(clone, "push", "origin", "mine") == 0
    assert own.is_contaminated()

    own.clean_up()
    clean(own, clone, tmp_path)
    assert survived(clone)
    assert "mine" not in git(clone, "tag", "--list").decode().split()


def test_r59_tags_stay_old_after_the_usual_fetch_and_keep_the_data(stale, tmp_path):
    own, clone = stale
    git(clone, "reset", "-q", "--hard", "origin/main")
    tried(clone, "fetch", "-q", "--prune", "--tags", "origin")
    git(clone, "fetch", "-q", "origin")
    git(clone, "reset", "-q", "--hard", "origin/main")
    git(clone, "reflog", "expire", "--expire=now", "--all")
    git(clone, "gc", "-q", "--prune=now")
    (clone / ".git" / "ORIG_HEAD").unlink()

    assert looked(clone, own.wanted, tmp_path).verdict == "tainted"
    clean(own, clone, tmp_path)
    assert oid(clone, "light") == oid(own.server, "light")


def test_the_work_of_several_branches_work_trees_and_stashes_survives(made, tmp_path):
    own = made.copied_to(tmp_path)
    clone = own.clone(tmp_path / "it's a clone")
    git(clone, "checkout", "-q", "-b", "side", "HEAD~2")
    commit(clone, "own.py", WORK)
    git(clone, "checkout", "-q", "main")
    linked = tmp_path / "a linked one"
    git(clone, "worktree", "add", "-q", "-b", "linked", str(linked), "main")
    commit(linked, "own.py", WORK)
    git(clone, "branch", "idle", "HEAD~3")
    put(clone, "code.py", b"a = 77\n")
    put(clone, "untracked.py", b"u = 1\n")
    git(clone, "stash", "-q", "-u")
    put(clone, "copy.csv", BAD)
    git(clone, "stash", "-q", "-u")
    put(clone, "loose.txt", b"not committed\n")
    own.clean_up()

    clean(own, clone, tmp_path)

    assert survived(clone, "side")
    assert survived(linked, "linked")
    assert oid(clone, "idle") == oid(clone, "origin/main") == oid(clone, "main")
    assert git(clone, "symbolic-ref", "HEAD") == b"refs/heads/main\n"
    assert git(clone, "show", "kept-stash-1:code.py") == b"a = 77\n"
    assert git(clone, "show", "kept-stash-1:untracked.py") == b"u = 1\n"
    assert git(clone, "stash", "list") == b""
    assert (clone / "loose.txt").read_bytes() == b"not committed\n"


def test_who_is_in_the_middle_of_a_rebase_gives_it_up_first(made_bad_to_the_tip, tmp_path):
    own, clone = stale_in(made_bad_to_the_tip, tmp_path)
    tried(clone, "fetch", "-q", "origin")
    assert tried(clone, "rebase", "--no-fork-point", "origin/main") != 0

    said = run_verifier(own.script, clone, bins=tmp_path).stdout

    assert "Give it up first" in said
    assert follow(said, tmp_path).returncode == 0
    assert '"objects:leftovers"' in said
    git(clone, "rebase", "--abort")
    clean(own, clone, tmp_path)
    assert survived(clone)


def test_work_without_a_branch_is_named_first(made, tmp_path):
    own = made.copied_to(tmp_path)
    clone = own.clone(tmp_path / "clone")
    git(clone, "checkout", "-q", "--detach")
    commit(clone, "own.py", WORK)
    own.clean_up()
    ran = run_verifier(own.script, clone, bins=tmp_path)
    assert follow(ran.stdout, tmp_path).returncode == 0

    clean(own, clone, tmp_path)

    assert survived(clone, "kept-work")


def test_a_branch_whose_own_commits_hold_the_data_is_left_to_people(made, tmp_path):
    own = made.copied_to(tmp_path)
    own.clean_up()
    clone = own.clone(tmp_path / "clone")
    commit(clone, "again.csv", BAD)

    said = run_verifier(own.script, clone, bins=tmp_path).stdout

    assert "Ask us about the branch 'main': commits of your own on it hold the files." in said
    follow(said, tmp_path)
    assert git(clone, "show", "main:again.csv") == BAD


def test_a_partial_copy_cannot_be_cleaned_and_its_work_goes_over_as_patches(made, tmp_path):
    own = made.copied_to(tmp_path)
    git(own.server, "config", "uploadpack.allowFilter", "true")
    clone = own.clone(tmp_path / "clone", "--filter=blob:none", transport="file://")
    commit(clone, "own.py", WORK)
    own.clean_up()
    ran = run_verifier(own.script, clone, bins=tmp_path)

    done = follow(ran.stdout, tmp_path)

    assert done.returncode == 0, done.stderr
    new = tmp_path / "clone-new"
    git(new, "am", "-q", *map(str, (tmp_path / "clone-patches" / "main").iterdir()))
    assert survived(new)
    assert looked(new, own.wanted, tmp_path).verdict == "clean"
    for args in (["fetch", "-q", "--tags", "--force"], ["reset", "-q", "--hard", "origin/main"],
                 ["reflog", "expire", "--expire=now", "--all"], ["gc", "-q", "--prune=now"]):  # fmt: skip
        git(clone, *args)
    assert looked(clone, own.wanted, tmp_path).verdict == "tainted"


LEFT_TO_PEOPLE = {
    *("committed_with_line_ends_of_windows", "clone_within_the_clone", "partial"),
    *("pack_without_its_index", "linked_objects", "other_object_format", "empty"),
}
"""Copies that no list of commands cleans: what to do is told in words."""

CLEANABLE = [
    name for name, each in TRAPS.items() if each.verdict != "clean" and name not in LEFT_TO_PEOPLE
]


@pytest.mark.parametrize("name", CLEANABLE)
def test_the_advice_cleans_every_kind_of_copy(both, tmp_path, name):
    old, new = both
    copy = TRAPS[name].build(old, new, tmp_path / "copy")
    git(copy, "remote", "set-url", "origin", str(new.server))

    clean(new, copy, tmp_path, verdict={"tainted": 7, "unknown": 5}[TRAPS[name].verdict])


@pytest.mark.parametrize("name", sorted(LEFT_TO_PEOPLE))
def test_what_commands_cannot_clean_is_told_in_words(both, tmp_path, name):
    old, new = both
    copy = TRAPS[name].build(old, new, tmp_path / "copy")

    said = run_verifier(new.script, copy, bins=tmp_path).stdout

    words = ("Ask us", "run this script on it too", "it cannot be cleaned")
    assert any(each in said for each in words)
