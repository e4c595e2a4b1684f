"""What a killed operation left unfinished in a case's folder, and how it goes away."""

import contextlib
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from breachkit.incident.disk import UNFINISHED


SCRATCH = "scratch"
"""Folder in the private part for what is needed only while an operation runs."""

_PARTIAL = re.compile(r".+\.partial(-[^.]+)?")
"""Mirrors, rewritten repositories and backups that are still being made; `git.partial` and
`git.backup` name them so."""

_FILE = re.compile(r"\.[0-9a-f]{16}" + re.escape(UNFINISHED))

_FILE_TAKES = timedelta(hours=1)
"""No single file is being written for longer. Who writes one need not hold the case's lock."""


def clear_unfinished(private: Path, now: datetime) -> None:
    """Delete what earlier operations were making when they were killed, and nothing else.

    It may hold the data unencrypted. Only who holds the case's lock may call this: nobody else is
    making anything then. What cannot be deleted now is left for the next time.

    Args:
        private: The private part of a case.
        now: To tell a file that was left from one that somebody is just writing.
    """
    for place in unfinished(private, now):
        _remove(place)


def unfinished(private: Path, now: datetime) -> tuple[Path, ...]:
    """Give what `clear_unfinished` would delete; while an operation runs, what it is making too."""
    places = [
        *_entries(private / SCRATCH),
        *(place for place in _entries(private) if _PARTIAL.fullmatch(place.name)),
        *(
            place
            for place in (*_entries(private), *_entries(private.parent))
            if _FILE.fullmatch(place.name) and _is_old(place, now)
        ),
    ]
    return tuple(dict.fromkeys(places))


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it is not there, or cannot be looked into
        return []


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        place.unlink()


def _is_old(file: Path, now: datetime) -> bool:
    try:
        written = datetime.fromtimestamp(file.lstat().st_mtime, now.tzinfo)
    except OSError:
        return False
    return now - written > _FILE_TAKES
