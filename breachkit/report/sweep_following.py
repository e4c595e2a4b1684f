"""What was done about new findings, in lines for people: draft cases by codename, mails by address.

For a log that anybody can read, numbers alone.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from breachkit.actions.sweep_due import Envelope
from breachkit.actions.sweeping import Undone
from breachkit.report.words import counted


class Unsent(Protocol):
    """A letter that could not be sent."""

    @property
    def letter(self) -> Envelope:
        """Which."""
        ...

    @property
    def reason(self) -> str:
        """Why not."""
        ...


class Told(Protocol):
    """What became of the letters."""

    @property
    def sent(self) -> Sequence[Envelope]:
        """Those that a server took."""
        ...

    @property
    def unsent(self) -> Sequence[Unsent]:
        """Those that none took."""
        ...

    @property
    def written(self) -> Sequence[Path]:
        """Files of those that a person has to send."""
        ...


class Drafts(Protocol):
    """What became of the cases."""

    @property
    def opened(self) -> Sequence[str]:
        """Codenames of new drafts."""
        ...

    @property
    def added_to(self) -> Sequence[str]:
        """Codenames of cases that got an entry."""
        ...

    @property
    def problems(self) -> Sequence[str]:
        """Why some could not be opened."""
        ...


def drafts(made: Drafts, *, counts_only: bool) -> Iterator[str]:
    """Say which draft cases wait for a person."""
    for names, what in ((made.opened, "opened"), (made.added_to, "open already, and told of it")):
        if names:
            listed = "" if counts_only else f": {', '.join(names)}"
            yield f"{counted(len(names), 'draft case' if what == 'opened' else 'case')} {what}{listed}"
    if made.opened or made.added_to:
        yield "a person has to look at each draft: breachkit status --all"
    if made.problems:
        said = "" if counts_only else f": {'; '.join(made.problems)}"
        yield f"some draft cases could not be opened; the next sweep tries again{said}"


def mails(told: Told, *, counts_only: bool) -> Iterator[str]:
    """Say who was told, who was not, and what a person has to send."""
    if told.sent:
        again = sum(each.may_have_arrived for each in told.sent)
        before = (
            f", {again} of them with the same id as before: no answer was known" if again else ""
        )
        yield f"{counted(len(told.sent), 'mail')} sent to the contacts{before}"
    if told.written:
        letters = counted(len(told.written) // 2, "mail")
        where = "" if counts_only else f" in {told.written[0].parent}"
        yield f"{letters} written{where} for you to send: no mail server is named (--smtp)"
    if told.unsent:
        yield f"{counted(len(told.unsent), 'mail')} not sent; the next sweep tries again"
        if not counts_only:
            yield from (f"  to {each.letter.address}: {each.reason}" for each in told.unsent)


def undone(left: Undone) -> Iterator[str]:
    """Say what could not be done, in numbers alone: it stands in every report."""
    tried = (
        (left.letters, "mail", "sent to the contacts"),
        (left.draft_cases, "draft case", "opened"),
    )
    for number, what, done in tried:
        if number != 0:
            many = f"{what}s" if number is None else counted(number, what)
            yield f"{many} could not be {done}; the next sweep tries again"


def could_not(what: str, problem: Exception, *, counts_only: bool) -> str:
    """Say that something could not be done at all."""
    said = type(problem).__name__ if counts_only else str(problem)
    return f"could not {what}; the next sweep tries again: {said}"
