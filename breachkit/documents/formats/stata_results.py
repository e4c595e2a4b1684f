"""Stata's saved results: estimates (.ster) and graphs (.gph).

A .ster file holds what `estimates save` keeps: every macro, scalar and matrix of e(), the number of
observations and of failures among them. A .gph file holds the data that a graph was drawn from.

Source: neither format is published; both as Stata 15 to 18 write them, 899 files of study repositories.
"""

import re
from collections.abc import Iterator

from breachkit.documents.encoding import decode
from breachkit.documents.formats.frames import (
    LONGEST_TEXT,
    MOST_CELLS,
    data_set,
    hidden_text,
    number_text,
    number_texts,
    numbered,
    rows_within,
)
from breachkit.documents.formats.stata_graphs import MISSING, PlottedData, plotted_data
from breachkit.documents.formats.stata_matrices import Record, records
from breachkit.documents.reader import Budget, Member, NotReadError, inside
from breachkit.documents.table import Document, Embedded, Origin, Text, TextKind, Trait, Unreadable


_GRAPH = b"StataFileTM:"
_ESTIMATES = b"*! Stata"
_BEGIN = re.compile(r"<begin (\w+)>")
_END = re.compile(r"</?end \w+>")
_SAMPLED_CELLS = 6_000
"""Of a graph of more cells than are read of one: a point for each patient, most often."""
_INDEX = frozenset({"toc", "cnt"})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the numbers of a file as tables, and its words."""
    if content.startswith(_GRAPH):
        yield from _graph(content, part, budget)
    elif content.startswith(_ESTIMATES):
        yield from _estimates(content, part, budget)
    else:
        raise NotReadError("of an unknown version")


def _estimates(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    found = _Estimates()
    stopped = ""
    try:
        for record in records(content):
            budget.take_member()
            found.add(record)
    except NotReadError as stop:
        stopped = str(stop)
    yield Embedded(Trait.STATISTICS, part)
    if found.scalars:
        rows_within(budget, 1, len(found.scalars))
        columns = [[number_text(value)] for value in found.scalars.values()]
        name = inside(part, "scalars")
        yield from data_set(list(found.scalars), columns, name, budget, origin=Origin.RECORDS)
    for number, record in enumerate(found.matrices, start=1):
        yield from _matrix(record, inside(part, f"matrix {number}"), budget)
    yield from hidden_text(found.words, part)
    if stopped:
        yield Unreadable(f"Stata estimates: {stopped}", part)


def _matrix(record: Record, part: str, budget: Budget) -> Iterator[Document]:
    """Give a matrix; one of a single row stands upright."""
    width = 1 if record.rows == 1 else record.columns
    rows = rows_within(budget, len(record.numbers) // width, width)
    cells = number_texts(record.numbers[: rows * width], MISSING)
    columns = [cells[column::width] for column in range(width)]
    header = [record.name or "value"] if width == 1 else [f"c{n + 1}" for n in range(width)]
    total = len(record.numbers) // width
    yield from data_set(header, columns, part, budget, rows=total, origin=Origin.RECORDS)


class _Estimates:
    """Gathers what the records of a file say: a name stands in the record before its value."""

    def __init__(self) -> None:
        self.scalars: dict[str, float] = {}
        self.matrices: list[Record] = []
        self.words: list[str] = []
        self._section = ""
        self._name = ""

    def add(self, record: Record) -> None:
        """Take in one record."""
        if record.name in _INDEX:
            return
        for word in record.words:
            self._word(word)
        if len(record.numbers) == 1 and self._section == "scalars" and self._name:
            self.scalars[self._name] = record.numbers[0]
        elif record.numbers:
            self.matrices.append(record)

    def _word(self, word: str) -> None:
        begun = word[:1] == "<" and _BEGIN.fullmatch(word)
        if begun:
            self._section = begun[1]
        elif word[:1] != "<" or not _END.fullmatch(word):
            self._name = word
            self.words.append(word)


def _graph(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    found = list(plotted_data(content))
    if found:
        yield Embedded(Trait.PLOTTED_DATA, part, len(found))
    left = _share(found)
    for number, data in enumerate(found, start=1):
        before = budget.cells
        share = left // (len(found) - number + 1)
        yield from _plotted(data, numbered(part, "plot", number, len(found)), budget, share)
        left -= before - budget.cells
    text = decode(_without(content, found))
    if text is None:
        yield Unreadable("Stata graph: holds a part that is no text", part)
    elif text:
        yield Text(text[:LONGEST_TEXT], part, TextKind.FIGURE)
        if len(text) > LONGEST_TEXT:
            yield Unreadable("Stata graph: only the first part of its words was read", part)


def _share(found: list[PlottedData]) -> int:
    """Give how many cells of a graph are read: all where they are few, else a sample of each plot."""
    whole = sum(data.rows * len(data.names) for data in found)
    return MOST_CELLS if whole <= MOST_CELLS else _SAMPLED_CELLS


def _plotted(data: PlottedData, part: str | None, budget: Budget, cells: int) -> Iterator[Document]:
    """Give the data of a plot, as far as its share of the cells of all plots of a graph goes."""
    if data.unread:
        yield Unreadable(f"Stata graph: {data.unread}", part)
        return
    rows = rows_within(budget, data.rows, len(data.names), cells=cells)
    columns = data.columns(rows)
    yield from data_set(data.names, columns, part, budget, rows=data.rows, origin=Origin.RECORDS)


def _without(content: bytes, found: list[PlottedData]) -> bytes:
    """Give the words of a graph, without its data."""
    pieces = []
    at = 0
    for data in found:
        pieces.append(content[at : data.start])
        at = data.end
    return b"".join([*pieces, content[at:]])
