"""What a rule is, what it is given, and what it must say about itself."""

import contextlib
import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from breachkit.documents.table import Embedded, Table, Text
from breachkit.model.findings import Attribution, Confidence, Hit, Severity
from breachkit.model.ids import GitPath, ObjectId
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field
from breachkit.sdc.sketch import TableSketch


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a rule says about itself; `breachkit explain` prints it."""

    id: str
    title: str
    severity: Severity
    """The usual one; a hit may carry another where the evidence is stronger or weaker."""
    confidence: Confidence
    why: str
    """Why this discloses something, for someone who has never done disclosure control."""
    example: str
    """An invented example of what it finds."""
    remedy: str
    source: str
    """Where the rule comes from: a document and a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContext:
    """What is known about a file beside its content."""

    paths: tuple[GitPath, ...]
    """Every path the content ever had; empty where nothing names it."""
    size: int
    """In bytes."""
    first_date: datetime | None
    policy: Policy
    is_output: bool
    """Some path lies where released or generated outputs are kept (`documents.kinds`)."""


class FileRule(Protocol):
    """Judges a file by its name, its size and its first bytes."""

    about: About

    def check_file(self, content: bytes, context: FileContext) -> Iterable[Hit]:
        """Give what the rule finds."""
        ...


class Need(enum.Enum):
    """What a table must have before some rules can find anything in it."""

    COUNTS = "columns that count people"
    MARKS = "cells that were visibly taken out"
    COUNTS_OR_MARKS = "the one or the other"
    PRINTED = "it is a print-out"
    NOT_PRINTED = "it is none"


class TableRule(Protocol):
    """Judges one table.

    A rule that finds nothing in a table without something says so by an attribute `needs`, a `Need`, and
    is not asked about such a table (`detect.choosing`).

    The date and the size of the file may weigh what is found, but not make it nothing: a table in
    which nothing was found is not judged again in a file of another date (`detect.remembered`).
    """

    about: About

    def check_table(self, table: Table, context: FileContext) -> Iterable[Hit]:
        """Give what the rule finds, one hit for a table at most unless places differ in kind."""
        ...


class TextRule(Protocol):
    """Judges running text: files, messages of commits and tags, names; `text.kind` says which.

    Of its part a rule may only ask whether it is `message` or `name`; what is said of the date and
    the size of a file for rules on tables holds here, too.
    """

    about: About

    def check_text(self, text: Text, context: FileContext) -> Iterable[Hit]:
        """Give what the rule finds; most texts are programs, so a rule is quick to turn away."""
        ...


class EmbeddedRule(Protocol):
    """Judges what files carry beside what a person sees in them."""

    about: About

    def check_embedded(self, found: Sequence[Embedded], context: FileContext) -> Iterable[Hit]:
        """Give what the rule finds, given everything embedded in one file."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One path changing in one commit. `old` None: added; `new` None: deleted."""

    path: GitPath
    commit: ObjectId
    when: datetime
    old: ObjectId | None
    new: ObjectId | None
    subject: str = field(repr=False)
    """First line of the commit message; never shown."""
    is_release: bool = False
    """Whether the commit's message carries the trailer of the release tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What tells whether a file is as it was released; kept in memory only, and never shown."""

    digests: frozenset[bytes] = field(repr=False)
    """SHA-256 of the content, with its lines ended in either way."""
    listed: Mapping[bytes, bytes] = field(repr=False)
    """Of a manifest: the digest of each file that it lists, by path."""


def unlimited(*_blobs: ObjectId) -> AbstractContextManager[None]:
    """Let a comparison take as long as it takes."""
    return contextlib.nullcontext()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryView:
    """What rules over history see, once every object has been read."""

    transitions: Sequence[Transition]
    """Oldest first."""
    sketches: Mapping[ObjectId, Sequence[TableSketch]]
    hits: Mapping[ObjectId, Sequence[Hit]]
    """What the other rules found."""
    context: Callable[[ObjectId], FileContext]
    attribution: Callable[[ObjectId], Attribution]
    provenance: Mapping[ObjectId, Provenance] = field(default_factory=dict, repr=False)
    """Of the files beside a manifest of released files."""
    comparing: Callable[..., AbstractContextManager[None]] = field(default=unlimited, repr=False)
    """Is given the blobs and entered around each comparison, which it may cut off: what comes after
    it goes on without a result, and whoever gave this says which blobs were not compared."""


class HistoryRule(Protocol):
    """Judges how files changed."""

    about: About

    def check_history(self, view: HistoryView) -> Iterable[tuple[ObjectId, Hit]]:
        """Give what the rule finds, each with the blob that holds it."""
        ...


Rule = FileRule | TableRule | TextRule | EmbeddedRule | HistoryRule
