"""Parquet, Arrow (file and stream) and Feather (both versions) to tables."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from breachkit.documents.formats.arrow_cells import cells, flattened
from breachkit.documents.formats.arrow_rows import first_rows
from breachkit.documents.formats.arrow_stream import (
    BATCH,
    DICTIONARY,
    MOST_BUFFERS,
    Schema,
    messages,
)
from breachkit.documents.formats.feather_v1 import open_feather
from breachkit.documents.formats.frames import data_set, hidden_text, rows_within
from breachkit.documents.formats.parquet import open_parquet
from breachkit.documents.reader import Budget, Member, inside
from breachkit.documents.table import Document, Embedded, Trait, Unreadable


_FILE = b"ARROW1\0\0"
_EXPECTED_NOTES = frozenset({b"pandas"})


def read(content: bytes, part: str | None, budget: Budget) -> Iterator[Document | Member]:
    """Give the table of a file, what its lists hold as tables of one column, and its metadata."""
    if content.startswith(b"PAR1"):
        yield from _read_parquet(content, part, budget)
    elif content.startswith(b"FEA1"):
        columns, notes = open_feather(content)
        rows = min((len(array) for _, array in columns), default=0)
        names = [name for name, _ in columns]
        found = _Collected(names, part, budget)
        found.add([array.slice(0, rows) for _, array in columns], rows)
        yield from found.documents(rows)
        yield from hidden_text(notes, part)
    else:
        yield from _read_messages(content, part, budget)


def _read_parquet(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    opened = open_parquet(content)
    yield from _notes(opened.notes, part)
    yield from _tables(opened.batches(budget), opened.rows, part, budget)
    if opened.left_out:
        yield Unreadable(f"{opened.left_out} columns of long lists were not read", part)


def _read_messages(content: bytes, part: str | None, budget: Budget) -> Iterator[Document]:
    """Read a stream of Arrow's messages; a file holds one, between its magic number and its index."""
    start = len(_FILE) if content.startswith(_FILE) else 0
    found = first_rows(content, start, budget)
    if found is not None:
        yield from _said_beside(found.schema, part)
        columns = [column.cells for column in found.columns]
        length = sum(column.characters for column in found.columns)
        yield from data_set(
            found.schema.names, columns, part, budget, rows=found.rows, length=length
        )
        return
    import pyarrow as pa

    _check(content, start, budget)
    opened = pa.ipc.open_stream(pa.BufferReader(pa.py_buffer(content)[start:]))
    schema = opened.schema
    notes = [field.metadata or {} for field in schema]
    yield from _said_beside(Schema(schema.metadata or {}, notes, schema.names), part)
    yield from _tables(opened, None, part, budget, schema.names)


def _said_beside(schema: Schema, part: str | None) -> Iterator[Document]:
    yield from _notes(schema.notes, part)
    for notes in schema.field_notes:
        yield from hidden_text([_line(*pair) for pair in notes.items()], part)


def _notes(notes: dict[bytes, bytes], part: str | None) -> Iterator[Document]:
    if set(notes) - _EXPECTED_NOTES:
        yield Embedded(Trait.METADATA_TEXT, part, len(set(notes) - _EXPECTED_NOTES))
    yield from hidden_text([_line(*pair) for pair in notes.items()], part)


def _line(name: bytes, value: bytes) -> str:
    return f"{name.decode('utf-8', 'replace')}: {value.decode('utf-8', 'replace')}"


def _tables(
    batches: Iterable[Any],
    rows: int | None,
    part: str | None,
    budget: Budget,
    names: Sequence[str] = (),
) -> Iterator[Document]:
    found = _Collected(names, part, budget)
    seen = 0
    for batch in batches:
        batch.validate()
        found.names = batch.schema.names
        seen += batch.num_rows
        if not found.add(batch.columns, batch.num_rows):
            break
    yield from found.documents(max(seen, rows or 0))


class _Collected:
    """Gathers the columns of batches as text."""

    def __init__(self, names: Sequence[str], part: str | None, budget: Budget) -> None:
        self.names = names
        self._part = part
        self._budget = budget
        self._columns: dict[tuple[int, str], list[str]] = {}
        self._lists: dict[tuple[int, str], list[str]] = {}
        self._unread: set[int] = set()
        self._rows = 0

    def add(self, arrays: Sequence[Any], rows: int) -> bool:
        """Add a batch of rows; say whether more may come."""
        taken = rows_within(self._budget, rows, len(arrays), before=self._rows)
        self._rows += taken
        for number, (name, array) in enumerate(zip(self.names, arrays, strict=True)):
            if number in self._unread:
                continue
            first = array.slice(0, taken)
            first.validate(full=True)  # what is behind these rows is never looked at
            try:
                self._add(number, name, first)
            except ValueError:
                self._unread.add(number)
        return taken == rows

    def _add(self, number: int, name: str, array: Any) -> None:
        same, lists = flattened(name, array)
        for label, values in same:
            self._columns.setdefault((number, label), []).extend(cells(values, self._budget))
        for label, values in lists:
            self._budget.take_cells(len(values))
            inner, deeper = flattened(label, values)
            for inner_label, leaves in inner:
                found = self._lists.setdefault((number, inner_label), [])
                found.extend(cells(leaves, self._budget))
            if deeper:
                raise ValueError("lists of lists")

    def documents(self, rows: int) -> Iterator[Document]:
        """Give the tables, and name what is left; `rows` is how many there are in the file."""
        whole = {key: column for key, column in self._columns.items() if key[0] not in self._unread}
        header = [label for _, label in whole]
        yield from data_set(header, list(whole.values()), self._part, self._budget, rows=rows)
        for (number, label), column in self._lists.items():
            part = inside(self._part, f"lists of column {number + 1}")
            yield from data_set([label], [column], part, self._budget)
        for number in sorted(self._unread):
            yield Unreadable(
                "a column of a type without text", inside(self._part, f"column {number + 1}")
            )


def _check(content: bytes, start: int, budget: Budget) -> None:
    """Take account of what compressed buffers say that they grow to: the library believes them."""
    for message in messages(content, start):
        header = message.header
        if message.kind == DICTIONARY and header is not None:
            header = header.table(1)
        if (
            message.kind in {BATCH, DICTIONARY}
            and header is not None
            and header.table(3) is not None
        ):
            for offset, size in header.structs(2, "<qq", MOST_BUFFERS):
                budget.take_bytes(_grown(content, message.body + offset, size))


def _grown(stream: bytes, at: int, size: int) -> int:
    """Give what one buffer grows to: a number before it says, and -1 that it is as it is."""
    if size < 8 or at < 0 or at + 8 > len(stream):
        return 0
    return max(int.from_bytes(stream[at : at + 8], "little", signed=True), 0)
