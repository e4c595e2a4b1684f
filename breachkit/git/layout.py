"""Finds the parts of a repository on disk, and says why where it cannot be read.

Source: gitrepository-layout(5). The repository is hostile: nothing here follows a name out of a
file without looking at what it leads to, and nothing opens what could make a reader wait.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.records import dataclass


_LONGEST_POINTER = 16_384
_HEAD = re.compile(rb"ref: *(refs/[^\x00-\x20\x7f~^:?*\[\\]+)\s*|[0-9a-f]{40}(?:[0-9a-f]{24})?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the parts of a repository are."""

    git_dir: Path
    """Of this work tree."""
    common_dir: Path
    """Shared by all its work trees; the same as `git_dir` but for a linked one."""
    main_head: bytes
    """Content of the main work tree's HEAD."""
    head: bytes = b"HEAD"
    """What `git_dir`'s HEAD is called from `common_dir`."""

    @classmethod
    def of_bare(cls, git_dir: Path) -> "Layout":
        """Describe a repository we made ourselves."""
        return cls(git_dir=git_dir, common_dir=git_dir, main_head=(git_dir / "HEAD").read_bytes())


def find(place: Path) -> Layout:
    """Find the git directory of a work tree's top, a bare repository, a `.git` directory or file.

    Raises:
        ConfigurationError: there is none, its HEAD is damaged, or something in it cannot be read.
    """
    with _translated(place):
        return _found(place)


def _found(place: Path) -> Layout:
    git_dir = _git_dir(place)
    common_dir = git_dir
    if (git_dir / "commondir").exists():
        common_dir = _follow(git_dir, _pointer(git_dir / "commondir"))
        if not _looks_like_one(common_dir):
            _fail(place, "is a linked work tree whose main repository is gone", "scan the main one")
    head = b"HEAD"
    if common_dir != git_dir and git_dir.parent == common_dir / "worktrees":
        _read_head(git_dir)
        head = b"worktrees/%s/HEAD" % os.fsencode(git_dir.name)
    return Layout(
        git_dir=git_dir, common_dir=common_dir, main_head=_read_head(common_dir), head=head
    )


class NoObjectsError(ConfigurationError):
    """A repository into which nothing was ever committed or pushed."""


def refuse_unreadable(found: Layout) -> None:
    """Refuse what git would read wrongly, partly or never to the end.

    Raises:
        NoObjectsError: no objects at all.
        ConfigurationError: a part that may not be read, or a part that is no
            file and no directory.
    """
    objects = found.common_dir / "objects"
    with _translated(found.common_dir):
        for part in (objects, found.common_dir / "refs"):
            if not os.access(part, os.R_OK | os.X_OK):
                _fail(part, "may not be read", _OTHER_USER)
        _refuse_special_files(found)
        has_objects = (objects / "info" / "alternates").exists() or _holds_objects(objects)
    if not has_objects:
        where = display(os.fsencode(found.git_dir))
        raise NoObjectsError(
            f"{where} holds no objects, so there is nothing to scan: check the target"
        )


def _git_dir(place: Path) -> Path:
    if not os.path.lexists(place):
        _fail(place, "does not exist", "check the path")
    if place.is_file():
        if place.name != ".git":
            _fail(place, "is neither a git bundle nor a repository", "name a repository")
        return _pointed_at(place)
    if not place.is_dir():
        _fail(place, "is neither a file nor a directory", "name a repository")
    inner = place / ".git"
    if inner.is_file():
        return _pointed_at(inner)
    for candidate in (inner, place):
        if _looks_like_one(candidate):
            return candidate.resolve()
    return _explain_none(place)


def _explain_none(place: Path) -> NoReturn:
    if not os.access(place, os.R_OK | os.X_OK):
        _fail(place, "may not be read", "run as a user who may")
    for damaged in (place / ".git", place):
        if (damaged / "HEAD").exists() or (damaged / "objects").is_symlink():
            _fail(damaged, "is a damaged git repository: HEAD, objects or refs is missing",
                  "clone it again, or mend it and run `git fsck`")  # fmt: skip
    for parent in place.resolve().parents:
        if (parent / ".git").exists():
            _fail(place, f"lies inside the repository {display(str(parent))}", "scan that one")
    _fail(place, "is no git repository", "name a work tree, a bare repository or a bundle")


