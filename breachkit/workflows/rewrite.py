"""Rewrite the history in a private mirror: plan, backup, git-filter-repo, proof."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from breachkit.actions.edits import Edits
from breachkit.actions.rewrite import RewritePlan, plan_rewrite, require_work
from breachkit.actions.rewritten import Rewritten
from breachkit.actions.verify import Proof
from breachkit.git import backup as backups
from breachkit.git import filter_repo
from breachkit.git.backup import Backup, BackupError
from breachkit.git.facts import gather_facts
from breachkit.git.proof import prove
from breachkit.git.rewritten import discard_rewritten, open_rewritten
from breachkit.incident.events import EventKind
from breachkit.incident.folder import CaseFolder
from breachkit.incident.states import Action
from breachkit.model.errors import BreachkitError, RefusedError, UsageError, VerificationError
from breachkit.model.time import Clock, rfc3339
from breachkit.workflows import case_files
from breachkit.workflows.case import pass_guard
from breachkit.workflows.replacing import NOTHING_ELSE, WantedEdits, content_of, edits_of


class PlanChangedError(RefusedError):
    """What would be done now is not what was shown."""


class ProofFailedError(VerificationError):
    """The rewritten history is not what was planned; it must not be pushed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RewriteResult:
    """What a rewrite did, and what shows that it did nothing else."""

    plan: RewritePlan
    done: Rewritten
    proof: Proof
    backup: Backup
    key: Path
    """Where the secret key of the backup is; not in the case."""


def plan(
    case: CaseFolder, wanted: WantedEdits = NOTHING_ELSE, *, override: str | None = None
) -> RewritePlan:
    """Decide what has to change and keep the plan with the case; nothing is changed.

    Args:
        case: The case.
        wanted: What is to be put in the place of something; all else that is bad is taken out.
        override: Why a redacted file in which the rules find something is taken all the same.

    Raises:
        NotYetError: there is no scope yet.
        RefusedError: there is nothing to do, or a redacted file is not safe.
        UsageError: something that is wanted is not there.
    """
    with case.lock("rewrite"):
        made = _plan_now(case, edits_of(case, wanted, override=override))
        case_files.save(case, case_files.PLAN, made.to_json())
        case.record(
            EventKind.REWRITE_PLANNED,
            {
                "file": f"private/{case_files.PLAN}",
                "plan_hmac_sha256": case_files.fingerprint(case, made.digest),
                "blobs": len(made.bad),
                "commits": len(made.rewritten),
                "kept": made.kept,
                "refs": len(made.changed_refs),
                "replaced": len(made.edits.replacements),
                "reworded": len(made.reworded),
                "renamed": len(made.renamed),
                "signatures_lost": made.losses.signatures + made.losses.tag_signatures,
            },
        )
    return made


def execute(
    case: CaseFolder,
    clock: Clock,
    keys: Path,
    *,
    recipients: tuple[str, ...] = (),
    override: str | None = None,
) -> RewriteResult:
    """Carry out the plan that was shown, with a backup before and a proof after.

    Running it again goes on where it was killed, or proves once more what is done.

    Args:
        case: The case.
        clock: Tells when the backup was made.
        keys: Folder for the secret key of the backup, outside the case.
        recipients: More age public keys that can open the backup.
        override: Why a guard is set aside.

    Raises:
        GuardRefusedError: the contacts have not been told, or nothing is scoped.
        PlanChangedError: the mirror or the bad set is not what the plan was made from.
        ProofFailedError: something else changed, or the data are still there.
    """
    with case.lock("rewrite"):
        pass_guard(case, Action.REWRITE, override)
        shown = case_files.load_plan(case)
        if _plan_now(case, shown.edits).digest != shown.digest:
            raise PlanChangedError(
                "the mirror or the bad set is not what the plan was made from: look at the plan "
                "again with `breachkit rewrite`"
            )
        key = keys / f"{case.incident.id}.agekey"
        backup = _usable_backup(case, key, recipients, shown) or _make_backup(
            case, clock, key, recipients, shown
        )
        done = _rewrite(case, shown)
        proof = _prove(case, shown, done)
    return RewriteResult(plan=shown, done=done, proof=proof, backup=backup, key=key)


