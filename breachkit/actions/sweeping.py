"""Sweeps as plain data: what is looked at, what came of it, and what is new since the last time.

A finding is known from one sweep to the next by its mark: a keyed digest of its rule and its object,
which tells nobody else anything. Its life: new, then known, accepted where a person said so, and gone
once a complete look does not find it any more, or its object is not in the repository any more.
"""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from breachkit.actions.acceptance import Book, Key
from breachkit.model.findings import Severity
from breachkit.model.policy import Policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """What people accepted, and the key that tells which findings those are."""

    book: Book
    key: Key
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One repository to be looked at; plain values, so that any process anywhere can do it."""

    key: str
    """What a new name does not change: the platform's id, else the place."""
    name: str
    """As reports show it: `owner/name`, or the name of a folder."""
    url: str = field(repr=False)
    """Where git finds it: a URL, which may hold a password, or an absolute path."""
    mirror: str | None
    """Where a copy of it is kept, as an absolute path; None where it is looked at in its place."""
    store: str
    """The folder of the verdicts; on the machine that does the errand."""
    mark_key: bytes = field(repr=False)
    """Secret; findings are marked with it."""
    policies: Policies
    weighing: Weighing | None = field(default=None, repr=False)
    """What people accepted; None where nobody accepted anything."""
    known: "Outcome | None" = None
    """What the last look came to; where its `state` is so still, there is nothing new."""
    known_objects: frozenset[str] = field(default=frozenset(), repr=False)
    """The marks of the objects that known findings are in, as `Seen.object_mark`."""


class Standing(enum.StrEnum):
    """What became of an errand. The words stand in files: only ever added to."""

    SCANNED = "scanned"
    UNCHANGED = "unchanged"
    """No ref, rule or policy has changed since the last complete look."""
    EMPTY = "empty"
    """There is nothing in it."""
    SKIPPED = "skipped"
    """It was not looked at, on purpose or for lack of time; `reason` says why."""
    FAILED = "failed"
    """It could not be looked at."""
    GONE = "gone"
    """It is not public any more, or not there; `reason` says what is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One finding, as it is told to people and programs: where, never what, and without object ids."""

    mark: str
    rule: str
    severity: Severity
    confidence: str
    message: str
    path: str
    """Escaped for showing, and masked where the name itself is the evidence; empty where there is none."""
    part: str | None = None
    rows: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()
    cells: int = 0
    reach: str = "other"
    first_date: datetime | None = None
    """When the first commit that holds it was made."""
    accepted: bool = False
    """Whether an acceptance covers it."""
    object_mark: str | None = field(default=None, repr=False)
    """The mark of its object, a keyed digest too; None in a record of before there were any."""

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON values, as everybody is told it: without the mark of its object."""
        return {
            "mark": self.mark,
            "rule": self.rule,
            "severity": self.severity.label,
            "confidence": self.confidence,
            "message": self.message,
            "path": self.path,
            "part": self.part,
            "rows": list(self.rows),
            "columns": list(self.columns),
            "cells": self.cells,
            "reach": self.reach,
            "first_date": None if self.first_date is None else self.first_date.isoformat(),
            "accepted": self.accepted,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Seen":
        """Read what `to_json` wrote; KeyError, TypeError or ValueError where it is something else."""
        first = data["first_date"]
        return cls(
            mark=str(data["mark"]),
            rule=str(data["rule"]),
            severity=Severity[str(data["severity"]).upper()],
            confidence=str(data["confidence"]),
            message=str(data["message"]),
            path=str(data["path"]),
            part=None if data["part"] is None else str(data["part"]),
            rows=tuple(map(int, data["rows"])),
            columns=tuple(map(str, data["columns"])),
            cells=int(data["cells"]),
            reach=str(data["reach"]),
            first_date=None if first is None else datetime.fromisoformat(first),
            accepted=bool(data["accepted"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one errand came to."""

    key: str
    name: str
    standing: Standing
    reason: str = ""
    """For people; empty where there is nothing to explain."""
    state: str | None = None
    """What it came from: refs, rules, policy and acceptances in one digest. None where it was not looked
    at, or where looking again may tell more: something took too long, or a process died."""
    complete: bool = False
    """Everything was examined, so that what is not in `seen` is not there."""
    seen: tuple[Seen, ...] = field(default=(), repr=False)
    """Worst first. Empty where it was not scanned: what was known stays known."""
    departed: frozenset[str] = field(default=frozenset(), repr=False)
    """Those of `Errand.known_objects` that no ref leads to any more; none where not all could be listed."""
    unread: int = 0
    """How much could not be examined."""
    objects: int = 0
    recalled: int = 0
    """How many of these objects were known from other scans."""
    seconds: float = 0.0
    disk_bytes: int = 0
    """What its mirror takes."""
    silent: bool = False
    """Whether its server did not even show its refs, for a reason that may have nothing to do with it."""


class Life(enum.StrEnum):
    """How a finding stands to earlier sweeps. The words stand in files: only ever added to."""

    NEW = "new"
    KNOWN = "known"
    ACCEPTED = "accepted"
    GONE = "gone"


