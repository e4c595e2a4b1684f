"""A copy is called clean only if all of it was looked at and nothing of the old history is in it."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from breachkit.actions.clone_list import Entry, blob_id, make_entries
from breachkit.git.clone_check import look_through
from breachkit.git.clone_files import bundles, large_copies
from breachkit.git.clone_list import contents_of
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import ObjectId
from tests.support.clone_traps import TRAPS, put
from tests.support.clones import BAD, SHELLS, follow, looked, result_in, run_verifier, world
from tests.support.gitrepo import git, oid, write_blob
from tests.support.rewriting import objects


BIG = b"number,of,rows\n1,2,3\n" * 40
POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    f"oid sha256:{hashlib.sha256(BIG).hexdigest()}\nsize {len(BIG)}\n"
).encode()


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    old = world(tmp_path_factory.mktemp("old"))
    new = world(tmp_path_factory.mktemp("new"))
    new.clean_up()
    return old, new


def state(folder):
    """Give everything about the files of a folder; git itself dates a shared index anew on reading."""
    paths = sorted(folder.rglob("*"))
    plain = {path: path.read_bytes() for path in paths if path.is_file()}
    dated = [path for path in paths if not path.name.startswith("sharedindex.")]
    return {path: (path.lstat().st_mtime_ns, path.lstat().st_mode) for path in dated}, plain


@pytest.mark.parametrize("name", TRAPS)
def test_both_ways_of_looking_say_the_same_of_every_copy_and_change_nothing(both, tmp_path, name):
    old, new = both
    wanted = TRAPS[name]
    copy = wanted.build(old, new, tmp_path / "a" / "copy")
    before = state(tmp_path / "a")

    own = looked(copy, new.wanted, tmp_path)
    with ThreadPoolExecutor() as pool:
        runs = pool.map(
            lambda shell: run_verifier(new.script, copy, shell=shell, bins=tmp_path / "b"), SHELLS
        )
    results = {shell: (ran, result_in(ran.stdout, new.wanted)) for shell, ran in zip(SHELLS, runs)}  # noqa: B905 - of one length

    assert own.verdict == wanted.verdict
    assert set(wanted.places) <= {hit.place for hit in own.hits}
    assert set(wanted.unread) <= set(own.unread)
    for shell, (ran, result) in results.items():
        assert (shell, result.hits, result.unread) == (shell, own.hits, own.unread)
        assert (ran.returncode, ran.stderr) == (own.exit_code, "")
        if own.verdict != "unknown":
            counts = (result.stores, result.objects, result.files)
            assert counts == (own.stores, own.objects, own.files)
    assert state(tmp_path / "a") == before
    assert not list((tmp_path / "b").glob("breachkit-verifier*"))


def test_two_shells_at_least_were_tried():
    assert {"dash", "bash"} <= SHELLS.keys()


def test_busybox_was_tried():
    if "busybox" not in SHELLS:
        pytest.skip("busybox is not installed: the script is tried with dash and bash")


def test_a_partial_copy_is_looked_through_without_fetching(both, tmp_path):
    old, new = both
    copy = TRAPS["partial"].build(old, new, tmp_path / "copy")
    git(copy, "rm", "-q", "--cached", "-r", ".")
    before = objects(copy)
    assert old.bad not in before

    looked(copy, new.wanted, tmp_path)
    run_verifier(new.script, copy, bins=tmp_path)

    assert objects(copy) == before


def test_nothing_found_is_no_proof_where_what_is_there_is_not_found_either(
    both, tmp_path, monkeypatch
):
    _, new = both
    copy = new.clone(tmp_path / "copy")
    real = git(copy, "--exec-path").decode().strip() + "/git"
    bins = tmp_path / "bins" / "dash"
    bins.mkdir(parents=True)
    blind = bins / "git"
    blind.write_text(
        f'#!/bin/sh\nfor each; do case $each in --batch-all-objects) exit 0;; esac; done\nexec {real} "$@"\n'
    )
    blind.chmod(0o755)
    (bins / "sh").symlink_to("/bin/sh")
    monkeypatch.setenv("PATH", f"{bins}:/usr/bin:/bin")

    assert looked(copy, new.wanted, tmp_path).unread == ("objects:control",)
    ran = run_verifier(new.script, copy, bins=tmp_path / "bins")
    assert result_in(ran.stdout, new.wanted).unread == ("objects:control",)
    assert ran.returncode == 5


def with_lfs(world_):
    """Give a world's list with a file of Git LFS on it."""
    from dataclasses import replace

    from breachkit.report.verifier_script import verifier_script

    pointer = ObjectId(blob_id(POINTER))
    wanted = replace(world_.wanted, entries=make_entries([(pointer, POINTER)], [], []))
    script = world_.script.with_name("lfs.sh")
    script.write_bytes(verifier_script(wanted))
    return replace(world_, wanted=wanted, script=script)


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (".git/lfs/objects/{0:.2}/{0}", "lfs"),
        ("output/big.csv", "files"),
        (".git/lfs/tmp/{0}-partial", "lfs"),
    ],
)
def test_a_file_of_git_lfs_is_found_by_name_and_by_content(both, tmp_path, path, place):
    new = with_lfs(both[1])
    copy = new.clone(tmp_path / "copy")
    put(copy, path.format(hashlib.sha256(BIG).hexdigest()), BIG)

    own = looked(copy, new.wanted, tmp_path)
    ran = run_verifier(new.script, copy, bins=tmp_path)

    assert own.verdict == "tainted"
    assert place in {hit.place for hit in own.hits}
    assert result_in(ran.stdout, new.wanted).hits == own.hits
    assert follow(ran.stdout, tmp_path).returncode == 0
    assert looked(copy, new.wanted, tmp_path).verdict == "clean"


