"""When an item is due: counted from a moment of the case, in hours, days or working days."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, cast


Moment = Literal["aware", "opened", "closed", "restored", "publication", "destroy_by"]

MOMENTS: Mapping[Moment, str] = {
    "aware": "somebody is aware of it",
    "opened": "the case is open",
    "closed": "the case is closed",
    "restored": "access is given back",
    "publication": "it is known when a rule publishes it",
    "destroy_by": "there is a backup",
}
"""What dates are counted from, each with what has to be so before there is one."""

Moments = Mapping[str, datetime | None]

Unit = Literal["m", "h", "d", "wd"]

_PERIOD = re.compile(r"(\d{1,4})(m|h|d|wd)")
_DUE = re.compile(r"([a-z_]+)(?:\+(\d{1,4})(m|h|d|wd))?")
_LENGTHS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_FRIDAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length of time."""

    number: int
    unit: Unit
    """`wd` are working days: Monday to Friday; public holidays are not known here."""

    def after(self, start: datetime) -> datetime:
        """Give the moment that is so much later."""
        if self.unit != "wd":
            return start + self.number * _LENGTHS[self.unit]
        moment = start
        for _ in range(self.number):
            moment += timedelta(days=1)
            while moment.weekday() > _FRIDAY:
                moment += timedelta(days=1)
        return moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A moment of the case, or some time after it."""

    since: Moment
    period: Period | None = None

    def at(self, moments: Moments) -> datetime | None:
        """Give the moment; None while the one that it is counted from is not known."""
        start = moments.get(self.since)
        if start is None or self.period is None:
            return start
        return self.period.after(start)

    @property
    def waits_for(self) -> str:
        """Say what has to be so before there is a date."""
        return MOMENTS[self.since]


def period_from_text(text: str) -> Period | None:
    """Read `12h`, `7d` or `5wd`; None where it is none."""
    found = _PERIOD.fullmatch(text)
    return Period(number=int(found[1]), unit=cast("Unit", found[2])) if found else None


def due_from_text(text: str) -> Due | None:
    """Read `aware+72h`, `closed+5wd` or `publication`; None where it is none."""
    found = _DUE.fullmatch(text)
    if found is None or found[1] not in MOMENTS:
        return None
    period = period_from_text(f"{found[2]}{found[3]}") if found[2] else None
    return Due(since=cast("Moment", found[1]), period=period)


def months_after(start: datetime, months: int) -> datetime:
    """Give the same day so many months later, or the last day of that month where it has no such day."""
    count = start.year * 12 + start.month - 1 + months
    year, month = divmod(count, 12)
    for day in range(start.day, start.day - 4, -1):
        try:
            return start.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError("no month has fewer than 28 days")
