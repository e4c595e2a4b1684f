"""Traps of rewriting that no other file of tests has met, by the numbers of the collection of them.

Each is laid on a server, and mirror, plan, rewrite, proof and push have to come through it;
`test_rewrite_traps_covered.py` says where the others are.
"""

import gzip
import os
import shutil
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from breachkit.actions.edits import Edits, Wording
from breachkit.actions.rewrite import plan_rewrite, require_work
from breachkit.git import process
from breachkit.git.facts import gather_facts
from breachkit.git.filter_repo import rewrite
from breachkit.git.mirror import UnfitMirrorError, make_mirror, require_fit
from breachkit.git.proof import prove
from breachkit.git.push import push
from breachkit.model.errors import BreachkitError, RefusedError
from breachkit.model.ids import RefName
from tests.support.gitrepo import (
    Gitlink,
    History,
    blob_oid,
    git,
    oid,
    refs,
    write_blob,
)
from tests.support.rewriting import (
    BAD,
    Rewrite,
    commit_raw,
    files,
    objects,
    raw,
    rewrite_server,
    without,
)


MAIN = "refs/heads/main"
OUT = b"out/a.csv"


def came_through(result: Rewrite) -> Rewrite:
    """Absence, identity of all else worked out apart from the proof, and the proof."""
    assert not objects(result.target) & set(result.plan.bad)
    for old, new in result.new_ids.items():
        assert files(result.target, new) == without(files(result.server, old), result.plan.bad)
    proof = prove(result.mirror.path, result.target, result.plan, result.done)
    assert proof.ok, proof.failures
    return result


def three(content: bytes = BAD, path: bytes = OUT) -> History:
    """The history that most traps are laid in: c1, c2 with the bad file, c3."""
    history = History()
    history.commit({b"code.py": b"one"})
    history.commit({path: content})
    history.commit({b"code.py": b"two"})
    return history


def laid(folder: Path, *, bare: bool = True) -> tuple[Path, str]:
    server = three().build(folder / "server", bare=bare)
    return server, blob_oid(server, BAD)


# --- what holds the file beside the history --------------------------------------------------


def test_trap_05_a_commit_put_in_the_place_of_another_is_not_baked_in(tmp_path: Path):
    server, bad = laid(tmp_path)
    root = oid(server, f"{MAIN}~2")
    tree = oid(server, f"{root}^{{tree}}")
    other = git(server, "commit-tree", tree, "-m", "another root").decode().strip()
    git(server, "replace", root, other)

    result = came_through(rewrite_server(server, [bad], tmp_path))

    real = {"GIT_NO_REPLACE_OBJECTS": "1"}
    assert git(result.target, "rev-parse", f"{MAIN}~2", env=real).decode().strip() == root
    assert result.new_ref(f"refs/replace/{root}".encode()) == other


def test_trap_06_the_head_of_a_linked_work_tree_is_left_behind(tmp_path: Path):
    server, bad = laid(tmp_path, bare=False)
    git(server, "worktree", "add", "-q", "--detach", str(tmp_path / "wt"), "HEAD~1")

    result = came_through(rewrite_server(server, [bad], tmp_path))

    assert not (result.target / "worktrees").exists()
    assert (tmp_path / "wt" / "out" / "a.csv").read_bytes() == BAD


def test_trap_07_a_pack_that_the_server_keeps_for_ever_is_not_copied_as_one(tmp_path: Path):
    server, bad = laid(tmp_path)
    git(server, "repack", "-adq")
    (pack,) = (server / "objects" / "pack").glob("*.pack")
    pack.with_suffix(".keep").touch()

    result = came_through(rewrite_server(server, [bad], tmp_path))

    assert not list((result.mirror.path / "objects" / "pack").glob("*.keep"))
    with pytest.raises(UnfitMirrorError, match=r"\.keep"):
        require_fit(server)


def test_trap_10_a_file_that_is_only_staged_is_in_no_mirror(tmp_path: Path):
    server, bad = laid(tmp_path, bare=False)
    (server / "staged.csv").write_bytes(b"only staged,1\n")
    git(server, "add", "staged.csv")

    result = came_through(rewrite_server(server, [bad], tmp_path))

    staged = blob_oid(server, b"only staged,1\n")
    assert staged not in objects(result.mirror.path)
    with pytest.raises(RefusedError, match="nothing to rewrite"):
        require_work(plan_rewrite(gather_facts(result.mirror.path, [staged])))


def test_trap_11_conflicts_that_the_server_remembers_are_in_no_mirror(tmp_path: Path):
    server, bad = laid(tmp_path)
    (server / "rr-cache" / "a").mkdir(parents=True)
    (server / "rr-cache" / "a" / "preimage").write_bytes(BAD)

    result = came_through(rewrite_server(server, [bad], tmp_path))

    for place in (result.mirror.path, result.target):
        assert not (place / "rr-cache").exists()
        assert not any(BAD in each.read_bytes() for each in place.rglob("*") if each.is_file())


