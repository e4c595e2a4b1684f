"""Where a case stands, as plain data, for machines, and in the words that a screen shares with mails.

What a repository or a person named is escaped here.
"""

import re
import textwrap
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from breachkit.incident.commands import Command
from breachkit.model.ids import display
from breachkit.model.time import rfc3339


WIDTH = 80
"""Sentences are wrapped here; commands, paths and hashes never are, so that they can be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Something that is due as well and does not wait for the next action."""

    what: str
    typed: Command | None = None
    """None where only people can do it."""

    @property
    def command(self) -> str | None:
        """A line to paste; None where only people can do it."""
        return self.typed.shown if self.typed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The one thing to do now."""

    typed: Command
    why: str
    confirm: str | None = None
    """What has to be typed after `--confirm` before the command acts; None where nothing has."""
    meanwhile: tuple[Beside, ...] = ()
    """What does not wait for it and is not done yet."""

    @property
    def command(self) -> str:
        """A line to paste into a shell."""
        return self.typed.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock72:
    """How the 72 hours stand."""

    aware_at: datetime
    assumed: bool
    """Nobody said when the controller became aware; the earliest moment known stands in."""
    deadline: datetime
    left: timedelta
    """Negative once it is past."""
    zone: tzinfo | None = None
    """For the local time; None takes the machine's."""

    @property
    def is_late(self) -> bool:
        """Whether the deadline is past."""
        return self.left < timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneLine:
    """One milestone and when it was reached; None while it is not."""

    name: str
    at: datetime | None
    can_come: bool = False
    """Whether nothing that comes before it is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLine:
    """Something that should be done by now."""

    id: str
    """Of the checklist's item, such as `A05`, or of a copy, such as `K-003`."""
    text: str
    role: str
    due_at: datetime
    late: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class ChaseLine:
    """Somebody to run after now."""

    id: str
    """Of the message, such as `N-001`."""
    text: str
    due_at: datetime
    by_phone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoLine:
    """Who is named for what; None while nobody is."""

    keeper: str | None = None
    engineer: str | None = None
    decider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiesLine:
    """How many copies may exist, and how many of them nobody accounts for yet."""

    known: int
    """Without places that do not apply."""
    high: int = 0
    """Open ones, of high risk."""
    medium: int = 0
    low: int = 0
    overdue: int = 0
    """How many of those that are open are past the day that was set for them."""

    @property
    def open(self) -> int:
        """How many are open."""
        return self.high + self.medium + self.low


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All that `breachkit status` shows."""

    id: str
    codename: str
    kind: str
    severity: str | None
    """None while nobody has said."""
    tlp: str
    target: str
    folder: str
    is_open: bool
    is_draft: bool
    """A sweep opened it, and it waits for a person to look."""
    clock: Clock72
    assessed: bool
    """Whether it is decided whether to report: then the clock hurries nobody any more."""
    milestones: tuple[MilestoneLine, ...]
    who: WhoLine
    overdue: tuple[DueLine, ...]
    """The longest overdue first."""
    chases: tuple[ChaseLine, ...]
    copies: CopiesLine | None
    """None where nobody has searched for any."""
    lacking: tuple[str, ...]
    """What people have to decide and have not."""
    interrupted: tuple[str, ...]
    warnings: tuple[str, ...]
    entries: int
    head: str
    next_action: NextAction

    @property
    def is_late(self) -> bool:
        """Whether the 72 hours are over and nobody has decided yet whether to report."""
        return self.is_open and self.clock.is_late and not self.assessed

    @property
    def is_overdue(self) -> bool:
        """Whether `--strict` ends with exit code 8."""
        copies = self.copies is not None and bool(self.copies.overdue)
        late = self.is_late or bool(self.chases) or copies
        waits = self.is_open and (late or self.is_draft)
        return bool(self.interrupted or self.overdue) or waits


def to_json(status: Status) -> dict[str, Any]:
    """Give the status in JSON's own types; schema `breachkit.status/1`."""
    return {
        "schema": "breachkit.status/1",
        "id": status.id,
        "codename": status.codename,
        "kind": status.kind,
        "severity": status.severity,
        "tlp": status.tlp,
        "target": display(status.target),
        "folder": display(status.folder),
        "open": status.is_open,
        "draft": status.is_draft,
        **_clock_json(status),
        "milestones": {
            line.name: rfc3339(line.at) if line.at else None for line in status.milestones
        },
        "who": {role: _shown(name) for role, name in asdict(status.who).items()},
        "is_overdue": status.is_overdue,
        "overdue": [_due_json(each) for each in status.overdue],
        "chases": [_chase_json(each) for each in status.chases],
        "copies": {**asdict(status.copies), "open": status.copies.open} if status.copies else None,
        "lacking": list(status.lacking),
        "interrupted": list(status.interrupted),
        "warnings": list(status.warnings),
        "entries": status.entries,
        "head": status.head,
        "next": next_to_json(status.next_action),
    }


