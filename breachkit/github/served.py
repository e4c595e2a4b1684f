"""Asks GitHub by every way for what should be gone: REST, web pages, raw files, archives, and git.

Source: GitHub's REST reference for git data, commits, contents and archives, which say 404, or 422
"No commit found", of what is not there; of what this account must not know of they say the same.
"""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

from breachkit.actions.served import (
    SHORT_ID,
    WAYS,
    Channel,
    Identity,
    Kind,
    Place,
    Said,
    StoppedError,
    Subject,
    Way,
)
from breachkit.github.anyone import raw_of, web_of
from breachkit.github.client import Client, Sleep
from breachkit.github.errors import LimitedError, message_of
from breachkit.github.pages import Page, look
from breachkit.github.paths import path_of
from breachkit.github.transport import Reply
from breachkit.model.errors import BreachkitError, IncompleteError
from breachkit.model.ids import GitPath, ObjectId, RefName
from breachkit.model.sensitive import Sensitive


AskByGit = Callable[[str, Identity, Way, Subject], Said]
"""Asks the server behind a URL by git; raises nothing."""

SERVED, ABSENT = Said(answer="served"), Said(answer="absent")
SOMETHING_ELSE = "the answer is about something else"
NOT_GITHUBS = "the answer is not the platform's own"
TOO_MANY_PAGES = "web pages: GitHub takes no more requests for now; run the command again later"


