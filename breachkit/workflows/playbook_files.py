"""Where playbooks lie, and how their files are read: as plain text of a sensible size, within their folder.

A playbook of somebody else is input like any other. Nothing that it says leads out of its folder.
"""

import importlib.resources
import os
import re
import stat
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

import breachkit
from breachkit.actions.playbook_text import LARGEST
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.meant import meant
from breachkit.model.records import dataclass


ABOUT = "playbook.toml"
"""What makes a folder a playbook."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""What a playbook can be called."""
MOST = 1000
"""Playbooks in one folder; more are no folder of playbooks."""


class NoSuchPlaybookError(ConfigurationError):
    """No playbook of that name, or no file of that name in it."""


class BrokenPlaybookError(ConfigurationError):
    """A playbook's file does not read as what it should be.

    Attributes:
        line: Of the file, counted from 1; None where all of it is meant.
        problem: What is wrong, without file and line.
    """

    def __init__(self, where: str, problem: str = "", *, line: int | None = None) -> None:
        place = where if line is None else f"{where}:{line}"
        super().__init__(f"{place}: {problem}" if problem else place)
        self.line = line
        self.problem = problem or where


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """The folder of one playbook."""

    name: str
    folder: Traversable
    shipped: bool

    def has(self, name: str) -> bool:
        """Say whether there is a file of that name.

        Raises:
            NoSuchPlaybookError: the name leads out of the folder.
        """
        file = self._file(name)
        return file.is_file() or (isinstance(file, Path) and os.path.lexists(file))

    def read(self, name: str) -> str:
        r"""Give the text of a file, with `\n` at the end of lines and without a byte-order mark.

        Raises:
            NoSuchPlaybookError: there is no such file.
            BrokenPlaybookError: it is not UTF-8, too large, no plain file, or outside the folder.
        """
        shown = f"{self.name}/{name}"
        if not self.has(name):
            raise NoSuchPlaybookError(f"the playbook of {self.name} has no {name}: add that file")
        file = self._file(name)
        if not _leads_inside(file, self.folder):
            raise BrokenPlaybookError(
                shown, "a link out of the playbook: put the file itself there"
            )
        return read_plain(file, shown)

    def files(self) -> tuple[str, ...]:
        """List the files there are, one level of folders deep, sorted; hidden ones left out."""
        found: list[str] = []
        for entry in _visible(self.folder):
            if entry.is_dir():
                found += [f"{entry.name}/{each.name}" for each in _visible(entry)]
            else:
                found.append(entry.name)
        return tuple(sorted(found))

    def _file(self, name: str) -> Traversable:
        parts = PurePosixPath(name).parts
        if not parts or parts[0] == "/" or ".." in parts or "\0" in name:
            raise NoSuchPlaybookError(f"{display(name)!r} is no name of a file within a playbook")
        return self.folder.joinpath(*parts)


def read_plain(file: Traversable, shown: str) -> str:
    r"""Give the text of a file, with `\n` at the end of lines and without a byte-order mark.

    Args:
        file: Which.
        shown: What a message calls it.

    Raises:
        BrokenPlaybookError: it is not UTF-8, too large, no plain file, or cannot be read.
    """
    try:
        content = _content(file, shown)
    except OSError as cause:
        raise BrokenPlaybookError(shown, f"cannot be read: {cause.strerror}") from cause
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        raise BrokenPlaybookError(shown, "not UTF-8 text: save it as UTF-8", line=line) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BrokenPlaybookError(shown, "no text: it holds a null character", line=line)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _content(file: Traversable, shown: str) -> bytes:
    if isinstance(file, Path) and not stat.S_ISREG(file.stat().st_mode):
        raise BrokenPlaybookError(shown, "no plain file: put one there")  # a pipe never ends
    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise BrokenPlaybookError(shown, f"larger than {LARGEST} bytes: no playbook needs that")
    return content


def homes(folder: Path | None) -> dict[str, Home]:
    """Give every playbook by its name: the shipped ones, and those in a folder of the caller's own.

    Raises:
        NoSuchPlaybookError: the folder does not exist.
        BrokenPlaybookError: a playbook in it has the name of a shipped one, so that nobody could
            tell which is meant.
    """
    found = _in(shipped(), is_shipped=True)
    if folder is None:
        return found
    if not folder.is_dir():
        raise NoSuchPlaybookError(f"no folder of playbooks at {folder}: check the setting")
    if _same(folder, shipped()):
        return found
    own = _in(folder, is_shipped=False)
    if twice := sorted(found.keys() & own.keys()):
        raise BrokenPlaybookError(
            f"{twice[0]} is a playbook that breachkit ships: give yours a name of its own, and say "
            f'extends = "{twice[0]}" in it'
        )
    return {**found, **own}


def home_of(name: str, folder: Path | None) -> Home:
    """Give the folder of a playbook.

    Raises:
        NoSuchPlaybookError: there is none of that name; the message lists those there are.
    """
    if not NAME.fullmatch(name):
        message = f"{display(name)!r} is no name of a playbook: use a-z, 0-9 and hyphens"
        raise NoSuchPlaybookError(message)
    known = homes(folder)
    if name in known:
        return known[name]
    raise NoSuchPlaybookError(
        f"no playbook {name!r}: choose one of {', '.join(sorted(known))}, or make one with "
        f"`breachkit playbook new`; one of your own needs --playbooks DIR, and a {ABOUT}."
        f"{meant(name, known)}"
    )


def shipped() -> Traversable:
    """Give the folder of the shipped playbooks.

    Raises:
        NoSuchPlaybookError: breachkit was installed without them.
    """
    packaged = importlib.resources.files(breachkit) / "_playbooks"
    if packaged.is_dir():
        return packaged
    source = Path(breachkit.__file__).resolve().parent.parent / "playbooks"
    if source.is_dir():
        return source
    raise NoSuchPlaybookError("breachkit is installed without its playbooks: install it again")


def _in(root: Traversable, *, is_shipped: bool) -> dict[str, Home]:
    entries = [each for each in root.iterdir() if NAME.fullmatch(each.name)]
    if len(entries) > MOST:
        raise NoSuchPlaybookError(f"more than {MOST} folders: name the one that holds playbooks")
    return {
        each.name: Home(name=each.name, folder=each, shipped=is_shipped)
        for each in entries
        if each.joinpath(ABOUT).is_file() and (is_shipped or _leads_inside(each, root))
    }


def _same(folder: Path, other: Traversable) -> bool:
    return isinstance(other, Path) and folder.resolve() == other.resolve()


def _leads_inside(entry: Traversable, root: Traversable) -> bool:
    if isinstance(entry, Path) and isinstance(root, Path):
        return entry.resolve().is_relative_to(root.resolve())
    return True


def _visible(folder: Traversable) -> list[Traversable]:
    return [each for each in folder.iterdir() if not each.name.startswith((".", "_"))][:MOST]
