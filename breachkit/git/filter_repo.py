"""Carries out a plan of a rewrite, with git-filter-repo, in a repository of its own.

git-filter-repo decides what tree each commit gets that holds what has to go; the commit itself is then made from the bytes
of the old one, with nothing changed but tree, parents, and a signature that would no longer be true.

The mirror is never written to. The new history is made beside it in a directory of its own, which
borrows the mirror's objects while it is built, takes over those that are still reachable, and is
renamed to its place as the last act. Killed at any moment, there is either the old state alone or
the finished new one, and running again starts over or finds the work done. What is unreachable in
the new history, above all the bad blobs, never gets into the new repository.
"""

import logging
import os
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from breachkit.actions.push import is_platform_ref
from breachkit.actions.rewrite import RefFact, RefPlan, RewritePlan
from breachkit.actions.rewritten import RefChange, Rewritten
from breachkit.git.children import Died, Tell, in_children
from breachkit.git.commits import CommitMaker
from breachkit.git.digests import history_digest
from breachkit.git.facts import read_refs
from breachkit.git.partial import borrow_objects, growing, make_bare
from breachkit.git.process import DiskFullError, failure, run_git
from breachkit.git.rawobjects import (
    Kind,
    RawObject,
    object_id,
    write_objects,
)
from breachkit.git.rewritten import open_rewritten, write_record
from breachkit.git.standins import write_stand_ins
from breachkit.git.tags import Rebuilder
from breachkit.model.doing import doing
from breachkit.model.errors import BreachkitError, IncompleteError, RefusedError
from breachkit.model.ids import ObjectId, RefName


if TYPE_CHECKING:
    from breachkit.git.filter_repo_runner import Outcome


logger = logging.getLogger(__name__)

_TIP = "refs/heads/tip-{}"

_Refs: TypeAlias = tuple[tuple[RefFact, ...], dict[ObjectId, RawObject]]
"""What `read_refs` gives."""

LITTLE_MEMORY = ("-c", "core.deltaBaseCacheLimit=32m")
"""For a git that walks all objects of a history while others run: it keeps three times as much by
default, of which a large history needs little. Source: git-config(1)."""

_PACKING = (
    *("-q", "--all", "--keep-true-parents", "--non-empty", "--delta-base-offset"),
    "--window=0",  # looking for better deltas would take longer than all the rest; those there are kept
)
"""As `git repack -a -d` calls it, which would be one more process; without bitmaps, which serve nobody here."""


def _no_content(_: ObjectId) -> bytes:
    return b""


class UnfitHistoryError(RefusedError):
    """git-filter-repo stopped at something in the history."""


class RewriteFailedError(BreachkitError):
    """Something failed beside git-filter-repo that would fail again."""


def rewrite(
    mirror: Path,
    plan: RewritePlan,
    target: Path,
    contents: Callable[[ObjectId], bytes] = _no_content,
) -> Rewritten:
    """Make the new history as planned, or find that this is done.

    Args:
        mirror: The mirror the plan was made for.
        plan: What to do.
        target: Where the new bare repository is to be; its parent exists and is private.
        contents: Gives the content of each blob that the plan puts in the place of a bad one.

    Raises:
        RefusedError: a content is not the one that was planned, the mirror is not as it was when the plan was made, or `target` holds
            something else.
        UnfitHistoryError: git-filter-repo cannot read something in the history.
        IncompleteError: git-filter-repo was killed, or did not do what it was asked.
    """
    if target.exists():
        return open_rewritten(target, plan)
    facts = read_refs(mirror, frozenset(plan.bad))
    if {ref.name: ref.value for ref in facts[0]} != {ref.name: ref.old for ref in plan.refs}:
        raise RefusedError("the mirror's refs are not those of the plan: plan again")
    with growing(target) as partial:
        done = _build(mirror, partial, plan, contents, facts)
        partial.rename(target)
    return done


