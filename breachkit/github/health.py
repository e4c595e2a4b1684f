"""What one token is worth, found out by reading alone: `GET` requests, and nothing that changes anything."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from breachkit.actions.hosting import Answered, HostedRepository, Topic
from breachkit.actions.platform_health import Seen
from breachkit.github.anyone import web_of
from breachkit.github.client import Client, told_time
from breachkit.github.errors import message_of, shortened
from breachkit.github.hosting import GitHubHosting
from breachkit.github.paths import repository_path
from breachkit.model.errors import BreachkitError
from breachkit.model.sensitive import Sensitive


AskPush = Callable[[str, Sensitive[str]], bool | None]


def look(client: Client, *, has_token: bool) -> Seen:
    """Ask the platform who a token is, which also tells its clock, limits and the token's end.

    Args:
        client: For the token, or for a stranger.
        has_token: Which of these; a stranger is told the clock and the limits alone.

    Raises:
        IncompleteError: no usable answer came.
    """
    reply = client.answer("/user" if has_token else "/rate_limit", "the account of the token")
    scopes = reply.headers.get("x-oauth-scopes")
    return Seen(
        status=reply.status,
        login=_login(reply.json),
        scopes=None if scopes is None else tuple(filter(None, scopes.split(", "))),
        expires=_moment(reply.headers.get("github-authentication-token-expiration", "")),
        platform_time=told_time(reply.headers),
        requests_left=_number(reply.headers.get("x-ratelimit-remaining", "")),
        problem="" if reply.status < 300 else shortened(message_of(reply.json)),
    )


class GitHubHealth:
    """GitHub as the port that `doctor` asks: `actions.platform_health.Platform`.

    Args:
        client: Its REST API.
        token: Of whoever asks; None for a stranger.
        may_push: Asks git whether a URL takes a push with a token.
    """

    def __init__(self, client: Client, token: Sensitive[str] | None, may_push: AskPush) -> None:
        self._client = client
        self._token = token
        self._may_push = may_push

    def look(self) -> Seen:
        """Say who the token is; see `look`."""
        return look(self._client, has_token=self._token is not None)

    def repository(self, name: str) -> HostedRepository:
        """Find a repository by its name; errors as `Hosting.repository`."""
        return GitHubHosting(self._client).repository(name)

    def topics(
        self, repository: HostedRepository, wanted: tuple[Topic, ...]
    ) -> Mapping[Topic, Answered]:
        """Say for each topic whether it can be read: one request each, for one item."""
        return {topic: self._topic(repository, topic) for topic in wanted}

    def size(self, repository: HostedRepository) -> int | None:
        """Give about how many bytes a clone takes, as GitHub reckons; None where it does not say."""
        shown = self._client.get(repository_path(repository), "the size of the repository").json
        size = shown.get("size") if isinstance(shown, Mapping) else None
        return size * 1024 if isinstance(size, int) else None

    def may_push(self, repository: HostedRepository) -> bool | None:
        """Say whether git would take a push of this token; None where that cannot be told."""
        if self._token is None:
            return None
        url = f"{web_of(self._client.api)}/{repository.full_name}.git"
        return self._may_push(url, self._token)

    def _topic(self, repository: HostedRepository, topic: Topic) -> Answered:
        if topic is Topic.TEAMS and not repository.is_organisation:
            return Answered.ABSENT
        path = repository_path(repository, *_WHERE[topic])
        try:
            status = self._client.answer(path, topic.value, query={"per_page": 1}).status
        except BreachkitError:
            return Answered.FAILED
        if status < 300:
            return Answered.COMPLETE
        return Answered.REFUSED if status in {401, 403, 404} else Answered.FAILED


_WHERE = {
    Topic.COLLABORATORS: ("collaborators",),
    Topic.INVITATIONS: ("invitations",),
    Topic.KEYS: ("keys",),
    Topic.HOOKS: ("hooks",),
    Topic.ACTIONS: ("actions", "permissions"),
    Topic.RULESETS: ("rulesets",),
    Topic.RUNS: ("actions", "runs"),
    Topic.TEAMS: ("teams",),
}
"""Paths of lists that are there in every repository: a 404 says that they may not be seen."""


def _login(json: object) -> str:
    return str(json.get("login") or "") if isinstance(json, Mapping) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() else None


def _moment(text: str) -> datetime | None:
    """Read `2026-12-01 08:00:00 UTC`, as GitHub writes the end of a token, or any common form."""
    for read in (_as_github_writes, parsedate_to_datetime):
        try:
            moment = read(text)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _as_github_writes(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" +0", "+0"))
