"""What the check of a release comes to: the checklist of a release request, each item with its outcome.

Which item a rule belongs to and what else decides it is in `release_checks_deciding`; the words of
the items are data of a playbook.
"""

import enum
from collections.abc import Iterable, Sequence
from datetime import date

from breachkit.model.findings import ScanResult, Severity
from breachkit.model.ids import GitPath
from breachkit.model.policy import Policy
from breachkit.model.records import dataclass, field


class Outcome(enum.StrEnum):
    """What an item of the checklist comes to."""

    PASS = "pass"  # noqa: S105 - the word of the checklist, no password
    PERSON = "needs a person"
    FAIL = "fail"


_ORDER = (Outcome.PASS, Outcome.PERSON, Outcome.FAIL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the checklist, as a playbook words it."""

    id: str
    """Such as `file-size`."""
    title: str
    """The question as the request asks it."""
    remedy: str
    """What somebody does where it is not settled."""
    source: str
    """Where the question comes from."""
    as_of: date
    """From when the source has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody said to what no program can decide."""

    item: str
    by: str
    on: date
    reason: str
    files: tuple[str, ...] = ()
    """Patterns of the files it is about; empty for all."""
    data: tuple[str, ...] = ()
    """Of a figure: the tables that it was drawn from, within the folder."""
    until: date | None = None
    """The last day on which it holds, in UTC; None for as long as the playbook lets answers hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """Why an item does not pass."""

    what: str
    """One sentence for a person; never a value."""
    outcome: Outcome
    paths: tuple[GitPath, ...] = ()
    """The files it is about, as the check calls them; empty where it is about all."""
    findings: tuple[str, ...] = ()
    """Ids of the findings behind it, such as `F-0003`."""
    is_answerable: bool = True
    """Whether a person can settle it by an answer. A finding is accepted by an acceptance, which ends
    some day and holds for one content; that something was not read nobody can answer."""
    columns: tuple[str, ...] = ()
    """Labels of the columns it is about, as made by `documents.table.column_label`."""
    answer: Answer | None = None
    """Who settled it; it counts no more."""

    @property
    def is_open(self) -> bool:
        """Whether it still counts."""
        return self.answer is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """An item with what was found about it."""

    item: Item
    concerns: tuple[Concern, ...] = ()
    """The worst first, then those that somebody settled."""
    note: str = ""
    """What was looked at, such as `12 files`; or why there was nothing to look at."""

    @property
    def outcome(self) -> Outcome:
        """The worst of what is open; `pass` where nothing is."""
        return worst(concern.outcome for concern in self.open)

    @property
    def open(self) -> tuple[Concern, ...]:
        """What is not settled."""
        return tuple(concern for concern in self.concerns if concern.is_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """A file as it was when it was checked."""

    path: GitPath
    """As reports call it: below the name of the folder that was given."""
    place: bytes
    """Where it was read, for `open`."""
    within: GitPath
    """Its path within the folder; its name where it was given by itself."""
    size: int
    """In bytes."""
    sha256: str = field(default="", repr=False)
    """Hexadecimal, of exactly the bytes that were judged; empty where it could not be read. It tells
    counts to whoever guesses: no report shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """Everything a check has to say."""

    scan: ScanResult
    """The findings of all rules, accepted ones apart, and what could not be examined."""
    items: tuple[ItemResult, ...]
    """In the order of the checklist."""
    files: tuple[CheckedFile, ...]
    """Every plain file, by path; those that could not be read have no digest."""
    unused: tuple[Answer, ...] = ()
    """Answers that settled nothing, each named in the report: a slip of the pen, mostly."""
    lapsed: tuple[Answer, ...] = ()
    """Answers that hold no longer."""
    policy: Policy | None = None
    """By which everything was judged."""

    @property
    def passes(self) -> bool:
        """Whether no finding counts, no item fails and everything was examined.

        Items that wait for a person do not fail: see `waits_for_person`.
        """
        is_failed = any(each.outcome is Outcome.FAIL for each in self.items)
        return self.scan.worst is Severity.INFO and self.scan.complete and not is_failed

    @property
    def waits_for_person(self) -> tuple[ItemResult, ...]:
        """The items that only a person can settle, and that nobody has settled."""
        return self.with_outcome(Outcome.PERSON)

    @property
    def failed(self) -> tuple[ItemResult, ...]:
        """The items that fail."""
        return self.with_outcome(Outcome.FAIL)

    def with_outcome(self, outcome: Outcome) -> tuple[ItemResult, ...]:
        """Give the items that come to this, in the order of the checklist."""
        return tuple(each for each in self.items if each.outcome is outcome)

    def exit_code(self, *, strict: bool = False) -> int:
        """Give the code of the process.

        Args:
            strict: Whether waiting for a person counts.

        Returns:
            11 to 14 for the worst finding; 12 where an item fails without one; else 5 where
            something was not examined; else 8 where a person is waited for and that counts; else 0.
        """
        by_itself = Severity.MEDIUM if self._fails_by_itself() else Severity.INFO
        severity = max(self.scan.worst, by_itself)
        if severity > Severity.INFO:
            return severity.exit_code
        if not self.scan.complete:
            return 5
        return 8 if strict and self.waits_for_person else 0

    def _fails_by_itself(self) -> bool:
        """Whether something fails that no finding is behind."""
        return any(
            concern.outcome is Outcome.FAIL and concern.is_answerable
            for each in self.items
            for concern in each.open
        )


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Give the worst of several; `pass` of none."""
    return max(outcomes, key=_ORDER.index, default=Outcome.PASS)


def counted(results: Sequence[ItemResult]) -> dict[Outcome, int]:
    """Say how many items come to what."""
    return {each: sum(one.outcome is each for one in results) for each in Outcome}
