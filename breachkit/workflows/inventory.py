"""What a repository holds, gathered once before its objects are read."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_output_path
from breachkit.git.history import History, read_history
from breachkit.git.objects import (
    ObjectEntry,
    ObjectList,
    Reachable,
    choose_objects,
    list_objects,
    reachable_objects,
)
from breachkit.git.promised import missing_beyond_refs
from breachkit.git.refs import Head, Ref, list_refs, read_head
from breachkit.git.repository import Repository
from breachkit.model.findings import ObjectCount, Skipped
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.model.policy import Policies
from breachkit.model.records import dataclass, field
from breachkit.model.time import from_epoch


OBJECT_TYPES = ("commit", "tree", "blob", "tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Everything that is known before an object is read."""

    refs: tuple[Ref, ...]
    head: Head
    history: History = field(repr=False)
    objects: ObjectList = field(repr=False)
    chosen: Sequence[ObjectEntry] = field(repr=False)
    """The objects that the scan is about, in the order of the packs."""
    missing: frozenset[ObjectId]
    """Objects that something reachable names and that are not there."""
    damaged: tuple[ObjectId, ...]
    complaints: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether git could walk everything that the refs lead to."""
        faults = self.missing or self.damaged or self.complaints or self.history.incomplete_reason
        return not faults

    @property
    def lists_all(self) -> bool:
        """Whether `chosen` has all that refs lead to, so that what is not in it is not in the repository."""
        return self.is_whole and not any(ref.is_damaged for ref in self.refs)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at, and nothing that should be there: no ref, no object."""
        return not self.refs and not self.chosen and self.is_whole

    def gaps(self) -> Iterator[Skipped]:
        """Say what cannot be examined, whatever the objects hold."""
        yield from (Skipped(reason=f"git: {complaint}") for complaint in self.complaints)
        if self.history.incomplete_reason:
            yield Skipped(reason=self.history.incomplete_reason)
        for ref in self.refs:
            if ref.is_damaged:
                reason = f"the ref {display(ref.name)} leads nowhere"
                yield Skipped(reason=reason, object_id=ref.target)
        yield from (
            Skipped(reason="object damaged: git cannot read it", object_id=oid)
            for oid in self.damaged
        )
        yield from (
            Skipped(reason="submodule: another repository, which was not scanned", path=path)
            for path in sorted(self.history.submodules)
        )
        names = self._names_of(self.missing)
        for oid, kind in sorted(self.types_of_missing().items()):
            yield Skipped(reason=f"{kind} missing", object_id=oid, path=names.get(oid))

    def types_of_missing(self) -> dict[ObjectId, str]:
        """Tell the type of each object that is not there by what names it: refs, tags, history."""
        commits = self.history.commits.values()
        parents = {parent for info in commits for parent in info.parents} if self.missing else ()
        lost = dict(ref.lost for ref in self.refs if ref.lost is not None)
        return {oid: lost.get(oid) or self._type(oid, parents) for oid in self.missing}

    def _type(self, missing: ObjectId, parents: Collection[ObjectId]) -> str:
        if missing not in self.history.missing:
            return "blob"
        return "commit" if missing in parents else "tree"

    @property
    def left_out(self) -> int:
        """How many objects of the store the scan is not about, because no ref reaches them."""
        return len(self.objects.entries) - len(self.chosen)

    def _names_of(self, oids: frozenset[ObjectId]) -> dict[ObjectId, GitPath]:
        if not oids:
            return {}
        changes, others = self.history.changes, self.history.files_of_refs.items()
        return {oid: path for path, named in others for oid in named & oids} | {
            change.new: change.path for change in changes if change.new in oids and change.new
        }

    def refs_by_namespace(self) -> dict[str, int]:
        """Count refs, the usual namespaces first."""
        counts: dict[str, int] = {}
        for ref in self.refs:
            counts[ref.namespace] = counts.get(ref.namespace, 0) + 1
        return counts

    def counts(self) -> dict[str, ObjectCount]:
        """Give a count for each type of object, with the missing ones filled in."""
        counts = {kind: ObjectCount() for kind in OBJECT_TYPES}
        for kind in self.types_of_missing().values():
            counts[kind].missing += 1
        return counts


def take_inventory(repository: Repository, *, unreachable: bool) -> Inventory:
    """List refs, objects and history. The slow questions are asked of git at once."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        listing = pool.submit(list_objects, repository)
        heading = pool.submit(read_head, repository)
        refs = list_refs(repository)
        objects = listing.result()
        reached = pool.submit(reachable_objects, repository, refs, objects)
        history = read_history(repository, refs, objects, unreachable=unreachable)
        reachable = reached.result()
    missing = _missing(history, reachable, objects)
    if unreachable and repository.is_partial:
        named = (oid for oids in history.files_of_refs.values() for oid in oids)
        missing |= missing_beyond_refs(repository, objects, reachable, named)
    return Inventory(
        refs=refs,
        head=heading.result(),
        history=history,
        objects=objects,
        chosen=choose_objects(objects, reachable, unreachable=unreachable),
        missing=missing,
        damaged=_damaged(objects, reachable, unreachable=unreachable),
        complaints=objects.complaints,
    )


def _missing(history: History, reachable: Reachable, objects: ObjectList) -> frozenset[ObjectId]:
    known = set(objects.damaged)
    return (history.missing | reachable.missing) - known


def _damaged(
    objects: ObjectList, reachable: Reachable, *, unreachable: bool
) -> tuple[ObjectId, ...]:
    if unreachable:
        return objects.damaged
    named = reachable.oids | reachable.missing
    return tuple(oid for oid in objects.damaged if oid in named)


def file_contexts(inventory: Inventory, policies: Policies) -> dict[ObjectId, FileContext]:
    """Give what the rules are told of each blob that has a path: names, age and policy."""
    paths: dict[ObjectId, set[GitPath]] = {}
    first: dict[ObjectId, int] = {}
    commits = inventory.history.commits
    for change in inventory.history.changes:
        if change.new is not None:
            paths.setdefault(change.new, set()).add(change.path)
            first.setdefault(change.new, commits[change.commit].when)
    for path, oids in inventory.history.files_of_refs.items():
        for oid in oids:
            paths.setdefault(oid, set()).add(path)
    sizes = {entry.oid: entry.size for entry in inventory.chosen}
    outputs = _outputs(path for named in paths.values() for path in named)
    return {
        oid: _context(names, sizes.get(oid, 0), first.get(oid), policies, outputs)
        for oid, names in paths.items()
    }


def _outputs(paths: Iterable[GitPath]) -> Mapping[GitPath, bool]:
    return {path: is_output_path(path) for path in set(paths)}


def _context(
    names: set[GitPath],
    size: int,
    when: int | None,
    policies: Policies,
    outputs: Mapping[GitPath, bool],
) -> FileContext:
    date = None if when is None else from_epoch(when)
    return FileContext(
        paths=tuple(sorted(names)),
        size=size,
        first_date=date,
        policy=policies.at(None if date is None else date.date()),
        is_output=any(outputs[path] for path in names),
    )
