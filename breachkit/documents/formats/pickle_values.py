"""Columns among what a pickle would build: arrays of NumPy, of pandas and of Arrow, and indexes.

Source: pandas 1.3 to 3.0 (`_new_Index`, `__pyx_unpickle_NDArrayBacked`); NumPy (`_reconstruct`,
`_frombuffer`, `dtype.__reduce__`); Arrow (`_restore_array`); joblib (`NumpyArrayWrapper`).
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

from breachkit.documents.formats.arrays import array_of, written
from breachkit.documents.formats.frames import number_text, stripped
from breachkit.documents.formats.pickle_machine import Call
from breachkit.documents.reader import NotReadError


Columns = list[list[str]]
_PLAIN = (str, int, float, bytes)
_UNKNOWN = "holds columns of an unknown kind"
_MOST_NUMBERS = 100_000


def is_cell(value: Any) -> bool:
    """Say whether a value is one that a cell may hold."""
    return value is None or isinstance(value, _PLAIN)


def cell(value: Any) -> str:
    """Write a plain value; anything else as nothing."""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, str | bytes):
        return (value if isinstance(value, str) else value.decode("utf-8", "replace")).strip()
    return number_text(value) if isinstance(value, int | float) else ""


def columns(value: Any, content: bytes) -> Columns:
    """Give the columns of an array of pandas; a plain array has one in each of its rows.

    Raises:
        NotReadError: It is of a kind that is not known.
    """
    if not isinstance(value, Call):
        raise NotReadError(_UNKNOWN)
    objects = objects_of(value)
    if objects is not None:
        return objects
    array = as_array(value, content)
    if array is not None:
        return [written(row) for row in (array if array.ndim == 2 else array.reshape(1, -1))]
    if value.name == "pyarrow.lib._restore_array":
        return [_of_arrow(value.arguments[0])]
    if value.name == "pyarrow.lib.chunked_array":
        chunks = [columns(chunk, content)[0] for chunk in value.arguments[0]]
        return [[one for chunk in chunks for one in chunk]]
    return _of_pandas(value, content)


def _of_pandas(value: Call, content: bytes) -> Columns:
    """Give the columns of an array of pandas, which keeps others within it."""
    state = value.state if isinstance(value.state, dict) else {}
    parts = [part for part in _parts(value) if isinstance(part, Call)]
    words = next((part.state["categories"] for part in parts if _is_categorical(part)), None)
    arrays = [part for part in parts if not _is_categorical(part) and _may_be_array(part)]
    if not arrays:
        raise NotReadError(_UNKNOWN)
    found = columns(arrays[0], content)
    if words is not None:
        levels = labels(words, content)
        return [[_level(levels, code) for code in column] for column in found]
    if "_mask" in state:
        masks = columns(state["_mask"], content)
        return [
            ["" if hidden == "True" else one for one, hidden in zip(column, mask, strict=True)]
            for column, mask in zip(found, masks, strict=True)
        ]
    return found


def _is_categorical(part: Call) -> bool:
    return isinstance(part.state, dict) and "categories" in part.state


def _may_be_array(part: Call) -> bool:
    return not part.name.endswith(("type", "Type", "Dtype")) and bool(part.arguments or part.state)


def _level(levels: Sequence[str], code: str) -> str:
    number = int(code)
    return levels[number] if 0 <= number < len(levels) else ""


def _parts(value: Call) -> Iterator[Any]:
    yield from value.arguments
    if isinstance(value.state, dict):
        for name in ("_ndarray", "_codes", "_data", "_pa_array", "_dtype", "dtype"):
            yield value.state.get(name)
    elif isinstance(value.state, tuple):
        yield from value.state


def _of_arrow(stored: Sequence[Any]) -> list[str]:
    """Give the words of an array of Arrow, which checks that they are within their bytes."""
    import pyarrow as pa

    kind, length, nulls, offset, buffers = stored[:5]
    alias = kind.arguments[0] if isinstance(kind, Call) and kind.arguments else None
    if alias not in {"string", "large_string"}:
        raise NotReadError(_UNKNOWN)
    pieces = [None if part is None else pa.py_buffer(_bytes(part)) for part in buffers]
    found = pa.Array.from_buffers(pa.type_for_alias(alias), length, pieces, nulls, offset)
    found.validate(full=True)
    return stripped(found.to_pylist())


def _bytes(part: Any) -> bytes:
    while isinstance(part, Call) and part.arguments:
        part = part.arguments[0]
    return bytes(part) if isinstance(part, bytes | bytearray) else b""


def labels(axis: Any, content: bytes) -> list[str]:
    """Give the labels of an index; those of several levels are joined.

    Raises:
        NotReadError: It is of a kind that is not known.
    """
    levels = [column for _, column in index(axis, content)]
    return [" ".join(filter(None, words)) for words in zip(*levels, strict=True)]


def index(axis: Any, content: bytes) -> list[tuple[str, list[str]]]:
    """Give the levels of an index, each with its name."""
    known = axis.arguments[1] if isinstance(axis, Call) and len(axis.arguments) > 1 else None
    if not isinstance(known, dict):
        raise NotReadError(_UNKNOWN)
    if "levels" in known:
        names = known.get("names") or [None] * len(known["levels"])
        parts = zip(names, known["levels"], known["codes"], strict=True)
        return [(cell(name), _by_code(level, code, content)) for name, level, code in parts]
    if "stop" in known:
        numbers = range(known["start"], known["stop"], known["step"])[:_MOST_NUMBERS]
        return [(cell(known.get("name")), list(map(str, numbers)))]
    return [(cell(known.get("name")), columns(known.get("data"), content)[0])]


def is_counted(axis: Any) -> bool:
    """Say whether an index is only the numbers of its rows."""
    return isinstance(axis, Call) and len(axis.arguments) > 1 and "stop" in axis.arguments[1]


def _by_code(level: Any, codes: Any, content: bytes) -> list[str]:
    words = labels(level, content)
    return [_level(words, code) for code in columns(codes, content)[0]]


def objects_of(value: Call) -> Columns | None:
    """Give the rows of an array that holds Python objects, which are plain ones; None where it is none."""
    if value.name.endswith(".NumpyArrayWrapper") and value.items:
        value = value.items[0]
    state = value.state
    if not _is_reconstructed(value) or not isinstance(state[4], list):
        return None
    shape, items = state[1], state[4]
    height = shape[0] if len(shape) == 2 else 1
    length = len(items) // max(height, 1)
    cells = list(map(cell, items))
    if state[3] and len(shape) == 2:
        return [cells[row::height] for row in range(height)]
    return [cells[row * length : (row + 1) * length] for row in range(height)]


def _is_reconstructed(value: Call) -> bool:
    is_named = value.name.endswith("._reconstruct")
    return is_named and isinstance(value.state, tuple) and len(value.state) == 5


def as_array(value: Any, content: bytes) -> Any:
    """Give an array of NumPy from the bytes that it would be made of; None where it is none."""
    if not isinstance(value, Call):
        return None
    if value.data_at >= 0:
        state = value.state
        data = content[value.data_at : value.data_at + (size_of(value, content) or 0)]
        return array_of(
            data, dtype_of(state["dtype"]), state["shape"], by_columns=state["order"] == "F"
        )
    if _is_reconstructed(value):
        _, shape, kind, by_columns, data = value.state
        if not isinstance(data, bytes | bytearray):
            return None
        return array_of(bytes(data), dtype_of(kind), shape, by_columns=bool(by_columns))
    if value.name.endswith("._frombuffer") and len(value.arguments) == 4:
        data, kind, shape, order = value.arguments
        return array_of(_bytes(data), dtype_of(kind), shape, by_columns=order == "F")
    return None


def dtype_of(value: Any) -> Any:
    """Give the type that a pickled one names: numbers, fixed strings, dates; nothing else.

    Raises:
        NotReadError: It is another.
    """
    import numpy as np

    code = value.arguments[0] if isinstance(value, Call) and value.arguments else None
    if not isinstance(code, str) or not value.name.endswith("dtype") or {"O", "V"} & set(code):
        raise NotReadError("holds Python objects")
    state = value.state if isinstance(value.state, tuple) and len(value.state) > 1 else (3, "=")
    if code in {"M8", "m8"}:
        unit = state[-1][1][0] if isinstance(state[-1], tuple) else "ns"
        code = f"{code}[{unit.decode() if isinstance(unit, bytes) else unit}]"
    order = state[1] if state[1] in {"<", ">"} else ""
    return np.dtype(f"{order}{code}")


def size_of(call: Call, content: bytes) -> int | None:
    """Give how many bytes an array of joblib takes in its file; None where it holds objects."""
    described = call.state["dtype"]
    if isinstance(described, Call) and described.arguments[:1] in {("O",), ("O8",)}:
        return None
    kind = dtype_of(described)
    size = int(kind.itemsize) * math.prod(int(length) for length in call.state["shape"])
    if not 0 <= size <= len(content):
        raise NotReadError("damaged, or cut off before its end")
    return size
