"""Lists and reads the objects of a repository, each once, and names every one that it cannot."""

import enum
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import BinaryIO, NamedTuple

from breachkit.git.process import GitCommandError, Stream, git_version, stream_git
from breachkit.git.refs import ObjectType, Ref
from breachkit.git.repository import Repository
from breachkit.model.ids import ObjectId, display
from breachkit.model.records import dataclass


DEFAULT_CAP = 256 << 20
"""A larger object (in bytes) is not loaded into memory."""

_TYPES: dict[bytes, ObjectType] = {
    b"commit": "commit",
    b"tree": "tree",
    b"blob": "blob",
    b"tag": "tag",
}


_OBEYS_REVERSE_INDEX = (2, 41)
"""From here on git can be told not to read the `.rev` files of packs."""


class Unread(enum.Enum):
    """Why the content of an object is not there."""

    MISSING = "missing from the repository"
    DAMAGED = "damaged: git cannot read it"
    TOO_LARGE = "larger than breachkit reads"
    LOST = "reading it ended the process that read it"
    TOO_SLOW = "took too long to look at"
    # Of plain files:
    CHANGED = "changed while it was checked: check it again when nobody writes to it"
    GONE = "gone before it could be read"
    FORBIDDEN = "locked: this user may not read it"
    BROKEN = "the disk cannot read it"


class ObjectEntry(NamedTuple):
    """An object in the store. A tuple for speed: there can be a million of them."""

    oid: ObjectId
    type: ObjectType
    size: int
    """In bytes, inflated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList:
    """What is in an object store."""

    entries: Sequence[ObjectEntry]
    """In the order of the packs, which is the quickest to read in."""
    damaged: tuple[ObjectId, ...] = ()
    """Objects that are there and of which git cannot even tell the type."""
    complaints: tuple[str, ...] = ()
    """What git said while listing, one line each, made safe to show: a pack that it could not open
    means objects that are in no list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """What a set of objects leads to."""

    oids: frozenset[ObjectId]
    missing: frozenset[ObjectId]
    """Objects that something reachable names and that the store does not have."""


def list_objects(repository: Repository) -> ObjectList:
    """List every object in the store, whether or not a ref reaches it, and those of alternates."""
    lister = _Lister(repository)
    lister.run(["--batch-all-objects", "--unordered", "--batch-check"])
    if git_version() < _OBEYS_REVERSE_INDEX:
        lister.add_hidden()
    return lister.result()


class _Lister:
    def __init__(self, repository: Repository) -> None:
        self._git_dir = repository.git_dir
        self._entries: list[ObjectEntry] = []
        self._damaged: list[ObjectId] = []
        self._complaints: dict[str, None] = {}

    def run(self, options: Sequence[str], feed: bytes | None = None) -> None:
        """Take in the lines of one `cat-file --batch-check`."""
        args = ["cat-file", "--buffer", *options]
        with stream_git(args, git_dir=self._git_dir, stdin=feed, check=False) as stream:
            for line in stream.stdout:
                if not line.endswith(b"\n"):  # cut off, as where somebody killed git
                    break
                oid, kind, *rest = line.split()
                if kind in _TYPES and rest:
                    entry = ObjectEntry(ObjectId(oid.decode()), _TYPES[kind], int(rest[0]))
                    self._entries.append(entry)
                else:
                    self._damaged.append(ObjectId(oid.decode()))
        self._note(stream)

    def add_hidden(self) -> None:
        """Add what a forged `.rev` file hid, which decides on the order of the packs.

        The other order comes from the index of each pack, without which no object is found.
        """
        args = ["cat-file", "--buffer", "--batch-all-objects", "--batch-check=%(objectname)"]
        with stream_git(args, git_dir=self._git_dir, check=False) as stream:
            names = set(stream.stdout.read().decode().split())
        self._note(stream)
        hidden = names.difference((entry.oid for entry in self._entries), self._damaged)
        if hidden:
            feed = "".join(f"{oid}\n" for oid in sorted(hidden)).encode()
            self.run(["--batch-check"], feed)

    def result(self) -> ObjectList:
        """Give what was listed."""
        return ObjectList(
            entries=self._entries,
            damaged=tuple(self._damaged),
            complaints=tuple(self._complaints),
        )

    def _note(self, stream: Stream) -> None:
        said = [display(line.strip()) for line in stream.stderr.splitlines() if line.strip()]
        if stream.code and not said:
            said = [f"git stopped listing objects with exit status {stream.code}"]
        self._complaints |= dict.fromkeys(said)


def reachable_objects(
    repository: Repository, refs: Sequence[Ref], objects: ObjectList
) -> Reachable:
    """Find everything that refs lead to, of all types, and what is missing from it.

    git itself refuses to walk over a missing commit; then we walk.

    Args:
        repository: Where.
        refs: From where, as `list_refs` gives them.
        objects: All that is in the store, as `list_objects` gives it.
    """
    tips = {ref.peeled for ref in refs if ref.peeled is not None and not ref.is_damaged}
    tags = frozenset(tag for ref in refs for tag in ref.tags)
    lost = frozenset(_lost_ends(refs))
    found = reachable_from(repository, tips, objects)
    listed = {entry.oid for entry in objects.entries}.union(objects.damaged)
    unlisted = found.oids - listed  # hidden, or pushed since the listing: in no case read
    return Reachable(
        oids=found.oids - unlisted | tags - lost, missing=found.missing | lost | unlisted
    )


