"""The contacts of a case: which profile is in force, read, chosen and kept with the case."""

import hashlib
import tomllib
from pathlib import Path

from breachkit.actions.contacts import (
    ContactsError,
    ContactsProfile,
    profile_from_mapping,
    warnings_for,
)
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.ids import display
from breachkit.model.time import Clock
from breachkit.workflows.playbooks import contacts_profiles, read_text


CONTACTS_FILE = "contacts.toml"


def choose_contacts(
    case: CaseFolder, name: str, clock: Clock, *, folder: Path | None = None
) -> tuple[ContactsProfile, tuple[str, ...]]:
    """Make a contacts profile the one in force, and give it with its warnings.

    Args:
        case: The case, which keeps a copy of the file.
        name: A shipped profile such as `opensafely-2026`, or a path that ends in `.toml`.
        clock: Tells how old the profile is.
        folder: Playbooks of the caller's own.

    Raises:
        ContactsError: the profile is missing or wrong.
    """
    profile, text = read_contacts(name, folder=folder)
    case.write_file(CONTACTS_FILE, text.encode("utf-8"))
    detail = {
        "profile": profile.name,
        "as_of": profile.as_of.isoformat(),
        "verified_on": profile.verified_on.isoformat(),
        "source": profile.source,
        "sha256": profile.sha256,
    }
    case.record(EventKind.CONTACTS_CHOSEN, detail)
    return profile, warnings_for(profile, clock.now().date())


def read_contacts(name: str, *, folder: Path | None = None) -> tuple[ContactsProfile, str]:
    """Read a profile without choosing it, and give it with its text; see `choose_contacts`."""
    text = _profile_text(name, folder)
    return _parse(text, Path(name).name if name.endswith(".toml") else name), text


def current_contacts(case: CaseFolder) -> ContactsProfile | None:
    """Give the contacts in force; None until somebody chose them.

    Raises:
        ContactsError: the case's copy is not the file that was chosen.
    """
    chosen = [event for event in case.events() if event.kind == EventKind.CONTACTS_CHOSEN]
    if not chosen:
        return None
    text = case.read_file(CONTACTS_FILE).decode("utf-8", "replace")
    profile = _parse(text, chosen[-1].text("profile") or CONTACTS_FILE)
    if profile.sha256 != chosen[-1].text("sha256"):
        raise ContactsError(
            f"{CONTACTS_FILE} of the case was changed after it was chosen: "
            "choose it again with --contacts, so that the journal knows"
        )
    return profile


def _profile_text(name: str, folder: Path | None) -> str:
    if name.endswith(".toml"):
        try:
            return Path(name).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as cause:
            raise ContactsError(
                f"contacts file {display(name)} cannot be read: check its name"
            ) from cause
    profiles = contacts_profiles(folder=folder)
    if name not in profiles:
        raise ContactsError(
            f"no contacts profile {display(name)!r}: choose one of {', '.join(profiles)}, or give a "
            "file of your own whose name ends in .toml"
        )
    return read_text(CONTACTS_FILE, name, folder=folder)


def _parse(text: str, name: str) -> ContactsProfile:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ContactsError(
            f"contacts profile {display(name)} is not TOML: {cause}; correct it"
        ) from cause
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
    return profile_from_mapping(data, name=name, sha256=digest)
