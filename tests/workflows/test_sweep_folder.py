"""A folder of repositories is swept as far as it can be looked into, and what cannot is said."""

import errno
import os
from pathlib import Path

import pytest

from breachkit.actions.sweeping import Standing
from breachkit.incident.disk import ReadOnlyCaseError
from breachkit.workflows.sweep_list import NothingToSweepError
from breachkit.workflows.sweep_targets import in_folder
from tests.support.sweeping import Sweeper, reasons, standings


@pytest.fixture
def sweeper(tmp_path):
    return Sweeper(tmp_path)


def shut(monkeypatch, folder):
    """Let nobody look into a folder, as its mode would for anybody but root."""
    scan, look = Path.iterdir, Path.lstat

    def is_inside(place):
        return place.is_relative_to(folder)

    def listed(place):
        if is_inside(place):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return scan(place)

    def looked_at(place):
        if is_inside(place) and place != folder:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return look(place)

    monkeypatch.setattr(Path, "iterdir", listed)
    monkeypatch.setattr(Path, "lstat", looked_at)


def test_a_folder_that_nobody_may_look_into_fails_and_keeps_no_other_away(sweeper, monkeypatch):
    sweeper.repository("a")
    (sweeper.place / "lost+found").mkdir()
    with monkeypatch.context() as patched:
        shut(patched, sweeper.place / "lost+found")
        targets = in_folder(sweeper.place)
    result = sweeper(targets=targets)

    assert standings(result) == {"a": "scanned", "lost+found": "failed"}
    assert "cannot be looked into: Permission denied" in reasons(result)["lost+found"]
    assert result.sweep.exit_code != 0


def test_a_repository_in_a_folder_that_was_shut_since_is_not_called_gone(sweeper, monkeypatch):
    sweeper.repository("a")
    (sweeper.place / "team").mkdir()
    sweeper.repository("team/b")
    assert standings(sweeper(targets=in_folder(sweeper.place))) == {"a": "scanned", "team/b": "scanned"}  # fmt: skip
    with monkeypatch.context() as patched:
        shut(patched, sweeper.place / "team")
        targets = in_folder(sweeper.place)
    result = sweeper(targets=targets)

    found = {one.outcome.name: one for one in result.sweep.repositories}
    assert {name: one.outcome.standing for name, one in found.items()} == {
        "a": Standing.UNCHANGED,
        "team": Standing.FAILED,
        "team/b": Standing.FAILED,
    }
    assert len(found["team/b"].records) == 1  # it is known as before


def test_a_folder_that_cannot_be_looked_into_at_all_is_said(tmp_path, monkeypatch):
    shut(monkeypatch, tmp_path)

    with pytest.raises(NothingToSweepError, match="cannot be looked into: Permission denied"):
        in_folder(tmp_path)


def test_where_nothing_may_be_kept_that_is_said_and_no_repository_looked_at(sweeper, monkeypatch):
    def refuse(_folder):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    sweeper.repository("a")
    monkeypatch.setattr("breachkit.workflows.sweep.make_folder", refuse)

    with pytest.raises(ReadOnlyCaseError):
        sweeper()
    assert sweeper.seen.order == []


def test_a_worker_that_may_keep_nothing_says_so_and_calls_it_no_mistake(sweeper, monkeypatch):
    def refuse(_folder):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    sweeper.repository("a")
    monkeypatch.setattr("breachkit.workflows.sweep_one.make_folder", refuse)
    result = sweeper(targets=sweeper.targets(remote=True))

    assert standings(result) == {"a": "failed"}
    assert "cannot write" in reasons(result)["a"]
    assert "mistake" not in reasons(result)["a"]