def reachable_from(
    repository: Repository, tips: Collection[ObjectId], objects: ObjectList
) -> Reachable:
    """Find everything that some commits and trees lead to, by git, or where it refuses to by our own walk."""
    try:
        return _rev_list(repository, tips)
    except GitCommandError:
        from breachkit.git.walk import walk

        return walk(repository, tips, objects).reachable


def tip_objects(repository: Repository, tips: Iterable[ObjectId]) -> frozenset[ObjectId]:
    """Give everything in the trees of some commits, or in some trees, without their history."""
    return _rev_list(repository, tips, "--no-walk").oids


def choose_objects(
    objects: ObjectList, reachable: Reachable, *, unreachable: bool
) -> Sequence[ObjectEntry]:
    """Choose what a scan reads, in the order of the packs: what refs reach, or everything."""
    if unreachable:
        return objects.entries
    return [entry for entry in objects.entries if entry.oid in reachable.oids]


def read_objects(
    repository: Repository, entries: Sequence[ObjectEntry], *, cap: int = DEFAULT_CAP
) -> Iterator[tuple[ObjectEntry, bytes | Unread]]:
    """Read objects, in the order given, through one git process.

    Where a damaged object ends that process, a new one goes on after it.

    Args:
        repository: Where.
        entries: What to read; each comes back exactly once, in this order.
        cap: Size in bytes from which on an object is not loaded.
    """
    position, careful = 0, False
    while position < len(entries):
        before = position
        for content in _one_process(repository, entries[position:], cap=cap, careful=careful):
            yield entries[position], content
            position += 1
        if position == before and careful and position < len(entries):
            yield entries[position], Unread.DAMAGED
            position, careful = position + 1, False
        else:
            careful = True  # what came last may have been stuck in a buffer: try it again alone


_IN_LITTLE_MEMORY = (
    *("-c", "core.packedGitWindowSize=8m", "-c", "core.packedGitLimit=32m"),
    *("-c", "core.deltaBaseCacheLimit=40m"),
)
"""Git maps whole packs otherwise, once a worker. Measured with packs of 145 and 375 MB: with this it needs 100 to
130 MB for 290 to 520, and up to a tenth more time; with a cache of half the size it takes half as long again."""


def _one_process(
    repository: Repository, entries: Sequence[ObjectEntry], *, cap: int, careful: bool
) -> Iterator[bytes | Unread]:
    """Give the content of entries until git stops, which may be before the end."""
    feed = b"".join(entry.oid.encode() + b"\n" for entry in entries if entry.size <= cap)
    args = [*_IN_LITTLE_MEMORY, "cat-file", "--batch"] + ([] if careful else ["--buffer"])
    with stream_git(args, git_dir=repository.git_dir, stdin=feed, check=False) as stream:
        for entry in entries:
            if entry.size > cap:
                yield Unread.TOO_LARGE
                continue
            content = _next_content(stream.stdout, cap)
            if content is None:
                return
            yield content


def _next_content(stdout: BinaryIO, cap: int) -> bytes | Unread | None:
    """Read one answer of `cat-file --batch`; None where the stream ends within it."""
    header = stdout.readline()
    if header.endswith(b" missing\n"):
        return Unread.MISSING
    if not header.endswith(b"\n"):
        return None
    size = int(header[header.rindex(b" ") :])
    if size > cap:  # it is not what was listed
        return Unread.TOO_LARGE if _skip(stdout, size + 1) else None
    content = stdout.read(size)  # apart from its newline, so that it need not be copied again
    return content if len(content) == size and stdout.read(1) else None


def _skip(stdout: BinaryIO, size: int) -> bool:
    while size:
        chunk = stdout.read(min(size, 1 << 20))
        if not chunk:
            return False
        size -= len(chunk)
    return True


def _rev_list(repository: Repository, tips: Iterable[ObjectId], *options: str) -> Reachable:
    feed = "".join(f"{tip}\n" for tip in sorted(tips)).encode()
    if not feed:
        return Reachable(oids=frozenset(), missing=frozenset())
    args = ["rev-list", "--objects", "--no-object-names", "--missing=print", *options, "--stdin"]
    with stream_git(args, git_dir=repository.git_dir, stdin=feed) as stream:
        lines = stream.stdout.read().decode().split("\n")
    oids = {ObjectId(line) for line in lines}
    oids.discard(ObjectId(""))
    missing = {oid for oid in oids if oid.startswith("?")}
    return Reachable(
        oids=frozenset(oids - missing), missing=frozenset(ObjectId(oid[1:]) for oid in missing)
    )


def _lost_ends(refs: Iterable[Ref]) -> Iterator[ObjectId]:
    """Name the objects at which the way from a damaged ref ends."""
    for ref in refs:
        if ref.lost is not None:
            yield ref.lost[0]
