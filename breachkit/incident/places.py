"""Where a case folder may be: not where it would be committed, copied or read by others."""

import os
import re
import stat
from pathlib import Path

from breachkit.model.errors import RefusedError
from breachkit.model.ids import display


_SYNCED = re.compile(
    r"onedrive|dropbox|icloud|mobile documents|cloudstorage|google ?drive|nextcloud|owncloud"
    r"|seafile|syncthing|pcloud|box sync",
    re.IGNORECASE,
)


class UnsafePlaceError(RefusedError):
    """A case folder would be inside a git repository."""


def refuse_repository(folder: Path) -> None:
    """Refuse a place inside any git repository, whether it has a remote or not.

    A remote can be added on any later day, and one `git add -A` would put the case folder with
    everything it knows into history. Only the files that git itself goes by are looked at; no
    configuration of the repository is read.

    Raises:
        UnsafePlaceError: `folder` is in a work tree or in a repository's own folder.
    """
    repository = repository_around(folder)
    if repository is not None:
        raise UnsafePlaceError(
            f"{display(os.fsencode(folder))} is inside the git repository "
            f"{display(os.fsencode(repository))}, where the case could be committed: "
            "set BREACHKIT_HOME to a folder outside any repository"
        )


def where_it_leads(place: Path) -> Path | None:
    """Give where a place really is, if a link leads elsewhere on the way to it; else None."""
    real = os.path.realpath(place)
    return None if real == os.path.normpath(place.absolute()) else Path(real)


def exists(name: str) -> bool:
    """Say whether a file or folder of that name exists; what cannot be a name does not."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):  # too long, or not to be encoded
        return False


def warnings_about(folder: Path) -> tuple[str, ...]:
    """Say what is unsafe about a folder that is allowed."""
    place = Path(os.path.realpath(folder))
    found = []
    if (repository := repository_around(folder)) is not None:
        found.append(
            f"{display(os.fsencode(place))} is inside the git repository "
            f"{display(os.fsencode(repository))}: move it out before somebody commits it"
        )
    if looks_synchronised(place):
        found.append(
            f"{display(os.fsencode(place))} looks like a folder that is copied to a cloud service: "
            "set BREACHKIT_HOME to a folder that stays on this machine"
        )
    if place.exists() and stat.S_IMODE(place.stat().st_mode) & 0o077:
        found.append(
            f"{display(os.fsencode(place))} can be opened by other users of this machine: "
            f"run chmod 700 on it"
        )
    return tuple(found)


def repository_around(folder: Path) -> Path | None:
    """Give the git repository that a place is in, whether it has a remote or not; None outside of any."""
    place = Path(os.path.realpath(folder))
    return next((each for each in (place, *place.parents) if _is_repository(each)), None)


def looks_synchronised(folder: Path) -> bool:
    """Say whether a place looks like one that is copied to a cloud service."""
    return _SYNCED.search(os.path.realpath(folder)) is not None


def _is_repository(folder: Path) -> bool:
    if os.path.lexists(folder / ".git"):
        return True
    return all((folder / name).exists() for name in ("HEAD", "objects", "refs"))
