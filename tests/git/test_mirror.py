"""A mirror is complete and agrees with its server, or there is none."""

import json
from pathlib import Path

import pytest

from breachkit.git.clone import DamagedServerError, mirror_url
from breachkit.git.mirror import (
    MARKER,
    Mirror,
    UnfitMirrorError,
    current_mirror,
    discard_mirror,
    make_mirror,
    open_mirror,
    require_fit,
)
from breachkit.git.remote import list_remote
from breachkit.model.errors import ConfigurationError, IncompleteError, RefusedError
from breachkit.model.ids import RefName
from tests.support.gitrepo import History, blob_oid, git, loose_object, oid, refs


@pytest.fixture
def server(tmp_path: Path) -> Path:
    history = History()
    first = history.commit({b"code.py": b"one"})
    history.commit({b"code.py": b"two"}, ref=b"refs/pull/1/head", parents=[first])
    history.note(first, b"seen")
    history.tag("v1", first)
    return history.build(tmp_path / "server.git")


def test_a_mirror_has_every_ref_and_remembers_them(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")

    assert refs(mirror.path) == refs(server) == mirror.leases
    assert mirror.head == b"refs/heads/main"
    assert b"refs/pull/1/head" in mirror.leases
    assert Mirror.from_json(json.loads(json.dumps(mirror.to_json())), mirror.path) == mirror
    assert open_mirror(mirror.path) == mirror


def test_trap_46_a_mirror_is_private_and_forgets_its_remote(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")

    assert mirror.path.stat().st_mode & 0o077 == 0
    assert "remote" not in (mirror.path / "config").read_text()


def test_a_mirror_that_still_agrees_is_used_again(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    (mirror.path / "kept").touch()

    assert make_mirror(str(server), mirror.path) == mirror
    assert (mirror.path / "kept").exists()


def test_a_mirror_older_than_the_server_is_made_again(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    git(server, "update-ref", "refs/heads/late", "refs/heads/main")

    newer = make_mirror(str(server), mirror.path)

    assert RefName(b"refs/heads/late") in newer.leases
    assert refs(newer.path) == refs(server)


def test_what_an_interrupted_run_left_is_cleared_away(server: Path, tmp_path: Path):
    (tmp_path / "mirror.git.partial-1").mkdir()
    (tmp_path / "mirror.git.partial-1" / "half").touch()

    mirror = make_mirror(str(server), tmp_path / "mirror.git")

    assert not list(tmp_path.glob("*.partial*"))
    assert not (mirror.path / "half").exists()


def test_a_folder_that_is_no_mirror_of_ours_is_neither_used_nor_deleted(
    server: Path, tmp_path: Path
):
    with pytest.raises(RefusedError):
        make_mirror(str(server), server)
    with pytest.raises(RefusedError):
        discard_mirror(server)
    assert oid(server)
    discard_mirror(tmp_path / "never-was")


@pytest.mark.parametrize("damage", ["", '{"schema": "breach', "[]", "null", "cut", "other"])
def test_a_mirror_whose_marker_is_damaged_is_named_and_made_anew(
    server: Path, tmp_path: Path, damage: str
):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    data = mirror.to_json()
    if damage == "cut":
        damage = json.dumps({"schema": data["schema"], "head": None, "url": None, "leases": [1]})
    elif damage == "other":
        damage = json.dumps({**data, "schema": "breachkit.mirror/99"})
    (mirror.path / MARKER).write_text(damage)

    with pytest.raises(ConfigurationError, match="anew"):
        open_mirror(mirror.path)
    assert current_mirror(str(server), mirror.path) is None
    assert make_mirror(str(server), mirror.path) == mirror == open_mirror(mirror.path)


def test_a_mirror_whose_marker_is_damaged_can_be_discarded(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    (mirror.path / MARKER).write_text("")

    discard_mirror(mirror.path)

    assert not mirror.path.exists()


def test_a_mirror_can_be_discarded(server: Path, tmp_path: Path):
    mirror = make_mirror(str(server), tmp_path / "mirror.git")

    discard_mirror(mirror.path)

    assert not mirror.path.exists()


def test_a_server_that_never_holds_still_is_not_mirrored(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen = 0

    def restless(url: str):
        nonlocal seen
        seen += 1
        git(server, "update-ref", f"refs/heads/push-{seen}", "refs/heads/main")
        return list_remote(url)

    monkeypatch.setattr("breachkit.git.mirror.list_remote", restless)
    with pytest.raises(IncompleteError, match="refs changed"):
        make_mirror(str(server), tmp_path / "mirror.git", attempts=2)
    assert not (tmp_path / "mirror.git").exists()


def test_a_push_while_the_mirror_is_made_is_in_the_one_that_counts(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    seen = 0

    def once_restless(url: str):
        nonlocal seen
        seen += 1
        if seen == 2:
            git(server, "update-ref", "refs/heads/late", "refs/heads/main")
        return list_remote(url)

    monkeypatch.setattr("breachkit.git.mirror.list_remote", once_restless)

    assert RefName(b"refs/heads/late") in make_mirror(str(server), tmp_path / "m.git").leases


def test_trap_16_a_shallow_server_is_refused(server: Path, tmp_path: Path):
    git(server, "update-ref", "refs/heads/main", "refs/pull/1/head")
    git(tmp_path, "clone", "-q", "--bare", "--depth=1", f"file://{server}", "shallow.git")

    with pytest.raises(UnfitMirrorError, match="shallow"):
        make_mirror(str(tmp_path / "shallow.git"), tmp_path / "mirror.git")


def test_trap_20_a_sha256_server_is_refused(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    server = history.build(tmp_path / "server.git", object_format="sha256")

    with pytest.raises(UnfitMirrorError, match="sha256"):
        make_mirror(str(server), tmp_path / "mirror.git")
    assert [file.name for file in tmp_path.iterdir()] == ["server.git"]


@pytest.mark.parametrize("wrong", ["a commit as a file", "a tag of something else"])
def test_a_server_whose_objects_contradict_each_other_is_damaged_and_not_the_network(
    server: Path, tmp_path: Path, wrong: str
):
    commit = oid(server, "refs/heads/main")
    if wrong == "a commit as a file":
        entry = b"100644 code.py\0" + bytes.fromhex(commit)
        write = ("hash-object", "-w", "-t", "tree", "--literally", "--stdin")
        tree = git(server, *write, stdin=entry).decode().strip()
        main = git(server, "commit-tree", "-m", "odd", "-p", commit, tree).decode().strip()
        git(server, "update-ref", "refs/heads/main", main)
    else:
        tag = b"object %s\ntype blob\ntag v\n\nodd\n" % commit.encode()
        write = ("hash-object", "-w", "-t", "tag", "--literally", "--stdin")
        git(server, "update-ref", "refs/tags/v", git(server, *write, stdin=tag).decode().strip())

    with pytest.raises(DamagedServerError, match="is damaged"):
        make_mirror(str(server), tmp_path / "mirror.git")


def test_a_server_with_a_detached_head_is_refused(server: Path, tmp_path: Path):
    git(server, "update-ref", "--no-deref", "HEAD", oid(server, "refs/pull/1/head"))

    with pytest.raises(UnfitMirrorError, match="HEAD"):
        make_mirror(str(server), tmp_path / "mirror.git")


def test_a_server_without_all_its_objects_is_no_success(server: Path, tmp_path: Path):
    loose_object(server, blob_oid(server, b"two")).unlink(missing_ok=True)
    for pack in (server / "objects" / "pack").glob("*"):
        pack.chmod(0o600)
        pack.unlink()

    with pytest.raises((IncompleteError, ConfigurationError, RefusedError)):
        make_mirror(str(server), tmp_path / "mirror.git")
    assert not (tmp_path / "mirror.git").exists()


def test_trap_40_a_server_that_is_not_there_is_said_so(tmp_path: Path):
    with pytest.raises(ConfigurationError):
        make_mirror(str(tmp_path / "nothing.git"), tmp_path / "mirror.git")


def test_trap_19_a_missing_object_is_counted(server: Path, tmp_path: Path):
    loose = loose_object(server, blob_oid(server, b"two"))
    assert loose.exists()
    loose.unlink()

    with pytest.raises(UnfitMirrorError, match="1 of its objects"):
        require_fit(server)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("objects/info/alternates", "borrows"),
        ("objects/pack/pack-1.promisor", "partial"),
        ("objects/pack/pack-1.keep", "keep"),
    ],
)
def test_a_repository_that_keeps_objects_elsewhere_or_for_ever_is_refused(server: Path, part, word):
    (server / part).parent.mkdir(exist_ok=True)
    (server / part).touch()

    with pytest.raises(UnfitMirrorError, match=word):
        require_fit(server)


def test_trap_08_objects_a_server_borrows_are_copied(server: Path, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--bare", "--shared", str(server), "borrower.git")

    mirror = make_mirror(str(tmp_path / "borrower.git"), tmp_path / "mirror.git")

    require_fit(mirror.path)
    assert not (mirror.path / "objects" / "info" / "alternates").exists()


def test_an_empty_server_is_mirrored_with_no_refs(tmp_path: Path):
    server = History().build(tmp_path / "server.git")

    assert make_mirror(str(server), tmp_path / "mirror.git").leases == {}


def test_a_copy_that_lacks_a_ref_is_no_mirror(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def lossy(url: str, to: Path) -> Path:
        mirror_url(url, to)
        git(to, "update-ref", "-d", "refs/notes/commits")
        return to

    monkeypatch.setattr("breachkit.git.mirror.mirror_url", lossy)
    with pytest.raises(IncompleteError):
        make_mirror(str(server), tmp_path / "mirror.git", attempts=1)
