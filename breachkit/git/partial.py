"""Directories that appear whole or not at all, however often the work on them is killed.

The work goes on in `<target>.partial-XXXX` beside the target and ends in a rename. Each run has a
name of its own: what an interrupted run left running cannot write into the next one's.
"""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from breachkit.model.errors import IncompleteError


@contextlib.contextmanager
def growing(target: Path) -> Iterator[Path]:
    """Give a new private directory that is to become `target`; whoever is given it renames it.

    What earlier runs left is deleted first, so only one process at a time may work on a target:
    the caller holds the case's lock. What is not renamed is deleted on the way out.
    """
    clear_partial(target)
    partial = Path(tempfile.mkdtemp(prefix=target.name + ".partial-", dir=target.parent))
    try:
        yield partial
    finally:
        _remove(partial)


def clear_partial(target: Path) -> None:
    """Delete what interrupted runs left beside a target."""
    for left in target.parent.glob(target.name + ".partial-*"):
        _remove(left)


def _remove(folder: Path, attempts: int = 5) -> None:
    """Delete a directory, even while a dying process still writes in it.

    Raises:
        IncompleteError: something keeps writing.
    """
    for _ in range(attempts):
        if not folder.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise IncompleteError(f"{folder} cannot be deleted: end what writes in it, and try again")
