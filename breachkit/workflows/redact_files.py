"""Takes in the files that are to be redacted: whole, plain, and as they lie there now.

Every file is hostile or still being written to: links are not followed, nothing but a regular file is
opened, none larger than breachkit reads, and what changes while it is read is not taken.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from breachkit.git.objects import DEFAULT_CAP
from breachkit.model.errors import AccessError, BreachkitError, ConfigurationError, IncompleteError
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field


MOST_BYTES = DEFAULT_CAP
"""A larger file is not read: no table that is released comes near it."""

_BLOCK = 1 << 20
_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM})
_BUSY = frozenset({errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A file that was read."""

    path: Path
    """Absolute, its folder without links."""
    given: Path
    """As it was named."""
    content: bytes = field(repr=False)
    mode: int
    """Its permissions."""
    remarks: tuple[str, ...] = ()
    """What a person has to know before it is written over, without content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """A file that was not read, and why; the reason names no content."""

    given: Path
    reason: str
    is_forbidden: bool = False
    """Whether this user may not read it."""
    is_absent: bool = False
    """Whether there is nothing to work on: no such file, or none of the kind."""

    @property
    def error(self) -> BreachkitError:
        """What ends a command that has no other file."""
        text = f"{display(os.fsencode(self.given))}: {self.reason}"
        if self.is_forbidden:
            return AccessError(text)
        return ConfigurationError(text) if self.is_absent else IncompleteError(text)


class _NotReadError(Exception):
    """Ends the reading of one file; the text is the reason."""

    def __init__(self, reason: str, *, forbidden: bool = False, absent: bool = False) -> None:
        super().__init__(reason)
        self.is_forbidden = forbidden
        self.is_absent = absent


def take_all(given: Sequence[Path]) -> tuple[Taken | NotTaken, ...]:
    """Read files, each once however often it is named; none is taken for another's fault."""
    return tuple(_each_once(map(take, dict.fromkeys(given))))


def _each_once(found: Iterator[Taken | NotTaken]) -> Iterator[Taken | NotTaken]:
    known: set[Path] = set()
    for one in found:
        if isinstance(one, Taken):
            if one.path in known:
                continue
            known.add(one.path)
        yield one


def take(given: Path) -> Taken | NotTaken:
    """Read a file as it is now, or say why not."""
    try:
        return _take(given)
    except _NotReadError as found:
        return NotTaken(
            given=given,
            reason=str(found),
            is_forbidden=found.is_forbidden,
            is_absent=found.is_absent,
        )
    except OSError as cause:
        return _failed(given, cause)


def _failed(given: Path, cause: OSError) -> NotTaken:
    if cause.errno in _NOT_ALLOWED:
        return NotTaken(given=given, reason="this user may not read it", is_forbidden=True)
    if isinstance(cause, FileNotFoundError | NotADirectoryError):
        return NotTaken(given=given, reason="there is no such file: check its name", is_absent=True)
    why = os.strerror(cause.errno) if cause.errno else type(cause).__name__
    return NotTaken(given=given, reason=f"cannot be read: {why}")


def _take(given: Path) -> Taken:
    path = Path(os.path.realpath(given.parent)) / given.name
    _require_plain(path)
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(descriptor)
        _require_regular(before)
        _require_unlocked(descriptor)
        content = _read(descriptor, before.st_size)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    if (
        not (_identity(before) == _identity(after) == _identity(path.lstat()))
        or len(content) != after.st_size
    ):
        raise _NotReadError(
            "it changed while it was read: wait until whatever writes it has finished, then run "
            "the command again"
        )
    mode = stat.S_IMODE(after.st_mode)
    return Taken(path=path, given=given, content=content, mode=mode, remarks=_remarks(path, after))


def _require_plain(path: Path) -> None:
    """Refuse what has to be named in another way, before anything is opened."""
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        target = display(os.fsencode(path.readlink()))
        raise _NotReadError(
            f"it is a symbolic link to {target}, and links are not followed: name that file itself"
        )
    if stat.S_ISDIR(status.st_mode):
        raise _NotReadError("it is a folder: name the files in it", absent=True)
    _require_regular(status)


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _NotReadError("it is no ordinary file", absent=True)
    if status.st_size > MOST_BYTES:
        raise _NotReadError(f"it is larger than the {MOST_BYTES >> 20} MB that breachkit reads")


def _require_unlocked(descriptor: int) -> None:
    """Notice a program that holds the file for itself; where the system cannot tell, go on."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    except OSError as cause:
        if cause.errno in _BUSY:
            raise _NotReadError("another program has locked it: close that first") from None


def _read(descriptor: int, size: int) -> bytes:
    """Read as many bytes as there were, and one more, which tells that there are more by now."""
    pieces, left = [], size + 1
    while left and (piece := os.read(descriptor, min(_BLOCK, left))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_mode,
    )


def _remarks(path: Path, status: os.stat_result) -> tuple[str, ...]:
    found = []
    if status.st_nlink > 1:
        found.append(
            "it has another name on this disk (a hard link), under which the old content stays"
        )
    if any(os.path.lexists(path.with_name(name)) for name in _open_elsewhere(path.name)):
        found.append("a spreadsheet program has it open: close it there, or it writes it back")
    return tuple(found)


def _open_elsewhere(name: str) -> tuple[str, ...]:
    """Give the names that LibreOffice and Excel leave beside a file while they have it open.

    Source: LibreOffice (`.~lock.NAME#`) and Microsoft Office (`~$` and the name, of which a long one
    loses its first two characters).
    """
    return (f".~lock.{name}#", f"~${name}", f"~${name[2:]}")
