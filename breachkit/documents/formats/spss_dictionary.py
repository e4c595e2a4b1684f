"""What stands before the data in an SPSS system file: variables, labels, notes.

Source: PSPP developers' guide, "System File Format".
"""

import codecs
import struct

from breachkit.documents.reader import NotReadError
from breachkit.model.records import dataclass, field


_HEADER = 176
_MOST_VARIABLES = 100_000
_LONGEST_SEGMENT = 255
_COUNTED_OF_SEGMENT = 252
"""Characters for each of which a very long string has one more piece, though a piece holds 255."""
_NUMERIC, _CONTINUES = 0, -1
_VARIABLE, _LABELS, _LABELLED, _NOTES, _MORE, _END = 2, 3, 4, 6, 7, 999
_MACHINE, _LONG_NAMES, _LONG_STRINGS, _ENCODING, _LONG_LABELS = 3, 13, 14, 20, 21
_CODE_PAGES = {2: "ascii", 3: "cp1252", 65000: "utf-7", 65001: "utf-8"}


@dataclass(slots=True)
class Variable:
    """One variable, whose value takes one element of 8 bytes or several."""

    name: str
    width: int
    """Characters; 0 for a number."""
    at: int
    """Its first element within a row, counted from 0."""
    form: int
    """The number of its print format."""
    label: str = ""
    pieces: int = 1
    """As how many variables a very long string is kept."""


@dataclass(slots=True)
class Dictionary:
    """All that is known of the data."""

    order: str
    """`<` or `>`, as `struct` names the order of bytes."""
    compression: int
    cases: int
    """How many rows there are; -1 where the file does not say."""
    bias: float
    data: int = 0
    """Where the data begin, counted from 0."""
    elements: int = 0
    """Of 8 bytes, in one row."""
    encoding: str = "cp1252"
    variables: list[Variable] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    meanings: int = 0
    """How many values have a label."""


def read_dictionary(content: bytes) -> Dictionary:
    """Read what stands before the data.

    Raises:
        NotReadError: It is none, or damaged.
    """
    order = "<" if content[64:68] in {b"\2\0\0\0", b"\3\0\0\0"} else ">"
    reader = _Reader(content, order)
    reader.at = 68
    _, compression, _, cases = (reader.number() for _ in range(4))
    bias = reader.double()
    found = Dictionary(order=order, compression=compression, cases=cases, bias=bias)
    reader.at = _HEADER
    records = _Records(found, reader)
    while records.next():
        pass
    found.data = reader.at
    records.finish(content[109:173])
    return found


class _Reader:
    """Reads numbers and bytes, and nothing beyond the end."""

    def __init__(self, content: bytes, order: str) -> None:
        self._content = content
        self._number = struct.Struct(f"{order}i")
        self._double = struct.Struct(f"{order}d")
        self.at = 0

    def bytes(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self._content):
            raise NotReadError("damaged, or cut off before its end")
        self.at += size
        return self._content[self.at - size : self.at]

    def number(self) -> int:
        return int(self._number.unpack(self.bytes(4))[0])

    def double(self) -> float:
        return float(self._double.unpack(self.bytes(8))[0])


