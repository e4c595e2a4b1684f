"""Compiled Python (.pyc, .pyo): the literals and names that its source had.

A compiled program keeps every text, number and table that was typed into its source, and may outlive it. `marshal`
reads such a file, and crashes at bytes that are made for it; so the records are read here, by their lengths, and
nothing is made of them but text. What they are instructions for is not looked at.

Source: CPython, Python/marshal.c and Lib/importlib/_bootstrap_external.py (the magic numbers), 2.7 to 3.14.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from breachkit.documents.encoding import UNSEEN_BYTES, decode
from breachkit.documents.formats.frames import LONGEST_TEXT
from breachkit.documents.formats.printable import printable_in
from breachkit.documents.markup import tables_in_text
from breachkit.documents.pasted import tables_in_program
from breachkit.documents.reader import Budget, Member, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable


MOST_RECORDS = 1_000_000
_DEEPEST = 200
_MOST_MEMBERS = 200
_FEWEST_BYTES = 256
"""Of bytes that are no text, from which on they may be a file; fewer are written as they were typed."""
_HEAD = 4
_PYTHON_2 = range(50_823, 62_300)
_PYTHON_3 = range(3_000, 4_000)
_HEADS = ((3_390, 16), (3_190, 12), (0, 8))
"""From which magic number on the head has how many bytes."""
_NUMBERS = ((3_450, 5), (3_410, 6), (3_000, 5))
"""From which magic number on a code begins with how many numbers; in Python 2 with four."""
_NEW_CODE = 3_450
"""From Python 3.11 on a code has other parts."""


_OF_OLD = (True, True, True, True, True, True, None, False)
"""The parts of a code behind its literals: whether each is told. Names, names of variables, free ones, those of cells,
the file, the name; a number: the first line; where lines begin."""
_OF_NEW = (True, True, False, True, True, True, None, False, False)
"""Names, names of all variables, their kinds, the file, the name, the full name; the first line; lines; exceptions."""
_PLAIN = {"0": "", "N": "", "F": "False", "T": "True", "S": "", ".": "..."}
_TEXTS = {"t": 4, "u": 4, "a": 4, "A": 4, "z": 1, "Z": 1}
"""How many bytes say how long a text is."""
_MANY = {"(": 4, ")": 1, "[": 4, "<": 4, ">": 4, ":": 0}
"""How many say how many records follow."""
_FIXED = {"i": (4, "<i"), "I": (8, "<q"), "g": (8, "<d"), "y": (16, "<2d")}
_LONGEST_REPEATED = 40
"""Characters of what is written again where it is referred to."""
_MOST_DIGITS = 100


class _Layout(NamedTuple):
    head: int
    numbers: int
    is_new: bool


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give what was typed into the source as text, the tables in it, and bytes that may be a file."""
    budget.take_bytes(len(content))
    records = _Records(content)
    try:
        records.read(_layout(content))
    except (_UnknownError, IndexError, struct.error, ValueError):
        words = "\n".join(printable_in(content))
        yield Text(words[:LONGEST_TEXT], part, TextKind.HIDDEN)
        yield Unreadable(
            "compiled Python: damaged, or of an unknown version: only words were read", part
        )
        return
    text = "\n".join(records.lines)
    if text.strip():
        yield Text(text[:LONGEST_TEXT], part)
        yield from tables_in_program(text[:LONGEST_TEXT], part)
        yield from tables_in_text(text[:LONGEST_TEXT], part)
    if len(text) > LONGEST_TEXT:
        yield Unreadable("compiled Python: only the first part of its texts was read", part)
    for number, member in enumerate(records.members[:_MOST_MEMBERS], start=1):
        yield Embedded(Trait.EMBEDDED_FILE, part)
        yield Member(content=member, path=b"", part=inside(part, f"bytes {number}"))
    if len(records.members) > _MOST_MEMBERS:
        yield Unreadable(
            f"compiled Python: only the first {_MOST_MEMBERS} bytes literals were read", part
        )
    if content[records.at :].strip(b"\0\r\n"):
        yield Unreadable("compiled Python: bytes behind its end were not read", part)


def _layout(content: bytes) -> _Layout:
    """Say by the magic number how a file is laid out."""
    magic = int.from_bytes(content[:2], "little")
    if content[2:_HEAD] == b"\r\n" and magic in _PYTHON_2:
        return _Layout(8, 4, is_new=False)
    if content[2:_HEAD] != b"\r\n" or magic not in _PYTHON_3:
        raise _UnknownError
    head = next(size for first, size in _HEADS if magic >= first)
    numbers = next(number for first, number in _NUMBERS if magic >= first)
    return _Layout(head, numbers, is_new=magic >= _NEW_CODE)


class _UnknownError(Exception):
    """A record is none that is known."""


