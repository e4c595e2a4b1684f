"""The public repositories of an account on GitHub, complete although they move while they are read.

Pages have numbers: what is deleted or made private while they are read moves the rest up, and one is
skipped. So they are read in an order in which new ones come last, and again until two readings show
the same repositories; what has not changed answers 304, which costs nothing of the limit. So does what
was read another time, where pages are kept; what becomes of a repository is always asked anew.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from breachkit.actions.listing import Found, Listed, Missing, Owner, PageMemory, Whereabouts
from breachkit.github.client import MOST_PAGES, Client, next_link
from breachkit.github.errors import BlockedError, HiddenError, UnreachableError
from breachkit.github.kept_pages import KeptPages
from breachkit.github.paths import path_of
from breachkit.github.transport import PER_PAGE
from breachkit.model.errors import BreachkitError, RefusedError
from breachkit.model.ids import display
from breachkit.model.time import parse_rfc3339


MOST_READINGS = 4
"""How often a list of several pages is read until two readings agree."""

_ORDER = {"sort": "created", "direction": "asc"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*/[A-Za-z0-9_.-]+")


class NameTakenError(RefusedError):
    """An account's name belongs to somebody else now."""


class GitHubCatalogue:
    """GitHub's lists of repositories, for one account or for a stranger.

    Args:
        client: Its REST API.
        memory: Keeps pages from one look to the next.
    """

    def __init__(self, client: Client, memory: PageMemory | None = None) -> None:
        self._client = client
        self._kept = KeptPages(client, memory)

    @property
    def requests(self) -> int:
        """How many were sent so far."""
        return self._client.requests

    def owner(self, login: str, known: int | None = None) -> Owner:
        """Find an account; see `Catalogue.owner`."""
        try:
            named = self._account("users", login)
        except HiddenError:
            if known is None:
                raise
            return self._renamed(login, known)
        return named if known in {None, named.id} else self._renamed(login, known or 0)

    def repositories(self, owner: Owner) -> Found:
        """List all public repositories of an account; see `Catalogue.repositories`.

        Where a list with kept pages in it is not as long as GitHub counts, it is read without them.
        """
        found = self._whole(owner)
        fits = owner.public_repositories in {None, len(found.repositories)}
        if self._kept.recalled and not (found.problem or fits):
            self._kept.forget()
            found = self._whole(owner)
        return found if found.problem else replace(found, problem=self._lacking(owner, found))

    def _whole(self, owner: Owner) -> Found:
        found: dict[int, Listed] = {}
        before: set[int] | None = None
        for _ in range(MOST_READINGS):
            pages, this, problem = self._reading(owner)
            found |= this
            if problem:
                return Found(repositories=tuple(found.values()), problem=problem)
            if pages == 1 or before == set(this):
                return Found(repositories=tuple(this.values()))
            before = set(this)
        problem = "repositories came and went all the time while they were listed"
        return Found(repositories=tuple(found.values()), problem=problem)

    def whereabouts(self, one: Listed, owner: Owner) -> Missing:
        """Say what became of a repository; see `Catalogue.whereabouts`."""
        try:
            shown = self._client.get(path_of("repositories", one.id), "a repository").json
        except HiddenError:
            return Missing(repository=one, whereabouts=Whereabouts.UNSEEN)
        except BlockedError:
            return Missing(repository=one, whereabouts=Whereabouts.BLOCKED)
        except BreachkitError:
            return Missing(repository=one, whereabouts=Whereabouts.UNKNOWN)
        now = listed(shown)
        if now is None:
            is_it = isinstance(shown, Mapping) and shown.get("id") == one.id
            said = Whereabouts.PRIVATE if is_it and not _is_public(shown) else Whereabouts.UNKNOWN
            return Missing(repository=one, whereabouts=said)
        here = _owner_of(shown) == owner.id
        said = Whereabouts.STILL_LISTED if here else Whereabouts.TRANSFERRED
        return Missing(repository=one, whereabouts=said, now=now)

    def _renamed(self, login: str, known: int) -> Owner:
        try:
            return self._account("user", known)
        except HiddenError:
            raise NameTakenError(
                f"{display(login)} is another account now, or none, and the account that was listed "
                "before is gone: list it without the earlier listing"
            ) from None

    def _account(self, *parts: str | int) -> Owner:
        what = f"the account {display(str(parts[-1]))}"
        shown = self._kept.get(path_of(*parts), what, _account_part).json
        if not _is_account(shown):
            raise UnreachableError(f"{what}: GitHub's answer is no account: run it again")
        return Owner(
            id=shown["id"],
            login=shown["login"],
            is_organisation=shown.get("type") == "Organization",
            public_repositories=shown.get("public_repos"),
        )

    def _lacking(self, owner: Owner, found: Found) -> str:
        """Hold a list against the number that GitHub counts: a list without some looks complete."""
        count, listed = owner.public_repositories, len(found.repositories)
        if count is not None and count > listed:
            count = self._account("user", owner.id).public_repositories
        if count is None or count <= listed:
            return ""
        return f"GitHub counts {count} public repositories and lists {listed}"

    def _reading(self, owner: Owner) -> tuple[int, dict[int, Listed], str]:
        """Read all pages once: how many they were, the repositories, and what kept some away."""
        found: dict[int, Listed] = {}
        pages, problem = 0, ""
        try:
            for items in self._pages(owner):
                pages += 1
                own = [each for each in items if _owner_of(each) == owner.id and _is_public(each)]
                these = [each for each in map(listed, own) if each is not None]
                found |= {each.id: each for each in these}
                if len(these) < len(own):
                    problem = "the list holds something that is no repository"
        except BreachkitError as cause:
            if not pages:
                raise
            problem = str(cause)
        return pages, found, problem

    def _pages(self, owner: Owner) -> Iterator[list[Any]]:
        """Read page after page by number, never by link.

        An answer of 304 stands for a page whose links may be from before there was a next one, so a
        full page is always followed by a look at the next.
        """
        room, kind = ("orgs", "public") if owner.is_organisation else ("users", "owner")
        path, what = path_of(room, owner.login, "repos"), "the repositories"
        for number in range(1, MOST_PAGES + 1):
            query = {"type": kind, **_ORDER, "per_page": PER_PAGE, "page": number}
            reply = self._kept.get(path, what, _list_part, query=query)
            if not isinstance(reply.json, list):
                raise UnreachableError(f"{what}: GitHub's answer is no list: run it again")
            yield reply.json
            if len(reply.json) < PER_PAGE and next_link(reply.headers.get("link", "")) is None:
                return
        raise UnreachableError(f"{what}: more than {MOST_PAGES} pages; the rest was not read")