@pytest.mark.parametrize("used_at_the_end", [True, False])
def test_trap_12_the_pointer_to_a_large_file_goes_whether_or_not_they_are_still_used(
    tmp_path: Path, used_at_the_end
):
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n" % (b"a" * 64)
    history = History()
    history.commit({b".gitattributes": b"*.csv filter=lfs\n", OUT: pointer})
    if not used_at_the_end:
        history.commit({b".gitattributes": None})
    server = history.build(tmp_path / "server")
    (server / "lfs" / "objects" / "aa").mkdir(parents=True)
    (server / "lfs" / "objects" / "aa" / "content").write_bytes(BAD)

    result = came_through(rewrite_server(server, [blob_oid(server, pointer)], tmp_path))

    assert not (result.target / "lfs").exists()
    (result.target / "lfs").mkdir()
    assert not prove(result.mirror.path, result.target, result.plan, result.done).ok


def test_trap_13_a_submodule_beside_large_files_is_no_trouble(tmp_path: Path):
    history = History()
    history.commit({b".gitattributes": b"*.csv filter=lfs\n", b"module": Gitlink(), OUT: BAD})
    server = history.build(tmp_path / "server")

    result = came_through(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert files(result.target, MAIN)[b"module"] == (b"160000", "1" * 40)


def test_trap_15_words_in_the_names_of_branches_are_told_as_a_rewrite_leaves_them(tmp_path: Path):
    server, bad = laid(tmp_path)
    git(server, "branch", "a-9434765919", "main")
    edits = Edits(wordings=(Wording(find=b"9434765919"),))

    result = rewrite_server(server, [bad], tmp_path, edits)

    assert result.plan.telling_refs == (b"refs/heads/a-9434765919",)


# --- what a clone, its settings and its surroundings are like ------------------------------------


def test_trap_17_a_partial_clone_is_no_server_to_rewrite(tmp_path: Path):
    server, _ = laid(tmp_path)
    git(server, "config", "uploadpack.allowFilter", "true")
    part = tmp_path / "part.git"
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{server}", str(part))
    shutil.rmtree(server)

    with pytest.raises(BreachkitError):
        make_mirror(str(part), tmp_path / "mirror.git")
    with pytest.raises(UnfitMirrorError):
        require_fit(part)
    assert not (tmp_path / "mirror.git").exists()


def test_trap_21_settings_of_several_lines_are_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    server, bad = laid(tmp_path)
    alias = "!f(){\n:;}; f"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / ".gitconfig").write_text('[alias]\n\tx = "!f(){\\n:;}; f"\n')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    git(server, "config", "alias.x", alias)
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    git(mirror.path, "config", "alias.x", alias)

    came_through(rewrite_server(server, [bad], tmp_path))


def test_trap_22_a_repository_named_in_the_environment_is_not_the_one_that_is_rewritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    server, bad = laid(tmp_path)
    other = History()
    other.commit({b"x": b"x"})
    elsewhere = other.build(tmp_path / "elsewhere", bare=False)
    before = refs(elsewhere)
    for name, value in {
        "GIT_DIR": elsewhere / ".git",
        "GIT_WORK_TREE": elsewhere,
        "GIT_INDEX_FILE": elsewhere / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": elsewhere / ".git" / "objects",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": elsewhere / ".git" / "objects",
    }.items():
        monkeypatch.setenv(name, str(value))

    result = came_through(rewrite_server(server, [bad], tmp_path))

    assert push(str(server), result.target, result.done, result.mirror.leases).complete
    assert refs(elsewhere) == before
    assert bad not in objects(elsewhere)


