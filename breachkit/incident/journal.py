"""The journal of a case: `events.jsonl`, appended to, never edited, and the source of truth.

Each entry is on the disk before the call that wrote it returns. A crash can cut only the last
entry short; the next writer sets the rest of it aside and goes on. An entry that is whole but
altered is never mended: that is for `verify` to report and for people to explain.
"""

import contextlib
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from breachkit.incident.disk import make_folder, write_all, write_atomic, writing
from breachkit.incident.entries import MalformedEntryError, decode, encode, follows, is_cut_short
from breachkit.incident.events import NO_PREVIOUS, VERSION, Actor, Draft, Event, EventKind
from breachkit.incident.lock import exclusive
from breachkit.model.errors import AccessError, ConfigurationError, VerificationError
from breachkit.model.ids import display
from breachkit.model.time import Clock


_LEFTOVER = "torn-entry-*.bin"


class JournalDamagedError(VerificationError):
    """The journal was altered, cut or reordered, so nothing may be built upon it."""


class JournalMissingError(ConfigurationError):
    """There is no journal where one was looked for."""


class JournalUnreadableError(AccessError):
    """This user may not read the journal, or the disk fails."""


class Journal:
    """One journal file, read and appended to by any number of processes."""

    def __init__(self, path: Path, *, aside: Path, clock: Clock, actor: Actor) -> None:
        """Stand for the journal at `path`; what a crash left behind is kept in `aside`."""
        self._path = path
        self._aside = aside
        self._clock = clock
        self._actor = actor
        self._events: list[Event] = []
        self._whole = 0  # bytes up to and including the last line end
        self._tail = b""  # what stands after it
        self._tail_event: Event | None = None  # the tail, where only its line end is missing
        self._stamp = (0, 0, 0)  # size, inode and time of change, to notice other writers
        self._leftovers_known = False

    @staticmethod
    def create(path: Path, first: Draft, *, clock: Clock, actor: Actor) -> None:
        """Write a new journal with its first entry; the folder exists."""
        write_atomic(path, encode(first, seq=1, prev=NO_PREVIOUS, now=clock.now(), actor=actor))

    def events(self) -> tuple[Event, ...]:
        """Give every whole entry, oldest first; what a crash cut short is left out.

        Raises:
            JournalDamagedError: an entry was altered, taken out, put in or moved.
        """
        self._refresh()
        return (*self._events, *([self._tail_event] if self._tail_event else []))

    def append(self, draft: Draft) -> Event:
        """Write one entry, wait until the disk has it, and give it back.

        Raises:
            JournalDamagedError: the entries before it do not hold.
            ReadOnlyCaseError: this user may not write there.
            CaseWriteError: the disk did not take it; the journal is as it was.
            ValueError: the kind is unknown, or the detail holds what JSON cannot.
        """
        with exclusive(self._path.with_name(".journal.lock")):
            self._refresh()
            self._write(self._encode([*self._recovered(), *self._clock_note(), draft]))
            self._leftovers_known = True
            self._refresh()
        return self._events[-1]

    def _refresh(self) -> None:
        """Read what is new since the last time; all of it where the file did not only grow."""
        with _opened(self._path) as descriptor:
            status = os.fstat(descriptor)
            if (status.st_size, status.st_ino, status.st_mtime_ns) == self._stamp:
                return
            goes_on = status.st_ino == self._stamp[1] and status.st_size > self._stamp[0]
            start = self._whole if goes_on else 0
            data = _read_from(descriptor, start)
        *lines, tail = data.split(b"\n")
        events = self._chain(self._events if goes_on else [], lines)
        if not goes_on and events[: len(self._events)] != self._events:
            raise self._damage(len(events) + 1, "entries that this process has read are gone")
        self._tail_event = self._unended(events, tail)
        self._events, self._tail = events, tail
        self._whole = start + len(data) - len(tail)
        self._stamp = (start + len(data), status.st_ino, status.st_mtime_ns)

    def _unended(self, events: Sequence[Event], tail: bytes) -> Event | None:
        """Give the entry that lacks only its line end, or None where the tail is cut short."""
        if not tail or is_cut_short(tail):
            if not events:
                raise self._damage(1, "the first entry is not whole")
            return None
        return self._chain(events, [tail])[-1]

    def _chain(self, known: Sequence[Event], lines: Sequence[bytes]) -> list[Event]:
        """Read `lines` as the entries that follow `known`, and give both."""
        events = [*known]
        for line in lines:
            prev = events[-1].hash if events else NO_PREVIOUS
            try:
                event = decode(line)
            except MalformedEntryError as cause:
                raise self._damage(len(events) + 1, str(cause)) from None
            if reason := follows(event, seq=len(events) + 1, prev=prev):
                raise self._damage(len(events) + 1, reason)
            events.append(event)
        return events

    def _encode(self, drafts: Sequence[Draft]) -> bytes:
        """Give the lines for `drafts`, as they follow what is there."""
        last = self._tail_event or self._events[-1]
        lines = [b"\n"] if self._tail_event else []
        seq, prev, now = last.seq, last.hash, self._clock.now()
        for draft in drafts:
            seq += 1
            lines.append(encode(draft, seq=seq, prev=prev, now=now, actor=self._actor))
            prev = decode(lines[-1].rstrip(b"\n")).hash
        return b"".join(lines)

    def _write(self, data: bytes) -> None:
        """Append `data`, or leave the file as it was."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        with writing(self._path):
            descriptor = os.open(self._path, flags)
            try:
                before = os.fstat(descriptor).st_size
                try:
                    write_all(descriptor, data)
                    os.fsync(descriptor)
                except BaseException:  # half an entry helps nobody, not even after Ctrl-C
                    with contextlib.suppress(OSError):
                        os.ftruncate(descriptor, before)
                        os.fsync(descriptor)
                    raise
            finally:
                os.close(descriptor)

    def _clock_note(self) -> list[Draft]:
        """Note that the clock stands before the last entry, where it does."""
        last = self._tail_event or self._events[-1]
        if last.v != VERSION:
            return []
        behind = math.ceil((last.at - self._clock.now()).total_seconds())
        if behind <= 0:
            return []
        return [Draft(kind=EventKind.CLOCK_BACKWARDS, detail={"seconds": behind}, refs=(last.id,))]

    def _recovered(self) -> list[Draft]:
        """Set aside what a crash left, and give the entries that say so."""
        if self._tail_event:
            return [_recovery(None, 0)]
        if self._tail:
            self._set_aside()
        elif self._leftovers_known:
            return []
        named = {event.text("file") for event in self._events}
        found = sorted(self._aside.glob(_LEFTOVER))
        return [
            _recovery(path.name, path.stat().st_size) for path in found if path.name not in named
        ]

    def _set_aside(self) -> None:
        """Move what follows the last whole entry into a file of its own.

        The file is written first and the journal cut after, so that a second crash in between
        loses nothing; whoever comes next finds the file and names it in an entry.
        """
        name = _LEFTOVER.replace("*", f"{len(self._events) + 1:04d}-{os.urandom(4).hex()}")
        with writing(self._aside):
            make_folder(self._aside)
        write_atomic(self._aside / name, self._tail)
        with writing(self._path):
            os.truncate(self._path, self._whole)
        self._refresh()

    def _damage(self, line: int, reason: str) -> JournalDamagedError:
        where = display(os.fsencode(self._path))
        return JournalDamagedError(
            f"{where}, line {line}: {reason}. Keep the folder as evidence and do not mend it; "
            "`breachkit log verify` lists what is wrong, and `breachkit open` starts a case to go on with"
        )


def _recovery(name: str | None, size: int) -> Draft:
    return Draft(kind=EventKind.JOURNAL_RECOVERED, detail={"file": name, "bytes": size})


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a journal to read it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        raise JournalMissingError(
            f"no journal at {display(os.fsencode(path))}: pass a case's id or folder with --case"
        ) from None
    except OSError as cause:
        raise JournalUnreadableError(
            f"cannot read {display(os.fsencode(path))}: {cause.strerror}. "
            "Ask the owner of the case folder for a copy"
        ) from cause
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read_from(descriptor: int, start: int) -> bytes:
    os.lseek(descriptor, start, os.SEEK_SET)
    pieces = []
    while piece := os.read(descriptor, 1 << 20):
        pieces.append(piece)
    return b"".join(pieces)


def read_journal(path: Path) -> bytes:
    """Give a journal's bytes, whatever state they are in.

    Raises:
        JournalMissingError: there is none.
        JournalUnreadableError: this user may not read it.
    """
    with _opened(path) as descriptor:
        return _read_from(descriptor, 0)