class GitHubAsker:
    """Asks GitHub for one account, and as a stranger: `actions.served.Asker`.

    Args:
        client: The account's REST API.
        token: The account's, for raw files.
        wanted: Ids of everything that should be gone.
        ask_git: How git asks.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self,
        client: Client,
        token: Sensitive[str],
        wanted: Collection[ObjectId],
        ask_git: AskByGit,
        *,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._clients = {Identity.ACCOUNT: client, Identity.ANYONE: client.stranger()}
        self._token = token
        self._wanted = frozenset(wanted)
        self._ask_git = ask_git
        self._sleep = sleep
        self._web, self._raw = web_of(client.api), raw_of(client.api)

    def close(self) -> None:
        """Let go of the stranger's connections; the account's are the caller's."""
        self._clients[Identity.ANYONE].close()

    def ask(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
        """Ask once; see `Asker.ask`."""
        match WAYS[way].channel:
            case Channel.GIT:
                url = f"{self._web}/{quote(place.name)}.git"
                return self._ask_git(url, identity, way, subject)
            case Channel.WEB:
                return self._page(place, identity, way, subject)
            case Channel.REST:
                try:
                    return self._rest(place, identity, way, subject)
                except LimitedError as limit:
                    raise StoppedError(str(limit)) from None
                except BreachkitError as problem:
                    silent = isinstance(problem, IncompleteError)
                    return Said(answer="unknown", reason=str(problem), is_silence=silent)

    def own_control(self, place: Place, kind: Kind) -> Subject | None:
        """Give what the place's default branch shows; see `Asker.own_control`."""
        client = self._clients[Identity.ACCOUNT]
        try:
            found = _tip(client, place)
            if found is None or kind is Kind.TAG:
                return None
            commit, tree = found
            file = _file(client, place, tree, self._wanted)
        except BreachkitError:
            return None
        chosen = {
            Kind.COMMIT: Subject(kind=Kind.COMMIT, id=commit),
            Kind.TREE: Subject(kind=Kind.TREE, id=tree),
        }
        if file is not None:
            chosen[Kind.BLOB] = Subject(kind=Kind.BLOB, id=file.id)
            chosen[Kind.FILE] = replace(file, commit=commit)
        harmless = chosen.get(kind)
        if harmless is None or {harmless.id, commit} & self._wanted:
            return None
        return harmless

    def _rest(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
        client = self._clients[identity]
        if way is Way.MATCHING_REFS:
            return self._refs(client, place)
        path, query = _path(place, way, subject)
        reply = client.answer(path, str(way), query=query)
        if reply.status == 302 and way in _ARCHIVES:
            return self._archive(reply.headers.get("location", ""), client.api)
        return _judged(reply, way, subject)

    def _refs(self, client: Client, place: Place) -> Said:
        path = f"{_of(place, 'git', 'matching-refs')}/"
        pages = client.pages(path, str(Way.MATCHING_REFS))
        refs = {str(each["ref"]): (each.get("object") or {}).get("sha") for each in pages.items}
        held = tuple(
            RefName(ref.encode()) for ref, value in sorted(refs.items()) if value in self._wanted
        )
        if held:
            return replace(SERVED, refs=held)
        if pages.problem is not None:
            return Said(answer="unknown", reason=str(pages.problem), is_silence=True)
        if f"refs/heads/{place.default_branch}" not in refs:
            return Said(answer="unknown", reason=SOMETHING_ELSE)
        return ABSENT

    def _archive(self, address: str, api: str) -> Said:
        """Look whether an archive is where the platform says; that address holds what it takes."""
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.netloc != urlsplit(api).netloc:
            return Said(answer="unknown", reason=SOMETHING_ELSE)
        return _judged_page(look(address, sleep=self._sleep))

    def _page(self, place: Place, identity: Identity, way: Way, subject: Subject) -> Said:
        url, wanted = self._address(place, way, subject)
        token = self._token if identity is Identity.ACCOUNT and way is Way.RAW else None
        page = look(url, token=token, wanted=wanted, sleep=self._sleep)
        if wanted and page.status == 200 and not page.found:
            return Said(answer="unknown", reason=SOMETHING_ELSE)
        if wanted and wanted in page.location:
            return SERVED
        return _judged_page(page)

    def _address(self, place: Place, way: Way, subject: Subject) -> tuple[str, str]:
        """Give the address of a page, and what has to stand on it."""
        web = f"{self._web}/{quote(place.name)}"
        match way:
            case Way.RAW:
                name = f"{self._raw}/{quote(place.name)}"
                return f"{name}/{subject.commit}/{_quoted(subject)}", ""
            case Way.FILE_PAGE:
                return f"{web}/blob/{subject.commit}/{_quoted(subject)}", ""
            case Way.SHORT_PAGE:
                return f"{web}/commit/{subject.id[:SHORT_ID]}", subject.id
            case Way.PATCH:
                return f"{web}/commit/{subject.id}.patch", ""
            case _:
                return f"{web}/commit/{subject.id}", ""


_ARCHIVES = frozenset({Way.TARBALL, Way.ZIPBALL})


def _of(place: Place, *parts: str) -> str:
    owner, _, name = place.name.partition("/")
    return path_of("repos", owner, name, *parts)


def _quoted(subject: Subject) -> str:
    return quote(subject.path or b"", safe="/")


def _path(place: Place, way: Way, subject: Subject) -> tuple[str, Mapping[str, str]]:
    """Give the path of a question, and its query."""
    one = subject.id
    if way is Way.CONTENTS:
        return f"{_of(place, 'contents')}/{_quoted(subject)}", {"ref": subject.commit or ""}
    special = {
        Way.SHORT: ("commits", one[:SHORT_ID]),
        Way.TREE_OF: ("git", "trees", one),
        Way.COMPARE: ("compare", f"{place.default_branch}...{one}"),
        Way.BRANCHES: ("commits", one, "branches-where-head"),
        Way.PULLS: ("commits", one, "pulls"),
    }
    return _of(place, *special.get(way, (*way.value.split("/"), one))), {}


_NAMES_ITS_OBJECT = frozenset(
    {Way.GIT_COMMIT, Way.COMMIT, Way.SHORT, Way.BLOB, Way.TREE, Way.TAG, Way.CONTENTS}
)
"""Answers whose `sha` is the id of what was asked for."""


def _judged(reply: Reply, way: Way, subject: Subject) -> Said:
    said, status = message_of(reply.json), reply.status
    if status == 200:
        return _confirmed(reply.json, way, subject)
    if (status == 403 and _is_too_large(reply.json)) or said.startswith(_BOTH_THERE):
        return SERVED
    if status in {404, 410, 422} and not said:
        return Said(answer="unknown", reason=NOT_GITHUBS)
    if status in {404, 410} or (status == 422 and said.startswith("No commit found")):
        return ABSENT
    return Said(answer="unknown", reason=f"{way}: GitHub says {status}")


_BOTH_THERE = "No common ancestor"
"""What a comparison says of two commits that it has and cannot compare."""


def _confirmed(json: Any, way: Way, subject: Subject) -> Said:
    if way not in _NAMES_ITS_OBJECT:
        return SERVED if isinstance(json, Mapping | list) else _other()
    if not isinstance(json, Mapping) or "sha" not in json:
        return _other()
    if json["sha"] == subject.id:
        return SERVED
    return ABSENT if way is Way.SHORT else _other()


def _other() -> Said:
    return Said(answer="unknown", reason=SOMETHING_ELSE)


def _is_too_large(json: Any) -> bool:
    """Say whether a file is there that is only too large for this way."""
    errors = json.get("errors") if isinstance(json, Mapping) else None
    listed = errors if isinstance(errors, list) else []
    return any(isinstance(each, Mapping) and each.get("code") == "too_large" for each in listed)


def _judged_page(page: Page) -> Said:
    match page.status:
        case 200:
            return SERVED
        case 404 | 410:
            return ABSENT
        case 301 | 302 if "/login" in page.location:
            return ABSENT
        case 429:
            raise StoppedError(TOO_MANY_PAGES)
        case None:
            return Said(answer="unknown", reason="no answer came", is_silence=True)
        case status:
            reason = f"the page answers {status}"
            return Said(answer="unknown", reason=reason, is_silence=status >= 500)


def _tip(client: Client, place: Place) -> tuple[ObjectId, ObjectId] | None:
    """Give the commit and the tree that a repository's default branch ends in."""
    if not place.default_branch:
        return None
    path = _of(place, "branches", place.default_branch)
    commit = client.get(path, "the default branch").json["commit"]
    return ObjectId(commit["sha"]), ObjectId(commit["commit"]["tree"]["sha"])


def _file(
    client: Client, place: Place, tree: ObjectId, wanted: Collection[ObjectId]
) -> Subject | None:
    path = _of(place, "git", "trees", tree)
    listed = client.get(path, "the files of the default branch", query={"recursive": "1"}).json
    for each in listed.get("tree", ()):
        plain = each["path"].isascii() and each["type"] == "blob" and each.get("size")
        if plain and each["sha"] not in wanted:
            named = GitPath(each["path"].encode())
            return Subject(kind=Kind.FILE, id=ObjectId(each["sha"]), path=named)
    return None
