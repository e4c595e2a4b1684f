"""Lets outputs that were checked be committed in a copy that is on guard."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from breachkit.actions.guarding import near_ids
from breachkit.actions.release import require_passed
from breachkit.actions.release_checks import CheckResult
from breachkit.git import hooks
from breachkit.model.errors import ConfigurationError
from breachkit.model.ids import GitPath, ObjectId, display
from breachkit.report.escape import shell
from breachkit.workflows.release_files import read_checked
from breachkit.workflows.release_records import Manifest


Check = Callable[[Path], CheckResult]


def allow_folder(
    folder: Path, repository: Path | None, check: Check, checked_by: str | None
) -> tuple[int, int]:
    """Check a folder, and let its files be committed as they are; other line ends are the same to it.

    Args:
        folder: Which.
        repository: The copy on guard; None for the one that the folder lies in.
        check: Checks a folder as `breachkit check` does.
        checked_by: Who answers for what only a person can settle.

    Returns:
        How many files were let in, and how many ids are known now.

    Raises:
        NotCheckedError: the check does not pass, or a file was changed since.
        NoGuardListError: that copy does not refuse outputs.
        ConfigurationError: there is no such folder or copy.
    """
    guarded = hooks.find_guarded(repository or _around(folder))
    result = check(folder)
    require_passed(result, shell(str(folder)), checked_by)
    ids = set(_ids(folder, result))
    return len(result.files), hooks.allow(guarded, ids)


def allow_release(manifest: Manifest, repository: Path) -> tuple[int, int]:
    """Let the files of a release be committed; see `allow_folder`."""
    guarded = hooks.find_guarded(repository)
    files = manifest.files
    return len(files), hooks.allow(guarded, {each.blob for each in files})


def _ids(folder: Path, result: CheckResult) -> Iterator[ObjectId]:
    digests = {GitPath(each.within): each.sha256 for each in result.files}
    for content in read_checked(folder.resolve(), digests):
        yield from near_ids(content)


def _around(folder: Path) -> Path:
    here = folder.resolve()
    for each in (here, *here.parents):
        if os.path.lexists(each / ".git"):
            return each
    raise ConfigurationError(
        f"{display(str(folder))} lies in no repository: say with --in which copy is on guard"
    )
