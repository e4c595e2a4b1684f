"""Gzip to what is inside, within bounds: a bomb costs no more than the bounds."""

import zlib

from breachkit.documents.table import Unreadable
from breachkit.model.ids import display


MAX_INFLATED = 96 * 1024 * 1024
"""Bytes that one compressed file may grow to."""
MAX_RATIO = 200
"""How many times its size a compressed file may grow, beyond `_FREE`: a table of numbers shrinks
to a tenth, one of repeated rows to a hundredth."""

_FREE = 16 * 1024 * 1024
_STEP = 1024 * 1024
_MAX_MEMBERS = 10_000
_GZIP = 16 + zlib.MAX_WBITS


def gunzip(content: bytes) -> bytes | Unreadable:
    """Give what a gzip file holds, all of its members joined.

    Zero bytes behind the last member are padding; anything else there is not examined, so that
    the whole file counts as unreadable.
    """
    limit = min(MAX_INFLATED, max(_FREE, MAX_RATIO * len(content)))
    pieces: list[bytes] = []
    size = 0
    rest = content
    for _ in range(_MAX_MEMBERS):
        member = zlib.decompressobj(_GZIP)
        try:
            while not member.eof:
                piece = member.decompress(rest, _STEP)
                rest = member.unconsumed_tail
                if not piece and not rest and not member.eof:
                    return Unreadable("gzip: cut off before its end")
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    return Unreadable("gzip: grows too much when decompressed")
        except zlib.error:
            return Unreadable("gzip: damaged")
        rest = member.unused_data.lstrip(b"\0")
        if not rest:
            return b"".join(pieces)
    return Unreadable("gzip: too many members")


def inner_path(path: bytes) -> bytes:
    """Give the path that the content of a gzip file would have."""
    lower = path.lower()
    if lower.endswith(b".svgz"):
        return path[:-1]
    if lower.endswith(b".tgz"):
        return path[:-4] + b".tar"
    return path[:-3] if lower.endswith(b".gz") else path


def member_name(path: bytes | None) -> str:
    """Name the content of a gzip file by the last part of its path.

    The name that the gzip header may carry is content, so it is not used.
    """
    if path is None:
        return "content"
    return display(inner_path(path).rpartition(b"/")[2]) or "content"
