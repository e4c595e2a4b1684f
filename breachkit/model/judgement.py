"""What people said of findings, and what a scan was limited to: why a report does not count all."""

from datetime import date

from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """Somebody's word that a finding may stay as it is, for a time."""

    id: str
    """`A-` and eight hexadecimal digits of the keyed digest of blob and rule: it tells nothing."""
    by: str
    reason: str
    on: date
    until: date
    """The last day on which it holds, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """Where a scan began that is not about the whole history."""

    words: str
    """Such as `2026-01-01`, or `a commit of 2026-01-01`; never an object id."""
    older: int = 0
    """How many commits and blobs came in earlier and were left out."""
    by_descent: bool = False
    """Whether a commit's ancestors are what is older; else what commits say of themselves tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What somebody asked to be told; the rest is counted."""

    rules: tuple[str, ...] = ()
    """Only findings of these; empty for all."""
    min_severity: str | None = None
    """Only findings of this severity or worse."""
    left_out: int = 0
    """How many findings, worse than information, these two left out."""
    since: Since | None = None

    def __bool__(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.rules or self.min_severity or self.since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """How a scan compares with an earlier one."""

    gone: int | None
    """How many of its findings were not found again; None where not everything was looked at."""
    differences: tuple[str, ...] = field(default=())
    """In what the two scans were asked different things, in words."""
