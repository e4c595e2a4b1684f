"""Shortcuts of Windows, byte by byte, as Microsoft describes them."""

import struct


CLASS = bytes.fromhex("0114020000000000c000000000000046")
FOLDER = r"S:\EHR group\J Bloggs\flu"


def shortcut(*, items: bytes = b"", texts: tuple[str, ...] = (FOLDER,), wide: bool = True) -> bytes:
    """Give a shortcut that says some words, and on which machine it was made."""
    flags = bool(items) | 1 << 1 | 1 << 4 | wide << 7
    head = struct.pack("<I16s2I", 76, CLASS, flags, 0).ljust(76, b"\0")
    info = struct.pack("<I", 32).ljust(32, b"\0")
    listed = struct.pack("<H", len(items)) + items if items else b""
    said = b"".join(
        struct.pack("<H", len(text)) + text.encode("utf-16-le" if wide else "cp1252")
        for text in texts
    )
    block = struct.pack("<2I", 24, 0xA0000003) + b"bloggs-laptop".ljust(16, b"\0")
    return head + listed + info + said + block + bytes(4)
