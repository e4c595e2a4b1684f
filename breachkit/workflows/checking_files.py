"""Looks at the plain files of a release in worker processes: what the rules find, what the checklist asks."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from breachkit.actions.clone_list import blob_id
from breachkit.actions.release_checks_content import Seen, seen_of
from breachkit.detect.engine import Examination, documents_of, examine, examine_name
from breachkit.detect.provenance import manifest_root, provenance_of
from breachkit.detect.rule import FileContext, Provenance
from breachkit.documents.table import Document, Table, Unreadable
from breachkit.git.objects import ObjectEntry, Unread
from breachkit.git.parallel import map_contents
from breachkit.git.plain_files import PlainFile, contents_of, entries_of
from breachkit.model.findings import Hit
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.sketch import TableSketch
from breachkit.workflows.examining import cost_of
from breachkit.workflows.scan import Progress


class Looked(NamedTuple):
    """What looking at one file gave; small, because it crosses from a worker to its parent."""

    number: int
    """Of the file, from 0."""
    blob: ObjectId = ObjectId("")
    """What git would call it: known to no report."""
    sha256: str = ""
    hits: tuple[Hit, ...] = ()
    name_hits: tuple[Hit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    sketches: tuple[TableSketch, ...] = ()
    provenance: Provenance | None = None
    seen: Seen = Seen()
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Judges files; made once, before workers are forked."""

    judged: Sequence[GitPath] = field(repr=False)
    """What each file is judged as, by number: every file of a release is an output."""
    policy: Policy
    compared: Collection[int]
    """The files whose tables are compared with others."""
    digested: Collection[int]
    """Those that a manifest may list, or that are one."""
    key: bytes = field(repr=False)

    def __call__(self, entry: ObjectEntry, content: bytes | Unread) -> Looked:
        """Look at one file, or say why it could not be read."""
        number = int(entry.oid)
        context = self.context(number, entry.size)
        name = examine_name(context.paths[0], context)
        if isinstance(content, Unread):
            gap = Unreadable(f"file {content.value}")
            unread = (gap, *name.unreadable)
            return Looked(number, name_hits=name.hits, unreadable=unread, size=entry.size)
        documents = tuple(map(_if_judged, documents_of(content, context)))
        found = self._examined(number, content, context, documents)
        seen, faults = _seen(content, documents, context)
        return Looked(
            number,
            blob=blob_id(content),
            sha256=hashlib.sha256(content).hexdigest(),
            hits=found.hits,
            name_hits=name.hits,
            unreadable=(*found.unreadable, *name.unreadable, *faults),
            sketches=found.sketches,
            provenance=self._provenance(number, content),
            seen=seen,
            size=len(content),
        )

    def _examined(
        self, number: int, content: bytes, context: FileContext, documents: Sequence[Document]
    ) -> Examination:
        return examine(
            content,
            context,
            sketch_key=self.key,
            want_sketch=number in self.compared,
            documents=documents,
        )

    def _provenance(self, number: int, content: bytes) -> Provenance | None:
        if number not in self.digested:
            return None
        return provenance_of(content, (self.judged[number],))

    def context(self, number: int, size: int) -> FileContext:
        """Give what is known about a file beside its content: it has no date."""
        return FileContext(
            paths=(self.judged[number],),
            size=size,
            first_date=None,
            policy=self.policy,
            is_output=True,
        )


MOST_COLUMNS = 100_000
"""Of a table that is looked at: rules would take minutes for one that nobody could check anyway."""


def _if_judged(document: Document) -> Document:
    """Give a document, or why it is not judged."""
    if isinstance(document, Table) and len(document.header) > MOST_COLUMNS:
        reason = f"a table of more than {MOST_COLUMNS:,} columns: nobody can check it"
        return Unreadable(reason, document.part)
    return document


def _seen(
    content: bytes, documents: Sequence[Document], context: FileContext
) -> tuple[Seen, tuple[Unreadable, ...]]:
    """Look for what the checklist asks; what fails there must not pass for nothing found."""
    try:
        return seen_of(content, documents, context.paths, context.policy), ()
    except Exception as error:  # noqa: BLE001 - as for a rule: its text may quote content, its type does not
        return Seen(), (Unreadable(f"the checklist failed: {type(error).__name__}"),)


def look_at(
    files: Sequence[PlainFile], looker: Looker, *, workers: int, progress: Progress
) -> Iterator[Looked]:
    """Look at every file once, in no order.

    Args:
        files: What to look at.
        looker: Judges them.
        workers: How many processes.
        progress: Is told how far it is.
    """
    progress.start(len(files))
    yield from map_contents(
        contents_of(files),
        entries_of(files),
        looker,
        workers=workers,
        cost=lambda entry: cost_of(entry.size, (looker.judged[int(entry.oid)],)),
        on_progress=progress.advance,
    )


def digested_files(judged: Sequence[GitPath]) -> frozenset[int]:
    """Give the files that lie below a manifest of released files, itself among them."""
    roots = tuple({root for path in judged if (root := manifest_root(path)) is not None})
    return frozenset(at for at, path in enumerate(judged) if roots and path.startswith(roots))
