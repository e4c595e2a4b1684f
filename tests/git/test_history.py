"""Every (path, blob) that any commit's tree ever had, and the commit that brought it."""

from pathlib import Path

import pytest

from breachkit.git.history import commit_tips
from breachkit.git.walk import walk
from tests.support.gitrepo import (
    START,
    Executable,
    Gitlink,
    History,
    Move,
    Symlink,
    blob_oid,
    git,
    head_commit,
    loose_object,
    oid,
    write_blob,
)
from tests.support.reading import Reading, reading


def shape(found: Reading, *contents: tuple[str, bytes]) -> list[tuple[bytes, str, str, str]]:
    """Give changes with short names in place of ids."""
    names: dict[str | None, str] = {None: "-"}
    for name, content in contents:
        repository = found.repository.git_dir
        names[blob_oid(repository, content)] = name
    return [(c.path, names[c.old], names[c.new], c.status) for c in found.history.changes]


def test_changes_come_oldest_first_with_old_and_new(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"one"})
    history.commit({b"a": b"two"})
    history.commit({b"a": Move(b"b")})
    history.commit({b"b": None, b"c": b"three"})
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        changes = shape(found, ("1", b"one"), ("2", b"two"), ("3", b"three"))
        commits = list(found.history.commits.values())

    assert changes == [
        (b"a", "-", "1", "A"),
        (b"a", "1", "2", "M"),
        (b"a", "2", "-", "D"),
        (b"b", "-", "2", "A"),
        (b"b", "2", "-", "D"),
        (b"c", "-", "3", "A"),
    ]
    assert [commit.when for commit in commits] == [START + 60 * n for n in (1, 2, 3, 4)]
    assert [len(commit.parents) for commit in commits] == [0, 1, 1, 1]


def test_what_only_a_merge_brings_is_found(tmp_path: Path) -> None:
    history = History()
    base = history.commit({b"a": b"base"})
    left = history.commit({b"a": b"left"})
    right = history.commit({b"a": b"right", b"gone": b"gone"}, ref=b"refs/heads/r", parents=[base])
    third = history.commit({b"t": b"third"}, ref=b"refs/heads/t", parents=[base])
    history.commit(
        {b"a": b"evil", b"evil-only": b"new in the merge", b"gone": None}, merge=[right, third]
    )
    path = history.build(tmp_path / "r.git")
    assert left

    with reading(path) as found:
        merge = [change for change in found.history.changes if change.commit == head_commit(path)]

    left_id, right_id, base_id = (blob_oid(path, text) for text in (b"left", b"right", b"base"))
    evil, new = blob_oid(path, b"evil"), blob_oid(path, b"new in the merge")
    assert {(c.path, c.old, c.new) for c in merge} == {
        (b"a", left_id, evil),
        (b"a", right_id, evil),
        (b"a", base_id, evil),
        (b"evil-only", None, new),
    }


def test_modes_links_and_submodules_are_told_apart(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"target"})
    history.commit({b"a": Executable(b"target")})
    history.commit({b"a": Symlink(b"target")})
    history.commit({b"a": Gitlink()})
    history.commit({b"a": Gitlink("2" * 40)})
    history.commit({b"a": b"back"})
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        changes = shape(found, ("t", b"target"), ("b", b"back"))
        assert not found.reachable.missing, "a submodule's commit is not ours"

    assert changes == [
        (b"a", "-", "t", "A"),
        (b"a", "t", "t", "M"),
        (b"a", "t", "t", "M"),
        (b"a", "t", "-", "D"),
        (b"a", "-", "b", "A"),
    ]


