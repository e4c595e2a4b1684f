"""What a platform says about a token and about one repository, before anything depends on it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from breachkit.actions.hosting import Answered, HostedRepository, Topic
from breachkit.model.records import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the platform answered to who a token is."""

    status: int
    """Of HTTP: 200 where the token holds."""
    login: str = ""
    scopes: tuple[str, ...] | None = None
    """Of a classic token; None for another kind, of which the platform does not say what it may do."""
    expires: datetime | None = None
    """None where it has no end, or the platform does not say."""
    platform_time: datetime | None = None
    """By the platform's clock."""
    requests_left: int | None = None
    """Until the hourly limit."""
    problem: str = field(default="", repr=False)
    """In the platform's words, where the status is none of success."""


class Platform(Protocol):
    """What is asked of a platform; all of it reads."""

    def look(self) -> Seen:
        """Say who the token is; see `github.health.look`."""
        ...

    def repository(self, name: str) -> HostedRepository:
        """Find a repository; see `Hosting.repository`."""
        ...

    def topics(
        self, repository: HostedRepository, wanted: tuple[Topic, ...]
    ) -> Mapping[Topic, Answered]:
        """Say for each topic whether it can be read."""
        ...

    def size(self, repository: HostedRepository) -> int | None:
        """Give about how many bytes a clone takes; None where nobody says."""
        ...

    def may_push(self, repository: HostedRepository) -> bool | None:
        """Say whether git would take a push of this token; None where that cannot be told."""
        ...