class _Records:
    """The records of a file, one after the other, written as text."""

    def __init__(self, content: bytes) -> None:
        self.at = 0
        self.lines: list[str] = []
        self.members: list[bytes] = []
        self._content = content
        self._left = MOST_RECORDS
        self._known: list[str] = []
        """What later records refer to, by its number; so do names in Python 2."""
        self._interned: list[str] = []
        self._layout = _Layout(0, 0, is_new=False)

    def read(self, layout: _Layout) -> None:
        """Read everything, into `lines` and `members`."""
        self._layout, self.at = layout, layout.head
        self._tell(self._value(0))

    def _tell(self, text: str) -> None:
        if text:
            self.lines.append(text)

    def _take(self, size: int) -> bytes:
        taken = self._content[self.at : self.at + size]
        if size < 0 or len(taken) < size:
            raise _UnknownError
        self.at += size
        return taken

    def _number(self, size: int = 4) -> int:
        return int.from_bytes(self._take(size), "little", signed=size > 1)

    def _value(self, depth: int) -> str:
        """Give the next record as it would be typed; texts without quotes, and nothing for what is none."""
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise _UnknownError
        byte = self._take(1)[0]
        kind, is_known, place = chr(byte & 0x7F), byte > 0x7F, len(self._known)
        if is_known:
            self._known.append("")
        written = self._simple(kind)
        if written is None:
            written = self._compound(kind, depth)
        if is_known and len(written) <= _LONGEST_REPEATED:
            self._known[place] = written
        return written

    def _simple(self, kind: str) -> str | None:
        """Give a record that no other is part of; None for others."""
        if kind in _PLAIN:
            return _PLAIN[kind]
        if kind in _TEXTS:
            text = self._take(self._number(_TEXTS[kind])).decode("utf-8", "replace")
            self._interned += [text] if kind == "t" else []
            return text
        if kind in _FIXED:
            size, form = _FIXED[kind]
            return " ".join(map(str, struct.unpack(form, self._take(size))))
        readers: dict[str, Callable[[], str]] = {
            "s": self._bytes,
            "l": self._long,
            "f": self._digits,
            "x": lambda: f"{self._digits()} {self._digits()}",
            "r": lambda: self._known[self._number()],
            "R": lambda: self._interned[self._number()][:_LONGEST_REPEATED],
        }
        return readers[kind]() if kind in readers else None

    def _compound(self, kind: str, depth: int) -> str:
        if kind == "c":
            self._code(depth)
            return ""
        return f"({', '.join(filter(None, self._values(kind, depth)))})"

    def _values(self, kind: str, depth: int) -> Iterator[str]:
        """Give the records that another one is made of."""
        if kind == "{":
            while self._content[self.at : self.at + 1] != b"0":
                yield f"{self._value(depth + 1)}: {self._value(depth + 1)}"
            self.at += 1
            return
        if kind not in _MANY:
            raise _UnknownError
        many = 3 if kind == ":" else self._number(_MANY[kind])
        for _ in range(many):
            yield self._value(depth + 1)

    def _long(self) -> str:
        """Read a whole number of any length, in digits of 15 bits."""
        digits = self._number()
        raw = struct.unpack(f"<{abs(digits)}H", self._take(2 * abs(digits)))
        if len(raw) > _MOST_DIGITS:
            return ""
        value = sum(digit << 15 * at for at, digit in enumerate(raw))
        return str(-value if digits < 0 else value)

    def _digits(self) -> str:
        return self._take(self._number(1)).decode("latin-1")

    def _bytes(self) -> str:
        """Give bytes that are text; others may be a file, which is read by itself."""
        raw = self._take(self._number())
        if len(raw.translate(None, UNSEEN_BYTES)) == len(raw):
            return decode(raw) or ""
        if len(raw) < _FEWEST_BYTES:
            return repr(raw)
        self.members.append(raw)
        return ""

    def _skip(self, depth: int) -> None:
        """Pass over a record that says how the program runs, such as its instructions."""
        before = len(self.members)
        self._value(depth)
        del self.members[before:]

    def _literals(self, depth: int) -> None:
        """Tell the literals of a code, unless they are those of another one."""
        byte = self._take(1)[0]
        if chr(byte & 0x7F) == "r":
            self._take(4)
            return
        if byte > 0x7F:
            self._known.append("")
        for literal in self._values(chr(byte & 0x7F), depth):
            self._tell(literal)

    def _code(self, depth: int) -> None:
        """Read a code: its literals, one to a line, and its names on another."""
        self._take(4 * self._layout.numbers)
        self._skip(depth + 1)
        self._literals(depth + 1)
        kinds = _OF_NEW if self._layout.is_new else _OF_OLD
        told = []
        for is_told in kinds:
            if is_told is None:
                self._take(4)
            elif is_told:
                told.append(self._value(depth + 1))
            else:
                self._skip(depth + 1)
        self._tell(" ".join(told))
