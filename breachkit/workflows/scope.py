"""Find everything that holds the data: a private mirror, a full scan, and the bad set."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import breachkit
from breachkit.actions.bad_set import BadSet
from breachkit.actions.choice import Files, Wanted, choose
from breachkit.actions.rewrite import bad_set_of
from breachkit.actions.wire import ids_from_json, name_to_json
from breachkit.git.facts import gather_facts
from breachkit.git.mirror import Mirror, current_mirror, discard_mirror, make_mirror
from breachkit.git.repository import open_repository
from breachkit.incident.case import Milestone
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.model.errors import RefusedError
from breachkit.model.findings import Finding, ScanResult
from breachkit.model.ids import ObjectId
from breachkit.report import json_v1
from breachkit.report.masking import evidence_in_names
from breachkit.workflows import case_files
from breachkit.workflows.mailfacts import Findings
from breachkit.workflows.scan import Progress, Scan, ScanOptions, scan_repository
from breachkit.workflows.verify_clone import keep_list


_NEXT_MIRROR = "mirror-next.git"
"""The server as it is now, until the scope that is made from it is kept."""


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
    no_files: bool = False
    """Whether somebody said that no file has to go, but words or names."""


def scope(
    case: CaseFolder,
    wanted: Wanted,
    options: ScanOptions,
    *,
    progress: Progress,
    again: bool = False,
) -> Scope:
    """Mirror the server, scan everything, choose what has to go, and keep it with the case.

    Until all of that is done the case stays as it was.

    Args:
        case: The case.
        wanted: What to choose, beside the files that were reported when the case was opened.
        options: How to scan.
        progress: Is told how far the scan is.
        again: Begin another round although the history was pushed already.

    Raises:
        RefusedError: the target is a clone, its history was pushed already, or the repository is
            in no state to be rewritten.
        NothingToRemoveError: nothing was found that has to go.
        UsageError: a path or finding that is named is not there, or a reason is missing.
    """
    incident = case.incident
    url = case_files.server_url(incident.target)
    if incident.has(Milestone.PUSHED) and not again:
        raise RefusedError(
            "the rewritten history is on the server already: `breachkit verify` says what is left. "
            "If the data came back, begin another round with --again"
        )
    with case.lock("scope"):
        mirror = _mirror(case, url)
        with open_repository(str(mirror.path), scratch=case.scratch) as repository:
            scan = scan_repository(repository, options, progress=progress)
        choice = choose(
            replace(wanted, reported=incident.paths), scan.result.findings, _files(scan)
        )
        earlier = _earlier(case)
        facts = gather_facts(mirror.path, choice.blobs | earlier, may_be_none=wanted.no_files)
        found = Scope(
            bad=bad_set_of(facts),
            result=scan.result,
            chosen=choice.findings,
            left=choice.left,
            not_files=choice.not_files,
            unmatched=choice.unmatched,
            no_files=wanted.no_files,
        )
        keep_list(case)
        _archive(case)
        _settle(case, mirror)
        _keep(case, found, wanted, earlier)
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


def _mirror(case: CaseFolder, url: str) -> Mirror:
    """Mirror the server as it is now; the mirror of the last scope stays until `_settle`."""
    current = current_mirror(url, case.private / case_files.MIRROR)
    return current or make_mirror(url, case.private / _NEXT_MIRROR)


def _settle(case: CaseFolder, mirror: Mirror) -> None:
    """Put the mirror that was scanned in its place."""
    place = case.private / case_files.MIRROR
    if mirror.path != place:
        discard_mirror(place)
        mirror.path.rename(place)
    discard_mirror(case.private / _NEXT_MIRROR)


def _files(scan: Scan) -> Files:
    history = scan.inventory.history
    in_commits = {(each.path, each.new) for each in history.changes if each.new is not None}
    in_refs = {(path, one) for path, ids in history.files_of_refs.items() for one in ids}
    return Files(
        versions=in_commits | in_refs,
        blobs={entry.oid for entry in scan.inventory.chosen if entry.type == "blob"},
    )


def _earlier(case: CaseFolder) -> frozenset[ObjectId]:
    """Give what earlier rounds took from the server, or may have: it has to stay away."""
    earlier: frozenset[ObjectId] = frozenset()
    if case.has_file(f"private/{case_files.SCOPE}"):
        earlier = case_files.load(case, case_files.SCOPE, _earlier_ids, "scope")
    if case.incident.is_newer(EventKind.PUSH_INTENT, EventKind.SCOPE_RECORDED):
        earlier |= case_files.load_bad_set(case).ids
    return earlier


def _earlier_ids(data: Mapping[str, Any]) -> frozenset[ObjectId]:
    return frozenset(ids_from_json(data["earlier"]))


def _archive(case: CaseFolder) -> None:
    """Move what another round left out of the way; it stays as evidence."""
    private = case.private
    present = [name for name in case_files.ROUND_FILES if (private / name).exists()]
    if not present:
        return
    folder = case_files.next_round(case)
    folder.mkdir(mode=0o700)
    for name in present:
        (private / name).rename(folder / name)


def _keep(case: CaseFolder, found: Scope, wanted: Wanted, earlier: Iterable[ObjectId]) -> None:
    scan = json_v1.to_json(found.result, tool_version=breachkit.__version__)
    case_files.save(case, case_files.SCAN, scan)
    names = sorted(evidence_in_names(found.result))
    case_files.save(
        case,
        case_files.SCOPE,
        {
            "by_rule": _count(found.chosen),
            "telling_names": [name_to_json(name) for name in names],
            "earlier": sorted(earlier),
        },
    )
    case_files.save(case, case_files.BAD_SET, found.bad.to_json())
    if wanted.exclude:
        case.record(
            EventKind.DECISION,
            {
                "about": "findings left out",
                "answer": "harmless",
                "decider": case.actor.name or "",
                "reason": wanted.reason,
            },
            refs=wanted.exclude,
        )
    if wanted.no_files and wanted.reason and not wanted.exclude:
        detail = {
            "about": "reported files",
            "answer": "not to go",
            "decider": case.actor.name or "",
            "reason": wanted.reason,
        }
        case.record(EventKind.DECISION, detail)
    files = [f"private/{name}" for name in (case_files.SCAN, case_files.SCOPE, case_files.BAD_SET)]
    case.record(EventKind.SCOPE_RECORDED, {**_numbers(found), "files": files})


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
        "no_files": found.no_files,
    }


def _by_rule(data: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple((str(rule), int(number)) for rule, number in data["by_rule"].items())
