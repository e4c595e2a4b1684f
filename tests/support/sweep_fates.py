"""An account on the local hub that is swept night after night, by the command itself."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from breachkit.cli import hosting
from breachkit.drill.hub import gitstore
from breachkit.drill.hub.state import Repository
from breachkit.drill.hub.world import HubWorld
from tests.support.command_line import SAFE_COUNTS, SMALL_COUNTS, CommandLine, Ran
from tests.support.containing import Naps
from tests.support.hubs import START, SteppingClock, served


ORG = "example-org"
TABLE = "released_outputs/t.csv"


class Nights:
    """An organisation whose public repositories are swept."""

    def __init__(self, world: HubWorld, server: Any, breachkit: CommandLine) -> None:
        self.world, self.server, self.run = world, server, breachkit
        self.owner = world.person("ada")
        self.organisation = world.organisation(ORG, admins=[self.owner])
        self.naps = Naps()

    def study(self, name: str, content: bytes = SMALL_COUNTS, **more: Any) -> Repository:
        """Add a repository with a table, in which there is something to find unless it is safe."""
        files = {TABLE: content + name.encode() + b",990\n"}
        return self.world.repository(self.organisation, name, files=files, **more)

    def safe(self, name: str, **more: Any) -> Repository:
        return self.study(name, SAFE_COUNTS, **more)

    def commit(self, one: Repository, files: dict[str, bytes]) -> None:
        self.world.commit(one, files)

    def refs(self, one: Repository, refs: dict[str, str]) -> None:
        """Let a repository have these refs and no others."""
        (one.git_dir / "packed-refs").unlink(missing_ok=True)
        gitstore.write_refs(one.git_dir, refs)

    def __call__(self, *args: str | Path, target: str | Path = ORG, workers: int = 2) -> "Night":
        clock: Any = self.world.hub.clock
        clock._next += timedelta(days=1)
        self.server.log.clear()
        place = self.run.home.parent / "sweep.json"
        more = ("--workers", str(workers), "--report", f"json={place}", *args)
        place.unlink(missing_ok=True)
        ran = self.run("sweep", target, "--github-api", self.server.api, *more)
        return Night(ran, json.loads(place.read_text()) if place.exists() else {})

    @property
    def git_requests(self) -> list[tuple[str, str]]:
        """What git asked of the hub since the last sweep began: repository and request."""
        found = [each for each in self.server.log if not each.template and ".git/" in each.path]
        return [tuple(each.path.lstrip("/").split(".git/", 1)) for each in found]


class Night:
    """What one sweep said, to people and to programs."""

    def __init__(self, ran: Ran, told: dict[str, Any]) -> None:
        self.code, self.text, self.all, self.json = ran.code, ran.out, ran.all, told
        self.repositories = {one["name"]: one for one in told.get("repositories", ())}

    def of(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.repositories[f"{ORG}/{name}"]
        return found

    def standing(self, name: str) -> str:
        return str(self.of(name)["standing"])

    def reason(self, name: str) -> str:
        return str(self.of(name)["reason"])

    def lives(self, name: str) -> dict[str, int]:
        return {life: number for life, number in self.of(name)["counts"].items() if number}

    def says(self, *words: str) -> bool:
        """Say whether the summary has a line, or one that is broken, with these words in their order."""
        text = " ".join(self.text.split())
        return " ".join(words) in text


@contextmanager
def nights(
    folder: Path, breachkit: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Nights]:
    """Serve an empty organisation, and give who sweeps it."""
    (folder / "hub").mkdir()
    world = HubWorld(folder / "hub", SteppingClock(START - timedelta(days=1300)))
    with served(world) as server:
        made = Nights(world, server, breachkit)
        monkeypatch.setattr(hosting, "sleep", made.naps)
        for name in (*hosting.TOKENS, "BREACHKIT_GITHUB_API"):
            monkeypatch.delenv(name, raising=False)
        yield made
