"""What each worker of a scan does with one object: bytes in, what the rules found out."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from breachkit.detect.engine import Examination, examine, examine_message, examine_name
from breachkit.detect.provenance import provenance_of
from breachkit.detect.rule import FileContext, Provenance
from breachkit.documents.table import Unreadable
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.model.findings import Hit
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.sketch import TableSketch


class Examined(NamedTuple):
    """The outcome for one object; small and a tuple, because it crosses from a worker to its parent."""

    entry: ObjectEntry
    hits: tuple[Hit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    sketches: tuple[TableSketch, ...] = ()
    provenance: Provenance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Judges objects; made once, before workers are forked, so that they share its tables."""

    contexts: Mapping[ObjectId, FileContext] = field(repr=False)
    """For every blob that a path names."""
    unnamed: Policy
    """Judges what has no path and no date."""
    compared: Collection[ObjectId] = field(repr=False)
    """Blobs that are compared with others: versions of one path, tables of everyone and of some."""
    sketch_key: bytes = field(repr=False)
    digested: Collection[ObjectId] = field(default=frozenset(), repr=False)
    """Blobs that a manifest may list, or that are one."""

    def __call__(self, entry: ObjectEntry, content: bytes | Unread) -> Examined:
        """Examine one object, or say why it could not be read."""
        if isinstance(content, Unread):
            gap = Unreadable(f"{entry.type} {content.value}")
            return Examined(entry=entry, unreadable=(gap,))
        return self.outcome(entry, content, self._examine(entry, content))

    def outcome(self, entry: ObjectEntry, content: bytes, found: Examination) -> Examined:
        """Give what was found in an object, with what only its content tells beside."""
        return Examined(
            entry=entry,
            hits=found.hits,
            unreadable=found.unreadable,
            sketches=found.sketches,
            provenance=self._provenance(entry.oid, content),
        )

    def _provenance(self, oid: ObjectId, content: bytes) -> Provenance | None:
        if oid not in self.digested:
            return None
        return provenance_of(content, self.contexts[oid].paths)

    def _examine(self, entry: ObjectEntry, content: bytes) -> Examination:
        if entry.type == "blob":
            return examine(
                content,
                self.context(entry.oid, entry.size),
                sketch_key=self.sketch_key,
                want_sketch=entry.oid in self.compared,
            )
        if entry.type == "tree":
            return Examination()  # it holds names alone, and those are examined with the paths
        return self._examine_message(entry.oid, content)

    def _examine_message(self, oid: ObjectId, content: bytes) -> Examination:
        header, _, message = content.partition(b"\n\n")
        context = self.context(oid, len(message))
        parts = [examine_message(message, context)]
        parts += [examine_name(GitPath(name), context) for name in sorted(_people(header))]
        return Examination(
            hits=tuple(hit for part in parts for hit in part.hits),
            unreadable=tuple(gap for part in parts for gap in part.unreadable),
        )

    def cost(self, entry: ObjectEntry) -> int:
        """Give how much work an object is, in bytes that git inflates in the same time."""
        context = self.contexts.get(entry.oid)
        if context is None:
            return entry.size
        return cost_of(entry.size, context.paths)

    def kin(self, entry: ObjectEntry) -> bytes:
        """Give what puts together, in order, files of a kind, those of a folder, and versions of one."""
        context = self.contexts.get(entry.oid)
        if context is None or not context.paths:
            return b""
        path = context.paths[0]
        return b"%b\0%b" % (path[path.rfind(b".") + 1 :].lower(), path)

    def context(self, oid: ObjectId, size: int) -> FileContext:
        """Give what is known about an object, whether or not a path names it."""
        return self.contexts.get(oid) or self.unknown(size)

    def unknown(self, size: int = 0) -> FileContext:
        """Give the context of something of which nothing is known but its size."""
        return FileContext(
            paths=(), size=size, first_date=None, policy=self.unnamed, is_output=False
        )


_WEIGHTS: Mapping[bytes, int] = {
    suffix: weight
    for suffixes, weight in (
        (b"ipynb html htm svg gph r rmd py", 3),
        (b"do ado md json feather parquet", 6),
        (b"csv tsv ster txt out docx odt pptx rds rdata", 13),
        (b"log smcl pdf dta gz rtf", 30),
        (b"xlsx xlsm xls ods", 60),
    )
    for suffix in suffixes.split()
}
"""By the end of its name: how many times longer a byte takes to judge than to inflate, measured on ten
study repositories. What is not named takes no longer."""


def cost_of(size: int, paths: Iterable[GitPath]) -> int:
    """Give how much work a file of so many bytes is; see `Examiner.cost`."""
    return size * max(map(_weight, paths), default=1)


def _weight(path: GitPath) -> int:
    return _WEIGHTS.get(path.rpartition(b".")[2].lower(), 1)


_IDENTITY = re.compile(rb"^(?:author|committer|tagger) ([^<\n]*)", re.MULTILINE)


def _people(header: bytes) -> set[bytes]:
    return {name.strip() for name in _IDENTITY.findall(header)}
