"""What a stranger sees of a repository: every way is tried without a token and without a password."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from breachkit.actions.hosting import HostedRepository
from breachkit.github.client import DEFAULT_API, Client
from breachkit.github.errors import HiddenError
from breachkit.github.paths import path_of, repository_path
from breachkit.github.transport import TIMEOUT_S, USER_AGENT
from breachkit.github.unredirected import OPENER
from breachkit.model.errors import BreachkitError


AskGit = Callable[[str], bool | None]
"""Whether a stranger's git can read from a URL; None where that cannot be said."""

_GONE = frozenset({404, 410, 451})


def web_of(api: str) -> str:
    """Give where the web pages of an API's host are."""
    parts = urlsplit(api)
    host = "github.com" if api.rstrip("/") == DEFAULT_API else parts.netloc
    return f"{parts.scheme}://{host}"


def raw_of(api: str) -> str:
    """Give where the files of an API's host are given as they are."""
    if api.rstrip("/") == DEFAULT_API:
        return "https://raw.githubusercontent.com"
    return f"{web_of(api)}/raw"


def seen_by_anyone(
    client: Client, repository: HostedRepository, ask_git: AskGit | None
) -> Mapping[str, bool | None]:
    """Say by which ways a stranger sees a repository: `api`, `git`, `web`, `raw`; None for cannot tell."""
    web = f"{web_of(client.api)}/{repository.full_name}"
    raw = raw_file(client, repository)
    return {
        "api": _api(client, repository),
        "git": None if ask_git is None else ask_git(f"{web}.git"),
        "web": answers(web),
        "raw": None if raw is None else answers(raw),
    }


def _api(client: Client, repository: HostedRepository) -> bool | None:
    with client.stranger() as stranger:
        try:
            stranger.get(path_of("repositories", repository.id), "the repository")
        except HiddenError:
            return False
        except BreachkitError:
            return None
        return True


def raw_file(client: Client, repository: HostedRepository) -> str | None:
    """Give the address of some file of the default branch, by whose answer raw files are judged."""
    tree = repository_path(repository, "git", "trees", repository.default_branch)
    try:
        found = client.get(tree, "the files of the default branch").json
    except BreachkitError:
        return None
    files = [each["path"] for each in found.get("tree", ()) if each.get("type") == "blob"]
    if not files:
        return None
    chosen = min(files, key=lambda path: (not path.upper().startswith("README"), path))
    branch = quote(repository.default_branch, safe="")
    return f"{raw_of(client.api)}/{repository.full_name}/{branch}/{quote(chosen)}"


def answers(url: str) -> bool | None:
    """Say whether a page or a file is there for a stranger; None where that cannot be said."""
    request = urllib.request.Request(url, headers={"User-Agent": USER_AGENT})  # noqa: S310 - http(s): made here from the checked address
    try:
        with OPENER.open(request, timeout=TIMEOUT_S):
            return True
    except urllib.error.HTTPError as answer:
        return _judged(answer)
    except (OSError, http.client.HTTPException):
        return None


def _judged(answer: urllib.error.HTTPError) -> bool | None:
    with answer:
        to_login = answer.code in {301, 302} and "/login" in answer.headers.get("Location", "")
        return False if answer.code in _GONE or to_login else None