def test_another_place_of_git_lfs_is_nothing_that_was_looked_at(both, tmp_path):
    new = with_lfs(both[1])
    copy = new.clone(tmp_path / "copy")
    git(copy, "config", "lfs.storage", "/somewhere/else")

    assert looked(copy, new.wanted, tmp_path).unread == ("objects:lfs",)
    ran = run_verifier(new.script, copy, bins=tmp_path)
    assert result_in(ran.stdout, new.wanted).unread == ("objects:lfs",)


@pytest.mark.parametrize("name", ["absent", "a-folder", "a-file"])
def test_what_is_no_repository_is_said_to_be_none(both, tmp_path, name):
    (tmp_path / "a-folder").mkdir()
    (tmp_path / "a-file").write_text("x")

    with pytest.raises(ConfigurationError):
        look_through(tmp_path / name, both[1].wanted)
    ran = run_verifier(both[1].script, tmp_path / name, bins=tmp_path)

    assert ran.returncode == 5
    assert ran.stdout.startswith("UNKNOWN: there is no git repository at that place")


def test_the_settings_of_a_copy_run_nothing(both, tmp_path):
    old, new = both
    copy = new.clone(tmp_path / "copy")
    put(copy, ".gitattributes", b"* filter=evil diff=evil\n")
    touch = f"touch {tmp_path}/ran"
    for key in ("core.fsmonitor", "filter.evil.clean", "diff.evil.textconv", "core.pager",
                "diff.external", "core.sshCommand", "alias.cat-file", "credential.helper"):  # fmt: skip
        git(copy, "config", key, f"!{touch}" if key.startswith("alias") else touch)
    hook = put(copy, ".git/hooks/post-index-change", f"#!/bin/sh\n{touch}\n".encode())
    hook.chmod(0o755)
    write_blob(copy, BAD)

    looked(copy, new.wanted, tmp_path)
    run_verifier(old.script, copy, bins=tmp_path)

    assert not (tmp_path / "ran").exists()


def test_a_file_with_other_line_ends_is_listed_under_the_same_number(both):
    dos = BAD.replace(b"\n", b"\r\n")
    found = make_entries([(ObjectId(blob_id(BAD)), BAD)], [], [])

    assert [(entry.id, entry.number) for entry in found] == [
        (blob_id(BAD), 1),
        (blob_id(dos), 1),
    ]


def test_nothing_that_the_new_history_holds_is_listed():
    dos = BAD.replace(b"\n", b"\r\n")
    tree = ObjectId("1" * 40)

    found = make_entries([(ObjectId(blob_id(BAD)), BAD)], [tree], [tree, blob_id(dos)])

    assert [entry.id for entry in found] == [blob_id(BAD)]


def test_content_is_taken_of_what_is_there(both):
    old, new = both
    one = ObjectId(old.bad)

    assert contents_of(old.server, [one]) == {one: BAD}
    assert contents_of(new.server, [one]) == {}


def test_the_list_holds_every_commit_tree_and_tag_that_went(both):
    old, _ = both
    ids = old.wanted.objects
    light = oid(old.server, "light")

    assert {light, oid(old.server, f"{light}^{{tree}}"), oid(old.server, "heavy")} <= ids.keys()
    assert oid(old.server, f"{light}~1") not in ids


@pytest.mark.parametrize(
    ("odd", "unread"),
    [("objects/pack/pack-x.idx", "objects:objects"), ("worktrees/x/gitdir", "files:worktree")],
)
def test_a_part_of_a_repository_that_cannot_be_opened_is_said_and_ends_nothing(
    both, tmp_path, odd, unread
):
    _, new = both
    copy = new.clone(tmp_path / "a" / "copy")
    (copy / ".git" / odd).mkdir(parents=True)

    assert unread in look_through(copy, new.wanted, scratch=tmp_path).unread


def test_a_file_that_went_while_others_were_looked_at_is_said_and_ends_nothing(tmp_path):
    there = tmp_path / "a.bundle"
    there.write_bytes(b"# v2 git bundle\n")
    big = tmp_path / "big"
    big.write_bytes(BIG)
    entry = Entry(kind="l", id=hashlib.sha256(BIG).hexdigest(), number=1, size=len(BIG))
    said: list[str] = []
    paths = [bytes(tmp_path / "gone"), bytes(there), bytes(big)]

    assert list(bundles(paths, said.append)) == [there]
    assert [one for one, _ in large_copies(paths, {entry.id: entry}, said.append)] == [entry.id]
    assert said == ["files", "files"]
