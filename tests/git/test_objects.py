"""Every object is listed and read once, and each that cannot be is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from breachkit.git.objects import (
    Unread,
    choose_objects,
    list_objects,
    reachable_objects,
    read_objects,
)
from breachkit.git.refs import list_refs
from breachkit.git.repository import open_repository
from tests.support.gitrepo import History, blob_oid, git, head_commit, loose_object, oid, write_blob
from tests.support.reading import reading


def contents(path: Path, *, cap: int = 1 << 20) -> dict[str, bytes | Unread]:
    with open_repository(str(path)) as repository:
        entries = list_objects(repository).entries
        answers = list(read_objects(repository, entries, cap=cap))
        assert [entry for entry, _ in answers] == entries
        return {entry.oid: content for entry, content in answers}


def spoil(path: Path, object_id: str, keep: int) -> None:
    """Cut a loose object off after some bytes."""
    file = loose_object(path, object_id)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:keep])


@pytest.mark.parametrize("packed", [True, False])
def test_every_object_comes_with_its_content(tmp_path: Path, packed: bool) -> None:
    history = History()
    texts = [b"", b"\n", b"no newline", b"x" * 100_000, bytes(range(256)) * 10]
    history.tag("v1", history.commit({b"f%d" % n: text for n, text in enumerate(texts)}))
    path = history.build(tmp_path / "r.git", packed=packed)

    found = contents(path)

    for text in texts:
        assert found[blob_oid(path, text)] == text
    assert found[head_commit(path)] == git(path, "cat-file", "commit", "HEAD")
    assert found[oid(path, "refs/tags/v1")] == git(path, "cat-file", "tag", "v1")
    assert found[oid(path, "HEAD^{tree}")] == git(path, "cat-file", "tree", "HEAD^{tree}")
    assert len(found) == len(texts) + 3


def test_git_does_not_fill_the_memory_with_a_large_pack(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")
    as_it_is = ("-c", "core.compression=0", "-c", "fastimport.unpackLimit=1")
    blobs = (b"blob\ndata 4000000\n" + os.urandom(4_000_000) for _ in range(40))
    git(path, *as_it_is, "fast-import", "--quiet", "--depth=0", stdin=b"\n".join(blobs) + b"\n")
    assert sum(pack.stat().st_size for pack in path.glob("objects/pack/*.pack")) > 160_000_000
    read = (
        "import resource, sys; from breachkit.git.objects import *\n"
        "from breachkit.git.repository import open_repository\n"
        "with open_repository(sys.argv[1]) as it:\n"
        "    entries = list_objects(it).entries\n"
        "    assert all(isinstance(content, bytes) for _, content in read_objects(it, entries))\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )

    most_kib = int(subprocess.check_output([sys.executable, "-c", read, str(path)]))

    assert most_kib < 100_000


def test_an_object_larger_than_the_cap_is_named_and_not_loaded(tmp_path: Path) -> None:
    history = History()
    history.commit({b"large": b"x" * 5001, b"fits": b"y" * 5000})
    path = history.build(tmp_path / "r.git")

    found = contents(path, cap=5000)

    assert found[blob_oid(path, b"x" * 5001)] is Unread.TOO_LARGE
    assert found[blob_oid(path, b"y" * 5000)] == b"y" * 5000


def test_an_object_that_grew_since_it_was_listed_is_not_loaded_either(tmp_path: Path) -> None:
    history = History()
    history.commit({b"large": b"x" * 5001, b"other": b"y"})
    path = history.build(tmp_path / "r.git")

    with open_repository(str(path)) as repository:
        entries = [entry._replace(size=1) for entry in list_objects(repository).entries]
        found: dict[str, bytes | Unread] = {
            entry.oid: content for entry, content in read_objects(repository, entries, cap=999)
        }

    assert found[blob_oid(path, b"x" * 5001)] is Unread.TOO_LARGE
    assert found[blob_oid(path, b"y")] == b"y"


def test_damaged_objects_in_the_middle_cost_no_other(tmp_path: Path) -> None:
    history = History()
    texts = [os.urandom(20_000) for _ in range(12)]
    history.commit({b"f%d" % n: text for n, text in enumerate(texts)})
    path = history.build(tmp_path / "r.git")
    with open_repository(str(path)) as repository:
        order = [e.oid for e in list_objects(repository).entries if e.type == "blob"]
    damaged = {order[0], order[5], order[6], order[-1]}
    for object_id in damaged:
        spoil(path, object_id, 9000)

    found = contents(path)

    assert {o for o, content in found.items() if content is Unread.DAMAGED} == damaged
    for text in texts:
        assert found[blob_oid(path, text)] in {text, Unread.DAMAGED}


def test_an_object_whose_type_cannot_be_told_is_listed_as_damaged(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a", b"b": b"b"})
    path = history.build(tmp_path / "r.git")
    spoiled = blob_oid(path, b"a")
    spoil(path, spoiled, 2)

    with reading(path) as found:
        assert found.objects.damaged == (spoiled,)
        assert found.objects.complaints
        assert spoiled in found.reachable.oids | found.reachable.missing
        assert found.paths(spoiled) == {b"a"}


def test_an_object_that_vanished_since_it_was_listed_is_missing(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")

    with open_repository(str(path)) as repository:
        entries = list_objects(repository).entries
        loose_object(path, blob_oid(path, b"a")).unlink()
        found: dict[str, bytes | Unread] = {
            entry.oid: content for entry, content in read_objects(repository, entries)
        }

    assert found[blob_oid(path, b"a")] is Unread.MISSING


def test_a_pack_that_cannot_be_opened_is_complained_of(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git", packed=True)
    write_blob(path, b"loose")
    (index,) = (path / "objects/pack").glob("*.idx")
    index.chmod(0o644)
    index.write_bytes(b"nonsense" * 200)

    with reading(path) as found:
        assert found.objects.complaints
        assert found.refs[0].is_damaged
        assert found.reachable.missing


def test_kept_packs_and_loose_objects_are_listed_alike(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git", packed=True)
    (pack,) = (path / "objects/pack").glob("*.pack")
    pack.with_suffix(".keep").touch()
    loose = write_blob(path, b"loose")

    assert {blob_oid(path, b"a"), loose} <= contents(path).keys()


def test_what_no_ref_reaches_is_read_only_if_asked(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    history.commit({b"bad": b"bad"}, ref=b"refs/heads/gone", parents=[])
    history.forget(b"refs/heads/gone")
    path = history.build(tmp_path / "r.git")

    with reading(path) as found:
        some = choose_objects(found.objects, found.reachable, unreachable=False)
        every = choose_objects(found.objects, found.reachable, unreachable=True)

    bad = blob_oid(path, b"bad")
    assert bad not in {entry.oid for entry in some}
    assert bad in {entry.oid for entry in every}
    assert {entry.oid for entry in some} == found.reachable.oids


def test_what_was_pushed_after_the_listing_counts_as_not_read(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    path = history.build(tmp_path / "r.git")

    with open_repository(str(path)) as repository:
        objects = list_objects(repository)
        tree = git(path, "mktree", stdin=b"").decode().strip()
        late = git(path, "commit-tree", "-m", "late", tree).decode().strip()
        git(path, "update-ref", "refs/heads/late", late)
        reachable = reachable_objects(repository, list_refs(repository), objects)

    assert reachable.missing == {late, tree}


def test_missing_objects_of_every_type_are_named(tmp_path: Path) -> None:
    history = History()
    first = history.commit({b"d/a": b"a", b"b": b"b"})
    history.commit({b"d/a": b"a2"})
    history.commit({b"d/a": b"a3"})
    history.tag("v1", first)
    path = history.build(tmp_path / "r.git")
    for gone in ("HEAD:b", "HEAD~1:d", "HEAD~2", "refs/tags/v1"):
        object_id = oid(path, gone)
        copy = tmp_path / object_id
        loose_object(path, object_id).rename(copy)

        with reading(path) as found:
            assert object_id in found.reachable.missing, gone
            assert object_id not in found.reachable.oids

        copy.rename(loose_object(path, object_id))
