"""Scope and rewrite, for people and machines; `push_report` and `verify_report` have what follows.

No object id is in any of them: the case's private folder holds those.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from breachkit.actions.bad_set import BadSet
from breachkit.actions.push import is_platform_ref
from breachkit.actions.rewrite import RewritePlan
from breachkit.actions.verify import Proof, ProofCounts
from breachkit.model.findings import Finding, ScanResult
from breachkit.model.time import rfc3339
from breachkit.report.escape import terminal
from breachkit.report.masking import Masking
from breachkit.report.name_lists import MOST, headed_refs, ref_lines, rest, shown
from breachkit.report.words import counted
from breachkit.sdc.guessing import ENOUGH_BITS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeView:
    """What a scope found."""

    bad: BadSet
    chosen: Sequence[Finding]
    left: Sequence[Finding]
    not_files: Sequence[Finding]
    unmatched: Sequence[str]
    result: ScanResult


def scope_text(view: ScopeView, masking: Masking) -> str:
    """Say what has to go, what was left, and what nobody has looked at."""
    return "\n".join(_scope_lines(view, masking))


def _scope_lines(view: ScopeView, masking: Masking) -> Iterator[str]:
    bad = view.bad
    if not bad.blobs:
        yield "No file has to go: name words or names to `breachkit rewrite --words FILE --names FILE`."
        yield from _left_lines(view, masking)
        return
    yield f"What has to go: {counted(len(bad.blobs), 'version')} of files under {counted(len(bad.paths), 'name')}"
    rules: dict[bytes, set[str]] = {}
    for finding in view.chosen:
        for path in finding.attribution.paths:
            rules.setdefault(path, set()).add(finding.hit.rule)
    for path in bad.paths[:MOST]:
        why = ", ".join(sorted(rules.get(path, ()))) or "named"
        yield f"  {shown(masking, path)}  ({why})"
    yield from rest(len(bad.paths), "name")
    if bad.introducers:
        yield f"brought in by {counted(len(bad.introducers), 'commit')}, first on {_day(bad.first_exposure)};"
    yield f"in the history of {counted(len(bad.refs), 'ref')}:"
    yield from ref_lines(masking, bad.refs)
    if bad.first_exposure is not None:
        yield f"Public since: not yet known. If the repository was public then, since {_day(bad.first_exposure)}."
    yield from _left_lines(view, masking)


def _left_lines(view: ScopeView, masking: Masking) -> Iterator[str]:
    if view.left:
        many = counted(len(view.left), "finding")
        yield f"Left where they are: {many} of lower severity or judged harmless, each rule and file once:"
        first: dict[tuple[str, str], Finding] = {}
        for each in view.left:
            first.setdefault((each.hit.rule, _name(each, masking)), each)
        yield from [_left_line(each, masking) for each in first.values()][:MOST]
        yield from rest(len(first), "finding")
        yield "  Choose one with --finding ID, or a file with --path."
    if view.not_files:
        yield (
            f"NOT removed by a rewrite of files: {counted(len(view.not_files), 'finding')} in commit messages, "
            "tags or names. `breachkit scan` shows them."
        )
    for name in view.unmatched:
        yield f"No commit has the reported file {masking.text(terminal(name))}: check its spelling."
    if view.result.skipped:
        yield (
            f"INCOMPLETE: {counted(len(view.result.skipped), 'object')} could not be examined; "
            "`breachkit scan` lists them. Name such files with --path if they have to go."
        )


def _left_line(finding: Finding, masking: Masking) -> str:
    what = f"{finding.id}  {finding.hit.severity.label:<8} {finding.hit.rule:<8}"
    return f"  {what} {_name(finding, masking)}"


def _name(finding: Finding, masking: Masking) -> str:
    """Give the first path; a file that only a ref points at has none."""
    names = (*finding.attribution.paths, *finding.attribution.refs)
    return shown(masking, names[0]) if names else "(no name)"


def scope_to_json(view: ScopeView, masking: Masking) -> dict[str, Any]:
    """Give the scope in JSON's own types; schema `breachkit.scope/1`."""
    bad = view.bad
    return {
        "schema": "breachkit.scope/1",
        "blobs": len(bad.blobs),
        "paths": [shown(masking, path) for path in bad.paths],
        "commits": len(bad.introducers),
        "refs": [shown(masking, name) for name in bad.refs],
        "pull_requests": list(bad.pull_requests),
        "first_exposure": rfc3339(bad.first_exposure) if bad.first_exposure else None,
        "findings": [finding.id for finding in view.chosen],
        "left": [finding.id for finding in view.left],
        "not_files": [finding.id for finding in view.not_files],
        "unmatched": [masking.text(terminal(name)) for name in view.unmatched],
        "complete": view.result.complete,
        "not_examined": len(view.result.skipped),
    }