def _build(
    mirror: Path,
    partial: Path,
    plan: RewritePlan,
    contents: Callable[[ObjectId], bytes],
    facts: _Refs,
) -> Rewritten:
    _start(mirror, partial)
    _write_replacements(partial, plan, contents)
    new_ids = _rewrite_commits(partial, plan)
    refs = _new_refs(mirror, partial, plan, new_ids, facts)
    values = {ref.name: ref.new for ref in refs if ref.new is not None}
    _write_refs(partial, values, lasting=True)
    with ThreadPoolExecutor(max_workers=1) as beside:  # packing waits for the disk
        head = beside.submit(_head, mirror)
        history = beside.submit(history_digest, partial, pushable_tips(values))
        pack = _pack(partial)
    (partial / "HEAD").write_bytes(b"ref: %s\n" % head.result())
    _make_independent(partial, pack)
    done = Rewritten(
        plan=plan.digest,
        commits=tuple((old, new_ids[old]) for old in plan.rewritten),
        refs=refs,
        history=history.result(),
    )
    write_record(partial, done)
    return done


def pushable_tips(refs: Mapping[RefName, ObjectId]) -> frozenset[ObjectId]:
    """Give what the refs point at, those apart that only the platform can move."""
    return frozenset(value for name, value in refs.items() if not is_platform_ref(name))


def _write_replacements(
    partial: Path, plan: RewritePlan, contents: Callable[[ObjectId], bytes]
) -> None:
    made: list[tuple[Kind, bytes]] = []
    for one in sorted({each.by for each in plan.edits.replacements}):
        content = contents(one)
        if object_id("blob", content) != one:
            raise RefusedError("a redacted file is not the one that was planned with: plan again")
        made.append(("blob", content))
    write_objects(partial, made, lasting=False)


def _start(mirror: Path, partial: Path) -> None:
    borrow_objects(make_bare(partial), [mirror])


def _rewrite_commits(partial: Path, plan: RewritePlan) -> dict[ObjectId, ObjectId]:
    """Rewrite the planned commits; give the new id of each."""
    if not plan.rewritten:
        return {}
    filtered = _filter_trees(partial, plan)
    told = bool(plan.notes) or plan.traces.messages > 0
    maker = CommitMaker(partial, plan.edits, plan.bad, frozenset(plan.notes), told=told)
    return maker.make({old: filtered.get(old, old) for old in plan.rewritten})


def _filter_trees(partial: Path, plan: RewritePlan) -> dict[ObjectId, ObjectId]:
    """Let git-filter-repo make the trees that change; give a commit that has it for each old one."""
    if not plan.retreed:
        return {}
    stand_ins = write_stand_ins(partial, plan.retreed)
    tips = {_TIP.format(number): tip for number, tip in enumerate(stand_ins.tips)}
    _write_refs(partial, {RefName(name.encode()): tip for name, tip in tips.items()})
    _run_filter_repo(partial, plan, tuple(tips), stand_ins.boundary)
    filtered = _read_commit_map(partial / "filter-repo" / "commit-map")
    if filtered.keys() != set(stand_ins.by_id.values()):
        raise IncompleteError("git-filter-repo did not rewrite the commits it was given: try again")
    _forget_tools(partial, tips)
    return {old: filtered[stand_in] for old, stand_in in stand_ins.by_id.items()}


def _run_filter_repo(
    partial: Path, plan: RewritePlan, tips: Sequence[str], boundary: Collection[ObjectId]
) -> None:
    def run(_: None, _tell: Tell) -> "Outcome":
        from breachkit.git.filter_repo_runner import Instructions, run_in_this_process

        bad = frozenset(plan.bad)
        return run_in_this_process(
            Instructions(folder=partial, bad=bad, edits=plan.edits, tips=tips, boundary=boundary)
        )

    with doing("Taking files out of the history"):
        [(_, outcome)] = in_children(run, [None], at_once=1)
    if isinstance(outcome, Died):
        raise _died(outcome)
    if not outcome.code:
        return
    cause = failure("filter-repo", outcome.code, outcome.stderr)
    if isinstance(cause, DiskFullError):
        raise cause
    logger.debug("git-filter-repo ended with status %d", outcome.code)
    raise UnfitHistoryError(
        "git-filter-repo cannot take this history in, so nothing was changed. Some directory "
        "in it names a file twice, or has a file for a submodule: `git fsck --full` in the "
        "mirror names it. If the disk is full, make room and run the command again"
    )


