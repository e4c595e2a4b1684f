"""Where the first bytes of a compressed buffer of Arrow are, and how to get at them without the rest.

Source: Apache Arrow, format/Message.fbs (a buffer is preceded by its length once it is inflated, or by -1
where it is not compressed); LZ4 frame format 1.6.1; RFC 8878, 3.1.1 (Zstandard).
"""

import enum
import struct
from typing import Literal, NamedTuple

from breachkit.documents.reader import Budget, NotReadError


class Packing(enum.IntEnum):
    """How the buffers of a batch are compressed, as Arrow numbers it."""

    NONE = -1
    LZ4 = 0
    ZSTD = 1


_Form = Literal["plain", "zstd block", "lz4_raw", "lz4", "zstd"]
"""The last three as the library calls them; `lz4_raw` is a block of `lz4`."""
_NUMBERS: dict[_Form, int] = {"plain": 0, "zstd block": 1, "lz4_raw": 2, "lz4": 3, "zstd": 4}
_HEAD = struct.Struct("<Bqq")


class Piece(NamedTuple):
    """The part of a buffer that holds its first bytes, as it is stored."""

    form: _Form = "plain"
    stored: bytes = b""
    grown: int = 0
    """Bytes that it is inflated to, where its form does not tell."""

    @property
    def head(self) -> bytes:
        """What tells it from all others, with the stored bytes."""
        return _HEAD.pack(_NUMBERS[self.form], self.grown, len(self.stored))

    def first(self, needed: int, budget: Budget) -> bytes:
        """Give the first so many bytes.

        Raises:
            NotReadError: There are fewer.
            OverBudgetError: It grows too much.
            OSError: It is damaged.
            ValueError: So it is.
        """
        found = self.stored if self.form == "plain" else self._inflated(budget)
        if len(found) < needed:
            raise NotReadError("damaged")
        return found[:needed]

    def _inflated(self, budget: Budget) -> bytes:
        import pyarrow as pa

        budget.take_bytes(self.grown)
        if self.form == "zstd block":
            return _blocks(self.stored)
        found: bytes = pa.Codec(self.form).decompress(self.stored, self.grown, asbytes=True)
        return found


def _blocks(frame: bytes) -> bytes:
    """Inflate as much of a frame of Zstandard as is there."""
    import zstandard

    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(frame)
    except zstandard.ZstdError:
        raise NotReadError("damaged") from None


_LENGTH = 8
"""Bytes before a compressed buffer that say how long it was."""
_AS_IT_IS = -1


def piece_of(content: bytes, start: int, size: int, needed: int, packing: Packing) -> Piece:
    """Give what the first bytes of a buffer are stored in.

    Args:
        content: The file.
        start: Where the buffer begins in it, counted from 0.
        size: How many bytes it has there.
        needed: How many of its bytes, once inflated, are wanted.
        packing: How it is compressed.

    Raises:
        NotReadError: The buffer is not within the file, or has fewer bytes.
    """
    end = start + size
    if not 0 <= start <= end <= len(content):
        raise NotReadError("damaged")
    claimed = size
    if packing is not Packing.NONE and size:
        claimed = int.from_bytes(content[start : start + _LENGTH], "little", signed=True)
        start += _LENGTH
        if claimed == _AS_IT_IS:
            packing, claimed = Packing.NONE, end - start
    if claimed < needed:
        raise NotReadError("damaged")
    if not needed:
        return Piece()
    if packing is Packing.NONE:
        return Piece("plain", content[start : start + needed])
    if packing is Packing.LZ4:
        block = _lz4_block(content, start, end, needed, claimed)
        return block or Piece("lz4", content[start:end], claimed)
    block = _zstd_block(content, start, end, needed, claimed)
    return block or Piece("zstd", content[start:end], claimed)


_LZ4 = b"\x04\x22\x4d\x18"
_LZ4_VERSION, _LZ4_SIZED = 0b0100_0000, 0b0000_1000
_LZ4_FLAGS = 0b1100_0001
"""Those of the version, and the one that says that a dictionary from elsewhere is needed."""
_LZ4_STORED = 1 << 31


def _lz4_block(content: bytes, start: int, end: int, needed: int, claimed: int) -> Piece | None:
    """Give the first block of a frame; None where it is too small, or the frame is no usual one."""
    head = content[start : min(start + 19, end)]
    if len(head) < 19 or head[:4] != _LZ4:
        return None
    flags, size_code = head[4], head[5] >> 4 & 7
    grown = min(1 << (8 + 2 * size_code), claimed)
    if flags & _LZ4_FLAGS != _LZ4_VERSION or size_code < 4 or grown < needed:
        return None
    begin = 15 if flags & _LZ4_SIZED else 7
    size = int.from_bytes(head[begin : begin + 4], "little")
    start += begin + 4
    stop = start + size % _LZ4_STORED
    if stop > end:
        return None
    block = content[start:stop]
    return Piece("plain", block) if size & _LZ4_STORED else Piece("lz4_raw", block, grown)


_ZSTD = b"\x28\xb5\x2f\xfd"
_ZSTD_MOST = 1 << 17
"""Bytes that a block grows to at most."""
_ZSTD_REPEATED = 1


def _zstd_block(content: bytes, start: int, end: int, needed: int, claimed: int) -> Piece | None:
    """Give a frame up to the end of its first block; None where that is too small.

    Writers fill blocks. Where one did not, too few bytes are found, and the library reads the file.
    """
    if content[start : start + 4] != _ZSTD or needed > min(_ZSTD_MOST, claimed) or end - start < 18:
        return None
    flags = content[start + 4]
    is_single = flags >> 5 & 1
    head = 6 - is_single + (0, 1, 2, 4)[flags & 3] + (is_single, 2, 4, 8)[flags >> 6]
    block = int.from_bytes(content[start + head : start + head + 3], "little")
    size = 1 if block >> 1 & 3 == _ZSTD_REPEATED else block >> 3
    frame = content[start : min(start + head + 3 + size, end)]
    return Piece("zstd block", frame, min(_ZSTD_MOST, claimed))
