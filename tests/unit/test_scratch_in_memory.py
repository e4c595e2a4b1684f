"""Tests keep their files in memory only where that is safe, and where nobody said otherwise."""

import os
import tempfile

import pytest

from tests.support import scratch


@pytest.fixture
def disk(tmp_path, monkeypatch):
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    monkeypatch.setattr(os.path, "ismount", lambda path: path == tmp_path)
    return tmp_path


def test_a_disk_with_room_takes_what_tests_write(disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", "x")
    monkeypatch.delenv("TMPDIR")

    assert scratch.keep_in_memory(disk, room=1)
    assert tempfile.gettempdir() == str(disk)


def test_whoever_says_where_is_obeyed(disk, monkeypatch):
    monkeypatch.setenv("TMPDIR", "/somewhere")

    assert not scratch.keep_in_memory(disk, room=1)
    assert os.environ["TMPDIR"] == "/somewhere"


def test_a_disk_with_little_room_is_left_alone(disk):
    assert not scratch.keep_in_memory(disk, room=1 << 60)
    assert "TMPDIR" not in os.environ


def test_a_folder_that_is_no_disk_of_its_own_is_left_alone(disk, tmp_path_factory):
    assert not scratch.keep_in_memory(tmp_path_factory.mktemp("plain"), room=1)
