"""The part of the hosting platform that only its support can play: it does what a message asks for.

Source of what support asks for: GitHub's documentation, "Removing sensitive data from a repository":
the numbers of the affected pull requests, and the ids of the first changed commits.
"""

import re

from breachkit.drill.hub import support
from breachkit.drill.hub.state import Hub, Repository
from breachkit.drill.hub.support import Done
from breachkit.drill.plaingit import Repository as Bare
from breachkit.drill.platform import Platform


_PULL_REQUESTS = re.compile(r"^ *Pull requests {2,}(.*)$", re.MULTILINE)
_FULL_ID = re.compile(r"\b[0-9a-f]{40}\b")


def act_on_request(platform: Platform, request: str, ids: str) -> Done:
    """Do what a written request asks for, and only that.

    Args:
        platform: Hosts the repository that the request is about.
        request: The text of the message; its line "Pull requests" names them by number.
        ids: What was pasted into the form: ids of the first changed commits.
    """
    if not pull_requests_in(request):
        return Done(refused="the request names no pull request")
    return act_on_study(platform.hub, platform.study, request, ids)


def act_on_study(hub: Hub, study: Repository, request: str, ids: str) -> Done:
    """Do what a written request asks for in a repository of a platform that nobody need serve.

    It may say that no pull request leads to the data: then old objects and cached views go alone.
    """
    if not _PULL_REQUESTS.search(request):
        return Done(refused="the request names no pull request")
    return support.act(hub, study, _full_ids(ids), pulls=pull_requests_in(request))


def act_on_server(server: Bare, request: str, ids: str) -> Done:
    """Do what a written request asks for on a server that is a folder, as its administrator would."""
    named = _full_ids(ids)
    if not named:
        return Done(refused="the request names no commit")
    hidden = [f"refs/pull/{number}/head" for number in pull_requests_in(request)]
    there = server.refs()
    kept = [oid for ref, oid in there.items() if not ref.startswith("refs/pull/")]
    reached = server.lines("rev-list", "--objects", "--no-object-names", *kept)
    if set(named) & set(reached):
        return Done(refused="a branch or tag still holds a named commit")
    removed = tuple(ref for ref in hidden if ref in there)
    for ref in removed:
        server.git("update-ref", "-d", ref)
    server.git("reflog", "expire", "--expire=now", "--all")
    server.git("gc", "--quiet", "--prune=now")
    return Done(removed=removed, left=tuple(one for one in named if one in server.object_ids()))


def _full_ids(text: str) -> list[str]:
    return sorted(set(_FULL_ID.findall(text)))


def pull_requests_in(request: str) -> tuple[int, ...]:
    """Give the numbers on the request's line "Pull requests", sorted."""
    named = " ".join(_PULL_REQUESTS.findall(request))
    return tuple(sorted(set(map(int, re.findall(r"\d+", named)))))
