"""Whatever the history: every blob is listed, with every path it ever had."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from breachkit.git.history import changes_at, commit_tips
from breachkit.git.objects import choose_objects
from breachkit.git.parallel import map_objects
from breachkit.git.walk import walk
from tests.support.gitrepo import blob_oid, git
from tests.support.histories import Planted, histories
from tests.support.reading import Reading, reading


GIT = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def occurrences(path: Path, *revisions: str) -> set[tuple[bytes, str]]:
    """Every (path, blob) of every commit, from the plainest of git's commands."""
    found = set()
    for commit in git(path, "rev-list", *revisions).split():
        for entry in git(path, "ls-tree", "-r", "-z", commit.decode()).split(b"\0")[:-1]:
            about, _, name = entry.partition(b"\t")
            if b" blob " in about:
                found.add((name, about.split()[2].decode()))
    return found


def stored(path: Path) -> set[str]:
    """Every object in the store."""
    form = "--batch-check=%(objectname)"
    return set(git(path, "cat-file", "--batch-all-objects", form).decode().split())


def assert_every_path_is_known(found: Reading, planted: Planted, path: Path) -> None:
    for content, paths in planted.content_paths.items():
        assert paths <= found.paths(blob_oid(path, content))


@GIT
@given(histories())
def test_every_planted_blob_is_found_with_every_path_it_had(planted: Planted) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = planted.history.build(Path(directory) / "r.git")

        with reading(path, unreachable=True) as found:
            assert_every_path_is_known(found, planted, path)
            assert found.history.incomplete_reason is None
            assert {entry.oid for entry in found.objects.entries} == stored(path)
            dangling = {entry.oid for entry in found.objects.entries} - found.reachable.oids
            for oid in dangling:
                assert found.attribute(oid).reach == "unreachable"


@GIT
@given(histories())
def test_the_history_of_the_refs_is_exactly_what_git_shows(planted: Planted) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = planted.history.build(Path(directory) / "r.git")
        truth = occurrences(path, "--all")
        reached = set(
            git(path, "rev-list", "--objects", "--no-object-names", "--all").decode().split()
        )

        with reading(path) as found:
            assert found.pairs == truth
            assert found.reachable.oids == reached
            assert not found.reachable.missing
            chosen = choose_objects(found.objects, found.reachable, unreachable=False)
            read = set(map_objects(found.repository, chosen, lambda entry, _: entry.oid, workers=2))
            assert read == reached
            for oid in reached:
                assert found.attribute(oid).reach != "unreachable"
            for name, oid in truth:
                assert name in found.paths(oid)


@GIT
@given(histories())
def test_an_object_is_attributed_to_exactly_the_refs_that_hold_it(planted: Planted) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = planted.history.build(Path(directory) / "r.git")
        holders: dict[str, set[bytes]] = {}
        for name in git(path, "for-each-ref", "--format=%(refname)").splitlines():
            for line in git(path, "rev-list", "--objects", "--no-object-names", name).split():
                holders.setdefault(line.decode(), set()).add(name)
            held = git(path, "rev-parse", name).decode().strip()
            holders.setdefault(held, set()).add(name)

        with reading(path) as found:
            for oid, names in holders.items():
                assert set(found.attribute(oid).refs) == names


@GIT
@given(histories())
def test_walking_by_ourselves_finds_what_git_log_finds(planted: Planted) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = planted.history.build(Path(directory) / "r.git")

        with reading(path) as found:
            tips = commit_tips(found.refs)
            walked = walk(found.repository, tips, found.objects, most_changes=10_000)
            commits, changes = found.history.commits, set(found.history.changes)

        assert walked.reachable.oids <= found.reachable.oids
        assert {oid: info[:3] for oid, info in commits.items()} == {
            oid: (commit.parents, commit.when, commit.subject)
            for oid, commit in walked.commits.items()
        }
        assert changes == {
            change
            for at in walked.changes
            if any(at.olds) or at.new
            for change in changes_at(at.commit, at.path, at.olds, at.new)
        }
