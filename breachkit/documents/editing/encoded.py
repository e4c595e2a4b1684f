"""A text and its bytes: changes of what is read, and every other byte as it was."""

from array import array
from collections.abc import Iterable
from typing import NamedTuple

from breachkit.documents.editing.editable import CannotEditError
from breachkit.documents.encoding import decode, encoding_of, unseen_in


class Change(NamedTuple):
    """Other words for a piece of a text."""

    start: int
    """Counted from 0, in characters of the text as `documents.encoding.decode` gives it."""
    end: int
    """Behind the last character of the piece; `start` where something is put in."""
    words: str


class EncodedText:
    """What the bytes of a file say, and how it is said in bytes again.

    Attributes:
        text: As `documents.encoding.decode` gives it.
    """

    def __init__(self, content: bytes) -> None:
        """Take a file.

        Raises:
            CannotEditError: The bytes are no text, or cannot be had again from what they say.
        """
        seen = decode(content)
        if seen is None:
            raise CannotEditError("binary content of an unknown kind")
        self.text: str = seen
        self._content = content
        self._mark, self._encoding = encoding_of(content)
        self._raw = self._decoded(content[len(self._mark) :])
        shown = self._shown(self._raw)
        self._kept = _kept(shown)
        if self._kept is not None:
            shown = "".join(map(shown.__getitem__, self._kept))
        if shown != seen:
            raise CannotEditError("text with bytes that its encoding does not have")

    def spliced(self, changes: Iterable[Change]) -> bytes:
        """Give the bytes of the text with some pieces changed; all others are the same.

        Args:
            changes: None of them within another.

        Raises:
            CannotEditError: The encoding has no such words, or two changes meet.
        """
        pieces: list[str] = []
        at = 0
        for change in sorted(changes):
            start, end = self._place(change)
            if start < at:
                raise CannotEditError("two changes of the same place")
            pieces += (self._raw[at:start], self._carried(change.words))
            at = end
        pieces.append(self._raw[at:])
        return self._mark + "".join(pieces).encode(self._codec)

    @property
    def _codec(self) -> str:
        """The encoding in which each piece of the raw text is the bytes that it came from."""
        return "latin-1" if self._encoding == "cp1252" else self._encoding

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self._codec)
        except UnicodeDecodeError:
            raise CannotEditError("text with bytes that its encoding does not have") from None

    def _shown(self, raw: str) -> str:
        """Give what is read for a raw text, a character for each; Windows-1252 has five bytes less."""
        if self._encoding != "cp1252":
            return raw
        return raw.encode("latin-1").decode("cp1252", "replace")

    def _carried(self, words: str) -> str:
        try:
            return words.encode(self._encoding).decode(self._codec)
        except UnicodeEncodeError:
            raise CannotEditError("the encoding of the file has no such character") from None

    def _place(self, change: Change) -> tuple[int, int]:
        """Give where a piece stands in the raw text: what nobody sees within it goes with it."""
        start = self._raw_place(change.start)
        if change.end <= change.start:
            return start, start
        return start, self._raw_place(change.end - 1) + 1

    def _raw_place(self, at: int) -> int:
        if self._kept is None:
            return at
        return self._kept[at] if at < len(self._kept) else len(self._raw)


def _kept(shown: str) -> "array[int] | None":
    """Give the places of the characters that are read; None where that is all of them."""
    without_nul = shown.replace("\0", "")
    dropped = list(unseen_in(without_nul))
    if not dropped and len(without_nul) == len(shown):
        return None
    places = array("q", [at for at, sign in enumerate(shown) if sign != "\0"])
    kept, at = array("q"), 0
    for start, end in dropped:
        kept += places[at:start]
        at = end
    return kept + places[at:]
