"""Where tests keep their files: in memory, where there is room for them.

Half of what the tests wait for is a disk that is asked to have written: breachkit and git have every
entry, object and ref on it before they go on. In memory that takes no time, and nothing else differs.
"""

import os
import tempfile
from pathlib import Path


MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that have to be free; a whole run takes a tenth of it, and others may run at the same time."""


def keep_in_memory(memory: Path = MEMORY, room: int = ROOM) -> bool:
    """Have temporary files of this process and its children kept in memory; say whether they are.

    Whoever says where they belong, in TMPDIR, is obeyed. A disk from which nothing can be run, or
    with little room, as containers have it, is not used.
    """
    if "TMPDIR" in os.environ or not fits(memory, room):
        return False
    os.environ["TMPDIR"] = str(memory)
    tempfile.tempdir = None  # it may have been asked for before
    return True


def fits(memory: Path, room: int) -> bool:
    """Say whether a folder is a disk with so much room, from which programs can be run."""
    if not (os.path.ismount(memory) and os.access(memory, os.W_OK | os.X_OK)):
        return False
    disk = os.statvfs(memory)
    return disk.f_bavail * disk.f_frsize >= room and not disk.f_flag & os.ST_NOEXEC
