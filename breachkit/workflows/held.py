"""What in a case's folder still holds the data: said to be destroyed is only what is gone."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from breachkit.incident.folder import PRIVATE, CaseFolder
from breachkit.incident.leftovers import SCRATCH
from breachkit.workflows import case_files


_AT_ONCE_B = 1 << 20


def still_held(case: CaseFolder) -> tuple[Path, ...]:
    """Give each file and folder of a case that holds the data, or may.

    Those are mirrors of the server, rewritten histories but the one that is proven clean, encrypted
    backups, what an operation left unfinished, and copies of the files that had to go. What cannot be
    read is one of them. Lists of ids are none: `watch` and verifiers go by them.

    Raises:
        ConfigurationError: the list of what has to go is damaged.
    """
    return tuple(sorted(_held(case, case.path, _bad_ids(case))))


def _held(case: CaseFolder, folder: Path, bad: frozenset[str]) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda each: each.name)
    except OSError:
        yield folder
        return
    for entry in entries:
        place = Path(entry.path)
        if folder == case.path / PRIVATE / SCRATCH:
            yield place
        elif not entry.is_dir(follow_symlinks=False):
            yield from (place,) if _file_holds(place, bad) else ()
        elif not _is_history(place):
            yield from _held(case, place, bad)
        elif not _is_clean(case, place):
            yield place


def _is_history(folder: Path) -> bool:
    """Say whether a folder is a repository without a work tree, as all in a case are."""
    return (folder / "HEAD").exists() and (folder / "objects").exists()


def _is_clean(case: CaseFolder, history: Path) -> bool:
    """Earlier rounds did not take out all of it, or there would be no later one."""
    current = case.path / PRIVATE / case_files.REWRITTEN
    return history == current and case.incident.proof_ok is True


def _file_holds(file: Path, bad: frozenset[str]) -> bool:
    if file.name.startswith(case_files.BACKUP_FILE):
        return True
    if not bad or file.is_symlink() or not file.is_file():
        return False
    try:
        return not bad.isdisjoint(_blob_ids(file))
    except OSError:
        return True


def _blob_ids(file: Path) -> Iterator[str]:
    """Give the ids that git gives a file's content, by SHA-1 and by SHA-256."""
    for algorithm in ("sha1", "sha256"):
        digest = hashlib.new(algorithm, usedforsecurity=False)
        digest.update(b"blob %d\0" % file.stat().st_size)
        with file.open("rb") as content:
            while piece := content.read(_AT_ONCE_B):
                digest.update(piece)
        yield digest.hexdigest()


def _bad_ids(case: CaseFolder) -> frozenset[str]:
    if not case.has_file(f"{PRIVATE}/{case_files.BAD_SET}"):
        return frozenset()
    return frozenset(case_files.load_bad_set(case).ids)
