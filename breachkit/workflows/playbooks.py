"""Finds and reads playbooks: the shipped ones, and those of the caller's own folder.

In a wheel they lie beside the code as `breachkit/_playbooks`; an editable installation reads
`playbooks/` of the source tree.
"""

import importlib.resources
import re
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath

import breachkit
from breachkit.model.errors import ConfigurationError
from breachkit.model.policy import Policies, policies_from_mapping


DEFAULT_ORGANISATION = "opensafely"

_ORGANISATION = re.compile(r"[a-z0-9][a-z0-9-]*")


class NoSuchPlaybookError(ConfigurationError):
    """No playbook of that organisation, or no file of that name in it."""


class BrokenPlaybookError(ConfigurationError):
    """A playbook's file does not read as what it should be."""


def organisations(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the organisations that have a playbook, sorted.

    Args:
        folder: A folder with playbooks of the caller's own, one folder for each organisation;
            None for the shipped ones alone.
    """
    names = {
        entry.name
        for root in _roots(folder)
        for entry in root.iterdir()
        if entry.is_dir() and _ORGANISATION.fullmatch(entry.name)
    }
    return tuple(sorted(names))


def contacts_profiles(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the contacts profiles that can be chosen by name, such as `opensafely-2026`, sorted."""
    found = (
        f"{organisation}-{entry.name.removeprefix('contacts-').removesuffix('.toml')}"
        for organisation in organisations(folder=folder)
        for root in _roots(folder)
        if (home := root.joinpath(organisation)).is_dir()
        for entry in home.iterdir()
        if entry.name.startswith("contacts-") and entry.name.endswith(".toml")
    )
    return tuple(sorted(set(found)))


def read_text(
    name: str, organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> str:
    """Read a file of an organisation's playbook; one in `folder` wins over the shipped one.

    Args:
        name: The file within the organisation's folder, such as `mails/alert.txt`.
        organisation: Whose playbook.
        folder: See `organisations`.

    Raises:
        NoSuchPlaybookError: there is no such organisation or file.
        BrokenPlaybookError: the file is not UTF-8 or cannot be read.
    """
    for candidate in _candidates(name, organisation, folder):
        if candidate.is_file():
            return _read(candidate, f"{organisation}/{name}")
    known = organisations(folder=folder)
    if organisation not in known:
        message = f"no playbook for {organisation!r}: choose one of {', '.join(known)}, or make one"
        raise NoSuchPlaybookError(f"{message} (see playbooks/README.md)")
    raise NoSuchPlaybookError(f"the playbook of {organisation} has no {name}: add that file to it")


def load_policies(
    organisation: str = DEFAULT_ORGANISATION, *, folder: Path | None = None
) -> Policies:
    """Read the release policies of an organisation, judging each file by its date.

    Raises:
        ConfigurationError: there is none, or it says something that makes no sense; the message
            names the file and the key.
    """
    text = read_text("policy.toml", organisation, folder=folder)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise BrokenPlaybookError(f"{organisation}/policy.toml is not TOML: {cause}") from cause
    try:
        return policies_from_mapping(data)
    except ConfigurationError as cause:
        raise BrokenPlaybookError(f"{organisation}/{cause}; correct it and run again") from cause


def _roots(folder: Path | None) -> Iterator[Traversable]:
    if folder is not None:
        if not folder.is_dir():
            raise NoSuchPlaybookError(f"no folder of playbooks at {folder}: check the setting")
        yield folder
    yield _shipped()


def _shipped() -> Traversable:
    packaged = importlib.resources.files(breachkit) / "_playbooks"
    if packaged.is_dir():
        return packaged
    source = Path(breachkit.__file__).resolve().parent.parent / "playbooks"
    if source.is_dir():
        return source
    raise NoSuchPlaybookError("breachkit is installed without its playbooks: install it again")


def _candidates(name: str, organisation: str, folder: Path | None) -> Iterator[Traversable]:
    parts = PurePosixPath(name).parts
    if not parts or parts[0] == "/" or ".." in parts:
        raise NoSuchPlaybookError(f"{name!r} is no name of a file within a playbook")
    if not _ORGANISATION.fullmatch(organisation):
        message = f"{organisation!r} is no name of an organisation: use a-z, 0-9 and hyphens"
        raise NoSuchPlaybookError(message)
    for root in _roots(folder):
        yield root.joinpath(organisation, *parts)


def _read(file: Traversable, shown: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as cause:
        raise BrokenPlaybookError(f"{shown} is not UTF-8 text: save it as UTF-8") from cause
    except OSError as cause:
        raise BrokenPlaybookError(f"{shown} cannot be read: {cause.strerror}") from cause
