from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.hubs import Served, served, small_hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Served]:
    """The small hub, served; the test fails where it answers as GitHub would not."""
    folder = tmp_path / "hub"
    folder.mkdir()
    small = small_hub(folder)
    work = tmp_path / "work"
    work.mkdir()
    with served(small.world) as server:
        given = Served(small, server, work)
        yield given
        given.close()
