"""What is written down of a hub is all of it, and the same hub comes back."""

import json
import shutil
from pathlib import Path

import pytest

from breachkit.drill.hub import gitstore, networks
from breachkit.drill.hub.saving import SCHEMA, UnreadableHubError, read_hub, tidy, write_hub
from breachkit.drill.hub.state import TokenLimits
from breachkit.drill.plaingit import Repository
from tests.support.drill import FixedClock
from tests.support.worlds import Small, small


CLOCK = FixedClock()


@pytest.fixture
def hub(tmp_path: Path) -> Small:
    """A hub with one of everything."""
    folder = tmp_path / "hub"
    folder.mkdir()
    return small(folder, CLOCK)


def test_a_hub_with_one_of_everything_comes_back_whole(hub: Small) -> None:
    limits = TokenLimits(repositories=frozenset({hub.study.id}), read_only=True)
    narrow = hub.world.token(hub.people["bea"], limits=limits)
    written = write_hub(hub.world.hub)

    back = read_hub(written, hub.world.hub.folder, CLOCK)

    assert write_hub(back) == written
    assert vars(back).keys() == vars(hub.world.hub).keys()
    assert back.limits[narrow] == limits
    study = back.repositories[hub.study.id]
    assert study.owner is back.accounts[study.owner.id]
    assert back.role(back.account("cat"), study) == "write"
    assert study.created_at == hub.study.created_at
    assert back.next_id() == hub.world.hub.next_id()


def test_a_hub_can_be_moved_with_its_folder(hub: Small, tmp_path: Path) -> None:
    written = write_hub(hub.world.hub)
    moved = tmp_path / "elsewhere"
    shutil.move(hub.world.hub.folder, moved)

    back = read_hub(written, moved, CLOCK)
    tidy(back)

    study = back.repositories[hub.study.id]
    assert study.git_dir.is_relative_to(moved)
    assert hub.tip in Repository(study.git_dir).object_ids()


def test_what_a_kill_left_behind_is_cleared_and_the_step_can_be_done_again(hub: Small) -> None:
    written = write_hub(hub.world.hub)
    networks.set_visibility(hub.world.hub, hub.study, "private")  # and never written down

    back = read_hub(written, hub.world.hub.folder, CLOCK)
    tidy(back)

    study, fork = back.repositories[hub.study.id], back.repositories[hub.fork.id]
    assert study.visibility == "public"
    assert fork.network == study.network
    networks.set_visibility(back, study, "private")
    assert fork.network != study.network
    assert gitstore.refs(fork)
    assert Repository(fork.git_dir).accepts("fsck", "--connectivity-only")


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", json.dumps({"schema": "breachkit.drill-hub/99"}).encode(),
     json.dumps({"schema": SCHEMA, "accounts": [{"$": "Nothing", "value": {}}], "rest": {}}).encode()],
)  # fmt: skip
def test_what_is_no_hub_is_told_with_what_to_do(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(UnreadableHubError, match="drill reset"):
        read_hub(data, tmp_path, CLOCK)
