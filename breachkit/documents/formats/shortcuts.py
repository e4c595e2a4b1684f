"""Shortcuts of Windows, committed by chance: the paths in them name people, machines and shares.

Source: Microsoft, [MS-SHLLINK] Shell Link Binary File Format.
"""

import struct
from collections.abc import Iterator

from breachkit.documents.formats.frames import hidden_text
from breachkit.documents.formats.printable import printable_in
from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document


_HEADER = 76
_FLAGS_AT = 20
_HAS_ITEMS, _HAS_INFO, _IS_WIDE = 1 << 0, 1 << 1, 1 << 7
_TEXTS = range(2, 7)
"""Bits of the flags that stand for a text each: name, path, folder, arguments, icon."""
_LEAST_BLOCK = 4
_LARGEST = 1 << 20


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Give the words in a shortcut, which has nothing else that tells of anybody.

    Raises:
        NotReadError: It is cut off, or goes on behind its end.
    """
    budget.take_bytes(len(content))
    if len(content) > _LARGEST:
        raise NotReadError("too large for one")
    try:
        end = _end_of(content)
    except struct.error:
        raise NotReadError("cut off before its end") from None
    if content[end:].strip(b"\0"):
        raise NotReadError("goes on behind its end")
    yield from hidden_text(list(printable_in(content)), part)


def _end_of(content: bytes) -> int:
    """Find where a shortcut ends.

    Raises:
        struct.error: It is cut off.
    """
    (flags,) = struct.unpack_from("<I", content, _FLAGS_AT)
    at = _HEADER
    if flags & _HAS_ITEMS:
        at += 2 + struct.unpack_from("<H", content, at)[0]
    if flags & _HAS_INFO:
        at += max(struct.unpack_from("<I", content, at)[0], _LEAST_BLOCK)
    for bit in _TEXTS:
        if flags & 1 << bit:
            width = 2 if flags & _IS_WIDE else 1
            at += 2 + width * struct.unpack_from("<H", content, at)[0]
    while (size := struct.unpack_from("<I", content, at)[0]) >= _LEAST_BLOCK:
        at += size
    return at + _LEAST_BLOCK
