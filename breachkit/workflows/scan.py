"""Scan a repository's whole history: every object once, every rule, and what was not read."""

import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from breachkit.detect.engine import Examination, examine_name
from breachkit.detect.registry import HISTORY_RULES
from breachkit.detect.rule import FileContext, HistoryView, Transition
from breachkit.detect.rules.his_01 import compared_blobs
from breachkit.git.attribution import Attributor
from breachkit.git.clone import hosted_url, is_slug
from breachkit.git.parallel import map_objects
from breachkit.git.refs import Ref, read_head
from breachkit.git.repository import Repository, open_repository
from breachkit.model.findings import (
    Attribution,
    Coverage,
    Finding,
    Hit,
    ObjectCount,
    ScanResult,
    Skipped,
    Stats,
)
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policies
from breachkit.model.time import from_epoch
from breachkit.sdc.sketch import TableSketch
from breachkit.workflows.examining import Examined, Examiner
from breachkit.workflows.inventory import Inventory, file_contexts, take_inventory


class Progress(Protocol):
    """Is told how far a scan is."""

    def start(self, objects: int) -> None:
        """Take note of how many objects there are to examine."""
        ...

    def advance(self, objects: int, size_bytes: int) -> None:
        """Take note that so many more objects, of so many bytes, have been examined."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanOptions:
    """How to scan."""

    policies: Policies
    unreachable: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A result, with what a response to it needs to know beside."""

    result: ScanResult
    inventory: Inventory = field(repr=False)


def scan_target(
    target: str,
    options: ScanOptions,
    *,
    progress: Progress,
    scratch: Path | None = None,
) -> ScanResult:
    """Open a repository wherever it is and scan it.

    Args:
        target: A path (work tree, bare repository, bundle), a git URL, or `owner/name` on GitHub.
        options: How.
        progress: Is told how far the scan is.
        scratch: An existing directory for a private mirror of a URL or a bundle.

    Raises:
        ConfigurationError: there is no repository.
        AccessError, IncompleteError: a remote refused, or could not be reached.
    """
    started = time.monotonic()
    place = hosted_url(target) if is_slug(target) else target
    with open_repository(place, scratch=scratch) as repository:
        return scan_repository(repository, options, progress=progress, started=started).result


def scan_repository(
    repository: Repository,
    options: ScanOptions,
    *,
    progress: Progress,
    started: float | None = None,
) -> Scan:
    """Scan an open repository; see `scan_target`."""
    begun = time.monotonic() if started is None else started
    inventory = take_inventory(repository, unreachable=options.unreachable)
    contexts = file_contexts(inventory, options.policies)
    transitions = tuple(_transitions(inventory))
    examiner = Examiner(
        contexts=contexts,
        unnamed=options.policies.at(None),
        compared=compared_blobs(transitions),
        sketch_key=secrets.token_bytes(32),
    )
    progress.start(len(inventory.chosen))
    gathered = _Gathered(inventory, contexts)
    examined = map_objects(
        repository,
        inventory.chosen,
        examiner,
        workers=options.workers,
        cost=examiner.cost,
        on_progress=progress.advance,
    )
    for one in examined:
        gathered.add(one)
    gathered.add_names(examiner)
    gathered.add_refs(inventory.refs, examiner)
    places = Attributor(
        repository,
        refs=inventory.refs,
        head=read_head(repository),
        history=inventory.history,
        objects=inventory.objects,
    )
    gathered.add_history(_view(transitions, gathered, examiner, places))
    return Scan(
        result=_result(repository, options, inventory, gathered, places, begun),
        inventory=inventory,
    )


