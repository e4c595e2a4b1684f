"""Everything a report may draw on, gathered once: plain data, nothing of it shown yet.

No value of a file and no object id is in it. None always means "not yet known".
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from breachkit.actions.bad_set import BadSet
from breachkit.actions.contacts import ContactsProfile
from breachkit.actions.copies import Copy
from breachkit.actions.mailfacts import file_type, repository_name
from breachkit.actions.notify import Notice
from breachkit.actions.whereabouts import Whereabouts
from breachkit.incident.case import Incident, Milestone
from breachkit.incident.decisions import Decision
from breachkit.incident.events import Event, EventKind
from breachkit.model.findings import Location
from breachkit.model.ids import GitPath
from breachkit.report.masking import Masking


NO_MASKING = Masking.of_names(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding in a file that has to go: where, and by which rule."""

    rule: str
    severity: str
    path: GitPath | None
    location: Location | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What the scope found."""

    by_rule: Mapping[str, int] = field(default_factory=dict)
    """Findings because of which something has to go, by rule."""
    listed: tuple[Found, ...] = ()
    """The first of them, the worst first."""
    total: int = 0
    """In the files that have to go, listed or not."""
    complete: bool = True
    not_examined: int = 0

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.total - len(self.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What the platform counted of readers, over the days that snapshots cover."""

    clones: int
    cloners: int
    """Different ones; at least so many."""
    views: int
    viewers: int
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a snapshot wrote down before containment."""

    taken_at: datetime
    visibility: str | None
    created_at: datetime | None
    forks: int | None
    stargazers: int | None
    subscribers: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One look for the data, and what came of it."""

    at: datetime
    where: str
    result: str
    ok: bool | None
    """None where it could not be told."""
    control: str
    """What showed that the look would have found it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Answers of the platform, gathered by the way they came and as whom it was asked."""

    how: str
    who: str
    counts: Mapping[str, int]
    """By verdict: gone, served, unknown, closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Integrity:
    """What shows that the record is whole."""

    head: str
    entries: int
    holds: bool
    anchors: tuple[str, ...] = ()
    """Where heads of the journal were left outside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """A case, as a report needs it."""

    incident: Incident
    now: datetime
    tool_version: str
    events: Sequence[Event] = field(repr=False)
    said: Mapping[str, object] = field(default_factory=dict)
    """What people know, by field."""
    bad: BadSet | None = None
    findings: Findings | None = None
    masking: Masking = NO_MASKING
    where: Whereabouts | None = None
    where_gap: str = ""
    """Why there is no picture of the refs, in words."""
    steps_closed: tuple[str, ...] = ()
    """What was closed, in words, in order."""
    steps_lost: tuple[str, ...] = ()
    """What giving access back does not bring back."""
    register: Sequence[Copy] = field(default=(), repr=False)
    notices: Sequence[Notice] = ()
    decisions: Sequence[Decision] = ()
    looked: Sequence[Looked] = ()
    ways: Sequence[Asked] = ()
    """What the platform answered when it was asked last."""
    traffic: Traffic | None = None
    seen: Seen | None = None
    contacts: ContactsProfile | None = None
    integrity: Integrity
    open_guards: tuple[str, ...] = ()
    """What closing the case still lacks, in words."""
    next_command: str = ""
    gaps: tuple[str, ...] = ()
    """What could not be read, in words."""

    @property
    def repository(self) -> str:
        """The repository as people name it."""
        return repository_name(self.incident.target)

    @property
    def file_types(self) -> Mapping[str, int]:
        """Files that have to go, by a common type of file; the most frequent first."""
        paths = self.bad.paths if self.bad else ()
        return dict(Counter(map(file_type, paths)).most_common())

    def reached(self, milestone: Milestone) -> datetime | None:
        """Say when a milestone was reached that still holds."""
        found = self.incident.milestones.get(milestone)
        return found.at if found else None

    def first_event(self, *kinds: EventKind) -> Event | None:
        """Give the first entry of some kinds."""
        return next((event for event in self.events if event.known_kind in kinds), None)

    def last_event(self, *kinds: EventKind) -> Event | None:
        """Give the last entry of some kinds."""
        return next((e for e in reversed(self.events) if e.known_kind in kinds), None)

    def decision(self, about: str) -> Decision | None:
        """Give what was decided last about something, since the data last came back."""
        return self.incident.decisions.get(about)

    @property
    def delay(self) -> str:
        """Why the ICO is told after the 72 hours; empty where nobody said."""
        said = (self.decision("ico-told"), self.decision("ico-report"))
        return next((why for each in said if each and (why := each.text("delay"))), "")

    @property
    def ico_reference(self) -> str | None:
        """What the ICO called the first report; None where it was not told."""
        told = [each.text("reference") for each in self.decisions if each.about == "ico-told"]
        return next(filter(None, reversed(told)), None) or self.text("ico_reference")

    def text(self, name: str) -> str | None:
        """Give what people said under a field; None where nobody did."""
        value = self.said.get(name)
        return value.strip() or None if isinstance(value, str) else None

    def when(self, name: str) -> datetime | None:
        """Give a moment that people named."""
        value = self.said.get(name)
        return value if isinstance(value, datetime) else None
