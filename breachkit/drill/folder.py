"""A folder that a drill makes its own: where it may be, and what may be emptied in it.

The folder that a person names may be a link, which is followed and of which they are told; a link inside
the folder leads to what nobody named, and is not written through.
"""

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from breachkit.incident.places import UnsafePlaceError, refuse_repository
from breachkit.model.errors import AccessError, RefusedError, UsageError
from breachkit.model.ids import display
from breachkit.model.time import Clock, rfc3339


MARKER = "breachkit-drill.json"
"""A folder that holds this file was made by the drill, so the drill may empty it."""

DRILLED, PRACTICE = "drilled", "practice"
"""Its parts: the world of a drill that was narrated, and that of a practice."""

_NOT_ALLOWED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class NotADrillFolderError(RefusedError):
    """The folder holds something that the drill did not make, or is no place for a case."""


class NoPlaceError(UsageError):
    """No folder can be where one was named."""


class PlaceNotAllowedError(AccessError):
    """The system does not let us make a folder there, or write into it."""


def own_folder(keep: Path, clock: Clock) -> Path:
    """Make a folder one of the drill's own, and give its absolute path; what is in it stays.

    Raises:
        NotADrillFolderError: it is not empty, and was not made by a drill; a link leads out of it;
            or it is inside a git repository, where no case may be.
        NoPlaceError: there can be no folder, as below a file.
        PlaceNotAllowedError: this user may not write there.
    """
    folder = keep.resolve()
    with _placed(folder):
        _require_fit(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({"schema": "breachkit.drill-folder/1", "made": rfc3339(clock.now())})
        (folder / MARKER).write_text(f"{text}\n", encoding="utf-8")
    return folder


def is_ours(folder: Path) -> bool:
    """Say whether the drill made a folder, so that it may empty what it put there."""
    marker = folder / MARKER
    return marker.is_file() and not marker.is_symlink()


def require_no_link(place: Path) -> None:
    """Refuse a part of the drill's folder that is somewhere else.

    Raises:
        NotADrillFolderError: a link leads there.
    """
    if place.is_symlink():
        raise NotADrillFolderError(
            f"{display(os.fsencode(place))} is a link to what no drill has made, so nothing is "
            "written there: remove the link, or name another folder"
        )


def emptied(place: Path) -> Path:
    """Make a part of the drill's folder anew.

    Raises:
        NotADrillFolderError: a link leads there.
        NoPlaceError, PlaceNotAllowedError: it cannot be removed or made.
    """
    require_no_link(place)
    with _placed(place):
        if place.exists():
            shutil.rmtree(place)
        place.mkdir(mode=0o700)
    return place


def _require_fit(folder: Path) -> None:
    try:
        refuse_repository(folder)
    except UnsafePlaceError:
        raise NotADrillFolderError(
            f"{display(os.fsencode(folder))} is inside a git repository, where the practice could be "
            "committed: name a folder outside any repository"
        ) from None
    if folder.is_dir() and not is_ours(folder) and any(folder.iterdir()):
        raise NotADrillFolderError(
            f"{display(os.fsencode(folder))} is not empty and was not made by a drill: "
            "name a new folder, or one that `breachkit drill --keep` made"
        )
    for part in (DRILLED, PRACTICE):
        require_no_link(folder / part)


@contextlib.contextmanager
def _placed(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as cause:
        if cause.errno in _FULL:  # which the program says of any command
            raise
        shown = display(os.fsencode(folder))
        if cause.errno in _NOT_ALLOWED:
            raise PlaceNotAllowedError(
                f"not allowed to write in {shown} ({cause.strerror}): name a folder of your own"
            ) from None
        why = "a file is there" if isinstance(cause, FileExistsError) else cause.strerror
        raise NoPlaceError(f"no folder can be made at {shown} ({why}): name another one") from None
