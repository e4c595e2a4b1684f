"""Says where in history an object is: its paths, commits and refs, and the easiest way to it."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from breachkit.git.history import Change, History, commit_tips, read_log
from breachkit.git.objects import ObjectList, tip_objects
from breachkit.git.process import GitCommandError
from breachkit.git.reach import ReachMasks
from breachkit.git.refs import PULL_NAMESPACES, Head, Ref, namespace
from breachkit.git.repository import Repository
from breachkit.model.findings import Attribution, Reach
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.time import from_epoch


HEAD = RefName(b"HEAD")


class Attributor:
    """Attributes objects to history; what costs is worked out at the first question that needs it.

    Args:
        repository: Where.
        refs: As `list_refs` gives them.
        head: As `read_head` gives it.
        history: As `read_history` gives it for these refs.
        objects: As `list_objects` gives them.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        refs: Sequence[Ref],
        head: Head,
        history: History,
        objects: ObjectList,
    ) -> None:
        self._repository = repository
        self._refs = refs
        self._head = head
        self._history = history
        self._objects = objects

    def prepare(self) -> None:
        """Ask git what most objects are asked about, while nothing else waits for it."""
        with contextlib.suppress(GitCommandError):  # who asks for an object will be told
            _ = self._at_head, self._at_tips, self._held_directly

    def attribute(self, oid: ObjectId) -> Attribution:
        """Say where an object of any type is; see `Attribution` for what each part means."""
        if oid in self._history.commits:
            return self._of_commit(oid)
        is_tree = oid not in self._changes_of_files and oid in self._trees
        changes = self._changes_of_directories if is_tree else self._changes_of_files
        return self._of_file(oid, changes.get(oid, ()))

    def _of_commit(self, oid: ObjectId) -> Attribution:
        mask = self._masks.mask([oid])
        return Attribution(
            first_commit=oid,
            first_date=from_epoch(self._history.commits[oid].when),
            commits=1,
            refs=self._names(mask, oid),
            reach=self._reach(mask, oid),
        )

    def _of_file(self, oid: ObjectId, changes: Sequence[Change]) -> Attribution:
        brought = [change.commit for change in changes if change.new == oid]
        ended = [change.commit for change in changes if change.new != oid]
        is_at_a_tip = oid in self._at_tips or oid in self._held_directly
        mask = self._masks.mask(dict.fromkeys(brought))
        paths = {change.path for change in changes} | self._paths_without_commit.get(oid, set())
        return Attribution(
            paths=tuple(sorted(paths)),
            first_commit=brought[0] if brought else None,
            first_date=from_epoch(self._history.commits[brought[0]].when) if brought else None,
            last_commit=ended[-1] if ended and not is_at_a_tip else None,
            commits=len({change.commit for change in changes}),
            refs=self._names(mask, oid),
            reach=self._reach(mask, oid),
        )

    def _names(self, mask: int, oid: ObjectId) -> tuple[RefName, ...]:
        names = self._masks.names_in(mask & ~_HEAD_BIT)
        direct = self._held_directly.get(oid)
        return tuple(sorted({*names, *direct})) if direct else names

    def _reach(self, mask: int, oid: ObjectId) -> Reach:
        if oid in self._at_head:
            return "head"
        if mask & _HEAD_BIT:
            return "history"
        kinds = {namespace(name) for name in self._names(mask, oid)}
        if kinds & {"heads", "remotes", "detached"}:
            return "branch"
        if "tags" in kinds:
            return "tag"
        if kinds & PULL_NAMESPACES:
            return "pull"
        return "other" if kinds else "unreachable"

    @cached_property
    def _masks(self) -> ReachMasks:
        tips = [(ref.name, ref.peeled) for ref in self._refs if ref.peeled is not None]
        head = self._head.commit
        return ReachMasks(self._history.commits, [(HEAD, head or ObjectId("")), *tips])

    @cached_property
    def _changes_of_files(self) -> Mapping[ObjectId, Sequence[Change]]:
        return _by_object(self._history.changes)

    @cached_property
    def _changes_of_directories(self) -> Mapping[ObjectId, Sequence[Change]]:
        """Asked for only when a tree is: it costs as much as the history did."""
        try:
            log = read_log(self._repository, self._history.tips, directories=True)
        except GitCommandError:
            return {}
        roots = [
            Change(oid, GitPath(b""), None, commit.tree, "A")
            for oid, commit in self._history.commits.items()
        ]
        return _by_object([*roots, *log.changes])

    @cached_property
    def _trees(self) -> frozenset[ObjectId]:
        return frozenset(entry.oid for entry in self._objects.entries if entry.type == "tree")

    @cached_property
    def _at_head(self) -> frozenset[ObjectId]:
        commit = self._head.commit
        return tip_objects(self._repository, [commit]) if commit else frozenset()

    @cached_property
    def _at_tips(self) -> frozenset[ObjectId]:
        """Everything in the tree of some ref's tip."""
        return tip_objects(self._repository, commit_tips(self._refs))

    @cached_property
    def _held_directly(self) -> Mapping[ObjectId, set[RefName]]:
        """What refs hold otherwise than through a commit: tags, blobs, and what is in trees."""
        held: dict[ObjectId, set[RefName]] = {}
        inside: dict[ObjectId, frozenset[ObjectId]] = {}
        for ref in self._refs:
            there = set(ref.tags)
            if ref.peeled is not None and ref.peeled_type in {"blob", "tree"}:
                there.add(ref.peeled)
            if ref.peeled is not None and ref.peeled_type == "tree":
                if ref.peeled not in inside:  # many refs may hold one
                    inside[ref.peeled] = tip_objects(self._repository, [ref.peeled])
                there |= inside[ref.peeled]
            for oid in there:
                held.setdefault(oid, set()).add(ref.name)
        return held

    @cached_property
    def _paths_without_commit(self) -> Mapping[ObjectId, set[GitPath]]:
        paths: dict[ObjectId, set[GitPath]] = {}
        for path, oids in self._history.files_of_refs.items():
            for oid in oids:
                paths.setdefault(oid, set()).add(path)
        return paths


_HEAD_BIT = 1
"""HEAD is the first of the tips, so that its bit is the lowest."""


def _by_object(changes: Iterable[Change]) -> dict[ObjectId, list[Change]]:
    """List for each object the changes that bring it or end it."""
    found: dict[ObjectId, list[Change]] = {}
    for change in changes:
        if change.new is not None:
            found.setdefault(change.new, []).append(change)
        if change.old is not None:
            found.setdefault(change.old, []).append(change)
    return found
