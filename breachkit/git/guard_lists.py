"""The lists of a guard in its folder: what was taken out, and which outputs were checked."""

import contextlib
import os
from pathlib import Path

from breachkit.actions.guard_outputs import CheckedFiles
from breachkit.actions.guarding import GuardList, NoGuardListError
from breachkit.incident.disk import write_atomic


IDS = "ids"
"""What may not come back."""
OUTPUTS = "outputs"
"""The files that were checked; where it is, unchecked outputs are refused."""
ALONE = "outputs-alone"
"""Says that there never was a list of what was taken out, so that none is missing."""


def write(folder: Path, listed: GuardList | None, *, outputs: bool) -> None:
    """Write what the hooks compare with; at no moment do they miss a list that nobody made.

    Args:
        folder: The guard's, which is there.
        listed: What may not come back; None leaves what was said before.
        outputs: Whether unchecked outputs are refused from now on.
    """
    if outputs:
        if listed is None and not (folder / IDS).exists():
            write_atomic(folder / ALONE, b"")
        write_checked(folder, _known(folder))
    if listed is not None:
        write_atomic(folder / IDS, listed.text.encode("ascii"))
        (folder / ALONE).unlink(missing_ok=True)


def write_checked(folder: Path, checked: CheckedFiles) -> None:
    """Write which files were checked."""
    write_atomic(folder / OUTPUTS, checked.text.encode("ascii"))


def read_checked(folder: Path) -> CheckedFiles | None:
    """Give the files that are known as checked; None where unchecked outputs are not refused.

    Raises:
        NoGuardListError: the list is missing or damaged.
    """
    if not any(os.path.lexists(folder / name) for name in (OUTPUTS, ALONE)):
        return None
    try:
        return CheckedFiles.parse((folder / OUTPUTS).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        return CheckedFiles.parse("")  # which is the list of nobody


def _known(folder: Path) -> CheckedFiles:
    """Give the files that are known as checked; none where the list is damaged, so that it is mended."""
    with contextlib.suppress(NoGuardListError):
        return read_checked(folder) or CheckedFiles()
    return CheckedFiles()
