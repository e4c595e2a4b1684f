"""The public repositories of an account, and which of them may hold something new since an earlier look.

The date of the last push moves with a push and with nothing else: not when a repository becomes
public, is transferred here, or leaves the archive. So what is new is told by ids, the whole list is
read each time, and a date only ever says that nothing was pushed.
Source: GitHub's REST documentation of "List organization repositories".
"""

import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from breachkit.model.errors import RefusedError


SETTLES = timedelta(minutes=10)
"""How long before a listing the last push has to lie so that a later one would show: dates have whole
seconds, and the platform's replicas lag behind."""


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
class Refs:
    """All refs that a repository's server shows, pull requests too, in one value."""

    digest: str
    """Of their names and values: the same as long as no ref changed."""
    count: int


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
    refs: Refs | None = None
    """None where git was not asked, or gave no answer."""

    @property
    def is_empty(self) -> bool | None:
        """Whether there is nothing in it; None where git was not asked: no date proves it."""
        return None if self.refs is None else not self.refs.count


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
    """What was looked at then: whatever was left out was never examined."""
    problem: str = ""
    """Why some may be missing; empty where all are there."""
    requests: int = 0

    @property
    def complete(self) -> bool:
        """Whether every public repository is in it."""
        return not self.problem

    def looked_at(self) -> dict[int, Listed]:
        """Give what was not left out, by id."""
        return {one.id: one for one in self.repositories if self.choice.against(one) is None}

    def left_out(self) -> tuple[tuple[Listed, str], ...]:
        """Give what was left out, with the reason."""
        pairs = ((one, self.choice.against(one)) for one in self.repositories)
        return tuple((one, reason) for one, reason in pairs if reason is not None)


class Standing(enum.StrEnum):
    """How a repository stands to the earlier listing. The names stand in files: only ever added to."""

    NEW = "new"
    """Not looked at before, however old it is."""
    MAYBE_CHANGED = "maybe-changed"
    UNCHANGED = "unchanged"
    """Nothing was pushed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A repository that is looked at."""

    repository: Listed
    standing: Standing
    reasons: tuple[str, ...] = ()
    """Why it is not unchanged."""
    was_called: str | None = None
    """Its earlier `owner/name`, where that is another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What became of an account's repositories."""

    entries: tuple[Entry, ...]
    left_out: tuple[tuple[Listed, str], ...]
    missing: tuple[Listed, ...]
    """Listed before and not now, as they were then."""

    def those(self, standing: Standing) -> tuple[Entry, ...]:
        """Give the repositories of one standing."""
        return tuple(each for each in self.entries if each.standing is standing)

    @property
    def renamed(self) -> tuple[Entry, ...]:
        """Give those that have another name now."""
        return tuple(each for each in self.entries if each.was_called is not None)

    @property
    def to_examine(self) -> tuple[Entry, ...]:
        """Give those that may hold something new."""
        return tuple(each for each in self.entries if each.standing is not Standing.UNCHANGED)


def compare(now: Listing, before: Listing | None) -> Comparison:
    """Say what is new, what may have changed and what is gone.

    Args:
        now: The present listing.
        before: An earlier one of the same account; None for the first time.

    Raises:
        AnotherAccountError: they are of two accounts.
    """
    if before is not None and before.owner.id != now.owner.id:
        raise AnotherAccountError(
            f"the earlier listing is of another account than {now.owner.login}: keep one for each "
            "account"
        )
    then = {} if before is None else {one.id: one for one in before.repositories}
    examined = {} if before is None else before.looked_at()
    here = {one.id for one in now.repositories}
    return Comparison(
        entries=tuple(
            _entry(one, then.get(one.id), before, examined=one.id in examined)
            for one in now.looked_at().values()
        ),
        left_out=now.left_out(),
        missing=tuple(one for number, one in then.items() if number not in here),
    )


def _entry(one: Listed, then: Listed | None, before: Listing | None, *, examined: bool) -> Entry:
    if then is None or before is None:
        reason = "it was not listed before" if before is not None else "there was no listing before"
        return Entry(repository=one, standing=Standing.NEW, reasons=(reason,))
    was_called = then.full_name if then.full_name != one.full_name else None
    if not examined:
        reason = f"it was left out before: it {before.choice.against(then)}"
        return Entry(
            repository=one, standing=Standing.NEW, reasons=(reason,), was_called=was_called
        )
    reasons = tuple(_reasons(one, then, before.began_at))
    standing = Standing.MAYBE_CHANGED if reasons else Standing.UNCHANGED
    return Entry(repository=one, standing=standing, reasons=reasons, was_called=was_called)


def _reasons(one: Listed, then: Listed, looked_at: datetime) -> Iterator[str]:
    """Give what speaks against a repository being as it was."""
    if one.archived != then.archived:
        yield "it was archived" if one.archived else "it was taken out of the archive"
    if one.blocked != then.blocked:
        yield "the platform blocked it" if one.blocked else "the platform no longer blocks it"
    if one.default_branch != then.default_branch:
        yield "its default branch is another"
    if one.pushed_at != then.pushed_at:
        yield "something was pushed to it"
    if one.refs is not None and then.refs is not None:
        if one.refs != then.refs:
            yield "its refs are not what they were"
    elif one.pushed_at is None:
        yield "the date of its last push is not told"
    elif one.pushed_at > looked_at - SETTLES:
        yield "it was pushed to so shortly before the earlier listing that a later push may not show"


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
