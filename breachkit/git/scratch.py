"""Private folders for fetched objects, of which none outlives the command that made it for long.

A command that is killed cannot clear away. Whoever makes the next such folder in the same place
deletes what was left: the lock on a folder is free once the process that held it is dead, however
it died.
"""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path


PREFIX = "breachkit-scratch-"

_LOCK = "in-use.lock"
_NEW_LOCK = os.O_RDONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@contextlib.contextmanager
def scratch_folder(parent: Path | None = None) -> Iterator[Path]:
    """Give a new folder for this user alone (mode 0700); it is deleted when the context is left.

    Args:
        parent: An existing folder to make it in; by default the system's for temporary files.
    """
    place = parent or Path(tempfile.gettempdir())
    clear_left_over(place)
    folder, lock = _make(place)
    try:
        yield folder
    finally:
        os.close(lock)
        _delete(folder)


def _make(place: Path) -> tuple[Path, int]:
    """Make a folder and lock it.

    Until it is locked it looks like one that was left, and whoever clears up meanwhile takes it
    away: then another is made.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place)).resolve()
        with contextlib.suppress(FileNotFoundError):
            lock = os.open(folder / _LOCK, _NEW_LOCK, 0o600)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if os.fstat(lock).st_nlink:
                return folder, lock
            os.close(lock)


def clear_left_over(place: Path) -> None:
    """Delete the scratch folders of this user's dead processes, and nothing that lives or is others'."""
    with contextlib.suppress(OSError):  # a place that cannot be looked through
        for folder in place.glob(f"{PREFIX}*"):
            with contextlib.suppress(OSError):  # in use, or gone by now
                _clear(folder)


def _clear(folder: Path) -> None:
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    lock = os.open(folder / _LOCK, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        _delete(folder)
    finally:
        os.close(lock)


def _delete(folder: Path) -> None:
    """Delete a folder, and go on with that when told to end meanwhile."""
    try:
        shutil.rmtree(folder, ignore_errors=True)
    except KeyboardInterrupt:
        shutil.rmtree(folder, ignore_errors=True)
        raise
