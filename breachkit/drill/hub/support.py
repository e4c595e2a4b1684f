"""What only GitHub's support does: drop pull requests' refs, collect garbage, clear cached views.

Source: GitHub's "Removing sensitive data from a repository": support acts once every ref but those
of pull requests is clean and no fork holds the data.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from breachkit.drill.hub import gitstore
from breachkit.drill.hub.state import Hub, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What support did about a request."""

    removed: tuple[str, ...] = ()
    """The refs of pull requests that are gone now."""
    left: tuple[str, ...] = ()
    """Ids of the request that some other pull request still holds."""
    refused: str | None = None
    """Why support did nothing; None where it acted."""


def act(
    hub: Hub, found: Repository, ids: Sequence[str], *, pulls: Collection[int] | None = None
) -> Done:
    """Do what a request asks for, or refuse.

    Args:
        hub: Where it all stands.
        found: The repository that the request is about.
        ids: Full ids of commits or files that are to go.
        pulls: Numbers of the pull requests to drop; None for each that holds one of the ids.
    """
    if not ids:
        return Done(refused="the request names no commit")
    with hub.lock:
        members = [each for each in hub.repositories.values() if each.network == found.network]
        for each in members:
            if gitstore.reaches(each, _kept(each), ids):
                what = "a branch or tag" if each is found else "a fork"
                return Done(refused=f"{what} still holds a named commit")
        removed = _drop(found, ids, pulls)
        gitstore.collect_garbage(hub, found.network)
        for each in members:
            each.cached_views.clear()
        left = tuple(one for one in ids if gitstore.read(found, one) is not None)
    return Done(removed=removed, left=left)


def _kept(found: Repository) -> list[str]:
    """Give what all refs name but those of pull requests."""
    refs = gitstore.refs(found)
    return [oid for ref, oid in refs.items() if not ref.startswith("refs/pull/")]


def _drop(found: Repository, ids: Sequence[str], pulls: Collection[int] | None) -> tuple[str, ...]:
    removed = []
    for ref, oid in gitstore.refs(found, "refs/pull/").items():
        number = int(ref.split("/")[2])
        asked = bool(gitstore.reaches(found, [oid], ids)) if pulls is None else number in pulls
        if asked:
            gitstore.set_ref(found, ref, None)
            removed.append(ref)
    return tuple(removed)
