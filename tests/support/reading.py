"""Short ways through the reading half of the git room, for its tests."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from breachkit.git.attribution import Attributor
from breachkit.git.history import History as ReadHistory
from breachkit.git.history import read_history
from breachkit.git.objects import ObjectList, Reachable, list_objects, reachable_objects
from breachkit.git.refs import Ref, list_refs, read_head
from breachkit.git.repository import Repository, open_repository
from breachkit.model.findings import Attribution
from breachkit.model.ids import ObjectId


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything there is to know of a repository before its blobs are read."""

    repository: Repository
    refs: tuple[Ref, ...]
    objects: ObjectList
    history: ReadHistory
    reachable: Reachable
    attributor: Attributor

    def paths(self, oid: str) -> set[bytes]:
        """Give every path an object had."""
        return set(self.attribute(oid).paths)

    def attribute(self, oid: str) -> Attribution:
        """Say where an object is."""
        return self.attributor.attribute(ObjectId(oid))

    @property
    def pairs(self) -> set[tuple[bytes, str]]:
        """Every path and blob that any commit's tree ever had."""
        return {(change.path, change.new) for change in self.history.changes if change.new}


@contextlib.contextmanager
def reading(path: Path | str, *, unreachable: bool = False) -> Iterator[Reading]:
    """Open a repository and read all but its blobs."""
    with open_repository(str(path)) as repository:
        refs, objects = list_refs(repository), list_objects(repository)
        history = read_history(repository, refs, objects, unreachable=unreachable)
        yield Reading(
            repository=repository,
            refs=refs,
            objects=objects,
            history=history,
            reachable=reachable_objects(repository, refs, objects),
            attributor=Attributor(
                repository, refs=refs, head=read_head(repository), history=history, objects=objects
            ),
        )
