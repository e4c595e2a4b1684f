"""Writes redacted files so that all of them are written or none, and keeps what was there before.

What is written over is kept in the user's own folder (`$BREACHKIT_HOME/redactions/RD-0001`, mode
0700), never beside the file: it would be released with its folder. The order of steps survives an end
at any moment: originals and their list on the disk; every new content, whole, beside its file; the
list marked as decided; then one renaming a file. What was not decided is undone by whoever comes
next, what was decided is finished.
"""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from breachkit.incident.disk import make_folder, sync_folder, write_all, write_atomic
from breachkit.incident.lock import exclusive
from breachkit.model.errors import AccessError, IncompleteError, RefusedError
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field
from breachkit.model.time import Clock, rfc3339
from breachkit.workflows.redact_files import Taken, take
from breachkit.workflows.redact_kept import (
    KeptFile,
    Record,
    State,
    clear_unbegun,
    digest,
    find,
    folders,
    home_of_records,
    load,
    new_record,
    save,
)


_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class NotWrittenError(IncompleteError):
    """A file was not written; everything is as it was before."""


class PartlyWrittenError(IncompleteError):
    """Some files were written; the others were changed by somebody meanwhile and are as they left them."""


class NotAllowedError(AccessError):
    """The system does not let us write there; everything is as it was before."""


class InTheWayError(RefusedError):
    """A file is there already that nobody said may be written over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One file that is to have another content."""

    path: Path
    """Absolute."""
    old: bytes | None = field(repr=False)
    """What is there now; None where nothing is."""
    new: bytes = field(repr=False)
    mode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A redaction that was ended while it was written, and is to its end now."""

    id: str
    left: tuple[Path, ...]
    """Changed by somebody meanwhile, so that they were left alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What putting originals back came to."""

    id: str
    back: tuple[Path, ...]
    """As they were before the redaction."""
    left: tuple[Path, ...]
    """Changed by somebody since, so that they were left alone; their originals are kept on."""


def write(home: Path, changes: Sequence[Change], clock: Clock, *, reason: str | None) -> str | None:
    """Give all files their new content, or none of them.

    Args:
        home: The user's folder; see `cli.cases.home`.
        changes: What is to be written; those that change nothing have been left out.
        clock: Says when.
        reason: Why, in the words of whoever did it.

    Returns:
        By what name the originals can be put back; None where nothing was written over.

    Raises:
        NotWrittenError: the disk did not take it, or a file changed meanwhile.
        PartlyWrittenError: a file changed when it was decided already that all be written.
        NotAllowedError: this user may not write there.
        InTheWayError: where nothing was, something is.
        CaseBusyError: another process is writing.
    """
    if not changes:
        return None
    with _held(home):
        _recover(home)
        folder = home_of_records(home)
        record = new_record(folder, _kept(changes), at=rfc3339(clock.now()), reason=reason)
        try:
            _prepare(record, changes)
        except BaseException:
            _undo(record)
            raise
        left = _finish(record)
        has_originals = any(change.old is not None for change in changes)
        if not has_originals or len(left) == len(changes):  # there is nothing to put back
            shutil.rmtree(record.folder, ignore_errors=True)
        if left:
            raise _left(left, changes, record.id if has_originals else None)
        return record.id if has_originals else None


def _left(left: Sequence[Path], changes: Sequence[Change], kept: str | None) -> IncompleteError:
    shown = ", ".join(display(os.fsencode(path)) for path in left)
    if len(left) == len(changes):
        return NotWrittenError(
            f"changed meanwhile: {shown}; so nothing was written: run the command again"
        )
    back = f", or take those back with `breachkit redact --restore {kept}`" if kept else ""
    return PartlyWrittenError(
        f"changed meanwhile and left as it is: {shown}; the other files were written: run the "
        f"command again for what was left{back}"
    )


def recover(home: Path) -> tuple[Finished, ...]:
    """Finish what was decided and undo what was not; give what was finished."""
    if not unfinished(home):
        return ()
    with _held(home):
        return _recover(home)


def unfinished(home: Path) -> tuple[str, ...]:
    """Name the redactions that were ended while they were being written."""
    known = map(load, folders(home))
    return tuple(one.id for one in known if one.state is not State.WRITTEN)


def restore(home: Path, name: str) -> Restored:
    """Put originals back where nobody changed the redacted file since.

    Where all are back nothing is kept any more.

    Raises:
        ConfigurationError: there is no such redaction.
        NotWrittenError, NotAllowedError: as `write`.
    """
    with _held(home):
        _recover(home)
        record = find(home, name)
        back: list[Path] = []
        left: list[Path] = []
        for number, one in enumerate(record.files):
            (back if _put_back(record, number, one) else left).append(one.path)
        if not left:
            shutil.rmtree(record.folder)
        return Restored(id=record.id, back=tuple(back), left=tuple(left))


def forget(home: Path, name: str) -> int:
    """Delete the originals of a redaction for good; give how many there were.

    Raises:
        ConfigurationError: there is no such redaction.
    """
    with _held(home):
        _recover(home)
        record = find(home, name)
        shutil.rmtree(record.folder)
        return sum(one.old is not None for one in record.files)


@contextlib.contextmanager
def _held(home: Path) -> Iterator[None]:
    folder = home_of_records(home)
    with _explained(folder):
        make_folder(folder)
    with exclusive(folder / ".lock"):
        yield


def _kept(changes: Sequence[Change]) -> tuple[KeptFile, ...]:
    return tuple(
        KeptFile(
            path=change.path,
            old=None if change.old is None else digest(change.old),
            new=digest(change.new),
            mode=change.mode,
        )
        for change in changes
    )


def _prepare(record: Record, changes: Sequence[Change]) -> None:
    """Bring to the disk all that is needed, and decide; no file has changed until then."""
    for number, change in enumerate(changes):
        if change.old is not None:
            with _explained(record.folder):
                write_atomic(record.original(number), change.old)
        _stage(record, number, change)
    for change in changes:
        _require_unchanged(change)
    with _explained(record.folder):
        save(record.folder, record.but(State.DECIDED))


def _stage(record: Record, number: int, change: Change) -> None:
    with _explained(change.path):
        if change.old is None:
            change.path.parent.mkdir(parents=True, exist_ok=True)
        _write_beside(record.staged(number), change.new, change.mode, like=change.path)


def _write_beside(path: Path, data: bytes, mode: int, *, like: Path) -> None:
    """Write a file anew, with the permissions and, where that is allowed, the owner of another."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        write_all(descriptor, data)
        with contextlib.suppress(OSError):
            status = like.lstat()
            os.fchown(descriptor, status.st_uid, status.st_gid)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def _require_unchanged(change: Change) -> None:
    """Look once more just before: a file that somebody wrote meanwhile is not written over."""
    shown = display(os.fsencode(change.path))
    if change.old is None:
        if os.path.lexists(change.path):
            raise InTheWayError(f"{shown} appeared meanwhile: name another place, or add --write")
        return
    now = take(change.path)
    if not isinstance(now, Taken) or now.content != change.old:
        raise NotWrittenError(
            f"{shown} was changed meanwhile, so nothing was written: run the command again"
        )


