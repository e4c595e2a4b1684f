"""Finds and reads playbooks: the shipped ones, and those of the caller's own folder.

In a wheel the shipped ones lie beside the code as `breachkit/_playbooks`; an editable installation
reads `playbooks/` of the source tree. A file that a playbook lacks comes from the one it `extends`.
"""

import contextlib
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from breachkit.actions.playbook_text import Located, PlaybookTextError
from breachkit.actions.playbook_toml import plain_toml, toml_lines
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.policy import Policies, policies_from_mapping
from breachkit.workflows.playbook_files import (
    ABOUT,
    NAME,
    BrokenPlaybookError,
    Home,
    NoSuchPlaybookError,
    home_of,
    homes,
)


if TYPE_CHECKING:
    from breachkit.actions.playbook import About, Settings


__all__ = [
    "DEFAULT_ORGANISATION",
    "BrokenPlaybookError",
    "NoSuchPlaybookError",
    "choose_policies",
    "contacts_profiles",
    "default_playbook",
    "holder_of",
    "home_in_use",
    "lineage",
    "load_about",
    "load_policies",
    "load_settings",
    "load_values",
    "named_or_at",
    "organisations",
    "playbook_of",
    "policies_of_case",
    "read_once",
    "read_text",
    "using",
]

DEFAULT_ORGANISATION = "opensafely-2026"
"""The playbook that is used until a case or an option names another."""

CONTACTS = "contacts.toml"

_DEEPEST = 8
"""More generations than any organisation needs; a longer line is a mistake."""
_OWN: ContextVar[Path | None] = ContextVar(
    "folder with playbooks of the caller's own", default=None
)
_CHOSEN: ContextVar[str] = ContextVar("playbook in use", default=DEFAULT_ORGANISATION)
_READ: ContextVar[dict[Hashable, Any] | None] = ContextVar("read of playbooks", default=None)

T = TypeVar("T")


@contextlib.contextmanager
def using(folder: Path | None) -> Iterator[None]:
    """Let everything that is given no folder of its own look into this one too.

    Args:
        folder: A folder of playbooks; or one playbook, which then is the one that is used until a
            case or an option names another, and the folder it lies in is looked into.
    """
    is_playbook = folder is not None and (folder / ABOUT).is_file()
    whole = folder.absolute() if folder else None
    own = _OWN.set(whole.parent if whole and is_playbook else whole)
    chosen = _CHOSEN.set(whole.name if whole and is_playbook else _CHOSEN.get())
    try:
        yield
    finally:
        _OWN.reset(own)
        _CHOSEN.reset(chosen)


@contextlib.contextmanager
def read_once() -> Iterator[None]:
    """Look for each playbook once, and read what it says of itself once, until the context is left.

    What lies on the disk is taken to stay as it is meanwhile.
    """
    before = _READ.set({})
    try:
        yield
    finally:
        _READ.reset(before)


@contextlib.contextmanager
def named_or_at(name: str) -> Iterator[str]:
    """Give the name of a playbook that is named, or that lies in a folder, and use that folder.

    Raises:
        NoSuchPlaybookError: the folder is no playbook.
    """
    folder = Path(name)
    if NAME.fullmatch(name) and not (folder / ABOUT).is_file():
        yield name
        return
    if not (folder / ABOUT).is_file():
        raise NoSuchPlaybookError(f"no playbook at {display(name)}: there is no {ABOUT} in it")
    with using(folder.absolute().parent):
        yield folder.absolute().name


def default_playbook() -> str:
    """Give the playbook that is used until a case or an option names another."""
    return _CHOSEN.get()


