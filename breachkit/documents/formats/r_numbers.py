"""Numbers and strings of R's serialization, in each of its three ways of writing them.

Vectors stay views of the file until somebody asks for their first values.
"""

import re
import struct
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, overload

from breachkit.documents.formats.frames import number_text, texts
from breachkit.documents.reader import MAX_CELLS, NotReadError
from breachkit.model.records import dataclass, field


NA_INTEGER = -(2**31)
_CHAR = 9
_REMEMBERED = 100_000
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)")
_LETTERS = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"v": b"\v",
    b"b": b"\b",
    b"f": b"\f",
    b"a": b"\a",
}
_CUT_OFF = "damaged, or cut off before its end"


@dataclass(frozen=True, slots=True)
class Numbers:
    """A vector of numbers."""

    length: int
    _values: "memoryview | range | Sequence[float]" = field(repr=False)
    _form: str = "d"
    """One of `struct`; `D` for complex numbers, two to a value."""
    _order: str = ">"

    @classmethod
    def sequence(cls, length: float, start: float, step: float) -> "Numbers":
        """Give numbers at equal distances, of which no more than a table may have are ever made."""
        if not (0 <= length < 2**52 and start.is_integer() and step.is_integer() and step):
            raise NotReadError("damaged")
        kept = min(int(length), MAX_CELLS)
        return cls(int(length), range(int(start), int(start + kept * step), int(step)))

    def piece(self, start: int, length: int) -> "Numbers":
        """Give the values from a place on, counted from 0."""
        if not isinstance(self._values, memoryview):
            return Numbers(length, self._values[start : start + length], self._form)
        size = 16 if self._form == "D" else struct.calcsize(self._form)
        values = self._values[start * size : (start + length) * size]
        return Numbers(length, values, self._form, self._order)

    def first(self, most: int) -> Sequence[float]:
        """Give the first values, as whole numbers or decimals; complex ones by their real part."""
        if not isinstance(self._values, memoryview):
            return self._values[:most]
        form = "d" if self._form == "D" else self._form
        size = struct.calcsize(form) * (2 if self._form == "D" else 1)
        found = array(form, bytes(self._values[: most * size]))
        if struct.pack(f"{self._order}i", 1) != struct.pack("=i", 1):
            found.byteswap()
        return found[::2] if self._form == "D" else found

    def written(
        self, most: int = MAX_CELLS, write: Callable[[float], str] = number_text
    ) -> list[str]:
        """Write the first values; NA as nothing."""
        if self._form == "i":
            return texts(
                self.first(most), lambda value: "" if value == NA_INTEGER else write(value)
            )
        return texts(self.first(most), write)


class Later(Sequence["str | None"]):
    """A long vector of strings, of which the first ones are made when somebody asks for them."""

    def __init__(
        self, length: int, at: int, decode: Callable[[int, int], tuple[list[str | None], int]]
    ) -> None:
        """Give the strings that stand at a place, by what gives so many of them and where they end."""
        self._length = length
        self._at = at
        self._decode = decode
        self._made: list[str | None] = []

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> str | None: ...
    @overload
    def __getitem__(self, place: slice) -> list[str | None]: ...
    def __getitem__(self, place: int | slice) -> str | list[str | None] | None:
        wanted = range(self._length)[place]
        if isinstance(wanted, range):
            last = max(wanted[0], wanted[-1]) if wanted else -1
        else:
            last = wanted
        if last >= len(self._made):
            more, self._at = self._decode(self._at, last + 1 - len(self._made))
            self._made += more
        return self._made[place] if isinstance(place, slice) else self._made[last]

    def __iter__(self) -> "Iterator[str | None]":
        return iter(self[:])


Words = Sequence["str | None"]
_FEW = 1_000
"""Strings of a vector that are made at once."""


class Source(Protocol):
    """A file of R, read from its beginning to its end."""

    def integer(self) -> int:
        """Give the next number."""
        ...

    def characters(self, length: int) -> bytes:
        """Give the next string."""
        ...

    def word(self, length: int) -> str | None:
        """Give the next string as text; a negative length is NA."""
        ...

    def words(self, length: int) -> Words:
        """Give the next strings of a vector."""
        ...

    def numbers(self, form: str, length: int) -> Numbers:
        """Give a vector of numbers."""
        ...

    def left(self) -> int:
        """Give how many bytes are left."""
        ...


