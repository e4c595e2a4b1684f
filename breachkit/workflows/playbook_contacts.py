"""Reads contacts: of a playbook, or of a file of the caller's own."""

import hashlib
from pathlib import Path

from breachkit.actions.contacts import (
    FILE,
    ContactsError,
    ContactsProfile,
    contacts_error,
    read_profile,
)
from breachkit.actions.playbook_reader import Problem
from breachkit.actions.playbook_text import PlaybookTextError
from breachkit.actions.playbook_toml import read_toml
from breachkit.model.ids import display
from breachkit.workflows.playbook_files import BrokenPlaybookError, read_plain
from breachkit.workflows.playbooks import contacts_profiles, organisations, read_text


def read_contacts(name: str, *, folder: Path | None = None) -> tuple[ContactsProfile, str]:
    """Read contacts without choosing them, and give them with the text of the file.

    Args:
        name: A playbook such as `opensafely-2026`, or a path that ends in `.toml`.
        folder: Playbooks of the caller's own.

    Raises:
        ContactsError: there are none of that name, or something in them is wrong.
    """
    if name.endswith(".toml"):
        try:
            text = read_plain(Path(name), f"contacts file {display(name)}")
        except BrokenPlaybookError as cause:
            raise ContactsError(str(cause)) from None
        return contacts_from_text(text, Path(name).name), text
    profiles = contacts_profiles(folder=folder)
    if name not in profiles:
        if name in organisations(folder=folder):
            raise ContactsError(
                f"{name} is an example, and its people are made up: begin your own with `breachkit "
                f"playbook new NAME --from {name} --into DIR`, or choose one of {', '.join(profiles)}"
            )
        raise ContactsError(
            f"no contacts profile {display(name)!r}: choose one of {', '.join(profiles)}, or give a "
            "file of your own whose name ends in .toml"
        )
    text = read_text(FILE, name, folder=folder)
    return contacts_from_text(text, name), text


def contacts_from_text(text: str, name: str) -> ContactsProfile:
    """Read the text of a contacts file.

    Args:
        text: Of the file.
        name: What the profile is called: the playbook, or the name of the file.

    Raises:
        ContactsError: it is no TOML, or something in it is wrong; the message has every line and key.
    """
    try:
        located = read_toml(text)
    except PlaybookTextError as cause:
        problem = Problem(file=FILE, line=cause.line, key="", problem=cause.problem)
        raise contacts_error(name, [problem]) from None
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    profile, problems = read_profile(located, name=name, sha256=digest)
    if problems:
        raise contacts_error(name, problems)
    return profile
