"""A practice that a person works in by hand: built once, kept in a folder, gone on with on any day.

Everything that has to be known later is written down when the world is built, so that what serves
and scores a practice need not know which story it is. No port changes between two sittings: a case
knows its study by an address.
"""

import contextlib
import json
import random
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from os import devnull
from pathlib import Path
from typing import Any

from breachkit.drill import study
from breachkit.drill.archives import HERITAGE, WAYBACK, ZENODO
from breachkit.drill.folder import PRACTICE, emptied
from breachkit.drill.hub.saving import read_hub, write_hub
from breachkit.drill.hub.server import API
from breachkit.drill.hub.state import Hub
from breachkit.drill.inbox import Inbox, is_free
from breachkit.drill.plaingit import Repository
from breachkit.drill.planted import telltales
from breachkit.drill.setting import Setting
from breachkit.drill.world import STUDY_NAME, World, build_world, move_to_platform
from breachkit.incident.disk import write_atomic
from breachkit.incident.lock import operation
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import display
from breachkit.model.time import Clock, rfc3339


SCHEMA = "breachkit.drill-facts/1"
FACTS = "practice.json"
STATE = "platform.json"
ENVIRONMENT = "environment.sh"
"""Sets what the commands need, in any shell that reads it."""
DRILL = "BREACHKIT_DRILL"
"""Names the folder of the practice one is in."""


class NoPracticeError(ConfigurationError):
    """There is no practice in a folder, or it was never built to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a practice from the moment it was built."""

    scenario: str
    made: str
    """RFC 3339."""
    name: str
    """What has to be typed after `--confirm`."""
    study: int
    """Its number on the platform; 0 where the server is a folder."""
    forks: tuple[int, ...]
    settings: str = field(repr=False)
    """Of the study, before anybody acted."""
    refs: Mapping[str, str] = field(repr=False)
    planted: tuple[str, ...] = field(repr=False)
    """Ids of the files that must go."""
    telltales: tuple[str, ...] = field(repr=False)
    """What would betray them."""
    alerted: tuple[str, ...]
    """Addresses of the contacts who must hear first."""
    holders: tuple[str, ...]
    """Addresses of everybody who worked on the study since the exposure."""
    token: str = field(repr=False)
    ports: Mapping[str, int]
    """Of the platform, the mail server and the archives."""

    @property
    def is_hosted(self) -> bool:
        """Whether there is a platform."""
        return self.study > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """A practice on disk."""

    folder: Path
    """The folder that was named to the drill."""
    facts: Facts

    @property
    def world(self) -> Path:
        """Where the world is; the person knows it as `$DRILL`."""
        return self.folder / PRACTICE

    @property
    def home(self) -> Path:
        """What `$BREACHKIT_HOME` is."""
        return self.world / "home"

    @property
    def hub_folder(self) -> Path:
        """Where the platform stores its repositories."""
        return self.world / "platform"

    @property
    def before(self) -> Repository:
        """The server as it was before anybody acted."""
        return Repository(self.world / "before" / f"{STUDY_NAME}.git")

    @property
    def target(self) -> str:
        """What commands are told to work on."""
        if self.facts.is_hosted:
            return f"{self._base}/{self.facts.name}.git"
        return str(self.world / "server" / f"{STUDY_NAME}.git")

    @property
    def inbox(self) -> Inbox:
        """Where mails are sent to, whether it is served or not."""
        return Inbox.at(self.world, self.facts.ports["mail"])

    @property
    def environment(self) -> Mapping[str, str]:
        """What whoever practises has set."""
        return {
            "BREACHKIT_HOME": str(self.home),
            "BREACHKIT_CONFIG": devnull,  # defaults are for real work
            DRILL: str(self.folder),
            "DRILL": str(self.world),
            "STUDY": self.target,
            **self._platform,
            **self.inbox.environment,
        }

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self.facts.ports['platform']}"

    @property
    def _platform(self) -> Mapping[str, str]:
        if not self.facts.is_hosted:
            return {}
        place = f"127.0.0.1:{self.facts.ports['archives']}"
        archives = f"http://{place}"
        return {
            "ARCHIVES": place,
            "BREACHKIT_GITHUB_API": self._base + API,
            "BREACHKIT_GITHUB_TOKEN": self.facts.token,
            "BREACHKIT_SOFTWARE_HERITAGE": f"{archives}/{HERITAGE}",
            "BREACHKIT_WAYBACK": f"{archives}/{WAYBACK}",
            "BREACHKIT_ZENODO": f"{archives}/{ZENODO}",
        }

    def hub(self, clock: Clock) -> Hub | None:
        """Read what the platform was when it last changed; None where there is no platform."""
        if not self.facts.is_hosted:
            return None
        return read_hub((self.world / STATE).read_bytes(), self.hub_folder, clock)

    @contextlib.contextmanager
    def held(self, what: str, clock: Clock) -> Iterator[None]:
        """Be the only process that serves or rebuilds it.

        Raises:
            CaseBusyError: another one does; the message says which.
        """
        with operation(self.folder, f"the practice in {display(str(self.folder))}", what, clock):
            yield


