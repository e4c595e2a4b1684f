"""What is checked before a case is opened, and which cases are about the same repository."""

import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from breachkit.incident.case import CASE_KINDS, OpenRequest
from breachkit.incident.places import exists
from breachkit.model.errors import UsageError
from breachkit.model.ids import display
from breachkit.model.time import parse_rfc3339, rfc3339


_TOLERANCE = timedelta(minutes=5)
"""Two machines' clocks may differ by this much before a moment counts as being in the future."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_WEB_USER = re.compile(r"(?i)^((?:https?|ftps?)://)[^/@]*@")
_OTHER_PASSWORD = re.compile(r"(?i)^([a-z][a-z0-9+.-]*://[^/@:]+):[^/@]*@")
_HOSTED = re.compile(
    r"(?i)^(?:(?:https?|ssh|git)://(?:[^/@]*@)?|[^/@:]+@)(?P<host>[^/:]+)(?::\d+)?[/:](?P<path>.+)$"
)
_SLUG = re.compile(r"[\w.-]+/[\w.-]+")


class OpeningError(UsageError):
    """What was said about a new case makes no sense."""


def parse_moment(text: str, option: str) -> datetime:
    """Read a moment that a user typed.

    Raises:
        OpeningError: it is no date and time, or has no time zone; the message names `option`.
    """
    try:
        return parse_rfc3339(text.strip())
    except (ValueError, OverflowError):
        raise OpeningError(
            f"{option} {display(text)!r}: write date, time and zone, such as "
            "2026-03-01T17:05+00:00 or 2026-03-01T17:05Z"
        ) from None


def checked(request: OpenRequest, now: datetime) -> OpenRequest:
    """Give `request` with times in UTC, an absolute target and no credentials.

    Nobody said when the controller became aware: then the 72 hours are taken to run from the
    discovery, or from now; too early is safe, too late is not.

    Raises:
        OpeningError: a time lies in the future, has no zone or is out of order; the kind is
            unknown; the target is empty.
    """
    if request.kind not in CASE_KINDS:
        raise OpeningError(f"--kind is one of {', '.join(CASE_KINDS)}")
    if not request.target.strip():
        raise OpeningError("name the repository: a path, a git URL, or owner/name")
    discovered = _moment(request.discovered_at, "--discovered-at", now)
    aware = _moment(request.aware_at, "--aware-at", now)
    if discovered and aware and aware < discovered:
        raise OpeningError(
            f"--aware-at {rfc3339(aware)} is before --discovered-at {rfc3339(discovered)}: "
            "nobody can be aware of what is not discovered; correct one of them"
        )
    return replace(
        request,
        target=plain_target(request.target),
        discovered_at=discovered,
        aware_at=aware,
        found_by=(request.found_by or "").strip() or None,
    )


def plain_target(target: str) -> str:
    """Give a target as the case keeps it: a path made absolute, a URL without credentials."""
    if exists(target):
        return str(Path(target).absolute())
    target = _WEB_USER.sub(r"\1", target.strip())
    return _OTHER_PASSWORD.sub(r"\1@", target)


def same_repository(one: str, other: str) -> bool:
    """Say whether two targets name the same repository, as far as their names show."""
    return _identity(one) == _identity(other)


def is_on_github(target: str) -> bool:
    """Say whether a target names a repository on github.com, as far as its name shows."""
    return _identity(target).startswith("github.com/")


def _identity(target: str) -> str:
    if target.startswith("/"):
        return _bare(os.path.realpath(target))
    hosted = _HOSTED.match(target)
    if hosted:
        return _bare(f"{hosted['host']}/{hosted['path']}").lower()
    if _SLUG.fullmatch(target):
        return _bare(f"github.com/{target}").lower()
    return _bare(target)


def _bare(name: str) -> str:
    return name.rstrip("/").removesuffix("/.git").removesuffix(".git").rstrip("/")


def checked_moment(moment: datetime, option: str, now: datetime) -> datetime:
    """Give `moment` if it has a zone and is not in the future.

    Raises:
        OpeningError: it is; the message names `option`.
    """
    if moment.tzinfo is None:
        raise OpeningError(f"{option} has no time zone: add Z or an offset such as +01:00")
    if moment > now + _TOLERANCE:
        raise OpeningError(f"{option} {rfc3339(moment)} is in the future: correct it")
    if moment < _EPOCH:
        raise OpeningError(f"{option} {rfc3339(moment)} is before 1970: correct it")
    return moment


def _moment(moment: datetime | None, option: str, now: datetime) -> datetime | None:
    return None if moment is None else checked_moment(moment, option, now)
