"""What can be opened, what cannot, and what is said then."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from breachkit.git.process import run_git
from breachkit.git.refs import read_head
from breachkit.git.repository import open_repository
from breachkit.model.errors import ConfigurationError, IncompleteError
from tests.support.gitrepo import ENVIRONMENT, History, blob_oid, git, head_commit
from tests.support.reading import reading


CONTENT = b"n\n3\n"


@pytest.fixture
def history() -> History:
    history = History()
    first = history.commit({b"out/a.csv": CONTENT})
    history.commit({b"out/a.csv": None, b"README": b"clean\n"})
    history.ref(b"refs/pull/1/head", first)
    return history


def assert_found(target: Path | str, path: Path) -> None:
    with reading(target) as found:
        assert found.paths(blob_oid(path, CONTENT)) == {b"out/a.csv"}
        assert {ref.name for ref in found.refs} == {b"refs/heads/main", b"refs/pull/1/head"}


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_bare_repositories_and_work_trees_are_read(
    history: History, tmp_path: Path, object_format: str, bare: bool, packed: bool
) -> None:
    path = history.build(tmp_path / "r", bare=bare, object_format=object_format, packed=packed)

    assert_found(path, path)
    with open_repository(str(path)) as repository:
        assert repository.object_format == object_format
        assert read_head(repository).commit == head_commit(path)


def test_a_git_directory_and_a_file_url_are_read_in_place(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "with space", bare=False)

    assert_found(path / ".git", path)
    assert_found(f"file://{str(path).replace(' ', '%20')}", path)


def test_a_bundle_is_read_with_all_its_refs(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(path, "bundle", "create", str(tmp_path / "all.bundle"), "--all")

    assert_found(tmp_path / "all.bundle", path)


def test_a_relative_path_is_read(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = history.build(tmp_path / "r", bare=False)
    monkeypatch.chdir(path)

    assert_found(".", path)


def test_a_path_that_looks_like_a_remote_is_a_path_if_it_exists(
    history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.build(tmp_path / "host:repo")
    monkeypatch.chdir(tmp_path)

    assert_found("host:repo", tmp_path / "host:repo")


def test_every_linked_work_tree_is_seen_from_every_other(tmp_path: Path) -> None:
    history = History()
    history.commit({b"a": b"a"})
    main = history.build(tmp_path / "main", bare=False)
    linked = tmp_path / "linked"
    git(main, "worktree", "add", "-q", "--detach", str(linked))
    (linked / "only-here.csv").write_bytes(CONTENT)
    git(linked, "add", ".")
    git(linked, "commit", "-q", "-m", "on no branch")
    git(linked, "update-ref", "refs/bisect/bad", head_commit(linked))
    git(main, "checkout", "-q", "--detach")
    (main / "main.csv").write_bytes(b"of main")
    git(main, "add", ".")
    git(main, "commit", "-q", "-m", "on no branch either")

    for target, tree in ((main, main), (linked, linked)):
        with reading(target) as found:
            assert found.paths(blob_oid(main, CONTENT)) == {b"only-here.csv"}
            assert found.paths(blob_oid(main, b"of main")) == {b"main.csv"}
            assert read_head(found.repository).commit == head_commit(tree)
            at_head = found.attribute(blob_oid(main, CONTENT)).reach == "head"
            assert at_head == (target is linked)
            assert b"worktrees/linked/refs/bisect/bad" in {ref.name for ref in found.refs}


def test_a_submodule_is_read_through_its_git_file(history: History, tmp_path: Path) -> None:
    inner = history.build(tmp_path / "inner.git")
    outer = History()
    outer.commit({b"a": b"a"})
    path = outer.build(tmp_path / "outer", bare=False)
    git(path, "submodule", "--quiet", "add", str(inner), "sub")

    with reading(path / "sub") as found:
        assert found.paths(blob_oid(inner, CONTENT)) == {b"out/a.csv"}


def test_a_shallow_clone_says_so(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{path}", "shallow")

    with reading(tmp_path / "shallow") as found:
        assert found.repository.is_shallow
        assert not found.reachable.missing
        assert len(found.history.commits) == 1


def test_a_partial_clone_says_so_and_fetches_nothing(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(path, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--bare", "--filter=blob:none", f"file://{path}", "partial")
    before = git(tmp_path / "partial", "count-objects", "-v")

    with reading(tmp_path / "partial") as found:
        assert found.repository.is_partial
        assert blob_oid(path, CONTENT) in found.reachable.missing
        assert found.paths(blob_oid(path, CONTENT)) == {b"out/a.csv"}
    assert git(tmp_path / "partial", "count-objects", "-v") == before
    git(tmp_path / "partial", "config", "--remove-section", "remote.origin")
    with open_repository(str(tmp_path / "partial")) as repository:
        assert repository.is_partial, "its packs still say so"


def test_a_single_branch_clone_is_no_partial_one(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(tmp_path, "clone", "-q", "--single-branch", f"file://{path}", "clone")

    with open_repository(str(tmp_path / "clone")) as repository:
        assert not repository.is_partial
        assert not repository.is_shallow


def test_credentials_are_in_no_name(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(path, "config", "remote.origin.url", "https://ada:secret@example.org/x.git")

    with open_repository(str(path)) as repository:
        assert repository.origin_url == "https://example.org/x.git"


def test_only_the_owner_may_look_into_the_private_directory(
    history: History, tmp_path: Path
) -> None:
    path = history.build(tmp_path / "r.git")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    with open_repository(str(path), scratch=scratch):
        (private,) = scratch.iterdir()
        assert stat.S_IMODE(private.stat().st_mode) == 0o700


def stop_inside(target: str, scratch: Path, trouble: type[BaseException]) -> None:
    with open_repository(target, scratch=scratch):
        assert list(scratch.iterdir())
        raise trouble


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, RuntimeError, SystemExit])
def test_nothing_is_left_behind_however_it_ends(
    history: History, tmp_path: Path, trouble: type[BaseException]
) -> None:
    path = history.build(tmp_path / "r.git")
    git(path, "bundle", "create", str(tmp_path / "b.bundle"), "--all")
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    for target in (path, tmp_path / "b.bundle"):
        with pytest.raises(trouble):
            stop_inside(str(target), scratch, trouble)
        assert not list(scratch.iterdir())
    assert blob_oid(path, CONTENT)


def test_a_lock_that_somebody_holds_does_not_matter_to_a_reader(
    history: History, tmp_path: Path
) -> None:
    path = history.build(tmp_path / "r", bare=False)
    for name in ("index.lock", "packed-refs.lock", "refs/heads/main.lock", "HEAD.lock"):
        (path / ".git" / name).touch()

    assert_found(path, path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_repository_of_another_owner_is_read(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    for part in [path, *path.rglob("*")]:
        os.chown(part, 12345, 12345)

    assert_found(path, path)


def refusal(target: Path | str) -> str:
    with pytest.raises(ConfigurationError) as caught, open_repository(str(target)):
        pass
    return str(caught.value)


def test_what_is_no_repository_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    git(tmp_path, "init", "-q", "unborn")

    assert "does not exist: check" in refusal(tmp_path / "nowhere")
    assert "no git repository: name" in refusal(tmp_path / "empty")
    assert "neither a git bundle nor a repository" in refusal(tmp_path / "file.txt")
    assert "holds no objects" in refusal(tmp_path / "unborn")
    assert "no target" in refusal("")


def test_a_folder_inside_a_work_tree_is_not_taken_for_the_whole(
    history: History, tmp_path: Path
) -> None:
    path = history.build(tmp_path / "r", bare=False)
    (path / "sub").mkdir()

    assert f"lies inside the repository {path}: scan that one" in refusal(path / "sub")


def test_a_damaged_repository_is_refused_with_advice(history: History, tmp_path: Path) -> None:
    def broken(name: str) -> Path:
        return history.build(tmp_path / name)

    head = broken("head")
    (head / "HEAD").write_bytes(b"\x00garbage")
    assert "HEAD is damaged: write the branch" in refusal(head)
    outside = broken("outside")
    (outside / "HEAD").write_bytes(b"ref: refs/../../../etc/passwd\n")
    assert "HEAD is damaged" in refusal(outside)
    dangling = broken("dangling")
    (dangling / "objects").rename(tmp_path / "moved")
    (dangling / "objects").symlink_to(tmp_path / "nowhere")
    assert "damaged git repository" in refusal(dangling)
    config = broken("config")
    (config / "config").write_text("[core\n")
    assert "config is damaged" in refusal(config)
    extension = broken("extension")
    (extension / "config").write_text("[core]\nrepositoryformatversion=1\n[extensions]\nnews=1\n")
    assert "extensions of git's format that breachkit does not know: news" in refusal(extension)
    gone = tmp_path / "gone"
    gone.mkdir()
    (gone / ".git").write_text(f"gitdir: {tmp_path}/nowhere\n")
    assert "points to a git directory that is gone" in refusal(gone)


@pytest.mark.parametrize("part", ["HEAD", "commondir", "worktrees/x/HEAD"])
def test_a_folder_in_the_place_of_a_file_is_refused_with_advice(
    history: History, tmp_path: Path, part: str
) -> None:
    path = history.build(tmp_path / "r.git")
    (path / part).unlink(missing_ok=True)
    (path / part).mkdir(parents=True)
    target = path
    if part.startswith("worktrees"):
        (path / "worktrees" / "x" / "commondir").write_text("../..\n")
        target = tmp_path / "tree"
        target.mkdir()
        (target / ".git").write_text(f"gitdir: {path}/worktrees/x\n")

    assert "cannot be read (Is a directory): run as a user who may" in refusal(target)


def test_a_reftable_needs_a_git_that_reads_it(history: History, tmp_path: Path) -> None:
    path = history.build(tmp_path / "r.git")
    git(path, "config", "core.repositoryFormatVersion", "1")
    (path / "config").write_text(
        "[core]\nrepositoryformatversion=1\nbare=true\n[extensions]\nrefStorage=reftable\n"
    )
    if run_git(["version"]).stdout.split()[2] >= b"2.45":
        pytest.skip("this git reads reftables")

    assert "install git 2.45 or newer" in refusal(path)


def test_a_bundle_that_is_not_whole_is_refused_with_advice(
    history: History, tmp_path: Path
) -> None:
    path = history.build(tmp_path / "r.git")
    part, cut = tmp_path / "part.bundle", tmp_path / "cut.bundle"
    git(path, "bundle", "create", str(part), "main~1..main")
    git(path, "bundle", "create", str(cut), "--all")
    cut.write_bytes(cut.read_bytes()[:-40])

    assert "make a full bundle" in refusal(part)
    assert "is damaged: make it again" in refusal(cut)


@pytest.mark.parametrize("url", ["ext::sh -c date", "fd::17", "foo://x/y", "file://host/x"])
def test_a_kind_of_url_that_could_run_commands_is_refused(url: str) -> None:
    assert refusal(url)


def test_a_server_that_does_not_answer_is_a_reason_to_run_again() -> None:
    for url in ("git://127.0.0.1:1/x.git", "https://ada:secret@127.0.0.1:1/x.git"):
        with (
            pytest.raises(IncompleteError, match="run the command again") as caught,
            open_repository(url),
        ):
            pass
        assert "secret" not in str(caught.value)


def test_a_git_server_is_mirrored_with_its_hidden_pull_requests(
    history: History, tmp_path: Path
) -> None:
    path = history.build(tmp_path / "r.git")
    (path / "git-daemon-export-ok").touch()
    port = 20_000 + os.getpid() % 20_000
    daemon = subprocess.Popen(
        ["git", "daemon", "--reuseaddr", "--listen=127.0.0.1", f"--port={port}",
         f"--base-path={tmp_path}", "--verbose"],
        env={**ENVIRONMENT, "HOME": str(tmp_path)}, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert daemon.stderr is not None
        assert b"Ready to rumble" in daemon.stderr.readline()
        assert_found(f"git://127.0.0.1:{port}/r.git", path)
        assert "no repository there" in refusal(f"git://127.0.0.1:{port}/none.git")
    finally:
        daemon.terminate()
        daemon.wait()
        assert daemon.stderr is not None
        daemon.stderr.close()
