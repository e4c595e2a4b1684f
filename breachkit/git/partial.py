"""Directories that appear whole or not at all, however often the work on them is killed.

The work goes on in `<target>.partial-XXXX` beside the target and ends in a rename. Each run has a
name of its own: what an interrupted run left running cannot write into the next one's.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from breachkit.model.errors import IncompleteError


@contextlib.contextmanager
def growing(target: Path) -> Iterator[Path]:
    """Give a new private directory that is to become `target`; whoever is given it renames it.

    What earlier runs left is deleted first, so only one process at a time may work on a target:
    the caller holds the case's lock. What is not renamed is deleted on the way out.
    """
    clear_partial(target)
    partial = Path(tempfile.mkdtemp(prefix=target.name + ".partial-", dir=target.parent))
    try:
        yield partial
    finally:
        _remove(partial)


def clear_partial(target: Path) -> None:
    """Delete what interrupted runs left beside a target."""
    for left in target.parent.glob(target.name + ".partial-*"):
        _remove(left)


def make_bare(git_dir: Path) -> Path:
    """Make an empty bare repository in a new or empty directory, and give it.

    It is the same with every git and every setting: SHA-1, and refs in files. git itself would start a
    process for these few directories. Source: gitrepository-layout(5).
    """
    for part in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
        (git_dir / part).mkdir(parents=True)
    (git_dir / "HEAD").write_text("ref: refs/heads/main\n", "ascii")
    core = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
    (git_dir / "config").write_text(core, "ascii")
    return git_dir


def borrow_objects(git_dir: Path, lenders: Iterable[Path]) -> Path:
    """Let a repository read the objects of others as well, and give the file that says so.

    Paths are quoted as in C, without which a line break in one would end it. Source: git's
    gitrepository-layout, `objects/info/alternates`, and its object-file.c.
    """
    file = git_dir / "objects" / "info" / "alternates"
    file.parent.mkdir(exist_ok=True)
    stores = (os.fsencode(lender.resolve() / "objects") for lender in lenders)
    file.write_bytes(b"".join(b'"%s"\n' % _quoted(store) for store in stores))
    return file


def _quoted(path: bytes) -> bytes:
    return b"".join(
        b"\\%03o" % byte if byte < 0x20 or byte in b'"\\' else bytes([byte]) for byte in path
    )


def _remove(folder: Path, attempts: int = 5) -> None:
    """Delete a directory, even while a dying process still writes in it.

    Raises:
        IncompleteError: something keeps writing.
    """
    for _ in range(attempts):
        if not folder.exists():
            return
        shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise IncompleteError(f"{folder} cannot be deleted: end what writes in it, and try again")
