"""From what a repository holds to what the rules say of it; loaded while git lists its objects."""

import dataclasses
import os
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from breachkit.detect.comparing import Groups
from breachkit.detect.rule import Transition
from breachkit.git.attribution import Attributor
from breachkit.git.objects import ObjectEntry
from breachkit.git.parallel import map_objects
from breachkit.git.repository import Repository
from breachkit.model.findings import Coverage, ScanResult, Skipped, Stats
from breachkit.model.judgement import Limits
from breachkit.workflows.examining import Examiner
from breachkit.workflows.gathering import (
    Gathered,
    examiner_for,
    findings_of,
    history_view,
    transitions_of,
)
from breachkit.workflows.inventory import Inventory
from breachkit.workflows.remembering import Keys, Known, Remembered, Unknown
from breachkit.workflows.since import Older, older_objects


if TYPE_CHECKING:
    from breachkit.workflows.scan import Progress, ScanOptions


def judge(
    repository: Repository,
    inventory: Inventory,
    options: "ScanOptions",
    *,
    progress: "Progress",
    begun: float,
) -> ScanResult:
    """Examine every object of an inventory, every name and how files changed.

    Args:
        repository: Where.
        inventory: As `take_inventory` gives it.
        options: How.
        progress: Is told how far the scan is.
        begun: When the scan began, by `time.monotonic`.
    """
    transitions = tuple(transitions_of(inventory))
    key = os.urandom(32)
    examiner = examiner_for(inventory, options.policies, transitions, key)
    gathered = Gathered(inventory, examiner.contexts)
    older = older_objects(inventory, options.since, transitions)
    unread, walked = _by_reader(inventory, unreachable=options.unreachable)
    unread = [entry for entry in unread if entry.oid not in older.unread]
    gathered.walked(walked)
    places = Attributor(
        repository,
        refs=inventory.refs,
        head=inventory.head,
        history=inventory.history,
        objects=inventory.objects,
    )
    known = _known(options, examiner, unread, transitions)
    gathered.recall(known.recalled(unread))
    progress.start(len(known.to_read))
    examined = map_objects(
        repository,
        sorted(known.to_read, key=examiner.kin),  # which else are in the order of the packs
        known.examiner(examiner),
        workers=options.workers,
        cost=examiner.cost,
        on_progress=progress.advance,
        meanwhile=partial(_look_at_names, gathered, examiner, inventory, places),
    )
    for one in examined:
        gathered.add(one)
        known.learn(one)
    view = history_view(transitions, gathered, examiner, places)
    known.keep(gathered.add_history(view, known.compared()), gathered.uncompared)
    gathered.leave_out(older.objects)
    result = _result(repository, options, inventory, gathered, places, begun)
    return _begun_at(result, older)


def _known(
    options: "ScanOptions",
    examiner: Examiner,
    entries: Sequence[ObjectEntry],
    transitions: Sequence[Transition],
) -> Known:
    """Say what is known of the objects; nothing where no memory is given."""
    if options.memory is None:
        return Unknown(to_read=entries)
    keys = Keys(secret=options.memory.secret, rules=options.memory.rules, context=examiner.context)
    return Remembered(options.memory, keys, entries, Groups.of(transitions), examiner.digested)


def _look_at_names(
    gathered: Gathered, examiner: Examiner, inventory: Inventory, places: Attributor
) -> None:
    gathered.add_names(examiner)
    gathered.add_refs(inventory.refs, examiner)
    places.prepare()


def _begun_at(result: ScanResult, older: Older) -> ScanResult:
    return dataclasses.replace(result, limits=Limits(since=older.said))


def _by_reader(
    inventory: Inventory, *, unreachable: bool
) -> tuple[list[ObjectEntry], list[ObjectEntry]]:
    """Part what is still to be read from the trees that git has walked for the paths in them.

    Where anything is missing or damaged git has not walked all, and everything is read.
    """
    if unreachable or not inventory.is_whole:
        return list(inventory.chosen), []
    unread = [entry for entry in inventory.chosen if entry.type != "tree"]
    return unread, [entry for entry in inventory.chosen if entry.type == "tree"]


def _place(gap: Skipped) -> tuple[bytes, str, str]:
    """Order gaps by what they are, not by which worker was done first."""
    return (gap.path or b"", gap.object_id or "", gap.reason)


def _result(
    repository: Repository,
    options: "ScanOptions",
    inventory: Inventory,
    gathered: Gathered,
    places: Attributor,
    begun: float,
) -> ScanResult:
    return ScanResult(
        target=repository.display_name,
        policy=options.policies.label,
        coverage=Coverage(
            refs=inventory.refs_by_namespace(),
            objects=gathered.counts,
            shallow=repository.is_shallow,
            partial=repository.is_partial,
            unreachable=options.unreachable,
            left_out=inventory.left_out,
        ),
        stats=Stats(
            commits=len(inventory.history.commits),
            refs=len(inventory.refs),
            objects=len(inventory.chosen),
            blobs=sum(entry.type == "blob" for entry in inventory.chosen),
            blobs_examined=gathered.blobs_examined,
            bytes_examined=gathered.bytes_examined,
            seconds=time.monotonic() - begun,
        ),
        findings=findings_of(gathered, places),
        skipped=tuple(sorted(gathered.skipped, key=_place)),
        telling_names=tuple(sorted(gathered.telling_names)),
    )
