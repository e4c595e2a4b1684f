"""Whatever shape a repository is in, patients' data in it are found or said to be unread."""

import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path
from random import randbytes

import pytest

from breachkit.git.layout import NoObjectsError
from breachkit.git.rawobjects import object_id
from breachkit.model.findings import ScanResult
from breachkit.report.words import FETCH_MISSING, verdict
from breachkit.workflows.playbooks import load_policies
from breachkit.workflows.scan import ScanOptions, scan_target
from tests.support.gitrepo import (
    ENVIRONMENT,
    Gitlink,
    History,
    Symlink,
    git,
    head_commit,
    loose_object,
    oid,
    write_blob,
)
from tests.support.responding import Recorded


BAD = b"region,n,deaths\nNorth,120,35\nSouth,98,3\nEast,143,41\n"
PATH = b"output/t.csv"
FINE = b"print('hello')\n"


def scan(target: Path | str, *, unreachable: bool = False) -> ScanResult:
    options = ScanOptions(policies=load_policies().choose("auto"), unreachable=unreachable)
    return scan_target(str(target), options, progress=Recorded())


def history(*, hidden: bool = True) -> History:
    """A bad file that the next commit takes away, between clean ones."""
    made = History()
    made.commit({b"a.py": FINE})
    made.commit({PATH: BAD} if hidden else {b"b.py": FINE})
    made.commit({PATH: None, b"c.py": FINE})
    return made


def test_a_clean_repository_is_clean_as_far_as_refs_reach(tmp_path: Path) -> None:
    path = history(hidden=False).build(tmp_path / "r.git")
    write_blob(path, BAD)

    result = scan(path)

    assert (result.verdict, result.exit_code) == ("clean", 0)
    assert verdict(result) == "CLEAN: nothing found, and everything that refs reach was examined"
    assert (result.coverage.unreachable, result.coverage.left_out) == (False, 1)
    assert scan(path, unreachable=True).verdict == "findings"


def test_a_repository_without_refs_is_not_called_clean(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "r.git")
    write_blob(tmp_path / "r.git", BAD)

    with pytest.raises(NoObjectsError, match=r"no branch, tag or other ref.*--unreachable"):
        scan(tmp_path / "r.git")
    assert scan(tmp_path / "r.git", unreachable=True).verdict == "findings"


def test_with_everything_looked_at_clean_says_so(tmp_path: Path) -> None:
    result = scan(history(hidden=False).build(tmp_path / "r.git"), unreachable=True)

    assert verdict(result) == "CLEAN: nothing found, and everything in the store was examined"
    assert (result.coverage.unreachable, result.coverage.left_out) == (True, 0)


CLONES: dict[str, list[str]] = {
    "depth 1": ["--depth=1"],
    "depth 2": ["--depth=2"],
    "depth 1 of every branch": ["--depth=1", "--no-single-branch"],
    "since": ["--shallow-since=2020-09-13T12:28:00Z"],
    "without blobs": ["--filter=blob:none", "--no-checkout"],
    "without large blobs": ["--filter=blob:limit=10", "--no-checkout"],
    "without trees": ["--filter=tree:0", "--no-checkout"],
    "both": ["--depth=1", "--filter=blob:none", "--no-checkout"],
    "bare and partial": ["--bare", "--filter=blob:none"],
}


