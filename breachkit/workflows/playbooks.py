"""Finds and reads playbooks: the shipped ones, and those of the caller's own folder.

In a wheel they lie beside the code as `breachkit/_playbooks`; an editable installation reads
`playbooks/` of the source tree.
"""

import importlib.resources
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Any

import breachkit
from breachkit.model.errors import ConfigurationError
from breachkit.model.policy import Policies, policies_from_mapping


DEFAULT_ORGANISATION = "opensafely-2026"
"""The playbook that is used until a case or an option names another."""

CONTACTS = "contacts.toml"
ABOUT = "playbook.toml"

_ORGANISATION = re.compile(r"[a-z0-9][a-z0-9-]*")
_DEEPEST = 8
"""More generations than any organisation needs; a longer line is a mistake."""


class NoSuchPlaybookError(ConfigurationError):
    """No playbook of that name, or no file of that name in it."""


class BrokenPlaybookError(ConfigurationError):
    """A playbook's file does not read as what it should be."""


def organisations(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the playbooks there are, sorted.

    Args:
        folder: A folder with playbooks of the caller's own, each in a folder of its name; None for
            the shipped ones alone.
    """
    names = {
        entry.name
        for root in _roots(folder)
        for entry in root.iterdir()
        if entry.is_dir() and _ORGANISATION.fullmatch(entry.name)
    }
    return tuple(sorted(names))


def contacts_profiles(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the playbooks whose contacts can be chosen, such as `opensafely-2026`, sorted."""
    return tuple(
        name
        for name in organisations(folder=folder)
        if not _about(name, folder).get("example") and _holder(CONTACTS, name, folder)
    )


def playbook_of(profile: str | None, *, folder: Path | None = None) -> str:
    """Give the playbook that a case goes by: the one whose contacts were chosen, else the default."""
    known = organisations(folder=folder)
    return profile if profile in known else DEFAULT_ORGANISATION


def lineage(organisation: str, *, folder: Path | None = None) -> tuple[str, ...]:
    """Give a playbook and those that it extends, itself first.

    Raises:
        NoSuchPlaybookError: one of them does not exist.
        BrokenPlaybookError: a `playbook.toml` is wrong, or they extend each other in a circle.
    """
    line: list[str] = []
    name: str | None = organisation
    while name is not None:
        if name in line or len(line) == _DEEPEST:
            raise BrokenPlaybookError(
                f"{organisation}/{ABOUT}: extends: {', '.join([*line, name])} come to no end"
            )
        line.append(name)
        name = _about(name, folder).get("extends")
    return tuple(line)


def read_text(
    name: str, organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> str:
    """Read a file of a playbook, or of the nearest one that it extends and that has it.

    Contacts are never taken from another organisation's playbook: a message must not go to
    strangers because a file was missing.

    Args:
        name: The file within the playbook's folder, such as `mail/internal-alert.txt.j2`.
        organisation: Which playbook.
        folder: See `organisations`.

    Raises:
        NoSuchPlaybookError: there is no such playbook or file.
        BrokenPlaybookError: the file is not UTF-8 or cannot be read.
    """
    holder = _holder(name, organisation, folder)
    if holder is None:
        raise NoSuchPlaybookError(
            f"the playbook of {organisation} has no {name}: add that file to it"
        )
    return _read(_file(name, holder, folder), f"{holder}/{name}")


def load_policies(
    organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> Policies:
    """Read the release policies of an organisation, judging each file by its date.

    Raises:
        ConfigurationError: there is none, or it says something that makes no sense; the message
            names the file and the key.
    """
    text = read_text("policy.toml", organisation, folder=folder)
    data = _parsed(text, f"{organisation}/policy.toml")
    try:
        return policies_from_mapping(data)
    except ConfigurationError as cause:
        raise BrokenPlaybookError(f"{organisation}/{cause}; correct it and run again") from cause


def _holder(name: str, organisation: str, folder: Path | None) -> str | None:
    """Give the playbook of the line that has the file; None where none has."""
    own = _about(organisation, folder).get("organisation")
    for each in lineage(organisation, folder=folder):
        if name == CONTACTS and each != organisation:
            theirs = _about(each, folder).get("organisation")
            if own is None or theirs != own:
                return None
        if _file(name, each, folder).is_file():
            return each
    return None


def _about(organisation: str, folder: Path | None) -> Mapping[str, Any]:
    file = _file(ABOUT, organisation, folder)
    if file.is_file():
        return _parsed(_read(file, f"{organisation}/{ABOUT}"), f"{organisation}/{ABOUT}")
    known = organisations(folder=folder)
    if organisation in known:
        raise BrokenPlaybookError(
            f"the playbook of {organisation} has no {ABOUT}: add one, with its name and what it extends"
        )
    message = f"no playbook for {organisation!r}: choose one of {', '.join(known)}, or make one"
    raise NoSuchPlaybookError(f"{message} (see playbooks/README.md)")


def _parsed(text: str, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise BrokenPlaybookError(f"{shown} is not TOML: {cause}") from cause


def _roots(folder: Path | None) -> Iterator[Traversable]:
    yield _shipped()
    if folder is not None:
        if not folder.is_dir():
            raise NoSuchPlaybookError(f"no folder of playbooks at {folder}: check the setting")
        yield folder


def _shipped() -> Traversable:
    packaged = importlib.resources.files(breachkit) / "_playbooks"
    if packaged.is_dir():
        return packaged
    source = Path(breachkit.__file__).resolve().parent.parent / "playbooks"
    if source.is_dir():
        return source
    raise NoSuchPlaybookError("breachkit is installed without its playbooks: install it again")


def _file(name: str, organisation: str, folder: Path | None) -> Traversable:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise NoSuchPlaybookError(f"{name!r} is no name of a file within a playbook")
    if not _ORGANISATION.fullmatch(organisation):
        message = f"{organisation!r} is no name of a playbook: use a-z, 0-9 and hyphens"
        raise NoSuchPlaybookError(message)
    homes = [root.joinpath(organisation) for root in _roots(folder)]
    home = next((home for home in homes if home.is_dir()), homes[0])
    return home.joinpath(*parts)


def _read(file: Traversable, shown: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BrokenPlaybookError(f"{shown} is not UTF-8 text: save it as UTF-8") from cause
    except OSError as cause:
        raise BrokenPlaybookError(f"{shown} cannot be read: {cause.strerror}") from cause
