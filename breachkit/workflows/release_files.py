"""The files of a folder that is to be released: which there are, and their bytes as they were checked."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from breachkit.actions.release import FolderChangedError, InStudyError, UnfitFilesError, named
from breachkit.git import layout
from breachkit.git.plain_files import MOST_DEPTH
from breachkit.git.process import run_git
from breachkit.git.rawobjects import kinds_of
from breachkit.git.treemaker import list_files
from breachkit.model.errors import AccessError, BreachkitError, ConfigurationError
from breachkit.model.ids import GitPath, ObjectId, display


_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_STORE = {b"HEAD", b"objects", b"refs"}
"""What a bare repository holds. Source: gitrepository-layout(5)."""


@dataclass(slots=True)
class Found:
    """What a folder holds."""

    files: dict[GitPath, tuple[int, ...]] = field(default_factory=dict)
    """Plain files, by path within the folder, each with what tells whether it was changed."""
    hidden: list[GitPath] = field(default_factory=list)
    """What begins with a dot; nobody looked into it."""


def find_files(folder: Path) -> Found:
    """List what a folder holds; nothing is followed and nothing is read.

    Raises:
        ConfigurationError: there is no such folder, or no file in it.
        AccessError: a part of it may not be read.
        UnfitFilesError: it holds links, devices or other repositories.
    """
    if not folder.is_dir():
        raise ConfigurationError(f"{display(str(folder))} is no folder: name one with the files")
    found = Found()
    _look(os.fsencode(folder.resolve()), b"", found)
    if not found.files:
        raise ConfigurationError(f"{display(str(folder))} holds no file to release: check its name")
    return found


def _look(folder: bytes, prefix: bytes, found: Found) -> None:
    entries = _entries(folder, prefix)
    names = {each.name for each in entries}
    if names >= _STORE or (prefix and b".git" in names):
        raise UnfitFilesError(
            f"{display(prefix) or 'the folder'} is a git repository of its own: release plain files, "
            "and move it out of the folder"
        )
    if prefix.count(b"/") >= MOST_DEPTH:
        raise UnfitFilesError(
            f"there are more than {MOST_DEPTH} folders within each other: nobody finds anything there, "
            "so put the files higher up"
        )
    for each in entries:
        path = GitPath(prefix + b"/" + each.name if prefix else each.name)
        if each.name.startswith(b"."):
            found.hidden.append(path)
        elif each.is_dir(follow_symlinks=False):
            _look(each.path, path, found)
        elif each.is_file(follow_symlinks=False):
            found.files[path] = _state_of(each, path)
        else:
            what = "a link" if each.is_symlink() else "no ordinary file"
            raise UnfitFilesError(
                f"{display(path)} is {what}, and only plain files are released: take it out of the "
                "folder, or put the file itself there"
            )


def _entries(folder: bytes, prefix: bytes) -> list["os.DirEntry[bytes]"]:
    try:
        with os.scandir(folder) as scanned:
            return sorted(scanned, key=lambda each: each.name)
    except PermissionError:
        where = display(prefix) or "the folder itself"
        raise AccessError(f"not allowed to look into {where}: ask its owner") from None
    except OSError:
        raise FolderChangedError(_changed(GitPath(prefix))) from None


def _state_of(entry: "os.DirEntry[bytes]", path: GitPath) -> tuple[int, ...]:
    try:
        return _state(entry.stat(follow_symlinks=False))
    except OSError:
        raise FolderChangedError(_changed(path)) from None


def _state(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def copy_files(folder: Path, found: Found, to: Path) -> None:
    """Copy the files to where nobody else writes, so that the bytes that are checked are released.

    Args:
        folder: Which they are in.
        found: Which they are.
        to: A new folder, which is made; for this user alone.

    Raises:
        FolderChangedError: one is gone, or is being written to.
        AccessError: one may not be read.
    """
    root, copied = os.fsencode(folder.resolve()), os.fsencode(to)
    to.mkdir(mode=0o700)
    for path, state in found.files.items():
        place = Path(os.fsdecode(copied + b"/" + path))
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(root + b"/" + path, path) as source, place.open("xb") as target:
            shutil.copyfileobj(source, target)
            if _state(os.fstat(source.fileno())) != state:
                raise FolderChangedError(_changed(path))
    require_unchanged(folder, found)


def require_unchanged(folder: Path, before: Found) -> None:
    """Refuse a folder in which files came, went or were written to.

    Raises:
        FolderChangedError: some were.
    """
    now = find_files(folder).files
    if now != before.files:
        off = [path for path in now | before.files if now.get(path) != before.files.get(path)]
        raise FolderChangedError(_changed(min(off)))


def _changed(path: GitPath) -> str:
    return (
        f"{display(path) or 'it'} was changed, came or went while the folder was checked, and nothing was "
        "released: see to it that nobody writes there, then run the command again"
    )


def read_checked(folder: Path, digests: Mapping[GitPath, str]) -> Iterator[bytes]:
    """Give the content of files, each once, in the order given.

    Args:
        folder: Which they are in.
        digests: SHA-256 by path, hexadecimal, of what was checked.

    Raises:
        FolderChangedError: one has other bytes.
    """
    for path, digest in digests.items():
        with _opened(os.fsencode(folder) + b"/" + path, path) as opened:
            content = opened.read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise FolderChangedError(_changed(path))
        yield content


def _opened(place: bytes, path: GitPath) -> BinaryIO:
    try:
        opened = os.fdopen(os.open(place, _READ), "rb")
    except PermissionError:
        raise AccessError(f"not allowed to read {display(path)}: ask its owner") from None
    except OSError:
        raise FolderChangedError(_changed(path)) from None
    if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        opened.close()
        raise FolderChangedError(_changed(path))
    return opened


@dataclass(frozen=True, slots=True)
class Around:
    """The repository that a folder lies in, or is the top of."""

    top: Path
    git_dir: Path

    def urls(self) -> tuple[str, ...]:
        """Give what its remotes are called by; its configuration is read and not obeyed."""
        args = ["config", "--file", str(self.git_dir / "config"), "--no-includes", "--null"]
        answer = run_git([*args, "--get-regexp", r"^remote\..*\.(push)?url$"], check=False)
        lines = [line.partition(b"\n")[2] for line in answer.stdout.split(b"\0")]
        return tuple(os.fsdecode(line) for line in lines if line)

    def holds(self, ids: Sequence[ObjectId]) -> bool:
        """Say whether it has any of some commits."""
        return bool(kinds_of(self.git_dir, ids))

    def uncommitted(self, folder: Path, blobs: Mapping[GitPath, ObjectId]) -> list[GitPath]:
        """Give the files that its last commit does not have as they are."""
        try:
            _, files = list_files(self.git_dir, "HEAD")
        except BreachkitError:  # nothing is committed yet
            return sorted(blobs)
        prefix = os.fsencode(os.path.relpath(folder.resolve(), self.top)) + b"/"
        prefix = b"" if prefix == b"./" else prefix
        there = {each.path: each.id for each in files}
        return sorted(
            path for path, one in blobs.items() if there.get(GitPath(prefix + path)) != one
        )


def repository_around(folder: Path) -> Around | None:
    """Find the repository that a folder lies in."""
    for top in (folder.resolve(), *folder.resolve().parents):
        if os.path.lexists(top / ".git"):
            try:
                return Around(top, layout.find(top).common_dir.resolve())
            except ConfigurationError:  # damaged: git would not take it for one either
                return None
    return None


def require_elsewhere(
    around: Around | None, target: Path | None, url: str, tips: Sequence[ObjectId]
) -> None:
    """Refuse a folder that lies in the study repository itself, or in a clone of it.

    Args:
        around: The repository that the folder lies in.
        target: The study repository's path, where it is on this machine.
        url: Its URL.
        tips: What its refs hold.

    Raises:
        InStudyError: it does.
    """
    if around is None:
        return
    is_itself = target is not None and target.resolve() in {around.git_dir, around.top}
    if is_itself or _place(url) in map(_place, around.urls()) or around.holds(tips):
        raise InStudyError(
            "the folder lies in the study repository or a clone of it, whose history would hold every "
            "version before the redaction: keep outputs in a folder of their own, and release from there"
        )


def _place(url: str) -> str:
    """Reduce a URL to what stays the same whether it is spelled for https, ssh or a path."""
    rest = url.partition("://")[2] or url.replace(":", "/", 1)
    rest = rest.rpartition("@")[2] if "@" in rest.partition("/")[0] else rest
    return rest.strip("/").lower().removesuffix(".git").strip("/")


def describe_uncommitted(paths: Sequence[GitPath], files: int) -> str:
    """Say that a redaction repository does not hold what is released."""
    return (
        f"{len(paths)} of {files} files are not committed as they are in the repository around them "
        f"({named(paths)}); they are released as they lie there"
    )
