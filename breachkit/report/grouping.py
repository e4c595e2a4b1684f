"""Findings as a person reads them: file by file, the worst first, versions of a file together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, get_args

from breachkit.model.findings import Finding, Reach, Severity
from breachkit.model.ids import GitPath


K = TypeVar("K")

_EASIEST_FIRST: dict[Reach, int] = {each: rank for rank, each in enumerate(get_args(Reach))}


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """What one rule found in all versions of one file."""

    findings: tuple[Finding, ...]
    """The easiest to reach first; never empty."""

    @property
    def easiest(self) -> Finding:
        """The finding that somebody would meet first."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """The worst of all versions."""
        return max(finding.hit.severity for finding in self.findings)

    @property
    def first_date(self) -> datetime | None:
        """When the earliest version came in."""
        dates = [each.attribution.first_date for each in self.findings]
        return min((date for date in dates if date is not None), default=None)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Everything found under one name."""

    path: GitPath | None
    """None for messages of commits and tags, and for objects that never had a name."""
    rules: tuple[RuleGroup, ...]
    """The worst first; never empty."""

    @property
    def severity(self) -> Severity:
        """The worst of all rules."""
        return self.rules[0].severity

    @property
    def other_paths(self) -> tuple[GitPath, ...]:
        """Every other name that some version of the file had or has."""
        paths = {
            path
            for group in self.rules
            for finding in group.findings
            for path in finding.attribution.paths
        }
        return tuple(sorted(path for path in paths if path != self.path))


def by_file(findings: Iterable[Finding]) -> list[FileGroup]:
    """Group findings by the first path of their object, the worst file first."""
    groups = [FileGroup(path, _by_rule(found)) for path, found in _grouped(findings, _path).items()]
    return sorted(groups, key=lambda group: (-group.severity, group.path or b""))


def _by_rule(findings: Sequence[Finding]) -> tuple[RuleGroup, ...]:
    found = _grouped(findings, lambda finding: finding.hit.rule)
    groups = [RuleGroup(tuple(sorted(each, key=_ease))) for each in found.values()]
    return tuple(sorted(groups, key=lambda group: (-group.severity, group.easiest.hit.rule)))


def _grouped(findings: Iterable[Finding], key: Callable[[Finding], K]) -> dict[K, list[Finding]]:
    groups: dict[K, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(key(finding), []).append(finding)
    return groups


def _path(finding: Finding) -> GitPath | None:
    return next(iter(finding.attribution.paths), None)


def _ease(finding: Finding) -> tuple[int, float]:
    """Sort key: HEAD before its history before other refs, then the newest."""
    came = finding.attribution.first_date or datetime.min.replace(tzinfo=UTC)
    return _EASIEST_FIRST[finding.attribution.reach], -came.timestamp()
