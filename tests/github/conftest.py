from collections.abc import Iterator
from pathlib import Path

import pytest

from breachkit.drill.hub import worlds
from tests.support.hubs import Served, SteppingClock, served


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    """The small hub, served; the test fails where it answers as GitHub would not."""
    folder = tmp_path / "hub"
    folder.mkdir()
    small = worlds.small(folder, SteppingClock())
    work = tmp_path / "work"
    work.mkdir()
    with served(small.world) as server:
        given = Served(small, server, work)
        yield given
        given.close()