def test_trap_23_refs_that_differ_only_in_case_stay_apart(tmp_path: Path):
    history = three()
    history.commit({b"x": b"x"}, ref=b"refs/heads/Main", parents=[2])
    history.tag("V1", 2)
    history.tag("v1", 3)
    server = history.build(tmp_path / "server", packed=True)

    result = came_through(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert set(refs(result.target)) == set(refs(server))
    assert len(set(refs(result.target).values())) == 4


def test_trap_24_line_ends_of_windows_change_nothing(tmp_path: Path):
    table = BAD.replace(b"\n", b"\r\n")
    history = three(table)
    history.commit({b".gitattributes": b"* text=auto eol=crlf\n", b"other.csv": BAD})
    server = history.build(tmp_path / "server")
    mirror = make_mirror(str(server), tmp_path / "mirror.git")
    git(mirror.path, "config", "core.autocrlf", "true")

    result = came_through(rewrite_server(server, [blob_oid(server, table)], tmp_path))

    assert b"other.csv" in files(result.target, MAIN)


def workbook() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", BAD)
    return made.getvalue()


@pytest.mark.parametrize(
    "content",
    [BAD.decode().encode("utf-16"), gzip.compress(BAD, mtime=0), workbook()],
    ids=["utf-16", "gzip", "xlsx"],
)
def test_trap_25_files_that_are_no_plain_text_go_like_any_other(tmp_path: Path, content: bytes):
    server = three(content).build(tmp_path / "server")

    came_through(rewrite_server(server, [blob_oid(server, content)], tmp_path))


# --- what a rewrite makes of histories ---------------------------------------------------------


def test_trap_27_a_commit_in_another_encoding_that_need_not_change_keeps_its_id(tmp_path: Path):
    history = History()
    history.commit({b"code.py": b"one"})
    server = history.build(tmp_path / "server")
    head, _, _ = raw(server, MAIN).partition(b"\n\n")
    odd = head + b"\nencoding ISO-8859-1\nHG:extra branch:x\n\nd\xe9j\xe0 vu"
    first = commit_raw(server, odd, MAIN)
    entry = f"100644 blob {write_blob(server, BAD)}\ta.csv\n".encode()
    tree = git(server, "mktree", stdin=entry).decode().strip()
    made = git(server, "commit-tree", tree, "-p", first, "-m", "bad").decode().strip()
    git(server, "update-ref", MAIN, made)

    result = came_through(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert oid(result.target, f"{MAIN}~1") == first


def test_trap_33_long_numbers_in_messages_stay_as_they_are(tmp_path: Path):
    history = three()
    history.commit({b"x": b"x"}, message="call 9434765919, see 0000000 and 1234567")
    server = history.build(tmp_path / "server")

    result = came_through(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert raw(result.target, MAIN).endswith(b"call 9434765919, see 0000000 and 1234567")
    assert (result.plan.traces.messages, result.plan.traces.elsewhere) == (0, 0)


def test_trap_34_two_rewrites_in_one_process_come_out_the_same(tmp_path: Path):
    server, bad = laid(tmp_path)
    first = came_through(rewrite_server(server, [bad], tmp_path))
    another = three(b"another,1\n").build(tmp_path / "another")
    (tmp_path / "b").mkdir()
    came_through(rewrite_server(another, [blob_oid(another, b"another,1\n")], tmp_path / "b"))

    again = rewrite(first.mirror.path, first.plan, tmp_path / "again.git")

    assert again == first.done


def test_trap_38_hundreds_of_annotated_tags_take_no_process_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    history = three()
    for number in range(40):
        history.tag(f"t{number}", 2 + number % 2)
    few = history.build(tmp_path / "few")
    bad = blob_oid(few, BAD)
    many = few.rename(tmp_path / "many")
    template = raw(many, "refs/tags/t0", "tag")
    started: list[str] = []
    honest = process._start

    def counting(args, **options):
        started.append(str(args[0]))
        return honest(args, **options)

    monkeypatch.setattr(process, "_start", counting)
    (tmp_path / "a").mkdir()
    came_through(rewrite_server(many, [bad], tmp_path / "a"))
    with_forty = len(started)
    made = [template.replace(b"tag t0", b"tag u%d" % number) for number in range(360)]
    write = ("hash-object", "-w", "-t", "tag", "--stdin", "--literally")
    names = [git(many, *write, stdin=each).decode().strip() for each in made[:60]]
    commands = "".join(f"create refs/tags/u{at} {one}\n" for at, one in enumerate(names))
    git(many, "update-ref", "--stdin", stdin=commands.encode())
    started.clear()
    (tmp_path / "b").mkdir()

    came_through(rewrite_server(many, [bad], tmp_path / "b"))

    assert len(started) == with_forty


def test_trap_39_what_an_earlier_filter_repo_left_asks_nobody_anything(tmp_path: Path):
    server, bad = laid(tmp_path)
    left = server / "filter-repo"
    left.mkdir()
    (left / "already_ran").touch()
    long_ago = time.time() - 2 * 86_400
    os.utime(left / "already_ran", (long_ago, long_ago))

    first = came_through(rewrite_server(server, [bad], tmp_path))
    shutil.copytree(left, first.mirror.path / "filter-repo", copy_function=shutil.copy2)
    again = rewrite(first.mirror.path, first.plan, tmp_path / "again.git")

    assert again == first.done


def test_trap_42_neither_plan_nor_rewrite_leaves_the_content_in_clear(tmp_path: Path):
    secret = b"".join(b"practice %d,9434765919,%d\n" % (line, line) for line in range(50))
    server = three(secret).build(tmp_path / "server", packed=True)

    result = came_through(rewrite_server(server, [blob_oid(server, secret)], tmp_path))

    places = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in places if b"9434765919" in path.read_bytes()]
    assert not list(result.target.rglob("fast-export*"))
    assert not list(result.target.rglob("commit-map"))


def test_trap_49_pull_requests_are_counted_however_the_server_was_cloned(tmp_path: Path):
    history = three()
    for number in (1, 2, 3):
        ref = b"refs/pull/%d/head" % number
        history.commit({b"x": b"%d" % number}, ref=ref, parents=[2 if number < 3 else 1])
    server = history.build(tmp_path / "server")

    result = came_through(rewrite_server(server, [blob_oid(server, BAD)], tmp_path))

    assert result.plan.pull_requests == (1, 2)
    changed = {ref.name for ref in result.done.changes}
    assert changed == {b"refs/pull/1/head", b"refs/pull/2/head", RefName(MAIN.encode())}
