"""Tags about tags, however deep, are followed by one process, and nothing of them is guessed."""

import logging
from pathlib import Path

import pytest

from breachkit.actions.bad_set import BadSet
from breachkit.actions.rewrite import plan_rewrite
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.old_objects import old_objects
from breachkit.git.proof import prove
from breachkit.git.rawobjects import MissingObjectError, object_id, write_objects
from breachkit.git.tag_chains import follow_tags
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, blob_oid, git, loose_object, oid
from tests.support.rewriting import BAD


def tags_about(path: Path, commit: str, depth: int) -> list[ObjectId]:
    """Write tags about tags about a commit, and give them, the outermost first."""
    made: list[bytes] = []
    ids, kind = [ObjectId(commit)], "commit"
    for number in range(depth):
        tagger = "Ada <ada@example.org> 1 +0000"
        head = f"object {ids[-1]}\ntype {kind}\ntag t{number}\ntagger {tagger}"
        made.append(f"{head}\n\na tag\n".encode())
        ids, kind = [*ids, object_id("tag", made[-1])], "tag"
    write_objects(path, [("tag", data) for data in made])
    git(path, "update-ref", "refs/tags/deep", ids[-1])
    return ids[:0:-1]


def server(path: Path, depth: int) -> list[ObjectId]:
    history = History()
    history.commit({b"a.csv": BAD})
    return tags_about(history.build(path), oid(path), depth)


def started(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.name == "breachkit.git.process" for record in caplog.records)


def test_each_tag_and_what_it_is_about_are_told_by_one_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "r.git"
    tags = server(path, 1500)
    commit, absent = ObjectId(oid(path)), ObjectId("1" * 40)
    caplog.set_level(logging.DEBUG, "breachkit.git.process")

    chains = follow_tags(path, [tags[0], absent, commit, tags[0]])

    assert chains.kinds == {**dict.fromkeys(tags, "tag"), commit: "commit"}
    assert chains.tags.keys() == set(tags)
    assert all(object_id("tag", tag.data) == one for one, tag in chains.tags.items())
    assert started(caplog) == 1


def test_many_tags_are_told_without_either_side_waiting_for_the_other(tmp_path: Path) -> None:
    path = tmp_path / "r.git"
    server(path, 1)
    text = b"object %s\ntype commit\ntag t\n\n%d" + b"x" * 3000
    data = [text % (oid(path).encode(), number) for number in range(1000)]
    write_objects(path, [("tag", each) for each in data])
    ids = [object_id("tag", each) for each in data]

    assert [*follow_tags(path, ids).tags] == ids


def test_no_tag_takes_no_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "breachkit.git.process")

    assert not follow_tags(tmp_path, []).kinds
    assert started(caplog) == 0


def test_a_rewrite_its_proof_and_the_list_of_what_is_old_take_no_process_for_each_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken: list[int] = []
    for depth in (2, 1100):
        place = tmp_path / str(depth)
        place.mkdir()
        tags = server(place / "mirror.git", depth)
        caplog.set_level(logging.DEBUG, "breachkit.git.process")
        caplog.clear()

        plan = plan_rewrite(
            gather_facts(place / "mirror.git", [blob_oid(place / "mirror.git", BAD)])
        )
        done = rewrite(place / "mirror.git", plan, place / "new.git")
        proof = prove(place / "mirror.git", place / "new.git", plan, done)
        bad = BadSet(blobs=(), refs=())
        subjects = old_objects(place / "mirror.git", place / "new.git", [done], bad)

        taken.append(started(caplog))
        assert proof.ok, proof.failures
        assert [each.id for each in subjects.tags] == tags
    assert taken[0] == taken[1]


@pytest.mark.parametrize("inner", ["missing", "damaged"])
def test_a_tag_whose_way_ends_in_nothing_is_not_passed_over(tmp_path: Path, inner: str) -> None:
    path = tmp_path / "r.git"
    server(path, 1)
    named = git(path, "hash-object", "-w", "--stdin", stdin=b"x").strip().decode()
    loose = loose_object(path, named)
    loose.chmod(0o600)
    loose.write_bytes(b"no object")
    if inner == "missing":
        loose.unlink()
    outer = f"object {named}\ntype tag\ntag t\n\n".encode()
    write_objects(path, [("tag", outer)])
    (path / "refs" / "tags").mkdir(exist_ok=True)
    (path / "refs" / "tags" / "t").write_text(object_id("tag", outer) + "\n")

    with pytest.raises(MissingObjectError):
        gather_facts(path, [blob_oid(path, BAD)])
