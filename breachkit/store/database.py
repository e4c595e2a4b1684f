"""Opens a database that several processes use at once, brings it up to date, and replaces a broken one.

Write-ahead logging lets everybody read while one writes; whoever has to wait does so for a minute. A file
that is no database, or one that a later version of breachkit wrote, is never written to.
"""

import contextlib
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from breachkit.incident.disk import make_folder, writing
from breachkit.incident.lock import exclusive
from breachkit.model.errors import ConfigurationError, IncompleteError
from breachkit.model.ids import display
from breachkit.model.records import dataclass


WAIT_SECONDS = 60
_AGAIN_SECONDS = 0.01
KEY_BYTES = 32


class StoreBrokenError(Exception):
    """The file is damaged, or no database."""


class StoreTooNewError(ConfigurationError):
    """A later version of breachkit has written the database."""


class StoreWriteError(IncompleteError):
    """The disk is full, or somebody else keeps the database busy; what was in it is unharmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """How a database is laid out."""

    name: str
    steps: Sequence[str]
    """Statements; step n takes a database of version n (0: an empty one) to version n + 1."""


def key_of(folder: Path, name: str) -> bytes:
    """Give the secret that lies beside the databases of a folder; make it where there is none.

    Returns:
        `KEY_BYTES` bytes. One of another length is replaced: what was kept with it is then unknown.
    """
    make_folder(folder)
    path = folder / name
    with exclusive(folder / f"{name}.lock"), writing(path):
        with contextlib.suppress(FileNotFoundError):
            known = path.read_bytes()
            if len(known) == KEY_BYTES:
                return known
            path.unlink()
        made = secrets.token_bytes(KEY_BYTES)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            os.write(descriptor, made)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return made


def connect(path: Path, schema: Schema) -> sqlite3.Connection:
    """Open a database, made or brought up to date where need be.

    Raises:
        StoreBrokenError: the file is damaged, or no database.
        StoreTooNewError: a later version of breachkit has written it.
        StoreWriteError: it can be neither read nor written.
    """
    make_folder(path.parent)
    _make_private(path)
    with translated(path):
        made = sqlite3.connect(path, timeout=WAIT_SECONDS, isolation_level=None)
        try:
            _log_ahead(made)
            made.execute("PRAGMA synchronous = NORMAL")
            made.execute("PRAGMA trusted_schema = OFF")
            _bring_up_to_date(made, path, schema)
        except BaseException:
            made.close()
            raise
    return made


def condition(path: Path, schema: Schema) -> str:
    """Say what is wrong with a database, which is not written to; empty where nothing is.

    Returns:
        `damaged`, `newer` where a later version of breachkit wrote it, or `busy`.
    """
    try:
        with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as opened:
            if _version(opened) > len(schema.steps):
                return "newer"
            return (
                "" if opened.execute("PRAGMA quick_check(1)").fetchone() == ("ok",) else "damaged"
            )
    except sqlite3.DatabaseError as cause:
        return "damaged" if cause.sqlite_errorname.startswith(_DAMAGE) else "busy"


def _log_ahead(made: sqlite3.Connection) -> None:
    """Set write-ahead logging, and wait for who makes the same file: here SQLite does not do so by itself."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            made.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as cause:
            is_busy = cause.sqlite_errorname.startswith("SQLITE_BUSY")
            if not is_busy or time.monotonic() >= until:
                raise
            time.sleep(_AGAIN_SECONDS)
        else:
            return


def _make_private(path: Path) -> None:
    """Make the file for this user alone; SQLite gives its helpers the same mode."""
    with writing(path):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        os.close(descriptor)


def _bring_up_to_date(made: sqlite3.Connection, path: Path, schema: Schema) -> None:
    if _version(made) == len(schema.steps):
        return
    with transaction(made):
        version = _version(made)  # somebody else may have done it meanwhile
        if version > len(schema.steps):
            raise StoreTooNewError(
                f"{display(os.fsencode(path))} was written by a later version of breachkit: "
                "use that one, or name another folder"
            )
        for step in schema.steps[version:]:
            for statement in filter(str.strip, step.split(";")):
                made.execute(statement)
        made.execute(f"PRAGMA user_version = {len(schema.steps)}")


def _version(made: sqlite3.Connection) -> int:
    found: int = made.execute("PRAGMA user_version").fetchone()[0]
    return found


@contextlib.contextmanager
def transaction(made: sqlite3.Connection) -> Iterator[None]:
    """Do all that is done in it, or nothing; others that want to write wait."""
    made.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if made.in_transaction:  # a full disk has undone it already
            made.execute("ROLLBACK")
        raise
    made.execute("COMMIT")


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Tell damage from what a disk, or somebody else, is in the way of.

    Raises:
        StoreBrokenError: the file is damaged, or no database.
        StoreWriteError: anything else; the message says what to do.
    """
    try:
        yield
    except sqlite3.DatabaseError as cause:
        if cause.sqlite_errorname.startswith(_DAMAGE) or str(cause).startswith("no such"):
            raise StoreBrokenError(cause.sqlite_errorname) from cause
        where = display(os.fsencode(path))
        raise StoreWriteError(
            f"{where}: {cause}. Nothing is lost: make room, or wait for whoever uses it, "
            "and run the command again"
        ) from cause


_DAMAGE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
"""What is the file's fault, besides a table that is not there."""


def set_aside(path: Path) -> Path:
    """Take a broken database out of the way, with what SQLite keeps beside it, and say where it is now."""
    aside = path.with_name(f"{path.name}.broken-{secrets.token_hex(4)}")
    with writing(path):
        for ending in ("-wal", "-shm"):  # the first may hold what was written last
            with contextlib.suppress(FileNotFoundError):
                path.with_name(path.name + ending).replace(aside.with_name(aside.name + ending))
        path.replace(aside)
    return aside


def begin_anew(
    path: Path, broken: int, schema: Schema, on_rebuilt: Callable[[Path], None]
) -> sqlite3.Connection:
    """Open a new database in the place of one that turned out to be broken.

    Args:
        path: Of the database.
        broken: The number of its file, as `file_number` gave it: where another stands there by now,
            somebody else was quicker.
        schema: How it is laid out.
        on_rebuilt: Told where the broken one is now.
    """
    with exclusive(path.with_name(f"{path.name}.lock")):
        if file_number(path) == broken:
            on_rebuilt(set_aside(path))
        return connect(path, schema)


def file_number(path: Path) -> int:
    """Give what tells the file of a name from one that takes its place; 0 where there is none."""
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def open_or_rebuild(
    path: Path, schema: Schema, on_rebuilt: Callable[[Path], None]
) -> sqlite3.Connection:
    """Open a database; where it is broken, begin a new one in its place.

    Args:
        path: Of the database.
        schema: How it is laid out.
        on_rebuilt: Told where the broken one is now.
    """
    try:
        return connect(path, schema)
    except StoreBrokenError:
        with exclusive(path.with_name(f"{path.name}.lock")):
            try:
                return connect(path, schema)  # somebody else was quicker
            except StoreBrokenError:
                on_rebuilt(set_aside(path))
                return connect(path, schema)
