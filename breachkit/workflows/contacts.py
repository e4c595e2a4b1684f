"""The contacts of a case: which profile is in force, read, chosen and kept with the case."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from breachkit.actions.contacts import ContactsError, ContactsProfile, warnings_for
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.time import Clock
from breachkit.workflows.playbook_contacts import contacts_from_text, read_contacts
from breachkit.workflows.playbooks import load_settings, playbook_of


if TYPE_CHECKING:
    from breachkit.actions.playbook import Settings


__all__ = ["CONTACTS_FILE", "choose_contacts", "current_contacts", "doubts", "read_contacts"]

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
        "two_person": sorted(_settings(profile, folder).two_person),
    }
    case.record(EventKind.CONTACTS_CHOSEN, detail)
    return profile, doubts(profile, clock.now().date(), folder=folder)


def doubts(profile: ContactsProfile, today: date, *, folder: Path | None = None) -> tuple[str, ...]:
    """Say what to check before trusting contacts on a day, as their playbook lays down."""
    return warnings_for(profile, today, stale_after=_settings(profile, folder).stale_after)


def _settings(profile: ContactsProfile, folder: Path | None) -> "Settings":
    return load_settings(playbook_of(profile.name, folder=folder), folder=folder)


def current_contacts(case: CaseFolder) -> ContactsProfile | None:
    """Give the contacts in force; None until somebody chose them.

    Raises:
        ContactsError: the case's copy is not the file that was chosen.
    """
    chosen = [event for event in case.events() if event.kind == EventKind.CONTACTS_CHOSEN]
    if not chosen:
        return None
    text = case.read_file(CONTACTS_FILE).decode("utf-8", "replace")
    profile = contacts_from_text(text, chosen[-1].text("profile") or CONTACTS_FILE)
    if profile.sha256 != chosen[-1].text("sha256"):
        raise ContactsError(
            f"{CONTACTS_FILE} of the case was changed after it was chosen: "
            "choose it again with --contacts, so that the journal knows"
        )
    return profile
