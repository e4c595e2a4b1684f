"""A person who answers an incident at a terminal, with the stand-in behind the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from breachkit.cli import hosting
from breachkit.github.client import Client
from breachkit.github.hosting import GitHubHosting
from breachkit.incident.folder import CaseFolder
from breachkit.incident.store import CaseStore
from breachkit.model.sensitive import Sensitive
from breachkit.model.time import SystemClock
from tests.support.command_line import CommandLine, Ran
from tests.support.hubs import Served


NAME = "example-org/study"
CONFIRMED = ("--execute", "--confirm", NAME)


class Naps:
    """Waits that take no time, and are remembered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


class Responder:
    """Somebody with a case on the hub's study, and a token in the environment."""

    def __init__(
        self, hub: Served, breachkit: CommandLine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.hub = hub
        self.run = breachkit
        self.naps = Naps()
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(hosting, "sleep", self.naps)
        monkeypatch.setenv("BREACHKIT_GITHUB_API", hub.server.api)
        for name in hosting.TOKENS:
            monkeypatch.delenv(name, raising=False)
        self.use(hub.small.token)
        breachkit.expect(0, "open", hub.server.git_url(NAME))

    def use(self, token: str) -> None:
        """Put a token into the environment."""
        self.monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", token)

    @property
    def case(self) -> CaseFolder:
        """The case, as another process would see it."""
        store = CaseStore(self.run.home, SystemClock())
        return store.find(store.list()[0].id)

    def restrict(self, code: int = 0, *more: str) -> Ran:
        """Close the repository."""
        return self.run.expect(code, "restrict", *CONFIRMED, *more)

    def restore(self, code: int = 0, *more: str) -> Ran:
        """Give access back, as after a false alarm."""
        if self.case.incident.is_open:
            self.case.record("case.stood_down", {"reason": "none", "decider": "Jo"})
        named = ("--case", self.case.incident.id)
        return self.run.expect(code, "restore", *CONFIRMED, *named, *more)

    def writes(self) -> list[tuple[str, str]]:
        """Give every change that was sent so far, and that the hub carried out."""
        return [
            (each.method, each.path) for each in self.hub.server.writes if 200 <= each.status < 300
        ]

    def kinds(self) -> list[str]:
        """Give the kinds of the journal's entries."""
        return [event.kind for event in self.case.events()]


@contextmanager
def a_client(hub: Served, token: str | None = None, **more: Any) -> Iterator[Client]:
    """Give a client of the adapter whose waits take no time."""
    given = hub.small.token if token is None else token
    secret = Sensitive(given) if given else None
    naps = more.pop("sleep", Naps())
    with Client(hub.server.api, secret, hub.small.world.hub.clock, sleep=naps) as client:
        yield client


@contextmanager
def a_platform(hub: Served, token: str | None = None, **more: Any) -> Iterator[GitHubHosting]:
    """Give the port on the hub, whose waits take no time."""
    naps = more.get("sleep") or Naps()
    with a_client(hub, token, sleep=naps) as client:
        yield GitHubHosting(client, sleep=naps)


def files(folder: Path) -> Iterator[Path]:
    """Give every file under a folder."""
    return (path for path in folder.rglob("*") if path.is_file())
