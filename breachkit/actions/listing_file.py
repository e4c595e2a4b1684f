"""A listing as it is kept until the next one: what is compared with stands here whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from breachkit.actions.listing import Choice, Listed, Listing, Owner
from breachkit.actions.wire import require_schema
from breachkit.model.time import parse_rfc3339, rfc3339


SCHEMA = "breachkit.listing/1"


def listing_to_json(listing: Listing) -> dict[str, Any]:
    """Give a listing as JSON."""
    owner, choice = listing.owner, listing.choice
    return {
        "schema": SCHEMA,
        "owner": {
            "id": owner.id,
            "login": owner.login,
            "organisation": owner.is_organisation,
            "public_repositories": owner.public_repositories,
        },
        "began_at": rfc3339(listing.began_at),
        "complete": listing.complete,
        "problem": listing.problem,
        "requests": listing.requests,
        "choice": {
            "skip_topics": sorted(choice.skip_topics),
            "only_topics": sorted(choice.only_topics),
            "forks": choice.forks,
            "archived": choice.archived,
        },
        "repositories": [_listed_to_json(one) for one in listing.repositories],
    }


def listing_from_json(data: Mapping[str, Any]) -> Listing:
    """Read what `listing_to_json` wrote.

    Raises:
        ConfigurationError: it is another file, or from another version.
        KeyError, ValueError, TypeError: something in it is not what was written.
    """
    require_schema(data, SCHEMA)
    owner, choice = data["owner"], data["choice"]
    return Listing(
        owner=Owner(
            id=owner["id"],
            login=owner["login"],
            is_organisation=owner["organisation"],
            public_repositories=owner["public_repositories"],
        ),
        began_at=parse_rfc3339(data["began_at"]),
        repositories=tuple(_listed_from_json(each) for each in data["repositories"]),
        choice=Choice(
            skip_topics=frozenset(choice["skip_topics"]),
            only_topics=frozenset(choice["only_topics"]),
            forks=choice["forks"],
            archived=choice["archived"],
        ),
        problem=data["problem"],
        requests=data["requests"],
    )


def _listed_to_json(one: Listed) -> dict[str, Any]:
    return {
        "id": one.id,
        "full_name": one.full_name,
        "clone_url": one.clone_url,
        "default_branch": one.default_branch,
        "pushed_at": None if one.pushed_at is None else rfc3339(one.pushed_at),
        "topics": list(one.topics),
        "fork": one.is_fork,
        "archived": one.archived,
        "blocked": one.blocked,
    }


def _listed_from_json(data: Mapping[str, Any]) -> Listed:
    return Listed(
        id=data["id"],
        full_name=data["full_name"],
        clone_url=data["clone_url"],
        default_branch=data["default_branch"],
        pushed_at=_moment(data["pushed_at"]),
        topics=tuple(data["topics"]),
        is_fork=data["fork"],
        archived=data["archived"],
        blocked=data["blocked"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else parse_rfc3339(text)
