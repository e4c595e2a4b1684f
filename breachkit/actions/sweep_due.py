"""What a sweep still owes people: findings to tell of, and findings to open a draft case for.

A finding is owed from the moment at which it is written down as new, and until what is owed is done:
whenever the process is killed, the next sweep goes on with it.
"""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from breachkit.actions.sweeping import Life, Record, Seen, Sweep
from breachkit.model.findings import Severity


class Purpose(enum.StrEnum):
    """What is owed. The words stand in files: only ever added to."""

    MAIL = "mail"
    CASE = "case"


Owed = Mapping[Purpose, Severity]
"""What is to be done about new findings, each from which severity on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One finding that something is owed for."""

    key: str
    """Of its repository, as `Errand.key`."""
    name: str
    """Of its repository, as reports show it."""
    url: str = field(repr=False)
    """Where git finds it; a file of repositories may name one with a password."""
    found_at: datetime
    """When the sweep began that found it."""
    seen: Seen


def owed_for(records: Iterable[Record], owed: Owed) -> Iterator[tuple[Purpose, Record]]:
    """Give the new findings of a repository, once for everything that is owed for them."""
    for record in records:
        for purpose, least in owed.items():
            if record.life is Life.NEW and record.seen.severity >= least:
                yield purpose, record


def by_repository(due: Iterable[Due]) -> dict[str, list[Due]]:
    """Give what is due by the key of its repository, sorted by name, the worst finding first."""
    found: dict[str, list[Due]] = {}
    for each in sorted(due, key=lambda one: (one.name, -one.seen.severity, one.seen.mark)):
        found.setdefault(each.key, []).append(each)
    return found


def without_accepted(due: Iterable[Due], made: Sweep) -> list[Due]:
    """Give what is due without what somebody has accepted meanwhile: a person has looked at it."""
    accepted = {
        (one.outcome.key, record.seen.mark)
        for one in made.repositories
        for record in one.of(Life.ACCEPTED)
    }
    return [each for each in due if (each.key, each.seen.mark) not in accepted]


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is told at once: one text, the same for everybody."""

    at: datetime
    """When it was written."""
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One letter to one contact, before it has left."""

    number: int
    """Counted from 1 in the folder of the sweeps."""
    name: str
    address: str
    message_id: str
    """The same however often it is tried."""
    telling: Telling
    may_have_arrived: bool = False
    """Whether it was handed over before, and no answer is known."""


class LetterState(enum.StrEnum):
    """What became of a letter. The words stand in files: only ever added to."""

    WAITING = "waiting"
    SENDING = "sending"
    """It is being handed over, or the process was killed meanwhile: it may have arrived."""
    REFUSED = "refused"
    UNSURE = "unsure"
    """It was handed over and no answer came: it may have arrived."""
    SENT = "sent"
    WRITTEN = "written"
    """It lies in a file, for a person to send."""

    @property
    def waits(self) -> bool:
        """Whether it is tried again."""
        return self not in {LetterState.SENT, LetterState.WRITTEN}
