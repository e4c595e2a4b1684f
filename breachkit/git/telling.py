"""What git says of its own progress on stderr, told on; what is wrong is kept.

Source: git's progress.c: `Receiving objects:  45% (9/20), 1.20 MiB | 2.00 MiB/s`, each line over the one
before by a carriage return.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from breachkit.model.doing import Step, is_heard


_SAID = re.compile(
    rb"(?:remote: )?(?P<phase>[A-Z][a-z]+ (?:objects|deltas|files|refs|commits|references)[a-z ]*): +"
    rb"(?:\d+% \((?P<done>\d{1,18})/(?P<total>\d{1,18})\)|(?P<number>\d{1,18}(?!\d)))(?:, (?P<size>[\d.]+ (?:[KMG]i)?B|\d+ bytes))?"
)
_IN_PASSING = (b"Cloning into ", b"From ", b"To ", b" * ", b" + ", b" - ", b" t ", b" = ", b"   ")
"""What is said where nothing is wrong: names of refs, mostly, which must not be taken for reasons."""
_AN_END = re.compile(rb"[\r\n]")
_MORE = 1 << 12
_LONGEST = 1 << 16
"""Of what is read for the end of a line: a server can say anything."""
_MOST_KEPT = 1 << 20
"""Bytes of what is wrong; the last say why the command ended."""


def option() -> str:
    """Give the option for a command that copies: that it says how far it is, where anybody hears of it."""
    return "--progress" if is_heard() else "--quiet"


def follow(stdout: IO[bytes] | None, stderr: IO[bytes] | None, step: Step) -> tuple[bytes, bytes]:
    """Read what a git command writes until it ends: what came of it, and the last of what is wrong.

    Whoever is interrupted here gets on at once, to end the command: only then nothing more is said.
    """
    if stdout is None or stderr is None:
        raise TypeError("the command writes elsewhere")
    beside = ThreadPoolExecutor(max_workers=1)
    try:
        said = beside.submit(_complaints, stderr, step)
        return stdout.read(), said.result()
    finally:
        beside.shutdown(wait=False)


def _complaints(stderr: IO[bytes], step: Step) -> bytes:
    kept, rest = bytearray(), b""
    while piece := stderr.read1(_MORE):  # type: ignore[attr-defined] # of the pipes that are read here
        *lines, rest = _AN_END.split(rest + piece)
        kept += b"".join(line + b"\n" for line in lines if not _is_progress(line, step))
        if len(rest) > _LONGEST:
            kept += rest
            rest = b""
        del kept[:-_MOST_KEPT]
    return bytes(kept) + (b"" if _is_progress(rest, step) else rest)


def _is_progress(line: bytes, step: Step) -> bool:
    said = _SAID.match(line)
    if said is None:
        return not line.strip() or line.startswith(_IN_PASSING)
    phase, size = said["phase"].decode().lower(), (said["size"] or b"").decode()
    done, total = said["done"] or said["number"], said["total"]
    step.tell(int(done), int(total) if total else None, note=f"{phase}, {size}" if size else phase)
    return True
