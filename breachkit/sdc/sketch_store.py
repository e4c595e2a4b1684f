"""The sketches of a whole history in little memory: versions of a file have most columns in common."""

from array import array
from collections.abc import Mapping, Sequence
from typing import TypeVar

from breachkit.sdc.sketch import EMPTY_BYTES, TableSketch


MOST_BYTES = 96 * 1024 * 1024
"""Of memory, that the sketches of all tables may take."""

Column = TypeVar("Column", "array[int]", bytes)


class SketchStore:
    """Takes in sketches, and keeps each column once however many of them have it."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._room = most_bytes
        self._headers: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._columns: dict[tuple[int, type], array[int] | bytes] = {}

    def take(self, sketches: Sequence[TableSketch]) -> tuple[TableSketch, ...] | None:
        """Give sketches equal to these that share what they can; None where there is no more room."""
        if self._room <= 0:
            return None
        return tuple(map(self._take, sketches))

    def _take(self, sketch: TableSketch) -> TableSketch:
        self._room -= EMPTY_BYTES
        return TableSketch(
            part=sketch.part,
            rows=sketch.rows,
            header=self._headers.setdefault(sketch.header, sketch.header),
            labels=self._shared(sketch.labels),
            classes=self._shared(sketch.classes),
            counts=self._shared(sketch.counts),
        )

    def _shared(self, columns: Mapping[int, Column]) -> dict[int, Column]:
        return {index: self._one(column) for index, column in columns.items()}

    def _one(self, column: Column) -> Column:
        key = (hash(bytes(column)), type(column))
        known = self._columns.setdefault(key, column)
        if known is column:
            self._room -= memoryview(column).nbytes
        elif type(known) is type(column) and known == column:
            return known
        return column
