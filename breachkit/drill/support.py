"""The part of the hosting platform that only its support can play.

Source of what support asks for and does: GitHub's documentation, "Removing sensitive data from a
repository": it removes or dereferences affected pull requests, collects garbage and drops cached
views, once every other ref is clean.
"""

import re
from dataclasses import dataclass

from breachkit.drill.plaingit import Repository


_PULL_REF = re.compile(r"refs/pull/(\d+)\b")
_FULL_ID = re.compile(r"\b[0-9a-f]{40}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportAnswer:
    """What support did about a request."""

    removed: tuple[str, ...]
    """The refs of pull requests that are gone now."""
    refused: str | None = None
    """Why support did nothing; None where it acted."""


def act_on_request(server: Repository, request: str) -> SupportAnswer:
    """Do what a written request asks for, and only that.

    Args:
        server: The repository that the request is about.
        request: The text of the message. Pull requests count that are named as `refs/pull/N`.
    """
    numbers = sorted(set(map(int, _PULL_REF.findall(request))))
    if not numbers:
        return SupportAnswer(removed=(), refused="the request names no pull request")
    if _branches_hold(server, request):
        return SupportAnswer(removed=(), refused="branches or tags still hold a named commit")
    prefixes = tuple(f"refs/pull/{number}/" for number in numbers)
    removed = tuple(ref for ref in server.refs() if ref.startswith(prefixes))
    for ref in removed:
        server.git("update-ref", "-d", ref)
    server.git("reflog", "expire", "--expire=now", "--all")
    server.git("gc", "--quiet", "--prune=now")
    return SupportAnswer(removed=removed)


def _branches_hold(server: Repository, request: str) -> bool:
    """Say whether a branch or tag still leads to a commit that the request names."""
    return any(
        server.lines("for-each-ref", "--count=1", f"--contains={oid}", "refs/heads", "refs/tags")
        for oid in sorted(set(_FULL_ID.findall(request)))
        if server.accepts("cat-file", "-e", f"{oid}^{{commit}}")
    )
