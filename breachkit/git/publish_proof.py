"""Proves from the server itself that a release is there, and that nothing came along with it."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from breachkit.actions.release import BRANCH, Arrived, ReleaseFile
from breachkit.git.lean import fetch_lean, fetch_once, reached, tip_of
from breachkit.git.process import run_git
from breachkit.git.publish import FILE, BranchMovedError, Made, NotOnlyTheReleaseError
from breachkit.git.rawobjects import kinds_of, parse, read_objects
from breachkit.git.remote import run_remote
from breachkit.git.treemaker import list_files
from breachkit.model.ids import ObjectId


_IDS_AT_ONCE = 1_000
"""41 bytes each on a command line, of which every system takes 100,000."""


def prove(url: str, made: Made, files: Sequence[ReleaseFile], folder: Path) -> Arrived:
    """Fetch the branch afresh and prove that the release is there, and nothing came with it.

    Args:
        url: The server, as `git_url` gives it.
        made: What was pushed.
        files: What was released.
        folder: An empty private folder.

    Raises:
        NotOnlyTheReleaseError: something is missing, is other than it should be, or came with it.
        BranchMovedError: somebody moved the branch since.
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    git_dir = fetch_lean(url, BRANCH, folder, depth=2)
    if tip_of(git_dir) != made.commit:
        raise BranchMovedError(
            "the release was pushed, and somebody has moved release-candidates since, so that what "
            "arrived was not proven: run the same command again"
        )
    commits = _commits(git_dir, made)
    new = reached(git_dir, made.commit, made.parent)
    if frozenset(new) != made.new or commits != 1:
        raise _not_only("what is new there is not exactly what was made")
    _require_files(git_dir, made, files)
    wanted = {each.blob: each.sha256 for each in files if each.blob in made.new}
    whole = _with_files(url, git_dir, wanted, folder)
    for raw in read_objects(whole, wanted):
        if hashlib.sha256(raw.data).hexdigest() != wanted[raw.id]:
            raise _not_only("a file there has other bytes than were checked")
    trees = sum(kind == "tree" for kind in kinds_of(git_dir, new).values())
    return Arrived(commits=commits, trees=trees, files=len(new) - trees - commits, read=len(wanted))


def _not_only(what: str) -> NotOnlyTheReleaseError:
    return NotOnlyTheReleaseError(
        f"the release was pushed, and {what}: look at release-candidates on the server, and tell who "
        "answers for releases before anybody merges it"
    )


def _require_files(git_dir: Path, made: Made, files: Sequence[ReleaseFile]) -> None:
    _, listed = list_files(git_dir, made.commit)
    there = {each.path: (each.mode, each.id) for each in listed}
    if any(there.get(each.target) != (FILE, each.blob) for each in files):
        raise _not_only("not every file is in its place")


def _commits(git_dir: Path, made: Made) -> int:
    """Count the commits that the release brought; the one it is has the one parent it should have."""
    (raw,) = read_objects(git_dir, [made.commit])
    if parse(raw.data).values(b"parent") != (made.parent.encode(),):
        raise _not_only("it does not stand on what the server had")
    args = ["rev-list", "--count", made.commit, f"^{made.parent}"]
    return int(run_git(args, git_dir=git_dir).stdout)


def _with_files(url: str, git_dir: Path, wanted: Mapping[ObjectId, str], folder: Path) -> Path:
    """Fetch the files that are not there yet, one by one by their ids, else everything at once."""
    missing = sorted(wanted.keys() - kinds_of(git_dir, wanted).keys())
    options = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--"]
    for start in range(0, len(missing), _IDS_AT_ONCE):
        ids = missing[start : start + _IDS_AT_ONCE]
        if run_remote(options, url, ids, git_dir=git_dir, check=False).code:
            return fetch_once(url, BRANCH, folder / "whole.git", depth=2, filtered=False)
    return git_dir
