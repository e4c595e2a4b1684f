"""Time: aware UTC everywhere; this is the only module that reads the machine's clock."""

from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time; passed to whatever needs it, so that tests can hold it still."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Give the present moment in UTC."""
        return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """Write an aware moment as RFC 3339 in UTC, such as `2024-05-01T09:30:00Z`.

    Raises:
        ValueError: the moment has no time zone, so nobody can know when it was.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    text = moment.astimezone(UTC).isoformat()
    return text.removesuffix("+00:00") + "Z"


def parse_rfc3339(text: str) -> datetime:
    """Read a moment written as RFC 3339, with any offset; the result is in UTC.

    Raises:
        ValueError: not a date and time, one without a zone, or one that no calendar has in UTC.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone: add Z or an offset such as +01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first hours of the year 1, or the last of 9999
        raise ValueError("a time before the year 1, or after 9999, in UTC") from None


def working_days_after(day: date, count: int) -> date:
    """Give the day that lies `count` days from Monday to Friday after `day`; no holidays are known."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < _SATURDAY
    return day


_SATURDAY = 5


def from_epoch(seconds: int) -> datetime:
    """Turn git's seconds since 1970 into an aware moment; absurd values are clamped.

    A hostile commit can carry any number; the clamp keeps it printable.
    """
    return datetime.fromtimestamp(min(max(seconds, 0), 253_402_300_799), UTC)
