"""What an earlier scan found, read from its JSON, and how its findings are known again.

Never by a commit's id: a rewrite changes those. A finding in a file is known by rule, blob and part
of the file; one in a message, whose object is itself a commit or tag, by what and when it says.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Severity
from breachkit.model.ids import is_object_id


SCHEMA = "breachkit.scan/1"
_RULE = re.compile(r"[A-Z]+-\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """An earlier scan."""

    findings: tuple[Mapping[str, Any], ...]
    """All that it tells of, as its JSON has them."""
    not_accepted: tuple[Mapping[str, Any], ...]
    """Those of them that nobody had accepted."""
    policy: str
    unreachable: bool
    is_limited: bool
    """Whether it was not about everything."""

    @classmethod
    def from_json(cls, data: Any, *, shown: str) -> "Earlier":
        """Read the object that `scan --format json` writes.

        Args:
            data: The parsed file.
            shown: Its name, for the error.

        Raises:
            ConfigurationError: it is something else.
        """
        try:
            found = _read(data)
        except (KeyError, TypeError, ValueError, AttributeError):
            found = None
        if found is None:
            raise ConfigurationError(
                f"{shown} is no report of a scan: make one with "
                "`breachkit scan TARGET --format json --output FILE`"
            )
        return found


def _read(data: Mapping[str, Any]) -> Earlier | None:
    if data["schema"] != SCHEMA:
        return None
    listed = every_finding(data)
    for each in listed:
        hash(identity(each))
        if not _RULE.fullmatch(each["rule"]) or not is_object_id(each["blob"]):
            return None
    return Earlier(
        findings=listed,
        not_accepted=(*data["findings"], *data.get("known", ())),
        policy=str(data["policy"]),
        unreachable=bool(data["coverage"].get("unreachable", False)),
        is_limited="limits" in data,
    )


def every_finding(report: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """Give all findings that a report tells of, whether or not they count in it."""
    return (*report["findings"], *report.get("accepted", ()), *report.get("known", ()))


def identity(finding: Mapping[str, Any]) -> Hashable:
    """Give by what a finding is known again in another scan, given as its JSON has it."""
    rule, location = finding["rule"], finding["location"] or {}
    part = location.get("part")
    Severity[finding["severity"].upper()]
    if finding["path"] or finding["paths"]:
        return rule, finding["blob"], part
    place = (part, tuple(location.get("rows", ())), tuple(location.get("columns", ())))
    when = finding["first_date"] or tuple(finding["refs"])
    return rule, finding["message"], place, when


def known(
    now: Sequence[Mapping[str, Any]], earlier: Iterable[Mapping[str, Any]]
) -> tuple[bool, ...]:
    """Say of each finding whether an earlier scan has it.

    Each finding of the earlier scan stands for one of now. One that is worse now is new.

    Args:
        now: As JSON has them.
        earlier: The same.
    """
    before: dict[Hashable, Counter[Severity]] = {}
    for each in earlier:
        before.setdefault(identity(each), Counter())[_severity(each)] += 1
    order = sorted(range(len(now)), key=lambda index: -_severity(now[index]))
    is_known = [False] * len(now)
    for index in order:
        left = before.get(identity(now[index]))
        if left and max(left) >= _severity(now[index]):
            is_known[index] = True
            _take(left, max(left))
    return tuple(is_known)


def gone(now: Iterable[Mapping[str, Any]], earlier: Iterable[Mapping[str, Any]]) -> int:
    """Count the findings of an earlier scan that were not found again, however bad they are now."""
    return (Counter(map(identity, earlier)) - Counter(map(identity, now))).total()


def _take(left: Counter[Severity], severity: Severity) -> None:
    left[severity] -= 1
    if not left[severity]:
        del left[severity]


def _severity(finding: Mapping[str, Any]) -> Severity:
    return Severity[finding["severity"].upper()]