class _Gathered:
    """The results of all objects, as they come in."""

    def __init__(self, inventory: Inventory, contexts: Mapping[ObjectId, FileContext]) -> None:
        self._contexts = contexts
        self.hits: dict[ObjectId, list[Hit]] = {}
        self.sketches: dict[ObjectId, Sequence[TableSketch]] = {}
        self.named_tellingly: set[ObjectId] = set()
        self.telling_names: set[bytes] = set()
        self.skipped: list[Skipped] = list(inventory.gaps())
        self.counts: dict[str, ObjectCount] = inventory.counts()
        self.sizes = {entry.oid: entry.size for entry in inventory.chosen}
        self.blobs_examined = 0
        self.bytes_examined = 0

    def add(self, one: Examined) -> None:
        """Take in the outcome for one object."""
        count = self.counts[one.entry.type]
        if one.unreadable:  # unread in part is unread
            count.skipped += 1
        else:
            count.read += 1
            self.bytes_examined += one.entry.size
            self.blobs_examined += one.entry.type == "blob"
        self._gaps(one)
        if one.hits:
            self.hits.setdefault(one.entry.oid, []).extend(one.hits)
        if one.sketches:
            self.sketches[one.entry.oid] = one.sketches

    def _gaps(self, one: Examined) -> None:
        context = self._contexts.get(one.entry.oid)
        path = context.paths[0] if context else None
        for gap in one.unreadable:
            self.skipped.append(Skipped(reason=gap.reason, object_id=one.entry.oid, path=path))

    def add_names(self, examiner: Examiner) -> None:
        """Examine every path once, and mark the blobs whose name itself is evidence."""
        said: dict[GitPath, tuple[Hit, ...]] = {}
        for oid, context in examiner.contexts.items():
            for path in context.paths:
                if path not in said:
                    found = examine_name(path, context)
                    said[path] = found.hits
                    self._name_gaps(found)
                if said[path]:
                    self.telling_names.add(path)
                if said[path] and oid in self.sizes:
                    self.hits.setdefault(oid, []).extend(said[path])
                    self.named_tellingly.add(oid)

    def add_refs(self, refs: Iterable[Ref], examiner: Examiner) -> None:
        """Examine the name of every ref; a hit stands with the object that the ref leads to."""
        for ref in refs:
            target = ref.target
            found = examine_name(GitPath(ref.name), examiner.unknown())
            self._name_gaps(found)
            if found.hits and target is not None:
                self.telling_names.add(ref.name)
                self.hits.setdefault(target, []).extend(found.hits)

    def _name_gaps(self, found: Examination) -> None:
        """A name that no rule could judge is not clean either; which one is not said: it may tell."""
        for gap in found.unreadable:
            self.skipped.append(Skipped(reason=f"a name of a file or ref: {gap.reason}"))

    def add_history(self, view: HistoryView) -> None:
        """Let each rule over history see what those before it found.

        As with the rules for single objects, one that fails is reported and blocks "clean".
        """
        for rule in HISTORY_RULES:
            try:
                found = list(rule.check_history(view))
            except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
                reason = f"rule {rule.about.id} failed: {type(error).__name__}"
                self.skipped.append(Skipped(reason=reason))
                continue
            for oid, hit in found:
                self.hits.setdefault(oid, []).append(hit)


def _view(
    transitions: Sequence[Transition],
    gathered: _Gathered,
    examiner: Examiner,
    places: Attributor,
) -> HistoryView:
    return HistoryView(
        transitions=transitions,
        sketches=gathered.sketches,
        hits=gathered.hits,
        context=lambda oid: examiner.context(oid, gathered.sizes.get(oid, 0)),
        attribution=places.attribute,
    )


def _transitions(inventory: Inventory) -> Iterator[Transition]:
    commits = inventory.history.commits
    for change in inventory.history.changes:
        commit = commits[change.commit]
        yield Transition(
            path=change.path,
            commit=change.commit,
            when=from_epoch(commit.when),
            old=change.old,
            new=change.new,
            subject=commit.subject.decode("utf-8", "replace"),
        )


def _result(
    repository: Repository,
    options: ScanOptions,
    inventory: Inventory,
    gathered: _Gathered,
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
        findings=_findings(gathered, places),
        skipped=tuple(gathered.skipped),
        telling_names=tuple(sorted(gathered.telling_names)),
    )


def _findings(gathered: _Gathered, places: Attributor) -> tuple[Finding, ...]:
    placed = [
        (hit, oid, place)
        for oid, hits in gathered.hits.items()
        for place in (places.attribute(oid),)
        for hit in hits
    ]
    placed.sort(key=lambda found: _order(*found))
    return tuple(
        Finding(
            id=f"F-{number:04}",
            hit=hit,
            object_id=oid,
            size=gathered.sizes.get(oid, 0),
            attribution=place,
            masked_path=oid in gathered.named_tellingly,
        )
        for number, (hit, oid, place) in enumerate(placed, 1)
    )


def _order(hit: Hit, oid: ObjectId, place: Attribution) -> tuple[object, ...]:
    """Worst first; then by place, so that two scans of one repository read alike."""
    part = hit.location.part or "" if hit.location else ""
    return (-hit.severity, -hit.confidence, place.paths, hit.rule, part, oid)
