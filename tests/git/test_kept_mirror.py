"""A kept copy holds what the server shows, and nothing that it let go of, whenever it was killed."""

import pytest

from breachkit.git.kept_mirror import ask, refresh
from breachkit.git.mirror import local_refs
from breachkit.git.process import run_git
from tests.support.gitrepo import History, blob_oid, git


BAD = b"group,patients\na,3\n"
BRANCHES = 40


def build(path, table):
    history = History()
    root = history.commit({b"table.csv": table})
    for number in range(BRANCHES):
        history.commit({b"n.txt": b"%d" % number}, ref=b"refs/heads/b%d" % number, parents=[root])
    return history.build(path)


@pytest.fixture
def server(tmp_path):
    return build(tmp_path / "server.git", BAD)


@pytest.fixture
def copy(server, tmp_path):
    folder = tmp_path / "kept"
    update(server, folder)
    return folder


def update(server, folder):
    url = server.as_uri()
    return refresh(url, folder, ask(url))


def rewrite(server):
    """Let the server have another history under the names of its refs."""
    other = build(server.with_name("other.git"), b"group,patients\na,[REDACTED]\n")
    git(server, "fetch", "--quiet", "--force", str(other), "+refs/*:refs/*")


def holds(folder):
    return (
        git(folder, "cat-file", "--batch-check", stdin=blob_oid(folder, BAD).encode()).split()[-1]
        != b"missing"
    )


def test_what_a_rewritten_history_let_go_of_is_deleted(server, copy):
    assert holds(copy)
    rewrite(server)
    update(server, copy)

    assert not holds(copy)


def test_what_was_let_go_of_is_deleted_by_the_next_visit_where_this_one_was_killed(
    server, copy, monkeypatch
):
    rewrite(server)

    def killed_before_deleting(args, **more):
        if args[0] in {"rev-list", "gc"}:
            raise KeyboardInterrupt
        return run_git(args, **more)

    with monkeypatch.context() as patched:
        patched.setattr("breachkit.git.kept_mirror.run_git", killed_before_deleting)
        with pytest.raises(KeyboardInterrupt):
            update(server, copy)
    assert holds(copy)
    update(server, copy)  # the refs are the server's already

    assert not holds(copy)


def test_no_process_is_started_for_each_ref_that_moved(server, copy, monkeypatch):
    rewrite(server)
    started: list[object] = []

    def counted(function):
        def counting(*args, **more):
            started.append(args[0])
            return function(*args, **more)

        return counting

    monkeypatch.setattr("breachkit.git.kept_mirror.run_git", counted(run_git))
    monkeypatch.setattr("breachkit.git.kept_mirror.local_refs", counted(local_refs))
    update(server, copy)

    assert len(started) < 10


def test_a_copy_whose_refs_only_went_on_is_not_packed_anew(server, copy, monkeypatch):
    for number in range(BRANCHES):
        tip = git(server, "rev-parse", f"b{number}").strip().decode()
        tree = git(server, "rev-parse", f"b{number}^{{tree}}").strip().decode()
        later = git(server, "commit-tree", "-p", tip, "-m", "later", tree).strip().decode()
        git(server, "update-ref", f"refs/heads/b{number}", later)
    started: list[object] = []

    def noted(args, **more):
        started.append(args[0])
        return run_git(args, **more)

    monkeypatch.setattr("breachkit.git.kept_mirror.run_git", noted)
    update(server, copy)

    assert "fetch" in started
    assert "gc" not in started
