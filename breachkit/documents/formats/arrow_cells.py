"""Columns of Arrow to cells of text.

What a column takes as text may be far more than it takes in memory (one long string, pointed at a
million times), so that its length is asked for before it is written out.
"""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from breachkit.documents.formats.frames import empty, stripped
from breachkit.documents.reader import MAX_CELLS, Budget, OverBudgetError


_MIDNIGHT = re.compile(r" 00:00:00(?:\.0+)?$")
_NO_FRACTION = re.compile(r"\.0+$")
_DEEPEST = 6


def cells(array: Any, budget: Budget) -> list[str]:
    """Write the values of an array that holds no lists; nulls and NaN as nothing.

    Args:
        array: A `pyarrow.Array` that was validated in full.
        budget: Pays for long texts.

    Raises:
        ValueError: The type is one that nobody writes as text.
    """
    write = _writer(array.type)
    if write is None:
        raise ValueError("a type without text")
    return write(array, budget)


_Writer = Callable[[Any, Budget], list[str]]


@lru_cache(maxsize=256)
def _writer(kind: Any) -> _Writer | None:
    import pyarrow as pa

    return next((write for holds, write in _writers(pa.types) if holds(kind)), None)


def _writers(
    types: Any,
) -> tuple[tuple[Callable[[Any], bool], _Writer], ...]:
    return (
        (types.is_null, lambda array, _: empty(len(array))),
        (types.is_dictionary, _of_dictionary),
        (types.is_run_end_encoded, _of_runs),
        (
            lambda kind: hasattr(kind, "storage_type"),
            lambda array, budget: cells(array.storage, budget),
        ),
        (types.is_boolean, _of_flags),
        (types.is_floating, _of_floats),
        (_is_text(types), _of_texts),
        (_is_binary(types), _of_bytes),
        (types.is_timestamp, _of_timestamps),
        (types.is_primitive, _as_strings),
        (types.is_decimal, _as_strings),
        (types.is_interval, lambda array, _: [str(value) for value in array.to_pylist()]),
    )


def _is_text(types: Any) -> Callable[[Any], bool]:
    return lambda kind: (
        types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    )


def _is_binary(types: Any) -> Callable[[Any], bool]:
    return lambda kind: (
        types.is_binary(kind)
        or types.is_large_binary(kind)
        or types.is_binary_view(kind)
        or types.is_fixed_size_binary(kind)
    )


def _of_dictionary(array: Any, budget: Budget) -> list[str]:
    """Write each of its words once, however often it stands there."""
    import pyarrow.compute as pc

    used = pc.unique(array.indices).drop_null()
    words = dict(zip(used.to_pylist(), cells(array.dictionary.take(used), budget), strict=True))
    words[None] = ""
    return [words[index] for index in array.indices.to_pylist()]


def _of_runs(array: Any, budget: Budget) -> list[str]:
    """Write each run's value once, however long the run."""
    start, length = array.find_physical_offset(), array.find_physical_length()
    words = cells(array.values.slice(start, length), budget)
    ends = array.run_ends.slice(start, length).to_pylist()
    found: list[str] = []
    for word, end in zip(words, ends, strict=True):
        found += [word] * (min(end - array.offset, len(array)) - len(found))
    return found


def _of_flags(array: Any, budget: Budget) -> list[str]:  # noqa: ARG001 - the same for all writers
    words = {None: "", True: "True", False: "False"}
    return [words[value] for value in array.to_pylist()]


def _of_floats(array: Any, budget: Budget) -> list[str]:
    found = _as_strings(array, budget)
    return ["" if cell == "nan" else cell for cell in found] if "nan" in found else found


def _of_texts(array: Any, budget: Budget) -> list[str]:
    budget.take_bytes(_seen(array))
    return stripped(_values(array))


def _of_bytes(array: Any, budget: Budget) -> list[str]:
    budget.take_bytes(_seen(array))
    return [value.decode("utf-8", "replace").strip() if value else "" for value in _values(array)]


def _seen(array: Any) -> int:
    """Give how long texts are together where many may be the same place in memory."""
    if "view" not in str(array.type):
        return 0
    return sum(len(value.as_buffer()) for value in array if value.is_valid)


def _of_timestamps(array: Any, budget: Budget) -> list[str]:
    """Write moments, in UTC where they have a time zone; dates alone where all are at midnight."""
    import pyarrow as pa

    found = _as_strings(array.cast(pa.timestamp(array.type.unit)), budget)
    if all(_MIDNIGHT.search(cell) for cell in found if cell):
        return [_MIDNIGHT.sub("", cell) for cell in found]
    return [_NO_FRACTION.sub("", cell) for cell in found]


def _as_strings(array: Any, budget: Budget) -> list[str]:  # noqa: ARG001 - the same for all writers
    import pyarrow as pa

    try:
        return _filled(array.cast(pa.string()))
    except pa.ArrowException:  # moments beyond the calendar
        return _filled(array.view(pa.int64()).cast(pa.string()))


def _filled(array: Any) -> list[str]:
    found = _values(array)
    return [cell or "" for cell in found] if array.null_count else found


def _values(array: Any) -> list[Any]:
    found: list[Any] = array.to_pylist()  # by way of NumPy it would load pandas
    return found


def _elements(array: Any) -> Any:
    """Give what stands in lists, which may share it: many lists of one long one are too much."""
    import pyarrow.compute as pc

    if (pc.sum(pc.list_value_length(array)).as_py() or 0) > MAX_CELLS:
        raise OverBudgetError("too many cells")
    return array.flatten()


def flattened(
    name: str, array: Any, depth: int = 0
) -> tuple[Sequence[tuple[str, Any]], Sequence[tuple[str, Any]]]:
    """Take a column of nested type apart.

    Returns:
        Columns with as many values as this one; and what its lists hold, which are columns of
        other lengths.

    Raises:
        ValueError: It is nested too deeply, or of a type that is not taken apart.
    """
    import pyarrow as pa

    kind = array.type
    if not pa.types.is_nested(kind) or pa.types.is_run_end_encoded(kind):
        return [(name, array)], []
    if depth >= _DEEPEST or pa.types.is_union(kind):
        raise ValueError("nested in a way that is not taken apart")
    if pa.types.is_map(kind):
        return [], [(f"{name}.key", array.keys), (f"{name}.value", array.items)]
    if not pa.types.is_struct(kind):
        return [], [(name, _elements(array))]
    same: list[tuple[str, Any]] = []
    other: list[tuple[str, Any]] = []
    for field, child in zip(kind, array.flatten(), strict=True):
        more, lists = flattened(f"{name}.{field.name}", child, depth + 1)
        same += more
        other += lists
    return same, other
