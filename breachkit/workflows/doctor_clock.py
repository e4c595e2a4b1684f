"""Is the clock right? The 72 hours, the journal and every message go by it."""

import re
import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from breachkit.actions.health import Diagnosis, broken, doubtful, fine, not_tried
from breachkit.model.records import dataclass
from breachkit.model.time import rfc3339
from breachkit.report.words import counted


MOST_SKEW = timedelta(minutes=1)
"""The Date header is whole seconds old, and an answer takes some."""
WRONG = timedelta(hours=1)
"""A time that far off makes a report to the regulator wrong, and certificates fail."""
FIRST_DAY = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
"""Before this there was no such program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """What the clocks say."""

    now: datetime
    platform: datetime | None
    """By the platform's clock, read at the same moment; None where it was not asked."""
    newest: datetime | None
    """Of the newest journal entry of all cases."""
    zone: tzinfo | None
    """For the local time; None takes the machine's."""
    zone_named: str | None
    """What the variable TZ says."""


def judge(clocks: Clocks) -> Iterator[Diagnosis]:
    """Say whether times can be relied on."""
    yield _skew(clocks)
    yield from _journal(clocks)
    yield _zone(clocks)


_SET = "sudo timedatectl set-ntp true   # or, on a Mac: sudo sntp -sS time.apple.com"


def _skew(clocks: Clocks) -> Diagnosis:
    if clocks.now < FIRST_DAY:
        says = f"it is {rfc3339(clocks.now)} by this machine, which cannot be"
        return broken("clock.skew", says, "every time in the journal would be wrong", _SET)
    if clocks.platform is None:
        return not_tried(
            "clock.skew", "no other clock was asked: the platform was not, or gave no time"
        )
    skew = clocks.now - clocks.platform
    if abs(skew) <= MOST_SKEW:
        return fine("clock.skew", "the clock agrees with the platform's")
    way = "ahead of" if skew > timedelta(0) else "behind"
    says = f"the clock is {_length(abs(skew))} {way} the platform's"
    means = "the 72 hours and every time in the journal and in messages would be off by that much"
    if abs(skew) >= WRONG:
        return broken("clock.skew", says, means, _SET)
    return doubtful("clock.skew", says, means, _SET)


def _length(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    if minutes < 120:
        return counted(minutes, "minute")
    hours = minutes // 60
    return counted(hours, "hour") if hours < 48 else counted(hours // 24, "day")


def _journal(clocks: Clocks) -> Iterator[Diagnosis]:
    if clocks.newest is None:
        return
    behind = clocks.newest - clocks.now
    if behind > MOST_SKEW:
        yield broken(
            "clock.journal",
            f"a case has an entry of {rfc3339(clocks.newest.replace(microsecond=0))}, which is "
            f"{_length(behind)} in the future by this machine's clock",
            "the clock was ahead then or is behind now: the order of what happened would be in doubt",
            _SET,
        )
    else:
        yield fine("clock.journal", "no journal entry is from the future")


def _zone(clocks: Clocks) -> Diagnosis:
    if clocks.zone_named and not _is_known(clocks.zone_named):
        return doubtful(
            "clock.zone",
            "TZ names a time zone that this machine does not know, and so means UTC",
            "local times beside the UTC times are not those of the clock on the wall",
            "unset TZ",
        )
    local, later = (
        each.astimezone(clocks.zone) for each in (clocks.now, clocks.now + timedelta(hours=72))
    )
    offset, change = (
        _offset(local),
        (later.utcoffset() or timedelta()) - (local.utcoffset() or timedelta()),
    )
    if change:
        return doubtful(
            "clock.zone",
            f"the clocks change within 72 hours (now UTC{offset}, then UTC{_offset(later)})",
            "the deadline is 72 hours that pass, not three days at the same time by the wall clock: "
            "go by the UTC time that status shows",
        )
    return fine("clock.zone", f"local time is UTC{offset}; no change within 72 hours")


def _offset(moment: datetime) -> str:
    text = moment.strftime("%z")
    return f"{text[:3]}:{text[3:]}"


_RULE = re.compile(r"(?:<[^>]+>|[A-Za-z]{3,})[+-]?\d")
"""How a rule begins. Source: POSIX, Base Definitions, 8.3."""


def _is_known(name: str) -> bool:
    """Say whether a value of TZ means what it says; a rule such as `CET-1CEST` does, too."""
    plain = name.removeprefix(":")
    if _RULE.match(plain):
        return True
    try:
        zoneinfo.ZoneInfo(plain)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
