"""A PNG in Base64 decoded without its pixels, which are nearly all of it and which nothing reads.

The headers of its chunks say where the pixels are, and only what stands between those is decoded.
What is not written as programs write it, without breaks, is left to be decoded whole.

Source: PNG (ISO/IEC 15948), Base64 (RFC 4648).
"""

import binascii
import struct
from collections.abc import Iterator


_BEGINS = b"iVBORw0KGgo"
_SIGNATURE = 8
_HEADER = struct.Struct(">I4s")
_CHECK = 4
"""Bytes behind each chunk."""
_MOST_CHUNKS = 10_000


def without_pixels(written: bytes) -> bytes | None:
    """Decode a PNG but for the chunks that hold pixels; None where that cannot be done.

    Args:
        written: The whole file in Base64.
    """
    written = written.strip()
    if not written.startswith(_BEGINS) or b"\n" in written:
        return None
    try:
        return b"".join(_pieces(written))
    except (binascii.Error, struct.error):
        return None


def _pieces(written: bytes) -> Iterator[bytes]:
    """Give the parts of the file between its pixels.

    Raises:
        struct.error: It is no PNG to its end, or is not written without breaks.
        binascii.Error: It is no Base64.
    """
    position = _SIGNATURE
    yield _between(written, 0, position)
    for _ in range(_MOST_CHUNKS):
        header = _between(written, position, position + _HEADER.size)
        size, kind = _HEADER.unpack(header)
        end = position + _HEADER.size + size + _CHECK
        if kind == b"IEND":
            yield _between(written, position, len(written))
            return
        if not kind.isalpha():
            break
        if kind != b"IDAT":
            yield _between(written, position, end)
        position = end
    raise struct.error


def _between(written: bytes, start: int, end: int) -> bytes:
    """Decode the bytes of a file from one to before another, both counted from 0."""
    first = start // 3
    groups = written[4 * first : 4 * -(-end // 3)]
    return binascii.a2b_base64(groups)[start - 3 * first : end - 3 * first]
