"""Worlds: built quickly, from real repositories, and the same every time."""

import time
from pathlib import Path

from breachkit.drill.hub import gitstore
from breachkit.drill.hub.world import HubWorld
from tests.support import worlds
from tests.support.hubs import Served, SteppingClock, served


def test_a_repository_is_taken_over_whole_pull_requests_too(hub: Served, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    hub.git("clone", "--quiet", "--mirror", hub.url(), str(bare))
    folder = tmp_path / "other"
    folder.mkdir()
    world = HubWorld(folder, SteppingClock())
    ada = world.person("ada")
    study = world.repository(ada, "copy", source=bare)
    assert gitstore.refs(study) == gitstore.refs(hub.small.study)
    pulls = world.adopt_pulls(study, ada)
    assert [(one.number, one.head_repository) for one in pulls] == [(1, None), (2, None)]
    with served(world) as server:
        cloned = hub.git("clone", "--mirror", server.git_url("ada/copy"), str(tmp_path / "again"))
        assert cloned.returncode == 0, cloned.stderr
        assert hub.git("fsck", "--strict", cwd=tmp_path / "again").returncode == 0


def test_the_small_world_is_the_same_every_time(tmp_path: Path) -> None:
    built = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        small = worlds.small(tmp_path / name, SteppingClock())
        built.append((small.tip, small.lost, small.token, gitstore.refs(small.study)))
    assert built[0] == built[1]


def test_a_world_is_built_before_anybody_gets_impatient(tmp_path: Path) -> None:
    began = time.process_time()
    (tmp_path / "small").mkdir()
    worlds.small(tmp_path / "small", SteppingClock())
    assert time.process_time() - began < 1


def test_a_transferred_repository_is_found_under_both_names(hub: Served) -> None:
    world = hub.small.world
    moved = world.repository(hub.login("gil"), "tool", files={"a.md": b"a"})
    world.transfer(moved, hub.small.organisation)
    client = hub.pygithub()
    assert client.get_repo("gil/tool").full_name == "example-org/tool"
    assert hub.git("ls-remote", hub.url(name="gil/tool")).returncode == 0