OPEN = frozenset({Life.NEW, Life.KNOWN})
"""Somebody has to look at a finding that lives so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finding over time."""

    seen: Seen
    life: Life
    since: datetime
    """When a sweep first saw it."""
    last: datetime
    """When a sweep last saw it; for one that is gone, that was before this sweep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """One repository in a sweep's result."""

    outcome: Outcome
    records: tuple[Record, ...] = field(default=(), repr=False)
    """All of its findings: new, known, accepted, and those that went since the last sweep. Where it
    could not be looked at, what was known of it before."""

    def of(self, *lives: Life) -> tuple[Record, ...]:
        """Give its findings of these lives."""
        return tuple(record for record in self.records if record.life in lives)


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """What could not be done about new findings; the next sweep tries it again."""

    letters: int | None = 0
    """Those to contacts that no server took; None where it is not known how many there are."""
    draft_cases: int | None = 0
    """Those that could not be opened; None where it is not known how many there are."""

    def __bool__(self) -> bool:
        """Say whether anything is left to do."""
        return (self.letters, self.draft_cases) != (0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What a sweep came to."""

    number: int
    """Counted from 1 in its folder."""
    target: str
    policy: str
    began_at: datetime
    ended_at: datetime
    repositories: tuple[Swept, ...] = field(repr=False)
    """Sorted by name."""
    unfinished: str = ""
    """Why not all repositories were looked at; empty where all were."""
    undone: Undone = field(default_factory=Undone)
    """What could not be done about what is new, once that was tried."""

    def count(self, *lives: Life) -> int:
        """Give how many findings have one of these lives."""
        return sum(len(one.of(*lives)) for one in self.repositories)

    def standing(self, *standings: Standing) -> tuple[Swept, ...]:
        """Give the repositories that stand so."""
        return tuple(one for one in self.repositories if one.outcome.standing in standings)

    @property
    def worst_new(self) -> Severity:
        """The highest severity among what is new; INFO where nothing is."""
        new = (record.seen.severity for one in self.repositories for record in one.of(Life.NEW))
        return max(new, default=Severity.INFO)

    @property
    def complete(self) -> bool:
        """Whether every repository was looked at, and all of it."""
        return not self.unfinished and all(map(_is_settled, self.repositories))

    @property
    def exit_code(self) -> int:
        """11 to 14 for the worst new finding, else 5 where something was not looked at or done, else 0."""
        return self.worst_new.exit_code or (0 if self.complete and not self.undone else 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One sweep on its way, or one that has ended."""

    number: int
    target: str
    policy: str
    began_at: datetime
    ended_at: datetime | None = None
    unfinished: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many findings there were at its end, by severity and by life."""
    resumed: bool = False
    """Whether it was begun by a process that did not end it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many findings were open in a repository from one sweep on."""

    run: int
    """The number of that sweep."""
    open: int
    """New and known findings."""


def _is_settled(one: Swept) -> bool:
    outcome = one.outcome
    if outcome.standing in {Standing.SCANNED, Standing.UNCHANGED}:
        return outcome.complete
    return outcome.standing in {Standing.EMPTY, Standing.GONE} or (
        outcome.standing is Standing.SKIPPED and not outcome.reason.startswith(NOT_YET)
    )


NOT_YET = "not yet"
"""Begins the reason of what is skipped now and has to be looked at next time."""


def told_apart(outcome: Outcome, before: Iterable[Record], *, at: datetime) -> tuple[Record, ...]:
    """Say how each finding of a look stands to what was known.

    Args:
        outcome: Of a repository that was scanned.
        before: What was known, whatever its life; what was gone and comes back is new.
        at: When the sweep began.
    """
    known = {record.seen.mark: record for record in before if record.life is not Life.GONE}
    now = [
        Record(
            seen=one,
            life=_life(one, known.get(one.mark)),
            since=known[one.mark].since if one.mark in known else at,
            last=at,
        )
        for one in outcome.seen
    ]
    marks = {one.mark for one in outcome.seen}
    missed = [record for mark, record in known.items() if mark not in marks]
    gone = tuple(replace(each, life=Life.GONE) for each in missed if _is_gone(each, outcome))
    left = (each for each in missed if not _is_gone(each, outcome))
    return (*now, *gone, *still_known(left))


def _is_gone(missed: Record, outcome: Outcome) -> bool:
    return outcome.complete or missed.seen.object_mark in outcome.departed


def still_known(before: Iterable[Record]) -> tuple[Record, ...]:
    """Give what was known of a repository that was not looked at: nothing in it is new, or gone."""
    return tuple(
        replace(record, life=Life.KNOWN) if record.life is Life.NEW else record
        for record in before
        if record.life is not Life.GONE
    )


def objects_of(records: Iterable[Record]) -> frozenset[str]:
    """Give the marks of the objects that findings are in; none for those of before there were any."""
    return frozenset(mark for each in records if (mark := each.seen.object_mark) is not None)


def _life(one: Seen, earlier: Record | None) -> Life:
    if one.accepted:
        return Life.ACCEPTED
    if earlier is None or earlier.life is Life.ACCEPTED:  # nobody accepts it any more
        return Life.NEW
    return Life.KNOWN if one.severity <= earlier.seen.severity else Life.NEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One repository that a sweep is about."""

    key: str
    """As `Errand.key`."""
    name: str
    """As reports show it."""
    url: str = field(repr=False)
    is_remote: bool
    """Whether a copy of it has to be kept."""
    settled: Outcome | None = None
    """What came of it already, so that it is not looked at: left out, not public any more, ..."""
    goes_first: bool = False
    """Whether it comes before others that were never looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Everything that a sweep is about."""

    name: str
    """What the sweep is called: `opensafely`, or the path of a file or folder. Known findings belong to it."""
    repositories: tuple[Target, ...] = field(repr=False)
    problem: str = ""
    """Why some may be missing; empty where all are there."""
    no_more: str = "it is not named any more"
    """Why one of which findings are known is not among them, where nothing else is known."""