def plan_text(plan: RewritePlan, masking: Masking) -> str:
    """Say what a rewrite would do, what cannot be undone, and what it does not reach."""
    return "\n".join(_plan_lines(plan, masking))


def _plan_lines(plan: RewritePlan, masking: Masking) -> Iterator[str]:
    yield "Plan of the rewrite (nothing is changed yet)"
    yield from _taken_out(plan, masking)
    yield from _put_in_place(plan, masking)
    yield (
        f"{counted(len(plan.rewritten), 'commit')} {_get(len(plan.rewritten))} a new id; "
        f"{plan.kept:,} {'stays as it is' if plan.kept == 1 else 'stay as they are'}, with ids and signatures."
    )
    yield "What every ref becomes:"
    words = {
        "move": "moves to the rewritten commit",
        "retag": "its tag is made again",
        "retree": "its tree is written again",
        "delete": "is deleted: it points at what goes",
    }
    changed = plan.changed_refs
    own = [ref for ref in changed if not is_platform_ref(ref.name)]
    for ref in own[:MOST]:
        yield f"  {shown(masking, ref.name)}: {words[ref.action]}"
    yield from rest(len(own), "ref")
    platform = [ref.name for ref in changed if is_platform_ref(ref.name)]
    yield from headed_refs(masking, platform, "of the platform's own, which a push may not move")
    same = counted(
        len(plan.refs) - len(changed), "ref that stays as it is", "refs that stay as they are"
    )
    yield f"  and {same}"
    if plan.telling_refs:
        yield (
            f"NOT changed: the names of {counted(len(plan.telling_refs), 'ref')} that hold words of your "
            "file: rename or delete these on the server, then scope again."
        )
    yield from _losses(plan)


def _taken_out(plan: RewritePlan, masking: Masking) -> Iterator[str]:
    out = plan.taken_out
    in_place = {each.blob for each in plan.edits.replacements}
    blobs = {each.blob for each in out} | (set(plan.absent) - in_place)
    if blobs:
        yield f"Taken out of every commit that has them: {counted(len(blobs), 'version')} of files"
    paths = sorted({each.path for each in out})
    yield from (f"  {shown(masking, path)}" for path in paths[:MOST])
    yield from rest(len(paths), "file")


def _put_in_place(plan: RewritePlan, masking: Masking) -> Iterator[str]:
    edits = plan.edits
    if edits.replacements:
        number = len({each.blob for each in edits.replacements})
        yield f"Replaced by redacted files, in every commit: {counted(number, 'version')} of files"
        for each in edits.replacements[:MOST]:
            yield f"  {shown(masking, each.path)}{_guessed(each.bits)}"
        yield from rest(len(edits.replacements), "file")
    if any(each.bits is not None and each.bits < ENOUGH_BITS for each in edits.replacements):
        yield from _TOO_FEW
    if edits.wordings:
        yield (
            f"Words replaced in {counted(len(plan.reworded), 'commit')}, and in the tags that hold them: "
            f"{counted(len(edits.wordings), 'entry', 'entries')} of your file of words"
        )
    if plan.renamed:
        yield f"Renamed in every commit: {counted(len(plan.renamed), 'file')}; the new names:"
        names = sorted({edits.name(path) for path in plan.renamed})
        yield from (f"  {shown(masking, name)}" for name in names[:MOST])
        yield from rest(len(names), "name")
    if edits.whole_history:
        yield "Every commit is made again, also where nothing changes, and loses its signature."


def _guessed(bits: float | None) -> str:
    if bits is None:
        return ": no text, so that nobody can reckon the guesses"
    warning = "  <-- too few" if bits < ENOUGH_BITS else ""
    return f": {bits:.0f} bits to guess{warning}"


