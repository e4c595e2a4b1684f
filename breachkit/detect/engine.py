"""One object through every rule that judges single objects.

A rule that fails must not stop a scan, and must not pass for a clean result either: it becomes an
`Unreadable` that names the rule and the type of the error, never its text.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import assert_never

from breachkit.detect.choosing import Choice
from breachkit.detect.registry import REGISTERED, Rules
from breachkit.detect.remembered import Clean, Sketches, digest, digest_of_text
from breachkit.detect.rule import EmbeddedRule, FileContext, FileRule, Rule, TableRule, TextRule
from breachkit.documents.readers import read, read_message
from breachkit.documents.table import Document, Embedded, Table, Text, TextKind, Unreadable
from breachkit.model.errors import TookTooLongError
from breachkit.model.findings import Hit, Location
from breachkit.model.ids import GitPath, display
from breachkit.model.records import dataclass
from breachkit.sdc.sketch import TableSketch
from breachkit.sdc.sketching import (
    MAX_COLUMNS_SKETCHED,
    MAX_ROWS_SKETCHED,
    exceeds_sketch,
    sketch,
    subtractable,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What looking at one object gave."""

    hits: tuple[Hit, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    """What was not examined, and why; any of these forbids the verdict "clean"."""
    sketches: tuple[TableSketch, ...] = ()
    """Of each table, where they were asked for; of tables that look alike, where they were not."""


def examine(
    content: bytes,
    context: FileContext,
    *,
    sketch_key: bytes,
    want_sketch: bool,
    rules: Rules = REGISTERED,
    documents: Sequence[Document] | None = None,
) -> Examination:
    """Judge the content of one blob; never raises, whatever the bytes.

    Args:
        content: The whole blob.
        context: What is known about it beside its content.
        sketch_key: Secret of this process (at most 64 bytes); the same in every worker, or
            sketches of two versions cannot be compared.
        want_sketch: Whether another file, such as a later version of this one, will be compared
            with it. Tables of one file that may be subtracted from one another are sketched anyway.
        rules: Which rules judge it.
        documents: What `documents_of` gave, where somebody asked for it already.
    """
    collected = _Collected(sketch_key if want_sketch else None)
    for rule in rules.file:
        collected.file(rule, content, context)
    found = documents_of(content, context) if documents is None else documents
    collected.documents(found, context, rules)
    if not want_sketch:
        collected.sketch_alike(sketch_key)
    return collected.examination()


def examine_message(
    text: bytes, context: FileContext, part: str = "message", *, rules: Rules = REGISTERED
) -> Examination:
    """Judge the message of a commit or a tag: its words, and any table pasted into it.

    Args:
        text: The message as git stores it.
        context: Without paths; `size` is that of the message.
        part: What the locations of its hits call it.
        rules: Which rules judge it.
    """
    collected = _Collected()
    documents = (dataclasses.replace(found, part=part) for found in read_message(text))
    collected.documents(documents, context, rules)
    return collected.examination()


def examine_name(path: GitPath, context: FileContext, *, rules: Rules = REGISTERED) -> Examination:
    """Judge the name of a file, as a person would see it."""
    collected = _Collected()
    name = Text(display(path), part="name", kind=TextKind.NAME)
    collected.documents((name,), context, Rules(text=rules.text))
    return collected.examination()


def documents_of(content: bytes, context: FileContext) -> tuple[Document, ...]:
    """Read one blob; never raises, whatever the bytes."""
    try:
        return read(content, context.paths)
    except Exception as error:  # noqa: BLE001 - a fault in a reader is one unread file, not a lost scan
        return (Unreadable(f"reading failed: {_why(error)}"),)


def _why(error: Exception) -> str:
    """Name what went wrong without the text of the exception, which may quote content."""
    return "took too long" if isinstance(error, TookTooLongError) else type(error).__name__


_COMPARED_IN_PART = (
    f"only its first {MAX_ROWS_SKETCHED:,} rows and {MAX_COLUMNS_SKETCHED:,} columns were compared "
    "with other versions and tables"
)
_CLEAN = Clean()
_SKETCHES = Sketches()
_CHOICE = Choice(REGISTERED.table)


class _Collected:
    """Gathers the results of one object."""

    def __init__(self, sketch_key: bytes | None = None) -> None:
        self._key = sketch_key
        self._hits: list[Hit] = []
        self._unreadable: list[Unreadable] = []
        self._tables: list[tuple[Table, bytes | None]] = []
        self._sketches: list[TableSketch] = []

    def documents(self, documents: Iterable[Document], context: FileContext, rules: Rules) -> None:
        embedded: list[Embedded] = []
        for document in documents:
            match document:
                case Table():
                    known_as = digest(document) if rules is REGISTERED else None
                    self._table(document, context, rules.table, known_as)
                    self._keep(document, known_as)
                case Text():
                    self._text(document, context, rules.text)
                case Embedded():
                    embedded.append(document)
                case Unreadable():
                    self._unreadable.append(document)
                case _:
                    assert_never(document)
        for embedded_rule in rules.embedded if embedded else ():
            self._embedded(embedded_rule, embedded, context)

    def file(self, rule: FileRule, content: bytes, context: FileContext) -> None:
        self.add(rule, None, lambda: rule.check_file(content, context))

    def _table(
        self, table: Table, context: FileContext, rules: Sequence[TableRule], known_as: bytes | None
    ) -> None:
        """Judge a table by every rule, unless nothing was found in one like it in such a file."""
        if known_as is None:
            self._judge(table, context, rules)
            return
        scope = _CLEAN.scope(context)
        if not _CLEAN.holds(known_as, scope) and self._judge(table, context, rules):
            _CLEAN.add(known_as, scope)

    def _judge(self, table: Table, context: FileContext, rules: Sequence[TableRule]) -> bool:
        """Judge a table by every rule; say whether nothing was found, and nothing failed."""
        before = len(self._hits), len(self._unreadable)
        for rule in _CHOICE.for_table(table) if rules is REGISTERED.table else rules:
            try:
                hits = list(rule.check_table(table, context))
            except Exception as error:  # noqa: BLE001 - see add
                self._failed(rule, table.part, error)
                continue
            if hits:
                self._take(hits, table.part, table.above)
        return before == (len(self._hits), len(self._unreadable))

    def _text(self, text: Text, context: FileContext, rules: Sequence[TextRule]) -> None:
        """Judge a text by every rule, unless nothing was found in one like it in such a file."""
        known_as = digest_of_text(text) if rules is REGISTERED.text else None
        scope = _CLEAN.scope(context) if known_as is not None else 0
        if known_as is not None and _CLEAN.holds(known_as, scope):
            return
        before = len(self._hits), len(self._unreadable)
        for rule in rules:
            self.add(rule, text.part, partial(rule.check_text, text, context))
        if known_as is not None and before == (len(self._hits), len(self._unreadable)):
            _CLEAN.add(known_as, scope)

    def _embedded(
        self, rule: EmbeddedRule, found: Sequence[Embedded], context: FileContext
    ) -> None:
        self.add(rule, None, lambda: rule.check_embedded(found, context))

    def add(
        self,
        rule: FileRule | TableRule | TextRule | EmbeddedRule,
        part: str | None,
        check: Callable[[], Iterable[Hit]],
    ) -> None:
        try:
            hits = list(check())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported and blocks "clean"
            self._failed(rule, part, error)
            return
        if hits:
            self._take(hits, part)

    def _failed(self, rule: Rule, part: str | None, error: Exception) -> None:
        reason = f"rule {rule.about.id} failed: {_why(error)}"
        self._unreadable.append(Unreadable(reason, part))

    def _take(self, hits: Sequence[Hit], part: str | None, above: int | None = None) -> None:
        if above is not None:
            hits = [_moved(hit, above) for hit in hits]
            hits = [hit for hit in hits if not any(_says(old, hit) for old in self._hits)]
        self._hits += [_placed(hit, part) for hit in hits]

    def _keep(self, table: Table, known_as: bytes | None) -> None:
        """Sketch a table at once where a sketch is wanted: what its rules asked is still known.

        A data set of which only the first rows were read is none that is compared: its first
        rows in two versions need not be the same people, and it is named as unread anyway.
        """
        if table.above is not None or table.more_rows:
            return
        if self._key is not None:
            self._sketch(table, known_as, self._key)
        else:
            self._tables.append((table, known_as))

    def sketch_alike(self, key: bytes) -> None:
        """Sketch those tables of a file that may be subtracted from one another."""
        if len(self._tables) < 2:
            return
        known_as = {id(table): name for table, name in self._tables}
        for table in subtractable([table for table, _ in self._tables]):
            self._sketch(table, known_as[id(table)], key)

    def _sketch(self, table: Table, known_as: bytes | None, key: bytes) -> None:
        if exceeds_sketch(table):
            self._unreadable.append(Unreadable(_COMPARED_IN_PART, table.part))
        known = _SKETCHES.of(known_as, table.part, key) if known_as is not None else None
        if known is not None:
            self._sketches.append(known)
            return
        try:
            made = sketch(table, key)
        except Exception as error:  # noqa: BLE001 - see add
            reason = f"comparing versions failed: {_why(error)}"
            self._unreadable.append(Unreadable(reason, table.part))
            return
        self._sketches.append(made)
        if known_as is not None:
            _SKETCHES.add(known_as, made, key)

    def examination(self) -> Examination:
        return Examination(
            hits=tuple(self._hits),
            unreadable=tuple(self._unreadable),
            sketches=tuple(self._sketches),
        )


def _placed(hit: Hit, part: str | None) -> Hit:
    """Say which part of the file a hit is in, where its rule did not."""
    location = hit.location or Location()
    if part is None or location.part is not None:
        return hit
    return dataclasses.replace(hit, location=dataclasses.replace(location, part=part))


def _moved(hit: Hit, above: int) -> Hit:
    """Count the rows of a hit under the header of the whole file's table."""
    if hit.location is None or not above:
        return hit
    rows = tuple(row + above for row in hit.location.rows)
    return dataclasses.replace(hit, location=dataclasses.replace(hit.location, rows=rows))


def _says(old: Hit, new: Hit) -> bool:
    """Whether a hit on the whole table says already what one on a part of it says."""
    if old.rule != new.rule or old.location is None or new.location is None:
        return old.rule == new.rule and old.location == new.location
    return set(new.location.rows) <= set(old.location.rows)
