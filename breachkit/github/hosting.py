"""GitHub as the port that the actions know: `actions.hosting.Hosting`."""

import time
from collections.abc import Mapping
from typing import Any

from breachkit.actions.hosting import (
    Account,
    HostedRepository,
    ReadBack,
    Reading,
    Topic,
    Write,
)
from breachkit.github import reading
from breachkit.github.anyone import AskGit, seen_by_anyone
from breachkit.github.client import Client, Sleep
from breachkit.github.errors import (
    HiddenError,
    PlatformRefusedError,
    UnreachableError,
    understood,
)
from breachkit.github.paths import path_of
from breachkit.github.writing import WRITES
from breachkit.model.errors import BreachkitError
from breachkit.model.ids import display


SENDS = 3
"""How often a change is sent that GitHub gave no answer to and does not show."""
PAUSE_S = 2.0


class GitHubHosting:
    """GitHub for one account.

    Args:
        client: Its REST API.
        ask_git: How to ask whether a stranger's git can read a URL.
        sleep: Waits for a number of seconds.
    """

    def __init__(
        self, client: Client, *, ask_git: AskGit | None = None, sleep: Sleep = time.sleep
    ) -> None:
        self.client = client
        self._ask_git = ask_git
        self._sleep = sleep

    def account(self) -> Account:
        """Give who acts; see `Hosting.account`."""
        reply = self.client.get("/user", "the account of the token")
        scopes = reply.headers.get("x-oauth-scopes")
        with understood("the account of the token"):
            return Account(
                login=reply.json["login"],
                id=reply.json["id"],
                scopes=None if scopes is None else tuple(filter(None, scopes.split(", "))),
            )

    def repository(self, name: str | int) -> HostedRepository:
        """Find a repository by its name or id; see `Hosting.repository`."""
        parts = ("repositories", name) if isinstance(name, int) else ("repos", *name.split("/"))
        shown = self.client.get(path_of(*parts), display(str(name))).json
        with understood(display(str(name))):
            return hosted(shown)

    def read(self, topic: Topic, repository: HostedRepository) -> Reading:
        """Read everything about one topic; what went wrong is in the answer."""
        return reading.read(self.client, topic, repository)

    def send(self, write: Write, repository: HostedRepository) -> None:
        """Send one change; see `Hosting.send`.

        Where GitHub gave no answer it is looked whether the change happened, before it is sent again.
        """
        for left in reversed(range(SENDS)):
            try:
                WRITES[write.kind][0](self.client, repository, write.detail)
            except (HiddenError, PlatformRefusedError):
                if not self._shows(write, repository):  # else it is so already
                    raise
                return
            except UnreachableError:
                if not left:
                    raise
            else:
                return
            self._sleep(PAUSE_S)
            if self._shows(write, repository):
                return

    def read_back(self, write: Write, repository: HostedRepository) -> ReadBack:
        """Say whether GitHub shows a change; see `Hosting.read_back`."""
        with understood("what was changed"):
            return WRITES[write.kind][1](self.client, repository, write.detail)

    def seen_by_anyone(self, repository: HostedRepository) -> Mapping[str, bool | None]:
        """Say by which ways a stranger can see the repository."""
        return seen_by_anyone(self.client, repository, self._ask_git)

    def _shows(self, write: Write, repository: HostedRepository) -> bool:
        try:
            return self.read_back(write, repository) in {ReadBack.DONE, ReadBack.INVITED}
        except BreachkitError:
            return False


def hosted(json: Mapping[str, Any]) -> HostedRepository:
    """Give a repository as GitHub's own address of it shows it."""
    return HostedRepository(
        id=json["id"],
        full_name=json["full_name"],
        owner=json["owner"]["login"],
        is_organisation=json["owner"].get("type") == "Organization",
        visibility=json.get("visibility") or ("private" if json["private"] else "public"),
        is_admin=bool((json.get("permissions") or {}).get("admin")),
        default_branch=json.get("default_branch") or "",
        forks=json.get("forks_count", 0),
        is_fork=bool(json.get("fork")),
        archived=bool(json.get("archived")),
        clone_url=json.get("clone_url", ""),
        html_url=json.get("html_url", ""),
    )
