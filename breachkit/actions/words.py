"""Finds words in texts whatever they are encoded in, and puts others in their place.

Old histories hold messages in encodings that nobody named, names typed in either of Unicode's
forms, and lines wrapped in the middle of a name. Words that are to go are found in all of these.
"""

import codecs
import contextlib
import re
import unicodedata
from collections.abc import Iterable, Iterator


_ROUNDS = 8
"""How often a text is gone over: what is put in may make a word again with what is beside it."""

_UNNAMED = "cp1252"
"""What text without a name of its encoding is in where it is no UTF-8: Latin-1 as Windows has it."""

_WIDE = {"utf-16": ("utf-16-le", "utf-16-be"), "utf-32": ("utf-32-le", "utf-32-be")}
"""Encodings whose codec would put a mark before the words. Source: Python's codecs."""

_BLANK = re.compile(rb"[ \t]+")


class Words:
    """Words that go, and what stands for each.

    Args:
        pairs: What is found, and what is put in its place; UTF-8 where it is text.
    """

    def __init__(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0]))
        self._patterns: dict[tuple[str, ...], tuple[re.Pattern[bytes], list[bytes]]] = {}

    def replace(self, text: bytes, encoding: str = "utf-8") -> bytes:
        """Give a text with the words replaced, the longest first, until none is left.

        Args:
            text: As git stores it.
            encoding: What the text is said to be in; any name.
        """
        if not self._pairs:
            return text
        pattern, puts = self._pattern(_encodings(text, encoding))
        for _ in range(_ROUNDS):
            text, found = pattern.subn(lambda match: puts[(match.lastindex or 1) - 1], text)
            if not found:
                break
        return text

    def are_in(self, text: bytes, encoding: str = "utf-8") -> bool:
        """Say whether a text holds one of the words."""
        if not self._pairs:
            return False
        pattern, _ = self._pattern(_encodings(text, encoding))
        return pattern.search(text) is not None

    def _pattern(self, encodings: tuple[str, ...]) -> tuple[re.Pattern[bytes], list[bytes]]:
        if encodings not in self._patterns:
            puts: dict[bytes, bytes] = {}
            for find, put in self._pairs:
                for form, stands in _forms(find, put, encodings):
                    puts.setdefault(_expression(form), stands)
            pattern = re.compile(b"|".join(b"(%s)" % each for each in puts))
            self._patterns[encodings] = pattern, list(puts.values())
        return self._patterns[encodings]


def _encodings(text: bytes, named: str) -> tuple[str, ...]:
    """Give what a text may be in, beside UTF-8."""
    found: list[str] = []
    with contextlib.suppress(LookupError, ValueError):  # a name that nobody knows, or with a NUL
        codec = codecs.lookup(named).name
        found += _WIDE.get(codec, (codec,))
    if b"\0" in text:
        found += _WIDE["utf-16"]
    try:
        text.decode()
    except UnicodeDecodeError:
        found.append(_UNNAMED)
    return tuple(dict.fromkeys(found))


def _forms(find: bytes, put: bytes, encodings: Iterable[str]) -> Iterator[tuple[bytes, bytes]]:
    """Give words as they are, composed, decomposed, and in other encodings."""
    yield find, put
    try:
        words, stands = find.decode(), put.decode(errors="replace")
    except UnicodeDecodeError:
        return
    composed, decomposed = (unicodedata.normalize(form, words) for form in ("NFC", "NFD"))
    yield from ((each.encode(), put) for each in (composed, decomposed))
    for encoding in encodings:
        # otherwise the words cannot stand in such a text, or nobody can read it
        with contextlib.suppress(LookupError, ValueError):
            yield composed.encode(encoding), stands.encode(encoding, "replace")


def _expression(words: bytes) -> bytes:
    """Give a pattern in which blanks between words also stand for the end of a line."""
    inner = words.strip(b" \t")
    start = words.index(inner)
    parts = (re.escape(part) for part in _BLANK.split(inner))
    end = re.escape(words[start + len(inner) :])
    return re.escape(words[:start]) + rb"\s+".join(parts) + end
