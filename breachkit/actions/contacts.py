"""Who must be told: profiles of contacts, each with the day and the source it was taken from.

The people and addresses change, so none is built in and none is active until someone chooses it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display


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
_PROFILE_KEYS = frozenset({"as_of", "source", "verified_on", "alert_roles", "note", "contact"})
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
    verified_on: date
    sha256: str
    """Of the file's bytes: the journal says with it exactly which profile was chosen."""
    alert_roles: tuple[str, ...]
    """Whoever has one of these roles gets the first alert."""
    contacts: tuple[Contact, ...]

    def with_role(self, *roles: str) -> tuple[Contact, ...]:
        """Give the contacts that have at least one of the roles, in the profile's order."""
        return tuple(c for c in self.contacts if set(roles) & set(c.roles))

    def to_alert(self) -> tuple[Contact, ...]:
        """Give those who get the first alert."""
        return self.with_role(*self.alert_roles)

    def deputy_of(self, contact: Contact) -> Contact | None:
        """Give whom to try when `contact` does not answer."""
        return next((c for c in self.contacts if c.name == contact.deputy), None)


def profile_from_mapping(data: Mapping[str, Any], *, name: str, sha256: str) -> ContactsProfile:
    """Read a parsed contacts file.

    Args:
        data: The parsed TOML: `as_of`, `source`, `verified_on`, optionally `alert_roles`, and at
            least one `[[contact]]`.
        name: What the profile is called.
        sha256: Of the file's bytes.

    Raises:
        ContactsError: a key is missing, unknown or wrong; the message names it.
    """
    reader = _Reader(name)
    reader.check_keys(data, _PROFILE_KEYS, "")
    entries = data.get("contact")
    if not isinstance(entries, list) or not entries:
        raise reader.error("contact", "at least one [[contact]] is needed")
    contacts = tuple(_contact(reader, entry, n) for n, entry in enumerate(entries, start=1))
    _check_together(reader, contacts)
    profile = ContactsProfile(
        name=name,
        as_of=reader.day(data, "as_of"),
        source=reader.text(data, "source", ""),
        verified_on=reader.day(data, "verified_on"),
        sha256=sha256,
        alert_roles=reader.roles(data.get("alert_roles", ["incident_team"]), "alert_roles"),
        contacts=contacts,
    )
    if not any(contact.email for contact in profile.to_alert()):
        raise reader.error("alert_roles", "nobody with one of these roles has an e-mail address")
    return profile


def warnings_for(profile: ContactsProfile, today: date) -> tuple[str, ...]:
    """Say what to check before trusting the profile on a day; empty where nothing is doubtful."""
    age = today - profile.verified_on
    found = []
    if age > STALE_AFTER:
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


def _contact(reader: "_Reader", entry: object, number: int) -> Contact:
    place = f"contact[{number}]."
    if not isinstance(entry, Mapping):
        raise reader.error(place.rstrip("."), "must be a table")
    reader.check_keys(entry, _CONTACT_KEYS, place)
    email = reader.optional(entry, "email", place)
    try:
        email = normalised_address(email) if email else None
    except ValueError as cause:
        raise reader.error(f"{place}email", str(cause)) from cause
    contact = Contact(
        name=reader.text(entry, "name", place),
        roles=reader.roles(entry.get("roles"), f"{place}roles"),
        email=email,
        phone=reader.optional(entry, "phone", place),
        hours=reader.optional(entry, "hours", place),
        deputy=reader.optional(entry, "deputy", place),
    )
    if not (contact.email or contact.phone):
        raise reader.error(f"{place}email", "an e-mail address or a phone number is needed")
    return contact


def _check_together(reader: "_Reader", contacts: Iterable[Contact]) -> None:
    names: set[str] = set()
    for number, contact in enumerate(contacts, start=1):
        if contact.name in names:
            raise reader.error(f"contact[{number}].name", "two contacts have the same name")
        names.add(contact.name)
    for number, contact in enumerate(contacts, start=1):
        if contact.deputy is not None and contact.deputy not in names - {contact.name}:
            raise reader.error(
                f"contact[{number}].deputy", "must name another contact of this profile"
            )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes values of the right kind out of a parsed file, or says which key is wrong."""

    profile: str

    def error(self, key: str, problem: str) -> ContactsError:
        return ContactsError(f"contacts profile {display(self.profile)}: {key}: {problem}")

    def check_keys(self, data: Mapping[str, Any], known: frozenset[str], place: str) -> None:
        for key in data:
            if key not in known:
                options = ", ".join(sorted(known))
                raise self.error(f"{place}{display(str(key))}", f"unknown key; known are {options}")

    def text(self, data: Mapping[str, Any], key: str, place: str) -> str:
        value = data.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"{place}{key}", "a text is needed")
        return value.strip()

    def optional(self, data: Mapping[str, Any], key: str, place: str) -> str | None:
        return self.text(data, key, place) if key in data else None

    def day(self, data: Mapping[str, Any], key: str) -> date:
        value = data.get(key)
        if type(value) is not date:  # a datetime is a date too, and not what is meant
            raise self.error(key, "a day such as 2026-03-26 is needed, without quotes")
        return value

    def roles(self, value: object, key: str) -> tuple[str, ...]:
        if not isinstance(value, list) or not value or not all(role in ROLES for role in value):
            raise self.error(key, f"a list of roles is needed, out of: {', '.join(ROLES)}")
        return tuple(value)