def organisations(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the playbooks there are, sorted.

    Args:
        folder: A folder with playbooks of the caller's own, each in a folder of its name; None for
            the one that is in use, if any. The shipped ones are always there.
    """
    return tuple(sorted(homes(folder or _OWN.get())))


def contacts_profiles(*, folder: Path | None = None) -> tuple[str, ...]:
    """List the playbooks whose contacts can be chosen, such as `opensafely-2026`, sorted."""
    return tuple(
        name
        for name in organisations(folder=folder)
        if not load_values(name, folder=folder).get("example")
        and holder_of(CONTACTS, name, folder=folder)
    )


def playbook_of(profile: str | None, *, folder: Path | None = None) -> str:
    """Give the playbook that a case goes by: the one whose contacts were chosen, else the default.

    Args:
        profile: Of the case: a playbook, or the name of a file of contacts, which ends in `.toml`.
        folder: See `organisations`.

    Raises:
        NoSuchPlaybookError: there is no such playbook. Another's checklist and texts would be wrong,
            so none is taken in its place.
    """
    if profile is None or profile.endswith(".toml"):
        return default_playbook()
    return home_in_use(profile, folder=folder).name


def lineage(organisation: str, *, folder: Path | None = None) -> tuple[str, ...]:
    """Give a playbook and those that it extends, itself first.

    Raises:
        NoSuchPlaybookError: one of them does not exist.
        BrokenPlaybookError: a `playbook.toml` is wrong, or they extend each other in a circle.
    """
    line: list[str] = []
    name: Any = organisation
    while name is not None:
        if name in line or len(line) == _DEEPEST or not isinstance(name, str):
            raise BrokenPlaybookError(
                f"{organisation}/{ABOUT}: extends: {', '.join([*line, str(name)])} come to no end"
            )
        line.append(name)
        name = load_values(name, folder=folder).get("extends")
    return tuple(line)


def read_text(name: str, organisation: str | None = None, *, folder: Path | None = None) -> str:
    """Read a file of a playbook, or of the nearest one that it extends and that has it.

    Contacts are never taken from another organisation's playbook: a message must not go to
    strangers because a file was missing.

    Args:
        name: The file within the playbook's folder, such as `mail/internal-alert.txt.j2`.
        organisation: Which playbook; None for `default_playbook`.
        folder: See `organisations`.

    Raises:
        NoSuchPlaybookError: there is no such playbook or file.
        BrokenPlaybookError: the file is not UTF-8, too large, elsewhere, or cannot be read.
    """
    organisation = default_playbook() if organisation is None else organisation
    holder = holder_of(name, organisation, folder=folder)
    if holder is None:
        raise NoSuchPlaybookError(
            f"the playbook of {organisation} has no {name}: add that file to it"
        )
    return home_in_use(holder, folder=folder).read(name)


def holder_of(name: str, organisation: str, *, folder: Path | None = None) -> str | None:
    """Give the playbook out of `lineage` that a file is read from; None where none has it."""
    for each in _may_give(name, organisation, folder):
        if home_in_use(each, folder=folder).has(name):
            return each
    return None


def load_about(organisation: str, *, folder: Path | None = None) -> "About":
    """Read what a playbook says about itself.

    Raises:
        BrokenPlaybookError: something in it is wrong; the message has each file, line and key.
    """
    from breachkit.actions.playbook import read_about

    text = home_in_use(organisation, folder=folder).read(ABOUT)
    about, problems = read_about(_located(text, f"{organisation}/{ABOUT}"), name=organisation)
    if problems:
        raise BrokenPlaybookError("; ".join(f"{organisation}/{each}" for each in problems))
    return about


def load_settings(organisation: str | None = None, *, folder: Path | None = None) -> "Settings":
    """Read the periods and rules of a playbook, each from the nearest that states it."""
    from breachkit.actions.playbook import settings_from

    line = lineage(default_playbook() if organisation is None else organisation, folder=folder)
    return settings_from([(each, load_values(each, folder=folder)) for each in line])


def choose_policies(
    name: str, *, unless_named: str | None = None, folder: Path | None = None
) -> Policies:
    """Give the policies to judge by.

    Args:
        name: `auto`, `strict`, a profile's name or a date, of the playbook in use; of another with
            its name and a colon before, as in `example-tre:auto`.
        unless_named: The playbook that is meant where none is named; None for the one in use.
        folder: See `organisations`.

    Raises:
        ConfigurationError: there is no such playbook or profile.
    """
    playbook, colon, profile = name.rpartition(":")
    return load_policies(playbook if colon else unless_named, folder=folder).choose(profile)


def policies_of_case(name: str) -> Policies:
    """Give the policies that a case was opened with, whatever playbook is in use by now."""
    return choose_policies(name, unless_named=DEFAULT_ORGANISATION)


def load_policies(organisation: str | None = None, *, folder: Path | None = None) -> Policies:
    """Read the release policies of an organisation, judging each file by its date.

    Raises:
        ConfigurationError: there is none, or it says something that makes no sense; the message
            names the file and the key.
    """
    organisation = default_playbook() if organisation is None else organisation
    text = read_text("policy.toml", organisation, folder=folder)
    data = _parsed(text, f"{organisation}/policy.toml")
    try:
        policies = policies_from_mapping(data)
    except ConfigurationError as cause:
        raise BrokenPlaybookError(f"{organisation}/{cause}; correct it and run again") from cause
    return policies if organisation == DEFAULT_ORGANISATION else replace(policies, of=organisation)


def load_values(organisation: str, *, folder: Path | None = None) -> Mapping[str, Any]:
    """Give the values of a `playbook.toml` as they are.

    Raises:
        NoSuchPlaybookError: there is no such playbook.
        BrokenPlaybookError: it is no TOML.
    """

    def read() -> Mapping[str, Any]:
        home = home_in_use(organisation, folder=folder)
        return _parsed(home.read(ABOUT), f"{organisation}/{ABOUT}")

    return _once(("values", organisation, folder or _OWN.get()), read)


def _may_give(name: str, organisation: str, folder: Path | None) -> Iterator[str]:
    """Give the playbooks that a file may be read from: for contacts, those of one organisation alone."""
    own = load_values(organisation, folder=folder).get("organisation")
    for each in lineage(organisation, folder=folder):
        theirs = load_values(each, folder=folder).get("organisation")
        if name == CONTACTS and each != organisation and (own is None or theirs != own):
            return
        yield each


def home_in_use(organisation: str, *, folder: Path | None = None) -> Home:
    """Give the folder of a playbook.

    Raises:
        NoSuchPlaybookError: there is none of that name.
    """
    place = folder or _OWN.get()
    return _once(("home", organisation, place), lambda: home_of(organisation, place))


def _once(what: Hashable, read: Callable[[], T]) -> T:
    """Give what `read` gives, or gave before in the same `read_once`."""
    known = _READ.get()
    if known is None:
        return read()
    if what not in known:
        known[what] = read()
    found: T = known[what]
    return found


def _parsed(text: str, shown: str) -> dict[str, Any]:
    try:
        return plain_toml(text)
    except PlaybookTextError as cause:
        where = shown if cause.line is None else f"{shown}:{cause.line}"
        raise BrokenPlaybookError(f"{where}: {cause.problem}; correct it") from None


def _located(text: str, shown: str) -> Located:
    return Located(value=_parsed(text, shown), lines=toml_lines(text))
