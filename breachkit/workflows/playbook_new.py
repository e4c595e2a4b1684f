"""Begins a playbook for another organisation, as a copy to fill in."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from breachkit.actions.playbook_new import ALWAYS_OWN, OWN_FILES, adapted, blanks
from breachkit.model.errors import ConfigurationError, RefusedError
from breachkit.model.ids import display
from breachkit.workflows.playbook_files import NAME, NoSuchPlaybookError, homes
from breachkit.workflows.playbooks import holder_of, home_in_use, load_values, organisations


class PlaybookExistsError(RefusedError):
    """There is a playbook of that name, or something else in its place."""


class NoPlaceError(ConfigurationError):
    """The folder of a new playbook cannot be made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A playbook that was made."""

    folder: Path
    files: tuple[str, ...]
    blanks: tuple[str, ...]
    """Where something has to be filled in, as `file:line`."""


def begin_playbook(
    name: str, into: Path, *, like: str, whole: bool = False, folder: Path | None = None
) -> Begun:
    """Make a playbook out of another one.

    Args:
        name: Of the new one.
        into: Folder in which it gets a folder of its name; made where there is none.
        like: The playbook to begin with.
        whole: Copy every file of it; else only what an organisation decides for itself, with the
            rest taken from it by `extends`.
        folder: Playbooks of the caller's own.

    Raises:
        PlaybookExistsError: the name is taken.
        NoPlaceError: its folder cannot be made.
        NoSuchPlaybookError: `like` does not exist, or the name is none.
    """
    if not NAME.fullmatch(name):
        raise NoSuchPlaybookError(f"{name!r} is no name of a playbook: use a-z, 0-9 and hyphens")
    target = into / name
    if name in homes(None) or name in organisations(folder=folder) or target.exists():
        raise PlaybookExistsError(
            f"there is a playbook {name}, or something at {target}: name another"
        )
    files = _files(name, like, whole=whole, folder=folder)
    _write(target, files)
    return Begun(folder=target, files=tuple(files), blanks=blanks(files))


def _files(name: str, like: str, *, whole: bool, folder: Path | None) -> dict[str, str]:
    values = load_values(like, folder=folder)
    if whole:
        wanted, extends = home_in_use(like, folder=folder).files(), values.get("extends")
    else:
        wanted, extends = (OWN_FILES if values.get("example") else ALWAYS_OWN), like
    found: dict[str, str] = {}
    for file in wanted:
        holder = holder_of(file, like, folder=folder)
        if holder is not None:
            text = home_in_use(holder, folder=folder).read(file)
            found[file] = adapted(file, text, name=name, extends=extends)
    return found


def _write(target: Path, files: dict[str, str]) -> None:
    """Write all of it or nothing."""
    try:
        target.mkdir(parents=True)
    except OSError as cause:
        shown = display(os.fsencode(target))
        raise NoPlaceError(
            f"{shown} cannot be made: {cause.strerror}; name another folder with --into"
        ) from cause
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, target, ignore_errors=True)
        for name, text in files.items():
            file = target / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        stack.pop_all()
