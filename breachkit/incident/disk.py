"""Writing files so that a crash, a full disk or a second process never leaves half of one."""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from breachkit.model.errors import AccessError, IncompleteError
from breachkit.model.ids import display


UNFINISHED = ".tmp"
"""Ends the name of a file that is still being written."""

_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class ReadOnlyCaseError(AccessError):
    """The case folder can be read but not written."""


class CaseWriteError(IncompleteError):
    """The disk did not take what was to be written; what was there before is unharmed."""


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Translate the operating system's errors while `path` is being written.

    Raises:
        ReadOnlyCaseError: this user may not write there.
        CaseWriteError: the disk is full or failing.
    """
    try:
        yield
    except OSError as cause:
        where = display(os.fsencode(path))
        if cause.errno in _NOT_ALLOWED:
            raise ReadOnlyCaseError(
                f"cannot write {where}: {cause.strerror}. Ask the owner of the case folder, "
                "or copy it to a place of your own and name that with --case or BREACHKIT_HOME"
            ) from cause
        raise CaseWriteError(
            f"could not write {where}: {cause.strerror}. Nothing was changed there: "
            "make room or mend the disk, then run the command again"
        ) from cause


def write_atomic(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Put `data` under `path` (mode 0600) in one step: readers see the old or the new content.

    Args:
        path: Where; its folder exists.
        data: The whole content.
        durable: Wait until the disk has it. Only what can be rebuilt does without.

    Raises:
        ReadOnlyCaseError: this user may not write there.
        CaseWriteError: the disk is full or failing.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}{UNFINISHED}")
    with writing(path):
        try:
            _write_new(temporary, data, durable=durable)
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if durable:
            sync_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte; the operating system may take fewer at a time."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Wait until the disk has the names in `folder`, not only the content of its files."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, for this user alone (mode 0700)."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


def _write_new(path: Path, data: bytes, *, durable: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        write_all(descriptor, data)
        if durable:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