def _looks_like_one(directory: Path) -> bool:
    return (
        os.path.lexists(directory / "HEAD")
        and (directory / "objects").is_dir()
        and (directory / "refs").is_dir()
    )


def _pointed_at(git_file: Path) -> Path:
    """Follow a `.git` file, as linked work trees and submodules have one."""
    content = _pointer(git_file)
    if not content.startswith(b"gitdir: "):
        _fail(git_file, "is no `.git` file as git writes it", "name a repository")
    git_dir = _follow(git_file.parent, content.removeprefix(b"gitdir: "))
    if not os.path.lexists(git_dir / "HEAD"):
        _fail(git_file, "points to a git directory that is gone", "scan the main repository")
    return git_dir


def _follow(base: Path, pointer: bytes) -> Path:
    return (base / os.fsdecode(pointer)).resolve()


def _pointer(file: Path) -> bytes:
    _refuse_special(file)
    with file.open("rb") as opened:
        content = opened.read(_LONGEST_POINTER).rstrip(b"\r\n")
    if b"\0" in content:
        _fail(file, "is damaged", "clone the repository again")
    return content


def _read_head(git_dir: Path) -> bytes:
    head = git_dir / "HEAD"
    if head.is_symlink():  # before git 1.4 HEAD was a link to the branch's file
        return b"ref: %s\n" % _valid_head(head, b"ref: " + os.fsencode(head.readlink()))[5:]
    _refuse_special(head)
    with head.open("rb") as opened:
        content = opened.read(_LONGEST_POINTER)
    return _valid_head(head, content)


def _valid_head(head: Path, content: bytes) -> bytes:
    if not _HEAD.fullmatch(content) or b".." in content:
        _fail(head, "is damaged", "write the branch into it: `git symbolic-ref HEAD refs/heads/X`")
    return content


def _refuse_special_files(found: Layout) -> None:
    """A FIFO in place of an object or a ref would make git wait for ever."""
    for git_dir in {found.git_dir, found.common_dir}:
        for child in git_dir.iterdir():
            _refuse_special(child)
    for part in ("objects", "refs", "worktrees", "reftable"):
        _refuse_special_below(found.common_dir / part)


def _refuse_special_below(directory: Path) -> None:
    """Look at everything git could open, behind links too."""
    seen: set[str] = set()
    waiting = [os.path.realpath(directory)] if directory.is_dir() else []
    while waiting:
        parent = waiting.pop()
        if parent in seen:
            continue
        seen.add(parent)
        with os.scandir(parent) as entries:
            found = list(entries)
        waiting += [os.path.realpath(entry.path) for entry in found if entry.is_dir()]
        for entry in found:
            if not (entry.is_dir() or entry.is_file()):
                _refuse_special(Path(entry.path))


def _refuse_special(path: Path) -> None:
    if not path.exists():  # or a dangling link: git says so itself where it matters
        return
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        _fail(path, "is a special file in place of a part of a repository", "do not trust it")


def _holds_objects(objects: Path) -> bool:
    if any((objects / "pack").glob("*.pack")):
        return True
    fan_out = (child for child in objects.iterdir() if len(child.name) == 2)
    return any(child.is_dir() and any(child.iterdir()) for child in fan_out)


_OTHER_USER = "run as a user who may, or copy the repository"


@contextlib.contextmanager
def _translated(place: Path) -> Iterator[None]:
    """Say of what cannot be read where it is: a locked folder, or one in the place of a file."""
    try:
        yield
    except OSError as cause:
        reason = cause.strerror or type(cause).__name__
        _fail(Path(cause.filename or place), f"cannot be read ({reason})", _OTHER_USER)


def _fail(path: Path, problem: str, remedy: str) -> NoReturn:
    raise ConfigurationError(f"{display(str(path))} {problem}: {remedy}")
