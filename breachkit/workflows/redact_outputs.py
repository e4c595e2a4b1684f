"""Where redacted files go: in place, to a file, or to a folder that has them as they lay together."""

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from breachkit.model.errors import RefusedError, UsageError
from breachkit.model.ids import GitPath, display
from breachkit.workflows.redact_files import Taken, take


class OutputInTheWayError(RefusedError):
    """Something is where a redacted file should go, and nobody said that it may be written over."""


def names_within(files: Sequence[Path]) -> tuple[GitPath, ...]:
    """Name files from the deepest folder that holds them all.

    Args:
        files: Absolute.
    """
    top = os.path.commonpath([file.parent for file in files]) if files else ""
    return tuple(GitPath(os.fsencode(file.relative_to(top).as_posix())) for file in files)


def targets(files: Sequence[Path], output: str | None) -> Mapping[Path, Path]:
    """Say where each file goes.

    Args:
        files: Absolute.
        output: As it was named: a file, where one file is redacted; else a folder, which may have to
            be made. What ends in `/` is a folder. None for in place.

    Raises:
        UsageError: several files would go into one.
    """
    if output is None:
        return {file: file for file in files}
    wanted = Path(os.path.realpath(Path(output).parent)) / Path(output).name
    is_folder = output.endswith(os.sep) or wanted.is_dir() or Path(output).name in {"", ".."}
    if len(files) == 1 and not is_folder:
        return {files[0]: wanted}
    if os.path.lexists(wanted) and not wanted.is_dir():
        raise UsageError(
            f"--output {display(os.fsencode(output))} is no folder: name one, or one file to redact"
        )
    folder = Path(os.path.realpath(output))
    names = names_within(files)
    return {file: folder / os.fsdecode(name) for file, name in zip(files, names, strict=True)}


def content_there(target: Path, new: bytes, *, may_replace: bool) -> bytes | None:
    """Give what is at a place that is to be written; None where nothing is.

    Args:
        target: Where a redacted file is to go.
        new: What is to be written; where just that is there already, it may stay.
        may_replace: Whether anything else there may be written over.

    Raises:
        OutputInTheWayError: it may not, or is no plain file.
    """
    shown = display(os.fsencode(target))
    if Path(os.path.realpath(target.parent)) != target.parent:
        raise OutputInTheWayError(f"{shown} leads elsewhere through a link: name another place")
    if not os.path.lexists(target):
        return None
    if not stat.S_ISREG(target.lstat().st_mode):
        raise OutputInTheWayError(f"{shown} is no ordinary file: name another place")
    there = take(target)
    if not isinstance(there, Taken):
        raise OutputInTheWayError(f"{shown}: {there.reason}")
    if there.content != new and not may_replace:
        raise OutputInTheWayError(
            f"{shown} is there already: name another place, or add --write to write over it (what "
            "is there now is kept, and can be put back)"
        )
    return there.content
