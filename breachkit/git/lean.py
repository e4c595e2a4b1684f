"""Fetches the tip of a branch and little else: no history and, where the server can, no files.

What is fetched so is a database of its own that forgets where it came from: git ends where a file is
missing that it believes it could get, and may not.
"""

from pathlib import Path

from breachkit.git.process import GitCommandError, run_git
from breachkit.git.remote import run_remote
from breachkit.git.telling import option
from breachkit.model.doing import doing
from breachkit.model.ids import ObjectId, RefName


_TIP = "refs/breachkit/tip"
_OWN_CONFIGURATION = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"


def fetch_lean(url: str, name: RefName, folder: Path, *, depth: int) -> Path:
    """Fetch a branch without its files, or with them where that does not work.

    Args:
        url: The server; a path has to be a `file://` URL, or git filters nothing.
        name: The branch.
        folder: A private folder in which the database is made.
        depth: How many commits from the tip on.

    Returns:
        The database.

    Raises:
        AccessError, ConfigurationError, IncompleteError: as `clone.transfer_error` says.
    """
    try:
        return fetch_once(url, name, folder / "lean.git", depth=depth, filtered=True)
    except GitCommandError:  # what a server dislikes about the filter, it may not miss without
        return fetch_once(url, name, folder / "full.git", depth=depth, filtered=False)


def fetch_once(url: str, name: RefName, git_dir: Path, *, depth: int, filtered: bool) -> Path:
    """Fetch a branch into a new database, in one way; see `fetch_lean`.

    Args:
        url: The server.
        name: The branch.
        git_dir: Where the database is made.
        depth: How many commits from the tip on.
        filtered: Without files, where the server can; else with all of them.
    """
    run_git(["init", "--quiet", "--bare", str(git_dir)])
    options = [option(), "--no-tags", "--no-write-fetch-head", f"--depth={depth}"]
    lean = ["--filter=blob:none"] if filtered else []
    spec = b"+" + name + b":" + _TIP.encode()
    with doing("Fetching the branch") as step:
        run_remote(["fetch", *options, *lean, "--"], url, [spec], git_dir=git_dir, step=step)
    (git_dir / "config").write_text(_OWN_CONFIGURATION, "ascii")
    for mark in (git_dir / "objects" / "pack").glob("*.promisor"):
        mark.unlink()
    return git_dir


def tip_of(git_dir: Path) -> ObjectId:
    """Give the commit that was fetched."""
    answer = run_git(["rev-parse", "--verify", f"{_TIP}^{{commit}}"], git_dir=git_dir)
    return ObjectId(answer.stdout.decode().strip())


def reached(git_dir: Path, new: ObjectId, old: ObjectId) -> list[ObjectId]:
    """Give what one commit reaches and another does not, whether or not it is in this database."""
    args = ["rev-list", "--objects", "--no-object-names", "--missing=print", new, f"^{old}"]
    lines = run_git(args, git_dir=git_dir).stdout.decode().splitlines()
    return [ObjectId(line.removeprefix("?")) for line in lines]
