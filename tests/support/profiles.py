"""Contacts for tests, read from what a file would hold as the program reads the file."""

from collections.abc import Mapping
from typing import Any

from breachkit.actions.contacts import ContactsProfile, contacts_error, read_profile
from breachkit.actions.playbook_text import Located


def profile_of(data: Mapping[str, Any], *, name: str = "tests") -> ContactsProfile:
    """Give the profile that a file with these values is.

    Raises:
        ContactsError: something in it is wrong.
    """
    profile, problems = read_profile(Located(value=data, lines={}), name=name, sha256="0" * 64)
    if problems:
        raise contacts_error(name, problems)
    return profile
