"""Which refs lead to something is told for all of them at once, and as a walk from each would."""

import logging
import random
from pathlib import Path

import pytest

from breachkit.git import leading
from breachkit.git.leading import leading_to, walk_from
from breachkit.git.rawobjects import TreeEntry, join_tree, object_id, write_objects
from breachkit.git.returning import look_at_refs
from breachkit.model.ids import ObjectId, RefName
from tests.support.gitrepo import History, blob_oid, git, loose_object, oid, refs


BAD = b"group,patients\na,3\n"


def alone(path: Path, wanted: set[ObjectId]) -> set[bytes]:
    """Walk from each ref by itself."""
    tips = {name: ObjectId(value) for name, value in refs(path).items()}
    return {name for name, tip in tips.items() if walk_from(path, [tip], wanted).is_hit}


def together(path: Path, wanted: set[ObjectId]) -> set[bytes]:
    tips = {name: ObjectId(value) for name, value in refs(path).items()}
    bad = leading_to(path, frozenset(tips.values()), wanted)
    return {name for name, tip in tips.items() if tip in bad}


@pytest.fixture
def server(tmp_path: Path) -> Path:
    """Refs of every kind, of which some lead to the bad file, each in another way."""
    history = History()
    clean = history.commit({b"code.py": b"1"})
    brought = history.commit({b"out/a.csv": BAD}, parents=[clean], ref=b"refs/heads/brought")
    gone = history.commit({b"out/a.csv": None}, parents=[brought], ref=b"refs/heads/gone")
    again = history.commit({b"b.csv": BAD}, parents=[clean], ref=b"refs/heads/again")
    side = history.commit({b"code.py": b"2"}, parents=[clean], ref=b"refs/heads/side")
    history.commit({}, parents=[side, gone], ref=b"refs/heads/merged")
    history.commit({b"x": BAD}, parents=[side, clean], ref=b"refs/heads/evil")
    history.tag("of-bad", again)
    history.tag("of-tag", "refs/tags/of-bad")
    history.tag("of-clean", clean)
    server = history.build(tmp_path / "s.git")
    tree = oid(server, "refs/heads/brought^{tree}")
    git(server, "update-ref", "refs/tags/tree", tree)
    git(server, "update-ref", "refs/tags/clean-tree", oid(server, "refs/heads/side^{tree}"))
    bad = blob_oid(server, BAD)
    git(server, "update-ref", "refs/tags/blob", bad)
    link = join_tree([TreeEntry(b"160000", b"sub", ObjectId(bad))])
    write_objects(server, [("tree", link)])
    commit = git(
        server, "commit-tree", "-m", "x", "-p", "refs/heads/side", object_id("tree", link)
    ).strip()
    git(server, "update-ref", "refs/heads/pretends", commit.decode())
    return server


@pytest.mark.parametrize(
    "what",
    [
        "refs/tags/blob",
        "refs/heads/brought:out",
        "refs/heads/brought^{tree}",
        "refs/heads/side",
        "refs/tags/of-bad",
        "refs/tags/of-tag",
    ],
)
def test_all_refs_at_once_are_told_as_each_alone(server: Path, what: str) -> None:
    wanted = {ObjectId(git(server, "rev-parse", what).strip().decode())}

    assert together(server, wanted) == alone(server, wanted) != set()


def test_where_one_walk_finds_nothing_behind_any_ref_each_is_walked_alone(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {ObjectId(blob_oid(server, BAD))}
    before = together(server, wanted)
    monkeypatch.setattr(leading, "_in_one_walk", lambda *_: frozenset())

    assert together(server, wanted) == before != set()


def test_a_file_is_found_behind_every_ref_that_leads_to_it_and_no_other(server: Path) -> None:
    clean = {b"refs/heads/main", b"refs/heads/side", b"refs/heads/pretends"}
    clean |= {b"refs/tags/of-clean", b"refs/tags/clean-tree"}

    assert refs(server).keys() - together(server, {ObjectId(blob_oid(server, BAD))}) == clean


@pytest.mark.parametrize("seed", range(4))
def test_random_histories_are_told_as_each_ref_alone(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    history = History()
    marks = [history.commit({b"a": b"0"})]
    for number in range(40):
        above = chance.sample(marks, min(len(marks), chance.choice([1, 1, 1, 2, 3])))
        content = chance.choice([BAD, b"%d" % number, None])
        path = chance.choice([b"a", b"d/a", b"d/e/b"])
        change = {} if content is None else {path: content}
        branch = b"refs/heads/b%d" % number
        marks.append(history.commit(change, parents=above, ref=branch))
    server = history.build(tmp_path / "s.git")
    wanted = {ObjectId(blob_oid(server, BAD))}

    assert together(server, wanted) == alone(server, wanted)


def test_more_refs_take_no_more_processes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    taken: list[int] = []
    for count in (1, 30):
        history = History()
        for number in range(count):
            clean = history.commit({b"code.py": b"%d" % number}, ref=b"refs/heads/c%d" % number)
            history.commit({b"a.csv": BAD}, parents=[clean], ref=b"refs/heads/b%d" % number)
        server = history.build(tmp_path / f"{count}.git")
        names = [RefName(name) for name in refs(server)]
        caplog.set_level(logging.DEBUG, "breachkit.git.process")
        caplog.clear()

        found = look_at_refs(str(server), names, {ObjectId(blob_oid(server, BAD))})

        taken.append(sum(each.name == "breachkit.git.process" for each in caplog.records))
        assert len(found.tainted) == count
        assert found.clean.keys() == set(names) - set(found.tainted)
    assert taken[0] == taken[1]


@pytest.mark.parametrize("lost", ["refs/heads/brought:out", "refs/heads/brought"])
def test_where_history_is_missing_each_ref_is_still_told(server: Path, lost: str) -> None:
    wanted = {ObjectId(oid(server, "refs/heads/side"))}
    loose_object(server, oid(server, lost)).unlink()

    assert together(server, wanted) == alone(server, wanted) >= {b"refs/heads/side"}
