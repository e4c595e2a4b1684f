"""Where git is killed while it writes, what it did not write is not taken for nothing."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from breachkit.actions.edits import NO_EDITS
from breachkit.git.changes import read_changes
from breachkit.git.history import read_history
from breachkit.git.objects import list_objects
from breachkit.git.process import GitCommandError
from breachkit.git.refs import list_refs
from breachkit.git.repository import open_repository
from breachkit.git.trees import tree_entries
from breachkit.git.whereabouts import read_commits
from breachkit.model.ids import ObjectId
from tests.support.gitrepo import History, blob_oid


Killing = Callable[[str, int], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    history = History()
    history.commit({b"a.csv": b"a", b"folder/b.csv": b"b"})
    history.commit({b"a.csv": b"c"})
    return history.build(tmp_path / "r.git", packed=True)


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Killing:
    """Let git die after so many bytes of whatever is given a certain option."""

    def set_up(option: str, count: int) -> None:
        folder = tmp_path / f"bin-{count}"
        folder.mkdir()
        real = shutil.which("git")
        (folder / "git").write_text(
            f'#!/bin/sh\nfor each; do if [ "$each" = "{option}" ]; then\n'
            f'"{real}" "$@" | head -c {count}; kill -9 $$; fi; done\nexec "{real}" "$@"\n'
        )
        (folder / "git").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    return set_up


@pytest.mark.parametrize("count", [30, 43, 100])
def test_objects_that_git_did_not_come_to_list_are_complained_of(
    path: Path, killed: Killing, count: int
) -> None:
    killed("--batch-all-objects", count)
    with open_repository(str(path)) as repository:
        found = list_objects(repository)

    assert found.complaints
    assert all(entry.size < 1000 for entry in found.entries)


@pytest.mark.parametrize("count", [5, 60, 300, 380, 420, 470, 520])
def test_a_history_that_git_did_not_write_to_its_end_is_walked(
    path: Path, killed: Killing, count: int
) -> None:
    with open_repository(str(path)) as repository:
        refs, objects = list_refs(repository), list_objects(repository)
        whole = read_history(repository, refs, objects)
        killed("--raw", count)
        found = read_history(repository, refs, objects)

    assert found.commits == whole.commits
    assert set(found.changes) == set(whole.changes)


@pytest.mark.parametrize("count", [5, 60, 100, 150, 200])
def test_no_plan_is_made_of_half_a_history(path: Path, killed: Killing, count: int) -> None:
    bad = [ObjectId(blob_oid(path, b"a"))]
    killed("--raw", count)

    with pytest.raises(GitCommandError):
        read_changes(path, bad, NO_EDITS, notes=False)
    with pytest.raises(GitCommandError):
        read_commits(path, bad)


@pytest.mark.parametrize("count", [5, 52, 60, 70])
def test_no_tree_is_listed_by_half(path: Path, killed: Killing, count: int) -> None:
    killed("ls-tree", count)
    with open_repository(str(path)) as repository, pytest.raises(GitCommandError):
        list(tree_entries(repository, "HEAD"))
