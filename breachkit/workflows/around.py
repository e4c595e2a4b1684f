"""What is around a repository, beside git: what its platform and archives said, and what they did not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from breachkit.actions.hosting import Topic
from breachkit.actions.trace import Entry
from breachkit.actions.tracing_traffic import Reconciliation
from breachkit.model.errors import BreachkitError


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is around a repository, beside git."""

    shown: Mapping[str, Sequence[Entry]] = field(default_factory=dict)
    """By the code of the place."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Login in lower case to what the platform says of it."""
    unread: Mapping[Topic, str] = field(default_factory=dict)
    """Topics that were not read in full when they were read last, and why."""
    cut_off: int = 0
    """How many of those another run may read."""
    unanswered: int = 0
    """Questions to allowed archives without a usable answer."""
    reconciliation: Reconciliation | None = None
    """None where the platform was never read."""
    problem: BreachkitError | None = None
    """Why the platform could not be asked now."""
    at: datetime | None = None
    """When; None where the platform was not asked."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """For the journal."""

    @property
    def exit_code(self) -> int:
        """0, the code of what kept the platform from being asked, or 5 where another run finds more."""
        if self.problem is not None:
            return self.problem.exit_code
        return 5 if self.cut_off or self.unanswered else 0
