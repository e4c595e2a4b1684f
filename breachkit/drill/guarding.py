"""What the drill tries on a clone or a server that is on guard: what passes, and what is refused."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from breachkit.drill import plaingit
from breachkit.drill.plaingit import Repository
from breachkit.drill.report import Check


def commit_is_refused(clone: Path, path: str, content: bytes) -> Iterator[Check]:
    """Try to commit a file that was taken out, and a harmless one beside it as the control.

    Args:
        clone: A work tree on guard.
        path: Where the file goes.
        content: What was taken out.
    """
    harmless = _commit(clone, "docs/guarded.md", b"This clone is on guard.\n")
    yield Check(name="a harmless file is committed past the guard (the control)", ok=harmless)
    yield Check(name="the guard refuses what was taken out", ok=not _commit(clone, path, content))


def push_is_refused(clone: Path, server: Repository, branch: str) -> Iterator[Check]:
    """Try to push a branch of an old clone under a new name, and harmless work as the control.

    Args:
        clone: With the old history; the server is its `origin`.
        server: On guard.
        branch: Of the clone, with the old history behind it.
    """
    yield Check(name="harmless work is pushed past the guard (the control)", ok=_push_new(server))
    pushed = Repository(clone / ".git").accepts("push", "--quiet", "origin", f"{branch}:second-try")
    there = "refs/heads/second-try" in server.refs()
    yield Check(name="the server refuses the old history", ok=not pushed and not there)


def _push_new(server: Repository) -> bool:
    """Push a harmless commit from a new clone, and take its branch away again."""
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch) / "fresh"
        repository = plaingit.clone(server.git_dir, fresh)
        if not _commit(fresh, "docs/guarded.md", b"This server is on guard.\n"):
            return False
        accepted = repository.accepts("push", "--quiet", "origin", "HEAD:harmless")
    server.git("update-ref", "-d", "refs/heads/harmless")
    server.git("gc", "--quiet", "--prune=now")
    return accepted


def _commit(clone: Path, path: str, content: bytes) -> bool:
    """Write and commit a file with the clone's own hooks, and say whether there is a new commit."""
    repository = Repository(clone / ".git")
    hooks = f"core.hooksPath={repository.git_dir / 'hooks'}"
    here = ("-c", hooks, "-C", str(clone), f"--work-tree={clone}")
    before = repository.lines("rev-parse", "HEAD")
    (clone / path).parent.mkdir(parents=True, exist_ok=True)
    (clone / path).write_bytes(content)
    repository.git(*here, "add", "--", path)
    accepted = repository.accepts(*here, "commit", "--quiet", "--message=Try")
    repository.git(*here, "reset", "--quiet")
    return accepted and repository.lines("rev-parse", "HEAD") != before
