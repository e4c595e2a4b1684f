"""The part of the hosting platform that only its support can play: it does what a message asks for.

Source of what support asks for: GitHub's documentation, "Removing sensitive data from a repository":
the numbers of the affected pull requests, and the ids of the first changed commits.
"""

import re

from breachkit.drill.hub import support
from breachkit.drill.hub.support import Done
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
    numbers = pull_requests_in(request)
    if not numbers:
        return Done(refused="the request names no pull request")
    named = sorted(set(_FULL_ID.findall(ids)))
    return support.act(platform.hub, platform.study, named, pulls=numbers)


def pull_requests_in(request: str) -> tuple[int, ...]:
    """Give the numbers on the request's line "Pull requests", sorted."""
    named = " ".join(_PULL_REQUESTS.findall(request))
    return tuple(sorted(set(map(int, re.findall(r"\d+", named)))))
