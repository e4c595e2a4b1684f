"""The first version of Feather, as R and early pandas wrote it, to columns of Arrow.

Arrow's own reader of it trusts what the file says of its places and dies where that is wrong; so
the columns are cut out here, within the file, and Arrow checks each before it is used.

Source: wesm/feather, cpp/src/feather/metadata.fbs and doc/FORMAT.md; buffers are padded to 8 bytes.
"""

from collections.abc import Sequence
from typing import Any

from breachkit.documents.formats.flat import FlatTable
from breachkit.documents.reader import NotReadError


_MAGIC = b"FEA1"
_MOST_COLUMNS = 20_000
_FIXED = (
    "bool_",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "float32",
    "float64",
)
_TEXTS = {11: "string", 12: "binary", 17: "large_string", 18: "large_binary"}
_CATEGORY, _MOMENT, _DATE, _TIME = 13, 14, 15, 16
_UNITS = ("s", "ms", "us", "ns")
_MORE_CATEGORY, _MORE_MOMENT, _MORE_DATE, _MORE_TIME = 1, 2, 3, 4


def open_feather(content: bytes) -> tuple[list[tuple[str, Any]], Sequence[str]]:
    """Give the columns of a file, by name and as Arrow arrays checked in full, and its notes."""
    if not content.endswith(_MAGIC):
        raise NotReadError("cut off before its end")
    length = int.from_bytes(content[-8:-4], "little")
    root = FlatTable.root(content[max(len(content) - 8 - length, 0) : -8])
    columns = [(column.text(0), column) for column in root.tables(2, _MOST_COLUMNS)]
    notes = [root.text(0), root.text(4), *(column.text(4) for _, column in columns)]
    return [(name, _array(content, column)) for name, column in columns], notes


def _array(content: bytes, column: FlatTable) -> Any:
    """Give one column, typed by what is said of it beside its values."""
    import pyarrow as pa

    stored = column.table(1)
    if stored is None:
        raise NotReadError("damaged")
    values = _stored(content, stored)
    kind, more = column.number(2, "<B"), column.table(3)
    if more is None:
        return values
    unit = _UNITS[min(more.number(0, "<b"), 3)] if kind in {_MORE_MOMENT, _MORE_TIME} else "s"
    if kind == _MORE_CATEGORY:
        levels = more.table(0)
        words = _stored(content, levels) if levels is not None else pa.array([], pa.string())
        found = pa.DictionaryArray.from_arrays(values, words)
        found.validate(full=True)
        return found
    if kind == _MORE_MOMENT:
        return values.cast(pa.int64()).view(pa.timestamp(unit))
    if kind == _MORE_DATE:
        return values.cast(pa.int32()).view(pa.date32())
    if kind == _MORE_TIME:
        return values.cast(pa.int64()).cast(pa.duration(unit))
    return values


def _stored(content: bytes, stored: FlatTable) -> Any:
    import pyarrow as pa

    length, nulls = stored.number(3, "<q"), stored.number(4, "<q")
    data = _span(content, stored.number(2, "<q"), stored.number(5, "<q"))
    if length < 0 or length > 8 * len(content):
        raise NotReadError("damaged")
    mask, data = _cut(data, (length + 7) // 8) if nulls else (None, data)
    name = _type_name(stored.number(0, "<b"))
    if name in _TEXTS.values():
        width = 8 if name.startswith("large") else 4
        offsets, data = _cut(data, (length + 1) * width)
        buffers = [mask, pa.py_buffer(offsets), pa.py_buffer(data)]
    else:
        buffers = [mask, pa.py_buffer(data)]
    kind = getattr(pa, name)()
    if mask is not None:
        buffers[0] = pa.py_buffer(mask)
    found = pa.Array.from_buffers(kind, length, buffers, nulls if mask is not None else 0)
    found.validate(full=True)
    return found


def _type_name(number: int) -> str:
    if 0 <= number < len(_FIXED):
        return _FIXED[number]
    found = _TEXTS.get(number)
    if found is None:
        raise NotReadError("damaged")
    return found


def _span(content: bytes, start: int, size: int) -> bytes:
    if start < 0 or size < 0 or start + size > len(content):
        raise NotReadError("damaged")
    return content[start : start + size]


def _cut(data: bytes, size: int) -> tuple[bytes, bytes]:
    """Cut off a buffer, and the padding behind it."""
    if size > len(data):
        raise NotReadError("damaged")
    return data[:size], data[(size + 7) & ~7 :]
