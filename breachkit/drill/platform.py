"""The platform of the practice world: a stand-in for GitHub that hosts the study, and archives.

Everything that makes closing a repository hard is there: a fork, people from outside, an invitation
that waits, keys, a webhook, protections, a published site. Servers listen on 127.0.0.1 alone.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from breachkit.drill import study
from breachkit.drill.archives import HERITAGE, WAYBACK, ZENODO, ArchiveServer
from breachkit.drill.hub import furnish, operations
from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.state import Account, Hub, Repository
from breachkit.drill.hub.world import HubWorld
from breachkit.model.sensitive import Sensitive
from breachkit.model.time import Clock


OWNER = "asthma"
"""The organisation that the study belongs to."""


Visibility = Literal["public", "private"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The study on its platform while that is furnished, and who is there already."""

    world: HubWorld
    study: Repository
    ada: Account
    """The engineer, who owns the organisation."""
    ben: Account
    """A member of it."""


Furnish = Callable[[Site], None]
"""Puts on the platform what hangs on the study: forks, people, keys, protections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """The stand-in while it is served, and what the drill knows about it."""

    hub: Hub
    server: HubServer
    archives: ArchiveServer
    study: Repository
    forks: tuple[Repository, ...]
    """Of strangers, made while the study was public, oldest first: they hold the data too."""
    token: Sensitive[str]
    """Of the engineer, who owns the organisation."""
    before: str = field(repr=False)
    """`settings` of the study before anybody acted."""

    @property
    def fork(self) -> Repository:
        """The oldest fork.

        Raises:
            LookupError: the study has none.
        """
        return self.forks[0]

    @property
    def url(self) -> str:
        """Where git finds the study."""
        return self.server.git_url(self.study.full_name)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a user in the practice world has set."""
        archives = {
            "BREACHKIT_SOFTWARE_HERITAGE": HERITAGE,
            "BREACHKIT_WAYBACK": WAYBACK,
            "BREACHKIT_ZENODO": ZENODO,
        }
        return {
            "BREACHKIT_GITHUB_API": self.server.api,
            "BREACHKIT_GITHUB_TOKEN": self.token.reveal(),
            **{name: self.archives.base(archive) for name, archive in archives.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosted:
    """What a platform hosts, whether it is served or not."""

    hub: Hub
    study: Repository
    forks: tuple[Repository, ...]
    token: Sensitive[str]
    """Of the engineer, who owns the organisation."""
    before: str = field(repr=False)
    """`settings` of the study before anybody acted."""


@contextlib.contextmanager
def host(hosted: Hosted) -> Iterator[Platform]:
    """Serve what a platform hosts, and archives beside it, until this ends."""
    with operations.serve(hosted.hub) as server, ArchiveServer() as archives:
        yield Platform(
            hub=hosted.hub,
            server=server,
            archives=archives,
            study=hosted.study,
            forks=hosted.forks,
            token=hosted.token,
            before=hosted.before,
        )


def put_on_platform(
    source: Path,
    name: str,
    folder: Path,
    clock: Clock,
    *,
    furnish: Furnish | None = None,
    visibility: Visibility = "public",
) -> Hosted:
    """Put a repository on a platform of its own that nobody serves yet.

    Args:
        source: A bare repository with the study, pull requests' refs too.
        name: Of the repository, without its owner.
        folder: Existing and empty, for what the platform stores; an absolute path.
        clock: The time that the platform goes by.
        furnish: Puts there what hangs on the study; `furnish_study` unless given.
        visibility: Who can see the study.
    """
    world = HubWorld(folder, clock)
    ada = world.person("ada", name=study.ADA.name, email=study.ADA.email)
    ben = world.person("ben", name=study.BEN.name, email=study.BEN.email)
    owner = world.organisation(OWNER, plan="team", admins=[ada], members=[ben])
    hosted = world.repository(owner, name, source=source, visibility=visibility)
    world.adopt_pulls(hosted, ada)
    (furnish or furnish_study)(Site(world=world, study=hosted, ada=ada, ben=ben))
    token = Sensitive(world.token(ada))
    return Hosted(
        hub=world.hub,
        study=hosted,
        forks=_forks(world.hub, hosted),
        token=token,
        before=settings(hosted),
    )


def settings(hosted: Repository) -> str:
    """Write down what has to be as before in the end, whatever numbers the platform gives it."""
    kept = {
        "visibility": hosted.visibility,
        "protections": {name: _on(rule) for name, rule in hosted.protections.items()},
        "rulesets": [_undated(one) for one in hosted.rulesets.values()],
        "people": _people(hosted),
        "keys": [(key["title"], key["key"], key["read_only"]) for key in hosted.keys.values()],
        "hooks": hosted.hooks,
        "pages": hosted.pages,
    }
    return json.dumps(kept, sort_keys=True, default=str)


def _people(hosted: Repository) -> Mapping[int, str]:
    """Give everybody's role; who was shut out has to accept an invitation before it is theirs again."""
    waiting = {one.invitee: one.role for one in hosted.invitations.values() if one.invitee}
    return {**waiting, **hosted.collaborators}


def _on(rule: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give what a protection asks for: what it does not name is off, as what it switches off."""
    return {name: value for name, value in rule.items() if value is not None and value is not False}


def _undated(ruleset: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in ruleset.items() if name != "updated_at"}


def _forks(hub: Hub, hosted: Repository) -> tuple[Repository, ...]:
    others = (each for each in hub.repositories.values() if each.network == hosted.network)
    return tuple(sorted((each for each in others if each is not hosted), key=lambda one: one.id))


def furnish_study(site: Site) -> None:
    """Let the study have one of everything that makes closing it hard."""
    world, hosted, hub = site.world, site.study, site.world.hub
    world.fork(hosted, world.person("morgan", email="morgan@example.org"))
    chen = world.person("chen", name=study.CHEN.name, email=study.CHEN.email)
    hosted.collaborators[chen.id] = "write"
    furnish.invite(hub, hosted, site.ada, world.person("robin"), "write")
    furnish.key(hub, hosted, "publisher", read_only=False)
    furnish.hook(hub, hosted, "https://hooks.example.org/push", deliveries=2)
    furnish.protect(hosted, "main", **furnish.EVERY_PROTECTION)
    furnish.ruleset(hub, hosted, "keep tags", target="tag", include=["refs/tags/v*"])
    furnish.pages(hosted)
    furnish.star(hub, hosted, [site.ben], watch=True)
    furnish.traffic(hub, hosted, clones=30, cloners=6, views=80)
