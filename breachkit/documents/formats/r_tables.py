"""Tables among the objects of R: data frames, tables of counts, matrices, and vectors side by side.

A column of a data frame is written as R prints it: factors by their levels, dates as dates.

Source: R, help data.frame, factor, table, Dates, DateTimeClasses, labelled (haven).
"""

from collections.abc import Iterator, Sequence
from itertools import product

from breachkit.documents.formats.frames import empty, number_text, stripped
from breachkit.documents.formats.moments import unix_day, unix_moment
from breachkit.documents.formats.r_numbers import Later, Numbers
from breachkit.documents.formats.r_serial import (
    COMPLEX,
    INTEGER,
    LIST,
    LOGICAL,
    REAL,
    STRINGS,
    RObject,
)
from breachkit.documents.reader import Budget
from breachkit.documents.table import Origin
from breachkit.model.records import dataclass, field


ATOMIC = frozenset({LOGICAL, INTEGER, REAL, COMPLEX, STRINGS})
_DATES = {"Date": unix_day, "POSIXct": unix_moment}
_MOST_COLUMNS = 20_000


@dataclass(slots=True)
class RTable:
    """A table, in columns of as many cells each."""

    header: list[str]
    columns: list[list[str]] = field(repr=False)
    rows: int
    """How many there are in the file; the columns may hold fewer."""
    origin: Origin = Origin.DATASET


def length_of(found: RObject) -> int:
    """Give how many values a vector has."""
    if isinstance(found.value, Numbers):
        return found.value.length
    return len(found.value) if isinstance(found.value, list | Later) else 0


def written(found: RObject, most: int) -> list[str]:
    """Write the first values of a vector as R prints them; NA as nothing."""
    if found.kind == STRINGS:
        return stripped(found.value[:most])
    if not isinstance(found.value, Numbers):
        return []
    classes = found.classes()
    if "factor" in classes:
        return _levels(found, most)
    if found.kind == LOGICAL:
        return found.value.written(most, lambda value: "TRUE" if value else "FALSE")
    write = next((write for name, write in _DATES.items() if name in classes), number_text)
    return found.value.written(most, write)


def _levels(found: RObject, most: int) -> list[str]:
    levels = found.attributes.get("levels")
    words = ["", *stripped(levels.strings())] if levels else [""]
    return [
        words[value] if 0 < value < len(words) else ""
        for value in map(int, found.value.first(most))
    ]


def data_frame(found: RObject, budget: Budget) -> Iterator[RTable]:
    """Give the table of a data frame; nothing where it has no column that is a vector.

    Columns that are lists or data frames themselves are looked at on their own.
    """
    names = _names(found, len(found.value))
    parts = [
        (name, value) for name, value in zip(names, found.value, strict=False) if _is_column(value)
    ]
    rows = max((length_of(value) for _, value in parts), default=0)
    labels = found.attributes.get("row.names")
    if labels and labels.kind == STRINGS and length_of(labels) == rows:
        parts.insert(0, ("", labels))
    yield from _side_by_side(parts, rows, budget)


def vectors(found: RObject, budget: Budget) -> Iterator[RTable]:
    """Give the vectors of a list as tables: those of one length stand side by side.

    So are single values, such as `list(n = 3, mean = 1.5)`; and what a survival curve holds: the
    times, and how many were at risk and had an event.
    """
    by_length: dict[int, list[tuple[str, RObject]]] = {}
    for name, value in zip(_names(found, len(found.value)), found.value, strict=False):
        if _is_column(value) and length_of(value):
            by_length.setdefault(length_of(value), []).append((name, value))
    for length, parts in by_length.items():
        labels = parts[0][1].attributes.get("names")
        if labels and labels.kind == STRINGS and length > 1:
            parts.insert(0, ("", labels))
        if length > 1 or any(value.kind != STRINGS for _, value in parts):
            for table in _side_by_side(parts, length, budget):
                table.origin = Origin.RECORDS
                yield table


def vector(name: str, found: RObject, budget: Budget) -> Iterator[RTable]:
    """Give a vector that stands alone as a table of one column, with its names before it."""
    labels = found.attributes.get("names")
    is_counted = not name and found.kind == INTEGER and labels and not found.classes()
    parts = [("x" if is_counted else name, found)]  # as write.csv calls it
    if labels and labels.kind == STRINGS and length_of(labels) == length_of(found):
        parts.insert(0, ("", labels))
    yield from _side_by_side(parts, length_of(found), budget)


