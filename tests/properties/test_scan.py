"""Wherever in a history a bad table is, the scan finds it and knows every path it ever had."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions, scan_target
from tests.support.gitrepo import Change, Executable, Move, blob_oid, git
from tests.support.histories import PATHS, REFS, Planted, histories
from tests.support.responding import Recorded


TABLE = b"district,patients\nPlanted,364\nElsewhere,3\nBeyond,2\nAbroad,128\n"
LOST = b"refs/heads/lost"


def in_a_commit(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    commit(draw, planted, path, change, draw(REFS))


def only_in_a_merge(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    side = planted.history.commit({b"side": b"s\n"}, ref=b"refs/heads/merged", parents=[])
    planted.history.commit({path: change}, merge=[side], message="Merge")


def in_a_branch_that_was_merged(
    draw: st.DrawFn, planted: Planted, path: bytes, change: Change
) -> None:
    side = planted.history.commit({path: change}, ref=b"refs/heads/topic", parents=[1])
    planted.history.commit({}, merge=[side], message="Merge, ours")
    planted.history.forget(b"refs/heads/topic")


def deleted_in_the_next_commit(
    draw: st.DrawFn, planted: Planted, path: bytes, change: Change
) -> None:
    ref = commit(draw, planted, path, change, draw(REFS))
    planted.history.commit({path: None}, ref=ref, message='Revert "Add results"')


def renamed(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    ref = commit(draw, planted, path, change, draw(REFS))
    planted.history.commit({path: Move(b"moved to/" + draw(PATHS))}, ref=ref)


def copied(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    commit(draw, planted, path, change, draw(REFS))
    commit(draw, planted, draw(PATHS), change, draw(REFS))


def only_a_tag_of_the_file(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    planted.history.tag("file", planted.history.blob(TABLE))


def only_a_tag_of_a_tree(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    commit(draw, planted, path, change, LOST)
    planted.history.tag("planted", "refs/heads/lost^{tree}")
    planted.history.forget(LOST)


def in_a_note(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    planted.history.note(1, TABLE, ref=b"refs/notes/review")


def in_a_stash(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    planted.history.stash({path: change}, base=1)


def untracked_in_a_stash(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    planted.history.stash({b"other": b"o\n"}, base=1, untracked={path: change})


def in_a_pull_request(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    commit(draw, planted, path, change, b"refs/pull/12/head")


def under_a_deleted_ref(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    commit(draw, planted, path, change, LOST)
    planted.history.forget(LOST)


def dangling(draw: st.DrawFn, planted: Planted, path: bytes, change: Change) -> None:
    planted.history.blob(TABLE)


Hide = Callable[[st.DrawFn, Planted, bytes, Change], None]

HIDDEN: tuple[Hide, ...] = (
    *(in_a_commit, only_in_a_merge, in_a_branch_that_was_merged, deleted_in_the_next_commit),
    *(renamed, copied, only_a_tag_of_the_file, only_a_tag_of_a_tree, in_a_note, in_a_stash),
    *(untracked_in_a_stash, in_a_pull_request, under_a_deleted_ref, dangling),
)


def commit(draw: st.DrawFn, planted: Planted, path: bytes, change: Change, ref: bytes) -> bytes:
    parents = draw(st.sampled_from([None, [], [1]]))
    planted.history.commit({path: change}, ref=ref, parents=parents)
    return ref


@st.composite
def breaches(draw: st.DrawFn) -> Planted:
    planted = draw(histories(most_commits=5))
    changes: list[Change] = [TABLE, Executable(TABLE)]
    change = draw(st.sampled_from(changes))
    draw(st.sampled_from(HIDDEN))(draw, planted, draw(PATHS), change)
    return planted


def paths_by_brute_force(repository: Path, blob: str) -> set[bytes]:
    """List every tree in the repository with git, whether or not anything reaches it."""
    listed = (
        git(repository, "cat-file", "--batch-all-objects", "--batch-check").decode().split("\n")
    )
    kinds = [line.split() for line in listed if line]
    roots = {git(repository, "rev-parse", f"{one}^{{tree}}").decode().strip() for one, kind, _ in kinds if kind == "commit"}  # fmt: skip
    paths = set()
    for root in roots:
        lines = git(repository, "ls-tree", "-r", "-z", "--full-tree", root).split(b"\0")
        paths |= {line.split(b"\t", 1)[1] for line in lines if line and blob.encode() in line.split(b"\t")[0]}  # fmt: skip
    return paths


@settings(max_examples=25)
@given(breaches())
def test_a_bad_table_planted_anywhere_is_found_with_every_path_it_ever_had(planted):
    with tempfile.TemporaryDirectory() as folder:
        repository = planted.history.build(Path(folder) / "r.git")
        blob = blob_oid(repository, TABLE)
        expected = paths_by_brute_force(repository, blob)
        options = ScanOptions(policies=load_policies().choose("auto"), unreachable=True)

        result = scan_target(str(repository), options, progress=Recorded())

    found = [each for each in result.findings if each.hit.rule == "CNT-01" and each.object_id == blob]  # fmt: skip
    assert found, planted
    assert all(set(each.attribution.paths) == expected for each in found)
    assert result.verdict == "findings"
