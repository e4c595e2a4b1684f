"""What was found out about objects before, so that a scan looks only at those never seen.

A verdict is kept under a key of all it follows from: the object's id, everything that rules are told
about it, and the rules themselves. Whatever of these changes, the key is another one, and the object is
looked at again. Comparisons of tables are kept by group (`detect.comparing`): a group is compared anew as
soon as anything in it is new, from the tables themselves, for their sketches hold counts and are never
kept.
"""

import functools
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from breachkit.detect import verdicts
from breachkit.detect.comparing import Group, Groups
from breachkit.detect.engine import Examination, examine
from breachkit.detect.registry import Rules
from breachkit.detect.rule import FileContext
from breachkit.detect.verdicts import Verdict
from breachkit.documents.table import Unreadable
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.model.findings import Hit, Skipped
from breachkit.model.ids import ObjectId
from breachkit.model.records import dataclass, field
from breachkit.workflows.examining import Examined, Examiner


class Memory(Protocol):
    """Keeps verdicts from one scan to the next."""

    secret: bytes
    """At most 64 bytes: keys are made with it, so that the store alone does not tell what objects it knows."""
    rules: bytes
    """What stands for the rules, the readers and everything else that a verdict follows from."""

    def recall(self, keys: Collection[bytes]) -> Mapping[bytes, bytes]:
        """Give what is kept under those of these keys that are known."""
        ...

    def keep(self, items: Mapping[bytes, bytes]) -> None:
        """Keep something under each key."""
        ...


_BYTES = 16
_NOTHING_BUT_SKETCHES = Rules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Makes the keys of one scan."""

    secret: bytes = field(repr=False)
    rules: bytes
    """What stands for the rules, the readers and everything else that a verdict follows from."""
    context: Callable[[ObjectId, int], FileContext] = field(repr=False)

    def of_object(self, entry: ObjectEntry) -> bytes:
        """Give the key of an object's own verdict."""
        context = self.context(entry.oid, entry.size)
        return self._key(b"object", entry.oid.encode(), entry.type.encode(), _told(context))

    def of_group(self, group: Group, sizes: Mapping[ObjectId, int]) -> bytes:
        """Give the key of what comparing the blobs of a group came to.

        Args:
            group: The group.
            sizes: In bytes, of the blobs that are there; of others the history has but the name.
        """
        members = (
            f"{blob} {blob in sizes} ".encode() + _told(self.context(blob, sizes.get(blob, 0)))
            for blob in group.blobs
        )
        pairs = (f"{one} {other} {why}".encode() for one, other, why in group.pairs)
        return self._key(b"group", *members, b"-", *pairs)

    def _key(self, *parts: bytes) -> bytes:
        made = blake2b(self.rules, digest_size=_BYTES, key=self.secret)
        for part in parts:
            made.update(len(part).to_bytes(8, "little"))
            made.update(part)
        return made.digest()


def _told(context: FileContext) -> bytes:
    """Write down all that rules are told about an object beside its content."""
    date = context.first_date
    told = (
        [path.hex() for path in context.paths],
        context.size,
        None if date is None else date.isoformat(),
        context.is_output,
    )
    return json.dumps(told).encode("ascii") + _policy(context)


def _policy(context: FileContext) -> bytes:
    return _written(context.policy)


@functools.lru_cache(maxsize=64)
def _written(policy: object) -> bytes:
    # A policy is a record of plain values; sets have no order of their own.
    values = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name in getattr(policy, "__slots__", ())
        for value in (getattr(policy, name),)
    }
    return json.dumps(values, default=str, sort_keys=True).encode("ascii")


