"""Shows why old ids are sensitive: finds redacted counts again by trying, with nothing but an id.

Practice data only. The id of a file is the SHA-1 of its content; who has the redacted file and a few
letters of the old id needs no access to anything.
"""

import functools
import itertools
import time
from dataclasses import dataclass

from breachkit.drill.planted import MARK, blob_id, plant
from breachkit.drill.recover import worst_rows
from breachkit.model.sensitive import Sensitive


LARGEST = 7
LETTERS = 10
"""As many as git shows of an id in a diff of a small repository, or a few more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How a redacted table was filled in again."""

    gaps: int
    """Counts that were redacted."""
    largest: int
    """What each gap was filled with at most."""
    letters: int
    """Of the old id, that were known."""
    tries: int
    seconds: float
    rows: Sensitive[tuple[str, ...]]
    """The header and the row that discloses most."""
    complete: bool
    """Whether the whole file came back, byte by byte."""


def guess() -> Guess:
    """Fill in the table that was redacted in place, from its old id alone."""
    old = plant().follow_up
    return _guess(old.content, old.blob[:LETTERS], plant().follow_up_redacted)


@functools.cache
def _guess(content: bytes, start: str, redacted: bytes) -> Guess:
    parts = redacted.split(MARK.encode())
    begun, tries, found = time.monotonic(), 0, b""
    for filling in itertools.product(range(1, LARGEST + 1), repeat=len(parts) - 1):
        tries += 1
        text = _fill(parts, filling)
        if blob_id(text).startswith(start):
            found = text
            break
    return Guess(
        gaps=len(parts) - 1,
        largest=LARGEST,
        letters=LETTERS,
        tries=tries,
        seconds=time.monotonic() - begun,
        rows=Sensitive(worst_rows(found) if found else ()),
        complete=found == content,
    )


def _fill(parts: list[bytes], filling: tuple[int, ...]) -> bytes:
    pieces = [parts[0]]
    for number, part in zip(filling, parts[1:], strict=True):
        pieces += [b"%d" % number, part]
    return b"".join(pieces)
