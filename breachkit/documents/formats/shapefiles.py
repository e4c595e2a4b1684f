"""Shapefiles: the shapes themselves (.shp) and their indexes (.shx, .sbn, .sbx).

Nothing becomes a table. Lines and polygons are boundaries, in which no rule looks for anything, and
an index says where in another file something stands. Points may be places where people live, and
no rule judges those: they are named as not examined. What is said of the shapes lies in a .dbf.

Source: Esri, "Shapefile Technical Description" (July 1998). Of .sbn and .sbx Esri publishes nothing
but that they are a spatial index; their first eight bytes are as `_SPATIAL_INDEX` has them.
"""

import struct
from collections.abc import Iterator

from breachkit.documents.reader import Budget, NotReadError
from breachkit.documents.table import Document


_SPATIAL_INDEX = b"\0\0\x27\x0a\xff\xff\xfe\x70"
_HEAD = 100
_FIRST = b"\0\0\0\x32"
"""Where the first record of a .shp begins, in words of 16 bits, as its index says."""
_NO_SHAPE = 0
_BOUNDARIES = frozenset({3, 5, 13, 15, 23, 25})
"""Lines and polygons, as they are or with heights or measures."""
_POINTS = frozenset({1, 8, 11, 18, 21, 28})
_RECORD = struct.Struct(">2i")
_CELLS = 6
"""What looking at a shape costs, so that half a million of them, which take a second, end the budget."""


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:  # noqa: ARG001 - the protocol's
    """Give nothing where there are boundaries or an index; raise where there is anything else."""
    yield from ()
    if content.startswith(_SPATIAL_INDEX):
        return
    if len(content) == _HEAD:
        return
    if content[_HEAD : _HEAD + 4] == _FIRST and _is_index(content):
        return
    shape = _shape(content, 32)
    if shape in _POINTS:
        raise NotReadError("points, which may be places where people live, are not examined")
    if shape not in _BOUNDARIES | {_NO_SHAPE}:
        raise NotReadError("shapes of an unknown kind are not examined")
    _check_records(content, shape, budget)


def _shape(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "little")


def _is_index(content: bytes) -> bool:
    """Tell an index, which has eight bytes for each record and says how long it is."""
    stated = 2 * int.from_bytes(content[24:28], "big")
    return stated == len(content) and not (stated - _HEAD) % _RECORD.size


def _check_records(content: bytes, shape: int, budget: Budget) -> None:
    """Raise unless there is nothing in a file but the shapes that its header promises."""
    at = _HEAD
    while at < len(content):
        budget.take_cells(_CELLS)
        if at + _RECORD.size + 4 > len(content):
            raise NotReadError("damaged, or cut off before its end")
        _, words = _RECORD.unpack_from(content, at)
        if _shape(content, at + _RECORD.size) not in {shape, _NO_SHAPE} or words < 2:
            raise NotReadError("damaged, or more than shapes")
        at += _RECORD.size + 2 * words
    if at != len(content):
        raise NotReadError("damaged, or cut off before its end")
