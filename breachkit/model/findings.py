"""What a scan says: where something is and why it matters, never what it is."""

import enum
from datetime import datetime
from typing import Literal

from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.judgement import Acceptance, Baseline, Limits
from breachkit.model.records import dataclass, field


class Severity(enum.IntEnum):
    """How bad it is if the finding is true. Ordered; INFO alone never fails a run."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def label(self) -> str:
        """The word used in every output."""
        return self.name.lower()

    @property
    def exit_code(self) -> int:
        """11 low, 12 medium, 13 high, 14 critical; 0 for info."""
        return 0 if self is Severity.INFO else 10 + self.value


class Confidence(enum.IntEnum):
    """How sure the rule is that what it describes is really there."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def label(self) -> str:
        """The word used in every output."""
        return self.name.lower()


Reach = Literal["head", "history", "branch", "tag", "pull", "other", "unreachable", "file"]
"""The easiest way to a blob: HEAD's tree, HEAD's history, another branch, a tag, a pull request's
ref only, some other ref (note, stash, ...), or no ref at all; `file`: it is a plain file of no
repository."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where in a file the evidence is. Holds labels of places, never content of cells."""

    part: str | None = None
    """Member of an archive, sheet, `message`, `name`; None for the file itself."""
    rows: tuple[int, ...] = ()
    """Row numbers, counted from 1 under the header; at most `MAX_ROWS`."""
    columns: tuple[str, ...] = ()
    """Column labels as made by `documents.table.column_label`."""
    cells: int = 0
    """How many cells are concerned, in all."""


MAX_ROWS = 50
"""A location lists at most this many rows; `cells` still counts them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What a rule found in one object, before anybody knows where in history that object is."""

    rule: str
    severity: Severity
    confidence: Confidence
    message: str
    """One sentence for a person; never a value, never a hash of one."""
    location: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Where in history an object is."""

    paths: tuple[GitPath, ...] = ()
    """Every path it ever had, sorted; empty for commits, tags and blobs without a tree."""
    first_commit: ObjectId | None = None
    """The earliest commit that introduced it; None where no commit holds it."""
    first_date: datetime | None = None
    last_commit: ObjectId | None = None
    """The latest commit that took it away or changed it; None while some ref's tip still has it."""
    commits: int = 0
    """How many commits add, change, move or remove it."""
    refs: tuple[RefName, ...] = ()
    """Every ref whose history holds it."""
    reach: Reach = "unreachable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A hit with its place in history."""

    id: str
    """`F-0001`, counted in the order of the report."""
    hit: Hit
    object_id: ObjectId
    size: int
    attribution: Attribution
    masked_path: bool = False
    """The path itself is the evidence, so it is shown with its digits masked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A finding that somebody accepted; it is told, and does not count."""

    finding: Finding
    acceptance: Acceptance
    is_known: bool = False
    """Whether the baseline has it too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """A finding that was accepted once; it counts again."""

    finding: Finding
    acceptance: Acceptance
    why: str
    """In words, such as `expired on 2026-03-01`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Something that could not be examined. What was not read is not clean."""

    reason: str
    object_id: ObjectId | None = None
    path: GitPath | None = None


@dataclass(slots=True, kw_only=True)
class ObjectCount:
    """Objects of one type, by what happened to them."""

    read: int = 0
    cached: int = 0
    skipped: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a scan looked at, so that `clean` means something."""

    refs: dict[str, int]
    """Number of refs in each namespace: heads, tags, remotes, notes, stash, pull, ..."""
    objects: dict[str, ObjectCount]
    """Keys: commit, tree, blob, tag."""
    shallow: bool = False
    partial: bool = False
    """Whether it is a partial clone, which may leave objects with its server until they are asked for."""
    unreachable: bool = False
    """Whether what no ref reaches was looked at too."""
    left_out: int = 0
    """Objects that no ref reaches and that were not looked at."""

    @property
    def never_fetched(self) -> int:
        """How many objects a partial clone lacks of those that the scan is about."""
        return sum(count.missing for count in self.objects.values()) if self.partial else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """Sizes and time of one scan."""

    commits: int
    refs: int
    objects: int
    blobs: int
    blobs_examined: int
    bytes_examined: int
    seconds: float


Verdict = Literal["findings", "incomplete", "limited", "clean"]
"""What a scan comes to; `limited`: nothing was found that counts, but something was found that
does not count, or the scan was not about everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """Everything one scan has to say."""

    target: str
    policy: str
    coverage: Coverage
    stats: Stats
    findings: tuple[Finding, ...] = field(default=())
    """Those that count: neither accepted, nor known from a baseline, nor left out by a limit."""
    skipped: tuple[Skipped, ...] = field(default=())
    telling_names: tuple[bytes, ...] = field(default=())
    """Paths and refs whose name is evidence, whether or not their object could be read."""
    accepted: tuple[Accepted, ...] = ()
    lapsed: tuple[Lapsed, ...] = ()
    """Findings whose acceptance does not hold any more; they count."""
    known: tuple[Finding, ...] = ()
    """Findings that the baseline has too."""
    baseline: Baseline | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def everything(self) -> tuple[Finding, ...]:
        """Every finding that is told of, whether or not it counts."""
        return (*self.findings, *(each.finding for each in self.accepted), *self.known)

    @property
    def has_gaps(self) -> bool:
        """Whether something was not examined that the scan was about."""
        return bool(self.skipped or self.coverage.shallow or self.coverage.never_fetched)

    @property
    def complete(self) -> bool:
        """Whether everything was examined."""
        return not (self.has_gaps or self.limits.since)

    @property
    def worst(self) -> Severity:
        """The highest severity found; INFO where nothing was."""
        return max((finding.hit.severity for finding in self.findings), default=Severity.INFO)

    @property
    def verdict(self) -> Verdict:
        """`clean` only if nothing worse than information was found and everything was examined."""
        if self.worst > Severity.INFO:
            return "findings"
        if self.has_gaps:
            return "incomplete"
        is_set_aside = any(finding.hit.severity for finding in self.everything)
        return "limited" if is_set_aside or self.limits else "clean"

    @property
    def exit_code(self) -> int:
        """11 to 14 for the worst finding, else 5 where something was not examined, else 0."""
        return self.worst.exit_code or (5 if self.has_gaps else 0)
