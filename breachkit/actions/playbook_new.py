"""From a playbook to one for another organisation: copies, with blanks where only that one can know."""

from collections.abc import Mapping, MutableMapping

import tomlkit
from tomlkit.items import AoT, Table

from breachkit.actions.playbook import FILE as ABOUT
from breachkit.actions.playbook_reader import PLACEHOLDER


ALWAYS_OWN = (ABOUT, "contacts.toml")
"""What no organisation takes from another."""
OWN_FILES = (*ALWAYS_OWN, "policy.toml", "hosts.toml")
"""What an organisation decides for itself, where it begins with an example."""

_ABOUT = {
    "title": "your organisation, in words",
    "as_of": "the day whose state this describes, such as 2026-03-26, without quotes",
    "source": "the documents of your organisation that this follows, with their dates",
    "reviewed": "the day on which somebody read all of it against them, without quotes",
}
_CONTACTS = {
    "as_of": "the day whose state this describes, such as 2026-03-26, without quotes",
    "source": "where these were taken from: the page or document, with its date",
    "verified_on": "the day on which somebody checked each of them, without quotes",
}
_CONTACT = {
    "name": "a person or a mailbox",
    "email": "the address, or take this line away",
    "phone": "the number, with +44 or another country's code",
    "hours": "when they can be reached, such as Monday to Friday, 9 to 17, Europe/London",
    "deputy": "the name of another contact of this file",
}


def adapted(file: str, text: str, *, name: str, extends: str | None) -> str:
    """Give a file of a playbook for another organisation, comments and order kept.

    Args:
        file: Its name within the playbook.
        text: As it is there.
        name: Of the new playbook.
        extends: What the new one extends; None where it is whole.
    """
    if file == ABOUT:
        return _about(text, name, extends)
    if file == "contacts.toml":
        return _contacts(text)
    return _policy(text) if file == "policy.toml" else text


def blanks(files: Mapping[str, str]) -> tuple[str, ...]:
    """Say where something has to be filled in: `file:line`, in order."""
    return tuple(
        f"{file}:{number}"
        for file, text in files.items()
        for number, line in enumerate(text.split("\n"), start=1)
        if f'"{PLACEHOLDER}' in line
    )


def _about(text: str, name: str, extends: str | None) -> str:
    document = tomlkit.parse(text)
    document["name"] = name
    document["organisation"] = name
    _blank(document, _ABOUT)
    for key in ("example", "extends", "last_drilled"):
        document.pop(key, None)
    if extends is not None:
        document["extends"] = extends
    return document.as_string()


def _contacts(text: str) -> str:
    document = tomlkit.parse(text)
    _blank(document, _CONTACTS)
    document.pop("source_sha256", None)
    entries = document.get("contact")
    for entry in entries.body if isinstance(entries, AoT) else ():
        _blank(entry, _CONTACT)
    return document.as_string()


def _policy(text: str) -> str:
    document = tomlkit.parse(text)
    profiles = document.get("profile")
    strict = document.get("strict")
    for table in (*(profiles.body if isinstance(profiles, AoT) else ()), strict):
        if isinstance(table, Table):
            _blank(
                table, {"source": "the document of your organisation that says so, and its date"}
            )
    return document.as_string()


def _blank(table: MutableMapping[str, object], asked: Mapping[str, str]) -> None:
    """Put blanks in place of what is there, and keep the comments beside it."""
    for key, question in asked.items():
        if key in table:
            table[key] = f"{PLACEHOLDER}: {question}"
