"""Metafiles of Windows (EMF, EMF+, WMF), as which Office keeps charts that were pasted: the words in them.

A metafile is a list of what a program drew, each step a record with its own length.

Source: Microsoft Open Specifications, [MS-EMF] 2.2.5, 2.3.2, 2.3.3, 2.3.5 and 2.3.12 (text, descriptions,
comments and transformations); [MS-EMFPLUS] 2.3.4.6 and 2.3.4.14 (strings); [MS-WMF] 2.3.3 and 2.3.6.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from breachkit.documents.formats.svg_layout import IDENTITY, Label, Matrix, times
from breachkit.documents.formats.svg_risk import risk_tables
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Text, TextKind, Trait, Unreadable
from breachkit.model.records import dataclass


MOST_RECORDS = 2_000_000
_PLACEABLE = b"\xd7\xcd\xc6\x9a"
_WIDE, _NARROW = "utf-16-le", "cp1252"
_BY_GLYPH = 0x10
"""The option of a text whose characters are numbers of glyphs of its font."""
_HEADER, _END, _COMMENT = 1, 14, 70
_SET_TRANSFORM, _MODIFY_TRANSFORM = 35, 36
_SAVE, _RESTORE = 33, 34
_PLUS, _PUBLIC = b"EMF+", b"GDIC"
_MULTIFORMATS = 0x40000004
_PLUS_STRING, _PLUS_DRIVER_STRING = 0x401C, 0x4036
_TEXT_OUT, _EXT_TEXT_OUT, _ESCAPE = 0x0521, 0x0A32, 0x0626
_DEEPEST = 1_000
_WITH_HEIGHTS = 0x2000
_APART = 0.5
"""Letters may stand so much of their width apart within a word: a blank is a letter, too."""


class _Record(NamedTuple):
    kind: int
    data: bytes
    """With its kind and its length before it."""


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the words of a picture, and the tables of numbers at risk among them."""
    budget.take_bytes(len(content))
    found = _Picture(len(content))
    damaged = ""
    try:
        if content[40:44] == b" EMF":
            found.take_enhanced(content)
        else:
            found.take_windows(content)
    except (struct.error, NotReadError) as stop:
        damaged = "damaged" if isinstance(stop, struct.error) else str(stop)
    yield from found.documents(part)
    if damaged:
        yield Unreadable(f"metafile: {damaged}, and read only in part", part)


@dataclass(slots=True)
class _Run:
    """Text that goes on from one record to the next: some programs write every letter by itself."""

    text: str
    place: tuple[float, float]
    y: float
    end: float
    each: float
    """How wide its first letters are."""

    def goes_on(self, x: float, y: float) -> bool:
        """Say whether what stands at a place comes right behind it."""
        return self.each > 0 and y == self.y and abs(x - self.end) <= self.each * _APART

    @property
    def label(self) -> Label:
        """What it says, and where it begins."""
        return Label(" ".join(self.text.split()), *self.place)


