"""One writer at a time: a short lock around each journal entry, a long one around an operation.

They are apart so that a message can be marked as sent while a rewrite is running. The operating
system lets go of both when a process dies, however it dies.
"""

import contextlib
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

import filelock

from breachkit.incident.disk import write_atomic, writing
from breachkit.model.errors import RefusedError
from breachkit.model.ids import display
from breachkit.model.time import Clock, parse_rfc3339, rfc3339


_ENTRY_TIMEOUT_S = 30
"""Longer than any queue of writers that each wait for the disk once."""


class CaseBusyError(RefusedError):
    """Another process is at work on the same case."""


@contextlib.contextmanager
def exclusive(path: Path, *, timeout_s: float = _ENTRY_TIMEOUT_S) -> Iterator[bool]:
    """Hold the lock file at `path`, waiting for whoever holds it.

    Yields:
        Whether it was free; False where this thread itself holds it already.

    Raises:
        CaseBusyError: nobody let go within `timeout_s`.
        ReadOnlyCaseError: this user may not write there.
    """
    lock = filelock.FileLock(path, mode=0o600, is_singleton=True)
    with writing(path):
        try:
            lock.acquire(timeout=timeout_s)
        except filelock.Timeout:  # an OSError too, so it is caught before `writing` sees it
            raise CaseBusyError(
                f"another process holds {display(os.fsencode(path))}: "
                "wait until it has finished, then run the command again"
            ) from None
    try:
        yield lock.lock_counter == 1
    finally:
        lock.release()


@contextlib.contextmanager
def operation(folder: Path, case_id: str, what: str, clock: Clock) -> Iterator[bool]:
    """Hold a case for a long operation; within one thread it may be held again.

    Yields:
        Whether it was free.

    Raises:
        CaseBusyError: another process holds it; the message says which, since when and for what.
        ReadOnlyCaseError: this user may not write there.
    """
    holder = folder / ".operation.json"
    note = {"pid": os.getpid(), "since": rfc3339(clock.now()), "what": what}
    with contextlib.ExitStack() as stack:
        try:
            is_first = stack.enter_context(exclusive(folder / ".operation.lock", timeout_s=0))
        except CaseBusyError:
            raise CaseBusyError(_busy(holder, case_id)) from None
        write_atomic(holder, json.dumps(note).encode(), durable=False)
        yield is_first


def held_by(folder: Path) -> str | None:
    """Say which living process holds a case for a long operation, or did last; None where none lives.

    Nothing is waited for and nothing written: a process that lives on after its operation counts too.
    """
    return _note(folder / ".operation.json")


def _busy(holder: Path, case_id: str) -> str:
    who = "another process"
    for _ in range(_LOOKS):  # who holds it writes so just after, over what an earlier one left
        if note := _note(holder):
            who = note
            break
        time.sleep(_BETWEEN_S)
    return (
        f"{case_id} is in use ({display(who)}), so nothing was done: wait until it has finished "
        "or stop it, then run the command again"
    )


_LOOKS, _BETWEEN_S = 25, 0.02


def _note(holder: Path) -> str | None:
    """Say who holds a case; None where the note is of a process that is gone, or there is none."""
    try:
        note = json.loads(holder.read_bytes())
        who = f"process {note['pid']}, since {_minute(note['since'])}, doing: {note['what']}"
        return who if _is_there(int(note["pid"])) else None
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return None


def _minute(moment: str) -> str:
    try:
        return f"{parse_rfc3339(moment):%Y-%m-%d %H:%M} UTC"
    except ValueError:  # of another version, or of somebody else
        return moment


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks, and does nothing to it
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        return True
    return True
