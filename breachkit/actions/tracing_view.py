"""What a search through a platform's readings goes by: the readings, the case, and the words for dates."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from breachkit.actions.bad_set import BadSet
from breachkit.actions.hosting import HostedRepository, Topic
from breachkit.actions.looks import Evidence, Seen, moment
from breachkit.actions.people import Person
from breachkit.actions.trace import Entry, rest


_HOST = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:@]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """A fork that a list once showed, asked for by its id."""

    full_name: str | None
    """As it is called now; None where it is not there for this account."""
    is_public: bool = False
    reason: str = ""
    """Why it is not known whether it is there; empty where it is known."""
    forks: Sequence[Mapping[str, Any]] = field(default=(), repr=False)
    """Forks of all levels of the network that it leads."""
    gap: str = ""
    """Why those are not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Everything a search may look at."""

    repository: HostedRepository
    """As the platform shows it now, or as the newest snapshot has it."""
    asked_name: str
    """`owner/name` as the case has it."""
    web: str
    """Address of the platform's pages, such as `https://github.com`."""
    evidence: Evidence
    now: datetime
    people: Sequence[Person] = ()
    bad: BadSet | None = None
    """None before the scope."""
    former: Mapping[int, Former] = field(default_factory=dict)
    """Forks that the newest list does not show, by id."""

    @property
    def exposed_at(self) -> datetime | None:
        """When the data came in, as far as commits say; None before the scope."""
        return self.bad.first_exposure if self.bad else None

    @property
    def logins_of_people(self) -> frozenset[str]:
        """Accounts of people whom commits name by their login, in lower case."""
        return frozenset(person.login.lower() for person in self.people if person.login)

    def repository_shown(self) -> Mapping[str, Any]:
        """Give the repository's own JSON as it was read last; empty where it never was."""
        looks = self.evidence.looks(Topic.REPOSITORY)
        return looks[-1].reading.only if looks else {}

    def is_since(self, text: object) -> bool:
        """Say whether a date is not before the exposure; what has no readable date is."""
        found = moment(text)
        return self.exposed_at is None or found is None or found >= self.exposed_at

    def rest_of(
        self, code: str, topics: Collection[Topic], whole: str, *, applies_not: bool = True
    ) -> Entry:
        """Give what is said of the rest of a place.

        Args:
            code: Of the place.
            topics: What has to have been read.
            whole: What is said where all of it was read in full.
            applies_not: Whether that rules the rest out; else a person is asked all the same.
        """
        gaps = [f"{topic}: {gap}" for topic in topics if (gap := self.evidence.gap(topic))]
        if gaps:
            return rest(code, "unknown", f"to ask a person: {'; '.join(gaps)}")
        times = [look.when for topic in topics if (look := self.evidence.newest(topic))]
        return rest(
            code, "no" if applies_not else "unknown", f"{whole} ({times[-1]})" if times else whole
        )


def still(seen: Seen) -> str:
    """Say when something was seen last, where it is not there any more; empty where it is."""
    return "" if seen.is_there else f"; seen last {seen.last.when}, and not since"


def number(item: Mapping[str, Any], name: str) -> int:
    """Give a number of the platform's JSON; 0 where there is none."""
    found = item.get(name)
    return found if isinstance(found, int) else 0


def text(item: Mapping[str, Any], *names: str) -> str:
    """Give a text of the platform's JSON by the names that lead to it; empty where there is none."""
    found: Any = item
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else ""


def host_of(address: str) -> str:
    """Give the host of an address, without user, password and port; empty where there is none."""
    found = _HOST.match(address)
    return found[1].lower() if found else ""


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Give `1 fork`, `1,203 forks`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