_OF_A_REPOSITORY = (
    *("id", "full_name", "clone_url", "default_branch", "pushed_at", "topics"),
    *("fork", "archived", "disabled", "private", "visibility"),
)
"""What of a repository in a list is kept: what `listed` reads, and no word that people wrote of it."""


def _list_part(json: Any) -> Any:
    """Give what is kept of a page; None where something in it is no repository."""
    if not isinstance(json, list):
        return None
    parts = [_repository_part(each) for each in json]
    return None if None in parts else parts


def _repository_part(json: Any) -> dict[str, Any] | None:
    """Give what is kept of a repository: of one that is not public, that it is none."""
    if isinstance(json, Mapping) and not _is_public(json):
        return {"private": True}
    if listed(json) is None:
        return None
    kept = {name: json[name] for name in _OF_A_REPOSITORY if name in json}
    return {**kept, "owner": {"id": _owner_of(json)}}


def _account_part(json: Any) -> dict[str, Any] | None:
    if not _is_account(json):
        return None
    return {name: json[name] for name in ("id", "login", "type", "public_repos") if name in json}


def _is_account(json: Any) -> bool:
    if not isinstance(json, Mapping):
        return False
    return isinstance(json.get("id"), int) and isinstance(json.get("login"), str)


def listed(json: Any) -> Listed | None:
    """Give a public repository as GitHub lists it; None where it is not public, or nothing of the kind."""
    if not _is_public(json) or not isinstance(json.get("id"), int):
        return None
    name, url = json.get("full_name"), json.get("clone_url")
    if not _is_name(name) or not _is_plain_url(url):
        return None
    return Listed(
        id=json["id"],
        full_name=name,
        clone_url=url,
        default_branch=json.get("default_branch") or "",
        pushed_at=_moment(json.get("pushed_at")),
        topics=tuple(each for each in json.get("topics") or () if isinstance(each, str)),
        is_fork=bool(json.get("fork")),
        archived=bool(json.get("archived")),
        blocked=bool(json.get("disabled")),
    )


def _is_public(json: Any) -> bool:
    if not isinstance(json, Mapping):
        return False
    visibility = json.get("visibility")
    return visibility == "public" if visibility else json.get("private") is False


def _owner_of(json: Any) -> Any:
    owner = json.get("owner") if isinstance(json, Mapping) else None
    return owner.get("id") if isinstance(owner, Mapping) else None


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _is_plain_url(url: Any) -> bool:
    """Say whether git can be given a URL: of the web, and without a name or password in it."""
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc


def _moment(text: Any) -> Any:
    try:
        return parse_rfc3339(text)
    except (TypeError, ValueError):
        return None
