"""Reads what was released before: another folder, or everything a study repository ever held."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from breachkit.detect.engine import examine
from breachkit.detect.registry import Rules
from breachkit.detect.rule import FileContext
from breachkit.documents.kinds import is_output_path
from breachkit.documents.table import Unreadable
from breachkit.git.clone_places import is_store
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.git.parallel import map_contents, map_objects
from breachkit.git.plain_files import PlainFile, contents_of, entries_of, list_files
from breachkit.git.repository import open_repository
from breachkit.model.errors import ConfigurationError
from breachkit.model.findings import Skipped
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.sketch import TableSketch


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFile:
    """One version of one file that was released before."""

    path: GitPath
    """Within its folder, or its repository."""
    tables: tuple[TableSketch, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What was released before, as far as it has the names of what is to be released."""

    files: tuple[EarlierFile, ...]
    skipped: tuple[Skipped, ...]
    looked_at: int
    """How many files, or versions of files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sketcher:
    """Reduces files to what comparing them needs; no rule judges them."""

    paths: Callable[[ObjectId], GitPath] = field(repr=False)
    policy: Policy
    key: bytes = field(repr=False)

    def __call__(
        self, entry: ObjectEntry, content: bytes | Unread
    ) -> tuple[ObjectId, tuple[TableSketch, ...], tuple[Unreadable, ...]]:
        if isinstance(content, Unread):
            return entry.oid, (), (Unreadable(content.value),)
        context = FileContext(
            paths=(self.paths(entry.oid),),
            size=entry.size,
            first_date=None,
            policy=self.policy,
            is_output=True,
        )
        found = examine(content, context, sketch_key=self.key, want_sketch=True, rules=Rules())
        return entry.oid, found.sketches, found.unreadable


def is_repository(place: str) -> bool:
    """Say whether what to compare with is a repository: a work tree's top, a bare one, a URL."""
    folder = Path(place)
    if not folder.is_dir():
        return True
    return (folder / ".git").exists() or is_store(folder)


def read_earlier(
    place: str, wanted: Sequence[GitPath], policy: Policy, key: bytes, *, workers: int
) -> Earlier:
    """Read an earlier release.

    Args:
        place: A folder, or a repository: then all that its refs ever reached counts as released.
        wanted: The paths of what is to be released, within its folder: of a repository only files of
            the same names are read.
        policy: By which tables are judged.
        key: Of the sketches to compare with.
        workers: How many processes.

    Raises:
        ConfigurationError: there is nothing of that name.
        AccessError, IncompleteError: a remote refused, or could not be reached.
    """
    if is_repository(place):
        return _of_repository(place, wanted, policy, key, workers)
    return _of_folder(os.fsencode(place), policy, key, workers)


def _of_folder(place: bytes, policy: Policy, key: bytes, workers: int) -> Earlier:
    listing = list_files(place)
    files: Sequence[PlainFile] = listing.files
    sketcher = _Sketcher(paths=lambda oid: files[int(oid)].within, policy=policy, key=key)
    found = map_contents(contents_of(files), entries_of(files), sketcher, workers=workers)
    skipped = [Skipped(reason=_earlier(other.why.value), path=other.within) for other in listing.others]  # fmt: skip
    kept: list[EarlierFile] = []
    for oid, tables, unread in found:
        path = files[int(oid)].within
        skipped += [Skipped(reason=_earlier(gap.reason), path=path) for gap in unread]
        if tables:
            kept.append(EarlierFile(path=path, tables=tables))
    kept.sort(key=lambda each: each.path)
    return Earlier(files=tuple(kept), skipped=tuple(skipped), looked_at=len(files))


def _earlier(reason: str) -> str:
    return f"of the earlier release: {reason}"


def _of_repository(
    place: str, wanted: Sequence[GitPath], policy: Policy, key: bytes, workers: int
) -> Earlier:
    from breachkit.workflows.inventory import take_inventory

    names = {path.rpartition(b"/")[2] for path in wanted}
    with open_repository(place) as repository:
        inventory = take_inventory(repository, unreachable=False)
        if not inventory.history.commits:
            raise ConfigurationError(
                "the repository to compare with has no commits: check its name"
            )
        paths: dict[ObjectId, GitPath] = {}
        for change in inventory.history.changes:
            if change.new is not None and change.path.rpartition(b"/")[2] in names:
                before = paths.get(change.new)
                if before is None or (is_output_path(change.path) and not is_output_path(before)):
                    paths[change.new] = change.path
        entries = [entry for entry in inventory.chosen if entry.oid in paths]
        sketcher = _Sketcher(paths=paths.__getitem__, policy=policy, key=key)
        found = list(map_objects(repository, entries, sketcher, workers=workers))
        gaps = [
            Skipped(reason=_earlier(gap.reason), path=gap.path)
            for gap in inventory.gaps()
            if gap.path is None or gap.path.rpartition(b"/")[2] in names
        ]
    return Earlier(
        files=tuple(sorted(_versions(found, paths), key=lambda each: each.path)),
        skipped=(*gaps, *_unread(found, paths)),
        looked_at=len(entries),
    )


_Found = Sequence[tuple[ObjectId, tuple[TableSketch, ...], tuple[Unreadable, ...]]]


def _versions(found: _Found, paths: dict[ObjectId, GitPath]) -> Iterator[EarlierFile]:
    for oid, tables, _ in found:
        if tables:
            yield EarlierFile(path=paths[oid], tables=tables)


def _unread(found: _Found, paths: dict[ObjectId, GitPath]) -> Iterator[Skipped]:
    for oid, _, unread in found:
        for gap in unread:
            yield Skipped(reason=_earlier(gap.reason), path=paths[oid])
