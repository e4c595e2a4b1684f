"""What a run that sends messages looks at before, and what it did: plain data."""

from dataclasses import dataclass, field

from breachkit.actions.notify import Notice
from breachkit.actions.sending import Accepted, Letter, Outcome, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosed:
    """What a person sees of a message before it leaves."""

    subject: str
    message_id: str
    sender: str | None
    """Address it says it is from; None where it says nothing."""
    attachments: tuple[str, ...]
    """Their names."""
    size: int
    """Of the file, in bytes."""
    sha256: str
    """Of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """One message that can be sent."""

    notice: Notice
    enclosed: Enclosed
    letter: Letter = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What a run would send, and what it leaves to a person."""

    ready: tuple[Prepared, ...]
    unknown: tuple[Notice, ...]
    """Of these nobody knows whether they arrived."""
    refused: tuple[Notice, ...]
    """These a server does not take as they are."""
    without_address: tuple[Notice, ...] = ()
    """To people whose address nobody knows."""
    outdated: tuple[Notice, ...] = ()
    """What these promise holds no longer."""

    @property
    def is_whole(self) -> bool:
        """Whether all that could be sent once is sent, or will be."""
        return not (self.unknown or self.refused or self.outdated)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of one message."""

    notice: Notice
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What a run did."""

    results: tuple[Sent, ...]
    left: tuple[Notice, ...] = ()
    """Not tried, because the server took nothing more; they go at the next run."""

    @property
    def is_whole(self) -> bool:
        """Whether a server answers for every message that was to go."""
        return not self.left and all(isinstance(each.outcome, Accepted) for each in self.results)

    @property
    def login_refused(self) -> bool:
        """Whether the server wants another login."""
        return any(isinstance(r.outcome, Rejected) and r.outcome.is_login for r in self.results)