class Known(Protocol):
    """What one scan knows before it reads anything, and what it adds to that."""

    @property
    def to_read(self) -> Sequence[ObjectEntry]:
        """The objects that have to be read, all the same."""
        ...

    def recalled(self, entries: Iterable[ObjectEntry]) -> Iterable[Examined]:
        """Give the outcome for the objects that need not be read."""
        ...

    def examiner(self, examiner: Examiner) -> Callable[[ObjectEntry, bytes | Unread], Examined]:
        """Give what judges the objects that are read."""
        ...

    def learn(self, one: Examined) -> None:
        """Take note of the outcome for an object that was read."""
        ...

    def compared(self) -> Iterable[tuple[ObjectId, Hit]]:
        """Give what comparing tables came to, where nothing is new."""
        ...

    def keep(
        self, found: Sequence[tuple[ObjectId, Hit]] | None, uncompared: Collection[ObjectId]
    ) -> None:
        """Keep what is new.

        Args:
            found: What comparing tables came to in this scan; None where that failed.
            uncompared: Blobs that could not be compared, for there was no room.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Nothing is known, and nothing is kept."""

    to_read: Sequence[ObjectEntry] = field(repr=False)

    def recalled(self, entries: Iterable[ObjectEntry]) -> Iterable[Examined]:  # noqa: ARG002 - of `Known`
        """Give nothing."""
        return ()

    def examiner(self, examiner: Examiner) -> Callable[[ObjectEntry, bytes | Unread], Examined]:
        """Give the examiner itself."""
        return examiner

    def learn(self, one: Examined) -> None:
        """Forget it."""

    def compared(self) -> Iterable[tuple[ObjectId, Hit]]:
        """Give nothing."""
        return ()

    def keep(
        self, found: Sequence[tuple[ObjectId, Hit]] | None, uncompared: Collection[ObjectId]
    ) -> None:
        """Keep nothing."""


class Remembered:
    """What one scan knows already, and what it adds to that."""

    def __init__(
        self,
        memory: Memory,
        keys: Keys,
        entries: Sequence[ObjectEntry],
        groups: Groups,
        digested: Collection[ObjectId],
    ) -> None:
        """Ask the memory for everything that a scan is about, at once.

        Args:
            memory: Where verdicts are kept.
            keys: Of this scan.
            entries: The objects that are to be judged.
            groups: The blobs that are compared.
            digested: Blobs whose digest is needed: that is never kept, so they are read.
        """
        self._memory = memory
        self._sizes = {entry.oid: entry.size for entry in entries}
        self._keys = {entry.oid: keys.of_object(entry) for entry in entries}
        self._groups = () if groups.is_cut else groups.groups
        self._group_keys = [keys.of_group(group, self._sizes) for group in self._groups]
        kept = memory.recall([*self._keys.values(), *self._group_keys])
        self.known = _verdicts(self._keys, kept)
        unknown = self._keys.keys() - self.known.keys()
        self._compared, clean = _clean(self._groups, self._group_keys, kept, unknown)
        grouped = {blob for group in groups.groups for blob in group.blobs}
        self._alone = frozenset(self._keys) - grouped
        clean |= {oid for oid in self._alone & self.known.keys() if self._within(oid) is not None}
        self.clean = clean
        """Of these no comparison is made anew."""
        self.to_read = [
            entry for entry in entries if entry.oid not in clean or entry.oid in digested
        ]
        self._new: dict[ObjectId, Verdict] = {}
        self._unsure: set[ObjectId] = set()

    def examiner(self, examiner: Examiner) -> Callable[[ObjectEntry, bytes | Unread], Examined]:
        """Give what judges what is not known, and sketches what is to be compared anew."""
        return RememberingExaminer(examiner=examiner, known=self.known, clean=self.clean)

    def recalled(self, entries: Iterable[ObjectEntry]) -> Iterable[Examined]:
        """Give the outcome for the objects that need not be read."""
        read = {entry.oid for entry in self.to_read}
        for entry in entries:
            if entry.oid not in read:
                known = self.known[entry.oid]
                yield Examined(entry=entry, hits=known.hits, unreadable=known.unreadable)

    def learn(self, one: Examined) -> None:
        """Take note of the outcome for an object that was read."""
        if any(map(is_unsure, one.unreadable)):
            self._unsure.add(one.entry.oid)
        else:
            self._new[one.entry.oid] = Verdict(hits=one.hits, unreadable=one.unreadable)

    def compared(self) -> Iterable[tuple[ObjectId, Hit]]:
        """Give what comparing tables came to, where nothing is new."""
        yield from self._compared
        read = {entry.oid for entry in self.to_read}
        for oid in sorted(self._alone - read):
            yield from ((oid, hit) for hit in self._within(oid) or ())

    def _within(self, oid: ObjectId) -> tuple[Hit, ...] | None:
        return self.known[oid].within

    def keep(
        self, found: Sequence[tuple[ObjectId, Hit]] | None, uncompared: Collection[ObjectId]
    ) -> None:
        """Keep what is new; nothing where comparing tables failed."""
        if found is None:
            return
        hits: dict[ObjectId, list[Hit]] = {}
        for oid, hit in found:
            hits.setdefault(oid, []).append(hit)
        unsure = self._unsure | set(uncompared)
        items = {
            self._keys[oid]: verdicts.to_bytes(self._whole(oid, verdict, hits))
            for oid, verdict in self._new.items()
            if oid not in unsure
        }
        self._memory.keep(items | self._groups_to_keep(hits, unsure))

    def _whole(
        self, oid: ObjectId, verdict: Verdict, hits: Mapping[ObjectId, Sequence[Hit]]
    ) -> Verdict:
        """Add what comparing the tables within one file came to, where no other file is compared with it."""
        within = tuple(hits.get(oid, ())) if oid in self._alone else None
        return Verdict(hits=verdict.hits, unreadable=verdict.unreadable, within=within)

    def _groups_to_keep(
        self, hits: Mapping[ObjectId, Sequence[Hit]], unsure: Collection[ObjectId]
    ) -> dict[bytes, bytes]:
        read = {entry.oid for entry in self.to_read}
        kept: dict[bytes, bytes] = {}
        for key, group in zip(self._group_keys, self._groups, strict=True):
            is_new = any(blob in read for blob in group.blobs)
            if is_new and not any(blob in unsure for blob in group.blobs):
                told = [[at, verdicts.hits_to_data(hits[b])] for at, b in _told_of(group, hits)]
                kept[key] = verdicts.dumped(told)
        return kept