class Binary:
    """The binary ways: by network order (`X`), or in that of the machine (`B`)."""

    def __init__(self, content: bytes, at: int, order: str) -> None:
        """Start reading at a place, counted from 0."""
        self._content = content
        self._view = memoryview(content)
        self._at = at
        self._order = order
        self._integer = struct.Struct(f"{order}i")
        self._pair = struct.Struct(f"{order}ii")
        self._known: dict[bytes, str] = {}

    def integer(self) -> int:
        """Give the next number."""
        try:
            found: int = self._integer.unpack_from(self._content, self._at)[0]
        except struct.error:
            raise NotReadError(_CUT_OFF) from None
        self._at += 4
        return found

    def characters(self, length: int) -> bytes:
        """Give the next string."""
        found = self._content[self._at : self._at + length]
        if length < 0 or len(found) < length:
            raise NotReadError(_CUT_OFF)
        self._at += length
        return found

    def word(self, length: int) -> str | None:
        """Give the next string as text; a negative length is NA."""
        return None if length < 0 else _text(self.characters(length), self._known)

    def words(self, length: int) -> Words:
        """Give the next strings of a vector; of a long one they are made when they are asked for."""
        if length <= _FEW:
            found, self._at = self._decoded(self._at, length)
            return found
        start = self._at
        self._pass_by(length)
        return Later(length, start, self._decoded)

    def _pass_by(self, length: int) -> None:
        """Go to the end of a vector of strings."""
        content, at, unpack = self._content, self._at, self._pair.unpack_from
        for _ in range(length):
            try:
                flags, size = unpack(content, at)
            except struct.error:
                raise NotReadError(_CUT_OFF) from None
            if flags & 255 != _CHAR or flags & 1 << 9:
                raise NotReadError("damaged")
            at += 8 + size if size > 0 else 8
        if at > len(content):
            raise NotReadError(_CUT_OFF)
        self._at = at

    def _decoded(self, at: int, length: int) -> tuple[list[str | None], int]:
        """Give so many strings from a place on, and where they end."""
        found: list[str | None] = []
        content, unpack, known = self._content, self._pair.unpack_from, self._known
        for _ in range(length):
            try:
                flags, size = unpack(content, at)
            except struct.error:
                raise NotReadError(_CUT_OFF) from None
            if flags & 255 != _CHAR or flags & 1 << 9:
                raise NotReadError("damaged")
            at += 8
            if size < 0:
                found.append(None)
                continue
            word = content[at : at + size]
            at += size
            text = known.get(word)
            found.append(_text(word, known) if text is None else text)
        if at > len(content):
            raise NotReadError(_CUT_OFF)
        return found, at

    def numbers(self, form: str, length: int) -> Numbers:
        """Give a vector of numbers."""
        size = length * (16 if form == "D" else struct.calcsize(form))
        if self._at + size > len(self._content):
            raise NotReadError(_CUT_OFF)
        values = self._view[self._at : self._at + size]
        self._at += size
        return Numbers(length, values, form, self._order)

    def left(self) -> int:
        """Give how many bytes are left."""
        return len(self._content) - self._at


class Ascii:
    """The way of text (`A`): one number or string to a line."""

    def __init__(self, content: bytes, at: int) -> None:
        """Start reading at a place, counted from 0."""
        self._lines = content[at:].split(b"\n")
        self._number = 0
        self._known: dict[bytes, str] = {}

    def _line(self) -> bytes:
        if self._number >= len(self._lines):
            raise NotReadError(_CUT_OFF)
        self._number += 1
        return self._lines[self._number - 1].strip()

    def integer(self) -> int:
        """Give the next number."""
        line = self._line()
        try:
            return NA_INTEGER if line == b"NA" else int(line)
        except ValueError:
            raise NotReadError("damaged") from None

    def characters(self, length: int) -> bytes:  # noqa: ARG002 - the line says it
        """Give the next string."""
        return _ESCAPED.sub(_unescaped, self._line())

    def word(self, length: int) -> str | None:
        """Give the next string as text; a negative length is NA."""
        return None if length < 0 else _text(self.characters(length), self._known)

    def words(self, length: int) -> Words:
        """Give the next strings of a vector."""
        found = []
        for _ in range(length):
            if self.integer() & 255 != _CHAR:
                raise NotReadError("damaged")
            found.append(self.word(self.integer()))
        return found

    def numbers(self, form: str, length: int) -> Numbers:
        """Give a vector of numbers."""
        lines = [self._line() for _ in range(length * 2 if form == "D" else length)]
        try:
            values = [_READS.get(form, _decimal)(line) for line in lines]
        except ValueError:
            raise NotReadError("damaged") from None
        return Numbers(length, values[::2] if form == "D" else values, form)

    def left(self) -> int:
        """Give how many lines are left."""
        return len(self._lines) - self._number


def _unescaped(found: re.Match[bytes]) -> bytes:
    """Give the byte that R wrote as an octal number or a letter."""
    code = found[1]
    if code.isdigit():
        return bytes([int(code, 8) & 255])
    return _LETTERS.get(code, code)


def _decimal(line: bytes) -> float:
    return float("nan") if line == b"NA" else float(line)


def _whole(line: bytes) -> float:
    return NA_INTEGER if line == b"NA" else int(line)


_READS: dict[str, Callable[[bytes], float]] = {"i": _whole, "B": lambda line: int(line, 16)}


def _text(word: bytes, known: dict[bytes, str]) -> str:
    """Decode a string as UTF-8, or as Windows-1252 where it is none; most strings repeat."""
    try:
        text = word.decode("utf-8")
    except UnicodeDecodeError:
        text = word.decode("cp1252", "replace")
    if len(known) < _REMEMBERED:
        known[word] = text
    return text
