"""Every ref is listed with what it leads to, and damaged ones too."""

import logging
import os
from pathlib import Path

import pytest

from breachkit.git.rawobjects import object_id, write_objects
from breachkit.git.refs import Ref, list_refs, namespace, read_head
from breachkit.git.repository import open_repository
from breachkit.git.trees import tree_entries
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import (
    Gitlink,
    History,
    Symlink,
    blob_oid,
    git,
    head_commit,
    loose_object,
    oid,
)


def refs_of(path: Path) -> dict[bytes, tuple[str | None, str | None, str | None, str | None]]:
    with open_repository(str(path)) as repository:
        return {
            ref.name: (ref.target, ref.target_type, ref.peeled, ref.peeled_type)
            for ref in list_refs(repository)
        }


def test_refs_lead_to_commits_trees_blobs_and_through_tags(tmp_path: Path) -> None:
    history = History()
    commit = history.commit({b"a": b"content"})
    history.tag("v1", commit)
    history.tag("again", "refs/tags/v1")
    history.tag("tree", "{1}^{tree}")
    history.ref(b"refs/odd/blob", "{1}:a")
    history.ref(b"refs/heads/f\xc3\xbc\xff", commit)
    path = history.build(tmp_path / "r.git")
    tip, tree, blob = head_commit(path), oid(path, "HEAD^{tree}"), oid(path, "HEAD:a")
    v1, again = oid(path, "refs/tags/v1"), oid(path, "refs/tags/again")

    assert refs_of(path) == {
        b"refs/heads/main": (tip, "commit", tip, "commit"),
        b"refs/heads/f\xc3\xbc\xff": (tip, "commit", tip, "commit"),
        b"refs/odd/blob": (blob, "blob", blob, "blob"),
        b"refs/tags/v1": (v1, "tag", tip, "commit"),
        b"refs/tags/again": (again, "tag", tip, "commit"),
        b"refs/tags/tree": (oid(path, "refs/tags/tree"), "tag", tree, "tree"),
    }
    with open_repository(str(path)) as repository:
        chains: dict[bytes, tuple[str, ...]] = {ref.name: ref.tags for ref in list_refs(repository)}
    assert chains[b"refs/tags/again"] == (again, v1)
    assert chains[b"refs/heads/main"] == ()


def test_a_ref_to_a_missing_object_is_listed_as_damaged(tmp_path: Path) -> None:
    history = History()
    history.tag("v1", history.commit({b"a": b"a"}))
    path = history.build(tmp_path / "r.git")
    commit, tag = head_commit(path), oid(path, "refs/tags/v1")
    loose_object(path, commit).unlink()

    assert refs_of(path) == {
        b"refs/heads/main": (commit, None, commit, None),
        b"refs/tags/v1": (tag, "tag", commit, None),
    }
    with open_repository(str(path)) as repository:
        assert all(ref.is_damaged for ref in list_refs(repository))


def test_a_ref_that_holds_no_id_is_listed_as_damaged(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    (path / "refs/heads/empty").touch()
    (path / "refs/heads/bad").write_bytes(b"\x00\xff nonsense\n")
    (path / "refs/heads/.hidden").write_bytes(b"of an editor")
    (path / "refs/heads/x.lock").touch()
    (path / "refs/heads/origin").write_bytes(b"ref: refs/heads/gone\n")

    found = refs_of(path)

    assert found[b"refs/heads/empty"] == found[b"refs/heads/bad"] == (None, None, None, None)
    assert found.keys() == {b"refs/heads/main", b"refs/heads/empty", b"refs/heads/bad"}


def test_a_detached_head_is_listed_even_where_its_commit_is_gone(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r", bare=False)
    git(path, "checkout", "-q", "--detach")
    git(path, "commit", "-q", "--allow-empty", "-m", "on no branch")
    tip = head_commit(path)

    assert refs_of(path)[b"HEAD"] == (tip, "commit", tip, "commit")
    loose_object(path, tip).unlink()
    assert refs_of(path)[b"HEAD"] == (None, None, None, None)


def test_tags_in_a_circle_cannot_be_made_but_a_long_chain_ends(tmp_path: Path) -> None:
    history = History()
    target: int | str = history.commit({b"a": b"a"})
    for number in range(120):
        history.tag(f"t{number}", target)
        target = f"refs/tags/t{number}"
    path = history.build(tmp_path / "r.git")

    with open_repository(str(path)) as repository:
        by_name: dict[bytes, Ref] = {ref.name: ref for ref in list_refs(repository)}
    assert by_name[b"refs/tags/t50"].peeled == head_commit(path)
    assert by_name[b"refs/tags/t119"].is_damaged, "deeper than any honest chain: said, not followed"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (b"refs/heads/main", "heads"),
        (b"refs/tags/v1", "tags"),
        (b"refs/remotes/origin/HEAD", "remotes"),
        (b"refs/notes/commits", "notes"),
        (b"refs/stash", "stash"),
        (b"refs/pull/1/head", "pull"),
        (b"refs/merge-requests/1/head", "merge-requests"),
        (b"refs/pull-requests/1/from", "pull-requests"),
        (b"refs/changes/01/1/1", "changes"),
        (b"refs/replace/1234", "replace"),
        (b"refs/bisect/bad", "bisect"),
        (b"refs/original/refs/heads/main", "original"),
        (b"HEAD", "detached"),
        (b"worktrees/x/HEAD", "detached"),
        (b"worktrees/x/refs/bisect/bad", "other"),
        (b"refs/keep-around/1", "other"),
        (b"refs", "other"),
        (b"", "other"),
    ],
)
def test_a_ref_has_a_kind(name: bytes, kind: str) -> None:
    assert namespace(name) == kind


