"""Who must be told: profiles of contacts, each with the day and the source it was taken from.

The people and addresses change, so none is built in and none is active until someone chooses it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from breachkit.actions.playbook_reader import Problem, Reader, TableReader
from breachkit.actions.playbook_text import Located
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display


FILE = "contacts.toml"

ROLES = (
    *("incident_team", "controller", "dpo", "siro", "caldicott_guardian", "ig_lead", "pi"),
    *("sponsor", "co_pilot", "engineer", "output_checker", "comms", "legal"),
)
"""Whom an incident with health data can need: the response itself, the law, the study, the words."""

STALE_AFTER = timedelta(days=180)
"""A profile that nobody has checked for longer than this is used with a warning."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[^@\s]+")
_DOMAIN = re.compile(
    r"(?=.{4,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PROFILE_KEYS = frozenset(
    {
        "as_of",
        "source",
        "source_sha256",
        "verified_on",
        "alert_roles",
        "sweep_roles",
        "note",
        "contact",
    }
)
_CONTACT_KEYS = frozenset({"roles", "name", "email", "phone", "deputy", "hours"})


class ContactsError(ConfigurationError):
    """A contacts profile is missing or says something that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Someone, or a shared mailbox, who can be told."""

    name: str
    roles: tuple[str, ...]
    email: str | None
    phone: str | None = None
    hours: str | None = None
    """When they can be reached, in words."""
    deputy: str | None = None
    """Name of another contact of the profile, for when this one does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactsProfile:
    """All contacts of an organisation, as they were on a day."""

    name: str
    as_of: date
    source: str
    source_sha256: str | None = None
    """Of the bytes of the document named as source, as it was then; None where nobody took it."""
    verified_on: date
    """When somebody last checked every entry against the source."""
    sha256: str
    """Of the file's bytes: the journal says with it exactly which profile was chosen."""
    alert_roles: tuple[str, ...]
    """Whoever has one of these roles gets the first alert."""
    sweep_roles: tuple[str, ...] = ()
    """Whoever has one of these hears what sweeps find; empty where those do who get the first alert."""
    contacts: tuple[Contact, ...]

    def with_role(self, *roles: str) -> tuple[Contact, ...]:
        """Give the contacts that have at least one of the roles, in the profile's order."""
        return tuple(c for c in self.contacts if set(roles) & set(c.roles))

    def to_alert(self) -> tuple[Contact, ...]:
        """Give those who get the first alert."""
        return self.with_role(*self.alert_roles)

    def to_tell_of_sweeps(self) -> tuple[Contact, ...]:
        """Give those who hear what sweeps find."""
        return self.with_role(*(self.sweep_roles or self.alert_roles))

    def deputy_of(self, contact: Contact) -> Contact | None:
        """Give whom to try when `contact` does not answer."""
        return next((c for c in self.contacts if c.name == contact.deputy), None)


def contacts_error(name: str, problems: Iterable[Problem]) -> ContactsError:
    """Give the error that says all that is wrong with a profile."""
    return ContactsError(f"contacts profile {display(name)}: {'; '.join(map(str, problems))}")


def read_profile(
    located: Located, *, name: str, sha256: str
) -> tuple[ContactsProfile, list[Problem]]:
    """Read a contacts file; where problems are given, the profile is made of stand-ins.

    Args:
        located: The parsed TOML: `as_of`, `source`, `verified_on`, optionally `source_sha256`,
            `alert_roles` and `sweep_roles`, and at least one `[[contact]]`.
        name: What the profile is called.
        sha256: Of the file's bytes.
    """
    reader = Reader(FILE, located)
    top = reader.top()
    top.only(_PROFILE_KEYS)
    entries = list(top.tables("contact", least=1))
    contacts = tuple(_contact(entry) for entry in entries)
    _check_together(entries, contacts)
    profile = ContactsProfile(
        name=name,
        as_of=top.day("as_of"),
        source=top.text("source"),
        source_sha256=top.optional_text("source_sha256"),
        verified_on=top.day("verified_on"),
        sha256=sha256,
        alert_roles=top.choices("alert_roles", ROLES, default=("incident_team",)),
        sweep_roles=top.choices("sweep_roles", ROLES, least=0),
        contacts=contacts,
    )
    if profile.source_sha256 and not _SHA256.fullmatch(profile.source_sha256):
        top.wrong("source_sha256", "64 digits of 0-9 and a-f are needed")
    if profile.alert_roles and not reader.problems and not any(c.email for c in profile.to_alert()):
        top.wrong("alert_roles", "nobody with one of these roles has an e-mail address")
    if profile.sweep_roles and not any(c.email for c in profile.to_tell_of_sweeps()):
        top.wrong("sweep_roles", "nobody with one of these roles has an e-mail address")
    return profile, reader.problems


