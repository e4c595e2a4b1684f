"""A report written to a file that only its owner can read, whole or not at all.

What may be at the given place already: nothing, an empty file, or an earlier report (so that a
scheduled scan can write to the same name each day). Anything else is left alone: another file,
because a mistyped name must not cost a study its table; a link, a folder or a device, because
renaming a file over `/dev/null` as root has broken machines.
"""

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from breachkit.model.errors import AccessError, BreachkitError, RefusedError, UsageError
from breachkit.model.ids import display


_MARK = b"breachkit"
_MARK_WITHIN = 1024
"""Every report names breachkit within its first so many bytes."""


class OutputRefusedError(RefusedError):
    """What is at the given place is not ours to replace."""


class NoSuchFolderError(UsageError):
    """The folder of the given place does not exist."""


class OutputNotAllowedError(AccessError):
    """The system does not let us write there."""


class OutputFailedError(BreachkitError):
    """The report could not be written; nothing is at the given place that was not there before."""


def write_report(path: Path, report: bytes) -> None:
    """Write a report to `path`, with mode 0600, in one step.

    Raises:
        OutputRefusedError: something is there that is neither empty nor an earlier report.
        NoSuchFolderError: its folder is missing, or is no folder.
        OutputNotAllowedError: no permission.
        OutputFailedError: anything else, such as a full disk.
    """
    with _explained(path):
        replaces = _may_be_replaced(path)
        temporary = path.with_name(f".breachkit-{secrets.token_hex(8)}.tmp")
        try:
            _write_new(temporary, report)
            _put(temporary, path, replaces=replaces)
        finally:
            temporary.unlink(missing_ok=True)


def require_place(path: Path) -> None:
    """Find out before long work whether a report can be written to `path` after it.

    Raises:
        OutputRefusedError, NoSuchFolderError, OutputNotAllowedError: as `write_report` would.
    """
    with _explained(path):
        if not stat.S_ISDIR(path.parent.stat().st_mode):
            raise NotADirectoryError
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise PermissionError
        _may_be_replaced(path)


def make_report_folder(folder: Path) -> None:
    """Make a folder for reports, for this user alone; one that is there is left as it is.

    Raises:
        OutputRefusedError, NoSuchFolderError, OutputNotAllowedError, OutputFailedError: it cannot be made.
    """
    with _explained(folder):
        if not folder.is_dir():
            folder.mkdir(mode=0o700)


def _may_be_replaced(path: Path) -> bool:
    """Say whether an earlier report is there; False where nothing is."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    shown = display(os.fsencode(path))
    if not stat.S_ISREG(status.st_mode):
        raise OutputRefusedError(f"{shown} is {_kind(status.st_mode)}: name a new file instead")
    if status.st_size and _MARK not in _start_of(path):
        raise OutputRefusedError(
            f"{shown} exists and is no report of breachkit: name a new file, or remove it first"
        )
    return True


def _kind(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "a symbolic link"
    if stat.S_ISDIR(mode):
        return "a folder"
    return "no ordinary file"


def _start_of(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(_MARK_WITHIN)


def _write_new(path: Path, report: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(report)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:
        path.unlink(missing_ok=True)  # half a report is no report
        raise


def _put(temporary: Path, path: Path, *, replaces: bool) -> None:
    if replaces:
        temporary.replace(path)
        return
    try:
        path.hardlink_to(temporary)  # unlike a rename, fails if something came in meanwhile
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.EMLINK}:
            raise
        _write_new(path, temporary.read_bytes())  # a file system without hard links


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    shown = display(os.fsencode(path))
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchFolderError(f"{shown}: its folder does not exist: create it first") from error
    except PermissionError as error:
        raise OutputNotAllowedError(f"{shown}: not allowed to write there") from error
    except FileExistsError as error:
        raise OutputRefusedError(f"{shown} appeared meanwhile: name a new file") from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise OutputFailedError(f"{shown} was not written: {reason}. Try another place") from error
