"""Parts the findings of a scan into those that count and those that somebody set aside.

Everything is kept or at least counted: what is set aside forbids the verdict "clean".
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from breachkit.actions.acceptance import Book, Entry, Key, is_patient_level
from breachkit.model.findings import Accepted, Finding, Lapsed, ScanResult, Severity
from breachkit.model.judgement import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What somebody wants to be told."""

    rules: tuple[str, ...] = ()
    min_severity: Severity | None = None

    def wants(self, finding: Finding) -> bool:
        """Whether a finding is among it."""
        hit = finding.hit
        is_bad_enough = self.min_severity is None or hit.severity >= self.min_severity
        return is_bad_enough and (not self.rules or hit.rule in self.rules)


def with_acceptances(result: ScanResult, book: Book, key: Key, today: date) -> ScanResult:
    """Set aside what was accepted, and say which acceptances hold no longer.

    Args:
        result: What a scan said, nothing set aside yet.
        book: The acceptances; made with `key`.
        key: Under which its findings are marked.
        today: In UTC.
    """
    entries = {entry.mark: entry for entry in book.entries}
    counted: list[Finding] = []
    accepted: list[Accepted] = []
    lapsed: list[Lapsed] = []
    for finding in result.findings:
        entry = entries.get(key.mark(finding.hit.rule, finding.object_id))
        why = None if entry is None else _why_not(entry, finding, today)
        if entry is not None and why is None:
            accepted.append(Accepted(finding=finding, acceptance=entry.acceptance()))
            continue
        counted.append(finding)
        if entry is not None and why is not None:
            lapsed.append(Lapsed(finding=finding, acceptance=entry.acceptance(), why=why))
    return replace(result, findings=tuple(counted), accepted=tuple(accepted), lapsed=tuple(lapsed))


def _why_not(entry: Entry, finding: Finding, today: date) -> str | None:
    """Say why an acceptance does not cover a finding; None where it does."""
    hit = finding.hit
    if entry.has_expired(today):
        return f"expired: its last day was {entry.until}"
    if hit.severity > entry.severity:
        return f"accepted when it was {entry.severity.label}; it is {hit.severity.label} now"
    if is_patient_level(hit.rule, hit.severity) and not entry.really:
        return "rows of patients, accepted without --really"
    return None


def without_known(result: ScanResult, is_known: Mapping[str, bool]) -> ScanResult:
    """Set aside what an earlier scan found too.

    Args:
        result: What a scan said.
        is_known: For the id of each of `result.everything`, whether the earlier scan has it.
    """
    return replace(
        result,
        findings=tuple(each for each in result.findings if not is_known[each.id]),
        accepted=tuple(
            replace(each, is_known=is_known[each.finding.id]) for each in result.accepted
        ),
        known=(*result.known, *(each for each in result.findings if is_known[each.id])),
    )


def within(result: ScanResult, wanted: Wanted) -> ScanResult:
    """Leave out the findings that nobody asked for, and count them."""
    kept = tuple(finding for finding in result.findings if wanted.wants(finding))
    dropped = [each for each in result.findings if not wanted.wants(each) and each.hit.severity]
    severity = None if wanted.min_severity is None else wanted.min_severity.label
    limits = Limits(
        rules=wanted.rules,
        min_severity=severity,
        left_out=len(dropped),
        since=result.limits.since,
    )
    ids = {finding.id for finding in kept}
    lapsed = tuple(each for each in result.lapsed if each.finding.id in ids)
    return replace(result, findings=kept, lapsed=lapsed, limits=limits)