def build_practice(folder: Path, scenario: str, setting: Setting, clock: Clock) -> Practice:
    """Build the world of a practice in a folder that the drill may use.

    Args:
        folder: An absolute path; what an earlier practice left in it is gone afterwards.
        scenario: The name of the story.
        setting: Its world.
        clock: Dates the contacts, and the platform.
    """
    place = emptied(folder / PRACTICE)
    world = build_world(place, clock, setting)
    hosted = _Unhosted() if setting.furnish is None else _put_on_platform(world, clock)
    facts = Facts(
        scenario=scenario,
        made=rfc3339(clock.now()),
        **asdict(hosted),
        refs=world.refs,
        planted=tuple(sorted(world.planted.blobs)),
        telltales=tuple(sorted(telltales(world.planted))),
        alerted=_alerted(world),
        holders=_holders(world),
    )
    practice = Practice(folder=folder, facts=facts)
    nothing_real = {"BREACHKIT_CASE": "", "BREACHKIT_PLAYBOOKS": ""}
    _write(practice.world / ENVIRONMENT, exports({**nothing_real, **practice.environment}))
    if facts.is_hosted:
        _connect_clones(world, practice)
    _write(place / FACTS, json.dumps({"schema": SCHEMA, **asdict(facts)}))  # says that all is there
    return practice


def open_practice(folder: Path) -> Practice:
    """Give the practice in a folder.

    Raises:
        NoPracticeError: there is none, or it cannot be read.
    """
    where = display(str(folder))
    try:
        read = json.loads((folder / PRACTICE / FACTS).read_bytes())
        if read.pop("schema") == SCHEMA:
            return Practice(folder=folder, facts=_facts(read))
    except (FileNotFoundError, NotADirectoryError):
        raise NoPracticeError(
            f"there is no practice in {where}: `breachkit drill enter {shlex.quote(str(folder))}` "
            "begins one"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise NoPracticeError(
        f"the practice in {where} cannot be read: "
        f"`breachkit drill reset {shlex.quote(str(folder))}` builds it anew"
    )


def exports(environment: Mapping[str, str]) -> str:
    """Write variables as lines that a shell reads."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unhosted:
    """What is known of where a study is hosted."""

    name: str = STUDY_NAME
    study: int = 0
    forks: tuple[int, ...] = ()
    settings: str = ""
    token: str = ""
    ports: Mapping[str, int] = field(default_factory=lambda: _ports("mail"))


def _ports(*names: str) -> Mapping[str, int]:
    """Give a free port for each, of those that no system hands out by itself meanwhile."""
    drawn = iter(random.SystemRandom().sample(_PORTS, k=len(_PORTS)))
    return {name: next(filter(is_free, drawn)) for name in names}


_PORTS = range(20_000, 32_000)
"""Below what Linux (32768) and others (49152) take for outgoing connections."""


def _put_on_platform(world: World, clock: Clock) -> _Unhosted:
    hosted = move_to_platform(world, clock)
    write_atomic(world.folder / STATE, write_hub(hosted.hub))
    return _Unhosted(
        name=hosted.study.full_name,
        study=hosted.study.id,
        forks=tuple(each.id for each in hosted.forks),
        settings=hosted.before,
        token=hosted.token.reveal(),
        ports=_ports("platform", "mail", "archives"),
    )


def _connect_clones(world: World, practice: Practice) -> None:
    """Let git in the clones find the platform, and show it the practice's token."""
    helper = '!f() { echo username=ada; echo "password=$BREACHKIT_GITHUB_TOKEN"; }; f'
    people = ((world.yours, study.ADA), (world.colleague, study.CHEN))
    for folder, person in people:
        clone = Repository(folder / ".git")
        clone.git("remote", "set-url", "origin", practice.target)
        clone.git("config", "credential.helper", helper)
        clone.git("config", "user.name", person.name)
        clone.git("config", "user.email", person.email)


def _alerted(world: World) -> tuple[str, ...]:
    profile = tomllib.loads(world.contacts.read_text("utf-8"))
    roles = set(profile["alert_roles"])
    return tuple(one["email"] for one in profile["contact"] if roles & set(one["roles"]))


def _holders(world: World) -> tuple[str, ...]:
    """Give who wrote, or is named as a co-author, since planted files came in."""
    trailers = "%(trailers:key=Co-authored-by,valueonly,separator=%x0A)"
    came = (_dates_of(world.before, blob) for blob in world.planted.blobs)
    since = min(date for dates in came for date in dates)
    listed = world.before.lines("log", "--all", f"--since={since}", f"--format=<%ae>%n{trailers}")
    found = {line[line.rfind("<") + 1 :].rstrip(">") for line in listed if "<" in line}
    return tuple(sorted(each for each in found if _is_person(each)))


def _dates_of(repository: Repository, blob: str) -> tuple[int, ...]:
    """Give when a file came or went, in seconds since 1970."""
    return tuple(
        map(int, repository.lines("log", "--all", "-m", "--format=%ct", f"--find-object={blob}"))
    )


def _is_person(address: str) -> bool:
    return "[bot]" not in address and not address.startswith("noreply@")


def _facts(read: Mapping[str, Any]) -> Facts:
    held: dict[str, Any] = {one.name: read[one.name] for one in fields(Facts)}
    lists = {name: tuple(value) for name, value in held.items() if isinstance(value, list)}
    return Facts(**{**held, **lists})


def _write(file: Path, text: str) -> None:
    write_atomic(file, text.encode())
