"""Lists the public repositories of an account, and says what became of those that it has no more.

    looked = look(catalogue, "example-org", clock, before=earlier, choice=Choice(skip_topics=...))

For whoever examines many repositories by schedule: the listing is kept until the next time, and what
vanished is asked for by its id, for a name may belong to another repository by then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from breachkit.actions.listing import (
    Catalogue,
    Choice,
    Listed,
    Listing,
    Missing,
    Whereabouts,
    vanished,
)
from breachkit.model.time import Clock


MOST_ASKED = 200
"""Vanished repositories that are asked for one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An account's repositories, and what became of those that were listed before."""

    listing: Listing
    """To be kept until the next time, once what is to be examined was."""
    missing: tuple[Missing, ...]


def look(
    catalogue: Catalogue,
    login: str,
    clock: Clock,
    *,
    before: Listing | None = None,
    choice: Choice | None = None,
) -> Looked:
    """List an account's public repositories and compare them with an earlier listing.

    Args:
        catalogue: The platform's lists.
        login: A person or an organisation.
        clock: For the date of the listing.
        before: What was listed last, where the same account was.
        choice: What is left out; nothing unless given.

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
    missing = tuple(_whereabouts(catalogue, listing, vanished(listing, before)))
    listing = _with_those_still_there(listing, missing)
    return Looked(
        listing=replace(listing, requests=catalogue.requests - sent),
        missing=tuple(each for each in missing if not _is_still_there(each)),
    )


def _is_still_there(one: Missing) -> bool:
    return one.whereabouts is Whereabouts.STILL_LISTED


def _whereabouts(
    catalogue: Catalogue, listing: Listing, gone: Sequence[Listed]
) -> Iterable[Missing]:
    """Ask for each repository that vanished, once another answered: else "not there" says nothing."""
    trusted = bool(gone) and _control(catalogue, listing)
    for number, one in enumerate(gone):
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
