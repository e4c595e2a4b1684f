"""`.DS_Store`, in which macOS notes how a folder was shown: the names of the files that lay in it.

A folder's notes keep the names of files that were never committed, and room that is free keeps those of
files that are gone. So all text in the file is taken, wherever it stands, and not the tree of its records.

Source: for the layout, W. Barnes, "DS_Store Format" (2008): text is UTF-16, the most significant byte first.
"""

import re
from collections.abc import Iterator

from breachkit.documents.reader import Budget, Member, NotReadError
from breachkit.documents.table import Document, Text, TextKind


MOST_BYTES = 16 * 1024 * 1024
_WIDE = re.compile(rb"(?:\0[\x20-\x7e\xa0-\xff]|[\x01-\x1f][\x20-\xff]|\x20[\x10-\x27]){2,}")
"""Text in the alphabets from Latin to Greek Extended (up to U+1FFF). Beyond them, two letters of ASCII, which
the layout's own codes are made of, look like one character."""
_NARROW = re.compile(rb"[\x20-\x7e]{5,}")


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the names and notes that a folder's file holds."""
    if len(content) > MOST_BYTES:
        raise NotReadError(f"more than {MOST_BYTES} bytes")
    budget.take_bytes(len(content))
    wide = [_without_length(found.decode("utf-16-be")) for found in _WIDE.findall(content)]
    narrow = [found.decode("ascii") for found in _NARROW.findall(content)]
    words = list(dict.fromkeys([*wide, *narrow]))
    if words:
        yield Text("\n".join(words), part, TextKind.HIDDEN)


def _without_length(text: str) -> str:
    """Give a name without the number of its characters, which stands before it and may look like one of them."""
    return text[1:] if ord(text[0]) == len(text) - 1 else text