def _is_column(found: RObject) -> bool:
    return found.kind in ATOMIC and "dim" not in found.attributes


def _side_by_side(
    parts: Sequence[tuple[str, RObject]], rows: int, budget: Budget
) -> Iterator[RTable]:
    if not parts:
        return
    most = min(rows, budget.cells // len(parts))
    budget.take_cells(most * len(parts))
    columns = [written(value, most) for _, value in parts]
    yield RTable([name for name, _ in parts], [_filled(column, most) for column in columns], rows)


def _filled(column: list[str], rows: int) -> list[str]:
    return column + empty(rows - len(column)) if len(column) < rows else column


def _names(found: RObject, length: int) -> list[str]:
    names = found.attributes.get("names")
    known = names.strings()[:length] if names else []
    return known + [""] * (length - len(known))


def dimensions(found: RObject) -> list[int]:
    """Give the dimensions of a matrix or array; nothing where it has none, or wrong ones."""
    dim = found.attributes.get("dim")
    if dim is None or not isinstance(dim.value, Numbers) or dim.value.length > 20:
        return []
    sizes = [int(size) for size in dim.value.first(20)]
    total = 1
    for size in sizes:
        total *= max(size, 0)
    return sizes if total and total == length_of(found) else []


def matrix(found: RObject, budget: Budget) -> Iterator[RTable]:
    """Give the table of a matrix; that of a larger array, or of counts, has a row for each cell."""
    sizes = dimensions(found)
    names = _dimension_names(found, sizes)
    if (
        len(sizes) == 2
        and not found.classes() & {"table", "xtabs", "ftable"}
        and sizes[1] <= _MOST_COLUMNS
    ):
        yield _wide(found, sizes, names, budget)
    else:
        yield _long(found, sizes, names, budget)


def _wide(
    found: RObject, sizes: Sequence[int], names: Sequence[tuple[str, list[str]]], budget: Budget
) -> RTable:
    rows, width = sizes
    (_, labels), (_, header) = names
    most = min(rows, budget.cells // (width + 1))
    budget.take_cells(most * (width + 1))
    columns = [written(_piece(found, rows * column, most), most) for column in range(width)]
    header = header or [f"V{column + 1}" for column in range(width)]
    if labels:
        return RTable(["", *header], [labels[:most], *columns], rows)
    return RTable(header, columns, rows)


def _piece(found: RObject, start: int, length: int) -> RObject:
    """Give a part of a vector, which keeps nothing but its kind."""
    if isinstance(found.value, Numbers):
        return RObject(found.kind, found.value.piece(start, length))
    return RObject(found.kind, found.value[start : start + length])


def _long(
    found: RObject, sizes: Sequence[int], names: Sequence[tuple[str, list[str]]], budget: Budget
) -> RTable:
    """Write an array as R's as.data.frame does: its labels, the first one changing fastest."""
    total = length_of(found)
    most = min(total, budget.cells // (len(sizes) + 1))
    budget.take_cells(most * (len(sizes) + 1))
    labels = [
        words or [str(n + 1) for n in range(size)]
        for (_, words), size in zip(names, sizes, strict=True)
    ]
    columns: list[list[str]] = [[] for _ in sizes]
    for _, place in zip(range(most), product(*reversed(labels)), strict=False):
        for column, word in zip(columns, reversed(place), strict=True):
            column.append(word)
    is_counted = bool(found.classes() & {"table", "xtabs", "ftable"})
    is_vector = len(sizes) == 1 and found.kind == INTEGER and not names[0][0]
    header = [name for name, _ in names] + ["Freq" if is_counted else "x" if is_vector else ""]
    return RTable(header, [*columns, _filled(written(found, most), most)], total)


def _dimension_names(found: RObject, sizes: Sequence[int]) -> list[tuple[str, list[str]]]:
    """Give the name of each dimension and its labels; empty where it has none."""
    holder = found.attributes.get("dimnames")
    parts = holder.value if holder is not None and holder.kind == LIST else []
    titles = _names(holder, len(parts)) if holder is not None and parts else []
    words = [part.strings() if part.kind == STRINGS else [] for part in parts]
    words += [[]] * (len(sizes) - len(words))
    titles += [""] * (len(sizes) - len(titles))
    checked = [
        found if len(found) == size else [] for found, size in zip(words, sizes, strict=False)
    ]
    return list(zip(titles, map(stripped, checked), strict=False))
