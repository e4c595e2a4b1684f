"""Tables of dBASE and shapefiles, byte by byte."""

import struct
from collections.abc import Sequence


Field = tuple[str, str, int]
"""Name, kind and width in bytes."""


def cell(value: bytes | str | float, kind: str, width: int) -> bytes:
    """Write a cell as dBASE does: numbers to the right, text to the left."""
    if isinstance(value, bytes):
        assert len(value) == width
        return value
    raw = str(value).encode("cp1252")
    assert len(raw) <= width
    return raw.rjust(width) if kind in "NF" else raw.ljust(width)


def dbf(
    fields: Sequence[Field],
    records: Sequence[Sequence[bytes | str | float]],
    *,
    deleted: Sequence[int] = (),
    level: int = 3,
    claimed: int | None = None,
    end: bytes = b"\x1a",
    behind_fields: bytes = b"",
    is_wide: bool = False,
) -> bytes:
    """Write a table.

    Args:
        fields: Its columns.
        records: Its rows; bytes are written as they are.
        deleted: Which of them are marked as deleted, from 0.
        level: The first byte, which says what wrote it.
        claimed: How many records the header says there are.
        end: What follows the last record.
        behind_fields: What follows the descriptions of fields.
        is_wide: Whether the width of text may be more than 255 bytes.
    """
    described = b"".join(
        name.encode().ljust(11, b"\0")
        + kind.encode()
        + bytes(4)
        + bytes([width % 256, width // 256 if is_wide else 0])
        + bytes(14)
        for name, kind, width in fields
    )
    described += b"\r" + behind_fields
    rows = b"".join(
        (b"*" if number in deleted else b" ")
        + b"".join(cell(value, *field[1:]) for value, field in zip(record, fields, strict=True))
        for number, record in enumerate(records)
    )
    number = len(records) if claimed is None else claimed
    size = 1 + sum(width for _, _, width in fields)
    head = struct.pack("<4BIHH20x", level, 121, 3, 17, number, 32 + len(described), size)
    return head + described + rows + end


def dbf_7(
    fields: Sequence[Field], records: Sequence[Sequence[bytes | str | float]], *, about: bytes = b""
) -> bytes:
    """Write a table as dBASE 7 does.

    Args:
        fields: Its columns.
        records: Its rows; bytes are written as they are.
        about: What follows the descriptions of fields.
    """
    described = b"".join(
        name.encode().ljust(32, b"\0") + kind.encode() + bytes([width, 0]) + bytes(13)
        for name, kind, width in fields
    )
    start = 68 + len(described) + 1 + len(about)
    size = 1 + sum(width for _, _, width in fields)
    head = struct.pack("<4BIHH20x", 4, 121, 3, 17, len(records), start, size)
    rows = b"".join(
        b" "
        + b"".join(cell(value, *field[1:]) for value, field in zip(record, fields, strict=True))
        for record in records
    )
    return head + b"DB437US0".ljust(36, b"\0") + described + b"\r" + about + rows + b"\x1a"


def memos_of_iii(*memos: bytes, behind: bytes = b"") -> bytes:
    """Write a .dbt as dBASE III does; `behind` fills the last block, as what stood there before."""
    written = b""
    for memo in memos:
        ended = memo + b"\x1a\x1a"
        written += ended.ljust(-(-len(ended) // 512) * 512, b"\0")
    written = written[: len(written) - len(behind)] + behind
    return struct.pack("<I12xB", 1 + len(written) // 512, 3).ljust(512, b"\0") + written


def memos_of_iv(*memos: bytes, block: int = 512, free: bytes = b"") -> bytes:
    """Write a .dbt as dBASE IV does; `free` is a block in the list of those that are free."""
    head = struct.pack("<I4x8s4xH", 9, b"PEOPLE", block).ljust(block, b"\0")
    written = b"".join(
        _filled(b"\xff\xff\x08\0" + struct.pack("<I", 8 + len(memo)) + memo, block)
        for memo in memos
    )
    return head + written + (_filled(struct.pack("<2I", 0, 1) + free, block) if free else b"")


def memos_of_foxpro(*memos: bytes, block: int = 64, kinds: Sequence[int] = ()) -> bytes:
    """Write a .fpt; the kind of each memo is 1 (text) where none is given."""
    written = b"".join(
        _filled(struct.pack(">2I", kinds[at] if kinds else 1, len(memo)) + memo, block)
        for at, memo in enumerate(memos)
    )
    return struct.pack(">I2xH", 99, block).ljust(512, b"\0") + written


def _filled(written: bytes, block: int) -> bytes:
    return written.ljust(-(-len(written) // block) * block, b"\0")


def shapefile(
    shape: int, records: Sequence[bytes], *, inner: int | None = None, behind: bytes = b""
) -> bytes:
    """Write a .shp of shapes of one kind, whose records are given without it."""
    written = b"".join(
        struct.pack(">2i", number, (len(record) + 4) // 2)
        + struct.pack("<i", shape if inner is None else inner)
        + record
        for number, record in enumerate(records, start=1)
    )
    return _head(shape, len(written)) + written + behind


def index(shape: int, records: Sequence[bytes]) -> bytes:
    """Write the .shx of the same."""
    at, written = 50, b""
    for record in records:
        words = (len(record) + 4) // 2
        written += struct.pack(">2i", at, words)
        at += words + 4
    return _head(shape, len(written)) + written


def _head(shape: int, size: int) -> bytes:
    return struct.pack(">i20xi", 9994, 50 + size // 2) + struct.pack("<2i64x", 1000, shape)


def polygon(*corners: tuple[float, float]) -> bytes:
    """Write the record of a polygon of one ring."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    box = (min(xs), min(ys), max(xs), max(ys))
    points = b"".join(struct.pack("<2d", *corner) for corner in corners)
    return struct.pack("<4d3i", *box, 1, len(corners), 0) + points
