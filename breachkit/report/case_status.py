"""A case on one screen: what it is, how much of the 72 hours is left, what is reached, what is next.

Plain data in, lines of text out; what a repository or a person named is escaped here.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from breachkit.model.ids import display
from breachkit.model.time import rfc3339
from breachkit.report.words import counted


WIDTH = 80
"""Sentences are wrapped here; commands, paths and hashes never are, so that they can be copied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextAction:
    """The one thing to do now."""

    command: str
    """A line to paste into a shell."""
    why: str
    confirm: str | None = None
    """What has to be typed after `--confirm` before the command acts; None where nothing has."""
    meanwhile: tuple[str, ...] = ()
    """What does not wait for it and is not done yet."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All that `breachkit status` shows."""

    id: str
    codename: str
    kind: str
    target: str
    folder: str
    is_open: bool
    clock: Clock72
    milestones: tuple[MilestoneLine, ...]
    interrupted: tuple[str, ...]
    warnings: tuple[str, ...]
    entries: int
    head: str
    next_action: NextAction

    @property
    def is_overdue(self) -> bool:
        """Whether `--strict` ends with exit code 8."""
        return bool(self.interrupted) or (self.is_open and self.clock.is_late)


def lines(status: Status) -> tuple[str, ...]:
    """Give the screen, line by line."""
    return tuple(_lines(status))


def to_json(status: Status) -> dict[str, Any]:
    """Give the status in JSON's own types; schema `breachkit.status/1`."""
    return {
        "schema": "breachkit.status/1",
        "id": status.id,
        "codename": status.codename,
        "kind": status.kind,
        "target": display(status.target),
        "folder": display(status.folder),
        "open": status.is_open,
        "aware_at": rfc3339(status.clock.aware_at),
        "aware_assumed": status.clock.assumed,
        "deadline": rfc3339(status.clock.deadline),
        "seconds_left": int(status.clock.left.total_seconds()),
        "late": status.clock.is_late,
        "milestones": {
            line.name: rfc3339(line.at) if line.at else None for line in status.milestones
        },
        "interrupted": list(status.interrupted),
        "warnings": list(status.warnings),
        "entries": status.entries,
        "head": status.head,
        "next": next_to_json(status.next_action),
    }


def next_to_json(action: NextAction) -> dict[str, Any]:
    """Give the next action in JSON's own types."""
    return {
        "command": action.command,
        "why": action.why,
        "confirm": action.confirm,
        "meanwhile": list(action.meanwhile),
    }


def next_lines(action: NextAction) -> tuple[str, ...]:
    """Give the next action: the command first, alone and unbroken, then why."""
    said = [_why(action), *(f"meanwhile: {each}" for each in action.meanwhile)]
    return (action.command, *(line for each in said for line in _wrapped(each)))


def following_lines(action: NextAction, *, in_full: bool) -> tuple[str, ...]:
    """Give the next action as the end of another command: without what does not wait for it.

    Args:
        action: What is next.
        in_full: With `--confirm` and what has to be typed after it, as one who has just read
            the plan needs it.
    """
    if in_full and action.confirm:
        command, why = f"{action.command} --confirm {action.confirm}", action.why
    else:
        command, why = action.command, _why(action)
    return (command, *_wrapped(why, WIDTH - 6, indent=""))


def _why(action: NextAction) -> str:
    return f"{action.why}; add --confirm {action.confirm}" if action.confirm else action.why


def _wrapped(text: str, width: int = WIDTH, *, indent: str = "  ") -> list[str]:
    """Wrap between words, and never within a command between backticks."""
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


def clock_lines(clock: Clock72) -> tuple[str, ...]:
    """Say when the 72 hours end, in local time and in UTC, and how much is left."""
    when = local_time(clock.deadline, clock.zone)
    if not when.endswith(" UTC"):
        when += f" ({utc_time(clock.deadline)})"
    if clock.is_late:
        said = [f"LATE by {span(-clock.left)}: the 72 hours ended {when}."]
        said.append("A report to the supervisory authority now has to give reasons for the delay.")
    else:
        said = [f"{span(clock.left)} left of 72 hours: they end {when}."]
    if clock.assumed:
        said.append(
            f"Nobody said when the controller became aware: {utc_time(clock.aware_at)} is assumed."
        )
    return tuple(said)


def local_time(moment: datetime, zone: tzinfo | None = None) -> str:
    """Give a moment as a person near the machine reads it, such as `Fri 6 March 2026, 17:05 GMT`."""
    local = moment.astimezone(zone)
    return f"{local:%a} {local.day} {local:%B %Y, %H:%M %Z}"


def utc_time(moment: datetime) -> str:
    """Give a moment to the minute in UTC, such as `2026-03-06 17:05 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def span(length: timedelta) -> str:
    """Give a length of time in hours and minutes, such as `71 h 04 min`; parts of a minute drop."""
    minutes = int(length.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02d} min"


_MEANS = {
    "opened": "the journal runs",
    "alerted": "a named contact was told",
    "contained": "access is restricted",
    "scoped": "what has to go is known",
    "assessed": "whether to report is decided",
    "rewritten": "the private mirror is clean",
    "pushed": "the server's refs are replaced",
    "verified": "clean branches in a fresh clone",
    "server_purged": "nothing is left on the server",
    "traced": "every copy is accounted for",
    "restored": "access is as it is to stay",
    "closed": "nothing is left to do",
    "stood_down": "it was a false alarm",
    "recurred": "the data came back",
}
"""What a milestone says when it is reached; short, so that a line fits 80 columns."""


def _lines(status: Status) -> Iterator[str]:
    state = "" if status.is_open else ", closed"
    yield f"{status.id} {status.codename} ({status.kind}{state})"
    yield f"  repository: {display(status.target)}"
    yield f"  folder:     {display(status.folder)}"
    if status.is_open:
        yield from (part for line in clock_lines(status.clock) for part in _wrapped(line))
    yield ""
    for line in status.milestones:
        when = utc_time(line.at) if line.at else "not yet"
        yield f"  {'x' if line.at else ' '} {line.name:<14} {when:<21} {_MEANS.get(line.name, '')}".rstrip()
    for warning in (*status.interrupted, *status.warnings):
        yield from _wrapped(f"! {warning}")
    yield f"  journal:    {counted(status.entries, 'entry', 'entries')}, the last with the hash"
    yield f"              {status.head}"
    yield ""
    yield f"next: {status.next_action.command}"
    yield from next_lines(status.next_action)[1:]
