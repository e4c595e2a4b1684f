"""The stand-in for GitHub in tests: served, and held against GitHub's own description at the end."""

import atexit
import contextlib
import dataclasses
import functools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import github
import github.Auth
import githubkit

from breachkit.drill.hub import gitstore
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import Account
from breachkit.drill.hub.world import HubWorld
from tests.support import worlds
from tests.support.githubkit_check import violations
from tests.support.worlds import Small


START = datetime(2024, 5, 1, 9, 30, tzinfo=UTC)


class SteppingClock:
    """A clock that goes on by a second whenever it is looked at."""

    def __init__(self, start: datetime = START) -> None:
        self._next = start

    def now(self) -> datetime:
        """Give the moment, a second after the one before."""
        self._next += timedelta(seconds=1)
        return self._next


@functools.cache
def _template() -> Small:
    """Build the small hub once; copies of it take a tenth of the time."""
    folder = Path(tempfile.mkdtemp(prefix="hub-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return worlds.small(folder, SteppingClock())


def small_hub(folder: Path) -> Small:
    """Give a small hub of one's own in an empty folder."""
    template = _template()
    built = template.world.hub
    clock = SteppingClock(START + timedelta(days=1))
    world = HubWorld(folder, clock)
    shutil.copytree(built.folder, folder, dirs_exist_ok=True)
    world.hub = built.copy()
    world.hub.folder, world.hub.clock = folder, clock
    for one in world.hub.repositories.values():
        one.git_dir = folder / one.git_dir.relative_to(built.folder)
        gitstore.borrow(folder, one.network, one.git_dir)
    accounts, repositories = world.hub.accounts, world.hub.repositories
    return dataclasses.replace(
        template,
        world=world,
        organisation=accounts[template.organisation.id],
        study=repositories[template.study.id],
        fork=repositories[template.fork.id],
        grandfork=repositories[template.grandfork.id],
        people={login: accounts[one.id] for login, one in template.people.items()},
        orphan=repositories[template.study.id].pulls[template.orphan.number],
    )


@contextlib.contextmanager
def served(world: HubWorld) -> Iterator[HubServer]:
    """Serve a world, and fail where an exchange was not as GitHub describes it."""
    with world.serve() as server:
        yield server
    wrong = violations(server.log)
    assert not wrong, "\n".join(wrong[:20])


@dataclass(slots=True)
class Served:
    """The small hub while it is served."""

    small: Small
    server: HubServer
    folder: Path
    _clients: list[github.Github] = field(default_factory=list)
    _kits: list[Any] = field(default_factory=list)

    def login(self, login: str) -> Account:
        """Give a person of the hub."""
        return self.small.people[login]

    def token(self, login: str) -> str:
        """Give a new classic token of a person."""
        return self.small.world.token(self.login(login))

    def pygithub(self, token: str | None = None) -> github.Github:
        """Give a client of PyGithub, without its pauses."""
        auth = None if token == "" else github.Auth.Token(token or self.small.token)
        client = github.Github(
            base_url=self.server.api,
            auth=auth,
            seconds_between_requests=0,
            seconds_between_writes=0,
            retry=None,
            per_page=100,
        )
        self._clients.append(client)
        return client

    def githubkit(
        self, token: str | None = None
    ) -> "githubkit.GitHub[githubkit.TokenAuthStrategy]":
        """Give a client of githubkit, which validates what it sends."""
        kit = githubkit.GitHub(
            token or self.small.token, base_url=self.server.api, auto_retry=False, http_cache=False
        )
        self._kits.append(kit)  # or what it gave forgets it
        return kit

    def url(self, token: str = "", name: str = "example-org/study") -> str:
        """Give the URL of a repository, with a token in it as git takes one."""
        plain = self.server.git_url(name)
        return plain.replace("://", f"://x:{token}@") if token else plain

    def git(self, *args: str, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
        """Run git as anybody would, in a folder or none in particular."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **{f"GIT_{who}_NAME": "Somebody" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "somebody@example.org" for who in ("AUTHOR", "COMMITTER")},
        }
        return subprocess.run(
            ["git", *args],
            cwd=cwd or self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def close(self) -> None:
        """Close every client."""
        for client in self._clients:
            client.close()
