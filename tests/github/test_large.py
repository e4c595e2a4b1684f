"""A repository with hundreds of forks, people and rules is written down and closed within seconds."""

import json
import re
import time
from collections import Counter

import pytest

from breachkit.cli import hosting
from breachkit.model.time import SystemClock
from tests.support import worlds
from tests.support.containing import CONFIRMED, Naps
from tests.support.hubs import served


@pytest.fixture
def large(tmp_path):
    folder = tmp_path / "hub"
    folder.mkdir()
    made = worlds.large(folder, SystemClock())
    with served(made.world) as server:
        yield made, server


def test_t12_300_forks_120_people_and_40_rules_are_closed_in_time_and_in_few_requests(
    large, breachkit, monkeypatch
):
    made, server = large
    monkeypatch.setenv("BREACHKIT_GITHUB_API", server.api)
    monkeypatch.setenv("BREACHKIT_GITHUB_TOKEN", made.token)
    naps = Naps()
    monkeypatch.setattr(hosting, "sleep", naps)
    breachkit.expect(0, "open", server.git_url("example-org/study"))

    before = time.process_time()
    snapshot = breachkit.expect(0, "snapshot", "--fast")
    read = len(server.log)
    breachkit.expect(0, "restrict", *CONFIRMED)
    took = time.process_time() - before + sum(naps.seconds)

    assert re.search(r"^ +forks +300$", snapshot.out, re.MULTILINE)
    assert made.study.collaborators == {}
    assert made.study.visibility == "private"
    assert read < 170
    assert len(server.log) - read < 170 + 4 * 120 + 40
    assert took < 20
    assert counted(breachkit.home, "001") == len(asked(server.log[:read]))
    assert (
        spread(asked(server.log[read:])) <= 4
    )  # for each person, key and fork; never for all pairs


def asked(log):
    """Give the requests about topics: not who acts, nor the repository itself, nor git's."""
    return [each for each in log if each.template and each.template not in FIRST]


FIRST = {"/user", "/repos/{owner}/{repo}"}


def counted(home, number):
    """Give how many requests a snapshot says that it took."""
    (manifest,) = home.glob(f"*/private/snapshots/{number}/manifest.json")
    topics = json.loads(manifest.read_text())["topics"]
    return sum(each["requests"] for each in topics if each["topic"] not in {"refs", "repository"})


def spread(log):
    """Give how often the request that came most often came, with all that it holds."""
    lines = Counter((each.method, each.path, str(each.query)) for each in log)
    return max(lines.values())
