"""What a scan gathers: the results of all objects, of names and of history, as findings."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache

from breachkit.detect.comparing import COMPARING
from breachkit.detect.engine import Examination, examine_name
from breachkit.detect.provenance import digested_blobs
from breachkit.detect.registry import HISTORY_RULES
from breachkit.detect.rule import FileContext, HistoryView, Provenance, Transition
from breachkit.detect.rules.his_01 import compared_blobs
from breachkit.detect.rules.sup_03 import related_blobs
from breachkit.git.attribution import Attributor
from breachkit.git.objects import ObjectEntry
from breachkit.git.refs import Ref
from breachkit.model.findings import Attribution, Finding, Hit, ObjectCount, Skipped
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policies
from breachkit.model.time import from_epoch
from breachkit.sdc.sketch import TableSketch
from breachkit.sdc.sketch_store import SketchStore
from breachkit.workflows.comparisons import TOO_SLOW, Comparisons
from breachkit.workflows.examining import Examined, Examiner
from breachkit.workflows.inventory import Inventory, file_contexts


def examiner_for(
    inventory: Inventory, policies: Policies, transitions: Sequence[Transition], key: bytes
) -> Examiner:
    """Give what judges each object of an inventory.

    Args:
        inventory: What there is.
        policies: By which each file is judged.
        transitions: As `transitions_of` gives them.
        key: Secret of this scan, at most 64 bytes.
    """
    return Examiner(
        contexts=file_contexts(inventory, policies),
        unnamed=policies.at(None),
        compared=compared_blobs(transitions) | related_blobs(transitions),
        sketch_key=key,
        digested=digested_blobs(transitions),
    )


_NOT_COMPARED = "not compared with other versions and tables: there are more than fit in memory"


class Gathered:
    """The results of all objects, as they come in."""

    def __init__(self, inventory: Inventory, contexts: Mapping[ObjectId, FileContext]) -> None:
        self._contexts = contexts
        self.hits: dict[ObjectId, list[Hit]] = {}
        self.sketches: dict[ObjectId, Sequence[TableSketch]] = {}
        self.provenance: dict[ObjectId, Provenance] = {}
        self._store = SketchStore()
        self.uncompared: set[ObjectId] = set()
        self.comparing = Comparisons()
        self.named_tellingly: set[ObjectId] = set()
        self.telling_names: set[bytes] = set()
        self.skipped: list[Skipped] = list(inventory.gaps())
        self.counts: dict[str, ObjectCount] = inventory.counts()
        self.sizes = {entry.oid: entry.size for entry in inventory.chosen}
        self.blobs_examined = 0
        self.bytes_examined = 0

    def walked(self, entries: Sequence[ObjectEntry]) -> None:
        """Take note of objects that git itself has read from end to end: trees, for their names."""
        for entry in entries:
            self.counts[entry.type].read += 1
            self.bytes_examined += entry.size

    def recall(self, known: Iterable[Examined]) -> None:
        """Take in the outcome for objects that another scan has read."""
        for one in known:
            count = self.counts[one.entry.type]
            count.skipped += bool(one.unreadable)
            count.cached += not one.unreadable
            self._take_in(one)

    def add(self, one: Examined) -> None:
        """Take in the outcome for one object."""
        count = self.counts[one.entry.type]
        if one.unreadable:  # unread in part is unread
            count.skipped += 1
        else:
            count.read += 1
            self.bytes_examined += one.entry.size
            self.blobs_examined += one.entry.type == "blob"
        self._take_in(one)

    def _take_in(self, one: Examined) -> None:
        self._gaps(one)
        if one.hits:
            self.hits.setdefault(one.entry.oid, []).extend(one.hits)
        if one.sketches:
            self._keep(one.entry.oid, one.sketches)
        if one.provenance is not None:
            self.provenance[one.entry.oid] = one.provenance

    def _keep(self, oid: ObjectId, sketches: Sequence[TableSketch]) -> None:
        """Keep sketches while there is room; what is compared with nothing is not clean."""
        kept = self._store.take(sketches)
        if kept is not None:
            self.sketches[oid] = kept
            return
        self._not_compared(oid, _NOT_COMPARED)

    def _not_compared(self, oid: ObjectId, reason: str) -> None:
        context = self._contexts.get(oid)
        path = context.paths[0] if context else None
        self.skipped.append(Skipped(reason=reason, object_id=oid, path=path))
        self.uncompared.add(oid)

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

    def leave_out(self, oids: Collection[ObjectId]) -> None:
        """Forget what was found in these objects, or could not be examined in them."""
        self.hits = {oid: hits for oid, hits in self.hits.items() if oid not in oids}
        self.skipped = [each for each in self.skipped if each.object_id not in oids]

    def _name_gaps(self, found: Examination) -> None:
        """A name that no rule could judge is not clean either; which one is not said: it may tell."""
        for gap in found.unreadable:
            self.skipped.append(Skipped(reason=f"a name of a file or ref: {gap.reason}"))

    def add_history(
        self, view: HistoryView, recalled: Iterable[tuple[ObjectId, Hit]] = ()
    ) -> list[tuple[ObjectId, Hit]] | None:
        """Let each rule over history see what those before it found.

        As with the rules for single objects, one that fails is reported and blocks "clean".

        Args:
            view: What they see.
            recalled: What comparing tables came to in another scan; `view` has no sketches of those.

        Returns:
            What comparing tables came to in this one; None where a rule that does so failed.
        """
        compared: list[tuple[ObjectId, Hit]] = []
        failed = False
        known = tuple(recalled)
        for rule in HISTORY_RULES:
            self._take((oid, hit) for oid, hit in known if hit.rule == rule.about.id)
            try:
                with self.comparing.limited():
                    found = list(rule.check_history(view))
            except Exception as error:  # noqa: BLE001 - its text may quote content, its type does not
                reason = f"rule {rule.about.id} failed: {type(error).__name__}"
                self.skipped.append(Skipped(reason=reason))
                failed = failed or rule.about.id in COMPARING
                continue
            self._take(found)
            compared += found if rule.about.id in COMPARING else ()
        for oid in self.comparing.take_cut():
            self._not_compared(oid, TOO_SLOW)
        return None if failed else compared

    def _take(self, found: Iterable[tuple[ObjectId, Hit]]) -> None:
        for oid, hit in found:
            self.hits.setdefault(oid, []).append(hit)


def history_view(
    transitions: Sequence[Transition],
    gathered: Gathered,
    examiner: Examiner,
    places: Attributor,
) -> HistoryView:
    """Give rules over history what all other rules found."""
    return HistoryView(
        transitions=transitions,
        sketches=gathered.sketches,
        hits=gathered.hits,
        context=lambda oid: examiner.context(oid, gathered.sizes.get(oid, 0)),
        attribution=places.attribute,
        provenance=gathered.provenance,
        comparing=gathered.comparing,
    )


def transitions_of(inventory: Inventory) -> Iterator[Transition]:
    """Give every change of every path, oldest first."""
    commits = inventory.history.commits

    @cache  # a stranger's subject can be long, and its commit have thousands of changes
    def subject(commit: ObjectId) -> str:
        return commits[commit].subject.decode("utf-8", "replace")

    for change in inventory.history.changes:
        commit = commits[change.commit]
        yield Transition(
            path=change.path,
            commit=change.commit,
            when=from_epoch(commit.when),
            old=change.old,
            new=change.new,
            subject=subject(change.commit),
            is_release=commit.is_release,
        )


def findings_of(gathered: Gathered, places: Attributor) -> tuple[Finding, ...]:
    """Give all findings, the worst first, each with its place in history."""
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