def _plan_now(case: CaseFolder, edits: Edits) -> RewritePlan:
    mirror, bad = case_files.mirror_of(case), case_files.load_bad_set(case).ids
    if not (bad or edits.wordings or edits.renamings):
        raise UsageError(
            "no file has to go in this case: say with --words FILE or --names FILE what has to"
        )
    made = plan_rewrite(gather_facts(mirror.path, bad, edits))
    require_work(made)
    return made


def _usable_backup(
    case: CaseFolder, key: Path, recipients: tuple[str, ...], shown: RewritePlan
) -> Backup | None:
    """Give the backup that an earlier run made, if it is of this mirror, for everybody, and opens."""
    file = case.private / case_files.BACKUP_FILE
    if not (case.has_file(f"private/{case_files.BACKUP}") and file.exists() and key.exists()):
        return None
    plan, known = case_files.load(case, case_files.BACKUP, _backup_from_json, "rewrite")
    known = replace(known, path=file)  # a case may have been moved
    if plan != shown.digest or not set(recipients) <= set(known.recipients):
        return None
    try:
        backups.check_backup(known, key)
    except BackupError:  # damaged, or for a key that is lost; the mirror is still there
        return None
    return known


def _backup_from_json(data: Mapping[str, Any]) -> tuple[str, Backup]:
    return data["plan"], Backup.from_json(data)


def _make_backup(
    case: CaseFolder, clock: Clock, key: Path, recipients: tuple[str, ...], shown: RewritePlan
) -> Backup:
    own = backups.make_key(key)
    made = backups.make_backup(
        case_files.mirror_of(case).path,
        case.private / case_files.BACKUP_FILE,
        (own, *recipients),
        key=key,
        clock=clock,
    )
    case_files.save(case, case_files.BACKUP, {**made.to_json(), "plan": shown.digest})
    case.record(
        EventKind.BACKUP_MADE,
        {
            "file": f"private/{case_files.BACKUP_FILE}",
            "bytes": made.size,
            "recipients": len(made.recipients),
            "destroy_by": rfc3339(made.destroy_by),
        },
    )
    return made


def _rewrite(case: CaseFolder, shown: RewritePlan) -> Rewritten:
    mirror, target = case_files.mirror_of(case).path, case.private / case_files.REWRITTEN
    plan_of = {"plan_hmac_sha256": case_files.fingerprint(case, shown.digest)}
    case.record(EventKind.REWRITE_INTENT, plan_of)
    with _journalled_failure(case, EventKind.REWRITE_FAILED):
        if target.exists() and open_rewritten(target).plan != shown.digest:
            discard_rewritten(target)
        done = filter_repo.rewrite(mirror, shown, target, partial(content_of, case))
    numbers = {"commits": len(done.commits), "refs": len(done.changes)}
    case.record(EventKind.REWRITE_DONE, {**numbers, **plan_of})
    return done


def _prove(case: CaseFolder, shown: RewritePlan, done: Rewritten) -> Proof:
    mirror, target = case_files.mirror_of(case).path, case.private / case_files.REWRITTEN
    proof = prove(mirror, target, shown, done, scratch=case.scratch)
    file = case_files.save(case, case_files.PROOF, proof.to_json())
    counts = proof.counts
    case.record(
        EventKind.PROOF_RECORDED,
        {
            "ok": proof.ok,
            "file": file,
            "failures": proof.failed,
            "commits": counts.commits,
            "trees": counts.trees,
            "refs": counts.refs,
            "objects": counts.objects,
        },
    )
    if not proof.ok:
        raise ProofFailedError(
            f"the proof failed in {proof.failed} places, listed in private/{case_files.PROOF} of "
            "the case: this history must not be pushed. Plan again with `breachkit rewrite`; if it "
            "fails again, `git fsck --full` in the mirror may name directories that no git writes"
        )
    return proof


@contextmanager
def _journalled_failure(case: CaseFolder, kind: EventKind) -> Iterator[None]:
    try:
        yield
    except BreachkitError as error:
        case.record(kind, {"reason": type(error).__name__})
        raise
