"""A guard knows every place at which what is brought is to stand."""

from pathlib import Path

from breachkit.git.guard_objects import brought, parse_range
from breachkit.git.repository import open_repository
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, Move, blob_oid, git, oid


def paths_of(path: Path, text: str, content: bytes) -> frozenset[bytes]:
    with open_repository(str(path)) as repository:
        new = brought(repository, [parse_range(repository, text)])
    return frozenset(new.paths[ObjectId(blob_oid(path, content))])


def test_a_file_is_known_by_every_path_at_which_the_commits_put_it(tmp_path: Path) -> None:
    history = History()
    history.commit({b"README": b"r"})
    history.commit({b"analysis/a.csv": b"same", b"output/a.csv": b"same"})
    history.commit({b"analysis/a.csv": Move(b"b\nc.csv")})
    path = history.build(tmp_path / "r.git")

    everywhere = {b"analysis/a.csv", b"output/a.csv", b"b\nc.csv"}
    assert paths_of(path, "HEAD~2..HEAD", b"same") >= everywhere
    assert paths_of(path, "HEAD", b"same") >= everywhere
    with open_repository(str(path)) as repository:
        new = brought(repository, [parse_range(repository, "HEAD~2..HEAD")])
    assert ObjectId(blob_oid(path, b"r")) not in new.paths


def test_a_file_that_a_tag_alone_holds_is_brought_too(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"held"})
    path = history.build(tmp_path / "r.git")
    git(path, "update-ref", "refs/tags/blob", oid(path, "HEAD:a"))

    assert paths_of(path, "refs/tags/blob", b"held") == frozenset()
