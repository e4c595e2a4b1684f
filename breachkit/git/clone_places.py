"""Finds everything that belongs to one copy of a repository: its folders, stores and plain files.

Source: gitrepository-layout(5) and git-worktree(1). Nothing is followed over a link, and nothing
that may not be read is passed over in silence.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from breachkit.git import layout
from breachkit.git.process import run_git
from breachkit.model.records import dataclass


Note = Callable[[str], None]
"""Takes the word for a place that could not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """Where one copy is."""

    top: Path
    """The folder of its files; the git directory itself where it is bare."""
    main: Path
    """Its git directory, common to all its work trees."""


def find_copy(place: Path) -> Copy:
    """Find a copy by its top folder, its git directory or one of its linked work trees.

    Raises:
        ConfigurationError: there is none.
    """
    found = layout.find(place)
    main = found.common_dir.resolve()
    is_linked = found.git_dir.resolve() != main
    top = main if is_linked else place.resolve()
    return Copy(top=main.parent if main.name == ".git" and top == main else top, main=main)


def roots(copy: Copy, unread: Note) -> tuple[Path, ...]:
    """Give every folder that belongs to a copy, none of them within the first.

    Args:
        copy: Which.
        unread: Is told `worktree` of each linked work tree that is not there or cannot be found.
    """
    found = [copy.top]
    wanted = [copy.main, *_linked(copy.main, unread), *_configured(copy.main)]
    for folder in wanted:
        if not folder.is_dir():
            unread("worktree")
        elif not folder.resolve().is_relative_to(copy.top):
            found.append(folder.resolve())
    return tuple(dict.fromkeys(found))


def index_folders(main: Path) -> tuple[Path, ...]:
    """Give the git directories of all work trees of a store that have an index."""
    folders = [main, *sorted((main / "worktrees").glob("*"))]
    return tuple(folder for folder in folders if (folder / "index").is_file())


def stores(root: Path, unread: Note) -> Iterator[Path]:
    """Give every git directory within a folder; `unread` is told `files` of what may not be read."""
    for folder, _ in _walk(root, unread):
        if is_store(folder):
            yield folder


def plain_files(root: Path, unread: Note) -> Iterator[bytes]:
    """Give the paths of all plain files within a folder but git's objects; see `stores`."""
    for folder, names in _walk(root, unread):
        for name in names:
            path = os.path.join(os.fsencode(folder), name)  # noqa: PTH118 - bytes
            if os.path.isfile(path) and not os.path.islink(path):  # noqa: PTH113, PTH114 - bytes
                yield path


def is_store(folder: Path) -> bool:
    """Whether a folder is a git directory."""
    objects = folder / "objects"
    return objects.is_dir() and not objects.is_symlink() and os.path.lexists(folder / "HEAD")


def _walk(root: Path, unread: Note) -> Iterator[tuple[Path, list[bytes]]]:
    for folder, below, names in os.walk(os.fsencode(root), onerror=lambda _: unread("files")):
        here = Path(os.fsdecode(folder))
        if b"objects" in below and is_store(here):
            below.remove(b"objects")
        yield here, names


def _linked(main: Path, unread: Note) -> Iterator[Path]:
    for pointer in sorted((main / "worktrees").glob("*/gitdir")):
        try:
            target = pointer.read_bytes().rstrip(b"\r\n")
        except OSError:
            unread("worktree")
            continue
        yield (pointer.parent / os.fsdecode(target)).parent


def _configured(main: Path) -> Iterator[Path]:
    value = setting(main, "core.worktree")
    if value:
        yield main / value


def setting(main: Path, name: str) -> str:
    """Give a setting of a repository's own, read without obeying it; empty where it is not set."""
    args = ["config", "--file", str(main / "config"), "--no-includes", "--get", name]
    return os.fsdecode(run_git(args, check=False).stdout).rstrip("\n")