def _died(outcome: Died) -> BreachkitError:
    """Give the error for a child that came to no end: of what would happen again, no run is advised."""
    if outcome.is_mistake:
        return RewriteFailedError(f"nothing was changed: {outcome.reason}")
    return IncompleteError("git-filter-repo was killed: run the command again")  # or out of memory


def _read_commit_map(file: Path) -> dict[ObjectId, ObjectId]:
    lines = file.read_text(encoding="ascii").splitlines()[1:]
    pairs = (line.split() for line in lines)
    return {ObjectId(old): ObjectId(new) for old, new in pairs}


def _forget_tools(partial: Path, tips: Mapping[str, ObjectId]) -> None:
    for name in tips:
        (partial / name).unlink(missing_ok=True)
    _write_refs(partial, {})
    shutil.rmtree(partial / "filter-repo")


def _new_refs(
    mirror: Path,
    partial: Path,
    plan: RewritePlan,
    new_ids: Mapping[ObjectId, ObjectId],
    refs_and_tags: _Refs,
) -> tuple[RefChange, ...]:
    """Find where each ref goes, and write the tags and trees that takes."""
    found, tags = refs_and_tags
    facts = {fact.name: fact for fact in found}
    rebuilder = Rebuilder(mirror, tags, frozenset(plan.bad), plan.edits, new_ids)
    refs = tuple(
        RefChange(name=ref.name, old=ref.old, new=_new_value(ref, facts[ref.name], rebuilder))
        for ref in plan.refs
    )
    write_objects(partial, rebuilder.made, lasting=False)
    return refs


def _new_value(ref: RefPlan, fact: RefFact, rebuilder: Rebuilder) -> ObjectId | None:
    match ref.action:
        case "keep":
            return ref.old
        case "delete":
            return None
        case "move" | "retag" | "retree":
            is_tree = fact.kind == "tree"
            target = rebuilder.tree(fact.target) if is_tree else rebuilder.commit(fact.target)
            return rebuilder.tag(fact.tags, target)  # a blob that a tag is about stays as it is


def _write_refs(git_dir: Path, refs: Mapping[RefName, ObjectId], *, lasting: bool = False) -> None:
    """Give a repository that has no refs of its own yet these, and no others.

    git writes and syncs a file for each, which takes longer than all else in a repository with
    hundreds of pull requests. That all lead to something is seen by whoever packs what they reach.
    Source: git's gitrepository-layout, `packed-refs`, and its refs/packed-backend.c.
    """
    lines = [b"%s %s\n" % (refs[name].encode(), name) for name in sorted(refs)]
    with (git_dir / "packed-refs").open("wb") as file:
        file.writelines([b"# pack-refs with: sorted \n", *lines])
        if lasting:
            file.flush()
            os.fsync(file.fileno())


def _head(mirror: Path) -> bytes:
    return run_git(["symbolic-ref", "HEAD"], git_dir=mirror).stdout.strip()


def _pack(partial: Path) -> str:
    """Write a pack of every reachable object, borrowed or not, and give its name."""
    packs = partial / "objects" / "pack"
    with doing("Packing the new history"):
        command = [*LITTLE_MEMORY, "pack-objects", *_PACKING, str(packs / "pack")]
        name = run_git(command, git_dir=partial).stdout.decode().strip()
    return f"pack-{name}"


def _make_independent(partial: Path, pack: str) -> None:
    """Let go of every object outside a pack, and of the mirror's."""
    for file in (partial / "objects" / "pack").iterdir():
        if file.stem != pack:
            file.unlink()
    for loose in (partial / "objects").glob("[0-9a-f][0-9a-f]"):  # whatever no ref reaches
        shutil.rmtree(loose)
    (partial / "objects" / "info" / "alternates").unlink()
