"""Numbers that figures carry as bytes in Base64: plotly since version 6, and Bokeh."""

import base64
import binascii
import struct
from collections.abc import Mapping
from typing import Any

from breachkit.documents.reader import Budget


_LETTERS = {
    "i1": "b", "u1": "B", "i2": "h", "u2": "H", "i4": "i", "u4": "I", "i8": "q", "u8": "Q", "f4": "f", "f8": "d",
}  # fmt: skip
_SHORT_NAMES = {
    "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4",
    "int64": "i8", "uint64": "u8", "float32": "f4", "float64": "f8",
}  # fmt: skip


def array_in(value: Mapping[str, Any], budget: Budget) -> list[Any] | None:
    """Give the numbers of an array written as bytes; None where the value is no such thing.

    Knows plotly's `{dtype, bdata, shape}` and Bokeh's `{__ndarray__, dtype, shape}` and
    `{type: ndarray, array: {type: bytes, data}, dtype, shape}`; an array of two dimensions is a
    list of rows.
    """
    text = _encoded(value)
    code = value.get("dtype")
    if text is None or not isinstance(code, str):
        return None
    order = ">" if code.startswith(">") or value.get("order") == "big" else "<"
    code = code.lstrip("<>=|")
    letter = _LETTERS.get(_SHORT_NAMES.get(code, code))
    if letter is None:
        return None
    budget.take_bytes(len(text) * 3 // 4)
    try:
        content = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return None
    size = struct.calcsize(f"<{letter}")
    count = len(content) // size
    budget.take_cells(count)
    return _shaped(list(struct.unpack_from(f"{order}{count}{letter}", content)), value.get("shape"))


def _encoded(value: Mapping[str, Any]) -> str | None:
    for name in ("bdata", "__ndarray__"):
        if isinstance(text := value.get(name), str):
            return text
    inner = value.get("array")
    if value.get("type") == "ndarray" and isinstance(inner, dict):
        text = inner.get("data")
        return text if isinstance(text, str) else None
    return None


def _shaped(numbers: list[Any], shape: object) -> list[Any]:
    """Cut an array of two dimensions into its rows; plotly writes its shape as `2, 3`."""
    sizes = shape.replace(",", " ").split() if isinstance(shape, str) else shape
    if not isinstance(sizes, list) or len(sizes) != 2:
        return numbers
    try:
        rows, width = map(int, sizes)
    except (TypeError, ValueError):
        return numbers
    if width < 1 or rows * width != len(numbers):
        return numbers
    return [numbers[at : at + width] for at in range(0, len(numbers), width)]
