"""Find everything that holds the data: a private mirror, a full scan, and the bad set."""

import fnmatch
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import breachkit
from breachkit.actions.bad_set import BadSet
from breachkit.actions.rewrite import bad_set_of
from breachkit.actions.wire import name_to_json
from breachkit.git.facts import gather_facts
from breachkit.git.mirror import make_mirror
from breachkit.git.repository import open_repository
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import ConfigurationError, RefusedError, UsageError
from breachkit.model.findings import Finding, ScanResult, Severity
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.report import json_v1
from breachkit.report.masking import evidence_in_names
from breachkit.workflows import case_files
from breachkit.workflows.notify import Findings
from breachkit.workflows.scan import Progress, Scan, ScanOptions, scan_repository


class NothingToRemoveError(ConfigurationError):
    """No file was chosen, so there is nothing to respond to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeRequest:
    """What has to go, beside what the scan finds."""

    severity: Severity = Severity.HIGH
    """Files with a finding of this severity or worse are chosen."""
    paths: tuple[str, ...] = ()
    """Files of which every version has to go: a path, a folder ending in `/`, or a pattern."""
    findings: tuple[str, ...] = ()
    """Ids of findings to choose, whatever their severity."""
    exclude: tuple[str, ...] = ()
    """Ids of findings that somebody judged to be harmless; needs a reason."""
    reason: str | None = None
    again: bool = False
    """Begin another round although the history was pushed already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What has to go, and what the scan says beside."""

    bad: BadSet
    result: ScanResult = field(repr=False)
    chosen: tuple[Finding, ...]
    """The findings because of which a file was chosen."""
    left: tuple[Finding, ...]
    """Findings in files that were not chosen; info is left out."""
    not_files: tuple[Finding, ...]
    """Findings in messages and names, which a rewrite of files does not remove."""
    unmatched: tuple[str, ...]
    """Paths named at the opening of the case that no commit has."""


def scope(
    case: CaseFolder,
    request: ScopeRequest,
    options: ScanOptions,
    *,
    progress: Progress,
) -> Scope:
    """Mirror the server, scan everything, choose what has to go, and keep it with the case.

    Args:
        case: The case.
        request: What to choose.
        options: How to scan.
        progress: Is told how far the scan is.

    Raises:
        RefusedError: the target is a clone, its history was pushed already, or the repository is
            in no state to be rewritten.
        NothingToRemoveError: nothing was found that has to go.
        UsageError: a path or finding that is named is not there, or a reason is missing.
    """
    if request.exclude and not (request.reason or "").strip():
        raise UsageError("leaving a finding out needs a --reason that can be understood later")
    incident = case.incident
    url = case_files.server_url(incident.target)
    if incident.has(Milestone.PUSHED) and not request.again:
        raise RefusedError(
            "the rewritten history is on the server already: `breachkit verify` says what is left. "
            "If the data came back, begin another round with --again"
        )
    with case.lock("scope"):
        mirror = make_mirror(url, case.private / case_files.MIRROR)
        with open_repository(str(mirror.path)) as repository:
            scan = scan_repository(repository, options, progress=progress)
        choice = _choose(scan, request, incident.paths)
        earlier = _earlier(case)
        facts = gather_facts(mirror.path, choice.blobs | earlier)
        found = Scope(
            bad=bad_set_of(facts),
            result=scan.result,
            chosen=choice.findings,
            left=choice.left,
            not_files=choice.not_files,
            unmatched=choice.unmatched,
        )
        _archive(case)
        _keep(case, found, request)
    return found


def findings_of(case: CaseFolder) -> Findings:
    """Give what messages may say about the scope; nothing before there is one."""
    if not case.has_file(f"private/{case_files.BAD_SET}"):
        return Findings()
    by_rule = case_files.load(case, case_files.SCOPE, _by_rule, "scope")
    return Findings(
        bad=case_files.load_bad_set(case),
        by_rule=by_rule,
        telling_names=case_files.telling_names(case),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    blobs: frozenset[ObjectId]
    findings: tuple[Finding, ...]
    left: tuple[Finding, ...]
    not_files: tuple[Finding, ...]
    unmatched: tuple[str, ...]


def _choose(scan: Scan, request: ScopeRequest, reported: Sequence[str]) -> _Choice:
    findings = scan.result.findings
    _require_known(findings, (*request.findings, *request.exclude))
    in_files = [each for each in findings if _is_in_a_file(each)]
    chosen = [each for each in in_files if _is_chosen(each, request)]
    named, unmatched = _named_blobs(scan, request.paths, reported)
    blobs = frozenset(each.object_id for each in chosen) | named
    if not blobs:
        raise NothingToRemoveError(
            f"no finding is {request.severity.label} or worse and no file was named: look at "
            "`breachkit scan`, then name files with --path or findings with --finding"
        )
    return _Choice(
        blobs=blobs,
        findings=tuple(each for each in in_files if each.object_id in blobs),
        left=tuple(
            each
            for each in in_files
            if each.object_id not in blobs and each.hit.severity > Severity.INFO
        ),
        not_files=tuple(each for each in findings if not _is_in_a_file(each)),
        unmatched=unmatched,
    )


def _is_in_a_file(finding: Finding) -> bool:
    part = finding.hit.location.part if finding.hit.location else None
    return bool(finding.attribution.paths) and part != "name"


def _is_chosen(finding: Finding, request: ScopeRequest) -> bool:
    if finding.id in request.exclude:
        return False
    return finding.id in request.findings or finding.hit.severity >= request.severity


def _require_known(findings: Iterable[Finding], wanted: Iterable[str]) -> None:
    known = {finding.id for finding in findings}
    unknown = sorted(set(wanted) - known)
    if unknown:
        shown = ", ".join(map(display, unknown))
        raise UsageError(f"no finding {shown}: `breachkit scan` on the target lists them")


def _named_blobs(
    scan: Scan, paths: Sequence[str], reported: Sequence[str]
) -> tuple[frozenset[ObjectId], tuple[str, ...]]:
    """Give every version of the files that are named, and the reported names that fit nothing.

    A name given now has to fit something; one from the report may be a slip of a hurried hand.
    """
    found: set[ObjectId] = set()
    unmatched = []
    versions = _versions(scan)
    for name in dict.fromkeys((*paths, *reported)):
        blobs = {blob for path, blob in versions if _fits(path, os.fsencode(name))}
        if not blobs:
            unmatched.append(name)
        found |= blobs
    wrong = [display(os.fsencode(name)) for name in unmatched if name in paths]
    if wrong:
        raise UsageError(f"no commit has {', '.join(wrong)}: name it as in the repository's root")
    return frozenset(found), tuple(unmatched)


def _versions(scan: Scan) -> set[tuple[GitPath, ObjectId]]:
    changes = scan.inventory.history.changes
    return {(each.path, each.new) for each in changes if each.new is not None}


def _fits(path: bytes, wanted: bytes) -> bool:
    if wanted.endswith(b"/"):
        return path.startswith(wanted)
    return path == wanted or fnmatch.fnmatchcase(
        path.decode("utf-8", "surrogateescape"), wanted.decode("utf-8", "surrogateescape")
    )


def _earlier(case: CaseFolder) -> frozenset[ObjectId]:
    """What an earlier round took out has to stay out."""
    if not case.incident.has(Milestone.PUSHED) and not case.incident.has(Milestone.RECURRED):
        return frozenset()
    return case_files.load_bad_set(case).ids


def _archive(case: CaseFolder) -> None:
    """Move what another round left out of the way; it stays as evidence."""
    private = case.private
    present = [name for name in case_files.ROUND_FILES if (private / name).exists()]
    if not present:
        return
    number = 1 + sum(1 for _ in private.glob("round-*"))
    folder = private / f"round-{number}"
    folder.mkdir(mode=0o700)
    for name in present:
        (private / name).rename(folder / name)


def _keep(case: CaseFolder, found: Scope, request: ScopeRequest) -> None:
    scan = json_v1.to_json(found.result, tool_version=breachkit.__version__)
    case_files.save(case, case_files.SCAN, scan)
    names = sorted(evidence_in_names(found.result))
    case_files.save(
        case,
        case_files.SCOPE,
        {"by_rule": _count(found.chosen), "telling_names": [name_to_json(name) for name in names]},
    )
    case_files.save(case, case_files.BAD_SET, found.bad.to_json())
    if request.exclude:
        case.record(
            EventKind.DECISION,
            {"about": "findings left out", "decision": "harmless", "reason": request.reason},
            refs=request.exclude,
        )
    case.record(EventKind.SCOPE_RECORDED, _numbers(found))


def _count(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(sorted(Counter(each.hit.rule for each in findings).items()))


def _numbers(found: Scope) -> dict[str, Any]:
    return {
        "blobs": len(found.bad.blobs),
        "paths": len(found.bad.paths),
        "commits": len(found.bad.introducers),
        "refs": len(found.bad.refs),
        "pull_requests": len(found.bad.pull_requests),
        "not_files": len(found.not_files),
        "not_examined": len(found.result.skipped),
        "complete": found.result.complete,
    }


def _by_rule(data: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((str(rule), int(number)) for rule, number in data["by_rule"].items())
