"""What a dead process left in a scratch place goes; what lives, or is somebody else's, stays."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import pytest

from breachkit.git.scratch import PREFIX, clear_left_over, scratch_folder


HOLDER = """
import sys
from pathlib import Path
from breachkit.git.scratch import scratch_folder
with scratch_folder(Path(sys.argv[1])) as folder:
    (folder / "object").write_bytes(b"x")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path):
    """A process that holds a scratch folder; it ends with the test."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process
        process.kill()


def folder_of(process: "subprocess.Popen[str]") -> Path:
    assert process.stdout is not None
    return Path(process.stdout.readline().strip())


def test_the_folder_is_private_and_gone_in_the_end_whatever_happens(tmp_path: Path):
    def fail_inside() -> None:
        with scratch_folder(tmp_path) as folder:
            assert folder.stat().st_mode & 0o777 == 0o700
            (folder / "object").write_bytes(b"x")
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()

    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_left_is_deleted_by_the_next(tmp_path: Path, holder):
    left = folder_of(holder)
    holder.kill()
    holder.wait()
    assert (left / "object").exists()

    with scratch_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_what_a_living_process_uses_stays(tmp_path: Path, holder):
    used = folder_of(holder)

    with scratch_folder(tmp_path):
        assert (used / "object").exists()


def test_a_link_or_a_folder_of_somebody_else_is_never_followed(tmp_path: Path):
    victim, place = tmp_path / "victim", tmp_path / "place"
    for folder in (victim, place, place / f"{PREFIX}foreign"):
        folder.mkdir()
        (folder / "kept").write_bytes(b"x")
    (victim / "in-use.lock").touch()
    (place / f"{PREFIX}link").symlink_to(victim)

    with scratch_folder(place):
        assert (victim / "kept").exists()
        assert (place / f"{PREFIX}foreign" / "kept").exists()  # it has no lock of ours


def test_being_told_to_end_while_it_is_deleted_leaves_nothing(tmp_path: Path, monkeypatch):
    honest, calls = os.unlink, []

    def interrupted_once(*args, **kwargs):
        calls.append(args)
        if len(calls) == 1:
            raise KeyboardInterrupt
        honest(*args, **kwargs)

    def use() -> None:
        with scratch_folder(tmp_path) as folder:
            (folder / "object").write_bytes(b"x")
            monkeypatch.setattr(os, "unlink", interrupted_once)

    with pytest.raises(KeyboardInterrupt):
        use()

    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("before", ["open", "flock"])
def test_a_folder_that_is_cleared_away_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str
):
    """Another process takes it for one that was left."""
    module = {"open": os, "flock": fcntl}[before]
    plain = getattr(module, before)
    waiting = [True]

    def meanwhile(*args, **options):
        if waiting and waiting.pop():
            (folder,) = tmp_path.iterdir()
            (folder / "in-use.lock").touch()
            clear_left_over(tmp_path)
            assert not folder.exists()
        return plain(*args, **options)

    monkeypatch.setattr(f"breachkit.git.scratch.{module.__name__}.{before}", meanwhile)
    with scratch_folder(tmp_path) as folder:
        assert folder.exists()
        assert not waiting
        clear_left_over(tmp_path)
        assert folder.exists()