class _Records:
    """Takes in one record after the other; words wait until the encoding is known."""

    def __init__(self, found: Dictionary, reader: _Reader) -> None:
        self._found = found
        self._reader = reader
        self._names: list[bytes] = []
        self._labels: list[bytes] = []
        self._notes: list[bytes] = []
        self._long_names: dict[bytes, bytes] = {}
        self._long_strings: dict[bytes, int] = {}

    def next(self) -> bool:
        """Read one record; say whether more may follow."""
        kind = self._reader.number()
        if kind == _END:
            self._reader.number()
            return False
        reads = {
            _VARIABLE: self._variable,
            _LABELS: self._value_labels,
            _LABELLED: self._labelled,
            _NOTES: self._documents,
            _MORE: self._more,
        }.get(kind)
        if reads is None:
            raise NotReadError("damaged")
        reads()
        return True

    def _variable(self) -> None:
        reader, found = self._reader, self._found
        width, has_label, missing, form, _ = (reader.number() for _ in range(5))
        name = reader.bytes(8).rstrip()
        label = b""
        if has_label == 1:
            size = reader.number()
            label = reader.bytes((size + 3) & ~3)[:size]
        reader.bytes(8 * min(abs(missing), 3))
        if width != _CONTINUES:
            if width < 0 or width > _LONGEST_SEGMENT:
                raise NotReadError("damaged")
            found.variables.append(Variable("", width, found.elements, form >> 16 & 255))
            self._names.append(name)
            self._labels.append(label)
        found.elements += 1
        if found.elements > _MOST_VARIABLES:
            raise NotReadError("too many variables")

    def _value_labels(self) -> None:
        for _ in range(self._count()):
            value = self._reader.bytes(8)
            size = self._reader.bytes(1)[0]
            label = self._reader.bytes((size + 8 & ~7) - 1)[:size]
            self._notes.append(self._value(value) + b": " + label)
            self._found.meanings += 1

    def _value(self, value: bytes) -> bytes:
        """Write the value that a label is for: text if it looks like that."""
        if value.rstrip(b" ").isalnum() or not value.rstrip(b" "):
            return value.rstrip()
        return b"%g" % struct.unpack(f"{self._found.order}d", value)[0]

    def _labelled(self) -> None:
        self._reader.bytes(4 * self._count())

    def _documents(self) -> None:
        self._notes += [self._reader.bytes(80).rstrip() for _ in range(self._count())]

    def _count(self) -> int:
        count = self._reader.number()
        if count < 0:
            raise NotReadError("damaged")
        return count

    def _more(self) -> None:
        kind, size, count = (self._reader.number() for _ in range(3))
        if size < 0 or count < 0:
            raise NotReadError("damaged")
        data = self._reader.bytes(size * count)
        if kind == _MACHINE and len(data) >= 32:
            page = struct.unpack(f"{self._found.order}i", data[28:32])[0]
            self._found.encoding = _known(_CODE_PAGES.get(page, f"cp{page}"), self._found.encoding)
        elif kind == _ENCODING:
            self._found.encoding = _known(data.decode("ascii", "replace"), self._found.encoding)
        elif kind == _LONG_NAMES:
            self._long_names |= dict(_pairs(data))
        elif kind == _LONG_STRINGS:
            pairs = _pairs(data.replace(b"\0", b""))
            self._long_strings |= {name: int(size) for name, size in pairs if size.isdigit()}
        elif kind == _LONG_LABELS:
            self._notes.append(bytes(byte if byte >= 32 else 10 for byte in data))
            self._found.meanings += 1

    def finish(self, file_label: bytes) -> None:
        """Give variables their names and widths, and decode all words."""
        found = self._found
        joined: list[Variable] = []
        number = 0
        while number < len(found.variables):
            variable, name = found.variables[number], self._names[number]
            width = self._long_strings.get(name, 0)
            if width > _LONGEST_SEGMENT and variable.width:
                variable.width = width
                variable.pieces = -(-width // _COUNTED_OF_SEGMENT)
            variable.name = self._decoded(self._long_names.get(name, name))
            variable.label = self._decoded(self._labels[number])
            joined.append(variable)
            number += variable.pieces
        found.variables = joined
        found.notes = [self._decoded(note) for note in (file_label, *self._notes)]

    def _decoded(self, words: bytes) -> str:
        return words.decode(self._found.encoding, "replace").strip()


def _pairs(data: bytes) -> list[tuple[bytes, bytes]]:
    """Cut `NAME=value` pairs, which tabs separate."""
    pairs = (pair.partition(b"=") for pair in data.split(b"\t") if b"=" in pair)
    return [(name, value) for name, _, value in pairs]


def _known(encoding: str, otherwise: str) -> str:
    try:
        return codecs.lookup(encoding.strip()).name
    except LookupError:
        return otherwise
