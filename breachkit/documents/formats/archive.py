"""A zip archive as its central directory tells it, checked against its bytes, inflated within bounds.

What two programs could read differently is told as not examined: bytes that belong to no member,
members that overlap or share a name, sizes and checksums that do not hold.
"""

import bz2
import io
import itertools
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from breachkit.documents.reader import Budget, NotReadError, OverBudgetError
from breachkit.documents.table import Unreadable
from breachkit.model.records import dataclass, field


_LOCAL = struct.Struct("<4s5H3I2H")
_END = struct.Struct("<4s4H2IH")
_STEP = 1 << 20
_ENCRYPTED, _HAS_DESCRIPTOR = 0x1, 0x8
_DESCRIPTOR = b"PK\x07\x08"
HEAD = 1 << 14
"""Bytes of a member that tell what it is."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of an archive as its central directory lists it."""

    number: int
    """Counted from 1 over the members that are no folders."""
    name: str = field(repr=False)
    size: int
    """In bytes, as declared."""
    start: int
    """Where its bytes begin in the archive, counted from 0."""
    stored: int
    """How many bytes it takes in the archive."""
    method: int
    checksum: int
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Inflated:
    """What a member holds, and what is wrong with it."""

    content: bytes = field(repr=False)
    problem: str | None = None


class Archive:
    """The members of a zip archive, in the order of its central directory."""

    def __init__(self, content: bytes, budget: Budget) -> None:
        """Read the central directory.

        Raises:
            NotReadError: There is none.
        """
        self._content = content
        self._budget = budget
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as opened:
                listed = opened.infolist()
                self.comment = opened.comment
                self._directory = opened.start_dir
        except (zipfile.BadZipFile, RuntimeError, ValueError) as error:
            raise NotReadError("no zip archive, cut off, or of an unknown version") from error
        self._spans: list[tuple[int, int]] = []
        self.lost = 0
        """Members whose place in the archive holds no member."""
        self.entries = tuple(self._entries(listed))

    def _entries(self, listed: list[zipfile.ZipInfo]) -> Iterator[Entry]:
        number = 0
        for info in listed:
            is_folder = info.filename.endswith("/") and not info.file_size
            number += not is_folder
            start = self._start(info)
            if start is None:
                self.lost += 1
            elif not is_folder:
                flags = info.flag_bits | self._local(info.header_offset)[2]
                yield Entry(
                    number=number,
                    name=info.filename,
                    size=info.file_size,
                    start=start,
                    stored=info.compress_size,
                    method=info.compress_type,
                    checksum=info.CRC,
                    encrypted=bool(flags & _ENCRYPTED),
                )

    def _local(self, offset: int) -> tuple[bytes, int, int, int, int, int, int, int, int, int, int]:
        return _LOCAL.unpack_from(self._content, offset)

    def _start(self, info: zipfile.ZipInfo) -> int | None:
        """Give where the bytes of a member begin, and remember which ones it takes."""
        offset = info.header_offset
        if offset < 0 or offset + _LOCAL.size > self._directory:
            return None
        signature, *_, name, extra = self._local(offset)
        start = offset + _LOCAL.size + name + extra
        end = start + info.compress_size
        if signature != b"PK\x03\x04" or end > self._directory:
            return None
        if info.flag_bits & _HAS_DESCRIPTOR:
            end += self._descriptor(end)
        self._spans.append((offset, end))
        return start

    def _descriptor(self, end: int) -> int:
        """Give how long the descriptor behind a member is, with its signature or without."""
        marks = (b"PK\x03\x04", b"PK\x01\x02", b"PK\x06\x06", b"PK\x06\x08")
        signed = 4 * (self._content[end : end + 4] == _DESCRIPTOR)
        for length in (signed + 12, signed + 20):
            if self._content[end + length : end + length + 4] in marks:
                return length
        return signed + 12

    def oddities(self, part: str | None) -> Iterator[Unreadable]:
        """Say what of the archive no member of it accounts for."""
        if self.lost:
            yield Unreadable("zip archive: a member is not where the list of members says", part)
        spans = sorted(self._spans)
        if any(start < end for (_, end), (start, _) in itertools.pairwise(spans)):
            yield Unreadable("zip archive: members overlap", part)
        if any(self._content[start:end].strip(b"\0") for start, end in self._gaps(spans)):
            yield Unreadable("zip archive: holds bytes that belong to no member", part)
        names = Counter(entry.name.lower() for entry in self.entries)
        if names and max(names.values()) > 1:
            yield Unreadable("zip archive: members share a name, so programs may differ", part)

    def _gaps(self, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        position = 0
        for start, end in spans:
            yield position, start
            position = max(position, end)
        yield position, self._directory
        last = self._content.rfind(b"PK\x05\x06")
        if 0 <= last <= len(self._content) - _END.size:
            comment = _END.unpack_from(self._content, last)[-1]
            yield last + _END.size + comment, len(self._content)

    def head(self, entry: Entry) -> bytes:
        """Give the first bytes of a member, without account; nothing where it cannot be read."""
        raw = self._content[entry.start : entry.start + min(entry.stored, HEAD)]
        opened = None if entry.encrypted else _decompressor(entry.method)
        try:
            return opened.decompress(raw, HEAD) if opened else b""
        except (zlib.error, OSError):
            return b""

    def inflate(self, entry: Entry) -> Inflated:
        """Give what a member holds: not much more than declared, so that a lie costs nothing.

        Raises:
            OverBudgetError: It declares more than may still be inflated.
            NotReadError: It is encrypted, or compressed in an unknown way.
        """
        if entry.encrypted:
            raise NotReadError("encrypted")
        if entry.size > self._budget.bytes:  # asked first, so that smaller ones still fit
            raise OverBudgetError("grows too much when decompressed")
        self._budget.take_bytes(entry.size)
        opened = _decompressor(entry.method)
        if opened is None:
            raise NotReadError("compressed in a way that is not read")
        try:
            content = _inflated(opened, self._raw(entry), entry.size)
        except (zlib.error, OSError):
            return Inflated(b"", "damaged")
        if len(content) > entry.size:
            return Inflated(content, "larger than declared")
        if len(content) < entry.size and opened.eof:
            return Inflated(content, "smaller than declared")
        if not opened.eof or opened.unused_data:
            return Inflated(content, "its bytes do not end where they should")
        if zlib.crc32(content) != entry.checksum:
            return Inflated(content, "does not match its checksum")
        return Inflated(content)

    def _raw(self, entry: Entry) -> bytes:
        return self._content[entry.start : entry.start + entry.stored]


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Stored:
    """Gives what is not compressed."""

    eof = True
    unused_data = b""

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        return data


def _decompressor(method: int) -> _Decompressor | None:
    match method:
        case zipfile.ZIP_STORED:
            return _Stored()
        case zipfile.ZIP_DEFLATED:
            return zlib.decompressobj(-zlib.MAX_WBITS)
        case zipfile.ZIP_BZIP2:
            return bz2.BZ2Decompressor()
        case _:
            return None


def _inflated(opened: _Decompressor, raw: bytes, declared: int) -> bytes:
    """Inflate in steps, until the end or until there is more than declared."""
    into = io.BytesIO()  # gives what was written without a second copy
    while into.tell() <= declared:
        piece = opened.decompress(raw, min(_STEP, declared + 1 - into.tell()))
        raw = getattr(opened, "unconsumed_tail", b"")
        into.write(piece)
        if opened.eof or not piece:
            break
    return into.getvalue()