def test_files_of_trees_that_refs_hold_directly_are_listed(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    blob = write_blob(path, b"in a tree only")
    tree = git(path, "mktree", "-z", stdin=b"100644 blob %s\todd\n.csv\0" % blob.encode())
    git(path, "update-ref", "refs/odd/tree", tree.decode().strip())

    with reading(path) as found:
        assert found.history.files_of_refs == {b"odd\n.csv": {blob}}
        assert found.paths(blob) == {b"odd\n.csv"}
        assert found.attribute(blob).reach == "other"
        assert found.attribute(blob).refs == (b"refs/odd/tree",)


def test_what_is_only_staged_is_found_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "r"
    git(tmp_path, "init", "-q", str(path))
    (path / "staged.csv").write_bytes(b"n\n3\n")
    git(path, "add", ".")

    with reading(path, unreachable=True) as found:
        blob = blob_oid(path, b"n\n3\n")
        assert found.paths(blob) == {b"staged.csv"}
        assert found.attribute(blob).reach == "unreachable"
        assert [entry.oid for entry in found.objects.entries] == [blob]


def test_what_is_staged_in_a_linked_work_tree_is_found_with_its_path(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r", bare=False)
    git(path, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    (tmp_path / "linked/staged.csv").write_bytes(b"n\n3\n")
    git(tmp_path / "linked", "add", ".")

    for target in (path, tmp_path / "linked"):
        with reading(target, unreachable=True) as found:
            assert found.paths(blob_oid(path, b"n\n3\n")) == {b"staged.csv"}


def test_what_an_amend_left_behind_is_found_with_its_path(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r", bare=False)
    (path / "bad.csv").write_bytes(b"bad")
    git(path, "add", ".")
    git(path, "commit", "-q", "-m", "bad")
    git(path, "rm", "-q", "bad.csv")
    git(path, "commit", "-q", "--amend", "--allow-empty", "-m", "good")

    with reading(path, unreachable=True) as found:
        bad = blob_oid(path, b"bad")
        assert found.paths(bad) == {b"bad.csv"}
        assert found.attribute(bad).reach == "unreachable"
        assert found.attribute(bad).refs == ()
    with reading(path) as found:
        assert blob_oid(path, b"bad") not in found.reachable.oids


def test_walking_sees_no_end_of_a_file_where_one_parent_had_a_directory_already(
    tmp_path: Path,
) -> None:
    history = History()
    history.commit({b"x": b"file"})
    side = history.commit({b"x/y": b"1"}, ref=b"refs/heads/side", parents=[])
    history.commit({b"x": None, b"x/y": b"2"}, merge=[side])
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        walked = walk(found.repository, commit_tips(found.refs), found.objects, most_changes=99)
        logged = {(c.commit, c.path, c.new) for c in found.history.changes}

    assert {(c.commit, c.path, c.new) for c in walked.changes} == logged


def build_three(tmp_path: Path) -> Path:
    history = History()
    history.commit({b"d/old.csv": b"old", b"keep": b"keep"})
    history.commit({b"d/old.csv": b"middle"})
    history.commit({b"d/old.csv": b"new"})
    return history.build(tmp_path / "r.git")


@pytest.mark.parametrize("gone", ["HEAD~2", "HEAD~1", "HEAD~1^{tree}", "HEAD~1:d"])
def test_a_missing_commit_or_tree_is_named_and_the_rest_is_read(tmp_path: Path, gone: str) -> None:
    path = build_three(tmp_path)
    object_id = oid(path, gone)
    loose_object(path, object_id).unlink()

    with reading(path) as found:
        assert found.history.missing == {object_id}
        assert found.history.incomplete_reason is not None
        assert "1 commits or trees" in found.history.incomplete_reason
        assert (b"d/old.csv", blob_oid(path, b"new")) in found.pairs
        assert (b"keep", blob_oid(path, b"keep")) in found.pairs


def test_a_damaged_commit_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = build_three(tmp_path)
    object_id = oid(path, "HEAD~1")
    file = loose_object(path, object_id)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-20])

    with reading(path) as found:
        assert found.history.missing == {object_id}
        assert (b"d/old.csv", blob_oid(path, b"new")) in found.pairs


def test_a_missing_blob_does_no_harm_to_the_history(tmp_path: Path) -> None:
    path = build_three(tmp_path)
    blob = blob_oid(path, b"middle")
    loose_object(path, blob).unlink()

    with reading(path) as found:
        assert found.history.incomplete_reason is None
        assert found.paths(blob) == {b"d/old.csv"}
        assert found.reachable.missing == {blob}


def test_commits_of_any_clock_keep_parents_first(tmp_path: Path) -> None:
    history = History()
    for number, when in enumerate([2_000_000_000, 5, 1_700_000_000, 0, 4_102_444_800]):
        history.commit({b"a": b"%d" % number}, when=when)
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        order = list(found.history.commits)
        for commit, info in found.history.commits.items():
            for parent in info.parents:
                assert order.index(parent) < order.index(commit)
        assert [info.when for info in found.history.commits.values()][1] == 5


def test_a_branch_older_than_its_root_keeps_parents_first_too(tmp_path: Path) -> None:
    history = History()
    root = history.commit({b"a": b"root"}, when=2_000)
    history.commit({b"a": b"new"}, when=3_000)
    history.commit({b"a": b"old"}, ref=b"refs/heads/old", parents=[root], when=1_000)
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        assert next(iter(found.history.commits)) == oid(path, "HEAD~1")
        assert found.history.changes[0].new == blob_oid(path, b"root")


def test_a_commit_without_a_readable_date_is_read(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    tree = oid(path, "HEAD^{tree}").encode()
    for number, date in enumerate([b"", b"99999999999999999999999 +0000", b"-5 +0000", b"x y"]):
        raw = b"tree %s\nauthor A <a> %s\ncommitter A <a> %s\n\nm\n" % (tree, date, date)
        literal = ["hash-object", "-t", "commit", "-w", "--stdin", "--literally"]
        commit = git(path, *literal, stdin=raw).decode().strip()
        git(path, "update-ref", f"refs/heads/odd{number}", commit)

    with reading(path) as found:
        assert len(found.history.commits) == 5
        for commit in found.history.commits:
            assert found.attribute(commit).first_date is not None


def test_an_empty_repository_with_only_a_blob_has_no_history(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "r.git")
    path = tmp_path / "r.git"
    git(path, "update-ref", "refs/odd/blob", write_blob(path, b"alone"))

    with reading(path) as found:
        assert found.history.changes == []
        assert found.attribute(blob_oid(path, b"alone")).refs == (b"refs/odd/blob",)
        assert found.reachable.oids == {blob_oid(path, b"alone")}