@pytest.mark.parametrize("options", CLONES.values(), ids=CLONES)
def test_a_clone_that_lacks_something_is_never_clean(options: list[str], tmp_path: Path) -> None:
    server = history().build(tmp_path / "server.git")
    git(server, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", *options, f"file://{server}", str(clone))

    assert scan(clone).verdict != "clean"
    assert scan(clone, unreachable=True).verdict != "clean"


def partial_clone(server: Path, place: Path, *options: str) -> Path:
    git(server, "config", "uploadpack.allowFilter", "true")
    git(server, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(server.parent, "clone", "-q", *options, f"file://{server}", str(place))
    return place


def fetch_what_is_missing(clone: Path) -> None:
    """Do what the report says."""
    subprocess.run(
        ["bash", "-c", FETCH_MISSING], cwd=clone, check=True, capture_output=True, env=ENVIRONMENT
    )


@pytest.mark.parametrize("kind", [["--bare"], ["--no-checkout"], ["--mirror"]], ids=" ".join)
@pytest.mark.parametrize("how", ["blob:none", "blob:limit=10", "tree:0"])
def test_a_partial_clone_is_read_whole_once_what_it_lacks_is_fetched_as_the_report_says(
    how: str, kind: list[str], tmp_path: Path
) -> None:
    server = history().build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", f"--filter={how}", *kind)
    before = scan(clone)
    assert before.verdict == "incomplete"
    assert before.coverage.never_fetched > 0
    assert "never fetched" in verdict(before)

    fetch_what_is_missing(clone)

    after = scan(clone)
    assert (after.verdict, after.complete) == ("findings", True)
    assert (after.coverage.partial, after.coverage.never_fetched) == (True, 0)


@pytest.mark.parametrize("unreachable", [False, True])
def test_a_partial_clone_that_lacks_nothing_is_clean(unreachable: bool, tmp_path: Path) -> None:
    server = history(hidden=False).build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", "--filter=blob:limit=1g", "--no-checkout")

    result = scan(clone, unreachable=unreachable)

    assert (result.verdict, result.coverage.partial) == ("clean", True)


def test_files_that_a_partial_clone_lacks_are_named(tmp_path: Path) -> None:
    server = history().build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", "--filter=blob:none", "--bare")

    result = scan(clone)

    assert PATH in {each.path for each in result.skipped}
    assert result.coverage.never_fetched == 2, "two of the three have the same content"


@pytest.mark.parametrize("how", ["blob:none", "tree:0"])
def test_what_a_partial_clone_lacks_of_what_no_ref_reaches_is_told_with_unreachable(
    how: str, tmp_path: Path
) -> None:
    made = History()
    made.commit({b"a.py": FINE})
    made.commit({PATH: BAD})
    server = made.build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", f"--filter={how}", "--bare")
    head = git(clone, "symbolic-ref", "HEAD").decode().strip()
    git(clone, "update-ref", head, "HEAD~1")
    fetch_what_is_missing(clone)

    assert scan(clone).verdict == "clean"
    assert scan(clone).coverage.left_out > 0
    within = scan(clone, unreachable=True)
    assert within.verdict == "incomplete"
    assert within.coverage.never_fetched > 0


@pytest.mark.parametrize("kind", ["tree", "tag", "index"])
def test_whatever_names_an_object_that_a_partial_clone_lacks_is_followed(
    kind: str, tmp_path: Path
) -> None:
    server = history(hidden=False).build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", "--filter=blob:limit=1g", "--no-checkout")
    gone = "12" * 20
    if kind == "tree":
        git(clone, "mktree", "--missing", stdin=f"100644 blob {gone}\tx.csv\n".encode())
    elif kind == "tag":
        tag = f"object {gone}\ntype blob\ntag x\ntagger A <a@example.org> 0 +0000\n\nx\n"
        git(clone, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=tag.encode())
    else:
        git(clone, "update-index", "--add", "--cacheinfo", f"100644,{gone},x.csv")

    assert scan(clone).verdict == "clean", "no ref reaches it"
    within = scan(clone, unreachable=True)
    assert (within.verdict, within.coverage.never_fetched) == ("incomplete", 1)


@pytest.mark.parametrize("how", ["cut", "longer than it says", "garbage"])
def test_a_damaged_tag_of_a_partial_clone_keeps_no_other_from_being_followed(
    how: str, tmp_path: Path
) -> None:
    server = history(hidden=False).build(tmp_path / "server.git")
    clone = partial_clone(server, tmp_path / "clone", "--filter=blob:limit=1g", "--bare")
    gone = {name: number * 20 for name, number in (("told", "12"), ("damaged", "34"))}
    written = [
        f"object {one}\ntype blob\ntag {name}\ntagger A <a@example.org> 0 +0000\n\n{randbytes(999).hex()}\n".encode()
        for name, one in gone.items()
    ]
    for tag in written:
        git(clone, "hash-object", "-t", "tag", "-w", "--literally", "--stdin", stdin=tag)
    file = loose_object(clone, object_id("tag", written[1]))
    file.chmod(0o600)
    longer = zlib.compress(b"tag %d\0" % len(written[1]) + written[1] + b"more")
    broken = {"cut": file.read_bytes()[:-300], "longer than it says": longer, "garbage": b"garbage"}
    file.write_bytes(broken[how])

    within = scan(clone, unreachable=True)

    assert (within.verdict, within.coverage.never_fetched) == ("incomplete", 1)
    assert any("damaged" in each.reason for each in within.skipped)


def _no_promise(clone: Path) -> None:
    (clone / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    for promise in (clone / "objects/pack").glob("*.promisor"):
        promise.unlink()


def _no_boundary(clone: Path) -> None:
    (clone / "shallow").unlink()


@pytest.mark.parametrize(
    ("options", "forget"), [("--filter=blob:none", _no_promise), ("--depth=1", _no_boundary)]
)
def test_a_clone_that_forgot_what_it_lacks_is_never_clean(
    options: str, forget: Callable[[Path], None], tmp_path: Path
) -> None:
    server = history().build(tmp_path / "server.git")
    git(server, "config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--bare", options, f"file://{server}", str(clone))
    forget(clone)

    assert scan(clone).verdict == "incomplete"
    assert scan(clone, unreachable=True).verdict == "incomplete"


@pytest.mark.parametrize("unreachable", [False, True])
@pytest.mark.parametrize("gone", ["HEAD~1", "HEAD~1^{tree}", "HEAD~1:output", "HEAD~1:output/t.csv", "HEAD"])  # fmt: skip
@pytest.mark.parametrize("how", ["missing", "empty", "garbage", "a directory"])
def test_no_loose_object_can_be_missing_or_damaged_unnoticed(
    how: str, gone: str, unreachable: bool, tmp_path: Path
) -> None:
    path = history().build(tmp_path / "r.git")
    file = loose_object(path, oid(path, gone))
    file.unlink()
    if how == "a directory":
        file.mkdir()
    elif how != "missing":
        file.write_bytes(b"" if how == "empty" else b"garbage")

    result = scan(path, unreachable=unreachable)

    assert not result.complete
    assert result.verdict == "incomplete" or unreachable


@pytest.mark.parametrize("unreachable", [False, True])
@pytest.mark.parametrize("suffix", ["pack", "idx"])
@pytest.mark.parametrize("how", ["cut", "zeroed", "gone", "empty"])
def test_a_damaged_pack_or_index_is_never_clean(
    how: str, suffix: str, unreachable: bool, tmp_path: Path
) -> None:
    path = history().build(tmp_path / "r.git", packed=True)
    write_blob(path, b"there is one loose object, so that the repository is not empty")
    (file,) = (path / "objects/pack").glob(f"*.{suffix}")
    content = file.read_bytes()
    file.chmod(0o644)
    new = {"cut": content[: len(content) // 2], "zeroed": bytes(len(content)), "empty": b""}
    file.write_bytes(new[how]) if how in new else file.unlink()

    assert scan(path, unreachable=unreachable).verdict != "clean"


def test_a_ref_to_nothing_is_never_clean(tmp_path: Path) -> None:
    for number, text in enumerate(["1" * 40 + "\n", "garbage\n", "", "0" * 40 + "\n"]):
        path = history(hidden=False).build(tmp_path / f"{number}.git")
        (path / "refs/heads/other").write_text(text)

        assert scan(path).verdict == "incomplete", text


def test_a_packed_ref_to_nothing_is_never_clean(tmp_path: Path) -> None:
    path = history(hidden=False).build(tmp_path / "r.git")
    (path / "packed-refs").write_text(f"{'2' * 40} refs/heads/gone\n")

    assert scan(path).verdict == "incomplete"


def test_what_is_missing_is_called_by_its_type(tmp_path: Path) -> None:
    made = history(hidden=False)
    made.tag("v1", "refs/heads/main~1")
    made.tag("v2", "refs/heads/main:a.py")
    made.tag("v3", "refs/tags/v1")
    path = made.build(tmp_path / "r.git")
    blob = write_blob(path, b"only a tag holds it")
    git(path, "tag", "-a", "-m", "of a blob", "v4", blob)
    gone = {oid(path, "refs/tags/v3"): "tag", blob: "blob", head_commit(path): "commit"}
    for each in gone:
        loose_object(path, each).unlink()

    result = scan(path)
    said = {skip.object_id: skip.reason for skip in result.skipped if "missing" in skip.reason}

    assert said == {each: f"{kind} missing" for each, kind in gone.items()}
    assert {kind: count.missing for kind, count in result.coverage.objects.items()} == {
        "commit": 1, "tree": 0, "blob": 1, "tag": 1,
    }  # fmt: skip


def _tag_of_blob(made: History, bad: str) -> None:
    made.tag("blob", bad)


def _light_tag_of_blob(made: History, bad: str) -> None:
    made.ref(b"refs/tags/light", bad)


def _tag_of_tree(made: History, bad: str) -> None:
    made.tag("tree", bad.partition(":")[0] + "^{tree}")


def _odd_ref(made: History, bad: str) -> None:
    made.ref(b"refs/odd/x", bad)


def _pull(made: History, bad: str) -> None:
    made.ref(b"refs/pull/7/head", bad.partition(":")[0])


def _detached(made: History, bad: str) -> None:
    made.ref(b"refs/fetched/" + b"1" * 40, bad.partition(":")[0])


@pytest.mark.parametrize(
    "hide", [_tag_of_blob, _light_tag_of_blob, _tag_of_tree, _odd_ref, _pull, _detached]
)
def test_every_kind_of_ref_is_followed(
    hide: Callable[[History, str], None], tmp_path: Path
) -> None:
    made = history(hidden=False)
    bad = made.commit({PATH: BAD}, ref=b"refs/heads/bad", parents=[])
    hide(made, f"{{{bad}}}:{PATH.decode()}")
    made.forget(b"refs/heads/bad")

    assert scan(made.build(tmp_path / "r.git")).verdict == "findings"


def test_a_note_and_a_stash_with_its_untracked_files_are_read(tmp_path: Path) -> None:
    noted, stashed = history(hidden=False), history(hidden=False)
    noted.note(1, BAD)
    stashed.stash({b"a.py": b"x\n"}, base=1, untracked={PATH: BAD})

    assert scan(noted.build(tmp_path / "n.git")).verdict == "findings"
    assert scan(stashed.build(tmp_path / "s.git")).verdict == "findings"


def test_what_only_an_index_a_reflog_or_a_dangling_commit_holds_is_found_if_asked(
    tmp_path: Path,
) -> None:
    path = history(hidden=False).build(tmp_path / "r", bare=False)
    (path / "output").mkdir()
    (path / PATH.decode()).write_bytes(BAD)
    git(path, "add", "output")
    assert scan(path, unreachable=True).verdict == "findings"
    git(path, "commit", "-q", "-m", "oops")
    git(path, "reset", "-q", "--hard", "HEAD~1")

    assert scan(path).coverage.left_out > 0
    assert scan(path, unreachable=True).verdict == "findings"


def test_a_submodule_is_said_not_to_be_scanned(tmp_path: Path) -> None:
    made = history(hidden=False)
    made.commit({b"lib": Gitlink()})
    made.commit({b"lib": None})
    path = made.build(tmp_path / "r.git")

    result = scan(path)

    assert result.verdict == "incomplete"
    assert [(skip.path, skip.reason) for skip in result.skipped] == [
        (b"lib", "submodule: another repository, which was not scanned")
    ]
    loose_object(path, oid(path, "HEAD~3^{tree}")).unlink()  # so that git cannot walk
    assert result.skipped[0] in scan(path).skipped


def test_a_link_whose_target_is_a_table_is_found(tmp_path: Path) -> None:
    made = history(hidden=False)
    made.commit({b"link": Symlink(BAD)})

    assert scan(made.build(tmp_path / "r.git")).verdict == "findings"


def test_an_unborn_head_hides_no_branch(tmp_path: Path) -> None:
    path = history().build(tmp_path / "r.git", head=b"refs/heads/unborn")

    assert scan(path).verdict == "findings"
