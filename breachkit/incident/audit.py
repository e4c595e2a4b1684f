"""Does a journal hold? Reads the file on its own, trusting nothing that was read before.

An edit, an insertion, a deletion and a change of order break the chain. A journal that was cut
at the end, or written anew from some entry on, holds in itself: only an anchor shows it, the hash
of an entry that somebody outside has (every mail carries one).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from breachkit.incident.entries import MalformedEntryError, decode, follows, is_cut_short
from breachkit.incident.events import NO_PREVIOUS, VERSION, Event
from breachkit.model.errors import UsageError


MIN_ANCHOR = 12
"""Fewer hexadecimal digits than this could name an entry by chance."""

MAX_PROBLEMS = 100
"""A report lists at most this many problems."""


class AnchorError(UsageError):
    """What was given as an anchor is no hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something wrong with one line, counted from 1."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """An anchor, and the entry that it is the hash of."""

    anchor: str
    """As it was given, in lower case."""
    entry: str | None
    """None where the journal has no such entry: it was cut off or written anew."""
    seq: int | None
    """The number of that entry, counted from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalReport:
    """Whether a journal holds, and what is wrong where it does not."""

    entries: int
    head: str | None
    """Hash of the last sound entry."""
    problems: tuple[Problem, ...]
    """In the order of the lines."""
    torn_bytes: int
    """Bytes of an entry that a crash cut short; the next command that writes sets them aside."""
    newer_entries: int
    """Entries that a later breachkit wrote: checked, not understood."""
    anchors: tuple[Anchored, ...] = ()
    """Those that were asked for, each once, in the order in which they were given."""

    @property
    def ok(self) -> bool:
        """Whether every line holds, and every anchor that was given was found."""
        return not (self.problems or self.torn_bytes or self.lost)

    @property
    def lost(self) -> tuple[Anchored, ...]:
        """The anchors that no entry has."""
        return tuple(each for each in self.anchors if each.entry is None)

    @property
    def vouched(self) -> Anchored | None:
        """The anchor of the latest entry: everything up to there is as it was when it left."""
        found = [each for each in self.anchors if each.seq is not None]
        return max(found, key=lambda each: each.seq or 0, default=None)

    @property
    def exit_code(self) -> int:
        """0, or 7 where the journal does not hold."""
        return 0 if self.ok else 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a journal: the entry it holds, what is wrong with it, or both."""

    number: int
    event: Event | None
    problem: str | None


def lines(data: bytes) -> Iterator[Line]:
    """Read every whole line; after a bad one, go on from what the next one says of itself."""
    *whole, tail = data.split(b"\n")
    if tail and not is_cut_short(tail):
        whole.append(tail)
    seq, prev = 1, NO_PREVIOUS
    for number, line in enumerate(whole, start=1):
        read = _line(number, line, seq=seq, prev=prev)
        yield read
        if read.event:
            seq, prev = read.event.seq + 1, read.event.hash
        else:
            seq, prev = seq + 1, ""


def audit(data: bytes, anchors: Sequence[str] = ()) -> JournalReport:
    """Check the bytes of a journal.

    Args:
        data: The whole file.
        anchors: Hashes of entries, each whole or at least its first 12 digits.

    Raises:
        AnchorError: an anchor is no hash.
    """
    wanted = dict.fromkeys(checked_anchor(anchor) for anchor in anchors)
    read = [*lines(data)]
    problems = [Problem(line=line.number, reason=line.problem) for line in read if line.problem]
    torn = _torn_bytes(data)
    if not read:
        problems = [Problem(line=1, reason="the first entry is not whole")]
    sound = [line.event for line in read if line.event and not line.problem]
    return JournalReport(
        entries=len(read),
        head=sound[-1].hash if sound else None,
        problems=tuple(problems[:MAX_PROBLEMS]),
        torn_bytes=torn,
        newer_entries=sum(event.v > VERSION for event in sound),
        anchors=tuple(_find(sound, anchor) for anchor in wanted),
    )


def _torn_bytes(data: bytes) -> int:
    tail = data.rpartition(b"\n")[2]
    return len(tail) if is_cut_short(tail) else 0


def _line(number: int, line: bytes, *, seq: int, prev: str) -> Line:
    try:
        event = decode(line)
    except MalformedEntryError as cause:
        return Line(number=number, event=None, problem=str(cause))
    if not prev:  # the line before could not be read, so nothing is known of its hash
        prev = event.prev
    return Line(number=number, event=event, problem=follows(event, seq=seq, prev=prev))


def checked_anchor(text: str) -> str:
    """Give an anchor in lower case.

    Raises:
        AnchorError: it is no hash.
    """
    anchor = text.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{MIN_ANCHOR},64}}", anchor):
        raise AnchorError(
            f"an anchor is the hash of a journal entry, or at least its first {MIN_ANCHOR} digits: "
            "copy it from the end of a mail about this case"
        )
    return anchor


def _find(events: list[Event], anchor: str) -> Anchored:
    found = next((event for event in events if event.hash.startswith(anchor)), None)
    return Anchored(
        anchor=anchor, entry=found.id if found else None, seq=found.seq if found else None
    )
