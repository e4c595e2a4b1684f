"""The part of the hosting platform that only its support can play.

Source of what support asks for and does: GitHub's documentation, "Removing sensitive data from a
repository": it removes or dereferences affected pull requests, collects garbage and drops cached
views, once every other ref is clean.
"""

import re
from dataclasses import dataclass

from breachkit.drill.plaingit import Repository


_PULL_REQUESTS = re.compile(r"^ *Pull requests {2,}(.*)$", re.MULTILINE)
_FULL_ID = re.compile(r"\b[0-9a-f]{40}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportAnswer:
    """What support did about a request."""

    removed: tuple[str, ...]
    """The refs of pull requests that are gone now."""
    refused: str | None = None
    """Why support did nothing; None where it acted."""


def act_on_request(server: Repository, request: str, ids: str) -> SupportAnswer:
    """Do what a written request asks for, and only that.

    Args:
        server: The repository that the request is about.
        request: The text of the message; its line "Pull requests" names them by number.
        ids: What was pasted into the form: ids of the first changed commits.
    """
    numbers = pull_requests_in(request)
    if not numbers:
        return SupportAnswer(removed=(), refused="the request names no pull request")
    if not _FULL_ID.search(ids):
        return SupportAnswer(removed=(), refused="the form names no first changed commit")
    if _branches_hold(server, ids):
        return SupportAnswer(removed=(), refused="branches or tags still hold a named commit")
    prefixes = tuple(f"refs/pull/{number}/" for number in numbers)
    removed = tuple(ref for ref in server.refs() if ref.startswith(prefixes))
    for ref in removed:
        server.git("update-ref", "-d", ref)
    server.git("reflog", "expire", "--expire=now", "--all")
    server.git("gc", "--quiet", "--prune=now")
    return SupportAnswer(removed=removed)


def pull_requests_in(request: str) -> tuple[int, ...]:
    """Give the numbers on the request's line "Pull requests", sorted."""
    named = " ".join(_PULL_REQUESTS.findall(request))
    return tuple(sorted(set(map(int, re.findall(r"\d+", named)))))


def _branches_hold(server: Repository, ids: str) -> bool:
    """Say whether a branch or tag still leads to a commit that the form names."""
    return any(
        server.lines("for-each-ref", "--count=1", f"--contains={oid}", "refs/heads", "refs/tags")
        for oid in sorted(set(_FULL_ID.findall(ids)))
        if server.accepts("cat-file", "-e", f"{oid}^{{commit}}")
    )
