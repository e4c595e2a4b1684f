"""Git as anybody could type it: how the drill builds its world and checks what commands claim.

Nothing of what is proved here goes through the code that is being practised, except for the one
function that starts git.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from breachkit.git.process import run_git


_OFFLINE = {
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
"""Only this machine's own folders can be reached, and nobody's settings change the result."""

_NOBODY = ("-c", "user.name=Practice", "-c", "user.email=practice@example.org")


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of the practice world."""

    git_dir: Path

    def git(self, *args: str | bytes, stdin: bytes | None = None) -> bytes:
        """Run a git command in it and give what it wrote.

        Raises:
            GitCommandError: the command failed.
        """
        command = [*_NOBODY, *args]
        return run_git(command, git_dir=self.git_dir, stdin=stdin, extra_env=_OFFLINE).stdout

    def lines(self, *args: str | bytes) -> tuple[str, ...]:
        """Run a git command and give its output line by line."""
        return tuple(self.git(*args).decode("utf-8", "surrogateescape").splitlines())

    def accepts(self, *args: str | bytes) -> bool:
        """Say whether a git command succeeds."""
        command = [*_NOBODY, *args]
        return run_git(command, git_dir=self.git_dir, check=False, extra_env=_OFFLINE).code == 0

    def object_ids(self) -> frozenset[str]:
        """Give the id of every object it has, whether a ref reaches it or not."""
        listing = self.lines("cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
        return frozenset(listing)

    def refs(self) -> dict[str, str]:
        """Give every ref with the object it names; an annotated tag names its tag object."""
        listing = self.lines("for-each-ref", "--format=%(objectname) %(refname)")
        return {name: oid for oid, _, name in (line.partition(" ") for line in listing)}


def url_of(folder: Path) -> str:
    """Give the URL that makes git use its network protocol for a folder of this machine."""
    return folder.as_uri()


def create_bare(folder: Path) -> Repository:
    """Make an empty bare repository whose first branch is `main`."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run("init", "--quiet", "--bare", "--initial-branch=main", str(folder))
    return Repository(folder)


def clone(source: Path, folder: Path, options: Sequence[str] = ()) -> Repository:
    """Clone over git's own protocol, so that hidden and unreachable objects do not come along.

    Args:
        source: The repository to clone.
        folder: Where to; bare and mirror clones are their own git directory.
        options: Options of `git clone`, such as `--mirror`.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _run("clone", "--quiet", *options, url_of(source), str(folder))
    bare = "--mirror" in options or "--bare" in options
    return Repository(folder if bare else folder / ".git")


def _run(*args: str) -> None:
    run_git([*_NOBODY, *args], extra_env=_OFFLINE)
