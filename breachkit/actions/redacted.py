"""What redacting some files came to: what was planned for each, what became of it, what is left to say."""

import enum
from collections.abc import Mapping
from pathlib import PurePath

from breachkit.actions.redaction_overlap import wholes
from breachkit.actions.redaction_plan import Asked, FilePlan, RedactionPlan
from breachkit.documents.editing.editable import Spot
from breachkit.documents.table import Table
from breachkit.model.errors import RefusedError
from breachkit.model.findings import Hit, Severity
from breachkit.model.ids import GitPath
from breachkit.model.records import dataclass, field


MENDED = frozenset({"CNT", "RAT", "SUP"})
"""Families of rules whose findings a redaction mends; of all others it takes nothing away."""

_INCOMPLETE = 5
_GIVING_BACK = {"SUP-01", "SUP-03"}


class Fate(enum.StrEnum):
    """What became of a file."""

    PLANNED = "planned"
    """Nothing was written: it is a preview."""
    UNCHANGED = "unchanged"
    """There is nothing to redact."""
    WRITTEN = "written"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A file that cannot be redacted, and why; the reason names no content."""

    path: GitPath
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactedFile:
    """One file, before and after."""

    path: GitPath
    """As it was named."""
    plan: FilePlan
    tables: tuple[Table, ...] = field(repr=False)
    """Before, in the order of the plan's."""
    fixed: tuple[str, ...] = ()
    """What in it cannot be changed and may show a count."""
    remarks: tuple[str, ...] = ()
    """What a person has to know before it is written over."""
    hits: tuple[Hit, ...] = ()
    """What the rules find in it once it is redacted."""
    unread: tuple[str, ...] = ()
    """What of it could not be examined then."""
    fate: Fate = Fate.PLANNED
    output: PurePath | None = None
    """Where the redacted file is, or would be."""
    is_telling: bool = False
    """Whether its name itself is evidence, and is shown masked."""

    @property
    def repeats(self) -> Mapping[int, int]:
        """Tables that are parts of another one, and which: their cells change in that one, too."""
        return wholes(self.tables)

    @property
    def cells(self) -> int:
        """How many cells of the file change, each counted once."""
        repeats = self.repeats
        return sum(len(each.changes) for each in self.plan.tables if each.table not in repeats)

    @property
    def open(self) -> tuple[Spot, ...]:
        """Cells that are not protected."""
        return self.plan.open


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """What one call of `redact` came to."""

    files: tuple[RedactedFile, ...]
    plan: RedactionPlan
    left_out: tuple[LeftOut, ...] = ()
    kept: str | None = None
    """Under what name the originals can be put back; None where nothing was written over."""
    refusal: str | None = None
    """Why nothing was written although somebody asked for it."""

    @property
    def changed(self) -> tuple[RedactedFile, ...]:
        """The files in which something is redacted."""
        return tuple(each for each in self.files if each.fate is not Fate.UNCHANGED)

    @property
    def worst(self) -> Severity:
        """The worst that the rules find afterwards; INFO where they find nothing."""
        every = (hit.severity for each in self.files for hit in each.hits)
        return max(every, default=Severity.INFO)

    @property
    def failed(self) -> int:
        """How many cells are not protected."""
        return sum(len(each.open) for each in self.files)

    @property
    def given_back(self) -> tuple[str, ...]:
        """The rules that find, at medium or worse, that what was taken out can be worked out.

        Of rounded tables a plan has proven more: numbers that are rounded then may seem to tell it.
        """
        is_rounded = self.plan.options.rounding is not None
        open_ = (
            each
            for each in self.files
            if not (is_rounded and all(table.is_proven for table in each.plan.tables))
        )
        every = (hit for each in open_ for hit in each.hits)
        return tuple(
            sorted({hit.rule for hit in every if hit.severity >= Severity.MEDIUM} & _GIVING_BACK)
        )

    @property
    def kept_and_telling(self) -> tuple[str, ...]:
        """The labels of columns that a person keeps, and that tell cells which are not protected."""
        asked = (
            each for one in self.files for table in one.plan.tables for each in table.questions
        )
        labels = (each.columns for each in asked if each.asked is Asked.KEPT_TELLS)
        return tuple(dict.fromkeys(label for found in labels for label in found))

    @property
    def unread(self) -> int:
        """How many things could not be examined afterwards."""
        return sum(len(each.unread) for each in self.files)

    @property
    def exit_code(self) -> int:
        """As every command's; 6 where writing was refused, then the worst finding, then 5 for gaps.

        A cell that is not protected is a finding of medium severity, whatever rules make of it.
        """
        if self.refusal is not None:
            return RefusedError.exit_code
        worst = max(self.worst, Severity.MEDIUM) if self.failed else self.worst
        return worst.exit_code or (_INCOMPLETE if self.left_out or self.unread else 0)
