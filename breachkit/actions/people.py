"""Who has touched a history: the many spellings of one person brought together."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from breachkit.actions.contacts import normalised_address


PersonRole = Literal["author", "committer", "co-author", "signer", "reviewer", "tagger"]

_NOREPLY = re.compile(r"(?:\d+\+)?([^@+\s]+)@users\.noreply\.github\.com")
_BOT_NAME = re.compile(
    r"\[bot\]|\bbots?$|^(?:github[ -]actions|dependabot|renovate|web-flow)\b", re.IGNORECASE
)
_BOT_ADDRESSES = frozenset({"noreply@github.com", "actions@github.com", "action@github.com"})
_TRAILER = re.compile(
    r"^[ \t]*(co-authored-by|signed-off-by|reviewed-by|acked-by|tested-by)[ \t]*:[ \t]*([^<\n]*)<([^>\n]*)>",
    re.IGNORECASE | re.MULTILINE,
)
_TRAILER_ROLES: dict[str, PersonRole] = {"co-authored-by": "co-author", "signed-off-by": "signer"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One mention of somebody in one commit or tag."""

    name: str
    email: str
    role: PersonRole
    at: datetime | None
    """None where git cannot read the date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody, or a bot, and how they appear in a history."""

    key: str
    """Stable: the address in lower case, or `github:login`, or `name:...` where there is neither."""
    name: str
    email: str | None
    """The latest address that takes mail; None where only noreply or broken ones are known."""
    login: str | None
    roles: tuple[PersonRole, ...]
    mentions: int
    """In how many places commits and tags name them."""
    last_at: datetime | None
    bot: bool


@dataclass(slots=True)
class _Gathered:
    traces: list[Trace] = field(default_factory=list)

    def person(self, key: str) -> Person:
        latest_first = sorted(self.traces, key=_when, reverse=True)
        logins = [login for t in latest_first if (login := github_login(t.email))]
        emails = [t.email for t in latest_first if takes_mail(t.email)]
        dates = [t.at for t in self.traces if t.at is not None]
        return Person(
            key=key,
            name=next((t.name for t in latest_first if t.name.strip()), "(no name)"),
            email=emails[0] if emails else None,
            login=logins[0] if logins else None,
            roles=tuple(sorted({t.role for t in self.traces})),
            mentions=len(self.traces),
            last_at=max(dates, default=None),
            bot=any(is_bot(t.name, t.email) for t in self.traces),
        )


def people_from(traces: Iterable[Trace]) -> tuple[Person, ...]:
    """Bring all mentions of the same person together, sorted by key.

    Two mentions are of one person when their addresses agree without regard to case, or belong
    to the same GitHub login. Equal names alone are not enough.
    """
    gathered: dict[str, _Gathered] = {}
    for trace in traces:
        gathered.setdefault(person_key(trace.name, trace.email), _Gathered()).traces.append(trace)
    return tuple(gathered[key].person(key) for key in sorted(gathered))


def namesakes(people: Iterable[Person]) -> dict[str, tuple[str, ...]]:
    """Give, for each person without an address, the addresses of others of the same full name.

    They may be the same person. That is for people to find out: brought together by name alone,
    one of two namesakes would be missed.
    """
    addresses: dict[str, list[str]] = {}
    everybody = tuple(people)
    for person in everybody:
        if person.email is not None and not person.bot:
            addresses.setdefault(_folded(person.name), []).append(person.email)
    return {
        person.key: tuple(addresses[_folded(person.name)])
        for person in everybody
        if person.email is None and " " in person.name and _folded(person.name) in addresses
    }


def person_key(name: str, email: str) -> str:
    """Give the key under which mentions are the same person's."""
    login = github_login(email)
    if login is not None:
        return f"github:{login}"
    address = email.strip().casefold()
    return address or f"name:{_folded(name)}"


def github_login(email: str) -> str | None:
    """Give the login of a GitHub noreply address, with or without its number in front."""
    found = _NOREPLY.fullmatch(email.strip().casefold())
    return found.group(1) if found else None


def takes_mail(email: str) -> bool:
    """Say whether somebody could read a mail sent to this address."""
    try:
        address = normalised_address(email.strip()).casefold()
    except ValueError:
        return False
    unreachable = address.endswith((".local", ".localdomain", ".lan", ".internal", ".invalid"))
    return not unreachable and "noreply" not in address


def is_bot(name: str, email: str) -> bool:
    """Say whether a machine writes under this name or address."""
    address = email.strip().casefold()
    return address in _BOT_ADDRESSES or "[bot]" in address or bool(_BOT_NAME.search(name.strip()))


def trailer_traces(message: str, at: datetime | None) -> tuple[Trace, ...]:
    """Give everybody that a commit message names in its trailers."""
    return tuple(
        Trace(
            name=name.strip(),
            email=email.strip(),
            role=_TRAILER_ROLES.get(word.lower(), "reviewer"),
            at=at,
        )
        for word, name, email in _TRAILER.findall(message)
    )


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _when(trace: Trace) -> float:
    return trace.at.timestamp() if trace.at is not None else float("-inf")
