"""Lists the public repositories of an account, and says which may hold something new since last time.

    listing = look(catalogue, "example-org", clock, before=earlier, choice=Choice(skip_topics=...))
    for entry in listing.comparison.to_examine: ...

For whoever examines many repositories by schedule: the listing is kept until the next time, and what
vanished is asked for by its id, for a name may belong to another repository by then.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from breachkit.actions.listing import (
    Catalogue,
    Choice,
    Comparison,
    Listed,
    Listing,
    Missing,
    Refs,
    Whereabouts,
    compare,
)
from breachkit.git.remote import RemoteRefs
from breachkit.model.errors import BreachkitError
from breachkit.model.time import Clock


MOST_ASKED = 200
"""Vanished repositories that are asked for one by one."""
ASKED_AT_ONCE = 8
"""Servers that git asks for refs at the same time."""

ListRefs = Callable[[str], RemoteRefs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An account's repositories, and what became of them."""

    listing: Listing
    """To be kept until the next time, once what is to be examined was."""
    comparison: Comparison
    missing: tuple[Missing, ...]
    no_refs: tuple[Listed, ...] = ()
    """Those that git was asked for and gave no refs of."""

    @property
    def complete(self) -> bool:
        """Whether every repository was listed and everything that was asked got an answer."""
        unknown = any(each.whereabouts is Whereabouts.UNKNOWN for each in self.missing)
        return self.listing.complete and not unknown and not self.no_refs


def look(
    catalogue: Catalogue,
    login: str,
    clock: Clock,
    *,
    before: Listing | None = None,
    choice: Choice | None = None,
    list_refs: ListRefs | None = None,
) -> Looked:
    """List an account's public repositories and compare them with an earlier listing.

    Args:
        catalogue: The platform's lists.
        login: A person or an organisation.
        clock: For the date of the listing.
        before: What was listed last, where the same account was.
        choice: What is left out; nothing unless given.
        list_refs: How git is asked for all refs behind a URL: they tell more than the date of the last push, which a
            pull request from a fork does not move. None does not ask.

    Raises:
        AnotherAccountError: `before` is of an account that is gone, and the name is somebody else's.
        AccessError, IncompleteError: not even the first page came.
    """
    began_at, sent = clock.now(), catalogue.requests
    owner = catalogue.owner(login, None if before is None else before.owner.id)
    found = catalogue.repositories(owner)
    listing = Listing(
        owner=owner,
        began_at=began_at,
        repositories=tuple(sorted(found.repositories, key=lambda one: one.id)),
        choice=choice or Choice(),
        problem=found.problem,
    )
    vanished = compare(listing, before).missing
    missing = tuple(_whereabouts(catalogue, listing, vanished))
    listing = _with_those_still_there(listing, missing)
    listing, no_refs = _with_refs(listing, list_refs)
    return Looked(
        listing=replace(listing, requests=catalogue.requests - sent),
        comparison=compare(listing, before),
        missing=tuple(each for each in missing if not _is_still_there(each)),
        no_refs=no_refs,
    )


def _is_still_there(one: Missing) -> bool:
    return one.whereabouts is Whereabouts.STILL_LISTED


def _whereabouts(
    catalogue: Catalogue, listing: Listing, vanished: Sequence[Listed]
) -> Iterable[Missing]:
    """Ask for each repository that vanished, once another answered: else "not there" says nothing."""
    trusted = bool(vanished) and _control(catalogue, listing)
    for number, one in enumerate(vanished):
        if trusted and number < MOST_ASKED:
            yield catalogue.whereabouts(one, listing.owner)
        else:
            yield Missing(repository=one, whereabouts=Whereabouts.UNKNOWN)


def _control(catalogue: Catalogue, listing: Listing) -> bool:
    """Say whether a repository that is listed answers when it is asked for by its id."""
    known = next((one for one in listing.repositories if not one.blocked), None)
    if known is None:
        return False
    answer = catalogue.whereabouts(known, listing.owner)
    return answer.whereabouts is Whereabouts.STILL_LISTED


def _with_those_still_there(listing: Listing, missing: Iterable[Missing]) -> Listing:
    """Add what the list left out although it is public and in its place."""
    found = tuple(each.now for each in missing if _is_still_there(each) and each.now is not None)
    together = sorted((*listing.repositories, *found), key=lambda one: one.id)
    return replace(listing, repositories=tuple(together))


def _with_refs(listing: Listing, list_refs: ListRefs | None) -> tuple[Listing, tuple[Listed, ...]]:
    """Ask git for the refs of everything that is looked at, and give what gave none as well."""
    if list_refs is None:
        return listing, ()
    asked = [one for one in listing.looked_at().values() if not one.blocked]
    pool = ThreadPoolExecutor(ASKED_AT_ONCE)
    try:
        answers = pool.map(lambda one: _refs_of(one.clone_url, list_refs), asked)
        told = {one.id: answer for one, answer in zip(asked, answers, strict=True)}
    finally:
        pool.shutdown(cancel_futures=True)  # or whoever stops it waits for all that are left
    repositories = tuple(_with(one, told) for one in listing.repositories)
    return (
        replace(listing, repositories=repositories),
        tuple(one for one in asked if told[one.id] is None),
    )


def _with(one: Listed, told: Mapping[int, Refs | None]) -> Listed:
    return replace(one, refs=told.get(one.id))


def _refs_of(url: str, list_refs: ListRefs) -> Refs | None:
    try:
        shown = list_refs(url)
    except BreachkitError:
        return None
    lines = (name + b"\0" + value.encode() for name, value in sorted(shown.refs.items()))
    digest = hashlib.sha256(b"\n".join(lines)).hexdigest()
    return Refs(digest=digest, count=len(shown.refs))