def test_head_is_on_a_branch_detached_or_before_the_first_commit(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r", bare=False)
    tip = head_commit(path)

    def state() -> tuple[bytes | None, str | None]:
        with open_repository(str(path)) as repository:
            head = read_head(repository)
            return head.branch, head.commit

    assert state() == (b"refs/heads/main", tip)
    git(path, "checkout", "-q", "--detach")
    assert state() == (None, tip)
    git(path, "symbolic-ref", "HEAD", "refs/heads/new")
    assert state() == (b"refs/heads/new", None)


def test_the_files_at_head_are_listed_without_submodules(tmp_path: Path) -> None:
    history = History()
    history.commit({b"d/\xff\n.csv": b"1", b"link": Symlink(b"d"), b"sub": Gitlink()})
    history.commit({b"d/b": b"2"})
    path = history.build(tmp_path / "r.git")

    with open_repository(str(path)) as repository:
        entries = dict(tree_entries(repository, "HEAD"))

    assert entries == {
        b"d/\xff\n.csv": blob_oid(path, b"1"),
        b"d/b": blob_oid(path, b"2"),
        b"link": blob_oid(path, b"d"),
    }


def nested_tags(path: Path, commit: str, name: str, count: int) -> str:
    """Write tags about tags about a commit, and give the outermost."""
    one, kind = ObjectId(commit), "commit"
    made: list[bytes] = []
    for number in range(count):
        head = (
            f"object {one}\ntype {kind}\ntag {name}{number}\ntagger Ada <ada@example.org> 1 +0000"
        )
        data = f"{head}\n\na tag\n".encode()
        one, kind = object_id("tag", data), "tag"
        made.append(data)
    write_objects(path, [("tag", data) for data in made])
    return one


def test_tags_about_tags_are_followed_only_so_far_and_the_rest_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = History().build(tmp_path / "r.git")
    tree = git(path, "mktree", stdin=b"").strip().decode()
    commit = git(path, "commit-tree", "-m", "x", tree).strip().decode()
    for name, count in (("near", 99), ("far", 130)):
        git(path, "update-ref", f"refs/tags/{name}", nested_tags(path, commit, name, count))
    caplog.set_level(logging.DEBUG, "breachkit.git.process")

    with open_repository(str(path)) as repository:
        far, near = list_refs(repository)

    assert (near.peeled, len(near.tags)) == (commit, 99)
    assert far.is_damaged
    assert far.lost == (far.tags[-1], "tag")
    assert caplog.messages.count("git cat-file") == 1


def test_a_damaged_tag_costs_one_more_process_and_no_other_ref(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = History()
    history.commit({b"a": b"1"})
    path = history.build(tmp_path / "r.git")
    tip = oid(path, "HEAD")
    made = []
    for number in range(9):
        head = f"object {tip}\ntype commit\ntag t{number}\ntagger Ada <ada@example.org> 1 +0000"
        said = f"{head}\n\n{os.urandom(9000).hex()}\n".encode()
        one = git(path, "hash-object", "-t", "tag", "-w", "--stdin", stdin=said).strip().decode()
        git(path, "update-ref", f"refs/tags/t{number}", one)
        made.append(one)
    spoiled = sorted(made)[4]
    file = loose_object(path, spoiled)
    content = bytearray(file.read_bytes())
    content[5000:5100] = bytes(100)
    file.chmod(0o600)
    file.write_bytes(content)
    caplog.set_level(logging.DEBUG, "breachkit.git.process")

    with open_repository(str(path)) as repository:
        tags = [ref for ref in list_refs(repository) if ref.namespace == "tags"]

    assert {ref.target: ref.peeled for ref in tags} == {
        one: None if one == spoiled else tip for one in made
    }
    [lost] = [ref for ref in tags if ref.is_damaged]
    assert (lost.target_type, lost.lost) == ("tag", (spoiled, "tag"))
    assert caplog.messages.count("git cat-file") == 2


def test_the_name_of_a_work_tree_cannot_shift_what_others_hold(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"1"})
    path = history.build(tmp_path / "r.git")
    tip = oid(path, "HEAD")
    for name in ("a\rb", "c"):
        folder = path / "worktrees" / name
        folder.mkdir(parents=True)
        (folder / "HEAD").write_text(f"{tip if name == 'c' else '1' * 40}\n")
        (folder / "commondir").write_text("../..\n")

    found = refs_of(path)

    assert found[b"worktrees/c/HEAD"] == (tip, "commit", tip, "commit")
