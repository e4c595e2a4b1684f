"""What a release request says of each output: what its file tells, and what only a person can add.

The questions themselves are data of a playbook (`request_form`). Nothing here is invented: what no
file tells is an open question. Of the numbers of a file none goes into a request but the size of a
population, as it is printed, and the degrees of freedom of a model, both above the threshold.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from breachkit.actions.release_checks import CheckResult
from breachkit.model.ids import GitPath
from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A column of an output."""

    label: str
    """As made by `documents.table.column_label`."""
    meaning: str = ""
    """What its name says; empty where somebody has to say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A number that an output states about itself, and where."""

    where: str
    """Such as `the row of the total, column n`."""
    number: int | None = field(default=None, repr=False)
    """As printed; None where it may not be written, or was taken out."""
    why: str = ""
    """Why it is not written; empty where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A disclosure control that can be seen in an output."""

    what: str
    """Such as `rounded to multiples of 5`."""
    columns: tuple[str, ...] = ()
    """Labels of the columns in which it is seen; empty for the whole file."""
    cells: int = 0
    """How many cells were marked; 0 where cells are not what is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """What one table of an output tells about itself."""

    rows: int
    """Below the header."""
    columns: int
    variables: tuple[Variable, ...] = ()
    populations: tuple[Stated, ...] = ()
    """The best known first."""
    freedom: tuple[Stated, ...] = ()
    """Degrees of freedom."""
    observations: tuple[Stated, ...] = ()
    """What models were fitted to."""
    controls: tuple[Control, ...] = ()
    is_model: bool = False
    """Whether it looks like the output of a regression."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFacts:
    """What matters of one file to the request; small, because it crosses processes."""

    kind: str = ""
    """As `documents.kinds` calls it."""
    tables: tuple[TableFacts, ...] = ()
    signature: str = field(default="", repr=False)
    """The same for files with the same headers, under a key of one run; empty without tables."""
    shapes: tuple[str, ...] = field(default=(), repr=False)
    """One for each table: the same where rows are named alike, under a key of one run."""
    unread: tuple[str, ...] = ()
    """Why something in it was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One file to be released."""

    path: GitPath
    """As reports call it."""
    size: int
    """In bytes."""
    facts: OutputFacts = field(default_factory=OutputFacts)
    redactions: tuple[str, ...] = ()
    """What is kept of a redaction that wrote exactly these bytes, such as `RD-0001 of 2026-03-01`."""
    is_masked: bool = False
    """Whether its name is evidence itself, so that no report shows it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section of the request: a file, or similar files under one pattern."""

    outputs: tuple[Output, ...]
    pattern: str
    """For `fnmatch` and shells: it matches exactly these of all files of the folder."""

    @property
    def is_group(self) -> bool:
        """Whether it is about several files."""
        return len(self.outputs) > 1

    @property
    def paths(self) -> tuple[GitPath, ...]:
        """The files, by path."""
        return tuple(each.path for each in self.outputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Another output that tells more together with one."""

    path: GitPath
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of the form, as a playbook words it."""

    id: str
    title: str
    ask: str
    """What a person has to add, where the folder does not tell it."""
    source: str
    as_of: date
    kinds: tuple[str, ...] = ()
    """The kinds of files of which it is asked, as `documents.kinds` calls them; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What a release request asks, before anything is filled in."""

    title: str
    notes: tuple[str, ...]
    """What whoever sends it has to know."""
    header: tuple[Question, ...]
    """About the whole request."""
    output: tuple[Question, ...]
    """About each output."""
    response: tuple[str, ...]
    """What checkers fill in for each output."""
    source: str
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A question with what the folder tells, and with what a person still has to say."""

    question: Question
    told: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A section, filled in."""

    section: Section
    answers: tuple[Answered, ...]
    fails: tuple[str, ...] = ()
    """What the check says against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A release request, filled in as far as the folder tells."""

    form: Form
    folder: str
    """As reports call it."""
    day: date
    header: tuple[Answered, ...]
    sections: tuple[Filled, ...]
    check: CheckResult
    unread: Mapping[GitPath, Sequence[str]] = field(default_factory=dict)
    """What was not read, and why."""

    @property
    def open(self) -> int:
        """How many questions somebody has to answer."""
        everything = [*self.header, *(each for one in self.sections for each in one.answers)]
        return sum(len(each.open) for each in everything)

    def exit_code(self, *, strict: bool) -> int:
        """Give the code of the process: 0 when it was written.

        Args:
            strict: Whether what stands in the way of sending it counts: 6 where the check does not
                pass, else 8 where a question is open or an item of the check waits for a person.
        """
        if not strict:
            return 0
        if not self.check.passes:
            return 6
        return 8 if self.open or self.check.waits_for_person else 0