def warnings_for(
    profile: ContactsProfile, today: date, *, stale_after: timedelta = STALE_AFTER
) -> tuple[str, ...]:
    """Say what to check before trusting the profile on a day; empty where nothing is doubtful."""
    age = today - profile.verified_on
    found = []
    if age > stale_after:
        found.append(
            f"contacts profile {display(profile.name)} was last verified on {profile.verified_on}, "
            f"{age.days} days ago: check every address against its source before you send"
        )
    if age < timedelta(0):
        found.append(
            f"contacts profile {display(profile.name)} says it was verified on "
            f"{profile.verified_on}, which is in the future: check the clock and the profile"
        )
    found += [
        f"{display(c.name)} has no e-mail address: phone them"
        for c in profile.to_alert()
        if not c.email
    ]
    return tuple(found)


def phone_script(profile: ContactsProfile, contact: Contact) -> tuple[str, ...]:
    """Say whom to ring when `contact` does not answer the alert, in order, one line each."""
    deputy = profile.deputy_of(contact)
    chain = [contact, *([deputy] if deputy else [])]
    others = [c for c in profile.to_alert() if c not in chain]
    return tuple(_call_line(c) for c in (*chain, *others))


def normalised_address(address: str) -> str:
    """Give an address with its domain in ASCII.

    Raises:
        ValueError: it is not one plain address, or its local part is not ASCII, which many
            mail servers still refuse.
    """
    if not _ADDRESS.fullmatch(address):
        raise ValueError("not one plain address such as jo@example.org")
    local, domain = address.rsplit("@", 1)
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("the part after @ is no domain name") from None
    dots_misplaced = local.startswith(".") or local.endswith(".") or ".." in local
    if dots_misplaced or not _DOMAIN.fullmatch(ascii_domain):
        raise ValueError("not one plain address such as jo@example.org")
    return f"{local}@{ascii_domain}"


def _call_line(contact: Contact) -> str:
    phone = display(contact.phone) if contact.phone else "no phone number in the profile"
    hours = f" ({display(contact.hours)})" if contact.hours else ""
    return f"{display(contact.name)}: {phone}{hours}"


def _contact(entry: TableReader) -> Contact:
    entry.only(_CONTACT_KEYS)
    contact = Contact(
        name=entry.text("name"),
        roles=entry.choices("roles", ROLES),
        email=_email(entry),
        phone=entry.optional_text("phone"),
        hours=entry.optional_text("hours"),
        deputy=entry.optional_text("deputy"),
    )
    if not {"email", "phone"} & set(entry.values):
        entry.wrong("", "an e-mail address or a phone number is needed")
    return contact


def _email(entry: TableReader) -> str | None:
    written = entry.optional_text("email")
    try:
        return normalised_address(written) if written else None
    except ValueError as cause:
        entry.wrong("email", str(cause))
        return None


def _check_together(entries: Iterable[TableReader], contacts: Sequence[Contact]) -> None:
    names = {contact.name for contact in contacts}
    seen: set[str] = set()
    for entry, contact in zip(entries, contacts, strict=True):
        if contact.name and contact.name in seen:
            entry.wrong("name", "two contacts have the same name")
        seen.add(contact.name)
        if contact.deputy is not None and contact.deputy not in names - {contact.name}:
            entry.wrong("deputy", "must name another contact of this profile")
