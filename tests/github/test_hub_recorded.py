"""The stand-in against recordings of GitHub itself: the same statuses, and no field less.

The recordings are those of @octokit/fixtures; `recorded.json` keeps their requests, statuses and
names of fields, without any values.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from breachkit.drill.hub.server import HubServer
from breachkit.drill.hub.world import HubWorld
from tests.support.hubs import SteppingClock


RECORDED: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "recorded.json").read_text("utf-8")
)["scenarios"]


class Recorded:
    """The organisation that GitHub was recorded with, in the stand-in."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.world = HubWorld(folder, SteppingClock())
        self.first = self.world.person("octokit-fixture-user-a")
        self.second = self.world.person("octokit-fixture-user-b")
        self.organisation = self.world.organisation("octokit-fixture-org", admins=[self.first])
        self.study = self.world.repository(
            self.organisation, scenario, files={"README.md": b"# hello\n"}
        )
        self.world.team(self.organisation, "a-team", [self.first], {self.study.id: "write"})

    def send(self, server: HubServer, one: dict[str, Any]) -> requests.Response:
        """Send a recorded request, with this hub's own numbers in it."""
        path = one["path"].replace("/repositories/1000", f"/repositories/{self.study.id}")
        who = self.first
        if "repository_invitations" in path:
            path = f"/user/repository_invitations/{next(iter(self.study.invitations))}"
            who = self.second
        base = server.base if "legacy." in path else server.api
        headers = {"Authorization": f"token {self.world.token(who)}"}
        return requests.request(
            one["method"], base + path, json=one["body"], headers=headers,
            allow_redirects=False, timeout=5,
        )  # fmt: skip


def fields(value: Any, prefix: str = "") -> Iterator[str]:
    """Give the dotted names of all fields; `*` stands for the places of a list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield prefix + name
            yield from fields(inner, f"{prefix}{name}.")
    elif isinstance(value, list):
        for inner in value:
            yield from fields(inner, f"{prefix}*.")


@pytest.mark.parametrize("scenario", RECORDED)
def test_the_stand_in_answers_as_github_was_recorded_to(tmp_path: Path, scenario: str) -> None:
    recorded = Recorded(tmp_path, scenario)
    with recorded.world.serve() as server:
        for one in RECORDED[scenario]:
            said = recorded.send(server, one)
            at = f"{one['method']} {one['path']}"
            assert said.status_code == one["status"], at
            if "location" in one:
                numbers = (recorded.study.id, *recorded.study.invitations)
                number = numbers["invitations" in one["location"]]
                place = one["location"].replace("1000", str(number))
                assert said.headers["Location"].endswith(place), at
            if one["keys"]:
                missing = set(one["keys"]) - set(fields(said.json()))
                assert missing == set(), at
