"""The public repositories of an account, and which of an earlier look are listed no more.

The date of the last push moves with a push and with nothing else: not when a repository becomes
public, is transferred here, leaves the archive or gets a pull request. So no date settles anything:
the whole list is read each time, and repositories are known again by their ids.
Source: GitHub's REST documentation of "List organization repositories".
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from breachkit.model.errors import RefusedError


class AnotherAccountError(RefusedError):
    """Two listings are not of the same account, so that comparing them says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A person or an organisation whose repositories are listed."""

    id: int
    """What a new name does not change."""
    login: str
    """As the platform spells it now."""
    is_organisation: bool
    public_repositories: int | None = None
    """How many the platform counts; None where it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A repository as the list shows it."""

    id: int
    full_name: str
    clone_url: str
    default_branch: str = ""
    pushed_at: datetime | None = None
    """None where nothing was ever pushed, or the platform does not say."""
    topics: tuple[str, ...] = ()
    is_fork: bool = False
    archived: bool = False
    blocked: bool = False
    """Switched off by the platform: it is listed, and gives nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which repositories of an account are looked at."""

    skip_topics: frozenset[str] = frozenset()
    """Whoever has one of these is left out, such as `non-research`."""
    only_topics: frozenset[str] = frozenset()
    """Whoever has none of these is left out; empty for no such rule."""
    forks: bool = True
    archived: bool = True

    def against(self, one: Listed) -> str | None:
        """Say why a repository is left out; None where it is looked at."""
        topics = frozenset(one.topics)
        if skipped := sorted(topics & self.skip_topics):
            return f"has the topic {skipped[0]}"
        if self.only_topics and not topics & self.only_topics:
            return "has none of the topics asked for"
        if one.is_fork and not self.forks:
            return "is a fork"
        return "is archived" if one.archived and not self.archived else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All public repositories of an account, at one time."""

    owner: Owner
    began_at: datetime
    repositories: tuple[Listed, ...] = field(repr=False)
    """Each once, by id."""
    choice: Choice = Choice()
    """What was looked at then."""
    problem: str = ""
    """Why some may be missing; empty where all are there."""
    requests: int = 0

    @property
    def complete(self) -> bool:
        """Whether every public repository is in it."""
        return not self.problem

    def left_out(self) -> tuple[tuple[Listed, str], ...]:
        """Give what was left out, with the reason."""
        pairs = ((one, self.choice.against(one)) for one in self.repositories)
        return tuple((one, reason) for one, reason in pairs if reason is not None)


def vanished(now: Listing, before: Listing | None) -> tuple[Listed, ...]:
    """Give what was listed before and is not now, as it was then.

    Args:
        now: The present listing.
        before: An earlier one of the same account; None for the first time.

    Raises:
        AnotherAccountError: they are of two accounts.
    """
    if before is None:
        return ()
    if before.owner.id != now.owner.id:
        raise AnotherAccountError(
            f"the earlier listing is of another account than {now.owner.login}: keep one for each "
            "account"
        )
    here = {one.id for one in now.repositories}
    return tuple(one for one in before.repositories if one.id not in here)


class Whereabouts(enum.StrEnum):
    """What can be said of a repository that is listed no more."""

    TRANSFERRED = "transferred"
    """Another account has it now, and it is public there."""
    PRIVATE = "private"
    """This account still sees it: it is private or internal now."""
    BLOCKED = "blocked"
    UNSEEN = "unseen"
    """Private, deleted, or transferred to where it is private: these cannot be told apart."""
    STILL_LISTED = "still-listed"
    """It is public and here: the list left it out."""
    UNKNOWN = "unknown"
    """No usable answer, or no proof that an answer of "not there" means anything."""


IN_WORDS: Mapping[Whereabouts, str] = {
    Whereabouts.TRANSFERRED: "transferred to another account, where it is public",
    Whereabouts.PRIVATE: "no longer public",
    Whereabouts.BLOCKED: "blocked by the platform",
    Whereabouts.UNSEEN: (
        "private, deleted, or transferred to where it is private: which of them cannot be told"
    ),
    Whereabouts.STILL_LISTED: "public and in its place, though the list does not show it",
    Whereabouts.UNKNOWN: "it could not be asked what became of it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A repository that is listed no more."""

    repository: Listed
    """As it was listed last."""
    whereabouts: Whereabouts
    now: Listed | None = None
    """As it is now, where it is still public somewhere."""

    @property
    def says(self) -> str:
        """What became of it, in words."""
        return IN_WORDS[self.whereabouts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the platform listed."""

    repositories: Sequence[Listed]
    problem: str = ""
    """Why some may be missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """A page of a list as it was read, with what the platform knows it again by."""

    etag: str
    """The entity tag of the answer. Source: RFC 9110, 8.8.3."""
    more: bool
    """Whether another page was named."""
    content: str
    """What is needed of it, as JSON."""


class PageMemory(Protocol):
    """Keeps pages of lists from one look to the next, for one account on one platform."""

    def recall(self, address: str) -> KeptPage | None:
        """Give the page of an address; None where none is kept, or it is not as it was kept."""
        ...

    def keep(self, address: str, page: KeptPage) -> None:
        """Keep a page in the place of an earlier one."""
        ...

    def forget(self) -> None:
        """Forget every page of this account."""
        ...


class Catalogue(Protocol):
    """What breachkit needs of a platform to list repositories. Every error is one of `model.errors`."""

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        ...

    def owner(self, login: str, known: int | None = None) -> Owner:
        """Find an account by its name, or by its id where its name is another now.

        Args:
            login: Of a person or an organisation.
            known: The account's id, from an earlier listing: a name that was given up can be taken
                by somebody else.

        Raises:
            AccessError: there is none of that name.
            RefusedError: another account has the name now, and the one that is meant is gone.
            IncompleteError: the platform could not be reached.
        """
        ...

    def repositories(self, owner: Owner) -> Found:
        """List all public repositories of an account, each once.

        Raises:
            AccessError, IncompleteError: not even the first page came.
        """
        ...

    def whereabouts(self, one: Listed, owner: Owner) -> Missing:
        """Say what became of a repository that is listed no more."""
        ...
