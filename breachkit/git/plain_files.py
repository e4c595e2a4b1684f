"""Lists and reads the plain files of a folder, each once, and names everything that it does not read.

A folder may be hostile, or being written to. No link is followed, not even one that takes a
folder's place meanwhile: every step goes through the folder above it. What is no plain file is never
opened: opening a pipe waits for ever, and opening a device can do anything.
"""

import enum
import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from breachkit.git.batches import Contents
from breachkit.git.objects import DEFAULT_CAP, ObjectEntry, Unread
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.records import dataclass


MOST_DEPTH = 64
"""Folders within folders; nobody finds anything in deeper ones, and a name has to be opened in steps."""
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Beside(enum.Enum):
    """Why something in a folder is not read."""

    LINK = "a link: it is not followed"
    SPECIAL = "a socket, a pipe or a device: it is not opened"
    TOO_DEEP = f"a folder more than {MOST_DEPTH} folders deep: it is not looked into"
    REPOSITORY = "a git repository's own folder: it is not looked into, `breachkit scan` does"
    FORBIDDEN = "a folder that this user may not look into"
    GONE = "it went while the folder was looked at"
    NEW = "it came, or was changed, after the check had begun"
    BROKEN = "the disk cannot read it"


class PlainFile(NamedTuple):
    """A file as it was when it was listed."""

    root: bytes
    """The folder that was given, or the folder of the file that was."""
    within: GitPath
    """Its path below that."""
    size: int
    """In bytes."""
    state: tuple[int, int, int]
    """Device, inode and time of the last change, which tell whether it is still the same."""

    @property
    def place(self) -> bytes:
        """Its path, for `open`."""
        return os.path.join(self.root, self.within)  # noqa: PTH118 - bytes


class NotRead(NamedTuple):
    """Something in a folder that is not read."""

    root: bytes
    within: GitPath
    why: Beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What is in a folder."""

    files: tuple[PlainFile, ...]
    """By path."""
    others: tuple[NotRead, ...]
    folders: tuple[GitPath, ...]
    """Every folder below, by path; those without a file, too."""


def list_files(place: bytes) -> Listing:
    """List a folder, or a file by itself.

    Args:
        place: A folder, which may be a link; or a file, which may not.

    Raises:
        ConfigurationError: there is nothing of that name.
    """
    try:
        if os.path.isdir(place):  # noqa: PTH112 - bytes
            return _listed_folder(place)
        os.lstat(place)
        root, name = os.path.split(place)
        with _opened(root or b".") as here:
            lister = _Lister(root or b".")
            lister.entry(here, name, GitPath(name), depth=0)
            return lister.listing()
    except (FileNotFoundError, NotADirectoryError):
        raise ConfigurationError(f"{display(place)} does not exist: check its name") from None
    except (OSError, ValueError) as cause:
        why = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else "its name"
        raise ConfigurationError(f"{display(place)} cannot be looked at: {why}") from None


def _listed_folder(place: bytes) -> Listing:
    lister = _Lister(place)
    with _opened(place) as here:
        lister.folder(here, GitPath(b""), depth=0)
    return lister.listing()


class _opened:  # noqa: N801 - used like a function
    """A folder, open for as long as something in it is looked at."""

    def __init__(self, name: bytes, above: int | None = None) -> None:
        flags = _FOLDER if above is None else _FOLDER | os.O_NOFOLLOW
        self._number = os.open(name, flags, dir_fd=above)

    def __enter__(self) -> int:
        return self._number

    def __exit__(self, *_: object) -> None:
        os.close(self._number)


class _Lister:
    """Goes through one folder."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._files: list[PlainFile] = []
        self._others: list[NotRead] = []
        self._folders: list[GitPath] = []

    def folder(self, here: int, within: GitPath, *, depth: int) -> None:
        for name in sorted(map(os.fsencode, os.listdir(here))):
            below = GitPath(within + b"/" + name if within else name)
            self.entry(here, name, below, depth=depth)

    def entry(self, here: int, name: bytes, within: GitPath, *, depth: int) -> None:
        """Take in what is called `name` in an open folder."""
        try:
            found = os.stat(name, dir_fd=here, follow_symlinks=False)
        except FileNotFoundError:
            self._leave(within, Beside.GONE)
            return
        if stat.S_ISREG(found.st_mode):
            self._files.append(PlainFile(self._root, within, found.st_size, _state(found)))
        elif stat.S_ISDIR(found.st_mode):
            self._below(here, name, within, depth=depth + 1)
        else:
            is_link = stat.S_ISLNK(found.st_mode)
            self._leave(within, Beside.LINK if is_link else Beside.SPECIAL)

    def _below(self, here: int, name: bytes, within: GitPath, *, depth: int) -> None:
        self._folders.append(within)
        if name.lower() == b".git":
            self._leave(within, Beside.REPOSITORY)
        elif depth > MOST_DEPTH:
            self._leave(within, Beside.TOO_DEEP)
        else:
            try:
                with _opened(name, here) as below:
                    self.folder(below, within, depth=depth)
            except OSError as cause:
                self._leave(within, _why(cause))

    def _leave(self, within: GitPath, why: Beside) -> None:
        self._others.append(NotRead(self._root, within, why))

    def listing(self) -> Listing:
        return Listing(
            files=tuple(self._files), others=tuple(self._others), folders=tuple(self._folders)
        )