def _clock_json(status: Status) -> dict[str, Any]:
    clock = status.clock
    return {
        "aware_at": rfc3339(clock.aware_at),
        "aware_assumed": clock.assumed,
        "deadline": rfc3339(clock.deadline),
        "seconds_left": int(clock.left.total_seconds()),
        "late": clock.is_late,
        "assessed": status.assessed,
    }


def _due_json(due: DueLine) -> dict[str, Any]:
    return {
        "id": display(due.id),
        "text": display(due.text),
        "role": due.role,
        "due": rfc3339(due.due_at),
        "seconds_late": int(due.late.total_seconds()),
    }


def _chase_json(chase: ChaseLine) -> dict[str, Any]:
    return {
        "id": chase.id,
        "text": display(chase.text),
        "due": rfc3339(chase.due_at),
        "by_phone": chase.by_phone,
    }


def _shown(name: str | None) -> str | None:
    return None if name is None else display(name)


def next_to_json(action: NextAction) -> dict[str, Any]:
    """Give the next action in JSON's own types."""
    return {
        "command": action.command,
        "why": action.why,
        "confirm": action.confirm,
        "meanwhile": [{"what": each.what, "command": each.command} for each in action.meanwhile],
    }


def next_lines(action: NextAction) -> tuple[str, ...]:
    """Give the next action: the command first, alone and unbroken, then why."""
    return (action.command, *wrapped(why(action)), *beside_lines(action))


def beside_lines(action: NextAction) -> tuple[str, ...]:
    """Say what does not wait for the next action, each with its command unbroken."""
    return tuple(line for each in action.meanwhile for line in _beside(each))


def _beside(beside: Beside) -> list[str]:
    said = wrapped(f"meanwhile: {beside.what}")
    if beside.command is None:
        return said
    one = f"{said[-1]}: {beside.command}"
    return [*said[:-1], one] if len(one) <= WIDTH else [*said, f"    {beside.command}"]


def following_lines(action: NextAction, *, in_full: bool) -> tuple[str, ...]:
    """Give the next action as the end of another command: without what does not wait for it.

    Args:
        action: What is next.
        in_full: With `--confirm` and what has to be typed after it, as one who has just read
            the plan needs it.
    """
    if in_full and action.confirm:
        command, said = f"{action.command} --confirm {action.confirm}", action.why
    else:
        command, said = action.command, why(action)
    return (command, *wrapped(said, WIDTH - 6, indent=""))


def why(action: NextAction) -> str:
    """Say why it is next, and what has to be typed for it."""
    return f"{action.why}; add --confirm {action.confirm}" if action.confirm else action.why


def wrapped(text: str, width: int = WIDTH, *, indent: str = "  ") -> list[str]:
    """Wrap between words, and never within a command between backticks; later lines stand deeper."""
    whole = _COMMAND.sub(lambda command: command.group().replace(" ", _UNBROKEN), text)
    lines = textwrap.wrap(
        whole,
        width,
        initial_indent=indent,
        subsequent_indent=indent * 2,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines]


_COMMAND = re.compile(r"`[^`]*`")
_UNBROKEN = "\0"


def utc_time(moment: datetime) -> str:
    """Give a moment to the minute in UTC, such as `2026-03-06 17:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """Give a length of time in hours and minutes, such as `71 h 04 min`; parts of a minute drop."""
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02d} min"
