"""Findings as a person reads them: file by file, versions together, like files as one, worst first."""

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar, get_args

from breachkit.model.findings import Finding, Reach, Severity
from breachkit.model.ids import GitPath


K = TypeVar("K")
T = TypeVar("T")

_EASIEST_FIRST: dict[Reach, int] = {each: rank for rank, each in enumerate(get_args(Reach))}
_MOST_TELLING_FIRST = ("PAT", "CNT", "SUP", "RAT", "LOG", "GEO", "EMB", "META", "CODE", "HIS")
"""Families of rules: what can be read comes before how it came there and what kind of file it is."""
_NUMBER = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """What one rule found in all versions of one file."""

    findings: tuple[Finding, ...]
    """The worst first, of equals the easiest to reach; never empty."""

    @property
    def told(self) -> Finding:
        """The finding that stands for all: of the worst the one that somebody would meet first."""
        return self.findings[0]

    @property
    def severity(self) -> Severity:
        """The worst of all versions."""
        return self.told.hit.severity

    @property
    def first_date(self) -> datetime | None:
        """When the earliest version came in."""
        dates = [each.attribution.first_date for each in self.findings]
        return min((date for date in dates if date is not None), default=None)

    @property
    def cells(self) -> int:
        """How many cells are concerned in the version with the most."""
        return max(each.hit.location.cells if each.hit.location else 0 for each in self.findings)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """Everything found under one name."""

    path: GitPath | None
    """None for messages of commits and tags, and for objects that never had a name."""
    rules: tuple[RuleGroup, ...]
    """The worst first, of equals the most telling; never empty."""

    @property
    def severity(self) -> Severity:
        """The worst of all rules."""
        return self.rules[0].severity

    @property
    def cells(self) -> int:
        """How many cells the most telling rule is about."""
        return self.rules[0].cells

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


@dataclass(frozen=True, slots=True)
class Alike:
    """Files of one folder of which the same is to be said."""

    files: tuple[FileGroup, ...]
    """The one to look at first comes first; never empty."""

    @property
    def first(self) -> FileGroup:
        """The file that stands for all."""
        return self.files[0]

    @property
    def folder(self) -> bytes:
        """The deepest folder that holds them all, with its `/`; empty for the root."""
        folders = [each.path.split(b"/")[:-1] for each in self.files if each.path is not None]
        levels = list(zip(*folders, strict=False))  # as deep as the least deep of them
        shared = list(itertools.takewhile(lambda names: len(set(names)) == 1, levels))
        return b"".join(names[0] + b"/" for names in shared)

    @property
    def cells(self) -> int:
        """How many cells of all files are concerned."""
        return sum(each.cells for each in self.files)


def by_file(findings: Iterable[Finding]) -> list[FileGroup]:
    """Group findings by the first path of their object, the worst file first."""
    groups = [FileGroup(path, _by_rule(found)) for path, found in _grouped(findings, _path).items()]
    return sorted(groups, key=_rank)


def alike(groups: Sequence[FileGroup]) -> list[Alike]:
    """Put files together of which the same is to be said and which lie in one top folder.

    The same: the same severity, and the same words of the most telling rule whatever numbers stand
    in them. The order stays, by the first file of each.
    """
    return [Alike(tuple(files)) for files in _grouped(groups, _likeness).values()]


def _likeness(group: FileGroup) -> tuple[object, ...]:
    lead = group.rules[0].told.hit
    folder, slash, _ = (group.path or b"").partition(b"/")
    words = _NUMBER.sub("#", lead.message)
    return group.path is None, folder if slash else b"", group.severity, lead.rule, words


def _rank(group: FileGroup) -> tuple[object, ...]:
    lead = group.rules[0].told
    ease = _EASIEST_FIRST[lead.attribution.reach]
    sure = -lead.hit.confidence
    return -group.severity, sure, _telling(lead), ease, -group.cells, group.path or b""


def _by_rule(findings: Sequence[Finding]) -> tuple[RuleGroup, ...]:
    found = _grouped(findings, lambda finding: finding.hit.rule)
    groups = [RuleGroup(tuple(sorted(each, key=_ease))) for each in found.values()]
    return tuple(
        sorted(groups, key=lambda one: (-one.severity, _telling(one.told), one.told.hit.rule))
    )


def _telling(finding: Finding) -> int:
    family = finding.hit.rule.partition("-")[0]
    known = _MOST_TELLING_FIRST
    return known.index(family) if family in known else len(known)


def _grouped(things: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    groups: dict[K, list[T]] = {}
    for thing in things:
        groups.setdefault(key(thing), []).append(thing)
    return groups


def _path(finding: Finding) -> GitPath | None:
    return next(iter(finding.attribution.paths), None)


def _ease(finding: Finding) -> tuple[int, int, float]:
    """Sort key: the worst, then HEAD before its history before other refs, then the newest."""
    came = finding.attribution.first_date or datetime.min.replace(tzinfo=UTC)
    return -finding.hit.severity, _EASIEST_FIRST[finding.attribution.reach], -came.timestamp()