def _why(cause: OSError) -> Beside:
    match cause.errno:
        case errno.ENOENT:
            return Beside.GONE
        case errno.EACCES | errno.EPERM:
            return Beside.FORBIDDEN
        case errno.ELOOP | errno.ENOTDIR:  # it was a folder when it was listed
            return Beside.LINK
        case _:
            return Beside.BROKEN


def _state(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_dev, found.st_ino, found.st_mtime_ns


def entries_of(files: Sequence[PlainFile]) -> tuple[ObjectEntry, ...]:
    """Give files as what workers look at; each is called by its number in `files`, from 0."""
    return tuple(ObjectEntry(ObjectId(str(at)), "blob", one.size) for at, one in enumerate(files))


def contents_of(files: Sequence[PlainFile], *, cap: int = DEFAULT_CAP) -> Contents:
    """Give what reads them.

    Args:
        files: As listed; the entries that are read are those of `entries_of`.
        cap: Size in bytes from which on a file is not loaded.
    """
    return partial(_contents, files, cap)


def _contents(
    files: Sequence[PlainFile], cap: int, entries: Sequence[ObjectEntry]
) -> Iterator[tuple[ObjectEntry, bytes | Unread]]:
    for entry in entries:
        yield entry, read_file(files[int(entry.oid)], cap=cap)


def read_file(file: PlainFile, *, cap: int = DEFAULT_CAP) -> bytes | Unread:
    """Read a file as it was when it was listed, or say why not."""
    if file.size > cap:
        return Unread.TOO_LARGE
    try:
        return _read(file)
    except FileNotFoundError:
        return Unread.GONE
    except PermissionError:
        return Unread.FORBIDDEN
    except OSError as cause:
        return Unread.CHANGED if cause.errno in {errno.ELOOP, errno.ENOTDIR} else Unread.BROKEN


def _read(file: PlainFile) -> bytes | Unread:
    *folders, name = file.within.split(b"/")
    with _within(file.root, folders) as here:
        found = os.stat(name, dir_fd=here, follow_symlinks=False)
        if not stat.S_ISREG(found.st_mode):
            return Unread.CHANGED
        number = os.open(name, _FILE, dir_fd=here)
    with os.fdopen(number, "rb", buffering=0) as opened:
        if not _is_same(file, os.fstat(number)):
            return Unread.CHANGED
        content = _whole(opened.read, file.size)
        return content if _is_same(file, os.fstat(number)) else Unread.CHANGED


def _whole(read: Callable[[int], bytes | None], size: int) -> bytes:
    """Read to the end, one byte more than there should be at most."""
    pieces: list[bytes] = []
    left = size + 1
    while left and (piece := read(left)):
        pieces.append(piece)
        left -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _is_same(file: PlainFile, now: os.stat_result) -> bool:
    return stat.S_ISREG(now.st_mode) and (file.size, file.state) == (now.st_size, _state(now))


def _within(root: bytes, folders: Iterable[bytes]) -> _opened:
    """Open a folder below another, one step after the other."""
    here = _opened(root)
    for name in folders:
        with here as above:
            here = _opened(name, above)
    return here


def changed_since(listing: Listing, place: bytes) -> tuple[NotRead, ...]:
    """Give what came, went or was changed since a place was listed."""
    try:
        now = list_files(place)
    except ConfigurationError:
        return tuple(NotRead(one.root, one.within, Beside.GONE) for one in listing.files)
    before = {one.within: one for one in listing.files}
    after = {one.within: one for one in now.files}
    new = [one for one in now.files if before.get(one.within) != one]
    gone = [one for one in listing.files if one.within not in after]
    return (
        *(NotRead(one.root, one.within, Beside.NEW) for one in new),
        *(NotRead(one.root, one.within, Beside.GONE) for one in gone),
    )
