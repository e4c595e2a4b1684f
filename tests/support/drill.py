"""What the tests of the drill share."""

import atexit
import functools
import shutil
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from breachkit.drill.world import World, build_world


class FixedClock:
    """Five in the afternoon on a Friday, for ever."""

    moment: ClassVar[datetime] = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def copied_world(folder: Path) -> World:
    """Give a practice world in an existing folder, copied from one that is built once.

    The clones in it still name the first world's server as their origin.
    """
    built = _built_once()
    shutil.copytree(built.folder, folder, dirs_exist_ok=True)
    return replace(built, folder=folder)


@functools.cache
def _built_once() -> World:
    folder = Path(tempfile.mkdtemp(prefix="breachkit-world-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return build_world(folder, FixedClock())