_UNSURE = (
    *(unread.value for unread in Unread),
    "took too long",
    "takes too long to read",
    "MemoryError",
)
"""How the reason ends where another run may do better: time, memory, a worker that died."""


def is_unsure(gap: Unreadable | Skipped) -> bool:
    """Say whether looking again may tell more: something took too long, or a process died of it."""
    return gap.reason.endswith(_UNSURE)


def _told_of(
    group: Group, hits: Mapping[ObjectId, Sequence[Hit]]
) -> Iterable[tuple[int, ObjectId]]:
    return ((at, blob) for at, blob in enumerate(group.blobs) if blob in hits)


def _verdicts(
    keys: Mapping[ObjectId, bytes], kept: Mapping[bytes, bytes]
) -> dict[ObjectId, Verdict]:
    known: dict[ObjectId, Verdict] = {}
    for oid, key in keys.items():
        verdict = verdicts.from_bytes(kept[key]) if key in kept else None
        if verdict is not None:
            known[oid] = verdict
    return known


def _clean(
    groups: Sequence[Group],
    keys: Sequence[bytes],
    kept: Mapping[bytes, bytes],
    unknown: Collection[ObjectId],
) -> tuple[list[tuple[ObjectId, Hit]], frozenset[ObjectId]]:
    """Give what is known of the groups in which nothing is new, and the blobs in them."""
    found: list[tuple[ObjectId, Hit]] = []
    clean: set[ObjectId] = set()
    for group, key in zip(groups, keys, strict=True):
        is_known = key in kept and not any(blob in unknown for blob in group.blobs)
        hits = _group_hits(group, kept[key]) if is_known else None
        if hits is not None:
            found += hits
            clean.update(group.blobs)
    return found, frozenset(clean)


def _group_hits(group: Group, data: bytes) -> list[tuple[ObjectId, Hit]] | None:
    try:
        return [
            (group.blobs[at], hit)
            for at, told in json.loads(data)
            for hit in verdicts.hits_from_data(told)
        ]
    except (ValueError, TypeError, IndexError, RecursionError):
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberingExaminer:
    """Judges what is not known yet; of what is, makes the sketches alone."""

    examiner: Examiner
    known: Mapping[ObjectId, Verdict] = field(repr=False)
    clean: Collection[ObjectId] = field(repr=False)
    """Of these not even sketches are wanted."""

    def __call__(self, entry: ObjectEntry, content: bytes | Unread) -> Examined:
        """Examine one object, as `Examiner` does."""
        verdict = self.known.get(entry.oid)
        if verdict is None or isinstance(content, Unread):
            return self.examiner(entry, content)
        found = Examination(
            hits=verdict.hits,
            unreadable=verdict.unreadable,
            sketches=self._sketched(entry, content).sketches,
        )
        return self.examiner.outcome(entry, content, found)

    def _sketched(self, entry: ObjectEntry, content: bytes) -> Examination:
        if entry.oid in self.clean or entry.type != "blob":
            return Examination()
        return examine(
            content,
            self.examiner.context(entry.oid, entry.size),
            sketch_key=self.examiner.sketch_key,
            want_sketch=entry.oid in self.examiner.compared,
            rules=_NOTHING_BUT_SKETCHES,
        )
