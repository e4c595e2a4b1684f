"""A repository with hundreds of forks, people and rules is written down and closed within seconds."""

import time

import pytest

from breachkit.drill.hub import worlds
from breachkit.model.time import SystemClock
from tests.support.containing import CONFIRMED
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
    breachkit.expect(0, "open", server.git_url("example-org/study"))

    before = time.process_time()
    snapshot = breachkit.expect(0, "snapshot", "--fast")
    read = len(server.log)
    breachkit.expect(0, "restrict", *CONFIRMED)
    took = time.process_time() - before

    assert "  forks                      300" in snapshot.out
    assert made.study.collaborators == {}
    assert made.study.visibility == "private"
    assert read < 170
    assert len(server.log) - read < 170 + 4 * 120 + 40
    assert took < 20