class _Picture:
    """Gathers what is written in one picture.

    Args:
        size: Bytes of it. Records may all point at the same words; those of real ones do not.
    """

    def __init__(self, size: int) -> None:
        self._left = size
        self._runs: list[_Run] = []
        self._labels_plus: list[Label] = []
        self._hidden: list[str] = []
        self._by_glyph = 0
        self._pieces: list[bytes] = []
        self._stated = 0
        """How many bytes all pieces are; fewer than none where one is damaged."""
        self._forms: list[bytes] = []
        self._matrix = IDENTITY
        self._saved: list[Matrix] = []
        self._readers: Mapping[int, Callable[[bytes], None]] = {
            _HEADER: self._header,
            _COMMENT: self._comment,
            _SET_TRANSFORM: self._set_transform,
            _MODIFY_TRANSFORM: self._modify_transform,
            _SAVE: self._save,
            _RESTORE: self._restore,
            83: lambda data: self._text(data, 36, _NARROW),
            84: lambda data: self._text(data, 36, _WIDE),
            96: lambda data: self._texts(data, _NARROW),
            97: lambda data: self._texts(data, _WIDE),
            108: self._small_text,
        }

    def take_enhanced(self, content: bytes) -> None:
        """Take in the records of an enhanced metafile."""
        for record in _records(content):
            take = self._readers.get(record.kind)
            if take is not None:
                take(record.data)

    def take_windows(self, content: bytes) -> None:
        """Take in the records of an old metafile."""
        start = 22 if content.startswith(_PLACEABLE) else 0
        (header,) = struct.unpack_from("<H", content, start + 2)
        for record in _windows_records(content, start + 2 * header):
            data = record.data
            if record.kind == _TEXT_OUT:
                (length,) = struct.unpack_from("<H", data, 6)
                y, x = struct.unpack_from("<hh", data, 8 + length + length % 2)
                self._write(_cut(data, 8, length), _NARROW, x, y)
            elif record.kind == _EXT_TEXT_OUT:
                y, x, length, options = struct.unpack_from("<hhHH", data, 6)
                at = 14 + (8 if options & 0x6 else 0)
                self._written(_cut(data, at, length), _NARROW, x, y, options)
            elif record.kind == _ESCAPE and data[10:14] == b"WMFC":
                self._take_piece(data)

    def _take_piece(self, data: bytes) -> None:
        """Take in a part of the enhanced metafile that an old one is the other form of."""
        try:
            size, _, whole = struct.unpack_from("<III", data, 32)
            piece = _cut(data, 44, size)
        except (struct.error, NotReadError):
            self._stated = -1
            return
        self._take(piece)
        self._pieces.append(piece)
        self._stated = whole if self._stated >= 0 else -1

    def documents(self, part: str | None) -> Iterator[Document | Member]:
        """Give what was taken in."""
        plain = [run.label for run in self._runs if run.label.text]
        yield from risk_tables(plain, part)
        if not {label.text for label in self._labels_plus} <= {label.text for label in plain}:
            yield from risk_tables(self._labels_plus, inside(part, "EMF+") if plain else part)
        words = dict.fromkeys(
            label.text
            for label in (*plain, *self._labels_plus)
            if any(map(str.isalpha, label.text))
        )
        if words:
            yield Text("\n".join(words), part, TextKind.FIGURE)
        if self._hidden:
            yield Text("\n".join(self._hidden), inside(part, "metadata"), TextKind.HIDDEN)
            yield Embedded(Trait.METADATA_TEXT, part, len(self._hidden))
        if self._by_glyph:
            yield Unreadable("metafile: words that are numbers of glyphs were not read", part)
        enhanced = b"".join(self._pieces)
        if len(enhanced) != self._stated:
            yield Unreadable("metafile: an enhanced one within was not read", part)
        elif enhanced:
            self._forms.append(enhanced)
        for number, form in enumerate(self._forms, start=1):
            yield Member(content=form, path=b"", part=inside(part, f"other form {number}"))

    def _header(self, data: bytes) -> None:
        length, at = struct.unpack_from("<II", data, 60)
        said = _cut(data, at, 2 * length).decode(_WIDE, "replace") if length else ""
        self._hidden += [words for words in map(str.strip, said.split("\0")) if words]

    def _text(self, data: bytes, at: int, encoding: str) -> None:
        x, y, length, start, options = struct.unpack_from("<iiIII", data, at)
        size = length * (2 if encoding == _WIDE else 1)
        (spaces,) = struct.unpack_from("<I", data, at + 36)
        wide = _advance(data, spaces, length, options) if spaces else 0
        self._written(_cut(data, start, size), encoding, x, y, options, wide)

    def _texts(self, data: bytes, encoding: str) -> None:
        (number,) = struct.unpack_from("<I", data, 36)
        for one in range(number):
            self._text(data, 40 + 40 * one, encoding)

    def _small_text(self, data: bytes) -> None:
        x, y, length, options = struct.unpack_from("<iiII", data, 8)
        at = 36 if options & 0x100 else 52
        if options & 0x200:
            self._written(_cut(data, at, length), _NARROW, x, y, options)
        else:
            self._written(_cut(data, at, 2 * length), _WIDE, x, y, options)

    def _written(
        self, text: bytes, encoding: str, x: float, y: float, options: int, wide: int = 0
    ) -> None:
        if options & _BY_GLYPH:
            self._by_glyph += bool(text)
        else:
            self._write(text, encoding, x, y, wide)

    def _write(self, text: bytes, encoding: str, x: float, y: float, wide: int = 0) -> None:
        self._take(text)
        words = text.decode(encoding, "replace").replace("\0", " ")
        last = self._runs[-1] if self._runs else None
        if last is not None and last.goes_on(x, y):
            last.text += words
            last.end = x + wide
        else:
            a, b, c, d, e, f = self._matrix
            place = a * x + c * y + e, b * x + d * y + f
            each = wide / len(words) if words else 0.0
            self._runs.append(_Run(words, place, y, x + wide, each))

    def _take(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise NotReadError("damaged")

    def _set_transform(self, data: bytes) -> None:
        self._matrix = struct.unpack_from("<6f", data, 8)

    def _modify_transform(self, data: bytes) -> None:
        moved: Matrix = struct.unpack_from("<6f", data, 8)
        (mode,) = struct.unpack_from("<I", data, 32)
        if mode == 1:
            self._matrix = IDENTITY
        elif mode == 2:
            self._matrix = times(self._matrix, moved)
        elif mode == 3:
            self._matrix = times(moved, self._matrix)
        else:
            self._matrix = moved

    def _save(self, _data: bytes) -> None:
        if len(self._saved) < _DEEPEST:
            self._saved.append(self._matrix)

    def _restore(self, data: bytes) -> None:
        (which,) = struct.unpack_from("<i", data, 8)
        at = which if which < 0 else which - 1
        if -len(self._saved) <= at < len(self._saved):
            self._matrix = self._saved[at]
            del self._saved[at:]

    def _comment(self, data: bytes) -> None:
        if data[12:16] == _PLUS:
            self._plus(data[16 : 12 + int.from_bytes(data[8:12], "little")])
        elif data[12:16] == _PUBLIC and data[16:20] == _MULTIFORMATS.to_bytes(4, "little"):
            self._multiformats(data)

    def _multiformats(self, data: bytes) -> None:
        """Take the same picture as PDF, PostScript or another metafile."""
        (number,) = struct.unpack_from("<I", data, 36)
        for one in range(number):
            size, at = struct.unpack_from("<II", data, 48 + 16 * one)
            form = _cut(data, 12 + at, size)
            self._take(form)
            self._forms.append(form)

    def _plus(self, records: bytes) -> None:
        at = 0
        while at + 12 <= len(records):
            kind, _, size, length = struct.unpack_from("<HHII", records, at)
            data = records[at + 12 : at + 12 + length]
            if kind == _PLUS_STRING:
                (number, x, y) = struct.unpack_from("<I2f", data, 8)
                self._write_plus(_cut(data, 28, 2 * number), x, y)
            elif kind == _PLUS_DRIVER_STRING:
                _, options, _, number = struct.unpack_from("<IIII", data, 0)
                if options & 1:
                    x, y = struct.unpack_from("<2f", data, 16 + 2 * (number + number % 2))
                    self._write_plus(_cut(data, 16, 2 * number), x, y)
                else:
                    self._by_glyph += bool(number)
            if size < 12:
                raise NotReadError("damaged")
            at += size

    def _write_plus(self, text: bytes, x: float, y: float) -> None:
        self._take(text)
        words = " ".join(text.decode(_WIDE, "replace").replace("\0", " ").split())
        if words:
            self._labels_plus.append(Label(words, x, y))


def _cut(data: bytes, start: int, size: int) -> bytes:
    """Give a part of a record; one that is not all there is not read."""
    if start + size > len(data):
        raise NotReadError("damaged")
    return data[start : start + size]


def _advance(data: bytes, at: int, length: int, options: int) -> int:
    """Give how wide a text is; its record says so of each letter, and perhaps how far each climbs."""
    step = 8 if options & _WITH_HEIGHTS else 4
    return sum(struct.unpack_from("<i", data, at + step * one)[0] for one in range(length))


def _records(content: bytes) -> Iterator[_Record]:
    at = 0
    for _ in range(MOST_RECORDS):
        kind, size = struct.unpack_from("<II", content, at)
        if size < 8 or at + size > len(content):
            raise NotReadError("damaged")
        yield _Record(kind, content[at : at + size])
        if kind == _END:
            return
        at += size
    raise NotReadError("too many records")


def _windows_records(content: bytes, start: int) -> Iterator[_Record]:
    at = start
    for _ in range(MOST_RECORDS):
        words, kind = struct.unpack_from("<IH", content, at)
        if words < 3 or at + 2 * words > len(content):
            raise NotReadError("damaged")
        if not kind:
            return
        yield _Record(kind, content[at : at + 2 * words])
        at += 2 * words
    raise NotReadError("too many records")
