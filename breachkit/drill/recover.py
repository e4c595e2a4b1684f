"""Shows why a revert is not enough: reads the value back out of the history with plain git.

Practice data only. This is the one place in breachkit that shows a value, and it marks each line
of it.
"""

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from breachkit.drill.history import EXTRACT, TABLE
from breachkit.drill.plaingit import Repository, clone
from breachkit.drill.planted import PlantedFile, plant
from breachkit.drill.world import World
from breachkit.model.sensitive import Sensitive


PREFIX = "practice data | "
"""Stands before every line that holds something of the planted files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """How a file came back that seemed to be gone."""

    path: str
    in_main: bool
    """Whether the newest commit of `main` still has the file."""
    found_by: str
    """The command that lists the commits that touched the file."""
    subjects: tuple[str, ...]
    """Subjects of those commits, newest first."""
    shown_by: str
    """The command that prints the file as it was."""
    rows: Sensitive[tuple[str, ...]]
    """The header and the row that discloses most."""
    complete: bool
    """Whether the whole file came back, byte by byte."""


def recover(world: World) -> tuple[Recovery, ...]:
    """Recover both "fixed" files from a new clone, as anybody could who can read the server."""
    fixed = ((TABLE, plant().by_region), (EXTRACT, plant().extract))
    return bring_back(world, fixed, worst_rows)


def bring_back(
    world: World,
    fixed: Iterable[tuple[str, PlantedFile]],
    telling: Callable[[bytes], tuple[str, ...]],
) -> tuple[Recovery, ...]:
    """Recover files as they were before their last change, from a new clone of the server.

    Args:
        world: Where.
        fixed: Each path with what it had held.
        telling: Picks the lines of a file to be shown.
    """
    with tempfile.TemporaryDirectory() as scratch:
        repository = clone(world.server.git_dir, Path(scratch) / "clone")
        return tuple(_recover(repository, path, planted, telling) for path, planted in fixed)


def _recover(
    repository: Repository,
    path: str,
    planted: PlantedFile,
    telling: Callable[[bytes], tuple[str, ...]],
) -> Recovery:
    listing = ("log", "main", "--format=%h %s", "--no-renames", "--", path)
    commits = [line.partition(" ") for line in repository.lines(*listing)]
    newest = commits[0][0]  # the commit that took the file away
    content = repository.git("show", f"{newest}^:{path}")
    return Recovery(
        path=path,
        in_main=bool(repository.lines("ls-tree", "--name-only", "main", path)),
        found_by=f"git log --oneline -- {path}",
        subjects=tuple(subject for _, _, subject in commits),
        shown_by=f"git show {newest}^:{path}",
        rows=Sensitive(telling(content)),
        complete=content == planted.content,
    )


def worst_rows(content: bytes) -> tuple[str, ...]:
    """Pick the header and the row with the smallest last number, or the first row."""
    header, *rows = content.decode().splitlines()
    counted = [row for row in rows if row.rpartition(",")[2].isdigit()]
    worst = min(counted, key=lambda row: int(row.rpartition(",")[2])) if counted else rows[0]
    return header, worst
