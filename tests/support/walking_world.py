"""A world for walks through a response: a small study on a platform, a mail server, contacts, and others."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from breachkit.drill.hub import furnish
from breachkit.drill.inbox import Inbox, serve_inbox
from breachkit.drill.platform import Platform, Site, host, put_on_platform
from breachkit.drill.support import act_on_study
from breachkit.model.time import SystemClock
from tests.support.command_line import OUTPUT, SAFE_COUNTS, SMALL_COUNTS
from tests.support.gitrepo import History, git


CONTACTS = Path(__file__).parent / "contacts.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallWorld:
    """A study with one bad table in its history and in a pull request."""

    folder: Path
    platform: Platform
    inbox: Inbox

    @property
    def target(self) -> str:
        return self.platform.url

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def env(self) -> dict[str, str]:
        """What its user has set."""
        own = {"BREACHKIT_HOME": str(self.home), "HOME": str(self.folder)}
        return {**self.platform.environment, **self.inbox.environment, **own}

    @property
    def requests(self) -> list[str]:
        """Every request that the platform was sent, such as `GET /user`."""
        return [f"{each.method} {each.path}" for each in self.platform.server.log]

    @property
    def writes(self) -> list[str]:
        """Those of them that may change something."""
        return [each for each in self.requests if not each.startswith(("GET ", "HEAD "))]

    def outside(self) -> Mapping[str, Callable[[], None]]:
        """Give what others do, by the title of the step before which they do it."""
        return {"Find who and what else has a copy": self.support_acts}

    def support_acts(self) -> None:
        """Let the platform's support do what the message to it asks for."""
        [request] = self.home.glob("BK-*/notifications/*github-support/message.txt")
        [ids] = self.home.glob("BK-*/private/support-ids.txt")
        text = request.read_text("utf-8")
        done = act_on_study(self.platform.hub, self.platform.study, text, ids.read_text("utf-8"))
        assert done.refused is None, done.refused


@contextlib.contextmanager
def small_world(folder: Path) -> Iterator[SmallWorld]:
    """Build the world in an existing folder and serve it until this ends."""
    source = _study().build(folder / "server" / "study.git")
    for key, value in (
        ("uploadpack.allowAnySHA1InWant", "true"),
        ("receive.hideRefs", "refs/pull"),
    ):
        git(source, "config", key, value)
    store = folder / "platform"
    store.mkdir()
    hosted = put_on_platform(source, "study", store, SystemClock(), furnish=_furnish)
    with host(hosted) as platform, serve_inbox(folder) as inbox:
        yield SmallWorld(folder=folder, platform=platform, inbox=inbox)


def _study() -> History:
    history = History()
    first = history.commit({b"README.md": b"# A study\n", b"out/safe.csv": SAFE_COUNTS})
    history.commit({OUTPUT: SMALL_COUNTS}, message="Add results")
    history.commit({OUTPUT: None}, message="Remove results with small numbers")
    history.commit({OUTPUT: SMALL_COUNTS}, ref=b"refs/pull/7/head", parents=[first])
    return history


def _furnish(site: Site) -> None:
    chen = site.world.person("chen", name="Chen Li", email="chen@example.org")
    site.study.collaborators[chen.id] = "write"
    furnish.protect(site.study, "main", **furnish.EVERY_PROTECTION)
