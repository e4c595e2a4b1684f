"""Arrays of NumPy to columns of text, from their bytes and never from objects in them."""

import math
from collections.abc import Sequence
from typing import Any

from breachkit.documents.formats.frames import MOST_CELLS, stripped, texts
from breachkit.documents.reader import NotReadError


_KINDS = "biufcSUmMV?"


def array_of(data: bytes, kind: Any, shape: Sequence[int], *, by_columns: bool) -> Any:
    """Give an array over bytes; nothing is copied, and nothing beyond the bytes is made.

    Raises:
        NotReadError: The bytes are not as many as the shape says, or hold objects.
    """
    import numpy as np

    if kind.hasobject or kind.kind not in _KINDS or kind.itemsize < 1:
        raise NotReadError("holds Python objects")
    sizes = [int(size) for size in shape]
    if any(size < 0 for size in sizes) or math.prod(sizes) * kind.itemsize > len(data):
        raise NotReadError("damaged, or cut off before its end")
    found = np.frombuffer(data, kind, math.prod(sizes))
    return found.reshape(sizes, order="F" if by_columns else "C")


def columns_of(found: Any, cells: int = MOST_CELLS) -> tuple[list[str], list[list[str]], int]:
    """Give names, columns and how many rows there are, of which the columns may hold the first.

    Args:
        found: An array; fields of records become columns, and dimensions beyond the second rows.
        cells: How many cells there may be.
    """
    names = list(found.dtype.names or ())
    if names:
        flat = found.reshape(-1)
        parts = [flat[name] for name in names]
        if any(part.ndim > 1 or part.dtype.names for part in parts):
            raise NotReadError("records within records")
        rows = len(flat)
    else:
        table = found.reshape(-1, found.shape[-1]) if found.ndim > 1 else found.reshape(-1, 1)
        rows, names = table.shape[0], [""] * table.shape[1]
        parts = (
            [table[:, column] for column in range(table.shape[1])] if len(names) <= cells else []
        )
    most = cells // max(len(parts), 1)
    return names[: len(parts)], [written(part[:most]) for part in parts], rows


def written(values: Any) -> list[str]:
    """Write the values of an array of one dimension."""
    kind = values.dtype.kind
    if kind == "f":
        return texts(values.astype("float64").tolist())
    if kind in "iu":
        return list(map(str, values.tolist()))
    if kind in "Mm":
        return ["" if cell == "NaT" else _short(cell) for cell in values.astype(str).tolist()]
    if kind == "S":
        return [cell.decode("utf-8", "replace").strip() for cell in values.tolist()]
    if kind == "V":
        return [""] * len(values)
    return stripped(values.astype(str).tolist())


def _short(moment: str) -> str:
    """Write a day without its midnight."""
    day, _, time = moment.partition("T")
    return day if not time.strip("0:.") else f"{day} {time}"