_TOO_FEW = (
    f"  Fewer than {ENOUGH_BITS:.0f} bits: whoever knows an old id of a commit, tree or file (a pull request,",
    "  an e-mail, a log of CI) can try all fillings of the gaps until the id fits. Take out whole rows",
    "  or columns, or the file itself; otherwise the platform has to purge every old id, and nobody",
    "  may quote one.",
)


def _losses(plan: RewritePlan) -> Iterator[str]:
    losses, traces = plan.losses, plan.traces
    signatures = losses.signatures + losses.tag_signatures
    lost = [
        (losses.mergetags, "copy of a merged tag", "copies of merged tags", "inside merge commits"),
        (signatures, "signature", "signatures", "of rewritten commits and tags"),
    ]
    if traces.messages or traces.notes:
        yield (
            f"{counted(traces.messages, 'message')} and {counted(traces.notes, 'note')} that name old "
            "commits get the new ids."
        )
    if traces.elsewhere:
        yield (
            f"NOT changed: {counted(traces.elsewhere, 'message')} of commits and tags that stay as they "
            "are name a commit by its old id, by which a guess can be tested. `--words` takes it out."
        )
    yield "What cannot be kept, beside the ids:"
    told = [f"  {counted(number, one, many)} {what}" for number, one, many, what in lost if number]
    yield from told or ["  nothing"]
    yield "Every clone of the old history can bring the data back: `breachkit trace` lists the holders."


def plan_to_json(plan: RewritePlan, masking: Masking) -> dict[str, Any]:
    """Give the plan without ids; schema `breachkit.rewrite-summary/1`."""
    return {
        "schema": "breachkit.rewrite-summary/1",
        "blobs": len(plan.bad),
        "paths": [shown(masking, path) for path in sorted({each.path for each in plan.removals})],
        "replaced": [
            {"path": shown(masking, each.path), "bits": each.bits}
            for each in plan.edits.replacements
        ],
        "reworded": len(plan.reworded),
        "renamed": len(plan.renamed),
        "commits_rewritten": len(plan.rewritten),
        "commits_kept": plan.kept,
        "refs": [{"name": shown(masking, ref.name), "becomes": ref.action} for ref in plan.refs],
        "pull_requests": list(plan.pull_requests),
        "refs_named_by_words": len(plan.telling_refs),
        "losses": asdict(plan.losses),
        "traces": asdict(plan.traces),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupView:
    """Where a backup and its key are."""

    file: Path
    key: Path
    destroy_by: datetime


def rewritten_text(plan: RewritePlan, proof: Proof, backup: BackupView) -> str:
    """Say what was done and what was proved."""
    counts = proof.counts
    done = f"{counted(len(plan.rewritten), 'commit')}, {counted(len(plan.changed_refs), 'ref')}"
    kept = "as they were" + (" but for the words that went" if plan.edits.wordings else "")
    return "\n".join(
        (
            f"Rewritten in the private mirror, the server untouched: {done}.",
            "Proved, comparing the history before and after:",
            f"  {counted(counts.commits, 'commit')}: author, committer, dates, message and parents {kept}",
            f"  {counted(counts.trees, 'tree')}, path by path: {_planned(counts)} and nothing else",
            f"  {counted(counts.refs, 'ref')} where the plan puts them",
            f"  {counted(counts.objects, 'object')}: none of them holds the data",
            f"Encrypted backup of the history as it was: {terminal(str(backup.file))}",
            f"  its key: {terminal(str(backup.key))}",
            f"  destroy both by {_day(backup.destroy_by)}: `age -d -i KEY BACKUP` opens it until then",
        )
    )


def _planned(counts: ProofCounts) -> str:
    told = [counted(counts.removed, "planned removal")]
    told += [counted(counts.replaced, "redacted file")] if counts.replaced else []
    told += [counted(counts.renamed, "new name")] if counts.renamed else []
    return ", ".join(told)


def rewritten_to_json(proof: Proof, backup: BackupView) -> dict[str, Any]:
    """Give the proof in numbers; schema `breachkit.rewritten-summary/1`."""
    return {
        "schema": "breachkit.rewritten-summary/1",
        "ok": proof.ok,
        "counts": asdict(proof.counts),
        "failed": proof.failed,
        "backup": {
            "file": terminal(str(backup.file)),
            "key": terminal(str(backup.key)),
            "destroy_by": rfc3339(backup.destroy_by),
        },
    }


def _get(number: int) -> str:
    return "gets" if number == 1 else "get"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "a day not yet known"
