"""What is inside a compressed file, within bounds: a bomb costs no more than its budget.

A file may hold several compressed streams, one behind the other, which count as one content. They
are opened in small steps, so that nothing grows beyond the budget between two looks at it.
"""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from breachkit.documents.reader import Budget, NotReadError
from breachkit.model.ids import display
from breachkit.model.records import dataclass, field


_STEP = 1024 * 1024
_MAX_STREAMS = 10_000
_GZIP = 16 + zlib.MAX_WBITS
_DICTIONARY = 80 * 1024 * 1024
"""Bytes that a decompressor may keep: `xz -9` needs 65 MiB."""
_WINDOW = 1 << 26
_ZSTD_STEP = 256
"""Bytes given to zstd at once, whose smallest blocks of 4 bytes grow to 128 KiB each."""
_CUT_OFF = "cut off before its end"
_DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class Inflated:
    """What is inside, and what of it is not."""

    content: bytes = field(repr=False)
    missing: str | None = None
    """Why there may be more that was not read; None where everything was."""


class _Stream(Protocol):
    """One compressed stream, as Python's own modules open it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def inflate(content: bytes, budget: Budget) -> Inflated:
    """Give what a compressed file holds, all of its streams joined.

    Zero bytes behind the last stream are padding; anything else there is not examined, and neither
    is what follows a damaged place.

    Args:
        content: A file of gzip, bzip2, xz or zstd, or a bare zlib stream.
        budget: Pays for every byte that comes out.

    Raises:
        OverBudgetError: It grows too much.
        NotReadError: It is none of these.
    """
    opened = next((opened for magic, opened in _FORMATS if content.startswith(magic)), None)
    if opened is None:
        raise NotReadError("compressed in an unknown way")
    out = io.BytesIO()
    try:
        for piece in _pieces(content, opened):
            budget.take_bytes(len(piece))
            out.write(piece)
    except NotReadError as stop:
        return Inflated(out.getvalue(), str(stop))
    return Inflated(out.getvalue())


def _pieces(content: bytes, opened: Callable[[], _Stream]) -> Iterator[bytes]:
    rest = content
    for _ in range(_MAX_STREAMS):
        stream = opened()
        yield from _pieces_of_one(stream, rest)
        rest = stream.unused_data.lstrip(b"\0")
        if not rest:
            return
    raise NotReadError("too many streams")


def _pieces_of_one(stream: _Stream, data: bytes) -> Iterator[bytes]:
    while not stream.eof:
        try:
            piece = stream.decompress(data, _STEP)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
            raise NotReadError(_DAMAGED) from None
        data = b""
        if piece:
            yield piece
        elif stream.needs_input and not stream.eof:
            raise NotReadError(_CUT_OFF)


class _Zlib:
    """A stream of zlib, with or without the header of gzip."""

    def __init__(self, bits: int) -> None:
        self._inner = zlib.decompressobj(bits)
        self._given = b""

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._given

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        piece = self._inner.decompress(data or self._given, max_length)
        self._given = self._inner.unconsumed_tail
        return piece


class _Zstd:
    """A frame of zstd, whose decompressor has no limit of its own for what one step gives."""

    def __init__(self) -> None:
        import zstandard

        self._error = zstandard.ZstdError
        self._inner: Any = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
        self._given = b""
        self._at = 0

    @property
    def eof(self) -> bool:
        return bool(self._inner.eof)

    @property
    def needs_input(self) -> bool:
        return self._at >= len(self._given)

    @property
    def unused_data(self) -> bytes:
        return bytes(self._inner.unused_data) + self._given[self._at :]

    def decompress(self, data: bytes, max_length: int) -> bytes:  # noqa: ARG002 - small steps bound it
        if data:
            self._given, self._at = data, 0
        piece = b""
        while not piece and not self.eof and not self.needs_input:
            given = self._given[self._at : self._at + _ZSTD_STEP]
            self._at += _ZSTD_STEP
            try:
                piece = self._inner.decompress(given)
            except self._error:
                raise NotReadError(_DAMAGED) from None
        return piece


_FORMATS: tuple[tuple[bytes, Callable[[], _Stream]], ...] = (
    (b"\x1f\x8b", lambda: _Zlib(_GZIP)),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\0", lambda: lzma.LZMADecompressor(memlimit=_DICTIONARY)),
    (b"\x28\xb5\x2f\xfd", _Zstd),
    (b"\x78", lambda: _Zlib(zlib.MAX_WBITS)),
)
_SUFFIXES = (b".gz", b".bz2", b".xz", b".zst", b".lzma")
_SHORT = {
    b".svgz": b".svg",
    b".tgz": b".tar",
    b".tbz": b".tar",
    b".tbz2": b".tar",
    b".txz": b".tar",
    b".tzst": b".tar",
}


def inner_path(path: bytes) -> bytes:
    """Give the path that the content of a compressed file would have."""
    stem, dot, suffix = path.rpartition(b".")
    ending = (dot + suffix).lower()
    if ending in _SHORT:
        return stem + _SHORT[ending]
    return stem if ending in _SUFFIXES else path


def member_name(path: bytes | None) -> str:
    """Name the content of a compressed file by the last part of its path.

    The name that the gzip header may carry is content, so it is not used.
    """
    if path is None:
        return "content"
    return display(inner_path(path).rpartition(b"/")[2]) or "content"