def _finish(record: Record) -> tuple[Path, ...]:
    """Rename what was decided on, as far as that was not done, and give what was not to be written over."""
    left = [
        one.path for number, one in enumerate(record.files) if not _put_in_place(record, number)
    ]
    with _explained(record.folder):
        save(record.folder, record.but(State.WRITTEN))
    return tuple(left)


def _put_in_place(record: Record, number: int) -> bool:
    """Say whether a file has its new content now: it stays as it is where somebody changed it."""
    one, staged = record.files[number], record.staged(number)
    with _explained(one.path):
        if staged.exists() and _is_due(one):
            staged.replace(one.path)
            sync_folder(one.path.parent)
            return True
        staged.unlink(missing_ok=True)
    return _digest_of(one.path) == one.new


def _is_due(one: KeptFile) -> bool:
    """Whether a file is still as it was before, so that the new content may take its place."""
    if not os.path.lexists(one.path):
        return one.old is None
    return one.old is not None and _digest_of(one.path) == one.old


def _digest_of(path: Path) -> str | None:
    found = take(path)
    return digest(found.content) if isinstance(found, Taken) else None


def _undo(record: Record) -> None:
    for number in range(len(record.files)):
        with contextlib.suppress(OSError):
            record.staged(number).unlink(missing_ok=True)
    shutil.rmtree(record.folder, ignore_errors=True)


def _recover(home: Path) -> tuple[Finished, ...]:
    finished = []
    clear_unbegun(home)
    for record in map(load, folders(home)):
        if record.state is State.BEGUN:
            _undo(record)
        elif record.state is State.DECIDED:
            finished.append(Finished(id=record.id, left=_finish(record)))
    return tuple(finished)


def _put_back(record: Record, number: int, one: KeptFile) -> bool:
    """Put one original back; say whether the file is now as it was."""
    now = _digest_of(one.path)
    if now is None and not os.path.lexists(one.path) and one.old is None:
        return True
    if now is not None and now == one.old:
        return True
    if now != one.new:
        return False
    with _explained(one.path):
        if one.old is None:
            one.path.unlink()
            return True
        staged = record.staged(number)
        _write_beside(staged, record.original(number).read_bytes(), one.mode, like=one.path)
        staged.replace(one.path)
        sync_folder(one.path.parent)
    return True


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    shown = display(os.fsencode(path))
    try:
        yield
    except OSError as cause:
        why = os.strerror(cause.errno) if cause.errno else type(cause).__name__
        if cause.errno in _NOT_ALLOWED:
            raise NotAllowedError(f"{shown}: not allowed to write there ({why})") from None
        raise NotWrittenError(
            f"{shown} could not be written: {why}. Make room or name another place, then run the "
            "command again"
        ) from None
