"""The case as it stands: what is known, what was reached, what was begun and not ended."""

import base64
import enum
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Literal, get_args

from breachkit.incident.decisions import Decision
from breachkit.incident.detail import JSON
from breachkit.incident.events import EventKind
from breachkit.model.ids import display


CaseKind = Literal["suspected", "confirmed", "near-miss"]
"""How sure anybody is. `suspected` is enough to open a case; a near miss never left the machine."""

CASE_KINDS: tuple[str, ...] = get_args(CaseKind)

REPORTING_PERIOD = timedelta(hours=72)
"""From becoming aware to telling the supervisory authority (UK GDPR, Article 33(1)): elapsed
hours, weekends and changes of the clocks included."""


class Milestone(enum.StrEnum):
    """What a response reaches. The order is partial: `states` says what each needs."""

    OPENED = "opened"
    ALERTED = "alerted"
    CONTAINED = "contained"
    SCOPED = "scoped"
    ASSESSED = "assessed"
    REWRITTEN = "rewritten"
    PUSHED = "pushed"
    VERIFIED = "verified"
    SERVER_PURGED = "server_purged"
    TRACED = "traced"
    RESTORED = "restored"
    CLOSED = "closed"
    STOOD_DOWN = "stood_down"
    RECURRED = "recurred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """When a milestone was reached, and the entry that says so."""

    at: datetime
    event: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A milestone that was reached and no longer holds."""

    milestone: Milestone
    reached: Reached
    until: datetime
    ended_by: str
    """The entry that took it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIntent:
    """Something that was begun and has no result: the process was killed in between."""

    what: str
    """The first part of the kind: `rewrite`, `push`, ..."""
    event: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """A case, replayed from its journal."""

    id: str
    codename: str
    kind: CaseKind
    target: str
    """Exactly what the user named, made absolute; undecodable bytes as Python's file names."""
    paths: tuple[str, ...]
    """Files that the reporter named, as shown."""
    found_by: str | None
    opened_at: datetime
    discovered_at: datetime
    aware_at: datetime
    aware_assumed: bool
    """Nobody said when the controller became aware, so the earliest moment known stands in."""
    is_draft: bool
    """A sweep opened it, and no person has said anything of it yet."""
    is_hosted: bool
    """When it was opened, the target was known to be on the platform whose API was in use."""
    policy: str
    ruleset: Mapping[str, JSON]
    """What was judged by when the case was opened: `thresholds` by name of the policy, `zeros`, and the
    version of `breachkit`; empty for a case of an earlier version."""
    profile: str | None
    """The contacts profile in force; None until somebody chooses one."""
    related: tuple[str, ...]
    milestones: Mapping[Milestone, Reached]
    """Those that hold."""
    claims: Mapping[Milestone, Reached]
    """Those that an entry reports; they hold once what `states.NEEDS` names holds too."""
    past: tuple[Past, ...]
    """Those that held once, oldest first."""
    open_intents: tuple[OpenIntent, ...]
    facts: Mapping[str, Mapping[str, int]]
    """The whole numbers of the latest entry of each kind."""
    said: Mapping[str, JSON]
    """What people said that no program can find out: the latest entry of each field."""
    decisions: Mapping[str, Decision]
    """The latest about each matter since the data last came back."""
    severity: str
    """`pending` until somebody says; of several that were said, the highest since it was decided."""
    proof_ok: bool | None
    """What the latest comparison with the old history said; None since the last rewrite began."""
    scope_complete: bool
    messages_waiting: tuple[str, ...]
    """Numbers of the messages that were written and not sent."""
    alerts_waiting: tuple[str, ...]
    """Those of them that alert the contacts."""
    messages_sent: frozenset[str]
    """Names of the templates of which at least one message went out."""
    two_person: frozenset[str]
    """Actions that need a second person's approval: the playbook's, and what was added to them."""
    review_due: date | None
    """By when a closed case is to be looked back on; None while it was never closed."""
    destroy_by: date | None
    """By when the private part of a closed case is to be destroyed."""
    told: frozenset[str]
    """Names of the contacts that an alert left for."""
    told_the_end: frozenset[str]
    """Names of those that a message about the end left for."""
    overrides: frozenset[tuple[str, str]]
    """Pairs of an action and a guard that a person set aside for it."""
    latest: Mapping[str, int]
    """The number of the latest entry of each kind."""
    entries: int
    newer_entries: int
    """Entries of a later breachkit, which this one cannot take into account."""
    head: str
    """Hash of the last journal entry: the anchor."""
    changed_at: datetime

    @property
    def deadline(self) -> datetime:
        """When the 72 hours end, in UTC."""
        return self.aware_at + REPORTING_PERIOD

    @property
    def shown_target(self) -> str:
        """The target, safe to show."""
        return display(self.target)

    @property
    def is_open(self) -> bool:
        """Whether there is anything left to do."""
        return not (self.has(Milestone.CLOSED) or self.has(Milestone.STOOD_DOWN))

    def answer(self, about: str) -> str:
        """Give what was decided last about a matter; empty where nobody has decided."""
        decision = self.decisions.get(about)
        return decision.answer if decision else ""

    def has(self, milestone: Milestone) -> bool:
        """Say whether `milestone` is reached, and still holds."""
        return milestone in self.milestones

    def is_newer(self, kind: EventKind, than: EventKind) -> bool:
        """Say whether the latest entry of `kind` stands after the latest of `than`."""
        return self.latest.get(kind, 0) > self.latest.get(than, 0)

    def fact(self, kind: EventKind, key: str) -> int | None:
        """Give a number of the latest entry of `kind`."""
        return self.facts.get(kind, {}).get(key)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """What somebody who opens a case knows; the name of the target is enough."""

    target: str
    kind: CaseKind = "suspected"
    paths: tuple[str, ...] = ()
    found_by: str | None = None
    discovered_at: datetime | None = None
    aware_at: datetime | None = None
    policy: str = "auto"
    thresholds: tuple[tuple[str, int], ...] = ()
    """Names of the policies in force, each with the largest count that is disclosive."""
    tool_version: str = ""
    related: tuple[str, ...] = ()
    """Ids of earlier cases on the same target."""
    is_draft: bool = False
    """Whether a sweep opens it, so that a person has to look at it before it is acted upon."""
    is_hosted: bool = False
    """Whether the target is on the platform whose API is in use; github.com shows by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSummary:
    """One line of a list of cases."""

    id: str
    codename: str
    folder: str
    kind: str
    target: str
    opened_at: datetime | None
    is_open: bool
    damaged: str | None
    """Why the journal cannot be trusted; None where it holds."""
    is_draft: bool = False
    """As `Incident.is_draft`."""


def wire_name(name: str) -> tuple[str, str | None]:
    """Give a name as shown, and in base64 where showing changed it."""
    raw = os.fsencode(name) if _is_encodable(name) else name.encode("utf-8", "replace")
    shown = display(raw)
    exact = None if shown.encode() == raw else base64.b64encode(raw).decode("ascii")
    return shown, exact


def unwire_name(shown: str, exact: str | None) -> str:
    """Give back the name that `wire_name` was given."""
    if exact is None:
        return shown
    try:
        return os.fsdecode(base64.b64decode(exact, validate=True))
    except ValueError:
        return shown


def frozen(mapping: Mapping[str, int]) -> Mapping[str, int]:
    """Give a mapping that nobody can change."""
    return MappingProxyType(dict(mapping))


def _is_encodable(name: str) -> bool:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        return False
    return True
