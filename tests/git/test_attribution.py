"""Where in history an object is, and the easiest way to it."""

import logging
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from breachkit.git.history import CommitInfo
from breachkit.git.reach import ReachMasks
from breachkit.model.ids import ObjectId, RefName
from tests.support.gitrepo import START, History, Move, blob_oid, head_commit, oid
from tests.support.reading import reading


def test_a_blob_that_came_moved_and_went_is_followed(tmp_path: Path) -> None:
    history = History()
    history.commit({b"README": b"r"})
    came = history.commit({b"a.csv": b"bad"})
    history.commit({b"a.csv": Move(b"b.csv"), b"copy.csv": b"bad"})
    history.commit({b"b.csv": b"redacted"})
    went = history.commit({b"copy.csv": None})
    history.commit({b"README": b"later"})
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        bad = found.attribute(blob_oid(path, b"bad"))
        redacted = found.attribute(blob_oid(path, b"redacted"))

    assert (came, went) == (2, 5)
    assert bad.paths == (b"a.csv", b"b.csv", b"copy.csv")
    assert bad.first_commit == oid(path, "HEAD~4")
    assert bad.first_date == datetime.fromtimestamp(START + 120, UTC)
    assert bad.last_commit == oid(path, "HEAD~1")
    assert bad.commits == 4
    assert bad.refs == (b"refs/heads/main",)
    assert bad.reach == "history"
    assert redacted.last_commit is None
    assert redacted.reach == "head"


def test_a_blob_that_some_tip_still_has_has_no_last_commit(tmp_path: Path) -> None:
    history = History()
    bad = history.commit({b"a": b"bad"})
    history.commit({b"a": None, b"b": b"b"})
    path = history.build(tmp_path / "gone.git")
    with reading(path) as found:
        assert found.attribute(blob_oid(path, b"bad")).last_commit == head_commit(path)

    history.ref(b"refs/pull/1/head", bad)
    path = history.build(tmp_path / "kept.git")
    with reading(path) as found:
        assert found.attribute(blob_oid(path, b"bad")).last_commit is None


@pytest.mark.parametrize(
    ("refs", "reach"),
    [
        ([b"refs/pull/1/head"], "pull"),
        ([b"refs/merge-requests/1/head"], "pull"),
        ([b"refs/pull/1/head", b"refs/tags/v1"], "tag"),
        ([b"refs/pull/1/head", b"refs/tags/v1", b"refs/heads/side"], "branch"),
        ([b"refs/remotes/origin/side"], "branch"),
        ([b"refs/stash"], "other"),
        ([b"refs/original/refs/heads/main", b"refs/pull/1/head"], "pull"),
        ([], "unreachable"),
    ],
)
def test_the_easiest_way_to_a_blob_is_named(tmp_path: Path, refs: list[bytes], reach: str) -> None:
    history = History()
    base = history.commit({b"README": b"r"})
    side = history.commit({b"bad.csv": b"bad"}, ref=b"refs/heads/start", parents=[base])
    tip = history.commit({b"bad.csv": None}, ref=b"refs/heads/start")
    for ref in refs:
        history.ref(ref, tip)
    history.forget(b"refs/heads/start")
    path = history.build(tmp_path / "r.git")

    with reading(path, unreachable=True) as found:
        bad = found.attribute(blob_oid(path, b"bad"))

    assert side
    assert bad.reach == reach
    assert bad.refs == tuple(sorted(refs))
    assert bad.paths == (b"bad.csv",)


def test_tags_and_commits_are_attributed_too(tmp_path: Path) -> None:
    history = History()
    first = history.commit({b"a": b"a"})
    history.commit({b"a": b"b"})
    history.commit({b"side": b"s"}, ref=b"refs/heads/side", parents=[first])
    history.tag("v1", first)
    history.tag("v2", "refs/tags/v1")
    path = history.build(tmp_path / "r.git")
    everything = (b"refs/heads/main", b"refs/heads/side", b"refs/tags/v1", b"refs/tags/v2")

    with reading(path) as found:
        commit = found.attribute(oid(path, "HEAD~1"))
        side = found.attribute(oid(path, "refs/heads/side"))
        tag = found.attribute(oid(path, "refs/tags/v1"))
        nothing = found.attribute("1" * 40)

    assert commit.refs == everything
    assert (commit.first_commit, commit.commits, commit.reach) == (
        oid(path, "HEAD~1"),
        1,
        "history",
    )
    assert commit.first_date == datetime.fromtimestamp(START + 60, UTC)
    assert side.reach == "branch"
    assert (tag.refs, tag.reach) == ((b"refs/tags/v1", b"refs/tags/v2"), "tag")
    assert (nothing.refs, nothing.reach, nothing.first_commit) == ((), "unreachable", None)


def test_a_directory_is_attributed_to_the_commits_that_had_it(tmp_path: Path) -> None:
    history = History()
    history.commit({b"d/e/a": b"a"})
    history.commit({b"d/e/a": b"b"})
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        root, inner = (found.attribute(oid(path, name)) for name in ("HEAD^{tree}", "HEAD~1:d/e"))

    assert (root.first_commit, root.reach) == (head_commit(path), "head")
    assert (inner.first_commit, inner.paths) == (oid(path, "HEAD~1"), (b"d/e",))
    assert (inner.last_commit, inner.reach) == (head_commit(path), "history")


def test_five_thousand_refs_over_ten_thousand_commits_take_less_than_a_second() -> None:
    ids = [ObjectId(f"{number:040x}") for number in range(10_000)]
    commits = {
        oid: CommitInfo(
            parents=tuple(ids[n - step] for step in (1, 7) if n >= step),
            when=n,
            subject=b"",
            tree=ObjectId("0" * 40),
        )
        for n, oid in enumerate(ids)
    }
    tips = [(RefName(b"refs/pull/%d/head" % n), ids[n * 2]) for n in range(5_000)]
    start = time.perf_counter()

    masks = ReachMasks(commits, tips)

    assert time.perf_counter() - start < 1
    assert len(masks.names_in(masks.mask([ids[0]]))) == 5_000
    assert masks.names_in(masks.mask([ids[9_998]])) == (b"refs/pull/4999/head",)
    assert masks.names_in(masks.mask([ids[9_999]])) == ()


def test_no_process_is_started_for_each_ref_that_holds_a_file_or_a_folder(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    history = History()
    history.commit({b"folder/a": b"bad"})
    for number in range(20):
        history.ref(b"refs/odd/blob-%d" % number, "{1}:folder/a")
        history.ref(b"refs/odd/tree-%d" % number, "{1}^{tree}")
    path = history.build(tmp_path / "r.git")
    caplog.set_level(logging.DEBUG, "breachkit.git.process")

    with reading(path) as found:
        refs = found.attribute(blob_oid(path, b"bad")).refs

    assert len(refs) == 41
    assert caplog.messages.count("git rev-list") < 10
