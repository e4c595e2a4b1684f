"""Numbers that stand for dates, as statistics packages keep them.

Source: Stata, help datetime; SAS, date, time and datetime values; SPSS, date and time formats; R, help Dates.
"""

import datetime as dt
import enum
import re
from collections.abc import Callable


class Moments(enum.Enum):
    """How a package counts."""

    STATA = "since 1960, days or thousandths of a second"
    SAS = "since 1960, days or seconds"
    SPSS = "since 1582, seconds"


_1960 = dt.date(1960, 1, 1).toordinal()
_1582 = dt.date(1582, 10, 14).toordinal()
_UNIX = dt.date(1970, 1, 1).toordinal()
_DAY = 86_400.0
_LAST = dt.date.max.toordinal()

_STATA_DAYS = re.compile(r"%-?(?:td|d)")
_STATA_MOMENTS = re.compile(r"%-?t[cC]")
_SAS_MOMENTS = re.compile(r"(?:DATETIME|DATEAMPM|MDYAMPM|[EIB]8601D[TN]|IS8601DT)", re.IGNORECASE)
_SAS_DAYS = re.compile(
    r"(?:WEEKDAT[EX]|MMDDYY|DDMMYY|YYMMDD|DATE\d*|JULIAN|[EIB]8601DA|IS8601DA|NLDATE)",
    re.IGNORECASE,
)
_SPSS_DAYS = re.compile(r"(?:DATE|ADATE|EDATE|JDATE|SDATE)\d*(?:\.\d+)?$", re.IGNORECASE)
_SPSS_MOMENTS = re.compile(r"(?:DATETIME|YMDHMS)", re.IGNORECASE)


def moments_of(package: Moments, form: str) -> Callable[[float], str] | None:
    """Give what writes the numbers of a column as dates; None where its format is none of dates."""
    if package is Moments.STATA:
        if _STATA_MOMENTS.match(form):
            return lambda value: day_and_time(_1960, value / 1000)
        return stata_day if _STATA_DAYS.match(form) else None
    if package is Moments.SAS:
        if _SAS_MOMENTS.match(form):
            return lambda value: day_and_time(_1960, value)
        return stata_day if _SAS_DAYS.match(form) else None
    if _SPSS_MOMENTS.match(form) or _SPSS_DAYS.match(form):
        return spss_moment
    return None


def stata_day(value: float) -> str:
    """Write a day that is counted from 1960, as Stata and SAS do."""
    return day_and_time(_1960, value * _DAY)


def spss_moment(value: float) -> str:
    """Write a moment that is counted in seconds from the day before the Gregorian calendar."""
    return day_and_time(_1582, value)


def unix_day(value: float) -> str:
    """Write a day that is counted from 1970, as R does."""
    return day_and_time(_UNIX, value * _DAY)


def unix_moment(value: float) -> str:
    """Write a moment that is counted in seconds from 1970."""
    return day_and_time(_UNIX, value)


def day_and_time(origin: int, seconds: float) -> str:
    """Write a moment; the day alone at midnight, and the number where no calendar has it.

    Args:
        origin: The day from which is counted, as `date.toordinal` numbers it.
        seconds: From its beginning.
    """
    if seconds != seconds:  # noqa: PLR0124 - NaN
        return ""
    if not 0 < origin + seconds // _DAY < _LAST:
        return str(seconds)
    day, rest = divmod(seconds, _DAY)
    written = dt.date.fromordinal(origin + int(day)).isoformat()
    if rest < 1:
        return written
    minutes, second = divmod(int(rest), 60)
    return f"{written} {minutes // 60:02}:{minutes % 60:02}:{second:02}"
